"""Cases at suppliers: who waits for whom, since when, and who is told when a supplier's promise has passed (R-275)."""

from __future__ import annotations

from datetime import datetime, timedelta

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused

from .authority import act, holds_a_role
from .business import VendorCase
from .events import Event
from .events.business import (
    VendorAnswered,
    VendorAsked,
    VendorCaseClosed,
    VendorCaseNumbered,
    VendorCaseOpened,
    VendorLate,
)
from .guards import filled, known, not_ended, one_line, unfit
from .state import Incident

LONGEST_MINUTES = 30 * 24 * 60
NOTE_LIMIT = 2000
MOST_OPEN = 50


def open_case(
    incident: Incident,
    by: Who,
    *,
    case_id: str,
    vendor: str,
    what: str,
    owner: str = "",
    service: str = "",
    number: str = "",
    contact: str = "",
    answer_minutes: int = 0,
    now: datetime,
) -> list[Event]:
    """We asked a supplier and wait for them. Whoever acts in the incident may; `answer_minutes` 0 has no clock."""
    not_ended(incident)
    act(incident, by)
    if case_id in incident.business.vendor_cases:
        return []
    if owner and not holds_a_role(incident, owner):
        raise unfit("role.none", "owner", "They hold no role here that acts. Give them one first.")
    if len(incident.business.open_cases()) >= MOST_OPEN:
        raise Refused("vendor.many", f"{MOST_OPEN} cases are open. Close one first.")
    vendor = one_line(filled(vendor, "vendor", "Say whom you asked."), "vendor", 200)
    what = one_line(filled(what, "what", "Say what you wait for."), "what", 300)
    number, contact = one_line(number, "number", 100), one_line(contact, "contact", 300)
    due = _due(answer_minutes, now)
    return [
        VendorCaseOpened(
            case_id, vendor, what, owner or by.person, service, number, contact, answer_minutes, due
        )
    ]


def number_case(incident: Incident, by: Who, *, case_id: str, number: str) -> list[Event]:
    """The number that the supplier gave the case."""
    found = _open(incident, by, case_id)
    number = one_line(filled(number, "number", "Give the number of the case."), "number", 100)
    return [] if number == found.number else [VendorCaseNumbered(found.id, number, found.vendor)]


def vendor_answered(incident: Incident, by: Who, *, case_id: str, note: str) -> list[Event]:
    """They answered; it is with us."""
    found = _open(incident, by, case_id)
    if found.state == "answered":
        return []
    return [VendorAnswered(found.id, _note(filled(note, "note", "Say what they answered.")), found.vendor)]


def ask_again(
    incident: Incident, by: Who, *, case_id: str, note: str, answer_minutes: int = 0, now: datetime
) -> list[Event]:
    """We wait for them again, with a new clock."""
    found = _open(incident, by, case_id)
    told = _note(filled(note, "note", "Say what you asked."))
    return [VendorAsked(found.id, told, _due(answer_minutes or found.answer_minutes, now), found.vendor)]


def close_case(incident: Incident, by: Who, *, case_id: str, note: str = "") -> list[Event]:
    found = known(incident.business.vendor_cases.get(case_id), "vendor.unknown", "case")
    if not found.is_open:
        return []
    _open(incident, by, case_id)
    return [VendorCaseClosed(found.id, _note(note), found.vendor)]


def due_events(incident: Incident, now: datetime) -> list[Event]:
    """Promises that have passed, each said once, to whoever answers for the case."""
    return [
        VendorLate(c.id, c.vendor, answerable(incident, c), c.number)
        for c in _waiting(incident)
        if c.due_at is not None and now >= c.due_at
    ]


def wake_at(incident: Incident) -> datetime | None:
    return min((c.due_at for c in _waiting(incident) if c.due_at is not None), default=None)


def answerable(incident: Incident, case: VendorCase) -> str:
    """The owner, or the commander once the owner holds no role any more."""
    if any(a.person == case.owner for a in incident.open_assignments()) or incident.commander is None:
        return case.owner
    return incident.commander.person


def _waiting(incident: Incident) -> list[VendorCase]:
    if incident.has_ended:
        return []
    return [c for c in incident.business.open_cases() if c.state == "waiting" and not c.overdue]


def _open(incident: Incident, by: Who, case_id: str) -> VendorCase:
    not_ended(incident)
    found = known(incident.business.vendor_cases.get(case_id), "vendor.unknown", "case")
    if not found.is_open:
        raise Refused("vendor.closed", f"The case at {found.vendor} is closed. Open a new one.")
    act(incident, by)
    return found


def _due(answer_minutes: int, now: datetime) -> datetime | None:
    if not 0 <= answer_minutes <= LONGEST_MINUTES:
        message = f"Give 0 for no clock, or 1 to {LONGEST_MINUTES} minutes."
        raise unfit("answer_minutes.number", "answer_minutes", message)
    return now + timedelta(minutes=answer_minutes) if answer_minutes else None


def _note(text: str) -> str:
    text = text.strip()
    if len(text) > NOTE_LIMIT:
        raise unfit(
            "note.long", "note", f"The note has {len(text)} characters; {NOTE_LIMIT} fit. Shorten it."
        )
    return text
