"""Plans by which drills come round, and the library of scenarios they are played from."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ninja import Query
from pydantic import Field

from quarterdeck.app.drills import drill_plans as acts
from quarterdeck.app.drills import drill_scenarios
from quarterdeck.core.drills.scenario import Scenario
from quarterdeck.store import models

from .doors import Request
from .drills import Kind
from .fields import Day, Id, Key, Line, Moment, Named, Number, Read, Text, Write, Yes
from .operations import Noun
from .pages import Page, PageAsked, page, whole

NOUN = Noun("Drills", "/drill-plans")
SCENARIOS = Noun("Drills", "/drill-scenarios")
_READ, _PLAN = "incident.read", "drill.plan"
Title = Annotated[str, Text(acts.TITLE_LIMIT)]
Zone = Annotated[str, Text(60)]
Clock = Annotated[str, Text(5, pattern=r"^[0-2][0-9]:[0-5][0-9]$")]


class DrillPlanRead(Read):
    """`weekday` 0 is Monday; `scenario` "" is the next in rotation, or is kept from
    whoever may be about to play it; `next_at` the next run that no drill was made for.

    `state`: active, paused.
    """

    id: str
    title: str
    kind: str
    scenario: str
    team: str
    schedule: str
    participants: list[Named]
    facilitator: Named
    weekday: int
    at: str
    zone: str
    every_weeks: int
    since: str
    announced: bool
    state: str
    reason: str
    next_at: Moment | None
    made_for: Moment | None


class DrillPlanWrite(Write):
    """Who takes part is named by team, schedule (whoever is on call then) or person."""

    title: Title
    kind: Kind
    weekday: Annotated[int, Number(0, 6)]
    at: Clock
    zone: Zone = "UTC"
    every_weeks: Annotated[int, Number(1, acts.MOST_WEEKS)] = 1
    since: Day | None = None
    scenario: Key | Literal[""] = ""
    team: Key | Literal[""] = ""
    schedule: Key | Literal[""] = ""
    participants: list[Id] = Field(default_factory=list)
    facilitator: Id | None = None
    announced: Yes = True


class DrillPlanPatch(Write):
    """Only what is named changes; drills that are made stay as they are."""

    title: Title | None = None
    kind: Kind | None = None
    weekday: Annotated[int, Number(0, 6)] | None = None
    at: Clock | None = None
    zone: Zone | None = None
    every_weeks: Annotated[int, Number(1, acts.MOST_WEEKS)] | None = None
    since: Day | None = None
    scenario: Key | Literal[""] | None = None
    team: Key | Literal[""] | None = None
    schedule: Key | Literal[""] | None = None
    participants: list[Id] | None = None
    facilitator: Id | None = None
    announced: Yes | None = None


class DrillPlanStateWrite(Write):
    """`paused` and `ended` take a reason."""

    state: Literal["active", "paused", "ended"]
    reason: Line = ""


class ScenarioLine(Read):
    key: str
    title: str
    kinds: list[str]
    summary: str
    aims: list[str]
    minutes: int
    restricted: bool


class ScenarioRead(ScenarioLine):
    """`steps` and `injects` are empty for whoever is to play it (`script` false)."""

    type: str
    severity: int
    template: str
    services: list[str]
    headline: str
    situation: str
    roles: list[str]
    script: bool
    steps: list[dict[str, Any]]
    injects: list[dict[str, Any]]


@NOUN.get("", _READ, Page[DrillPlanRead])
def list_drill_plans(request: Request, asked: Query[PageAsked]) -> Page[DrillPlanRead]:
    """Plans in the order they were made."""
    rows = acts.plans(request.act.who)
    return page(asked, rows, ("id",), lambda found: _told(request, found))


@NOUN.post("", _PLAN, DrillPlanRead)
def make_drill_plan(request: Request, body: DrillPlanWrite) -> DrillPlanRead:
    """A plan; its first drill is made three days before it takes place."""
    said = {k: v for k, v in body.model_dump().items() if v is not None}
    return _told(request, [acts.create(request.act, **said)])[0]


@NOUN.get("/{plan}", _READ, DrillPlanRead)
def get_drill_plan(request: Request, plan: Id) -> DrillPlanRead:
    return _told(request, [acts.find(plan, request.act.who)])[0]


@NOUN.patch("/{plan}", _PLAN, DrillPlanRead)
def change_drill_plan(request: Request, plan: Id, body: DrillPlanPatch) -> DrillPlanRead:
    """By its facilitator."""
    said = {k: v for k, v in body.model_dump().items() if v is not None}
    return _told(request, [acts.change(request.act, plan, **said)])[0]


@NOUN.put("/{plan}/state", _PLAN, DrillPlanRead)
def move_drill_plan(request: Request, plan: Id, body: DrillPlanStateWrite) -> DrillPlanRead:
    """Pause it, let it run again, or end it for good."""
    return _told(request, [acts.move(request.act, plan, body.state, body.reason)])[0]


@SCENARIOS.get("", _PLAN, Page[ScenarioLine])
def list_drill_scenarios(request: Request) -> Page[ScenarioLine]:
    """The library, by title."""
    return whole(ScenarioLine(**_brief(s)) for s in drill_scenarios.library())


@SCENARIOS.get("/{scenario}", _PLAN, ScenarioRead)
def get_drill_scenario(request: Request, scenario: Key) -> ScenarioRead:
    """One scenario; its script is left out for whoever is to play it soon."""
    found = drill_scenarios.find(scenario)
    script = drill_scenarios.may_read_script(scenario, request.act.who)
    plain = drill_scenarios.pinned(found)
    return ScenarioRead(
        **_brief(found), type=found.type, severity=found.severity, template=found.template,
        services=list(found.services), headline=found.headline, situation=found.situation, roles=list(found.roles),
        script=script, steps=plain["steps"] if script else [], injects=plain["injects"] if script else [],
    )  # fmt: skip


def _brief(s: Scenario) -> dict[str, Any]:
    return {
        "key": s.key, "title": s.title, "kinds": list(s.kinds), "summary": s.summary, "aims": list(s.aims),
        "minutes": s.minutes, "restricted": s.restricted,
    }  # fmt: skip


def _told(request: Request, rows: list[models.DrillPlan]) -> list[DrillPlanRead]:
    names = request.names.load([p for r in rows for p in (r.facilitator, *r.participants)])
    return [
        DrillPlanRead(
            id=r.id, title=r.title, kind=r.kind, scenario=r.scenario if acts.may_change(r, request.act.who) else "",
            team=r.team, schedule=r.schedule,
            participants=[names.of(p) for p in r.participants], facilitator=names.of(r.facilitator), weekday=r.weekday,
            at=r.at, zone=r.zone, every_weeks=r.every_weeks, since=r.since, announced=r.announced, state=r.state,
            reason=r.reason, next_at=r.next_at, made_for=r.made_for,
        )
        for r in rows
    ]  # fmt: skip
