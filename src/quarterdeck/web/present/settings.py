"""The findings of the health checks in groups, and audit events in words. Reads only."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from quarterdeck.app.directory import Directory
from quarterdeck.app.health_finding import Finding
from quarterdeck.store import models

# Title of a group → the checks in it, by their names; what is not named is of this machine.
_GROUPS = (
    ("Paging", ("engine", "auditor", "journal", "outbox", "channel", "bodies", "alarm", "alarms")),
    ("Who is woken", ("sign-in", "contacts", "schedules", "policies", "services")),
    ("This installation", ()),
)
_LINKS = {
    "schedules": ("/on-call", "On-call"),
    "policies": ("/on-call/policies", "Policies"),
    "services": ("/catalog/services", "Services"),
    "contacts": ("/catalog/people", "People"),
    "sign-in": ("/catalog/people", "People"),
    "bodies": ("/catalog/integrations", "Integrations"),
}
LONGEST = 160


def groups(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Faults first within each group, otherwise in the order of the checks."""
    named = {name for _, names in _GROUPS for name in names}
    order = {"fault": 0, "warning": 1, "ok": 2}
    found = []
    for title, names in _GROUPS:
        mine = [f for f in findings if (f.name in names if names else f.name not in named)]
        checks = [_check(f) for f in sorted(mine, key=lambda f: order[f.level])]
        if checks:
            found.append({"title": title, "checks": checks})
    return found


def _check(f: Finding) -> dict[str, str]:
    href, label = _LINKS.get(f.name, ("", "")) if f.level != "ok" else ("", "")
    return {
        "name": f.name.capitalize(),
        "state": f.level,
        "reason": f.text,
        "next": f.next,
        "href": href,
        "label": label,
    }


def verdict(findings: Sequence[Finding]) -> dict[str, str]:
    faults = sum(f.level == "fault" for f in findings)
    warnings = sum(f.level == "warning" for f in findings)
    if faults:
        return {
            "state": "fault",
            "text": f"{faults} {'fault' if faults == 1 else 'faults'}, {warnings} to look at",
        }
    if warnings:
        return {"state": "warning", "text": f"{warnings} to look at"}
    return {"state": "ok", "text": "All is well"}


def spaced(kind: str) -> str:
    """PersonCreated → Person created."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).capitalize()


def audit(rows: Sequence[models.Event], directory: Directory) -> list[dict[str, Any]]:
    """Events of the installation's own chain: who did what to what, and what it was before."""
    parsed = [(r, json.loads(r.data)) for r in rows]
    ids = {r.actor for r in rows} | {str(d["person"]) for _, d in parsed if isinstance(d.get("person"), str)}
    directory.load_people({i for i in ids if len(i) > 12})
    return [_event(r, d, directory) for r, d in parsed]


def _event(row: models.Event, data: dict[str, Any], directory: Directory) -> dict[str, Any]:
    before, after = data.pop("before", None), data.pop("after", None)
    return {
        "id": row.seq,
        "at": row.at,
        "who": actor(row.actor, directory),
        "act": spaced(row.kind),
        "object": _facts(data, directory),
        "before": _text(before),
        "after": _text(after),
    }


def actor(person: str, directory: Directory) -> str:
    return "Somebody on the server" if person == "operator" else directory.name(person)


def _facts(data: dict[str, Any], directory: Directory) -> str:
    """Names first; ids only where nothing else says what it was."""
    if isinstance(data.get("person"), str):
        data["person"] = directory.name(data["person"])
    said = {k: v for k, v in data.items() if not _is_id(v) and v not in (None, "", [], {})}
    return ", ".join(f"{k.replace('_', ' ')} {_text(v)}" for k, v in (said or data).items())[:400]


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"[0-9a-f]{8}-?[0-9a-f-]{20,}", value))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return _cut(", ".join(f"{k.replace('_', ' ')}: {_text(v) or '–'}" for k, v in value.items()))
    if isinstance(value, list):
        return _cut(", ".join(_text(v) for v in value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return _cut(str(value))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
