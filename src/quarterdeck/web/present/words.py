"""Words and icons for keys: phases, severities, kinds of timeline entry."""

from __future__ import annotations

from typing import Any

from quarterdeck.core.incidents.structure import Catalog

PHASES = {
    "triage": "Triage",
    "investigating": "Investigating",
    "identified": "Identified",
    "monitoring": "Monitoring",
    "resolved": "Resolved",
    "analysis": "Analysis",
    "closed": "Closed",
    "dismissed": "Dismissed",
    "merged": "Merged",
}

# Kind of timeline line -> icon. What is not named gets a dot.
ICONS = {
    "note": "note",
    "finding": "finding",
    "hypothesis": "bulb",
    "inject": "target",
    "decision": "fork",
    "task": "task",
    "update": "mega",
    "message": "send",
    "followup": "flag",
    "flag": "flag",
    "file": "download",
    "broadcast": "mega",
    "impact_pulse": "users",
    "correction": "pencil",
    "role": "user",
    "handover": "swap",
    "callout": "phone",
    "call": "phone",
    "phase": "arrow",
    "severity": "up",
    "type": "tag",
    "impact": "target",
    "target": "target",
    "facts": "list",
    "alert": "bell",
    "clock": "clock",
    "check": "checkc",
    "checklist": "check",
    "page": "globe",
    "review": "review",
    "hold": "lock",
    "declared": "siren",
    "resolved": "checkc",
    "closed": "box",
    "dismissed": "x",
    "reopened": "undo",
    "link": "link",
    "title": "pencil",
    "pinned": "pin",
    "people": "users",
    "workstream": "users",
    "safety": "shield",
    "can": "list",
    "abnormal": "triangle",
    "switch": "stop",
    "area": "target",
    "sentiment": "chat",
    "offer": "users",
    "remediation": "wrench",
    "runbook": "book",
    "relapse": "siren",
    "poll": "mega",
    "standdown": "moon",
    "cost": "euro",
    "report": "flag",
    "vendor": "ship",
    "continuity": "lifebuoy",
    "legal": "clock",
    "agency": "globe",
    "executive": "shield",
    "share": "globe",
    "newer": "info",
}


def icon_of(kind: str) -> str:
    return ICONS.get(kind) or ICONS.get(kind.split("_")[0]) or "dot"


def severity(rank: int) -> dict[str, Any]:
    """A severity as tags show it: rank and SEV label."""
    return {"rank": rank, "label": f"SEV{rank}"}


def severities(catalog: Catalog) -> list[dict[str, Any]]:
    return [{"rank": s.rank, "label": f"SEV{s.rank}", "meaning": s.criteria} for s in catalog.severities]


def phase(key: str) -> str:
    return PHASES.get(key, key.capitalize())
