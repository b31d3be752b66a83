"""The review of an incident and what is done about it: sections, action items, publishing, waiving."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Query
from pydantic import Field

from quarterdeck.app import reviews as acts
from quarterdeck.app.casebook import Case, load
from quarterdeck.app.visibility import must_see
from quarterdeck.core.incidents.parts import ActionItem as Part
from quarterdeck.core.kernel.refused import missing
from quarterdeck.store import models

from .doors import Request
from .fields import Day, Essay, Flag, Id, IncidentId, Key, Line, LongLine, Moment, Named, Read, Text, Write
from .incidents import address
from .names import must_be_active
from .operations import Noun
from .pages import Page, PageAsked, page

NOUN = Noun("Reviews", "/incidents/{incident}/review")
ITEMS = Noun("Reviews", "/incidents/{incident}/action-items")


class Review(Read):
    """`state`: draft, published, waived. `links` lead to the incident, its alerts and everything else in it."""

    id: str
    incident: str
    owner: Named
    due_on: str
    opened_at: Moment
    state: str
    sections: dict[str, str]
    published_at: Moment | None
    waived_reason: str
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


@NOUN.put("/sections/{section}", "review.read", Review)
def write_section(request: Request, incident: IncidentId, section: Key, body: SectionWrite) -> Review:
    """Write a section. Executives write in "strategic" only."""
    return _told(request, acts.edit(request.act, incident, section, body.text))


@NOUN.put("/publication", "review.read", Review)
def publish_review(request: Request, incident: IncidentId) -> Review:
    """The review is finished; by its owner or the commander."""
    return _told(request, acts.publish(request.act, incident))


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
    return Review(
        id=review.id,
        incident=key,
        owner=request.names.of(review.owner),
        due_on=review.due_on,
        opened_at=review.opened_at,
        state=review.state,
        sections=dict(review.sections),
        published_at=review.published_at,
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
