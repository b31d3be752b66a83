"""What the executive page, the liaison's queue and the review show of executives. Plain data; never writes.

The executive page has no names and no tasks, and nobody keeps it current: it is made from facts, phases and clocks.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from quarterdeck.app.casebook import Case
from quarterdeck.app.executives import executives
from quarterdeck.app.incidents import bridging, money, spending_up
from quarterdeck.app.response.business_rules import rules
from quarterdeck.core.access import Who, may
from quarterdeck.core.incidents import costing, exec_questions
from quarterdeck.core.incidents.boundary import ExecQuestion
from quarterdeck.core.incidents.exec_brief import SHOWN_STATES, without_names
from quarterdeck.core.incidents.structure import PHASES
from quarterdeck.core.kernel import money as amounts
from quarterdeck.web.present import asks, executive_work, words
from quarterdeck.web.present.business import sums
from quarterdeck.web.present.room import impact

SENT_SHOWN = 20
QUESTION_STATES = {
    "held": ("", "clock", "Waits for the end of the quiet period"),
    "asked": ("", "clock", "With the executive liaison"),
    "answered": ("green", "checkc", "Answered"),
    "deferred": ("", "clock", "In the next brief"),
    "decision": ("amber", "fork", "Needs a decision"),
    "declined": ("", "minusc", "Declined"),
    "merged": ("", "merge", "Merged with another question"),
    "automatic": ("green", "checkc", "Answered with the latest brief"),
}
GUIDANCE_KINDS = {
    "objective": "Objective",
    "priority": "Priority",
    "constraint": "Constraint",
    "risk_appetite": "Risk appetite",
}
GUIDANCE_STATES = {
    "given": ("", "clock", "With the commander"),
    "accepted": ("green", "checkc", "Accepted"),
    "declined": ("amber", "minusc", "Declined"),
}
CROSSED = {
    "attempt": "An act outside the boundary, refused",
    "not_taken": "Command not taken, the note went to the queue",
    "off_channel": "Past the executive liaison",
}
FILLERS = {"on_call": "on call for it", "deputy": "the deputy", "internal_liaison": "the internal liaison"}
NOTES = {"severity": "Doubt about the severity", "decision": "Another mind about a decision"}


def page(case: Case, who: Who, at: datetime) -> dict[str, Any]:
    """The executive page of one incident."""
    incident, shown = case.incident, executives.brief(case, at)
    phases = [p for p in PHASES if p in case.template.phases]
    place = phases.index(incident.phase) + 1 if incident.phase in phases else 0
    acts = executives.may_act(who) and not incident.has_ended
    mine = [q for q in incident.boundary.questions.values() if who.person in q.askers]
    called = executives.names(case, at)
    return {
        "exec": {
            "id": incident.key,
            "url": f"/briefs/{incident.key}",
            "title": without_names(incident, case.template, incident.title, called),
            "severity": words.severity(incident.severity),
            "phase": words.phase(incident.phase),
            "place": place,
            "phases": len(phases),
            "since": incident.declared_at,
            "until": incident.resolved_at,
            "drill": incident.drill,
            "restricted": incident.restricted,
            "quiet_until": _quiet(case, at),
            "room": f"/incidents/{incident.key}"
            if may(executives.inside(who, "incident.read", incident.key), "incident.read")
            else "",
        },
        "brief": shown,
        "impact": impact(case),
        "cost": sums(money.so_far(case, at).totals),
        "sent": _sent(case, called),
        "questions": [question(q) for q in reversed(mine)],
        "may_act": acts,
        "next_question_at": _next(case, who, at),
        "guidance": _guidance(case, called),
        "guidance_kinds": GUIDANCE_KINDS.items(),
        "decisions": [
            {"id": d.id, "question": without_names(incident, case.template, d.question, called)}
            for d in incident.decisions.values()
        ],
        "command": _command(case, who),
        "liaison_gap": bridging.gap(case, at),
        "work": executive_work.page(case, who, at),
        "spends": _spends(case, who, called) if acts else [],
        "asked": _asked(case, who, at, called)
        | {"act": f"/briefs/{incident.key}/asks/acts/" if acts else ""},
        "first_statement_at": _first_statement(case),
    }


def _asked(case: Case, who: Who, at: datetime, called: dict[str, str]) -> dict[str, Any]:
    """What leadership is asked for, in words without names. (An option keeps its words: it is what is chosen.)"""
    found = asks.panel(case, who, at)

    def said(row: dict[str, Any], field: str) -> dict[str, Any]:
        return row | {field: without_names(case.incident, case.template, row[field], called)}

    return found | {
        "helps": [said(h, "text") for h in found["helps"]],
        "decisions": [said(d, "question") for d in found["decisions"]],
    }


def _spends(case: Case, who: Who, called: dict[str, str]) -> list[dict[str, Any]]:
    """What waits for their word because it costs more than the response may spend by itself."""
    found = []
    for key in spending_up.waiting_for(case, who.person):
        r = case.incident.ics.requests[key]
        minor, code = costing.price(r, rules().rates.currency)
        item = without_names(case.incident, case.template, r.item, called)
        found.append(
            {"id": r.id, "what": f"{r.quantity} × {r.kind}", "item": item, "cost": amounts.text(minor, code)}
        )
    return found


def question(q: ExecQuestion) -> dict[str, Any]:
    tone, icon, label = QUESTION_STATES.get(q.state, ("", "dot", q.state))
    return {
        "id": q.id, "text": q.text, "tone": tone, "icon": icon, "label": _(label), "state": q.state, "answer": q.answer,
        "at": q.answered_at or q.asked_at, "asked_at": q.asked_at, "critical": q.critical, "reason": q.reason,
        "held_until": q.held_until if q.state == "held" else None, "open": q.is_open, "kind": q.kind,
        "others": len(q.askers) - 1,
    }  # fmt: skip


def desk(case: Case, who: Who, at: datetime) -> dict[str, Any] | None:
    """In the war room: the liaison's queue, and for everybody else the counter; None while there is nothing."""
    incident, found = case.incident, executives.count(case.incident)
    queue = exec_questions.may_answer(incident, case.template, who)
    commands = incident.commander is not None and incident.commander.person == who.person
    gap = liaison(case, at)
    lines = executive_work.lines(case, who)
    if not (found.total or incident.boundary.guidance or queue or gap or lines):
        return None
    asked = [q for q in incident.boundary.questions.values() if q.is_delivered and q.state != "merged"]
    directory = case.directory(at)
    directory.load_people({p for q in asked for p in (q.asked_by, q.passed_to) if p})
    shown = [
        question(q)
        | {"by": directory.name(q.asked_by), "passed": directory.name(q.passed_to) if q.passed_to else ""}
        for q in (*(q for q in asked if q.is_open), *reversed([q for q in asked if not q.is_open]))
    ]
    holders = dict.fromkeys(a.person for a in incident.open_assignments() if a.person != who.person)
    return {
        "count": found,
        "gap": gap,
        "lines": lines,
        "open": sum(q.is_open for q in asked),
        "queue": shown if queue else None,
        "people": [{"id": p, "name": directory.name(p)} for p in holders] if queue else [],
        "commands": commands and not incident.has_ended,
        "may_note": (queue or commands) and not incident.has_ended,
        "ended": incident.has_ended,
        "guidance": [
            {"id": g.id, "kind": _(GUIDANCE_KINDS.get(g.kind, g.kind)), "text": g.text, "reason": g.reason,
             "state": g.state, **_stated(g.state)}
            for g in incident.boundary.guidance.values()
        ],
    }  # fmt: skip


def liaison(case: Case, at: datetime) -> dict[str, Any] | None:
    """Nobody bridges to executives though somebody must: since when, whom it was told, and who could."""
    found = bridging.gap(case, at)
    if found is None:
        return None
    names = case.directory(at).name
    return {
        "title": found.role.title, "role": found.role.key, "since": found.since, "warned": found.warned,
        "passed_on": found.passed_on, "answered_by": [names(p) for p in found.stand_ins],
        "fillers": [
            {"id": f.person, "name": names(f.person), "why": _(FILLERS[f.why])}
            for f in bridging.fillers(case, at)
        ],
    }  # fmt: skip


def reviewed(case: Case, at: datetime) -> dict[str, Any] | None:
    """In the review: counts and quotes, without a name or a score (R-149)."""
    boundary, found = case.incident.boundary, executives.count(case.incident)
    if not (found.total or boundary.notes or boundary.guidance):
        return None
    called = executives.names(case, at)

    def said(text: str) -> str:
        return without_names(case.incident, case.template, text, called)

    return {
        "count": found,
        "crossings": [
            {"kind": _(CROSSED.get(c.kind, c.kind)), "what": said(c.what), "quote": said(c.quote), "at": c.at}
            for c in boundary.crossings.values()
        ],
        "notes": [
            {"about": _(NOTES.get(n.about, n.about)), "subject": said(n.subject), "text": said(n.text)}
            for n in boundary.notes.values()
        ],
        "guidance": _guidance(case, called),
    }


def _guidance(case: Case, called: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "kind": _(GUIDANCE_KINDS.get(g.kind, g.kind)),
            "text": g.text,
            "reason": without_names(case.incident, case.template, g.reason, called),
            **_stated(g.state),
        }
        for g in case.incident.boundary.guidance.values()
    ]


def _stated(state: str) -> dict[str, str]:
    tone, icon, label = GUIDANCE_STATES.get(state, ("", "dot", state))
    return {"tone": tone, "icon": icon, "label": _(label)}


def _quiet(case: Case, at: datetime) -> datetime | None:
    until = exec_questions.quiet_until(case.incident)
    return until if until is not None and until > at and case.incident.is_open else None


def _next(case: Case, who: Who, at: datetime) -> datetime | None:
    again = exec_questions.next_question_at(case.incident, who.person)
    return again if again is not None and again > at else None


def _sent(case: Case, called: dict[str, str]) -> list[dict[str, Any]]:
    titles = {a.key: a.title for a in case.template.audiences}
    rows = [m for m in case.incident.messages.values() if m.state in SHOWN_STATES]
    rows.sort(key=lambda m: m.released_at or m.drafted_at, reverse=True)
    return [
        {
            "audience": titles.get(m.audience, m.audience.replace("_", " ")),
            "text": without_names(case.incident, case.template, m.headline, called),
            "at": m.sent_at or m.released_at,
        }
        for m in rows[:SENT_SHOWN]
        if m.audience != "responders"
    ]


def _first_statement(case: Case) -> datetime | None:
    public = {a.key for a in case.template.audiences if a.public}
    told = [
        m.released_at for m in case.incident.messages.values()
        if m.released_at and m.audience in public and m.state in SHOWN_STATES
    ]  # fmt: skip
    return min(told, default=None)


def _command(case: Case, who: Who) -> dict[str, Any]:
    incident = case.incident
    mine = next(
        (
            h
            for h in incident.handovers.values()
            if h.is_open and h.to_person == who.person and h.role == "commander"
        ),
        None,
    )
    return {
        "held": incident.commander is not None and incident.commander.person == who.person,
        "passing": {"id": mine.id, "state": mine.state, "note": mine.note} if mine else None,
    }
