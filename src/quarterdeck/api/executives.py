"""Executives and an incident: the brief, questions to the executive liaison, guidance, notes, command, counts."""

from __future__ import annotations

from typing import Annotated, Literal

from quarterdeck.app import executives as acts
from quarterdeck.app.casebook import Case
from quarterdeck.core.incidents.boundary import ExecQuestion as Part
from quarterdeck.core.incidents.boundary import Guidance as Given
from quarterdeck.core.incidents.exec_questions import may_answer, seen_by
from quarterdeck.core.kernel.refused import missing

from .doors import Request
from .fields import Id, IncidentId, Moment, Named, Read, Text, Write
from .operations import Noun
from .pages import Page, whole

_ROOT = "/incidents/{incident}"
BRIEF = Noun("Executives", f"{_ROOT}/executive-brief")
QUESTIONS = Noun("Executives", f"{_ROOT}/executive-questions")
GUIDANCE = Noun("Executives", f"{_ROOT}/guidance")
NOTES = Noun("Executives", f"{_ROOT}/executive-notes")
COMMAND = Noun("Executives", f"{_ROOT}/command-dialog")
BOUNDARY = Noun("Executives", f"{_ROOT}/boundary-events")
_READ, _ACT, _ANSWER = "brief.read", "executive.act", "incident.act"

State = Literal["held", "asked", "answered", "deferred", "decision", "declined", "merged", "automatic"]
GuidanceKind = Literal["objective", "priority", "constraint", "risk_appetite"]


class ExecutiveBrief(Read):
    """Without names. `sent` is the last written brief, empty before the first."""

    incident: str
    title: str
    severity: int
    phase: str
    since: Moment
    happened: str
    affected: str
    doing: str
    workaround: str
    you_can: str
    sent: str
    sent_at: Moment | None
    next_brief_at: Moment | None


class ExecutiveQuestion(Read):
    """`asked_by` and `passed_to` are told to the executive liaison only."""

    id: str
    kind: Literal["question", "note", "status"]
    text: str
    state: State
    mine: bool
    critical: bool
    reason: str
    asked_at: Moment
    held_until: Moment | None
    delivered_at: Moment | None
    answer: str
    answered_at: Moment | None
    next_brief_at: Moment | None
    merged_into: str
    asked_by: Named | None
    passed_to: Named | None


class ExecutiveQuestionWrite(Write):
    """`reason` is needed when it is critical. "status?" is answered at once."""

    text: Annotated[str, Text(1000, least=1)]
    critical: bool = False
    reason: Annotated[str, Text(300)] = ""


class ExecutiveAnswerWrite(Write):
    """`text` is needed with every state but deferred."""

    state: Literal["answered", "deferred", "decision", "declined"]
    text: Annotated[str, Text(4000)] = ""


class ExecutiveMergeWrite(Write):
    into: Id


class ExecutivePassWrite(Write):
    person: Id
    note: Annotated[str, Text(1000)] = ""


class StrategicGuidance(Read):
    id: str
    kind: GuidanceKind
    text: str
    given_at: Moment
    state: Literal["given", "accepted", "declined"]
    reason: str
    answered_at: Moment | None


class StrategicGuidanceWrite(Write):
    kind: GuidanceKind
    text: Annotated[str, Text(1000, least=1)]


class GuidanceAnswerWrite(Write):
    """`reason` is needed to decline."""

    accepted: bool
    reason: Annotated[str, Text(1000)] = ""


class ExecutiveNote(Read):
    """For the review; it changes nothing."""

    id: str
    about: Literal["severity", "decision"]
    subject: str
    text: str
    noted_at: Moment


class ExecutiveNoteWrite(Write):
    about: Literal["severity", "decision"]
    text: Annotated[str, Text(1000, least=1)]
    decision: Annotated[str, Text(40)] = ""


class CommandDialogWrite(Write):
    """The answer to "Do you wish to take command?". `text`: why, or with no, what is to be asked or said instead."""

    take: bool
    text: Annotated[str, Text(1000, least=1)]
    understood: bool = False


class CommandDialog(Read):
    """`handover`: the way command passes, when the answer was yes."""

    handover: str | None


class BoundaryEvent(Read):
    """Never with a name."""

    id: str
    kind: Literal["attempt", "not_taken", "off_channel"]
    what: str
    quote: str
    at: Moment


class BoundaryEventWrite(Write):
    what: Annotated[str, Text(120, least=1)]
    quote: Annotated[str, Text(1000)] = ""
    person: Annotated[str, Text(40)] = ""


class BoundaryEvents(Read):
    """Counts of what the records hold, and the records themselves."""

    questions: int
    critical: int
    status_demands: int
    attempts: int
    not_taken: int
    off_channel: int
    total: int
    events: list[BoundaryEvent]


@BRIEF.get("", _READ, ExecutiveBrief)
def executive_brief(request: Request, incident: IncidentId) -> ExecutiveBrief:
    """What happened, who is affected, what is done, and when the next brief comes."""
    case = acts.load(request.act, incident)
    now, b = case.incident, acts.brief(case, request.act.at)
    return ExecutiveBrief(
        incident=now.key, title=now.title, severity=now.severity, phase=now.phase, since=now.declared_at,
        happened=b.happened, affected=b.affected, doing=b.doing, workaround=b.workaround, you_can=b.you_can,
        sent=b.sent, sent_at=b.sent_at, next_brief_at=b.next_brief_at,
    )  # fmt: skip


@QUESTIONS.get("", _READ, Page[ExecutiveQuestion])
def list_executive_questions(request: Request, incident: IncidentId) -> Page[ExecutiveQuestion]:
    """One's own questions; for the executive liaison the whole queue. Everybody else has the counts."""
    case = acts.load(request.act, incident)
    found = seen_by(case.incident, case.template, request.act.who)
    request.names.load(p for q in found for p in (q.asked_by, q.passed_to) if p)
    return whole(_question(request, case, q) for q in found)


@QUESTIONS.post("", _ACT, ExecutiveQuestion)
def ask_executive_question(
    request: Request, incident: IncidentId, body: ExecutiveQuestionWrite
) -> ExecutiveQuestion:
    """Ask the executive liaison. One question until the next brief, unless it is critical."""
    asked = acts.ask(request.act, incident, body.text, critical=body.critical, reason=body.reason)
    return _question(request, acts.load(request.act, incident), asked.question)


@QUESTIONS.put("/{question}/answer", _ANSWER, ExecutiveQuestion)
def answer_executive_question(
    request: Request, incident: IncidentId, question: Id, body: ExecutiveAnswerWrite
) -> ExecutiveQuestion:
    """Answer, defer to the brief, name the decision it needs, or decline. By the executive liaison."""
    case = acts.answer(request.act, incident, question, body.state, body.text)
    return _question(request, case, case.incident.boundary.questions[question])


@QUESTIONS.put("/{question}/merge", _ANSWER, ExecutiveQuestion)
def merge_executive_question(
    request: Request, incident: IncidentId, question: Id, body: ExecutiveMergeWrite
) -> ExecutiveQuestion:
    """Two that ask the same: its answer is that of the other one."""
    case = acts.merge(request.act, incident, question, body.into)
    return _question(request, case, case.incident.boundary.questions[question])


@QUESTIONS.put("/{question}/pass-on", _ANSWER, ExecutiveQuestion)
def pass_on_executive_question(
    request: Request, incident: IncidentId, question: Id, body: ExecutivePassWrite
) -> ExecutiveQuestion:
    """Hand it to somebody who holds a role here; they are told."""
    case = acts.pass_on(request.act, incident, question, body.person, body.note)
    return _question(request, case, case.incident.boundary.questions[question])


@GUIDANCE.get("", _READ, Page[StrategicGuidance])
def list_guidance(request: Request, incident: IncidentId) -> Page[StrategicGuidance]:
    """Strategic guidance, in the order it was given, with the commander's answers."""
    case = acts.load(request.act, incident)
    return whole(_guidance(g) for g in case.incident.boundary.guidance.values())


@GUIDANCE.post("", _ACT, StrategicGuidance)
def give_guidance(request: Request, incident: IncidentId, body: StrategicGuidanceWrite) -> StrategicGuidance:
    """An objective, a priority, a constraint or how much may be risked. It becomes no task."""
    case = acts.guide(request.act, incident, body.kind, body.text)
    return _guidance(next(reversed(case.incident.boundary.guidance.values())))


@GUIDANCE.put("/{guidance}/answer", _ANSWER, StrategicGuidance)
def answer_guidance(
    request: Request, incident: IncidentId, guidance: Id, body: GuidanceAnswerWrite
) -> StrategicGuidance:
    """Accept it, or decline with a reason. By the commander."""
    case = acts.answer_guidance(request.act, incident, guidance, body.accepted, body.reason)
    return _guidance(case.incident.boundary.guidance[guidance])


@NOTES.get("", "review.read", Page[ExecutiveNote])
def list_executive_notes(request: Request, incident: IncidentId) -> Page[ExecutiveNote]:
    """What executives want the review to look at, without names."""
    case = acts.load(request.act, incident)
    return whole(_note(case, key) for key in case.incident.boundary.notes)


@NOTES.post("", _ACT, ExecutiveNote)
def leave_executive_note(request: Request, incident: IncidentId, body: ExecutiveNoteWrite) -> ExecutiveNote:
    """Doubt the severity, or be of another mind about a decision: for the review. Nothing changes now."""
    case = acts.note(request.act, incident, body.about, body.text, body.decision)
    return _note(case, next(reversed(case.incident.boundary.notes)))


@COMMAND.post("", _ACT, CommandDialog)
def answer_command_dialog(request: Request, incident: IncidentId, body: CommandDialogWrite) -> CommandDialog:
    """Do you wish to take command? Yes starts the handover, no puts the text into the queue of questions."""
    if not body.take:
        acts.leave_command(request.act, incident, body.text)
        return CommandDialog(handover=None)
    case = acts.take_command(request.act, incident, body.text, body.understood)
    mine = [h for h in case.incident.handovers.values() if h.is_open and h.to_person == request.act.person]
    return CommandDialog(handover=mine[-1].id if mine else None)


@BOUNDARY.get("", _READ, BoundaryEvents)
def list_boundary_events(request: Request, incident: IncidentId) -> BoundaryEvents:
    """How often executives reached into this incident, in counts and quotes."""
    return _boundary(acts.load(request.act, incident))


@BOUNDARY.post("", _ANSWER, BoundaryEvents)
def write_boundary_event(request: Request, incident: IncidentId, body: BoundaryEventWrite) -> BoundaryEvents:
    """Write down a request that came past the executive liaison. By them or the commander."""
    return _boundary(acts.off_channel(request.act, incident, body.what, body.quote, body.person))


def _question(request: Request, case: Case, q: Part) -> ExecutiveQuestion:
    queue = may_answer(case.incident, case.template, request.act.who)
    clock = acts.brief(case, request.act.at).next_brief_at
    waits = q.state in ("deferred", "automatic")
    return ExecutiveQuestion(
        id=q.id, kind=q.kind, text=q.text, state=q.state, mine=request.act.person in q.askers, critical=q.critical,
        reason=q.reason, asked_at=q.asked_at, held_until=q.held_until, delivered_at=q.delivered_at, answer=q.answer,
        answered_at=q.answered_at, next_brief_at=clock if waits else None, merged_into=q.merged_into,
        asked_by=request.names.of(q.asked_by) if queue else None,
        passed_to=request.names.maybe(q.passed_to) if queue else None,
    )  # fmt: skip


def _guidance(g: Given) -> StrategicGuidance:
    return StrategicGuidance(
        id=g.id, kind=g.kind, text=g.text, given_at=g.given_at, state=g.state, reason=g.reason,
        answered_at=g.answered_at,
    )  # fmt: skip


def _note(case: Case, key: str) -> ExecutiveNote:
    found = case.incident.boundary.notes.get(key)
    if found is None:
        raise missing("note.unknown", "There is no such note in this incident.")
    return ExecutiveNote(
        id=found.id, about=found.about, subject=found.subject, text=found.text, noted_at=found.noted_at
    )


def _boundary(case: Case) -> BoundaryEvents:
    n = acts.count(case.incident)
    return BoundaryEvents(
        questions=n.questions, critical=n.critical, status_demands=n.status_demands, attempts=n.attempts,
        not_taken=n.not_taken, off_channel=n.off_channel, total=n.total,
        events=[
            BoundaryEvent(id=c.id, kind=c.kind, what=c.what, quote=c.quote, at=c.at)
            for c in case.incident.boundary.crossings.values()
        ],
    )  # fmt: skip
