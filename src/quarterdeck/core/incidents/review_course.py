"""The course of a review: written, given to be read, talked over, agreed, closed. And what happens when it is late."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from quarterdeck.core.access import GUEST, Who, may
from quarterdeck.core.kernel.refused import Refused, bad, forbidden

from . import closing
from .authority import may as granted
from .authority import must_be_inside, must_read
from .contributions import HOUR
from .events import (
    Event,
    ReviewAssigned,
    ReviewClosed,
    ReviewLate,
    ReviewMeetingSet,
    ReviewPublished,
    ReviewReturned,
    ReviewSubmitted,
)
from .guards import filled, known
from .parts import Review
from .review import lacking
from .state import COMMANDER, Incident
from .structure import Template

# Whoever is invited has a day to read first.
READING = timedelta(hours=24)
FARTHEST = timedelta(days=60)
LEVELS = 2


def submit_review(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    at: datetime,
    meets_at: datetime | None = None,
    place: str = "",
    service_owners: Iterable[str] = (),
    short_notice: str = "",
) -> list[Event]:
    """Draft to in review: all parts are written (R-022), the cause too (R-200); everybody concerned has a day to read.

    With `meets_at` a meeting is called; one within a day needs the reason for `short_notice`.
    """
    review = _review(incident, by)
    if review.state == "in_review":
        return []
    _must_be(review, "draft")
    _leads(incident, template, by, review)
    unwritten = lacking(incident, review)
    if unwritten:
        names = ", ".join(s.replace("_", " ") for s in unwritten)
        raise Refused(
            "review.incomplete", f"Still to be written: {names}. Write them, then give it to be read."
        )
    events: list[Event] = [ReviewSubmitted(at + READING)]
    if meets_at is not None:
        events.append(_meeting(incident, review, at, meets_at, place, service_owners, short_notice))
    return events


def set_meeting(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    at: datetime,
    meets_at: datetime,
    place: str = "",
    service_owners: Iterable[str] = (),
    short_notice: str = "",
) -> list[Event]:
    """When the review is talked over, or when instead. Everybody concerned is invited anew."""
    review = _review(incident, by)
    _must_be(review, "in_review")
    _leads(incident, template, by, review)
    if (review.meets_at, review.place) == (meets_at, place.strip()):
        return []
    return [_meeting(incident, review, at, meets_at, place, service_owners, short_notice)]


def _meeting(
    incident: Incident, review: Review, at: datetime, meets_at: datetime, place: str, owners: Iterable[str],
    short_notice: str,
) -> Event:  # fmt: skip
    if not at < meets_at <= at + FARTHEST:
        message = "Give a time from now on, within two months."
        raise bad("meets_at.range", message, meets_at=message)
    if meets_at < (review.read_until or at + READING) and not short_notice.strip():
        message = "Everybody has 24 hours to read. Choose a later time, or say why it cannot wait."
        raise Refused("review.short_notice", message, fields={"meets_at": message})
    return ReviewMeetingSet(meets_at, place.strip(), invitees(incident, owners), short_notice.strip())


def invitees(incident: Incident, service_owners: Iterable[str] = ()) -> tuple[str, ...]:
    """Whoever held a role, trainees too, was asked to contribute, writes or leads the review, or owns a service that
    was hit. Guests and mere observers are not invited; what is restricted is not told to owners outside.
    """
    review, found = incident.review, [a.person for a in incident.assignments.values() if a.role != "observer"]
    found += [c.person for c in incident.aftermath.contributions.values()]
    found += [review.owner, review.facilitator] if review else []
    found += [] if incident.restricted else list(service_owners)
    guests = {p.person for p in incident.crew.presence.values() if p.guest}
    return tuple(p for p in dict.fromkeys(found) if p and p not in guests)


def return_review(incident: Incident, template: Template, by: Who, *, reason: str) -> list[Event]:
    """Back to draft: something is not right yet."""
    review = _review(incident, by)
    _must_be(review, "in_review")
    _leads(incident, template, by, review)
    return [ReviewReturned(filled(reason, "reason", "Say what is still to be done."))]


def publish_review(
    incident: Incident, template: Template, by: Who, *, at: datetime, reason: str = ""
) -> list[Event]:
    """In review to reviewed: it was talked over, or everybody had the time to read. Earlier only with a reason."""
    review = _review(incident, by)
    if review.state == "reviewed":
        return []
    _must_be(review, "in_review")
    _leads(incident, template, by, review)
    waits = max(m for m in (review.meets_at, review.read_until, review.opened_at) if m is not None)
    if at < waits and not reason.strip():
        message = "It is still being read or waits for its meeting. Wait, or say why it is agreed already."
        raise Refused("review.early", message, fields={"reason": message})
    return [ReviewPublished(reason.strip())]


def close_review(
    incident: Incident, template: Template, by: Who, *, note: str = "", untold_reason: str = ""
) -> list[Event]:
    """Reviewed to closed. Action items that are open stay with their owners; how many is said.

    Refused while an audience that heard of the incident lacks its closing summary (R-059), unless `untold_reason` says
    why none comes.
    """
    review = _review(incident, by)
    if review.state == "closed":
        return []
    _must_be(review, "reviewed")
    _leads(incident, template, by, review)
    untold, why = closing.missing(incident, template), untold_reason.strip()
    if untold and not why:
        names = ", ".join(one.title for one in untold)
        raise Refused(
            "review.untold",
            f"No closing summary went to: {names}. Send it, or say why none comes.",
            details={one.audience: one.title for one in untold},
            fields={"untold_reason": "Send the summaries, or say why none comes."},
        )
    keys = tuple(one.audience for one in untold)
    items = sum(i.done_at is None for i in incident.action_items.values())
    return [ReviewClosed(items, note.strip(), keys, why if keys else "")]


def assign_review(
    incident: Incident, template: Template, by: Who, *, owner: str, facilitator: str = ""
) -> list[Event]:
    """Who writes the review and who leads the talk. Named by the commander (R-291), handed on by its owner."""
    review = _review(incident, by)
    if review.is_settled:
        raise Refused("review.settled", "The review is over. Nobody needs to write it any more.")
    if by.person != review.owner and not _commands(incident, template, by) and not may(by, "settings.edit"):
        raise forbidden("review.not_owner", "Only the commander or the owner names another one. Ask them.")
    owner = filled(owner, "owner", "Name the person who writes the review.")
    led_by = facilitator.strip() or review.facilitator or owner
    must_be_inside(incident, owner, "owner")
    must_be_inside(incident, led_by, "facilitator")
    if (owner, led_by) == (review.owner, review.facilitator):
        return []
    return [ReviewAssigned(owner, led_by, review.owner)]


def due_events(incident: Incident, now: datetime) -> list[Event]:
    """The day it was due is over (R-226, R-291): its owner hears of it, a day later those above."""
    at, review = wake_at(incident), incident.review
    if at is None or review is None or now < at:
        return []
    return [ReviewLate(review.late + 1, review.due_on, review.owner)]


def wake_at(incident: Incident) -> datetime | None:
    """Never while the incident is open: first it is to end."""
    review = incident.review
    if review is None or incident.is_open or review.is_settled or review.late >= LEVELS:
        return None
    return datetime.combine(date.fromisoformat(review.due_on) + timedelta(days=1 + review.late), HOUR)


def last_commander(incident: Incident) -> str:
    """Who commands or did so last: what is left to do after the end is theirs."""
    held = [a.person for a in incident.assignments.values() if a.role == COMMANDER]
    return incident.commander.person if incident.commander else held[-1] if held else incident.declared_by


def _commands(incident: Incident, template: Template, by: Who) -> bool:
    if granted(incident, template, by, "incident.phase"):
        return True
    return incident.has_ended and by.person == last_commander(incident) and GUEST not in by.roles


def _leads(incident: Incident, template: Template, by: Who, review: Review) -> None:
    if by.person in (review.owner, review.facilitator) or _commands(incident, template, by):
        return
    raise forbidden(
        "review.not_owner",
        "Only the owner of the review, who leads it, or the commander does this. Ask them.",
    )


def _review(incident: Incident, by: Who) -> Review:
    must_read(incident, by)
    known(incident.declared_at, "incident.unknown", "review")
    return known(incident.review, "review.unknown", "review")


def _must_be(review: Review, state: str) -> None:
    if review.state == state:
        return
    ways = {
        "draft": "The review is written. Give it to be read.",
        "in_review": "The review is being read. Agree on it, or give it back with a reason.",
        "reviewed": "The review is agreed. Close it, and add an action item for what is new.",
        "closed": "The review is closed. Add an action item for what is new.",
        "waived": "The review was waived. Add an action item for what is new.",
    }
    raise Refused("review.state", ways.get(review.state, f"The review is {review.state}."))
