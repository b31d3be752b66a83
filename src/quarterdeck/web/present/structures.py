"""Response structures for the eye: a template as its chart and tables, findings, differences. Reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from quarterdeck.app.catalog import structures
from quarterdeck.app.drills import drill_scenarios
from quarterdeck.app.paging.role_policies import first_for_role
from quarterdeck.catalog import Finding
from quarterdeck.core.incidents import Incident, staffing
from quarterdeck.core.incidents.expressions import evaluate
from quarterdeck.core.incidents.functions import by_service
from quarterdeck.core.incidents.structure import Catalog, RoleDefinition, Template
from quarterdeck.core.incidents.structure_diff import Difference

from . import words

SOURCES = {"saved": "edited here", "own": "from the folder", "shipped": "as shipped", "": "new"}
MOST_DEPTH = 6


def chart(template: Template) -> list[dict[str, Any]]:
    """The roles in the order of who reports to whom, the lead on top; each role once."""
    below: dict[str, list[RoleDefinition]] = {}
    keys = {r.key for r in template.roles}
    for role in template.roles:
        above = role.reports_to if role.reports_to in keys and role.reports_to != role.key else ""
        below.setdefault(above or "", []).append(role)
    found: list[dict[str, Any]] = []
    seen: set[str] = set()

    def add(role: RoleDefinition, depth: int) -> None:
        if role.key in seen:
            return
        seen.add(role.key)
        found.append(_card(role, min(depth, MOST_DEPTH)))
        for child in below.get(role.key, []):
            add(child, depth + 1)

    for role in (*sorted(below.get("", []), key=lambda r: not r.exclusive), *template.roles):
        add(role, 0)
    return found


def _card(role: RoleDefinition, depth: int) -> dict[str, Any]:
    most = "any number" if role.max is None else str(role.max)
    return {
        "key": role.key,
        "title": role.title,
        "purpose": role.purpose,
        "depth": depth,
        "count": f"{role.min} to {most}" if str(role.min) != most else most,
        "required": role.required_when or "on demand",
        "backup": role.backup,
        "understood": role.understood,
        "aliases": ", ".join(role.aliases),
        "lead": role.exclusive,
        "checklist": [
            {"phase": words.PHASES.get(phase, phase), "items": [i.text for i in items]}
            for phase, items in role.checklist.items()
        ],
    }


def tables(template: Template) -> dict[str, Any]:
    """Clocks, chains, callouts and gates in words."""
    titles = {a.key: a.title for a in template.audiences}
    roles = {r.key: r.title for r in template.roles}
    return {
        "clocks": [
            {"audience": titles.get(key, key), "cells": [_minutes(ranks.get(n)) for n in range(1, 6)]}
            for key, ranks in template.clocks.items()
        ],
        "chains": [
            {"audience": titles.get(key, key),
             "steps": [{"step": s.step, "roles": " and ".join(roles.get(r, r) for r in s.roles)} for s in steps]}
            for key, steps in template.chains.items()
        ],
        "assembly": [
            {"role": roles.get(r.role, r.role), "how": "called" if r.how == "callout" else "informed", "when": r.when}
            for r in template.assembly
        ],
        "switches": [
            {"title": s.title, "owner": roles.get(s.owner, s.owner), "calls": bool(s.webhook), "order": s.resume_order}
            for s in template.switches
        ],
        "gates": [
            {"phase": words.PHASES.get(phase, phase), "conditions": [c.replace("_", " ") for c in conditions]}
            for phase, conditions in template.gates.items()
        ],
    }  # fmt: skip


def _minutes(every: Any) -> str:
    return f"{int(every.total_seconds() // 60)} min" if every else "–"


def called(
    catalog: Catalog, template: Template, kind: str, severity: int, service: str, now: datetime
) -> list[dict[str, Any]]:
    """Who would be called for an incident of this type and severity now, and who would only be informed."""
    services = (service,) if service else ()
    made = Incident(
        number=1, severity=severity, type=kind, phase="triage", services=services, declared_at=now
    )
    made = replace(made, template=template.key)
    try:
        rules = staffing.to_call(made, template, now)
        facts = staffing.values(made, template, now)
        needed = {r.key for r in template.roles if r.required_when and evaluate(r.required_when, facts)}
    except ValueError:
        return []
    titles = {r.key: r.title for r in template.roles}
    return [
        {
            "role": titles.get(rule.role, rule.role),
            "how": "called" if rule.how == "callout" else "informed",
            "needed": rule.role in needed,
            "people": ", ".join(p.name for p in first_for_role(rule.role, template, services, now))
            or (
                ""
                if services or not by_service(template, rule.role)
                else "whoever is on call for the service"
            ),
        }
        for rule in rules
    ]


def findings(found: Sequence[Finding], blocking: Sequence[Finding] = ()) -> list[dict[str, Any]]:
    return [
        {"state": "fault" if f.severity == "fault" else "warning", "where": f.where, "line": f.line, "text": f.text,
         "suggestion": f.suggestion, "blocks": f in blocking}
        for f in found
    ]  # fmt: skip


def differences(found: Sequence[Difference]) -> list[dict[str, Any]]:
    """Under their headings, in the order they come in."""
    parts: dict[str, list[Difference]] = {}
    for d in found:
        parts.setdefault(d.part, []).append(d)
    return [
        {"part": p, "rows": [{"kind": d.kind, "text": d.text} for d in rows]} for p, rows in parts.items()
    ]


def _called(file: structures.File, catalog: Catalog) -> str:
    """What a file is, as a reader says it; a mapping names the two structures it leads between, a scenario
    its title."""
    titles = {t.key: t.title for t in catalog.templates}
    ends = [
        titles.get(key, key) for key in file.path.removeprefix("mappings/").removesuffix(".toml").split("-")
    ]
    if file.path.startswith("scenarios/"):
        key = file.path.removeprefix("scenarios/").removesuffix(".toml")
        title = next((s.title for s in drill_scenarios.library() if s.key == key), "")
        return f"{file.kind}: {title}" if title else file.kind
    return " to ".join(ends) if file.path.startswith("mappings/") and len(ends) == 2 else file.kind


def about(path: str, catalog: Catalog) -> dict[str, Any]:
    """What a file is about, in words, and the template it belongs to: {about, template: (key, title) or None}."""
    folder, _, rest = path.removesuffix(".toml").partition("/")
    key, _, name = rest.partition("/")
    template = catalog.template(key) if folder in ("templates", "roles", "messages") else None
    if template is None:
        return {"about": "", "template": None}
    said = ""
    if folder == "roles":
        role = template.role(name)
        said = role.title if role else name
    elif folder == "messages":
        audience, _, phase = name.partition(".")
        titles = {a.key: a.title for a in template.audiences}
        said = f"{titles.get(audience, audience)}, {words.PHASES.get(phase, phase) if phase else 'any phase'}"
    return {"about": said, "template": (template.key, template.title)}


def groups(files: Sequence[structures.File], catalog: Catalog, running: Mapping[str, int]) -> dict[str, Any]:
    """The catalogue's files as the list shows them: templates first, each with its role cards counted."""
    cards: dict[str, int] = {}
    edited: dict[str, int] = {}
    for f in files:
        if f.path.startswith("roles/"):
            key = f.path.split("/")[1]
            cards[key] = cards.get(key, 0) + 1
            edited[key] = edited.get(key, 0) + (f.source == "saved")
    return {
        "templates": [
            {"key": t.key, "title": t.title, "version": t.version, "roles": cards.get(t.key, 0),
             "running": running.get(t.key, 0), "edited": edited.get(t.key, 0),
             "source": SOURCES[next((f.source for f in files if f.path == f"templates/{t.key}.toml"), "")]}
            for t in catalog.templates
        ],
        "files": [
            {"path": f.path, "kind": _called(f, catalog), "source": SOURCES[f.source]}
            for f in files
            if not f.path.startswith(("roles/", "templates/", "messages/"))
        ],
    }  # fmt: skip
