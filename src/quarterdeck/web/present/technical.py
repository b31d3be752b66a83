"""The technical work of an incident as its page shows it: offers, supposed causes, findings, repairs, changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from quarterdeck.app.alerts import changes as feed
from quarterdeck.app.alerts.relapses import firing
from quarterdeck.app.casebook import Case
from quarterdeck.core.access import GUEST, Who
from quarterdeck.core.incidents import offers as core
from quarterdeck.core.incidents.authority import may
from quarterdeck.core.incidents.remediations import lacking
from quarterdeck.core.incidents.state import PASSIVE_ROLES
from quarterdeck.core.incidents.tasks import lead_of
from quarterdeck.core.incidents.technical import Remediation
from quarterdeck.core.kernel.links import safe_url
from quarterdeck.store import models
from quarterdeck.web.present import automation

STATES = {
    "proposed": ("grey", "ring"), "testing": ("blue", "half"), "confirmed": ("green", "checkc"), "refuted": ("", "x"),
    "running": ("blue", "half"), "done": ("green", "checkc"), "failed": ("red", "octagonx"), "refused": ("", "x"),
    "rolled_back": ("amber", "undo"), "stopped": ("amber", "stop"), "withdrawn": ("", "x"), "open": ("blue", "half"),
    "carried": ("green", "checkc"), "decided": ("green", "checkc"), "dropped": ("", "x"), "worked": ("green", "checkc"),
    "skipped": ("grey", "minusc"), "high": ("red", "triangle"), "medium": ("amber", "triangle"),
    "low": ("grey", "minusc"), "for": ("green", "plus"), "against": ("red", "minus"), "neutral": ("grey", "dot"),
}  # fmt: skip
_ORDER = ("confirmed", "testing", "proposed", "refuted")
SHOWN_BESIDE = 5


def hands_out(case: Case) -> str:
    """Who is given a task only with a reason, by title; "" nobody."""
    return lead_of(case.template)


def page(case: Case, who: Who, now: datetime) -> dict[str, Any]:
    """Everything below the incident's header."""
    incident = case.incident
    granted = {
        "hypotheses": may(incident, case.template, who, "hypothesis.write"),
        "repairs": may(incident, case.template, who, "remediation.apply", "task.assign", "decision.make"),
        "decide": may(incident, case.template, who, "decision.make"),
    }
    return {
        "offers": offers(case),
        "hypotheses": hypotheses(case, who, now, granted["hypotheses"]),
        "findings": findings(case, now),
        "repairs": repairs(case, who, now, granted),
        "choices": choices(case, now),
        "polls": polls(case, who, now),
        "steps": steps(case, now),
        "changes": changes(case, who, now),
        "channel": safe_url(incident.technical.channel_url) or "",
        "stood_down_at": incident.technical.stood_down_at,
        "granted": granted,
        "actors": actors(case, now),
        "streams": [{"id": w.id, "title": w.title} for w in incident.crew.open_workstreams()],
        "files": [{"id": a.id, "name": a.name} for a in incident.attachments.values()],
    }


def mark(key: str) -> dict[str, str]:
    """Tone, icon and word of a state."""
    tone, icon = STATES.get(key, ("grey", "dot"))
    return {"key": key, "tone": tone, "icon": icon, "word": key.replace("_", " ")}


def actors(case: Case, now: datetime) -> list[dict[str, str]]:
    """Everybody who acts in the incident, once each."""
    names = case.directory(now).name
    held = (a.person for a in case.incident.open_assignments() if a.role not in PASSIVE_ROLES)
    return [{"id": p, "name": names(p)} for p in dict.fromkeys(held)]


def offers(case: Case) -> list[dict[str, Any]]:
    """What to do next, each with the one act that does it."""
    url = f"/incidents/{case.incident.key}"
    found = []
    for o in core.offers(case.incident, case.template):
        row: dict[str, Any] = {"kind": o.kind, "title": o.title, "why": o.why, "phase": o.phase}
        if o.kind == "message":
            asked = urlencode({"draft": 1, "audience": o.audience, "text": o.text})
            row["href"] = f"{url}/communication?{asked}#message"
        found.append(row)
    return found


def hypotheses(case: Case, who: Who, now: datetime, granted: bool) -> list[dict[str, Any]]:
    """Confirmed first, refuted last and still there."""
    names = case.directory(now).name
    evidence: dict[str, list[dict[str, Any]]] = {}
    files = {a.id: a for a in case.incident.attachments.values()}
    for e in case.incident.technical.evidence.values():
        file = files.get(e.file)
        evidence.setdefault(e.hypothesis, []).append({
            "text": e.text, "url": safe_url(e.url) or "", "who": names(e.added_by), "at": e.added_at,
            "speaks": mark(e.speaks), "file": {"id": file.id, "name": file.name} if file else None,
        })  # fmt: skip
    found = sorted(case.incident.crew.hypotheses.values(), key=lambda h: _ORDER.index(h.state))
    return [
        {
            "id": h.id, "text": h.text, "state": mark(h.state), "owner": names(h.owner) if h.owner else "",
            "owner_id": h.owner, "stated_by": names(h.stated_by), "at": h.stated_at, "grounds": h.evidence,
            "evidence": evidence.get(h.id, []), "may_judge": granted or h.owner == who.person,
        }
        for h in found
    ]  # fmt: skip


def findings(case: Case, now: datetime) -> list[dict[str, Any]]:
    """The newest first."""
    names = case.directory(now).name
    causes = {h.id: h.text for h in case.incident.crew.hypotheses.values()}
    return [
        {
            "id": f.id, "fact": f.fact, "confidence": mark(f.confidence), "evidence": f.evidence,
            "url": safe_url(f.url) or "", "who": names(f.reported_by), "at": f.reported_at,
            "to": names(f.addressed_to) if f.addressed_to else "", "about": causes.get(f.hypothesis, ""),
        }
        for f in reversed(case.incident.technical.findings.values())
    ]  # fmt: skip


def repairs(case: Case, who: Who, now: datetime, granted: dict[str, bool]) -> list[dict[str, Any]]:
    """What is open first; each with what it still waits for and what the viewer may do."""
    found = sorted(case.incident.technical.remediations.values(), key=lambda r: not r.is_open)
    return [_repair(case, r, who, now, granted) for r in found]


def _repair(case: Case, r: Remediation, who: Who, now: datetime, granted: dict[str, bool]) -> dict[str, Any]:
    names, waits = case.directory(now).name, lacking(r) if r.state == "proposed" else ()
    mine, task = r.assignee == who.person, case.incident.tasks.get(r.id)
    decides = granted["decide"] and not r.decision
    return {
        "id": r.id, "title": r.title, "plan": r.plan, "rollback": r.rollback, "kind": r.kind, "risk": mark(r.risk),
        "risk_key": r.risk, "risky": r.is_risky, "state": mark(r.state), "open": r.is_open,
        "proposed": r.state == "proposed", "running": r.state == "running", "assignee": names(r.assignee),
        "assignee_id": r.assignee, "minutes": r.minutes, "by": names(r.proposed_by),
        "decided_by": names(r.decided_by) if r.decided_by else "",
        "approved_by": names(r.approved_by) if r.approved_by else "", "result": r.result, "waits": waits,
        "due_at": task.due_at if task and task.is_open else None,
        "may_approve": bool(waits) and r.is_risky and (decides or (not mine and not r.approved_by)),
        "may_decide": bool(waits) and decides,
        "may_start": r.state == "proposed" and not waits and (mine or granted["repairs"]),
        "may_end": r.state == "running" and (mine or granted["repairs"]),
        "may_change": r.state == "proposed" and (r.proposed_by == who.person or granted["repairs"]),
    }  # fmt: skip


def choices(case: Case, now: datetime) -> list[dict[str, Any]]:
    """Open questions first."""
    names = case.directory(now).name
    found = sorted(case.incident.technical.choices.values(), key=lambda c: not c.is_open)
    return [
        {
            "id": c.id, "question": c.question, "who": names(c.opened_by), "at": c.opened_at, "open": c.is_open,
            "state": mark(c.state), "chosen": c.chosen,
            "options": [
                {"text": text, "risk": risk, "effect": effect, "chosen": text == c.chosen}
                for text, risk, effect in zip(c.options, c.risks, c.effects, strict=False)
            ],
        }
        for c in found
    ]  # fmt: skip


def polls(case: Case, who: Who, now: datetime) -> list[dict[str, Any]]:
    """Open ones first; whoever objected does not object again."""
    names = case.directory(now).name
    found = sorted(case.incident.technical.polls.values(), key=lambda p: not p.is_open)
    return [
        {
            "id": p.id, "proposal": p.proposal, "who": names(p.opened_by), "mine": p.opened_by == who.person,
            "closes_at": p.closes_at, "open": p.is_open, "state": mark(p.state),
            "objections": [{"who": names(x), "text": text} for x, text in p.objections.items()],
        }
        for p in found
    ]  # fmt: skip


def steps(case: Case, now: datetime) -> list[dict[str, Any]]:
    """Runbook steps, the newest first."""
    names = case.directory(now).name
    streams = {w.id: w.title for w in case.incident.crew.workstreams.values()}
    return [
        {
            "runbook": s.runbook, "step": s.step, "outcome": mark(s.outcome), "result": s.result,
            "who": names(s.done_by), "at": s.done_at, "stream": streams.get(s.workstream, ""),
        }
        for s in reversed(case.incident.technical.steps.values())
    ]  # fmt: skip


_ICONS = {"deployment": "upload", "flag": "flag", "configuration": "sliders"}


def changes(case: Case, who: Who, now: datetime) -> dict[str, Any]:
    """Deployments, flags and configuration beside the timeline; guests see none."""
    found = [] if GUEST in who.roles else feed.beside(case, now)
    names = dict(
        models.Service.objects.filter(key__in={s.row.service for s in found}).values_list("key", "name")
    )
    return {
        "began_at": feed.began_at(case),
        "suspects": sum(s.suspect for s in found),
        "rows": [
            {
                "title": s.row.title, "kind": s.row.kind, "icon": _ICONS.get(s.row.kind, "dot"),
                "source": s.row.source, "service": names.get(s.row.service, s.row.service), "by": s.row.by,
                "link": safe_url(s.row.link) or "", "at": s.row.changed_at, "suspect": s.suspect,
            }
            for s in found
        ],
    }  # fmt: skip


def beside(case: Case, who: Who, now: datetime) -> dict[str, Any]:
    """What stands in the war room itself: offers and the first changes."""
    shown = changes(case, who, now)
    shown["more"] = max(0, len(shown["rows"]) - SHOWN_BESIDE)
    shown["rows"] = shown["rows"][:SHOWN_BESIDE]
    return next_acts(case, who) | {"changes": shown}


def next_acts(case: Case, who: Who) -> dict[str, Any]:
    """The offers, what rules propose, and whether the team stands down."""
    return {
        "offers": offers(case),
        "proposals": automation.waiting(case, who),
        "stood_down_at": case.incident.technical.stood_down_at,
    }


def with_words(case: Case, now: datetime, tasks: list[dict[str, Any]]) -> None:
    """Puts the questions and answers of each task with it."""
    names = case.directory(now).name
    found: dict[str, list[dict[str, Any]]] = {}
    for w in case.incident.technical.words.values():
        row = {"who": names(w.said_by), "text": w.text, "asks": w.asks, "at": w.said_at}
        found.setdefault(w.task, []).append(row)
    for task in tasks:
        task["words"] = found.get(task["id"], [])


def checks(case: Case) -> list[dict[str, Any]]:
    """Validation checks, with the alerts that fire now of the service each is bound to."""
    return [
        {
            "id": c.id, "subject": c.subject, "state": c.state, "note": c.note, "service": c.service,
            "mark": {"passed": ("green", "checkc"), "failed": ("red", "octagonx")}.get(c.state, ("grey", "ring")),
            "firing": len(firing(c.service)) if c.service else 0,
        }
        for c in case.incident.checks.values()
    ]  # fmt: skip
