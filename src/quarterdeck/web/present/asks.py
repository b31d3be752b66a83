"""What is asked of executives on their own page and in the war room: help, offers, decisions, briefings, the brief."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from quarterdeck.app.casebook import Case
from quarterdeck.app.executives.executive_duty import duty
from quarterdeck.core.access import Who
from quarterdeck.core.access import may as allowed
from quarterdeck.core.incidents import decision_requests, help_requests
from quarterdeck.core.incidents.authority import may
from quarterdeck.core.incidents.briefings import FIELDS
from quarterdeck.web.present import executive_roster

_TONES = {"open": "amber", "accepted": "blue", "done": "green", "declined": "grey", "taken": "green"}
_BRIEFINGS = {"planned": "blue", "held": "green", "missed": "red", "cancelled": "grey"}


def panel(case: Case, who: Who, now: datetime) -> dict[str, Any]:
    """For both pages. No names but those of executives: people at work stand there by their role."""
    asks, names = case.incident.asks, case.directory(now).name
    return {
        "helps": [
            {
                "id": h.id, "kind": help_requests.KINDS.get(h.kind, h.kind), "text": h.text, "need_by": h.need_by,
                "state": h.state, "tone": _TONES[h.state], "open": h.is_open, "reply": h.reply,
                "asked": names(h.accepted_by or h.person), "late": h.late or (h.is_open and h.need_by <= now),
                "mine": h.accepted_by == who.person,
            }
            for h in reversed(asks.help.values())
        ],
        "decisions": [
            {
                "id": d.id, "question": d.question, "deadline": d.deadline, "open": d.is_open, "chosen": d.chosen,
                "options": list(zip(d.options, d.consequences, strict=False)), "recommendation": d.recommendation,
                "fallback": d.fallback, "by_default": d.by_default, "note": d.note, "own": d.asked_by == who.person,
            }
            for d in reversed(asks.decisions.values())
        ],
        "briefings": [
            {
                "id": b.id, "at": b.starts_at, "state": b.state, "tone": _BRIEFINGS[b.state], "open": b.is_open,
                "link": b.link, "every": b.every_minutes, "notes": b.notes, "people": [names(p) for p in b.people],
            }
            for b in sorted(asks.briefings.values(), key=lambda b: b.starts_at, reverse=True)[:12]
        ],
        "brief": asks.last_brief,
        "offers": [
            {
                "id": o.id, "kind": help_requests.KINDS.get(o.kind, o.kind), "text": o.text, "by": names(o.offered_by),
                "state": o.state, "tone": _TONES[o.state], "open": o.state == "open", "reason": o.reason,
            }
            for o in reversed(asks.offers.values())
        ],
        "may_answer": allowed(who, help_requests.PERMISSION),
        "offer_kinds": [
            ("resource", "Offer a resource"), ("roadblock", "Remove a roadblock"), ("spend", "Approve spending"),
            ("external_contact", "Contact someone"),
        ],
    }  # fmt: skip


def war_room(case: Case, who: Who, now: datetime) -> dict[str, Any]:
    """As `panel`, with the forms of the commander and the executive liaison."""
    incident, directory = case.incident, case.directory(now)
    open_ = not incident.has_ended
    found = duty(directory)

    def able(*grants: str) -> bool:
        return open_ and may(incident, case.template, who, *grants)

    return panel(case, who, now) | {
        "able": {
            "call": able("callout.send", "exec.brief"),
            "ask": able("decision.make"),
            "liaise": able("decision.make", "exec.answer"),
            "brief": able("exec.brief", "decision.make"),
        },
        "duty": executive_roster.asked(found.chain if found else (), directory, now),
        "engaged": [{"title": e.title, "at": e.at} for e in incident.asks.engaged.values()],
        "kinds": list(help_requests.KINDS.items()),
        "authority": list(decision_requests.ACTS.items()),
        "fields": list(FIELDS.items()),
    }
