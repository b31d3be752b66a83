"""A layer of a schedule as the REST interface says it and is told it. Decides nothing."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal

from pydantic import Field

from quarterdeck.app.oncall import holidays
from quarterdeck.core.oncall import FixedShift, Restriction, Turn
from quarterdeck.core.oncall import Layer as CoreLayer
from quarterdeck.core.oncall.check import MAX_FIXED, MAX_PEOPLE

from .doors import Request
from .fields import Id, Moment, Named, Number, Read, Text, When, Word, Write, Yes

Unit = Literal["hours", "days", "weeks", "months"]
OnHolidays = Literal["usual", "also", "never", "only"]
WhenAbsent = Literal["leave", "skip"]
Clock = Annotated[str, Text(5, pattern=r"^(?:[01][0-9]|2[0-3]):[0-5][0-9]$")]
Weekday = Annotated[int, Number(0, 6)]


class Window(Read):
    """On call from `start` to `end` on these weekdays (0 is Monday; none: every day)."""

    start: str
    end: str
    weekdays: list[int]
    holidays: OnHolidays


class FixedTold(Read):
    person: Named
    starts_at: Moment
    ends_at: Moment
    ref: str


class Layer(Read):
    """One rotation; `people` take turns in this order, `at_once` of them together. Or `fixed` shifts alone."""

    id: str
    name: str
    people: list[Named]
    at_once: int
    turn_unit: Unit
    turn_length: int
    handover_time: str
    handover_weekday: int | None
    handover_day: int | None
    starts_at: Moment
    ends_at: Moment | None
    restrictions: list[Window]
    fixed: list[FixedTold]
    when_absent: WhenAbsent
    gaps_allowed: bool
    region: str


class WindowWrite(Write):
    """An end at or before the start lies on the next day. `holidays` other than usual needs the layer's region."""

    start: Clock
    end: Clock
    weekdays: list[Weekday] = Field(default_factory=list, max_length=7)
    holidays: OnHolidays = "usual"


class FixedWrite(Write):
    person: Id
    starts_at: When
    ends_at: When
    ref: Word = ""


class LayerWrite(Write):
    """People who take turns, or `fixed` shifts. It counts from `starts_at`, or from now."""

    name: Annotated[str, Text(120)] = ""
    people: list[Id] = Field(default_factory=list, max_length=MAX_PEOPLE)
    at_once: Annotated[int, Number(1, 50)] = 1
    turn_unit: Unit = "weeks"
    turn_length: Annotated[int, Number(1, 8784)] = 1
    handover_time: Clock = "09:00"
    handover_weekday: Weekday | None = None
    handover_day: Annotated[int, Number(1, 31)] | None = None
    starts_at: When | None = None
    ends_at: When | None = None
    restrictions: list[WindowWrite] = Field(default_factory=list, max_length=50)
    fixed: list[FixedWrite] = Field(default_factory=list, max_length=MAX_FIXED)
    when_absent: WhenAbsent = "leave"
    gaps_allowed: Yes = True
    region: Word = ""


def layer_told(request: Request, layer: CoreLayer) -> Layer:
    names = request.names.load([*layer.people, *(s.person for s in layer.fixed)])
    return Layer(
        id=layer.id,
        name=layer.name,
        people=[names.of(p) for p in layer.people],
        at_once=layer.at_once,
        turn_unit=layer.turn.unit,
        turn_length=layer.turn.length,
        handover_time=layer.handover_time.isoformat("minutes"),
        handover_weekday=layer.handover_weekday,
        handover_day=layer.handover_day,
        starts_at=layer.starts_at,
        ends_at=layer.ends_at,
        restrictions=[
            Window(
                start=r.start_time.isoformat("minutes"),
                end=r.end_time.isoformat("minutes"),
                weekdays=list(r.weekdays),
                holidays=r.holidays,
            )
            for r in layer.restrictions
        ],
        fixed=[
            FixedTold(person=names.of(s.person), starts_at=s.starts_at, ends_at=s.ends_at, ref=s.ref)
            for s in layer.fixed
        ],
        when_absent=layer.when_absent,
        gaps_allowed=layer.gaps_allowed,
        region=layer.region,
    )


def layer_of(request: Request, said: LayerWrite) -> CoreLayer:
    """What was said as a layer. Refuses a region of which no holidays are known."""
    region = holidays.check(said.region)
    return CoreLayer(
        id="",
        name=said.name,
        people=tuple(said.people),
        turn=Turn(said.turn_unit, said.turn_length),
        handover_time=time.fromisoformat(said.handover_time),
        handover_weekday=said.handover_weekday,
        starts_at=said.starts_at or request.act.at,
        ends_at=said.ends_at,
        zone="",
        restrictions=tuple(
            Restriction(time.fromisoformat(r.start), time.fromisoformat(r.end), tuple(r.weekdays), r.holidays)
            for r in said.restrictions
        ),
        at_once=said.at_once,
        handover_day=said.handover_day,
        fixed=tuple(FixedShift(s.person, s.starts_at, s.ends_at, s.ref) for s in said.fixed),
        when_absent=said.when_absent,
        gaps_allowed=said.gaps_allowed,
        region=region,
    )
