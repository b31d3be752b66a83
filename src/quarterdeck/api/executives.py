"""Executives and an incident: the brief as it stands, and questions to the executive liaison."""

from __future__ import annotations

from typing import Annotated, Literal

from quarterdeck.app.casebook import Case
from quarterdeck.app.executives import executives as acts
from quarterdeck.core.incidents.boundary import ExecQuestion as Part
from quarterdeck.core.incidents.exec_questions import may_answer, seen_by

from .doors import Request
from .fields import Id, IncidentId, Moment, Named, Read, Text, Write, Yes
from .operations import Noun
from .pages import Page, whole

_ROOT = "/incidents/{incident}"
BRIEF = Noun("Executives", f"{_ROOT}/executive-brief")
QUESTIONS = Noun("Executives", f"{_ROOT}/executive-questions")
_READ, _ACT, _ANSWER = "brief.read", "executive.act", "incident.act"

State = Literal["held", "asked", "answered", "deferred", "decision", "declined", "merged", "automatic"]


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
    critical: Yes = False
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
