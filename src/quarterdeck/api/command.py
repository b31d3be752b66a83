"""Who leads and what is going on, for reading: the command panel, the chart, the summary for a late joiner."""

from __future__ import annotations

from dataclasses import fields

from quarterdeck.app import briefing
from quarterdeck.app.casebook import load
from quarterdeck.core.incidents import chart as places

from .doors import Request
from .fields import IncidentId, Moment, Named, Read
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Command", "/incidents/{incident}")


class Holder(Read):
    """`assignment` is what a release or a handover names."""

    assignment: str
    person: Named
    since: Moment


class RoleLine(Read):
    """A role with its holders. `vacant`: it is required and nobody holds it; `called` have not answered yet."""

    role: str
    title: str
    required: bool
    vacant: bool
    holders: list[Holder]
    called: list[Named]
    unreachable: str


class TaskNow(Read):
    id: str
    title: str
    assignee: Named
    state: str
    minutes: int
    due_at: Moment
    late: bool


class NextUpdate(Read):
    """The next promise to an audience, and who keeps it."""

    audience: str
    title: str
    due_at: Moment
    overdue: bool
    owner: Named | None


class Command(Read):
    """The same words as on the page, in chat and on the command line. Times in `line` and `text` are UTC.

    `text` is the whole panel in lines: what a chat answers to "status".
    """

    line: str
    text: list[str]
    commander: Holder | None
    deputy: Holder | None
    roles: list[RoleLine]
    tasks_now: list[TaskNow]
    next_update: NextUpdate | None


class ChartPlace(Read):
    """`reports_to` is the assignment above, null at the top; `depth` 0 is the top."""

    assignment: str
    role: str
    title: str
    person: Named
    depth: int
    reports_to: str | None


class CatchUp(Read):
    """A dozen sentences for whoever joins late; `unknown` names the facts nobody has written yet."""

    lines: list[str]
    facts: dict[str, str]
    unknown: list[str]


@NOUN.get("/command", "incident.read", Command)
def get_command(request: Request, incident: IncidentId) -> Command:
    """Who is in charge, roles and vacancies, who does what now, the next update due."""
    case = load(incident, request.act.who)
    brief = briefing.command(case, request.act.at)
    plain = {f.name: getattr(brief, f.name) for f in fields(brief)}
    return Command.model_validate(plain | {"text": list(brief.text(briefing.utc_clock))})


@NOUN.get("/chart", "incident.read", Page[ChartPlace])
def get_chart(request: Request, incident: IncidentId) -> Page[ChartPlace]:
    """The organisation of the incident: who reports to whom, top first."""
    case = load(incident, request.act.who)
    found = places(case.incident, case.template)
    names = request.names.load(p.assignment.person for p in found)
    titles = {r.key: r.title for r in case.template.roles}
    return whole(
        ChartPlace(
            assignment=p.assignment.id,
            role=p.assignment.role,
            title=titles.get(p.assignment.role, p.assignment.role.capitalize()),
            person=names.of(p.assignment.person),
            depth=p.depth,
            reports_to=p.above.id if p.above else None,
        )
        for p in found
    )


@NOUN.get("/catch-up", "incident.read", CatchUp)
def get_catch_up(request: Request, incident: IncidentId) -> CatchUp:
    """What a late joiner reads first."""
    case = load(incident, request.act.who)
    return CatchUp.model_validate(briefing.catch_up(case, request.act.at))
