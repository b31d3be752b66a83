"""The review of an incident and what is done about it: sections, action items, publishing, waiving."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Query
from pydantic import Field

from quarterdeck.app.casebook import Case, load
from quarterdeck.app.learning import reviews as acts
from quarterdeck.app.reports import page_of
from quarterdeck.app.visibility import must_see
from quarterdeck.core.incidents.parts import ActionItem as Part
from quarterdeck.core.kernel.refused import missing
from quarterdeck.core.reviews import how_we_responded
from quarterdeck.store import models

from .doors import Request
from .fields import (
    Day,
    Essay,
    Flag,
    Id,
    IncidentId,
    Key,
    Line,
    LongLine,
    Moment,
    Named,
    Read,
    Text,
    When,
    Write,
)
from .incidents import address
from .names import must_be_active
from .operations import Noun
from .pages import Page, PageAsked, page

NOUN = Noun("Reviews", "/incidents/{incident}/review")
ITEMS = Noun("Reviews", "/incidents/{incident}/action-items")


class Review(Read):
    """`state`: draft, in_review, reviewed, closed, waived. `links` lead to the incident and everything else in it."""

    id: str
    incident: str
    owner: Named
    due_on: str
    opened_at: Moment
    state: str
    sections: dict[str, str]
    published_at: Moment | None
    waived_reason: str
    facilitator: Named | None
    submitted_at: Moment | None
    read_until: Moment | None
    meets_at: Moment | None
    place: str
    invited: list[Named]
    closed_at: Moment | None
    links: dict[str, str]


class ActionItem(Read):
    id: str
    title: str
    kind: str
    owner: Named
    due_on: str
    added_by: Named
    added_at: Moment
    done_by: Named | None
    done_at: Moment | None


class ReviewWrite(Write):
    owner: Id
    due_on: Day
    reason: Line = ""


class SectionWrite(Write):
    text: Essay


class ReviewReasonWrite(Write):
    reason: LongLine


class ActionItemWrite(Write):
    title: Annotated[str, Text(300, least=1)]
    owner: Id
    due_on: Day
    kind: Literal["prevent", "detect", "mitigate", "process", "document"] = "prevent"


class ReviewSubmissionWrite(Write):
    meets_at: When | None = None
    place: Line = ""
    short_notice: Line = ""


class ReviewMeetingWrite(Write):
    meets_at: When
    place: Line = ""
    short_notice: Line = ""


class ReviewOwnerWrite(Write):
    owner: Id
    facilitator: Annotated[str, Text(40)] = ""


class ReviewAgreedWrite(Write):
    reason: LongLine = ""


class ReviewClosureWrite(Write):
    """`reason` is a word on the end. `untold_reason`: why an audience gets no closing summary."""

    reason: Annotated[str, Text(500)] = ""
    untold_reason: Annotated[str, Text(500)] = ""


class ReviewSuggestion(Read):
    how_we_responded: str


class ItemsAsked(PageAsked):
    is_open: Flag | None = Field(None, alias="open")


@NOUN.get("", "review.read", Review)
def get_review(request: Request, incident: IncidentId) -> Review:
    return _told(request, load(incident, request.act.who))


@NOUN.post("", "review.read", Review)
def open_review(request: Request, incident: IncidentId, body: ReviewWrite) -> Review:
    """Open a review the severity does not ask for."""
    must_be_active(body.owner, "owner")
    return _told(request, acts.open_review(request.act, incident, body.owner, body.due_on, body.reason))


@NOUN.put("/sections/{section}", "review.read", Review, by_executives=True)
def write_section(request: Request, incident: IncidentId, section: Key, body: SectionWrite) -> Review:
    """Write a section. Executives write in "strategic" only."""
    return _told(request, acts.edit(request.act, incident, section, body.text))


@NOUN.put("/submission", "review.read", Review)
def submit_review(
    request: Request, incident: IncidentId, body: ReviewSubmissionWrite | None = None
) -> Review:
    """Give it to be read, and call a meeting. All three required parts must be written."""
    said = body or ReviewSubmissionWrite()
    case = acts.submit(
        request.act, incident, meets_at=said.meets_at, place=said.place, short_notice=said.short_notice
    )
    return _told(request, case)


@NOUN.put("/meeting", "review.read", Review)
def set_review_meeting(request: Request, incident: IncidentId, body: ReviewMeetingWrite) -> Review:
    """When it is talked over, or when instead. Less than a day to read takes a reason."""
    case = acts.set_meeting(
        request.act, incident, body.meets_at, place=body.place, short_notice=body.short_notice
    )
    return _told(request, case)


@NOUN.put("/return", "review.read", Review)
def return_review(request: Request, incident: IncidentId, body: ReviewReasonWrite) -> Review:
    """Back to its writers."""
    return _told(request, acts.send_back(request.act, incident, body.reason))


@NOUN.put("/owner", "review.read", Review)
def assign_review(request: Request, incident: IncidentId, body: ReviewOwnerWrite) -> Review:
    """Name who writes it and who leads the talk; by the commander, or its owner."""
    return _told(request, acts.assign(request.act, incident, body.owner, body.facilitator))


@NOUN.put("/publication", "review.read", Review)
def publish_review(request: Request, incident: IncidentId, body: ReviewAgreedWrite | None = None) -> Review:
    """The review is agreed. Before everybody had the time to read it takes a reason."""
    return _told(request, acts.publish(request.act, incident, body.reason if body else ""))


@NOUN.put("/closure", "review.read", Review)
def close_review(request: Request, incident: IncidentId, body: ReviewClosureWrite | None = None) -> Review:
    """Nothing more comes of it. Open action items stay with their owners. Refused while an audience that heard of the
    incident lacks its closing summary.
    """
    said = body or ReviewClosureWrite()
    return _told(request, acts.close(request.act, incident, said.reason, said.untold_reason))


@NOUN.get("/suggestion", "review.read", ReviewSuggestion)
def suggest_review(request: Request, incident: IncidentId) -> ReviewSuggestion:
    """What the log says about how we responded, role by role and clock by clock, to begin with."""
    page = page_of(incident, request.act.who, request.act.at, named=False)
    return ReviewSuggestion(how_we_responded=how_we_responded(page.report))


@NOUN.put("/waiver", "review.read", Review)
def waive_review(request: Request, incident: IncidentId, body: ReviewReasonWrite) -> Review:
    """No review is written, for a reason."""
    return _told(request, acts.waive(request.act, incident, body.reason))


@ITEMS.get("", "review.read", Page[ActionItem])
def list_action_items(request: Request, incident: IncidentId, asked: Query[ItemsAsked]) -> Page[ActionItem]:
    """What will be done, by whom, by when."""
    must_see(request.act.who, incident)
    rows = models.ActionItemRow.objects.filter(incident_id=incident)
    if asked.is_open is not None:
        rows = rows.filter(done_at__isnull=asked.is_open)
    return page(asked, rows, ("id",), lambda found: [_item(request, r) for r in found])


@ITEMS.post("", "review.edit", ActionItem)
def add_action_item(request: Request, incident: IncidentId, body: ActionItemWrite) -> ActionItem:
    """Add an action item with its owner and date."""
    must_be_active(body.owner, "owner")
    case = acts.add_action_item(request.act, incident, body.title, body.owner, body.due_on, body.kind)
    return _item(request, next(reversed(case.incident.action_items.values())))


@ITEMS.put("/{item}/completion", "review.read", ActionItem)
def finish_action_item(request: Request, incident: IncidentId, item: Id) -> ActionItem:
    """It is done; by its owner, or who may edit reviews."""
    case = acts.finish_action_item(request.act, incident, item)
    return _item(request, case.incident.action_items[item])


def _told(request: Request, case: Case) -> Review:
    review = case.incident.review
    if review is None:
        raise missing("review.unknown", "This incident has no review. Open one, or look at its timeline.")
    key = case.incident.key
    names = request.names.load((review.owner, review.facilitator, *review.invited))
    return Review(
        id=review.id,
        incident=key,
        owner=names.of(review.owner),
        due_on=review.due_on,
        opened_at=review.opened_at,
        state=review.state,
        sections=dict(review.sections),
        published_at=review.published_at,
        facilitator=names.maybe(review.facilitator),
        submitted_at=review.submitted_at,
        read_until=review.read_until,
        meets_at=review.meets_at,
        place=review.place,
        invited=[names.of(p) for p in review.invited],
        closed_at=review.closed_at,
        waived_reason=review.waived_reason,
        links={"incident": address(key)}
        | {
            p.replace("-", "_"): address(key, p)
            for p in ("alerts", "timeline", "tasks", "messages", "action-items")
        },
    )


def _item(request: Request, part: Part | models.ActionItemRow) -> ActionItem:
    names = request.names.load((part.owner, part.added_by, part.done_by))
    return ActionItem(
        id=part.id,
        title=part.title,
        kind=part.kind,
        owner=names.of(part.owner),
        due_on=part.due_on,
        added_by=names.of(part.added_by),
        added_at=part.added_at,
        done_by=names.maybe(part.done_by),
        done_at=part.done_at,
    )
