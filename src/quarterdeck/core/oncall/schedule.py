"""A schedule as data: layers of turns, overrides, absences, and what is read out of them. People are ids."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, NamedTuple

Unit = Literal["hours", "days", "weeks", "months"]
Source = Literal["layer", "fixed", "cover", "override", "swap", "nobody"]
OnHolidays = Literal["usual", "also", "never", "only"]
WhenAbsent = Literal["leave", "skip"]
Effect = Literal["all", "one", "add", "remove"]
EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)
LONGEST_MONTH = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Turn:
    """How long one person stays on call. Counted on the wall clock, so a day may have 23 hours."""

    unit: Unit
    length: int = 1

    @property
    def span(self) -> timedelta:
        """The time on the wall; for months, which differ, the longest it can be."""
        match self.unit:
            case "hours":
                return timedelta(hours=self.length)
            case "days":
                return timedelta(days=self.length)
            case "weeks":
                return timedelta(weeks=self.length)
            case "months":
                return LONGEST_MONTH * self.length


@dataclass(frozen=True, slots=True)
class Restriction:
    """A window that starts on these weekdays (0 is Monday; none means every day), in the zone of the layer.

    An end at or before the start lies on the next day; the same time twice is a whole day. On the holidays of
    the layer the window is as usual, there also if the weekday is another, never there, or only there (then on
    these weekdays). What counts is the day on which the window starts.
    """

    start_time: time
    end_time: time
    weekdays: tuple[int, ...] = ()
    holidays: OnHolidays = "usual"


@dataclass(frozen=True, slots=True)
class FixedShift:
    """Somebody is on call from one instant until before another; `ref` is its name where it was made."""

    person: str
    starts_at: datetime
    ends_at: datetime
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Layer:
    """People take turns in order. The first has the turn that is running at `starts_at`.

    Turns change at `handover_time` on the wall clock of `zone`; turns of weeks on `handover_weekday` (None:
    the weekday of the start), turns of months on `handover_day` (None: the day of the start; the last day of
    a shorter month). With restrictions the layer is on call only inside their windows; the turns go on outside
    as if there were none. With `at_once` of n, n people share a turn: its own person first, then those whose
    turns follow.

    A layer with `fixed` shifts has those alone: who starts first in their order is first among several at once.
    `when_absent` says what becomes of a turn of somebody absent: it stays theirs and is warned of, or the next
    in order who is there takes it, and all other turns stay as they are. `holidays` are the days of the
    `region`; they are given with the schedule, not kept with the layer. A layer without `gaps_allowed` means
    that somebody is on call in its schedule while it lasts: `lint` says where that is not so.
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
    at_once: int = 1
    handover_day: int | None = None
    fixed: tuple[FixedShift, ...] = ()
    when_absent: WhenAbsent = "leave"
    gaps_allowed: bool = True
    region: str = ""
    holidays: frozenset[date] = frozenset()

    def __hash__(self) -> int:
        """Few fields tell layers apart; all are compared. (Answers about a layer are kept by it.)"""
        return hash((self.id, self.starts_at))


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody is on call in another way than the layers say.

    `effect`: "all": `person` instead of everybody; "one": `person` instead of `instead_of`, wherever that one
    is on call; "add": `person` after all others; "remove": `person` not. `swap` is the id of the swap it
    belongs to.
    """

    id: str
    person: str
    starts_at: datetime
    ends_at: datetime
    reason: str = ""
    effect: Effect = "all"
    instead_of: str = ""
    swap: str = ""


@dataclass(frozen=True, slots=True)
class Absence:
    """A person is away; what becomes of their turns is said by each layer."""

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
    absences: tuple[Absence, ...] = ()


class Shift(NamedTuple):
    """A stretch with the same people on call, from `starts_at` until before `ends_at`; person None is a gap.

    `person` is the first of the `people`. `ref` is the id of the layer, override or fixed shift it comes from,
    "" for a gap; `reason` is a clause without a full stop.
    """

    person: str | None
    starts_at: datetime
    ends_at: datetime
    source: Source
    ref: str
    people: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OnCall:
    """Who is on call at one moment. `reason` is a clause without a full stop.

    `person` is the first of the `people`. `until` is when other people or another source follow; None means
    that no change is in sight.
    """

    person: str | None
    source: Source
    ref: str
    reason: str
    until: datetime | None
    people: tuple[str, ...] = ()
