"""A week of a schedule, or four, as a table of equal slots, one row a layer, and as a list for phones. Reads only.

Times are those of the viewer's zone; who is on call is the core's to say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.utils.formats import date_format

from quarterdeck.core.oncall import Absence, Schedule, Shift, layer_shifts, shifts

from .oncall import SOURCES, Names, day_hour, day_time, turns, wall


@dataclass(frozen=True, slots=True)
class Links:
    """Where a shift of the final schedule leads: to overriding or swapping it. `edits`: whether the viewer may; `keep`
    is what was asked of the calendar.
    """

    url: str
    edits: bool = False
    keep: tuple[tuple[str, str], ...] = ()

    def to(self, s: Shift, now: datetime) -> str:
        """The address of the schedule with this shift chosen; "" for what is over."""
        if not self.edits or s.ends_at <= now:
            return ""
        asked = dict(self.keep) | {
            "from": s.starts_at.isoformat(),
            "to": s.ends_at.isoformat(),
            "who": s.person or "",
        }
        return f"{self.url}?{urlencode(asked)}#override"


class Scale(NamedTuple):
    """How much is shown and how finely. Below `narrow` slots only initials fit, below `tiny` nothing does."""

    key: str
    label: str
    days: int
    slot_hours: int
    narrow: int
    tiny: int

    @property
    def day_slots(self) -> int:
        return 24 // self.slot_hours

    @property
    def slots(self) -> int:
        return self.days * self.day_slots


WEEK = Scale("", "Week", 7, 1, 12, 4)
MONTH = Scale("4w", "4 weeks", 28, 6, 8, 3)
SCALES = {scale.key: scale for scale in (WEEK, MONTH)}


def week(
    schedule: Schedule, start: datetime, now: datetime, names: Names, links: Links, scale: Scale = WEEK,
    holidays: Mapping[date, str] | None = None, absences: Sequence[Absence] = (),
) -> dict[str, Any]:  # fmt: skip
    """The table: one row a layer, one for overrides, one for who is away, and what counts in the end."""
    first, url = wall(start), links.url
    end = (first + timedelta(days=scale.days)).replace(tzinfo=start.tzinfo)
    order = {p: n for n, p in enumerate(dict.fromkeys(p for x in schedule.layers for p in x.people))}
    rows = [
        {
            "label": layer.name,
            "note": turns(layer),
            "final": False,
            "cells": _cells(_blocks(found, order, names), first, scale),
        }
        for layer, found in layer_shifts(schedule, start, end)
        if found
    ]
    over = [
        Shift(o.person, max(o.starts_at, start), min(o.ends_at, end), "override", o.id, (o.person,), o.reason)
        for o in schedule.overrides
        if o.starts_at < end and o.ends_at > start
    ]
    if over:
        rows.append({
            "label": "Overrides", "note": f"{len(over)} shown", "final": False,
            "cells": _cells(_blocks(sorted(over, key=lambda s: s.starts_at), order, names), first, scale),
        })  # fmt: skip
    away = [a for a in absences if a.starts_at < end and a.ends_at > start]
    if away:
        rows.append({
            "label": "Away", "note": f"{len({a.person for a in away})} of them", "final": False,
            "cells": _cells(_away(away, start, end, names), first, scale),
        })  # fmt: skip
    final = since_begun(shifts(schedule, start, end), schedule, now)
    rows.append(
        {
            "label": "On call",
            "note": "what counts",
            "final": True,
            "cells": _cells(_blocks(final, order, names, links, now), first, scale),
        }
    )
    passed = (wall(now) - first) / timedelta(days=scale.days)
    return {
        "title": _title(first, scale),
        "dated": scale is not WEEK,
        "scales": scales(first.date(), url, scale.key),
        "start": f"{first:%Y-%m-%dT%H:%M}",
        "slots": scale.slots,
        "slot_hours": scale.slot_hours,
        "day_slots": scale.day_slots,
        "days": [_day(first + timedelta(days=n), now, scale, holidays or {}) for n in range(scale.days)],
        # Of four weeks only a mark fits above a day: the names stand below, once each.
        "holidays": [
            {"short": date_format(day, "D j M"), "name": name}
            for day, name in sorted((holidays or {}).items())
            if scale is not WEEK and first.date() <= day < first.date() + timedelta(days=scale.days)
        ],
        "now_percent": round(100 * passed, 2) if 0 <= passed < 1 else None,
        "rows": rows,
        "before_href": _href(url, scale, first - timedelta(days=scale.days)),
        "after_href": _href(url, scale, first + timedelta(days=scale.days)),
        "today_href": f"{url}?span={scale.key}" if scale.key else url,
        "agenda": agenda(final, names, now, links, day_hour if scale is WEEK else day_time),
    }


def since_begun(found: Sequence[Shift], schedule: Schedule, now: datetime) -> list[Shift]:
    """Without the time before the schedule began: nobody was missing then."""
    begun = min([x.starts_at for x in schedule.layers] + [o.starts_at for o in schedule.overrides] + [now])
    kept = []
    for s in found:
        if s.person is not None or s.starts_at >= begun:
            kept.append(s)
        elif s.ends_at > begun:
            kept.append(Shift(None, begun, s.ends_at, s.source, s.ref))
    return kept


def _title(first: datetime, scale: Scale) -> str:
    number, last = first.isocalendar().week, first + timedelta(days=scale.days - 1)
    weeks = f"Week {number}" if scale is WEEK else f"Weeks {number} to {last.isocalendar().week}"
    if first.month == last.month:
        return f"{weeks}, {first.day} to {date_format(last, 'j F Y')}"
    return f"{weeks}, {date_format(first, 'j F')} to {date_format(last, 'j F Y')}"


def _href(url: str, scale: Scale, first: datetime) -> str:
    asked = {"week": first.date().isoformat()} | ({"span": scale.key} if scale.key else {})
    return f"{url}?{urlencode(asked)}"


def scales(first: date, url: str, present: str) -> list[dict[str, Any]]:
    """A week, four, or the month as a grid, about the same day."""
    day = datetime(first.year, first.month, first.day)  # noqa: DTZ001 - on the viewer's wall
    found = [
        {"label": x.label, "href": _href(url, x, day), "current": x.key == present} for x in SCALES.values()
    ]
    # The month that most of the week lies in.
    inside = first if present == "month" else first + timedelta(days=3)
    month = {
        "label": "Month",
        "href": f"{url}?span=month&month={inside:%Y-%m}",
        "current": present == "month",
    }
    return [*found, month]


def _day(day: datetime, now: datetime, scale: Scale, holidays: Mapping[date, str]) -> dict[str, Any]:
    """Of four weeks only the number fits; the whole date is its title."""
    return {
        "label": date_format(day, "D j" if scale is WEEK else "j"),
        "full": date_format(day, "l j F"),
        "holiday": holidays.get(day.date(), ""),
        "today": day.date() == wall(now).date(),
        "span": scale.day_slots,
    }


def _away(found: Sequence[Absence], start: datetime, end: datetime, names: Names) -> list[dict[str, Any]]:
    """Stretches in which the same people are away."""
    edges = sorted({min(max(e, start), end) for a in found for e in (a.starts_at, a.ends_at)})
    blocks = []
    for low, high in pairwise(edges):
        who = dict.fromkeys(a.person for a in found if a.starts_at < high and a.ends_at > low)
        if who:
            told = ", ".join(names(p) for p in who)
            title = f"{told} away, {day_time(low)} to {day_time(high)}"
            blocks.append({
                "from": wall(low), "to": wall(high), "kind": "away", "title": title, "name": names(next(iter(who))),
                "more": len(who) - 1,
            })  # fmt: skip
    return blocks


def _blocks(
    found: Sequence[Shift],
    order: dict[str, int],
    names: Names,
    links: Links | None = None,
    now: datetime | None = None,
) -> list[dict[str, Any]]:
    blocks = []
    for s in found:
        kind = "alt" if s.person and order.get(s.person, 0) % 2 else ""
        if s.person is None:
            kind = "gap"
        elif names.viewer in s.people:
            kind = "me"
        elif s.source in ("override", "swap", "cover"):
            kind = "over"
        title = f"{names.all(s.people)}, {day_time(s.starts_at)} to {day_time(s.ends_at)}"
        blocks.append(
            {
                "from": wall(s.starts_at),
                "to": wall(s.ends_at),
                "kind": kind,
                "title": title,
                "name": names(s.person),
                "more": len(s.people) - 1,
                "href": links.to(s, now) if links is not None and now is not None else "",
            }
        )
    return blocks


def _cells(blocks: list[dict[str, Any]], first: datetime, scale: Scale) -> list[dict[str, Any]]:
    """Blocks as table cells over whole slots, with empty cells between them."""
    cells: list[dict[str, Any]] = []
    place = 0
    for block in blocks:
        start = max(place, _slot(block["from"], first, scale))
        end = max(start, _slot(block["to"], first, scale))
        if end == start:
            continue
        if start > place:
            cells.append({"span": start - place, "text": ""})
        width = end - start
        name = "Gap" if block["kind"] == "gap" else block["name"]
        short = name.split()[0] if name else ""
        text = (
            short
            if width >= scale.narrow or len(short) <= 3
            else "".join(w[0] for w in name.split()[:2]).upper()
        )
        if block["more"] > 0:
            text += f" +{block['more']}"
        cells.append({
            "span": width, "text": text, "title": block["title"], "kind": block["kind"], "narrow": width < scale.narrow,
            "hidden": width < scale.tiny, "href": block.get("href", ""),
        })  # fmt: skip
        place = end
    if place < scale.slots:
        cells.append({"span": scale.slots - place, "text": ""})
    return cells


def _slot(shown: datetime, first: datetime, scale: Scale) -> int:
    return max(0, min(scale.slots, round((shown - first) / timedelta(hours=scale.slot_hours))))


def agenda(
    final: Sequence[Shift],
    names: Names,
    now: datetime,
    links: Links,
    shown: Callable[[datetime], str] = day_hour,
) -> list[dict[str, Any]]:
    """The same time as a list, for a phone; what is over is left out unless all of it is."""
    coming = [s for s in final if s.ends_at > now] or list(final)
    return [
        {
            "person": names.someone(s.person) if s.person else None,
            "title": names.all(s.people),
            "note": SOURCES.get(s.source, ""),
            "when": f"{shown(s.starts_at)} to {shown(s.ends_at)}",
            "href": links.to(s, now),
            "gap": s.person is None,
        }
        for s in coming[:40]
    ]
