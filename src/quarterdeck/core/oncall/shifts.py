"""The final schedule: layers and overrides laid over each other, the gaps, and who is on call at one moment.

It never leaves a moment out: what nobody covers is a shift of nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from .schedule import Layer, OnCall, Override, Schedule, Shift, Source
from .turns import holder, next_change, stretches
from .wall import wall, zone

_CHUNK = timedelta(days=28)
# Same person, same layer, many turns: after so many changes that change nothing, no end is in sight.
_LOOKS = 1_000
_Found = tuple[str | None, int]
_NOBODY = -1


def on_call(schedule: Schedule, at: datetime) -> OnCall:
    """Who is on call at an instant, from what, and until when that holds."""
    person, place = _top(schedule, at)
    source, ref = _named(schedule, place)
    until, now = at, at
    for _ in range(_LOOKS):
        following = _next(schedule, place, now)
        if following is None:
            return OnCall(person, source, ref, _reason(schedule, place, None), None)
        now = until = following
        if _top(schedule, now) != (person, place):
            return OnCall(person, source, ref, _reason(schedule, place, until), until)
    return OnCall(person, source, ref, _reason(schedule, place, None), None)


def shifts(schedule: Schedule, start: datetime, end: datetime) -> list[Shift]:
    """The whole time from `start` until before `end` as shifts without overlap or hole.

    A gap is a shift with person None. Neighbouring turns of one person from one source are one shift. The
    first and the last are cut to the window.
    """
    if start >= end:
        return []
    events: list[tuple[datetime, int, int, str]] = []
    for place, layer in enumerate(schedule.layers):
        for begins, ends, person in stretches(layer, start, end):
            events.append((begins, 1, place, person))
            events.append((ends, 0, place, person))
    for place, override in enumerate(schedule.overrides, len(schedule.layers)):
        begins, ends = max(override.starts_at, start), min(override.ends_at, end)
        if begins < ends:
            events.append((begins, 1, place, override.person))
            events.append((ends, 0, place, override.person))
    events.sort()
    return _sweep(schedule, events, start, end)


def layer_shifts(schedule: Schedule, start: datetime, end: datetime) -> list[tuple[Layer, list[Shift]]]:
    """Each layer alone, as if no other layer and no override were there; turns are not joined."""
    return [
        (layer, [Shift(person, a, b, "layer", layer.id) for a, b, person in stretches(layer, start, end)])
        for layer in schedule.layers
    ]


def gaps(schedule: Schedule, start: datetime, end: datetime) -> list[Shift]:
    """Where nobody is on call."""
    return [s for s in shifts(schedule, start, end) if s.person is None]


def _sweep(
    schedule: Schedule, events: Sequence[tuple[datetime, int, int, str]], start: datetime, end: datetime
) -> list[Shift]:
    """Walks over all beginnings and ends; at each instant the highest place that is active counts."""
    found: list[Shift] = []
    active: dict[int, str] = {}
    names = [_named(schedule, place) for place in range(len(schedule.layers) + len(schedule.overrides))]
    names.append(("nobody", ""))
    since, person, place = start, None, _NOBODY
    index, count = 0, len(events)
    while index < count:
        at = events[index][0]
        while index < count and events[index][0] == at:
            _, begins, where, who = events[index]
            if begins:
                active[where] = who
            else:
                active.pop(where, None)
            index += 1
        top = max(active) if active else _NOBODY
        now = active.get(top)
        if now != person or top != place:
            if at > since:
                found.append(Shift(person, since, at, *names[place]))
            since, person, place = at, now, top
    if end > since:
        found.append(Shift(person, since, end, *names[place]))
    return found


def _top(schedule: Schedule, at: datetime) -> _Found:
    """The person on call and the place they come from: layers from 0, then overrides; -1 is nobody."""
    layers = len(schedule.layers)
    for number in range(len(schedule.overrides) - 1, -1, -1):
        override = schedule.overrides[number]
        if override.starts_at <= at < override.ends_at:
            return override.person, layers + number
    for number in range(layers - 1, -1, -1):
        person = holder(schedule.layers[number], at)
        if person is not None:
            return person, number
    return None, _NOBODY


def _next(schedule: Schedule, place: int, at: datetime) -> datetime | None:
    """When this place may next lose its rank: it changes itself, or something above it begins."""
    layers = len(schedule.layers)
    found: list[datetime | None] = []
    above: Sequence[Override] = schedule.overrides
    if place >= layers:
        found.append(schedule.overrides[place - layers].ends_at)
        above = schedule.overrides[place - layers + 1 :]
    else:
        found += [next_change(layer, at) for layer in schedule.layers[max(place, 0) :]]
    found += [o.starts_at for o in above if at < o.starts_at < o.ends_at]
    return min((f for f in found if f is not None), default=None)


def _named(schedule: Schedule, place: int) -> tuple[Source, str]:
    layers = len(schedule.layers)
    if place < 0:
        return "nobody", ""
    if place < layers:
        return "layer", schedule.layers[place].id
    return "override", schedule.overrides[place - layers].id


def _reason(schedule: Schedule, place: int, until: datetime | None) -> str:
    layers = len(schedule.layers)
    if place >= layers:
        override = schedule.overrides[place - layers]
        why = f"override: {override.reason}" if override.reason else "override"
    elif place >= 0:
        why = f"layer {schedule.layers[place].name}"
    elif not schedule.layers and not schedule.overrides:
        return "this schedule has no layers"
    else:
        why = "no layer covers this time"
    if until is None:
        return why
    tz = zone(schedule.zone)
    return f"{why}, until {wall(until, tz):%Y-%m-%d %H:%M} {until.astimezone(tz):%Z}"
