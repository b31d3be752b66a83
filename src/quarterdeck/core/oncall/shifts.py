"""The final schedule: layers and overrides laid over each other, the gaps, and who is on call at one moment.

It never leaves a moment out: what nobody covers is a shift of nobody.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter

from quarterdeck.core.kernel.refused import bad

from .layers import Label, Stretch, holder, label_at, next_change, stretches, turns_between
from .schedule import Layer, OnCall, Override, Schedule, Shift
from .turns import People
from .wall import wall, zone

# More than thirty years of three busy layers; a second or two of work.
MOST_SHIFTS = 250_000
# Same people, same layer, many turns: after so many changes that change nothing, no end is in sight. With many
# layers it looks less far, so that the answer stays within a tenth of a second.
_LOOKS, _LAYER_LOOKS = 1_000, 10_000
_NOBODY = Label("nobody", "", "no layer covers this time")
_EMPTY = Label("nobody", "", "this schedule has no layers")
_begins = itemgetter(0)


def on_call(schedule: Schedule, at: datetime) -> OnCall:
    """Who is on call at an instant, from what, and until when that holds."""
    people, label, place = _look(schedule, at)
    until: datetime | None = at
    here, known = place, (people, label[:2])
    for _ in range(min(_LOOKS, _LAYER_LOOKS // max(len(schedule.layers), 1))):
        assert until is not None
        until = _next(schedule, here, until)
        if until is None:
            break
        then, after, here = _look(schedule, until)
        if (then, after[:2]) != known:
            break
    else:
        until = None
    reason = label.reason if until is None else f"{label.reason}, until {_told(schedule.zone, until)}"
    return OnCall(people[0] if people else None, label.source, label.ref, reason, until, people)


def shifts(schedule: Schedule, start: datetime, end: datetime) -> list[Shift]:
    """The whole time from `start` until before `end` as shifts without overlap or hole.

    A gap is a shift with person None. Neighbouring turns of the same people from one source are one shift. The
    first and the last are cut to the window. Refuses a window with more than MOST_SHIFTS turns.
    """
    if start >= end:
        return []
    check_window(schedule, start, end)
    found: list[Stretch] = []
    for layer in schedule.layers:
        found = _over(stretches(layer, start, end, schedule.absences), found)
    found = _over(found, [(start, end, (), _nobody(schedule))])
    for override in schedule.overrides:
        if override.starts_at < end and override.ends_at > start:
            _apply(found, override)
    return _joined(found)


def layer_shifts(schedule: Schedule, start: datetime, end: datetime) -> list[tuple[Layer, list[Shift]]]:
    """Each layer alone, as if no other layer and no override were there; turns are not joined."""
    check_window(schedule, start, end)
    return [
        (layer, [_shift(*stretch) for stretch in stretches(layer, start, end, schedule.absences)])
        for layer in schedule.layers
    ]


def gaps(schedule: Schedule, start: datetime, end: datetime) -> list[Shift]:
    """Where nobody is on call."""
    return [s for s in shifts(schedule, start, end) if s.person is None]


def check_window(schedule: Schedule, start: datetime, end: datetime) -> None:
    """Refuses a time that is too long to look at in one go."""
    if sum(turns_between(layer, start, end) for layer in schedule.layers) > MOST_SHIFTS:
        raise bad("shifts.window", "These are too many shifts to look at in one go. Ask for a shorter time.")


def _look(schedule: Schedule, at: datetime) -> tuple[People, Label, tuple[int, int]]:
    """The people, where they come from, and the lowest layer and override that still say something."""
    standing = [(n, o) for n, o in enumerate(schedule.overrides) if o.starts_at <= at < o.ends_at]
    for place in range(len(standing) - 1, -1, -1):
        number, override = standing[place]
        if override.effect == "all":
            people, label = _changed((), _NOBODY, override)
            lowest, above = (len(schedule.layers), number), standing[place + 1 :]
            break
    else:
        people, label, layer = _layers(schedule, at)
        lowest, above = (layer, 0), standing
    for _, override in above:
        people, label = _changed(people, label, override)
    return people, label, lowest


def _layers(schedule: Schedule, at: datetime) -> tuple[People, Label, int]:
    for number in range(len(schedule.layers) - 1, -1, -1):
        layer = schedule.layers[number]
        held = holder(layer, at, schedule.absences)
        if held is not None:
            return held[0], label_at(layer, at, held[1]), number
    return (), _nobody(schedule), 0


def _next(schedule: Schedule, lowest: tuple[int, int], at: datetime) -> datetime | None:
    """When what is on call may next change: something from the lowest layer or override on up does."""
    layer, override = lowest
    found: datetime | None = None
    for above in schedule.layers[layer:]:
        edge = next_change(above, at, schedule.absences)
        if edge is not None and (found is None or edge < found):
            found = edge
    for standing in schedule.overrides[override:]:
        edge = standing.starts_at if standing.starts_at > at else standing.ends_at
        if edge > at and standing.starts_at < standing.ends_at and (found is None or edge < found):
            found = edge
    return found


def _over(top: list[Stretch], below: list[Stretch]) -> list[Stretch]:
    """Lay stretches over others; both are in order and do not overlap among themselves."""
    if not top or not below:
        return top or below
    found: list[Stretch] = []
    add, place, count = found.append, 0, len(top)
    begins, ends = top[0][0], top[0][1]
    for stretch in below:
        low, high, people, label = stretch
        while place < count and begins < high:
            if low < begins:
                add((low, begins, people, label))
            if ends > low:
                low = ends
            if ends >= high:
                break
            add(top[place])
            place += 1
            if place < count:
                begins, ends = top[place][0], top[place][1]
        if low < high:
            add((low, high, people, label))
    found += top[place:]
    return found


def _apply(line: list[Stretch], override: Override) -> None:
    """Change the stretches of a whole line under an override."""
    low, high = max(override.starts_at, line[0][0]), min(override.ends_at, line[-1][1])
    if low >= high:
        return
    first = bisect_right(line, low, key=_begins) - 1
    last, found = first, list[Stretch]()
    while last < len(line) and line[last][0] < high:
        begins, ends, people, label = line[last]
        if begins < low:
            found.append((begins, low, people, label))
        found.append((max(begins, low), min(ends, high), *_changed(people, label, override)))
        if ends > high:
            found.append((high, ends, people, label))
        last += 1
    line[first:last] = found


def _changed(people: People, label: Label, o: Override) -> tuple[People, Label]:
    """The people on call and where they come from, under an override; as they were where it says nothing."""
    after: People
    match o.effect:
        case "all":
            return (o.person,), _override_label(o)
        case "add":
            after = people if o.person in people else (*people, o.person)
        case "remove":
            after = tuple(p for p in people if p != o.person)
        case "one":
            if o.instead_of not in people:
                return people, label
            after = tuple(dict.fromkeys(o.person if p == o.instead_of else p for p in people))
    return (people, label) if after == people else (after, _override_label(o))


def _override_label(o: Override) -> Label:
    kind = "swap" if o.swap else "override"
    return Label("swap" if o.swap else "override", o.id, f"{kind}: {o.reason}" if o.reason else kind)


def _joined(line: Sequence[Stretch]) -> list[Shift]:
    """Neighbours of the same people from the same source as one."""
    found: list[Shift] = []
    begun, until, who, mark = line[0]
    for begins, ends, people, label in line:
        if people != who or label[:2] != mark[:2]:
            found.append(_shift(begun, begins, who, mark))
            begun, who, mark = begins, people, label
        until = ends
    found.append(_shift(begun, until, who, mark))
    return found


def _shift(begins: datetime, ends: datetime, people: People, label: Label) -> Shift:
    source, ref, reason = label
    return Shift(people[0] if people else None, begins, ends, source, ref, people, reason)


def _nobody(schedule: Schedule) -> Label:
    return _NOBODY if schedule.layers or schedule.overrides else _EMPTY


def _told(zone_name: str, at: datetime) -> str:
    tz = zone(zone_name)
    shown = at.astimezone(tz)
    return f"{wall(at, tz):%Y-%m-%d %H:%M} {shown:%Z}"
