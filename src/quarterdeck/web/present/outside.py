"""Other organisations in an incident for the eye: the list for one's own people, and the one page their guests see.

A guest's page is made of what was shared with guests, what they wrote themselves, and what is asked of them: it never
reads any other line of the record.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from quarterdeck.app.casebook import Case
from quarterdeck.core.access import Who
from quarterdeck.core.incidents import agencies, chart
from quarterdeck.core.incidents.authority import may
from quarterdeck.core.incidents.outside import AgencyRequest
from quarterdeck.core.incidents.state import PASSIVE_ROLES

from . import words

ANSWERS = (("yes", "Yes"), ("partly", "In part"), ("no", "No"))
_STATES = {
    "": ("amber", "clock", "Waiting"),
    "yes": ("green", "checkc", "Yes"),
    "partly": ("blue", "info", "In part"),
    "no": ("red", "x", "No"),
}


def listing(case: Case, who: Who, now: datetime) -> dict[str, Any]:
    """Agencies that are here first, each with what it was asked, newest first."""
    incident = case.incident
    found = sorted(incident.outside.agencies.values(), key=lambda a: (not a.is_here, a.name.casefold()))
    guests = [p for p in incident.crew.presence.values() if p.guest and p.is_here]
    names = case.directory(now)
    names.load_people(
        {p.person for p in guests} | {r.answered_by for r in incident.outside.requests.values()} - {""}
    )
    return {
        "agencies": [
            {
                "id": a.id, "name": a.name, "representative": a.representative, "contact": a.contact,
                "offers": a.offers, "limits": a.limits, "left": a.left_at, "left_reason": a.left_reason,
                "here": [names.name(p.person) for p in guests if a.is_called(p.organisation)],
                "requests": [_request(case, r, now) for r in _asked(case, a.id)],
            }
            for a in found
        ],
        "answers": ANSWERS,
        "may_share": may(incident, case.template, who, agencies.SHARES, "incident.phase")
        and not incident.has_ended,
        "shared": len(incident.outside.shared),
    }  # fmt: skip


def guest_page(case: Case, who: Who, now: datetime) -> dict[str, Any]:
    """What a guest sees beside the lines of the timeline that are theirs to see."""
    incident = case.incident
    names = case.directory(now)
    commander = incident.commander
    agency = agencies.agency_of(incident, who.person)
    roll = incident.crew.roll_call()
    card = case.template.role("commander")
    return {
        "incident": {
            "id": incident.key,
            "url": f"/incidents/{incident.key}",
            "title": incident.title,
            "severity": words.severity(incident.severity),
            "phase": words.phase(incident.phase),
            "phase_since": incident.phase_since,
            "drill": incident.drill,
            "stops": [
                {"title": s.title or "All work", "reason": s.reason} for s in incident.crew.open_stops()
            ],
        },
        "leads": {
            "title": card.title if card else "Commander",
            "name": names.name(commander.person) if commander else "",
        },
        "here_as": incident.crew.presence[who.person].organisation,
        "requests": [_request(case, r, now) for r in _asked(case, agency.id)] if agency else [],
        "answers": ANSWERS,
        "tasks": [
            {"id": t.id, "title": t.title, "due_at": t.due_at}
            for t in incident.tasks.values()
            if t.assignee == who.person and t.is_open
        ],
        "people": _who_is_who(case, now),
        "roll": roll.id if roll and who.person in roll.silent else "",
        "may": {"act": False},
        "now": now,
    }


def _who_is_who(case: Case, now: datetime) -> list[dict[str, Any]]:
    """Who holds which acting role, in the order of the chart: a guest has to know whom to turn to."""
    titles = {r.key: r.title for r in case.template.roles}
    names = case.directory(now).name
    return [
        {
            "title": ", ".join(titles.get(a.role, a.role) for a in (p.assignment, *p.also)),
            "name": names(p.assignment.person),
        }
        for p in chart(case.incident, case.template)
        if p.assignment.role not in PASSIVE_ROLES
    ]


def _asked(case: Case, agency_id: str) -> list[AgencyRequest]:
    found = [r for r in case.incident.outside.requests.values() if r.agency == agency_id]
    return sorted(found, key=lambda r: (r.asked_at, r.id), reverse=True)


def _request(case: Case, r: AgencyRequest, now: datetime) -> dict[str, Any]:
    tone, icon, label = _STATES.get(r.answer, _STATES[""])
    by = case.directory(now).name(r.answered_by) if r.answered_by else ""
    return {
        "id": r.id, "text": r.text, "at": r.asked_at, "answer": r.answer, "reply": r.reply, "by": by,
        "answered_at": r.answered_at, "tone": tone, "icon": icon, "label": label,
    }  # fmt: skip
