"""Reviews of the process itself, who owns it, and feedback on its documents."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Query

from quarterdeck.app.learning import feedback
from quarterdeck.app.learning import process as acts
from quarterdeck.store import models

from .doors import Request
from .fields import Day, Flag, Id, Key, Line, Moment, Named, Number, Read, Text, Word, Write
from .operations import Noun
from .pages import Page, PageAsked, page

NOUN = Noun("Process reviews", "/process-reviews")
OWNERS = Noun("Process reviews", "/process-owners")
WORDS = Noun("Feedback", "/feedback")
_READ = "review.read"
Words = Annotated[str, Text(acts.TEXT_LIMIT)]
Said = Annotated[str, Text(feedback.TEXT_LIMIT)]
DocumentKind = Literal["template", "article", "policy", "playbook"]


class ProcessFinding(Read):
    """`feedback` is the id of the words it came from, empty when it was found here."""

    text: str
    by: Named
    at: str
    feedback: str


class TemplateChange(Read):
    """A version of a response structure that was made because of the review."""

    template: str
    version: int
    note: str


class ProcessReviewRecord(Read):
    """`trigger` incident: `subject` is its id; quarter: such as 2026-Q3; hand: what it looks at."""

    id: str
    trigger: str
    subject: str
    team: str
    owner: Named
    due_on: str
    late: bool
    state: str
    findings: list[ProcessFinding]
    changes: list[TemplateChange]
    summary: str
    done_by: Named | None
    done_at: Moment | None
    created_at: Moment


class ProcessReviewWrite(Write):
    subject: Word
    owner: Id
    due_on: Day
    team: Key | None = None


class ProcessReviewPatch(Write):
    owner: Id
    due_on: Day


class ProcessFindingWrite(Write):
    text: Words


class TemplateChangeWrite(Write):
    template: Key
    version: Annotated[int, Number(1, 100_000)]
    note: Line = ""


class ProcessSummaryWrite(Write):
    summary: Words


class ProcessOwner(Read):
    """`team` is empty for the whole installation."""

    team: str
    owner: Named


class ProcessOwnerWrite(Write):
    """Without `owner` nobody owns it any more."""

    team: Key | None = None
    owner: Id | None = None


class ProcessAsked(PageAsked):
    is_open: Flag | None = None


class FeedbackRecord(Read):
    """`review` is the process review it is a finding of; `wanted`: it is put forward to the next one."""

    id: str
    kind: str
    subject: str
    text: str
    by: Named
    at: Moment
    answer: str
    answered_by: Named | None
    answered_at: Moment | None
    wanted: bool
    review: str


class FeedbackWrite(Write):
    """`subject`: the key of a response structure or policy, the id of an article, nothing for the playbook."""

    kind: DocumentKind
    subject: Word = ""
    text: Said


class AnswerWrite(Write):
    answer: Said


class FeedbackAsked(PageAsked):
    kind: DocumentKind
    subject: Word = ""


@NOUN.get("", _READ, Page[ProcessReviewRecord])
def list_process_reviews(request: Request, asked: Query[ProcessAsked]) -> Page[ProcessReviewRecord]:
    """Process reviews, the newest first."""
    rows = acts.reviews(request.act.who)
    if asked.is_open is not None:
        rows = rows.filter(state=acts.OPEN) if asked.is_open else rows.exclude(state=acts.OPEN)
    return page(asked, rows, ("-created_at", "-id"), lambda found: [_told(request, r) for r in found])


@NOUN.post("", "review.edit", ProcessReviewRecord)
def start_process_review(request: Request, body: ProcessReviewWrite) -> ProcessReviewRecord:
    """One for another reason than a major incident or the end of a quarter."""
    return _told(request, acts.start(request.act, body.subject, body.owner, body.due_on, body.team or ""))


@NOUN.get("/{review}", _READ, ProcessReviewRecord)
def get_process_review(request: Request, review: Id) -> ProcessReviewRecord:
    return _told(request, acts.find(review, request.act.who))


@NOUN.patch("/{review}", _READ, ProcessReviewRecord)
def hand_on_process_review(request: Request, review: Id, body: ProcessReviewPatch) -> ProcessReviewRecord:
    """To another owner, or another day."""
    return _told(request, acts.hand_on(request.act, review, body.owner, body.due_on))


@NOUN.post("/{review}/findings", _READ, ProcessReviewRecord)
def add_process_finding(request: Request, review: Id, body: ProcessFindingWrite) -> ProcessReviewRecord:
    """What it found. By its owner, or with the right to edit reviews."""
    return _told(request, acts.add_finding(request.act, review, body.text))


@NOUN.post("/{review}/changes", _READ, ProcessReviewRecord)
def link_process_change(request: Request, review: Id, body: TemplateChangeWrite) -> ProcessReviewRecord:
    """A version of a response structure that was made because of it."""
    return _told(request, acts.link_change(request.act, review, body.template, body.version, body.note))


@NOUN.put("/{review}/summary", _READ, ProcessReviewRecord)
def close_process_review(request: Request, review: Id, body: ProcessSummaryWrite) -> ProcessReviewRecord:
    """Done, with what comes of it."""
    return _told(request, acts.close(request.act, review, body.summary))


@OWNERS.get("", _READ, list[ProcessOwner])
def list_process_owners(request: Request) -> list[ProcessOwner]:
    """Who is given a process review when a quarter is over."""
    found = acts.owners()
    names = request.names.load(found.values())
    return [ProcessOwner(team=team, owner=names.of(person)) for team, person in sorted(found.items())]


@OWNERS.put("", "settings.edit", list[ProcessOwner])
def set_process_owner(request: Request, body: ProcessOwnerWrite) -> list[ProcessOwner]:
    """Of the installation, or of one team."""
    acts.set_owner(request.act, body.owner or "", body.team or "")
    return list_process_owners(request)


@WORDS.get("", "report.write", Page[FeedbackRecord])
def list_feedback(request: Request, asked: Query[FeedbackAsked]) -> Page[FeedbackRecord]:
    """What was said about one document, the newest first."""
    rows = feedback.about(asked.kind, asked.subject, request.act.who)
    return page(asked, rows, ("-at", "-id"), lambda found: [_words(request, r) for r in found])


@WORDS.post("", "report.write", FeedbackRecord)
def give_feedback(request: Request, body: FeedbackWrite) -> FeedbackRecord:
    """By anybody, about one document."""
    return _words(request, feedback.give(request.act, body.kind, body.subject, body.text))


@WORDS.put("/{feedback_id}/answer", "report.write", FeedbackRecord)
def answer_feedback(request: Request, feedback_id: Id, body: AnswerWrite) -> FeedbackRecord:
    """By whoever owns the document."""
    return _words(request, feedback.answer(request.act, feedback_id, body.answer))


@WORDS.put("/{feedback_id}/finding", "report.write", FeedbackRecord)
def put_feedback_forward(request: Request, feedback_id: Id) -> FeedbackRecord:
    """It becomes a finding of the process review that is open, else of the next one."""
    return _words(request, feedback.put_forward(request.act, feedback_id))


def _told(request: Request, r: models.ProcessReview) -> ProcessReviewRecord:
    names = request.names.load([r.owner, r.done_by, *(f["by"] for f in r.findings)])
    return ProcessReviewRecord(
        id=r.id, trigger=r.trigger, subject=r.subject, team=r.team, owner=names.of(r.owner), due_on=r.due_on,
        late=acts.is_late(r, request.act.at.date().isoformat()), state=r.state,
        findings=[
            ProcessFinding(text=f["text"], by=names.of(f["by"]), at=f["at"], feedback=f.get("feedback", ""))
            for f in r.findings
        ],
        changes=[TemplateChange(template=c["what"], version=c["version"], note=c["note"]) for c in r.changes],
        summary=r.summary, done_by=names.maybe(r.done_by), done_at=r.done_at, created_at=r.created_at,
    )  # fmt: skip


def _words(request: Request, r: models.Feedback) -> FeedbackRecord:
    names = request.names.load([r.by, r.answered_by])
    return FeedbackRecord(
        id=r.id, kind=r.kind, subject=r.subject, text=r.text, by=names.of(r.by), at=r.at, answer=r.answer,
        answered_by=names.maybe(r.answered_by), answered_at=r.answered_at, wanted=bool(r.wanted_by), review=r.review,
    )  # fmt: skip
