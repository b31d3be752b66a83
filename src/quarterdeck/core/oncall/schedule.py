"""A schedule as data: layers of turns, overrides, and what is read out of them. People are ids."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

from quarterdeck.core.kernel.refused import bad

from .wall import check_zone

Unit = Literal["hours", "days", "weeks"]
Source = Literal["layer", "override", "nobody"]
MAX_LAYERS = 20
MAX_PEOPLE = 200
LONGEST_TURN = timedelta(weeks=52)
EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)


@dataclass(frozen=True, slots=True)
class Turn:
    """How long one person stays on call. Counted on the wall clock, so a day may have 23 hours."""

    unit: Unit
    length: int = 1

    @property
    def span(self) -> timedelta:
        match self.unit:
            case "hours":
                return timedelta(hours=self.length)
            case "days":
                return timedelta(days=self.length)
            case "weeks":
                return timedelta(weeks=self.length)


@dataclass(frozen=True, slots=True)
class Restriction:
    """A window that starts on these weekdays (0 is Monday; none means every day), in the zone of the layer.

    An end at or before the start lies on the next day; the same time twice is a whole day.
    """

    start_time: time
    end_time: time
    weekdays: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Layer:
    """People take turns in order. The first has the turn that is running at `starts_at`.

    Turns change at `handover_time` on the wall clock of `zone`; turns of weeks on `handover_weekday` (None:
    the weekday of the start). With restrictions the layer is on call only inside their windows; the turns go
    on outside as if there were none.
    """

    id: str
    name: str
    people: tuple[str, ...]
    turn: Turn
    handover_time: time
    handover_weekday: int | None
    starts_at: datetime
    ends_at: datetime | None
    zone: str
    restrictions: tuple[Restriction, ...] = ()


@dataclass(frozen=True, slots=True)
class Override:
    """One person instead of whoever the layers name."""

    id: str
    person: str
    starts_at: datetime
    ends_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Later layers go over earlier ones, overrides over all layers, later overrides over earlier ones."""

    id: str
    key: str
    name: str
    zone: str
    layers: tuple[Layer, ...] = ()
    overrides: tuple[Override, ...] = ()


@dataclass(frozen=True, slots=True)
class Shift:
    """A stretch with one person on call, from `starts_at` until before `ends_at`; person None is a gap.

    `ref` is the id of the layer or override it comes from, "" for a gap.
    """

    person: str | None
    starts_at: datetime
    ends_at: datetime
    source: Source
    ref: str


@dataclass(frozen=True, slots=True)
class OnCall:
    """Who is on call at one moment. `reason` is a clause without a full stop.

    `until` is when another person or source follows; None means that no change is in sight.
    """

    person: str | None
    source: Source
    ref: str
    reason: str
    until: datetime | None


def check(schedule: Schedule) -> None:
    """Refuses a schedule that cannot mean anything: unknown zones, empty layers, turns of no length."""
    check_zone(schedule.zone)
    if len(schedule.layers) > MAX_LAYERS:
        raise bad("schedule.layers", f"A schedule has at most {MAX_LAYERS} layers. Make two schedules.")
    for layer in schedule.layers:
        _check_layer(layer)
    for override in schedule.overrides:
        if override.ends_at <= override.starts_at:
            raise bad("override.times", "This override ends before it starts. Choose a later end.")


def _check_layer(layer: Layer) -> None:
    check_zone(layer.zone)
    name = f"The layer “{layer.name}”"
    if not layer.people:
        raise bad("layer.people", f"{name} has nobody in it. Add a person.")
    if len(layer.people) > MAX_PEOPLE:
        raise bad("layer.people", f"{name} has more than {MAX_PEOPLE} people. Use more layers.")
    if layer.turn.length < 1 or layer.turn.span > LONGEST_TURN:
        raise bad("layer.turn", f"{name} needs turns between 1 hour and 52 weeks.")
    if layer.handover_weekday is not None and layer.handover_weekday not in EVERY_DAY:
        raise bad(
            "layer.weekday", f"{name} hands over on a day that is none. Use 0 for Monday to 6 for Sunday."
        )
    if layer.ends_at is not None and layer.ends_at <= layer.starts_at:
        raise bad("layer.times", f"{name} ends before it starts. Choose a later end.")
    if any(day not in EVERY_DAY for r in layer.restrictions for day in r.weekdays):
        raise bad(
            "layer.weekday", f"{name} is limited to a day that is none. Use 0 for Monday to 6 for Sunday."
        )
