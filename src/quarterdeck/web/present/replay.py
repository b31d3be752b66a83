"""The words of an incident as it looked at an instant, and of its record: files, follow-ups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from quarterdeck.app import casebook
from quarterdeck.app.casebook import Case
from quarterdeck.app.incidents.replay import Instant
from quarterdeck.core.incidents import chart
from quarterdeck.core.incidents.filetypes import SHOWN
from quarterdeck.core.incidents.instants import told
from quarterdeck.core.incidents.state import COMMANDER
from quarterdeck.core.kernel.moments import text
from quarterdeck.store import models

from . import words

_STEPS = 600
_TURNS = {
    "Declared": "Declared", "SeveritySet": "Severity", "PhaseChanged": "Phase", "HandoverEffective": "Handover",
    "DecisionMade": "Decision", "MessageReleased": "Update", "Resolved": "Resolved", "Reopened": "Reopened",
    "Closed": "Closed", "Dismissed": "Dismissed",
}  # fmt: skip


def replayed(found: Instant, url: str) -> dict[str, Any]:
    """The context of incidents/replay.html."""
    span = found.last - found.first
    step = max(1, round(span.total_seconds() / _STEPS))
    total = int(span.total_seconds()) + 1
    turns = [{"at": t.at, "label": _TURNS.get(t.kind, t.kind), "href": _at(url, t.at)} for t in found.turns]
    earlier = [t for t in turns if t["at"] < found.at]
    later = [t for t in turns if t["at"] > found.at]
    return {
        "at": found.at,
        "iso": text(found.at),
        "first": found.first,
        "last": found.last,
        "offset": min(total, int((found.at - found.first).total_seconds())),
        "total": total,
        "step": step,
        "events": found.events,
        "elapsed": found.at - found.first,
        "earlier": earlier[-1] if earlier else None,
        "later": later[0] if later else None,
        "turns": turns,
        "state": _state(found),
    }


def _at(url: str, moment: Any) -> str:
    return f"{url}/at?{urlencode({'t': text(moment)})}"


def _state(found: Instant) -> dict[str, Any]:
    case, incident = found.case, found.case.incident
    directory = case.directory(found.at)
    directory.load_people({s.actor for s in found.recent} - {"", "engine", "system"})
    titles = casebook.titles(case.template)
    lines = told(incident, found.recent, directory.name, titles)
    facts = (
        ("Summary", incident.summary), ("What we know", incident.what_we_know),
        ("Customers notice", incident.customer_effect), ("Cause", incident.cause),
        ("Workaround", incident.workaround), ("Fix", incident.fix),
        ("Verification", incident.verification), ("Next step", incident.next_step),
        ("Customers affected", incident.customers_affected),
    )  # fmt: skip
    return {
        "title": incident.title,
        "severity": words.severity(incident.severity),
        "severity_unknown": incident.severity_unknown,
        "phase": words.phase(incident.phase),
        "phase_since": incident.phase_since,
        "commander": directory.name(incident.commander.person) if incident.commander else "nobody",
        "commander_title": titles(COMMANDER),
        "roles": [
            {"title": titles(p.assignment.role), "name": directory.name(p.assignment.person),
             "since": p.assignment.started_at, "depth": p.depth}
            for p in chart(incident, case.template)
        ],
        "facts": [{"label": label, "text": value} for label, value in facts if value.strip()],
        "tasks": [
            {"text": t.title, "who": directory.name(t.assignee), "state": t.state,
             "late": t.is_open and found.at >= t.due_at}
            for t in sorted(incident.tasks.values(), key=lambda t: (not t.is_open, t.given_at))
        ][:40],
        "checks": [{"subject": c.subject, "state": c.state, "note": c.note} for c in incident.checks.values()],
        "messages": [
            {"audience": titles(m.audience), "headline": m.headline, "state": m.state}
            for m in reversed(incident.messages.values())
        ][:20],
        "lines": [
            {"at": t.line.happened_at, "icon": words.icon_of(t.line.kind), "title": t.line.title, "text": t.line.text,
             "weight": {"system": "sys", "key": "key"}.get(t.line.weight, ""), "pinned": t.pinned,
             "followup": t.followup, "superseded": t.superseded,
             "late": t.line.entered_at if t.line.backdated else None}
            for t in lines
        ],
        "more": found.events > len(lines),
    }  # fmt: skip


def files(case: Case, now: Any) -> list[dict[str, Any]]:
    """The files of the record, the newest first."""
    names = case.directory(now).name
    url = f"/incidents/{case.incident.key}/files"
    return [
        {
            "id": a.id, "name": a.name, "text": a.text, "size": a.size_bytes, "kind": a.media_type,
            "who": names(a.attached_by), "at": a.attached_at, "href": f"{url}/{a.id}",
            "image": f"{url}/{a.id}/image" if a.media_type in SHOWN else "",
        }
        for a in reversed(case.incident.attachments.values())
    ]  # fmt: skip


def followups(case: Case, now: Any) -> list[dict[str, Any]]:
    """The entries marked for follow-up, the oldest first; a corrected one is told by its newest text (R-081)."""
    marked = [k for k, e in case.incident.entries.items() if e.followup and not e.superseded_by]
    rows: Mapping[str, models.TimelineRow] = {
        r.entry_id: r
        for r in models.TimelineRow.objects.filter(
            incident_id=case.incident.key, entry_id__in=marked
        ).exclude(kind__in=("flag", "pin", "share"))
    }
    directory = case.directory(now)
    directory.load_people({r.actor for r in rows.values()} - {"", "engine", "system"})
    found = [rows[k] for k in marked if k in rows]
    return [
        {
            "entry_id": r.entry_id,
            "text": r.text or r.title,
            "who": directory.name(r.actor),
            "at": r.happened_at,
        }
        for r in sorted(found, key=lambda r: (r.happened_at, r.seq))
    ]
