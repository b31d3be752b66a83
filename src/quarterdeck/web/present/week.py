"""The week of a schedule as a table of whole hours, one row a layer, and as a list for phones. Reads only.

Times are those of the viewer's zone; who is on call is the core's to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.utils.formats import date_format

from quarterdeck.core.oncall import Schedule, Shift, layer_shifts, shifts

from .oncall import Names, day_hour, day_time, turns, wall

DAYS, DAY_HOURS = 7, 24
SLOTS = DAYS * DAY_HOURS
NARROW, TINY = 12, 4  # hours: below the first only initials fit, below the second nothing does


def week(schedule: Schedule, start: datetime, now: datetime, names: Names, url: str) -> dict[str, Any]:
    """The table: one row a layer, one for overrides, and what counts in the end."""
    first = wall(start)
    end = (first + timedelta(days=DAYS)).replace(tzinfo=start.tzinfo)
    order = {p: n for n, p in enumerate(dict.fromkeys(p for x in schedule.layers for p in x.people))}
    rows = [
        {
            "label": layer.name,
            "note": turns(layer),
            "final": False,
            "cells": _cells(_blocks(found, order, names), first),
        }
        for layer, found in layer_shifts(schedule, start, end)
        if found
    ]
    over = [
        Shift(o.person, max(o.starts_at, start), min(o.ends_at, end), "override", o.id)
        for o in schedule.overrides
        if o.starts_at < end and o.ends_at > start
    ]
    if over:
        rows.append({
            "label": "Overrides", "note": f"{len(over)} this week", "final": False,
            "cells": _cells(_blocks(sorted(over, key=lambda s: s.starts_at), order, names), first),
        })  # fmt: skip
    final = _since_begun(shifts(schedule, start, end), schedule, now)
    rows.append(
        {
            "label": "On call",
            "note": "what counts",
            "final": True,
            "cells": _cells(_blocks(final, order, names), first),
        }
    )
    passed = (wall(now) - first) / timedelta(days=DAYS)
    number = first.isocalendar().week
    last = first + timedelta(days=DAYS - 1)
    span = (
        f"{first.day} to {date_format(last, 'j F Y')}"
        if first.month == last.month
        else f"{date_format(first, 'j F')} to {date_format(last, 'j F Y')}"
    )
    return {
        "title": f"Week {number}, {span}",
        "start": f"{first:%Y-%m-%dT%H:%M}",
        "slots": SLOTS,
        "slot_hours": 1,
        "day_slots": DAY_HOURS,
        "days": [_day(first + timedelta(days=n), now) for n in range(DAYS)],
        "now_percent": round(100 * passed, 2) if 0 <= passed < 1 else None,
        "rows": rows,
        "before_href": f"{url}?{urlencode({'week': (first - timedelta(days=DAYS)).date().isoformat()})}",
        "after_href": f"{url}?{urlencode({'week': (first + timedelta(days=DAYS)).date().isoformat()})}",
        "today_href": url,
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


def _day(day: datetime, now: datetime) -> dict[str, Any]:
    return {"label": date_format(day, "D j"), "today": day.date() == wall(now).date(), "span": DAY_HOURS}


def _blocks(found: Sequence[Shift], order: dict[str, int], names: Names) -> list[dict[str, Any]]:
    blocks = []
    for s in found:
        kind = "alt" if s.person and order.get(s.person, 0) % 2 else ""
        if s.person is None:
            kind = "gap"
        elif s.person == names.viewer:
            kind = "me"
        elif s.source == "override":
            kind = "over"
        title = f"{names(s.person)}, {day_time(s.starts_at)} to {day_time(s.ends_at)}"
        blocks.append(
            {
                "from": wall(s.starts_at),
                "to": wall(s.ends_at),
                "kind": kind,
                "title": title,
                "name": names(s.person),
            }
        )
    return blocks


def _cells(blocks: list[dict[str, Any]], first: datetime) -> list[dict[str, Any]]:
    """Blocks as table cells over whole hours, with empty cells between them."""
    cells: list[dict[str, Any]] = []
    place = 0
    for block in blocks:
        start = max(place, _slot(block["from"], first))
        end = max(start, _slot(block["to"], first))
        if end == start:
            continue
        if start > place:
            cells.append({"span": start - place, "text": ""})
        width = end - start
        name = "Gap" if block["kind"] == "gap" else block["name"]
        short = name.split()[0] if name else ""
        text = (
            short if width >= NARROW or len(short) <= 3 else "".join(w[0] for w in name.split()[:2]).upper()
        )
        cells.append({
            "span": width, "text": text, "title": block["title"], "kind": block["kind"], "narrow": width < NARROW,
            "hidden": width < TINY,
        })  # fmt: skip
        place = end
    if place < SLOTS:
        cells.append({"span": SLOTS - place, "text": ""})
    return cells


def _slot(shown: datetime, first: datetime) -> int:
    return max(0, min(SLOTS, round((shown - first) / timedelta(hours=1))))


def agenda(final: Sequence[Shift], names: Names, now: datetime) -> list[dict[str, Any]]:
    """The same week as a list, for a phone; what is over is left out unless all of it is."""
    coming = [s for s in final if s.ends_at > now] or list(final)
    return [
        {
            "person": names.someone(s.person) if s.person else None,
            "title": names(s.person) if s.person else "Nobody",
            "note": "override" if s.source == "override" else "",
            "when": f"{day_hour(s.starts_at)} to {day_hour(s.ends_at)}",
            "gap": s.person is None,
        }
        for s in coming[:40]
    ]
