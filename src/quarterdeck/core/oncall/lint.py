"""What is odd about a schedule in a time to come: gaps where none are allowed, turns of people who are away,
overrides over each other, handovers at a time that clocks leave out. Findings are shown; nothing is refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from .layers import stretches
from .schedule import Layer, Override, Schedule, Shift
from .shifts import gaps
from .turns import rotation
from .wall import instant, wall, zone

Odd = Literal["gap", "absent", "overrides", "handover"]
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Finding:
    """`ref` is the layer or override meant; `text` is a sentence. Times are told in the zone of the schedule."""

    kind: Odd
    ref: str
    starts_at: datetime
    ends_at: datetime
    text: str
    person: str = ""


def lint(schedule: Schedule, start: datetime, end: datetime) -> list[Finding]:
    """Every finding between two instants, by time."""
    strict = any(not layer.gaps_allowed for layer in schedule.layers)
    found = forbidden(schedule, gaps(schedule, start, end) if strict else ())
    found += _overrides(schedule, start, end)
    for layer in schedule.layers:
        found += _absent(schedule, layer, start, end)
        found += _skipped(schedule, layer, start, end)
    return sorted(found, key=lambda f: (f.starts_at, f.kind, f.ref, f.person))


def forbidden(schedule: Schedule, gaps: Iterable[Shift]) -> list[Finding]:
    """Those of these gaps, which are the schedule's, in which a layer allows none; by time and layer."""
    strict = [layer for layer in schedule.layers if not layer.gaps_allowed]
    found = []
    for gap in gaps if strict else ():
        for layer in strict:
            low, high = max(gap.starts_at, layer.starts_at), min(gap.ends_at, layer.ends_at or gap.ends_at)
            if low < high:
                text = f"The layer “{layer.name}” allows no gap, but nobody is on call {_span(schedule, low, high)}."
                found.append(Finding("gap", layer.id, low, high, text))
    return sorted(found, key=lambda f: (f.starts_at, f.ref))


def _absent(schedule: Schedule, layer: Layer, start: datetime, end: datetime) -> Iterator[Finding]:
    """Turns of people who are away and stay theirs; the final schedule may put somebody over them."""
    away = [a for a in schedule.absences if a.starts_at < end and a.ends_at > start]
    if not away:
        return
    for begins, ends, people, _ in stretches(layer, start, end, away):
        for absence in away:
            low, high = max(begins, absence.starts_at), min(ends, absence.ends_at)
            if low < high and absence.person in people:
                text = f"A turn of the layer “{layer.name}” falls to somebody absent {_span(schedule, low, high)}."
                yield Finding("absent", layer.id, low, high, text, absence.person)


def _overrides(schedule: Schedule, start: datetime, end: datetime) -> Iterator[Finding]:
    whole = [
        (o.starts_at, place, o)
        for place, o in enumerate(schedule.overrides)
        if o.effect == "all" and o.starts_at < end and o.ends_at > start
    ]
    reaching: tuple[int, Override] | None = None
    for begins, place, override in sorted(whole, key=lambda w: w[:2]):
        if reaching is not None and begins < reaching[1].ends_at:
            until = min(override.ends_at, reaching[1].ends_at)
            hidden = override if place < reaching[0] else reaching[1]
            text = f"Two overrides at once {_span(schedule, begins, until)}; the one made later counts."
            yield Finding("overrides", hidden.id, begins, until, text, hidden.person)
        if reaching is None or override.ends_at > reaching[1].ends_at:
            reaching = (place, override)


def _skipped(schedule: Schedule, layer: Layer, start: datetime, end: datetime) -> Iterator[Finding]:
    """Handovers at a wall time that a jump of the clocks leaves out: they happen at the jump."""
    low, high = max(start, layer.starts_at), min(end, layer.ends_at or end)
    if layer.fixed or not layer.people or low >= high:
        return
    tz, turns = zone(layer.zone), rotation(layer).turns
    for begins, _, number in rotation(layer).pieces(low, high):
        planned = turns.begin(number)
        if begins == instant(planned, tz) and wall(begins, tz) != planned:
            text = (
                f"A handover of the layer “{layer.name}” is at {planned:%Y-%m-%d %H:%M}, which clocks in {layer.zone}"
                f" leave out. It happens when they jump, at {wall(begins, tz):%H:%M}."
            )
            yield Finding("handover", layer.id, begins, begins + _MINUTE, text)


def _span(schedule: Schedule, low: datetime, high: datetime) -> str:
    tz = zone(schedule.zone)
    return f"from {wall(low, tz):%Y-%m-%d %H:%M} to {wall(high, tz):%Y-%m-%d %H:%M}"
