"""Drills: making, changing, starting, pausing and ending them, and their injects."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from ninja import Query
from pydantic import Field

from quarterdeck.app.drills import drill_course, drill_injects
from quarterdeck.app.drills import drills as acts
from quarterdeck.store import models

from .doors import Request
from .fields import Id, Key, Line, Moment, Named, Number, Read, Text, When, Write, Yes
from .operations import Noun
from .pages import Page, PageAsked, page

NOUN = Noun("Drills", "/drills")
_READ, _PLAN = "incident.read", "drill.plan"
Kind = Literal["tabletop", "fire_drill", "simulation"]
Title = Annotated[str, Text(acts.TITLE_LIMIT)]


class DrillPersonRead(Read):
    """`role` is "" for none yet."""

    person: Named
    role: str
    observer: bool


class DrillInjectRead(Read):
    """`state`: waiting, fired, skipped. `happens_at` is when it fires by itself, as far as is known now."""

    id: str
    key: str
    at_minute: int
    kind: str
    title: str
    text: str
    role: str
    about: str
    surprise: bool
    page: bool
    added: bool
    state: str
    fired_at: Moment | None
    happens_at: Moment | None
    note: str


class DrillRead(Read):
    """`state`: planned, running, ended, cancelled. While it is not over, `scenario` is "" and `injects` are those that
    have happened, for everybody but those who steer it (`steers`). `elapsed_seconds` is drill time.
    """

    id: str
    title: str
    kind: str
    state: str
    paused: bool
    steers: bool
    scenario: str
    plan: str
    announced: bool
    restricted: bool
    minutes: int
    elapsed_seconds: int
    scheduled_at: Moment
    started_at: Moment | None
    ended_at: Moment | None
    facilitator: Named
    people: list[DrillPersonRead]
    injects: list[DrillInjectRead]
    incident: str
    reason: str


class DrillLine(Read):
    """A drill in the list."""

    id: str
    title: str
    kind: str
    state: str
    plan: str
    scheduled_at: Moment
    facilitator: Named
    incident: str


class DrillWrite(Write):
    """`scheduled_at` left out is now. `roles` (role: person) are given; the other roles of the scenario are dealt by
    turns.
    """

    scenario: Key
    kind: Kind
    title: Title = ""
    scheduled_at: When | None = None
    facilitator: Id | None = None
    participants: list[Id] = Field(default_factory=list)
    observers: list[Id] = Field(default_factory=list)
    roles: dict[Key, Id] = Field(default_factory=dict)
    announced: Yes = True


class DrillPatch(Write):
    """Before it starts; only what is named changes. New participants are dealt their roles anew."""

    title: Title | None = None
    kind: Kind | None = None
    facilitator: Id | None = None
    participants: list[Id] | None = None
    observers: list[Id] | None = None
    roles: dict[Key, Id] | None = None
    announced: Yes | None = None


class DrillTimeWrite(Write):
    scheduled_at: When
    reason: Line


class DrillStateWrite(Write):
    """`running` starts it or lets it go on; `cancelled` takes a reason."""

    state: Literal["running", "paused", "ended", "cancelled"]
    reason: Line = ""


class InjectWrite(Write):
    """A surprise of the moment: at once, or `in_minutes` of the drill's clock."""

    kind: Literal["message", "away", "alert", "fact", "inquiry"]
    title: Annotated[str, Text(200)]
    text: Annotated[str, Text(2000)] = ""
    role: Key | Literal[""] = ""
    about: Key | Literal[""] = ""
    page: Yes = False
    in_minutes: Annotated[int, Number(0, 480)] = 0


class InjectStateWrite(Write):
    state: Literal["fired", "skipped"]
    reason: Line = ""


class DrillsAsked(PageAsked):
    state: Literal["planned", "running", "ended", "cancelled"] | None = None


@NOUN.get("", _READ, Page[DrillLine])
def list_drills(request: Request, asked: Query[DrillsAsked]) -> Page[DrillLine]:
    """Drills, the latest first."""
    rows = acts.drills(request.act.who)
    if asked.state:
        rows = rows.filter(state=asked.state)
    return page(asked, rows, ("-scheduled_at", "-id"), lambda found: _lines(request, found))


@NOUN.post("", _PLAN, DrillRead)
def make_drill(request: Request, body: DrillWrite) -> DrillRead:
    made = acts.create(request.act, **body.model_dump() | {"facilitator": body.facilitator or ""})
    return _told(request, made.id)


@NOUN.get("/{drill}", _READ, DrillRead)
def get_drill(request: Request, drill: Id) -> DrillRead:
    """A drill, as far as whoever asks may see it."""
    return _told(request, drill)


@NOUN.patch("/{drill}", _PLAN, DrillRead)
def change_drill(request: Request, drill: Id, body: DrillPatch) -> DrillRead:
    """By its facilitator, before it starts."""
    acts.change(request.act, drill, **body.model_dump())
    return _told(request, drill)


@NOUN.put("/{drill}/time", _PLAN, DrillRead)
def postpone_drill(request: Request, drill: Id, body: DrillTimeWrite) -> DrillRead:
    """To another time, with a reason; whoever was told is told."""
    acts.postpone(request.act, drill, body.scheduled_at, body.reason)
    return _told(request, drill)


@NOUN.put("/{drill}/state", _PLAN, DrillRead)
def move_drill(request: Request, drill: Id, body: DrillStateWrite) -> DrillRead:
    """Start, pause, resume, end or cancel it, by its facilitator."""
    match body.state:
        case "running":
            planned = acts.find(drill, request.act.who).state == acts.PLANNED
            (drill_course.start if planned else drill_course.resume)(request.act, drill)
        case "paused":
            drill_course.pause(request.act, drill, body.reason)
        case "ended":
            drill_course.end(request.act, drill, body.reason)
        case "cancelled":
            drill_course.cancel(request.act, drill, body.reason)
    return _told(request, drill)


@NOUN.post("/{drill}/injects", _PLAN, DrillInjectRead)
def add_inject(request: Request, drill: Id, body: InjectWrite) -> DrillInjectRead:
    """A surprise of the moment."""
    made = drill_injects.add(request.act, drill, **body.model_dump())
    return _inject(request, acts.find(drill, request.act.who), made)


@NOUN.put("/{drill}/injects/{inject}/state", _PLAN, DrillInjectRead)
def move_inject(request: Request, drill: Id, inject: Id, body: InjectStateWrite) -> DrillInjectRead:
    """Let it happen now, or leave it out."""
    if body.state == "fired":
        moved = drill_injects.fire(request.act, drill, inject)
    else:
        moved = drill_injects.skip(request.act, drill, inject, body.reason)
    return _inject(request, acts.find(drill, request.act.who), moved)


def _lines(request: Request, rows: list[models.Drill]) -> list[DrillLine]:
    names = request.names.load([r.facilitator for r in rows])
    return [
        DrillLine(
            id=r.id, title=r.title, kind=r.kind, state=r.state, plan=r.plan_id, scheduled_at=r.scheduled_at,
            facilitator=names.of(r.facilitator), incident=r.incident_id,
        )
        for r in rows
    ]  # fmt: skip


def _told(request: Request, drill_id: str) -> DrillRead:
    seen = acts.view(drill_id, request.act.who, request.act.at)
    row = seen.drill
    names = request.names.load([row.facilitator, *(p.person_id for p in seen.people)])
    return DrillRead(
        id=row.id, title=row.title, kind=row.kind, state=row.state, paused=seen.paused, steers=seen.steers,
        scenario=row.scenario if seen.script else "", plan=row.plan_id, announced=row.announced,
        restricted=row.restricted, minutes=seen.minutes, elapsed_seconds=int(seen.elapsed / timedelta(seconds=1)),
        scheduled_at=row.scheduled_at, started_at=row.started_at, ended_at=row.ended_at,
        facilitator=names.of(row.facilitator),
        people=[
            DrillPersonRead(person=names.of(p.person_id), role=p.role, observer=p.observer) for p in seen.people
        ],
        injects=[_inject(request, row, i) for i in seen.injects], incident=row.incident_id, reason=row.reason,
    )  # fmt: skip


def _inject(request: Request, row: models.Drill, i: models.DrillInject) -> DrillInjectRead:
    return DrillInjectRead(
        id=i.id, key=i.key, at_minute=i.at_minute, kind=i.kind, title=i.title, text=i.text, role=i.role, about=i.about,
        surprise=i.surprise, page=i.page, added=i.added, state=i.state, fired_at=i.fired_at,
        happens_at=drill_injects.happens_at(row, i, request.act.at), note=i.note,
    )  # fmt: skip
