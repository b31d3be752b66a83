"""The role card in words: in the war room, and behind the link of a page for whoever answered it (R-015)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from quarterdeck.app import casebook
from quarterdeck.app.casebook import Case
from quarterdeck.app.incidents import briefing
from quarterdeck.core.incidents import cards
from quarterdeck.store import models

ASKED_SHOWN = 5
# So long after a role was taken its card says everything at once; later it folds on small screens.
NEW = timedelta(minutes=15)


def about(case: Case, role: str, person: str, now: datetime) -> dict[str, Any]:
    """Purpose, first steps of the present phase, whom to report to, and what is asked of `person` now."""
    card = cards.card(case.incident, case.template, role, person)
    names = case.directory(now).name
    above = None
    if card.above is not None:
        holder = case.template.role(card.above.role)
        above = {"name": names(card.above.person), "title": holder.title if holder else ""}
    held = next((a for a in case.incident.open_assignments() if (a.role, a.person) == (role, person)), None)
    return {
        "key": role,
        "title": card.title,
        "purpose": card.purpose,
        "above": above,
        "first_steps": [s.text for s in card.first_steps],
        "asked": [{"text": t.title, "due_at": t.due_at} for t in card.asked[:ASKED_SHOWN]],
        "more": max(0, len(card.asked) - ASKED_SHOWN),
        "held": held is not None,
        "asks": asks(case, role),
        "fresh": held is not None and now - held.started_at < NEW,
    }


def asks(case: Case, role: str) -> bool:
    """Whether whoever takes the role first says that they have understood its card."""
    card = case.template.role(role)
    return card is not None and card.understood


def called_for(callout: models.Callout, now: datetime) -> dict[str, Any] | None:
    """The card of the role somebody answered for; None when it is for none, or the incident has ended. `free` says
    that nobody holds the role, so that it can be taken from here.
    """
    if not (callout.incident_id and callout.role) or callout.state != "acknowledged":
        return None
    case = casebook.load(callout.incident_id)
    if case.incident.has_ended or case.template.role(callout.role) is None:
        return None
    lines = {line.role: line for line in briefing.roles(case, now, everything=True)}
    line = lines.get(callout.role)
    return about(case, callout.role, callout.person_id, now) | {
        "free": line is not None and not line.holders,
        "incident": case.incident.key,
    }
