"""A week of a schedule, or four, as a table of equal slots, one row a layer, and as a list for phones. Reads only.

Times are those of the viewer's zone; who is on call is the core's to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.utils.formats import date_format

from quarterdeck.core.oncall import Schedule, Shift, layer_shifts, shifts

from .oncall import SOURCES, Names, day_hour, day_time, turns, wall


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
    schedule: Schedule, start: datetime, now: datetime, names: Names, url: str, scale: Scale = WEEK
) -> dict[str, Any]:
    """The table: one row a layer, one for overrides, and what counts in the end."""
    first = wall(start)
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
    final = _since_begun(shifts(schedule, start, end), schedule, now)
    rows.append(
        {
            "label": "On call",
            "note": "what counts",
            "final": True,
            "cells": _cells(_blocks(final, order, names), first, scale),
        }
    )
    passed = (wall(now) - first) / timedelta(days=scale.days)
    return {
        "title": _title(first, scale),
        "scales": [_scale(x, first, url, scale) for x in SCALES.values()],
        "start": f"{first:%Y-%m-%dT%H:%M}",
        "slots": scale.slots,
        "slot_hours": scale.slot_hours,
        "day_slots": scale.day_slots,
        "days": [_day(first + timedelta(days=n), now, scale) for n in range(scale.days)],
        "now_percent": round(100 * passed, 2) if 0 <= passed < 1 else None,
        "rows": rows,
        "before_href": _href(url, scale, first - timedelta(days=scale.days)),
        "after_href": _href(url, scale, first + timedelta(days=scale.days)),
        "today_href": f"{url}?span={scale.key}" if scale.key else url,
        "agenda": agenda(final, names, now),
    }


def _since_begun(found: Sequence[Shift], schedule: Schedule, now: datetime) -> list[Shift]:
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


def _scale(scale: Scale, first: datetime, url: str, present: Scale) -> dict[str, Any]:
    return {"label": scale.label, "href": _href(url, scale, first), "current": scale is present}


def _day(day: datetime, now: datetime, scale: Scale) -> dict[str, Any]:
    """Of four weeks only the number fits; the whole date is its title."""
    return {
        "label": date_format(day, "D j" if scale is WEEK else "j"),
        "full": date_format(day, "l j F"),
        "today": day.date() == wall(now).date(),
        "span": scale.day_slots,
    }


def _blocks(found: Sequence[Shift], order: dict[str, int], names: Names) -> list[dict[str, Any]]:
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
            "hidden": width < scale.tiny,
        })  # fmt: skip
        place = end
    if place < scale.slots:
        cells.append({"span": scale.slots - place, "text": ""})
    return cells


def _slot(shown: datetime, first: datetime, scale: Scale) -> int:
    return max(0, min(scale.slots, round((shown - first) / timedelta(hours=scale.slot_hours))))


def agenda(final: Sequence[Shift], names: Names, now: datetime) -> list[dict[str, Any]]:
    """The same week as a list, for a phone; what is over is left out unless all of it is."""
    coming = [s for s in final if s.ends_at > now] or list(final)
    return [
        {
            "person": names.someone(s.person) if s.person else None,
            "title": names.all(s.people),
            "note": SOURCES.get(s.source, ""),
            "when": f"{day_hour(s.starts_at)} to {day_hour(s.ends_at)}",
            "gap": s.person is None,
        }
        for s in coming[:40]
    ]
