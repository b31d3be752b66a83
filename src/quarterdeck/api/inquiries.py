"""The inquiry desk: taking in, assigning, answering, escalating and following up; and how many customers report."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Query
from pydantic import Field

from quarterdeck.app.comms import customer_reports as reports
from quarterdeck.app.desk import customer_escalations as issues
from quarterdeck.app.desk import inquiries as acts
from quarterdeck.app.desk import inquiry_answers as answers
from quarterdeck.core.incidents import inquiries as core
from quarterdeck.core.kernel.moments import text as moment_text
from quarterdeck.store import models

from .doors import Request
from .fields import (
    Flag,
    Id,
    IncidentId,
    Line,
    LongLine,
    Moment,
    Named,
    Number,
    Read,
    Text,
    Url,
    When,
    Word,
    Write,
    Yes,
)
from .operations import Noun
from .pages import Page, PageAsked, page

NOUN = Noun("Inquiries", "/inquiries")
ISSUES = Noun("Inquiries", "/customer-escalations")
REPORTS = Noun("Inquiries", "/incidents/{incident}/customer-reports")
QUESTIONS = Noun("Inquiries", "/staff-questions")
_READ, _WORK, _ASK = "incident.read", acts.WORK, acts.ASK
Kind = Literal[tuple(core.KINDS)]  # type: ignore[valid-type]
Channel = Literal[tuple(core.CHANNELS)]  # type: ignore[valid-type]
Tier = Literal[tuple(core.TIERS)]  # type: ignore[valid-type]
Sentiment = Literal[tuple(core.SENTIMENTS)]  # type: ignore[valid-type]
FollowUp = Literal[tuple(core.FOLLOW_UPS)]  # type: ignore[valid-type]
Priority = Literal[tuple(core.PRIORITIES)]  # type: ignore[valid-type]
Target = Literal[core.TARGETS]  # type: ignore[valid-type]
Ids = Annotated[list[Id], Field(min_length=1, max_length=acts.MOST_AT_ONCE)]
Long = Annotated[str, Text(acts.QUESTION_LIMIT, least=1)]
Words = Annotated[str, Text(acts.ANSWER_LIMIT)]


class InquiryRecord(Read):
    """`state`: new, assigned, escalated, answered, closed. `message` is the sent text it was answered from, `stale`
    that this text was no longer the newest. `repeats`: how often the same was asked.
    """

    id: str
    incident: str | None
    kind: str
    channel: str
    tier: str
    customer: str
    contact: str
    outlet: str
    topic: str
    question: str
    sentiment: str
    deadline: Moment | None
    owner: Named | None
    state: str
    follow_up: str
    answer: str
    message: str | None
    stale: bool
    answer_link: str
    answered_by: Named | None
    answered_at: Moment | None
    faq: bool
    source: str
    external_id: str
    repeats: int
    asked_at: Moment


class InquiryWrite(Write):
    """`source` and `external_id` are another tool's: the same pair twice is one inquiry. The press names `outlet`."""

    question: Long
    kind: Kind = "customer"
    channel: Channel = "api"
    incident: IncidentId | None = None
    tier: Tier = ""
    customer: Annotated[str, Text(200)] = ""
    contact: Line = ""
    outlet: Annotated[str, Text(200)] = ""
    topic: Annotated[str, Text(200)] = ""
    sentiment: Sentiment = ""
    deadline: When | None = None
    source: Word = ""
    external_id: Annotated[str, Text(200)] = ""


class InquiriesAsked(PageAsked):
    """`owner` "none": nobody's. `is_open`: neither answered nor closed."""

    kind: Annotated[str, Text(20)] = ""
    state: Annotated[str, Text(20)] = ""
    owner: Annotated[str, Text(40)] = ""
    incident: Annotated[str, Text(20)] = ""
    is_open: Flag | None = None


class InquiryPatch(Write):
    """Only what is named changes; `incident` "" takes it away from one."""

    incident: Annotated[str, Text(13)] | None = None
    sentiment: Sentiment | None = None
    tier: Tier | None = None
    topic: Annotated[str, Text(200)] | None = None
    deadline: When | None = None


class BulkWrite(Write):
    """One act on up to 200 inquiries: all of them or none. What an act needs beside the ids: assign `owner` (null takes
    back), answer `message` (and `anyway`), link `incident`, follow_up `follow_up`, close `reason`.
    """

    ids: Ids
    act: Literal["assign", "answer", "link", "follow_up", "close"]
    owner: Id | None = None
    message: Id | None = None
    anyway: Yes = False
    incident: IncidentId | None = None
    follow_up: FollowUp = ""
    reason: LongLine = ""


class InquiryAnswerWrite(Write):
    """`message` is a sent text. `text` is for questions of staff only; `publish` puts those on their page."""

    message: Id | None = None
    text: Words = ""
    link: Url = ""
    anyway: Yes = False
    publish: Yes = False


class SentText(Read):
    """`stale` says why it may no longer be so; empty where it is the newest word."""

    message: str
    audience: str
    text: str
    sent_at: Moment | None
    stale: list[str]


class IssueWrite(Write):
    target: Target
    priority: Priority
    reason: Annotated[str, Text(400, least=1)]


class IssueRecord(Read):
    """`due_at` is by when it is to be dealt with; `late_at` when that time was found to be over."""

    id: str
    inquiry: str
    incident: str
    target: str
    priority: str
    reason: str
    person: Named
    raised_by: Named
    raised_at: Moment
    due_at: Moment
    late_at: Moment | None
    outcome: str
    closed_by: Named | None
    closed_at: Moment | None


class InquiryOutcomeWrite(Write):
    outcome: Annotated[str, Text(acts.NOTE_LIMIT, least=1)]


class ReportCount(Read):
    """`course`: new reports in each of 24 equal parts of the time since the declaration."""

    customers: int
    course: list[int]


class CustomerReportWrite(Write):
    """So many more customers; the same `source` and `external_id` twice is counted once."""

    customers: Annotated[int, Number(1, reports.MOST)]
    source: Word = "import"
    external_id: Annotated[str, Text(200)] = ""


class StaffQuestionWrite(Write):
    question: Long
    incident: IncidentId | None = None


class StaffQuestion(Read):
    question: str
    answer: str
    published_at: Moment


@NOUN.get("", _READ, Page[InquiryRecord])
def list_inquiries(request: Request, asked: Query[InquiriesAsked]) -> Page[InquiryRecord]:
    """Inquiries, the latest first."""
    rows = acts.inquiries(request.act.who)
    for name in ("kind", "state"):
        if getattr(asked, name):
            rows = rows.filter(**{name: getattr(asked, name)})
    if asked.incident:
        rows = rows.filter(incident_id=asked.incident)
    if asked.owner:
        rows = rows.filter(owner="" if asked.owner == "none" else asked.owner)
    if asked.is_open is not None:
        some = rows.filter(state__in=core.OPEN_STATES)
        rows = some if asked.is_open else rows.exclude(state__in=core.OPEN_STATES)
    return page(asked, rows, ("-asked_at", "-id"), lambda found: _all(request, found))


@NOUN.post("", _WORK, InquiryRecord)
def take_inquiry(request: Request, body: InquiryWrite) -> InquiryRecord:
    """Write down what somebody asks. What is known already is counted there."""
    said = body.model_dump(exclude={"incident"})
    return _told(request, acts.take(request.act, acts.Asked(incident_id=body.incident or "", **said)))


@NOUN.post("/bulk", _WORK, Page[InquiryRecord], status=200)
def change_inquiries(request: Request, body: BulkWrite) -> Page[InquiryRecord]:
    act = request.act
    match body.act:
        case "assign":
            found = acts.assign(act, body.ids, body.owner or "")
        case "answer":
            found = answers.answer_many(act, body.ids, body.message or "", anyway=body.anyway)
        case "link":
            found = acts.link(act, body.ids, body.incident or "")
        case "follow_up":
            found = acts.follow_up(act, body.ids, body.follow_up)
        case _:
            found = acts.close(act, body.ids, body.reason)
    return Page(items=_all(request, found), next=None)


@NOUN.get("/{inquiry}", _READ, InquiryRecord)
def get_inquiry(request: Request, inquiry: Id) -> InquiryRecord:
    return _told(request, acts.find(inquiry, request.act.who))


@NOUN.patch("/{inquiry}", _WORK, InquiryRecord)
def change_inquiry(request: Request, inquiry: Id, body: InquiryPatch) -> InquiryRecord:
    said = body.model_dump(exclude={"incident"})
    return _told(request, acts.change(request.act, inquiry, incident_id=body.incident, **said))


@NOUN.get("/{inquiry}/texts", _READ, list[SentText])
def list_answers(request: Request, inquiry: Id) -> list[SentText]:
    """The sent texts it may be answered from, the newest first."""
    found = answers.texts(request.act, acts.find(inquiry, request.act.who))
    return [
        SentText(message=m.id, audience=m.audience, text=t, sent_at=m.sent_at, stale=s) for m, t, s in found
    ]


@NOUN.put("/{inquiry}/answer", _WORK, InquiryRecord)
def answer_inquiry(request: Request, inquiry: Id, body: InquiryAnswerWrite) -> InquiryRecord:
    """From a sent text. A stale one is refused (409) with the reasons, unless `anyway`."""
    made = answers.answer(
        request.act, inquiry, message_id=body.message or "", text=body.text, link=body.link, anyway=body.anyway,
        publish=body.publish,
    )  # fmt: skip
    return _told(request, made)


@NOUN.post("/{inquiry}/escalations", _WORK, IssueRecord)
def escalate_inquiry(request: Request, inquiry: Id, body: IssueWrite) -> IssueRecord:
    """Pages whoever holds the role, and starts the time for it."""
    made = issues.raise_issue(
        request.act, inquiry, target=body.target, priority=body.priority, reason=body.reason
    )
    return _issue(request, made)


@ISSUES.get("", _READ, Page[IssueRecord])
def list_customer_escalations(request: Request, asked: Query[PageAsked]) -> Page[IssueRecord]:
    """Issues that were escalated, the latest first."""
    rows = issues.escalations(request.act.who)
    return page(asked, rows, ("-raised_at", "-id"), lambda found: [_issue(request, r) for r in found])


@ISSUES.put("/{escalation}/outcome", _WORK, IssueRecord)
def close_customer_escalation(request: Request, escalation: Id, body: InquiryOutcomeWrite) -> IssueRecord:
    """Dealt with; the inquiry is open again for its answer."""
    return _issue(request, issues.close(request.act, escalation, body.outcome))


@REPORTS.get("", _READ, ReportCount)
def get_customer_reports(request: Request, incident: IncidentId) -> ReportCount:
    course = reports.course(incident, request.act.who, request.act.at)
    return ReportCount(customers=reports.total(incident), course=course)


@REPORTS.post("", _WORK, ReportCount)
def bring_customer_reports(request: Request, incident: IncidentId, body: CustomerReportWrite) -> ReportCount:
    """So many more customers, from another tool. The commander is told at thresholds."""
    reports.bring(request.act, incident, body.customers, body.source, body.external_id)
    return get_customer_reports(request, incident)


@QUESTIONS.get("", _ASK, list[StaffQuestion])
def list_staff_questions(request: Request) -> list[StaffQuestion]:
    """What staff asked and was answered, the newest first."""
    return [StaffQuestion.model_validate(f) for f in answers.staff_questions(request.act)]


@QUESTIONS.post("", _ASK, dict[str, str])
def ask_staff_question(request: Request, body: StaffQuestionWrite) -> dict[str, str]:
    """A question of staff; the answer of the desk comes to the page of questions."""
    made = acts.ask(request.act, body.question, body.incident or "")
    return {"id": made.id, "asked_at": moment_text(made.asked_at)}


def _all(request: Request, rows: list[models.Inquiry]) -> list[InquiryRecord]:
    request.names.load({r.owner for r in rows} | {r.answered_by for r in rows})
    return [_told(request, r) for r in rows]


def _told(request: Request, row: models.Inquiry) -> InquiryRecord:
    same = {k: getattr(row, k) for k in InquiryRecord.model_fields if hasattr(row, k)}
    names = request.names
    return InquiryRecord(**same | {
        "incident": row.incident_id or None, "message": row.message_id or None, "owner": names.maybe(row.owner),
        "answered_by": names.maybe(row.answered_by),
    })  # fmt: skip


def _issue(request: Request, row: models.CustomerEscalation) -> IssueRecord:
    same = {k: getattr(row, k) for k in IssueRecord.model_fields if hasattr(row, k)}
    names = request.names
    return IssueRecord(**same | {
        "inquiry": row.inquiry_id, "incident": row.incident_id, "person": names.of(row.person),
        "raised_by": names.of(row.raised_by), "closed_by": names.maybe(row.closed_by),
    })  # fmt: skip
