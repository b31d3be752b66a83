"""The business response of an incident on its pages: the score and the escalation on one side, the mirror, the
readiness, the briefing and the grid on the other. Decides nothing; offers only what the viewer may do.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from quarterdeck.app.casebook import Case
from quarterdeck.app.response import response
from quarterdeck.app.response.business_rules import rules
from quarterdeck.core.access import Who
from quarterdeck.core.access import may as may_in_general
from quarterdeck.core.incidents import liaison, readiness, severe
from quarterdeck.core.incidents.authority import may
from quarterdeck.core.incidents.response import BUSINESS, INITIAL, LIAISON, QUESTIONS, SLT, SME, STEPS
from quarterdeck.core.incidents.response_gate import child_gate
from quarterdeck.core.incidents.response_grid import grid
from quarterdeck.core.kernel.refused import Refused

from . import approvals, words
from .problems import people

STEP_WORDS = {
    "declared": "Declared", "ready": "Ready", "briefing": "Briefing", "emergency_ops": "Emergency operations",
    "messaging": "Messaging", "resuming": "Resuming", "resolved": "Resolved",
}  # fmt: skip
_INPUTS = {
    "visibility": "Who notices it", "impact": "What it does to them", "duration": "How long it may last",
    "confidence": "How sure an early fix is",
}  # fmt: skip
_FACTS = {
    "summary": "What happened", "what_we_know": "What is known", "customer_effect": "What customers notice",
    "workaround": "Workaround", "cause": "Cause", "next_step": "Next step", "fix": "Fix",
    "customers_affected": "Customers affected", "impact": "Impact", "resolution_summary": "How it ended",
}  # fmt: skip
_GROUPS = {
    "initial": "Initial", "operations": "Operations", "messaging": "Messaging", "departmental": "Departments",
    "command": "Command", "departments": "Departments",
}  # fmt: skip


def has_page(case: Case) -> bool:
    """Whether an incident has this page: a business response, or a severe enough incident that may get one."""
    incident = case.incident
    now = incident.response
    technical = incident.template != BUSINESS and (incident.is_open and incident.severity <= 2)
    return bool(now.parent or now.child or now.ratings or technical)


def page(case: Case, who: Who, now: datetime) -> dict[str, Any]:
    """Everything of the page; `child` or `technical` says which side it is, the other is None."""
    is_child = bool(case.incident.response.parent)
    live = not case.incident.has_ended and may_in_general(who, "incident.act")
    return {
        "child": child(case, who, now) if is_child else None,
        "technical": None if is_child else technical(case, who, now),
        "groups": _groups(case, now) if live and _calls(case, who) else [],
        "people": people() if live else [],
    }


def strip(case: Case, who: Who, now: datetime) -> dict[str, Any] | None:
    """What the war room shows above its columns; None where there is nothing to say."""
    incident, known = case.incident, case.incident.response
    if known.parent:
        return {"kind": "child", **child(case, who, now)}
    rating = known.rating
    if known.child or (rating and rating.crossed and incident.is_open):
        return {"kind": "technical", **technical(case, who, now)}
    return None


def technical(case: Case, who: Who, now: datetime) -> dict[str, Any]:
    incident, known = case.incident, case.incident.response
    name = case.directory(now).name
    rating, chosen = known.rating, known.rating
    leads = incident.commander is not None and incident.commander.person == who.person
    passing, held = liaison.running(incident), incident.holder(LIAISON)
    return {
        "rating": rating and {
            "score": rating.score, "threshold": rating.threshold, "crossed": rating.crossed,
            "by": name(rating.rated_by), "at": rating.rated_at, "note": rating.note,
            "said": [
                {"label": label, "text": _title(key, getattr(rating, key))} for key, label in _INPUTS.items()
            ],
        },
        "threshold": rules().severe.threshold,
        "inputs": [
            {
                "key": key, "label": label, "chosen": getattr(chosen, key, ""),
                "answers": [{"key": x.key, "title": x.title} for x in rules().severe.levels[key]],
            }
            for key, label in _INPUTS.items()
        ],
        "recommended": known.recommended_by and {
            "by": name(known.recommended_by), "at": known.recommended_at, "text": known.recommendation,
        },
        "escalated": known.severe_at and {
            "by": name(known.severe_by), "at": known.severe_at, "reason": known.severe_reason, "child": known.child,
        },
        "sme": (sme := incident.holder(SME)) and name(sme.person),
        "liaison": held and name(held.person),
        "passing": passing and {
            "id": passing.id, "to": name(passing.to_person), "state": passing.state,
        },
        "moved": any(
            h.role == LIAISON and h.state == "effective" for h in incident.handovers.values()
        ),
        "able": {
            "rate": incident.is_open
            and (
                SME in incident.roles_of(who.person)
                or may(incident, case.template, who, "severity.set", "impact.set")
            ),
            "call": incident.is_open and _calls(case, who),
            "recommend": incident.is_open and SME in incident.roles_of(who.person),
            "escalate": leads and incident.is_open and not known.child,
            "force": leads and passing is not None,
            "standby": liaison.is_staged(incident) and passing is None and held is not None
            and who.person in (held.person, incident.commander.person if incident.commander else ""),
        },
        "blocked": _blocked(case, who),
        "reason_needed": incident.phase == severe.WITH_REASON,
    }  # fmt: skip


def child(case: Case, who: Who, now: datetime) -> dict[str, Any]:
    incident, known = case.incident, case.incident.response
    name = case.directory(now).name
    titles = {r.key: r.title for r in case.template.roles}
    mirror = known.mirror
    gate = child_gate(incident)
    roles = incident.roles_of(who.person)
    leads = may(incident, case.template, who, "incident.phase") and incident.is_open
    waiting = response.release_waits(case, now)
    return {
        "parent": mirror and {
            "id": known.parent, "url": f"/incidents/{known.parent}", "title": mirror.title,
            "severity": words.severity(mirror.severity), "phase": words.phase(mirror.phase),
            "over": mirror.is_over, "commander": name(mirror.commander) if mirror.commander else "",
            "at": mirror.at,
            "facts": [
                {"label": label, "text": mirror.facts[key]} for key, label in _FACTS.items() if mirror.facts.get(key)
            ],
            "impact": [
                {"label": key[7:].replace("_", " ").capitalize(), "text": level}
                for key, level in mirror.facts.items() if key.startswith("impact.")
            ],
        },
        "step": STEP_WORDS.get(known.step, known.step),
        "steps": _steps(known.step),
        "next": _next(known.step),
        "back": [{"key": s, "label": STEP_WORDS[s]} for s in STEPS[: max(STEPS.index(known.step or "declared"), 0)]],
        "initial": [
            {
                "role": role, "title": titles.get(role, role),
                "person": name(held.person) if (held := incident.holder(role)) else "",
                "accepted": readiness.has_accepted(incident, role),
                "mine": held is not None and held.person == who.person,
            }
            for role in INITIAL
        ],
        "ready": not readiness.waiting_for(incident),
        "accepted": len(INITIAL) - len(readiness.waiting_for(incident)),
        "briefing": {
            "open": known.briefing_opened_at, "answered": len(known.answers), "all": len(QUESTIONS),
            "owner": name(held.person) if (held := incident.holder(LIAISON)) else titles.get(LIAISON, ""),
            "enough_by": known.enough_by and name(known.enough_by), "enough_at": known.enough_at,
            "rows": [
                {
                    "key": key, "title": title, "text": found.text if (found := known.answers.get(key)) else "",
                    "by": name(found.by) if found else "", "at": found.at if found else None,
                }
                for key, title in QUESTIONS.items()
            ],
        },
        "grid": _grid(case, now),
        "gate": [{"text": text.rstrip("."), "met": met} for _, text, met in gate],
        "waiting": len(waiting),
        "preliminary": {
            "text": known.preliminary, "by": known.preliminary_by and name(known.preliminary_by),
            "at": known.preliminary_at, "due": not incident.is_open and not known.preliminary,
        },
        "able": {
            "lead": leads,
            "answer": known.briefing_opened_at is not None and not incident.has_ended
            and (LIAISON in roles or may(incident, case.template, who, "facts.write", "incident.phase")),
            "confirm": SLT in roles and known.briefing_opened_at is not None and known.enough_at is None
            and bool(known.answers),
            "analyse": not incident.has_ended
            and (SLT in roles or may(incident, case.template, who, "incident.phase")),
        },
    }  # fmt: skip


def _title(name: str, key: str) -> str:
    return next((x.title for x in rules().severe.levels[name] if x.key == key), key)


def _blocked(case: Case, who: Who) -> str:
    """Why the commander cannot escalate now, "" when they can."""
    try:
        severe.must_be_allowed(case.incident, who, "given")
    except Refused as refused:
        return refused.message
    return ""


def _steps(step: str) -> list[dict[str, str]]:
    at = STEPS.index(step) if step in STEPS else 0
    states = ["done" if n < at else "now" if n == at else "later" for n in range(len(STEPS))]
    return [{"label": STEP_WORDS[s], "state": state} for s, state in zip(STEPS, states, strict=True)]


def _next(step: str) -> dict[str, str] | None:
    """The step after this one; resolving has its own act."""
    at = STEPS.index(step) + 1 if step in STEPS else 0
    return {"key": STEPS[at], "label": STEP_WORDS[STEPS[at]]} if 0 < at < len(STEPS) - 1 else None


def _grid(case: Case, now: datetime) -> dict[str, Any]:
    """Audiences down, phases across; what is not written yet in the present phase is to be written."""
    rows = grid(case.incident, case.template)
    url = f"/incidents/{case.incident.key}/communication"
    return {
        "phases": [{"label": words.phase(r.phase), "at": r.opened_at, "current": r.current} for r in rows],
        "rows": [
            {
                "title": a.title,
                "cells": [
                    {
                        "state": approvals.shown_state(case, m, now) if (m := r.messages.get(a.key)) else "",
                        "headline": m.headline if m else "",
                        "href": f"{url}?message={m.id}#message" if m else f"{url}?draft=1&audience={a.key}",
                        "current": r.current,
                    }
                    for r in rows
                ],
            }
            for a in case.template.audiences
        ],
    }


def _calls(case: Case, who: Who) -> bool:
    return may(case.incident, case.template, who, "callout.send")


def _groups(case: Case, now: datetime) -> list[dict[str, Any]]:
    """The functional groups, each with who holds its roles and how many are free."""
    titles = {r.key: r.title for r in case.template.roles}
    name = case.directory(now).name
    found = []
    for key, roles in response.groups(case.template):
        held = {role: case.incident.holder(role) for role in roles}
        rows = [{"title": titles[r], "person": name(h.person) if h else ""} for r, h in held.items()]
        free = sum(h is None for h in held.values())
        label = _GROUPS.get(key, key.replace("_", " ").capitalize())
        found.append({"key": key, "label": label, "rows": rows, "free": free})
    return found
