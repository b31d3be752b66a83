"""The review after an incident: who owns it, by when, what it must say, and what is done about it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from quarterdeck.core.access import Who, may, require
from quarterdeck.core.kernel.refused import Refused, bad, forbidden

from . import contributions, debrief
from .authority import may as granted
from .authority import must_be_inside, must_read
from .events import (
    ActionItemAdded,
    ActionItemDone,
    Event,
    ReviewEdited,
    ReviewOpened,
    ReviewWaived,
)
from .executive_review import STRATEGIC, only_strategic
from .guards import calendar_day, filled, known, one_line
from .parts import Review
from .state import OPEN_PHASES, Incident
from .structure import Catalog, SeverityLevel, Template

# three parts must be written before a review is given to be read; the others are there when they help.
REQUIRED_SECTIONS = ("what_happened", "how_we_responded", "improvements")
SECTIONS = (
    *REQUIRED_SECTIONS,
    "root_cause",
    "contributing_factors",
    "what_helped",
    "what_hindered",
    "recommendations",
    "runbook_change",
    "technical_analysis",
    "customer_impact",
    *STRATEGIC,
)
ITEM_KINDS = ("prevent", "detect", "mitigate", "process", "document")
SECTION_LIMIT = 50_000


def lacking(incident: Incident, review: Review) -> tuple[str, ...]:
    """The parts still to be written before it is given to be read. An incident may end with its cause unknown, its
    review may not (R-200): the cause stands in the facts, or is written now.
    """
    asked = REQUIRED_SECTIONS if incident.cause.strip() else (*REQUIRED_SECTIONS, "root_cause")
    return tuple(s for s in asked if not review.sections.get(s, "").strip())


def due_date(start: date, days: int, working_days: bool = False) -> date:
    """`days` after `start`; counted in working days, Saturdays and Sundays do not count."""
    if not working_days:
        return start + timedelta(days=days)
    day = start
    while days > 0:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day


def opening(incident: Incident, catalog: Catalog, *, review_id: str, at: datetime) -> list[ReviewOpened]:
    """The review that resolving opens by itself, when the severity asks for one and none is there (R-021). One that is
    not done goes on after a reopening: its time counts from the end that held.
    """
    level = _level(catalog, incident.severity)
    if level is None or not level.review_required:
        return []
    due = due_date(at.date(), level.review_days, level.review_working_days)
    why, before = f"{level.label} asks for a review", incident.review
    if before is not None:
        again = any(span.phase == "resolved" for span in incident.phases)
        if again and not before.is_settled and before.due_on < due.isoformat():
            return [ReviewOpened(before.id, before.owner, due.isoformat(), why, before.facilitator)]
        return []
    owner = incident.commander.person if incident.commander else incident.declared_by
    # The commander leads the talk, whoever writes.
    return [ReviewOpened(review_id, owner, due.isoformat(), why, owner)]


def after_the_end(
    incident: Incident, template: Template, catalog: Catalog, *, review_id: str, at: datetime
) -> list[Event]:
    """All that resolving leaves to do: the debrief, the review, and what others are asked to add to it."""
    opened = opening(incident, catalog, review_id=review_id, at=at)
    review = next((_opened(e, at) for e in opened), incident.review)
    waits = review is not None and not review.is_settled
    asked = contributions.asking(incident, template, review, at, prefix=review_id) if review and waits else []
    return [*debrief.owed(incident, task_id=f"{review_id}-d"), *opened, *asked]


def _opened(event: ReviewOpened, at: datetime) -> Review:
    """For whoever is asked to add to it: only who and until when."""
    return Review(event.review_id, event.owner, event.due_on, at)


def open_review(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    review_id: str,
    owner: str,
    due_on: str,
    reason: str = "",
    at: datetime | None = None,
) -> list[Event]:
    """Opens a review that the severity does not ask for, with its owner and date. After the end (`at` given), those
    who know more are asked at once.
    """
    _declared(incident, by)
    if not granted(incident, template, by, "incident.phase"):
        require(by, "review.edit")
    due = calendar_day(due_on)
    who = filled(owner, "owner", "Name the person who owns the review.")
    must_be_inside(incident, who, "owner")
    review = incident.review
    if review is not None:
        _must_be_draft(review)
        raise Refused("review.open", "This incident has a review already. Write in that one.")
    led_by = incident.commander.person if incident.commander else who
    opened = ReviewOpened(review_id, who, due, reason.strip(), led_by)
    if at is None or incident.phase in OPEN_PHASES:
        return [opened]
    return [opened, *contributions.asking(incident, template, _opened(opened, at), at, prefix=review_id)]


def edit_review(incident: Incident, by: Who, *, section: str, text: str) -> list[Event]:
    """The text of one section. Executives write in the strategic ones only (X-19)."""
    _declared(incident, by)
    only_strategic(by, section)
    review = _draft(incident, by)
    if section not in SECTIONS:
        raise bad(
            "section.unknown", f"There is no section {section!r}. Choose one of: {', '.join(SECTIONS)}."
        )
    if not may_write(incident, by, section):
        require(by, "review.edit")
    text = text.strip()
    if len(text) > SECTION_LIMIT:
        message = f"The section has {len(text)} characters; {SECTION_LIMIT} fit. Shorten it."
        raise bad("text.long", message, text=message)
    answered = contributions.done_by_writing(incident, by, section, text)
    return answered if review.sections.get(section, "") == text else [ReviewEdited(section, text), *answered]


def may_write(incident: Incident, by: Who, section: str) -> bool:
    """Whether a part is theirs: the owner's and facilitator's all, an executive's strategic ones, or one they are
    asked for. (Others write with the right to edit reviews.)
    """
    review = incident.review
    if review is None or section not in SECTIONS:
        return False
    if "executive" in by.roles:
        return section in STRATEGIC
    return by.person in (review.owner, review.facilitator) or contributions.may_write(incident, by, section)


def add_action_item(
    incident: Incident,
    by: Who,
    *,
    item_id: str,
    title: str,
    owner: str,
    due_on: str,
    kind: str = "prevent",
) -> list[Event]:
    """What will be done, by whom, by when. Refused without owner or date (R-021)."""
    _declared(incident, by)
    require(by, "review.edit")
    if item_id in incident.action_items:
        return []
    title = one_line(filled(title, "title", "Say what will be done."), "title", 300)
    owner = filled(owner, "owner", "Name one person. An item without an owner is not done.")
    must_be_inside(incident, owner, "owner")
    if kind not in ITEM_KINDS:
        raise bad("item.kind", f"There is no kind {kind!r}. Choose one of: {', '.join(ITEM_KINDS)}.")
    return [ActionItemAdded(item_id, title, owner, calendar_day(due_on), kind)]


def finish_action_item(incident: Incident, by: Who, *, item_id: str) -> list[Event]:
    _declared(incident, by)
    item = known(incident.action_items.get(item_id), "item.unknown", "action item")
    if item.done_at:
        return []
    if by.person != item.owner:
        require(by, "review.edit")
    return [ActionItemDone(item.id, item.title)]


def waive_review(incident: Incident, template: Template, by: Who, *, reason: str) -> list[Event]:
    """No review is written, for a reason. By who may end the incident, or an administrator."""
    if incident.review and incident.review.state == "waived":
        return []
    _draft(incident, by)
    if not granted(incident, template, by, "incident.phase") and not may(by, "settings.edit"):
        raise forbidden(
            "review.waive", "Only the commander or an administrator waives a review. Ask one of them."
        )
    return [ReviewWaived(filled(reason, "reason", "Say why no review is needed; it is recorded."))]


def _draft(incident: Incident, by: Who) -> Review:
    _declared(incident, by)
    review = known(incident.review, "review.unknown", "review")
    _must_be_draft(review)
    return review


def _declared(incident: Incident, by: Who) -> None:
    must_read(incident, by)
    known(incident.declared_at, "incident.unknown", "review")


def _must_be_draft(review: Review) -> None:
    if review.is_settled:
        raise Refused(
            "review.settled",
            f"The review is {review.state.replace('_', ' ')}. Add an action item for what is new.",
        )


def _level(catalog: Catalog, rank: int) -> SeverityLevel | None:
    return next((s for s in catalog.severities if s.rank == rank), None)
