"""The strategic part of a review: its five texts, what is said of them, and the word of executives that they read
it.
"""

from __future__ import annotations

from typing import Annotated

from quarterdeck.app.casebook import Case, load
from quarterdeck.app.executives import executive_reading as acts
from quarterdeck.core.incidents.aftermath import StrategicComment as Part
from quarterdeck.core.incidents.executive_review import COMMENT_LIMIT, EXECUTIVE, STRATEGIC
from quarterdeck.core.kernel.refused import missing

from .doors import Request
from .fields import IncidentId, Key, Moment, Named, Read, Text, Write
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Reviews", "/incidents/{incident}/review/strategic")
COMMENTS = Noun("Reviews", "/incidents/{incident}/review/comments")
READING = Noun("Reviews", "/incidents/{incident}/review/reading")


class ExecutiveReading(Read):
    """How many executives were asked and have confirmed; of the caller, until when and whether they have."""

    asked: int
    confirmed: int
    due_at: Moment | None
    confirmed_at: Moment | None


class StrategicReview(Read):
    """`sections`: strategic (the summary), strategic_themes, strategic_investments, strategic_decisions and
    strategic_process, "" for what is not written.
    """

    incident: str
    state: str
    sections: dict[str, str]
    published_at: Moment | None
    action_items: int
    action_items_open: int
    reading: ExecutiveReading


class StrategicComment(Read):
    """`said_by` is told to executives of their own comments only."""

    id: str
    section: str
    text: str
    said_at: Moment
    said_by: Named | None


class StrategicCommentWrite(Write):
    section: Key = "strategic"
    text: Annotated[str, Text(COMMENT_LIMIT, least=1)]


@NOUN.get("", "review.read", StrategicReview)
def get_strategic_review(request: Request, incident: IncidentId) -> StrategicReview:
    """What an executive reads of a review: strategic, not technical, without names."""
    case = load(incident, request.act.who)
    review = case.incident.review
    if review is None:
        raise missing("review.unknown", "This incident has no review. Open one, or look at its timeline.")
    items = case.incident.action_items.values()
    return StrategicReview(
        incident=case.incident.key, state=review.state,
        sections={key: review.sections.get(key, "") for key in STRATEGIC}, published_at=review.published_at,
        action_items=len(items), action_items_open=sum(i.done_at is None for i in items),
        reading=_reading(request, case),
    )  # fmt: skip


@COMMENTS.get("", "review.read", Page[StrategicComment])
def list_review_comments(request: Request, incident: IncidentId) -> Page[StrategicComment]:
    """What was said of the strategic part, the first first."""
    found = list(load(incident, request.act.who).incident.aftermath.comments.values())
    request.names.load(c.said_by for c in found)
    return whole(_comment(request, c) for c in found)


@COMMENTS.post("", "review.read", StrategicComment, by_executives=True)
def comment_on_review(
    request: Request, incident: IncidentId, body: StrategicCommentWrite
) -> StrategicComment:
    """By executives and those who write reviews, on a strategic part. An executive who comments on another part is
    refused (403, review.strategic_only).
    """
    case = acts.comment(request.act, incident, body.section, body.text)
    return _comment(request, next(reversed(case.incident.aftermath.comments.values())))


@READING.put("", "review.read", ExecutiveReading, by_executives=True)
def confirm_reading(request: Request, incident: IncidentId) -> ExecutiveReading:
    """An executive who was asked has read the review. Twice changes nothing."""
    return _reading(request, acts.confirm(request.act, incident))


def _reading(request: Request, case: Case) -> ExecutiveReading:
    count, mine = acts.count(case.incident), case.incident.aftermath.readings.get(request.act.person)
    return ExecutiveReading(
        asked=count.asked, confirmed=count.confirmed, due_at=mine.due_at if mine else None,
        confirmed_at=mine.confirmed_at if mine else None,
    )  # fmt: skip


def _comment(request: Request, one: Part) -> StrategicComment:
    open_to = EXECUTIVE not in request.act.who.roles or one.said_by == request.act.person
    return StrategicComment(
        id=one.id, section=one.section, text=one.text, said_at=one.said_at,
        said_by=request.names.of(one.said_by) if open_to else None,
    )  # fmt: skip
