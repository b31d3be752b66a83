"""Who leads and what is going on, for reading: the command panel, the chart, the summary for a late joiner."""

from __future__ import annotations

from dataclasses import fields

from quarterdeck.app.casebook import load
from quarterdeck.app.incidents import briefing
from quarterdeck.app.incidents import command as acts
from quarterdeck.app.incidents.briefing import utc_clock
from quarterdeck.core.incidents import chart as places
from quarterdeck.core.incidents.staffing import SPAN_MOST, spans
from quarterdeck.core.incidents.transfer import HEADINGS, snapshot

from .doors import Request
from .fields import IncidentId, Line, LongLine, Moment, Named, Read, Write
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
    """`reports_to` is the assignment above, null at the top; `depth` 0 is the top. `also` are further roles of the same
    person; a `trainee` learns or acts under a mentor; `domain` is what a deputy looks after.
    """

    assignment: str
    role: str
    title: str
    person: Named
    depth: int
    reports_to: str | None
    also: list[str]
    trainee: bool
    domain: str


class SpanLine(Read):
    """`advice` says what to do when more than `most` people report to one; else it is empty."""

    supervisor: Named
    assignment: str
    reports: int
    most: int
    advice: str


class Transfer(Read):
    """`headings` names each key of `texts`, in the order they are told."""

    headings: dict[str, str]
    texts: dict[str, str]


class UnifiedWrite(Write):
    reason: Line


class AgreementWrite(Write):
    subject: LongLine


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
            also=[titles.get(a.role, a.role.capitalize()) for a in p.also],
            trainee=bool(p.assignment.mentor) or p.assignment.role == "shadow",
            domain=p.assignment.domain,
        )
        for p in found
    )


@NOUN.get("/spans", "incident.read", Page[SpanLine])
def get_spans(request: Request, incident: IncidentId) -> Page[SpanLine]:
    """Span of control: how many people report to each supervisor, with advice when they are too many."""
    case = load(incident, request.act.who)
    found = spans(case.incident, case.template)
    names = request.names.load(s.supervisor.person for s in found)
    return whole(
        SpanLine(
            supervisor=names.of(s.supervisor.person),
            assignment=s.supervisor.id,
            reports=len(s.reports),
            most=SPAN_MOST,
            advice=s.advice,
        )
        for s in found
    )


@NOUN.get("/transfer", "incident.read", Transfer)
def get_transfer(request: Request, incident: IncidentId) -> Transfer:
    """What a successor in command is told, written from the incident as it stands (ICS 201)."""
    case = load(incident, request.act.who)
    names = case.directory(request.act.at).name
    return Transfer(headings=dict(HEADINGS), texts=snapshot(case.incident, case.template, names, utc_clock))


@NOUN.put("/unified-command", "incident.act")
def unify_command(request: Request, incident: IncidentId, body: UnifiedWrite) -> None:
    """Several agencies command together from now on, where the structure allows it; the commander speaks."""
    acts.unify(request.act, incident, body.reason)


@NOUN.delete("/unified-command", "incident.act")
def end_unified_command(request: Request, incident: IncidentId) -> None:
    """Back to one commander who decides alone."""
    acts.end_unified(request.act, incident)


@NOUN.put("/unified-command/agreement", "incident.act")
def agree(request: Request, incident: IncidentId, body: AgreementWrite) -> None:
    """A member of the unified command agrees to a decision, named by its question."""
    acts.agree(request.act, incident, body.subject)


@NOUN.get("/catch-up", "incident.read", CatchUp)
def get_catch_up(request: Request, incident: IncidentId) -> CatchUp:
    """What a late joiner reads first."""
    case = load(incident, request.act.who)
    return CatchUp.model_validate(briefing.catch_up(case, request.act.at))
