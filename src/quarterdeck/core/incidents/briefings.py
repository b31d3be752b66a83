"""Briefings of executives: planned, held by the liaison or the commander; no responder is taken from work (X-13).

Also the brief itself: its fields, of which none may be left out (R-146).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused

from .asks import Briefing
from .authority import authorise
from .content import Content
from .events import Event
from .events.asks import (
    BriefingCancelled,
    BriefingHeld,
    BriefingMissed,
    BriefingPlanned,
    BriefingReminded,
)
from .guards import filled, known, not_ended, one_line, unfit
from .state import COMMANDER, PASSIVE_ROLES, Incident
from .structure import Template

LIAISON, DEPUTY = "executive_liaison", "deputy"
# Who may hold one, by role; and whose role is no work on the incident.
PRESENTERS = (LIAISON, "agency_liaison", COMMANDER)
NOT_RESPONDERS = (*PASSIVE_ROLES, "elt_approver", "technical_slt")
FIELDS: Mapping[str, str] = {
    "what": "What happened",
    "whom": "Who is affected",
    "doing": "What we do",
    "help": "What you can do",
}
REMIND_BEFORE = timedelta(minutes=5)
MISSED_AFTER = timedelta(minutes=10)
SHORTEST_MINUTES, LONGEST_MINUTES = 15, 24 * 60
TEXT_LIMIT, NOTES_LIMIT, MOST_PEOPLE, MOST_PLANNED = 600, 4000, 50, 20


def plan(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    briefing_id: str,
    starts_at: datetime,
    presenter: str,
    people: tuple[str, ...],
    link: str = "",
    every_minutes: int = 0,
    now: datetime,
) -> list[Event]:
    """`presenter` "" is whoever is liaison when it starts, else the commander."""
    not_ended(incident)
    authorise(incident, template, by, "exec.brief", "decision.make")
    if briefing_id in incident.asks.briefings:
        return []
    if not now < starts_at <= now + timedelta(days=31):
        raise unfit("starts_at.range", "starts_at", "Give a time within the next 31 days.")
    if every_minutes and not SHORTEST_MINUTES <= every_minutes <= LONGEST_MINUTES:
        message = f"Give {SHORTEST_MINUTES} to {LONGEST_MINUTES} minutes, or 0 for once."
        raise unfit("every_minutes.range", "every_minutes", message)
    if presenter and not set(incident.roles_of(presenter)) & set(PRESENTERS):
        message = "A briefing is held by the executive liaison or the commander. Choose one of them."
        raise unfit("briefing.presenter", "presenter", message)
    invited = tuple(dict.fromkeys(p for p in people if p))
    if len(invited) > MOST_PEOPLE:
        raise unfit("people.many", "people", f"Invite at most {MOST_PEOPLE} people.")
    for person in invited:
        must_not_work(incident, person, presenter)
    if len(incident.asks.planned()) >= MOST_PLANNED:
        raise Refused("briefing.many", f"{MOST_PLANNED} briefings are planned. Cancel one first.")
    return [
        BriefingPlanned(
            briefing_id, starts_at, presenter, invited, one_line(link, "link", 500), every_minutes
        )
    ]


def must_not_work(incident: Incident, person: str, presenter: str = "") -> None:
    """Refuses to invite a responder: a briefing takes nobody from the work but its presenter."""
    if person == presenter:
        return
    if any(r not in NOT_RESPONDERS for r in incident.roles_of(person)):
        message = "They work on the incident: no responder is taken from it for a briefing. Leave them out."
        raise unfit("briefing.responder", "people", message)


def hold(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    briefing_id: str,
    present: tuple[str, ...],
    notes: str,
    new_id: Callable[[], str],
    now: datetime,
) -> list[Event]:
    """It was held: who was there, and what was said and asked. The next of a series is planned."""
    found = _planned(incident, template, by, briefing_id)
    if found is None:
        return []
    if by.person != speaker(incident, found):
        authorise(incident, template, by, "exec.brief")
    if now < found.starts_at - timedelta(minutes=30):
        raise unfit("briefing.early", "briefing", "It starts only later. Note it as held once it was.")
    for person in present:
        must_not_work(incident, person, by.person)
    said = filled(notes, "notes", "Note what was said, asked and promised.")
    if len(said) > NOTES_LIMIT:
        raise unfit("notes.long", "notes", f"The notes have {len(said)} characters; {NOTES_LIMIT} fit.")
    there = tuple(dict.fromkeys(p for p in present if p))[:MOST_PEOPLE]
    held = BriefingHeld(found.id, there, said, found.starts_at)
    return [held, *_following(incident, found, now, new_id)]


def cancel(incident: Incident, template: Template, by: Who, *, briefing_id: str, reason: str) -> list[Event]:
    """It is not held, and with it ends its series."""
    found = _planned(incident, template, by, briefing_id)
    if found is None:
        return []
    said = one_line(filled(reason, "reason", "Say why; those invited read it."), "reason", 300)
    return [BriefingCancelled(found.id, found.starts_at, said)]


def speaker(incident: Incident, b: Briefing) -> str:
    """Who holds it as things stand."""
    if b.presenter and any(r in PRESENTERS for r in incident.roles_of(b.presenter)):
        return b.presenter
    held = (incident.holder(r) for r in PRESENTERS)
    return next((a.person for a in held if a is not None), "")


def due_events(incident: Incident, now: datetime, new_id: Callable[[], str]) -> list[Event]:
    """The reminder before, and the word that one was missed; a series goes on."""
    events: list[Event] = []
    if not incident.is_open:
        return events
    for b in incident.asks.planned():
        if not b.reminded and now >= b.starts_at - REMIND_BEFORE:
            events.append(BriefingReminded(b.id, b.starts_at, speaker(incident, b), b.people))
        if now >= b.starts_at + MISSED_AFTER:
            events.append(BriefingMissed(b.id, b.starts_at, speaker(incident, b)))
            events.extend(_following(incident, b, now, new_id))
    return events


def wake_at(incident: Incident) -> datetime | None:
    if not incident.is_open:
        return None
    moments = (
        b.starts_at + MISSED_AFTER if b.reminded else b.starts_at - REMIND_BEFORE
        for b in incident.asks.planned()
    )
    return min(moments, default=None)


def brief_content(fields: Mapping[str, str], next_at: datetime, now: datetime) -> Content:
    """A brief for executives from its fields. Refuses one that lacks a field, or says nothing of the next."""
    told = {}
    for key, label in FIELDS.items():
        told[key] = filled(fields.get(key, ""), key, f"A brief says it all: fill in “{label}”.")
        if len(told[key]) > TEXT_LIMIT:
            raise unfit(f"{key}.long", key, f"{TEXT_LIMIT} characters fit. Keep it short and plain.")
    if next_at <= now:
        raise unfit("next_at.past", "next_at", "Say when the next brief comes; this time has passed.")
    body = "\n\n".join(f"{label}: {told[key]}" for key, label in FIELDS.items())
    headline = told["what"].splitlines()[0][:117]
    return Content("executives", headline, body, next_update_at=next_at)


def _following(incident: Incident, b: Briefing, now: datetime, new_id: Callable[[], str]) -> list[Event]:
    if not b.every_minutes or not incident.is_open:
        return []
    every = timedelta(minutes=b.every_minutes)
    at = b.starts_at + every
    while at <= now:
        at += every
    return [BriefingPlanned(new_id(), at, b.presenter, b.people, b.link, b.every_minutes)]


def _planned(incident: Incident, template: Template, by: Who, briefing_id: str) -> Briefing | None:
    """The briefing, None when it is over already."""
    not_ended(incident)
    authorise(incident, template, by, "exec.brief", "decision.make")
    found = known(incident.asks.briefings.get(briefing_id), "briefing.unknown", "briefing")
    return found if found.is_open else None
