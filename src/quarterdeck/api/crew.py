"""Who is here and what they do: check-ins, releases, roll calls, reliefs, safety stops, supposed causes, experts."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Query
from pydantic import Field

from quarterdeck.app.casebook import load
from quarterdeck.app.incidents import crew as acts
from quarterdeck.app.incidents import picker, record, reserve
from quarterdeck.core.incidents import crew as parts

from .doors import Request
from .fields import (
    Asked,
    Id,
    IncidentId,
    Key,
    Line,
    LongLine,
    Moment,
    Named,
    Number,
    Prose,
    Read,
    Text,
    When,
    Word,
    Write,
)
from .names import must_be_active
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Crew", "/incidents/{incident}")
EXPERTS = Noun("Crew", "/experts")


class Here(Read):
    """`left_at` is set for whoever was let go."""

    person: Named
    since: Moment
    doing: str
    organisation: str
    guest: bool
    left_at: Moment | None


class RollCall(Read):
    """`silent` are those who were asked and have not answered."""

    id: str
    started_by: Named
    started_at: Moment
    here: list[Named]
    away: list[Named]
    silent: list[Named]
    ended_at: Moment | None


class Relief(Read):
    """`state`: planned, called, cancelled."""

    id: str
    role: str
    person: Named
    starts_at: Moment
    state: str


class SafetyStop(Read):
    """`what`: everything, task, workstream; `subject` its id. Open while `cleared_at` is null."""

    id: str
    what: str
    subject: str
    title: str
    reason: str
    ordered_by: Named
    ordered_at: Moment
    cleared_at: Moment | None
    clearance: str


class Hypothesis(Read):
    """`state`: proposed, testing, confirmed, refuted."""

    id: str
    text: str
    owner: Named | None
    stated_by: Named
    stated_at: Moment
    state: str
    evidence: str


class Expert(Read):
    """Best first. `hours_on_duty` within a day; `note` says in words what to know before choosing."""

    person: Named
    skills: list[str]
    on_call: list[str]
    load: int
    overloaded: bool
    tired: bool
    hours_on_duty: float
    local_time: str
    note: str


class CheckInWrite(Write):
    doing: Annotated[str, Text(200)] = ""


class PersonReleaseWrite(Write):
    """`override_reason` lets somebody go although something is open that is theirs."""

    reason: Line = ""
    override_reason: Line = ""


class CrewReasonWrite(Write):
    reason: Line = ""


class RollAnswerWrite(Write):
    answer: Literal["here", "away"] = "here"


class ReliefWrite(Write):
    role: Key
    person: Id
    starts_at: When


class StopWrite(Write):
    reason: Annotated[str, Text(500, least=1)]
    what: Literal["everything", "task", "workstream"] = "everything"
    subject: Id | None = None


class ClearanceWrite(Write):
    clearance: LongLine


class HypothesisWrite(Write):
    text: Annotated[str, Text(1000, least=1)]
    owner: Id | None = None


class JudgementWrite(Write):
    state: Literal["proposed", "testing", "confirmed", "refuted"]
    evidence: Annotated[str, Text(2000)] = ""


class CanWrite(Write):
    """Condition, actions, needs. `task` answers a request for such a report."""

    condition: Prose
    actions: Prose = ""
    needs: Prose = ""
    task: Id | None = None


class ReserveWrite(Write):
    team: Key
    count: Annotated[int, Number(1, 20)]
    skill: Word = ""
    reason: Line


class ExpertsAsked(Asked):
    skill: Annotated[str, Text(60)] = ""
    service: Key | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


@NOUN.get("/crew", "incident.read", Page[Here])
def list_crew(request: Request, incident: IncidentId) -> Page[Here]:
    """Who checked in, and who was let go."""
    case = load(incident, request.act.who)
    names = request.names.load(case.incident.crew.presence)
    return whole(
        Here(
            person=names.of(p.person), since=p.since, doing=p.doing, organisation=p.organisation,
            guest=p.guest, left_at=p.left_at,
        )
        for p in case.incident.crew.presence.values()
    )  # fmt: skip


@NOUN.put("/crew/me", "incident.act")
def check_in(request: Request, incident: IncidentId, body: CheckInWrite | None = None) -> None:
    """I am here, and what as."""
    acts.check_in(request.act, incident, body.doing if body else "")


@NOUN.put("/crew/{person}/release", "incident.act")
def release_person(
    request: Request, incident: IncidentId, person: Id, body: PersonReleaseWrite | None = None
) -> None:
    """Let somebody go with all they hold; nobody asks them for anything any more."""
    said = body or PersonReleaseWrite()
    acts.release(request.act, incident, person, said.reason, said.override_reason)


@NOUN.put("/crew/{person}/recall", "incident.act")
def recall_person(
    request: Request, incident: IncidentId, person: Id, body: CrewReasonWrite | None = None
) -> None:
    """Call somebody back who was let go."""
    acts.recall(request.act, incident, person, body.reason if body else "")


@NOUN.get("/roll-calls", "incident.read", Page[RollCall])
def list_roll_calls(request: Request, incident: IncidentId) -> Page[RollCall]:
    """Every roll call of the incident, the latest last."""
    return whole(_roll(request, r) for r in load(incident, request.act.who).incident.crew.roll_calls.values())


@NOUN.post("/roll-calls", "incident.act", RollCall)
def start_roll_call(request: Request, incident: IncidentId) -> RollCall:
    """Ask every responder: are you here?"""
    case = acts.start_roll_call(request.act, incident)
    return _roll(request, next(reversed(case.incident.crew.roll_calls.values())))


@NOUN.put("/roll-calls/{roll}/answer", "incident.read", RollCall)
def answer_roll_call(
    request: Request, incident: IncidentId, roll: Id, body: RollAnswerWrite | None = None
) -> RollCall:
    """One's own answer."""
    case = acts.answer_roll_call(request.act, incident, roll, body.answer if body else "here")
    return _roll(request, case.incident.crew.roll_calls[roll])


@NOUN.put("/roll-calls/{roll}/end", "incident.act", RollCall)
def end_roll_call(request: Request, incident: IncidentId, roll: Id) -> RollCall:
    """No more waiting: who did not answer is written down."""
    return _roll(request, acts.end_roll_call(request.act, incident, roll).incident.crew.roll_calls[roll])


@NOUN.get("/reliefs", "incident.read", Page[Relief])
def list_reliefs(request: Request, incident: IncidentId) -> Page[Relief]:
    """Who relieves whom, and when."""
    found = load(incident, request.act.who).incident.crew.reliefs.values()
    return whole(_relief(request, r) for r in sorted(found, key=lambda r: r.starts_at))


@NOUN.post("/reliefs", "incident.act", Relief)
def plan_relief(request: Request, incident: IncidentId, body: ReliefWrite) -> Relief:
    """Plan who takes a role next."""
    case = acts.plan_relief(request.act, incident, body.role, body.person, body.starts_at)
    return _relief(request, next(reversed(case.incident.crew.reliefs.values())))


@NOUN.put("/reliefs/{relief}/cancellation", "incident.act", Relief)
def cancel_relief(
    request: Request, incident: IncidentId, relief: Id, body: CrewReasonWrite | None = None
) -> Relief:
    """Somebody else will."""
    case = acts.cancel_relief(request.act, incident, relief, body.reason if body else "")
    return _relief(request, case.incident.crew.reliefs[relief])


@NOUN.get("/safety-stops", "incident.read", Page[SafetyStop])
def list_safety_stops(request: Request, incident: IncidentId) -> Page[SafetyStop]:
    """Every halt for safety."""
    return whole(_stop(request, s) for s in load(incident, request.act.who).incident.crew.stops.values())


@NOUN.post("/safety-stops", "incident.act", SafetyStop)
def order_safety_stop(request: Request, incident: IncidentId, body: StopWrite) -> SafetyStop:
    """Halt a task, a workstream or everything; every responder is told at once."""
    case = acts.stop(request.act, incident, body.reason, body.what, body.subject or "")
    return _stop(request, next(reversed(case.incident.crew.stops.values())))


@NOUN.put("/safety-stops/{stop}/clearance", "incident.act", SafetyStop)
def clear_safety_stop(request: Request, incident: IncidentId, stop: Id, body: ClearanceWrite) -> SafetyStop:
    """It is safe to go on."""
    case = acts.clear_stop(request.act, incident, stop, body.clearance)
    return _stop(request, case.incident.crew.stops[stop])


@NOUN.get("/hypotheses", "incident.read", Page[Hypothesis])
def list_hypotheses(request: Request, incident: IncidentId) -> Page[Hypothesis]:
    """Supposed causes and how they stand."""
    return whole(
        _supposed(request, h) for h in load(incident, request.act.who).incident.crew.hypotheses.values()
    )


@NOUN.post("/hypotheses", "incident.act", Hypothesis)
def state_hypothesis(request: Request, incident: IncidentId, body: HypothesisWrite) -> Hypothesis:
    """Suppose a cause, and name who tests it."""
    if body.owner:
        must_be_active(body.owner, "owner")
    case = acts.state_hypothesis(request.act, incident, body.text, body.owner or "")
    return _supposed(request, next(reversed(case.incident.crew.hypotheses.values())))


@NOUN.put("/hypotheses/{hypothesis}/judgement", "incident.act", Hypothesis)
def judge_hypothesis(
    request: Request, incident: IncidentId, hypothesis: Id, body: JudgementWrite
) -> Hypothesis:
    """Confirmed or refuted, with what shows it."""
    case = acts.judge_hypothesis(request.act, incident, hypothesis, body.state, body.evidence)
    return _supposed(request, case.incident.crew.hypotheses[hypothesis])


@NOUN.post("/can-reports", "incident.act", None, status=204)
def report_can(request: Request, incident: IncidentId, body: CanWrite) -> None:
    """Report condition, actions and needs."""
    record.report_can(request.act, incident, body.condition, body.actions, body.needs, body.task or "")


@NOUN.post("/reserves", "incident.act", Page[Named])
def activate_reserve(request: Request, incident: IncidentId, body: ReserveWrite) -> Page[Named]:
    """Call people of a reserve team, the fittest first; who was called is the answer."""
    _, called = reserve.activate(request.act, incident, body.team, body.count, body.skill, body.reason)
    names = request.names.load(called)
    return whole(names.of(p) for p in called)


@EXPERTS.get("", "person.read", Page[Expert])
def find_experts(request: Request, asked: Query[ExpertsAsked]) -> Page[Expert]:
    """Who knows this skill or service: on call and fresh first."""
    services = (asked.service,) if asked.service else ()
    wanted = tuple(w for w in (asked.skill, *services) if w)
    found = picker.candidates(request.act.at, wanted, services, who=request.act.who)
    if asked.skill:
        found = [c for c in found if c.skills]
    return whole(
        Expert(
            person=Named(id=c.person.id, name=c.person.name), skills=list(c.skills), on_call=list(c.on_call),
            load=c.load, overloaded=c.overloaded, tired=c.tired, hours_on_duty=c.strain.hours,
            local_time=c.local, note=c.note,
        )
        for c in found[: asked.limit]
    )  # fmt: skip


def _roll(request: Request, r: parts.RollCall) -> RollCall:
    names = request.names.load((r.started_by, *r.asked))
    said = {word: [names.of(p) for p, a in r.answers.items() if a == word] for word in ("here", "away")}
    return RollCall(
        id=r.id, started_by=names.of(r.started_by), started_at=r.started_at, here=said["here"],
        away=said["away"], silent=[names.of(p) for p in r.silent], ended_at=r.ended_at,
    )  # fmt: skip


def _relief(request: Request, r: parts.Relief) -> Relief:
    return Relief(
        id=r.id, role=r.role, person=request.names.of(r.person), starts_at=r.starts_at, state=r.state
    )


def _stop(request: Request, s: parts.SafetyStop) -> SafetyStop:
    return SafetyStop(
        id=s.id, what=s.what, subject=s.subject, title=s.title, reason=s.reason,
        ordered_by=request.names.of(s.ordered_by), ordered_at=s.ordered_at, cleared_at=s.cleared_at,
        clearance=s.clearance,
    )  # fmt: skip


def _supposed(request: Request, h: parts.Hypothesis) -> Hypothesis:
    return Hypothesis(
        id=h.id, text=h.text, owner=request.names.maybe(h.owner), stated_by=request.names.of(h.stated_by),
        stated_at=h.stated_at, state=h.state, evidence=h.evidence,
    )  # fmt: skip
