"""A schedule as people look at it: its week by layer, what is coming, its gaps, the ladder above it, and what-if.

Times are those of the viewer's zone. Reads only; whom to call is the core's to say, here it is only put into words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.formats import date_format

from quarterdeck.app.directory import Directory, policy_from, schedule_from
from quarterdeck.app.escalation_preview import Call, Firing, Ladder
from quarterdeck.core.kernel.moments import spoken
from quarterdeck.core.oncall import Layer, Schedule, Shift, gaps, layer_shifts, on_call, shifts
from quarterdeck.store import models

from .callouts import channel_name

DAYS, DAY_HOURS = 7, 24
SLOTS = DAYS * DAY_HOURS
NARROW, TINY = 12, 4  # hours: below the first only initials fit, below the second nothing does
AHEAD = timedelta(days=14)
MINE_AHEAD = timedelta(days=28)
_UNITS = {"hours": "h", "days": "days", "weeks": "weeks"}


class Names:
    """What people are called here, loaded once."""

    def __init__(self, viewer: str) -> None:
        self.viewer = viewer
        self._all = dict(models.Person.objects.values_list("id", "name"))

    def __call__(self, person: str | None) -> str:
        if person is None:
            return "Nobody"
        return "You" if person == self.viewer else self.full(person)

    def full(self, person: str) -> str:
        return self._all.get(person, "somebody who left")

    def someone(self, person: str) -> dict[str, Any]:
        return {"name": self.full(person), "me": person == self.viewer}


def wall(at: datetime) -> datetime:
    """What the viewer's clock shows, without its zone."""
    return timezone.localtime(at).replace(tzinfo=None)


def day_time(at: datetime) -> str:
    return date_format(timezone.localtime(at), "D j M, H:i")


def until(at: datetime, now: datetime) -> str:
    """15:00, Mon 09:00 or 30 Nov 09:00: the shortest that cannot be mistaken."""
    local, today = timezone.localtime(at), timezone.localtime(now)
    if local.date() == today.date():
        return f"{local:%H:%M}"
    return date_format(local, "D H:i" if timedelta(0) < at - now < timedelta(days=6) else "j M H:i")


def monday(day: str, now: datetime) -> datetime:
    """Midnight of the Monday of this week ("2026-11-18") in the viewer's zone; this week's when it is no day."""
    try:
        chosen = datetime.fromisoformat(day[:10]) if day else wall(now)
    except ValueError:
        chosen = wall(now)
    if not 2000 < chosen.year < 2200:
        chosen = wall(now)
    start = datetime(chosen.year, chosen.month, chosen.day) - timedelta(days=chosen.weekday())  # noqa: DTZ001
    return start.replace(tzinfo=timezone.get_current_timezone())


def week(
    row: models.Schedule, schedule: Schedule, start: datetime, now: datetime, names: Names, url: str
) -> dict[str, Any]:
    """The table: one row a layer, one for overrides, and what counts in the end."""
    first = wall(start)
    end = (first + timedelta(days=DAYS)).replace(tzinfo=start.tzinfo)
    order = {p: n for n, p in enumerate(dict.fromkeys(p for x in schedule.layers for p in x.people))}
    rows = [
        {
            "label": layer.name,
            "note": turns(layer),
            "final": False,
            "cells": _cells(_blocks(found, order, names, now), first),
        }
        for layer, found in layer_shifts(schedule, start, end)
        if found or layer.ends_at is None
    ]
    over = [
        Shift(o.person, max(o.starts_at, start), min(o.ends_at, end), "override", o.id)
        for o in schedule.overrides
        if o.starts_at < end and o.ends_at > start
    ]
    if over:
        rows.append({
            "label": "Overrides", "note": f"{len(over)} this week", "final": False,
            "cells": _cells(_blocks(sorted(over, key=lambda s: s.starts_at), order, names, now), first),
        })  # fmt: skip
    final = shifts(schedule, start, end)
    rows.append(
        {
            "label": "On call",
            "note": "what counts",
            "final": True,
            "cells": _cells(_blocks(final, order, names, now), first),
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


def _day(day: datetime, now: datetime) -> dict[str, Any]:
    return {"label": date_format(day, "D j"), "today": day.date() == wall(now).date(), "span": DAY_HOURS}


def turns(layer: Layer) -> str:
    """What a layer does, in the few words that fit under its name."""
    if layer.restrictions:
        first = layer.restrictions[0]
        return f"{first.start_time:%H:%M} to {first.end_time:%H:%M}" + (
            " and more" if len(layer.restrictions) > 1 else ""
        )
    length, unit = layer.turn.length, layer.turn.unit
    turn = (
        {"hours": "hour", "days": "day", "weeks": "week"}[unit] if length == 1 else f"{length} {_UNITS[unit]}"
    )
    return f"each {turn}, {layer.handover_time:%H:%M}"


def holder_now(layer: Layer, now: datetime) -> str | None:
    """Whose turn runs in this layer, windows aside."""
    alone = Schedule("", "", "", layer.zone, (replace(layer, restrictions=()),))
    return on_call(alone, now).person


def _blocks(
    found: Sequence[Shift], order: dict[str, int], names: Names, now: datetime
) -> list[dict[str, Any]]:
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
            "when": f"{date_format(timezone.localtime(s.starts_at), 'D H:i')} to {date_format(timezone.localtime(s.ends_at), 'D H:i')}",
            "gap": s.person is None,
        }
        for s in coming[:40]
    ]


def summary(schedule: Schedule, names: Names, now: datetime) -> str:
    """Who holds it now, who follows, and whether somebody is missing soon."""
    held = on_call(schedule, now)
    said = f"{names(held.person)} now" if held.person else "Nobody is on call now"
    if held.until:
        then = on_call(schedule, held.until)
        said += f", until {until(held.until, now)}. Then {names(then.person) if then.person else 'nobody'}."
    else:
        said += "."
    holes = gaps(schedule, now, now + AHEAD)
    if holes:
        said += f" {len(holes)} {'gap' if len(holes) == 1 else 'gaps'} in 14 days."
    return said


def gap(schedule: Schedule, now: datetime, may_take: bool) -> dict[str, Any] | None:
    """The next time nobody is on call within 14 days, with what filling it takes."""
    holes = gaps(schedule, now, now + AHEAD)
    if not holes:
        return None
    hole = holes[0]
    rest = f" {len(holes) - 1} more in 14 days." if len(holes) > 1 else ""
    open_end = hole.ends_at >= now + AHEAD
    end = "no end in sight" if open_end else f"until {day_time(hole.ends_at)}"
    return {
        "title": "Gap" if open_end else f"Gap of {spoken(hole.ends_at - hole.starts_at)}",
        "text": f"{'Now' if hole.starts_at <= now else day_time(hole.starts_at)}, {end}. A page skips to the next step at once.{rest}",
        "take": {
            "start": f"{wall(hole.starts_at):%Y-%m-%dT%H:%M}",
            "end": f"{wall(hole.ends_at):%Y-%m-%dT%H:%M}",
        }
        if may_take
        else None,
    }


def overrides(row: models.Schedule, now: datetime, names: Names) -> list[dict[str, Any]]:
    """Those that run or are to come, the next first."""
    rows = [o for o in row.overrides.all() if o.removed_at is None and o.ends_at > now]
    return [
        {
            "id": o.id,
            "person": names.someone(o.person_id),
            "when": f"{day_time(o.starts_at)} to {day_time(o.ends_at)}",
            "runs": o.starts_at <= now,
            "note": o.reason,
            "by": names.full(o.created_by),
        }
        for o in sorted(rows, key=lambda o: o.starts_at)[:50]
    ]


def ladder(policy: models.EscalationPolicy, now: datetime, names: Names) -> dict[str, Any]:
    """The steps with whom each would call now and whether they can be reached at all."""
    core, directory = policy_from(policy.definition), Directory(now)
    resolved = [[(t, directory.on_call(t)) for t in s.targets] for s in core.steps]
    last = [(t, directory.on_call(t)) for t in core.catch_all]
    reach = _reach({p for step in [*resolved, last] for _, r in step for p in r.people})
    steps, offset = [], timedelta(0)
    for number, found in enumerate(resolved):
        steps.append(_step(spoken(offset) if offset else "0 min", found, directory, names, reach))
        offset += core.steps[number].wait
    if last:
        steps.append(_step("last", last, directory, names, reach) | {"note": "when nobody has answered"})
    elif steps and core.repeats:
        steps[-1]["note"] = (
            f"then again from the top, {core.repeats} {'time' if core.repeats == 1 else 'times'} more"
        )
    return {"title": policy.name, "note": "whom it would call now", "steps": steps, "key": policy.key}


def _step(
    after: str, found: list[Any], directory: Directory, names: Names, reach: dict[str, str]
) -> dict[str, Any]:
    people = []
    for person in dict.fromkeys(p for _, r in found for p in r.people):
        ways = reach.get(person, "")
        people.append(
            names.someone(person)
            | {"state": "ok" if ways else "fault", "state_text": ways or "cannot be reached"}
        )
    missing = [r.nobody_because for _, r in found if not r.people]
    return {
        "after": after,
        "title": ", ".join(dict.fromkeys(directory.label(t) for t, _ in found)),
        "people": people,
        "note": "; ".join(missing) + (": skipped at once" if missing and not people else ""),
        "bad": bool(missing) and not people,
    }


def _reach(people: set[str]) -> dict[str, str]:
    """Person → the kinds of their contacts in use."""
    found: dict[str, list[str]] = {}
    rows = models.ContactMethod.objects.filter(person_id__in=people, disabled=False)
    for person, kind in rows.values_list("person_id", "kind"):
        found.setdefault(person, []).append(channel_name(kind))
    return {p: ", ".join(dict.fromkeys(kinds)) for p, kinds in found.items()}


def sequence(made: Ladder) -> list[dict[str, Any]]:
    """A what-if as lines in the order in which things would happen."""
    if made.policy is None:
        text = "No policy covers this service and there is no default one: nobody would be paged."
        return [
            {
                "at": None,
                "icon": "octagonx",
                "text": text,
                "note": "An alarm would stand above every page.",
                "tone": "red",
            }
        ]
    lines: list[dict[str, Any]] = []
    for firing in made.firings:
        lines += [
            {"at": firing.at, "icon": "triangle", "text": text, "note": "", "tone": "red"}
            for text in firing.skipped
        ]
        for call in firing.calls:
            lines += _tries(call, firing)
        if firing.last:
            lines.append(
                {
                    "at": firing.at,
                    "icon": "octagonx" if not firing.calls else "flag",
                    "text": firing.reason,
                    "note": "",
                    "tone": "",
                }
            )
    return lines


def _tries(call: Call, firing: Firing) -> list[dict[str, Any]]:
    if not call.tries:
        note = f"{call.unreachable} The next step follows at once."
        return [
            {
                "at": firing.at,
                "icon": "octagonx",
                "text": f"{call.person.name} cannot be reached",
                "note": note,
                "tone": "red",
            }
        ]
    return [
        {
            "at": firing.at + t.after,
            "icon": "phone",
            "text": f"{call.person.name}, by {channel_name(t.channel)}",
            "note": call.reason if n == 0 else "",
            "tone": "",
        }
        for n, t in enumerate(call.tries)
    ]


def mine(rows: Sequence[models.Schedule], viewer: str, now: datetime) -> list[dict[str, Any]]:
    """My shifts of the next four weeks over all schedules, the next first."""
    found = []
    for row in rows:
        for s in shifts(schedule_from(row), now, now + MINE_AHEAD):
            if s.person == viewer:
                found.append((s.starts_at, s, row))
    lines = []
    for _, s, row in sorted(found, key=lambda f: (f[0], f[2].name))[:20]:
        runs = s.starts_at <= now
        open_end = s.ends_at >= now + MINE_AHEAD
        end = "no end in sight" if open_end else f"until {day_time(s.ends_at)}"
        lines.append({
            "title": row.name, "href": f"/on-call/schedules/{row.key}",
            "note": f"{'now' if runs else day_time(s.starts_at)}, {end}" + (", override" if s.source == "override" else ""),
            "end": "now" if runs else f"in {spoken(s.starts_at - now)}",
        })  # fmt: skip
    return lines
