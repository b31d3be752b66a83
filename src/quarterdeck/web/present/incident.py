"""The header of an incident's pages: title, phase strip, gate, clocks, tabs, and what the viewer may do."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from quarterdeck.app.casebook import Case
from quarterdeck.app.catalog.catalogue import current
from quarterdeck.app.chat import standing_channels
from quarterdeck.app.incidents import stages
from quarterdeck.app.response.response import release_waits
from quarterdeck.core.access import GUEST, Who, may
from quarterdeck.core.incidents import Incident, costing, is_acting, switches
from quarterdeck.core.incidents.authority import may as may_here
from quarterdeck.core.incidents.codename import outside
from quarterdeck.core.incidents.state import COMMANDER, OPEN_PHASES
from quarterdeck.core.incidents.structure import DIMENSIONS, LEVELS, NEXT_PHASES, Catalog
from quarterdeck.core.kernel.links import safe_url
from quarterdeck.core.kernel.moments import spoken
from quarterdeck.core.kernel.text import counted
from quarterdeck.store import models

from . import emergency, response, words


def base(case: Case, who: Who, now: datetime, tab: str) -> dict[str, Any]:
    """The context of incidents/frame.html."""
    incident = case.incident
    directory = case.directory(now)
    catalog = current()
    commander = incident.commander
    led = commander.person if commander else last_commander(incident)
    return {
        "incident": {
            "id": incident.key,
            "url": f"/incidents/{incident.key}",
            "title": incident.title,
            "severity": words.severity(incident.severity),
            "severity_unknown": incident.severity_unknown,
            "type": _type(catalog, incident.type),
            "type_key": incident.type,
            "declared_at": incident.declared_at,
            "declared_by": directory.name(incident.declared_by),
            "started_at": incident.declared_at,
            "version": incident.seq,
            "services": _services(incident.services),
            "services_more": max(0, len(incident.services) - 3),
            "phase": {
                "key": incident.phase,
                "label": words.phase(incident.phase),
                "since": incident.phase_since,
            },
            "commander": {
                "name": directory.name(led) if led else "nobody",
                "me": bool(commander and commander.person == who.person),
                "title": role.title if (role := case.template.role(COMMANDER)) else "Commander",
            },
            "bridge": {"href": safe_url(incident.bridge_url)} if safe_url(incident.bridge_url) else None,
            "chat": {"href": safe_url(incident.chat_url), "label": "Chat"}
            if safe_url(incident.chat_url)
            else None,
            "restricted": incident.restricted,
            "codename": outside(incident) if incident.restricted else "",
            "tab": outside(incident),
            "drill": incident.drill,
            "closed": incident.has_ended,
            "is_open": incident.is_open,
            "stops": [
                {"id": s.id, "title": s.title or "All work", "reason": s.reason}
                for s in incident.crew.open_stops()
            ],
            "emergency": emergency.line(case),
            "triage": stages.triage(case),
            "shares_call": standing_channels.shared_with(incident),
            "unreadable": ", ".join(sorted(set(incident.unknown))),
            "merged": next((x.other for x in incident.crew.links.values() if x.kind == "merged_into"), ""),
        },
        "clocks": clocks(case, now),
        "phases": _strip(case, now),
        "gate": _gate(case),
        "tab": tab,
        "tabs": _tabs(case, now, who),
        "may": rights(case, who),
        "severities": words.severities(catalog),
        "types": [{"key": t.key, "title": t.title} for t in catalog.types],
        "next_phases": _next_phases(case),
        "impact_dimensions": _dimensions(case),
        "resolution_codes": [{"key": c.key, "title": c.title} for c in catalog.resolution_codes],
        "now": now,
    }


def rights(case: Case, who: Who) -> dict[str, bool]:
    """What the viewer's roles in this incident grant; the server decides again at every act."""
    incident, template = case.incident, case.template
    return {
        "change": may_here(incident, template, who, "incident.phase", "severity.set")
        and not incident.has_ended,
        "post": may(who, "incident.act") and not incident.has_ended,
        "act": is_acting(incident, who) and not incident.has_ended,
        "assign": may_here(incident, template, who, "role.assign") and not incident.has_ended,
        "facts": may_here(incident, template, who, "facts.write", "hypothesis.write", "decision.make")
        and not incident.has_ended,
        "give": may_here(incident, template, who, "task.assign") and not incident.has_ended,
        "share": may_here(incident, template, who, "outside.share", "incident.phase")
        and not incident.has_ended,
        "decide": may_here(incident, template, who, "decision.make"),
        "draft": may_here(incident, template, who, "message.draft", "message.release"),
        "release": may_here(incident, template, who, "message.release"),
        "commander": bool(incident.commander and incident.commander.person == who.person),
    }


def last_commander(incident: Incident) -> str:
    """Who commanded it in the end, once it is over."""
    if not incident.has_ended:
        return ""
    held = [a for a in incident.assignments.values() if a.role == COMMANDER]
    return max(held, key=lambda a: a.started_at).person if held else ""


def _type(catalog: Catalog, key: str) -> str:
    kind = catalog.type(key) if key else None
    return kind.title if kind else "Type not set"


def _services(keys: tuple[str, ...]) -> list[dict[str, str]]:
    rows = {s.key: s for s in models.Service.objects.filter(key__in=keys)}
    return [{"name": rows[k].name, "href": f"/catalog/services/{k}"} for k in keys if k in rows][:3]


def clocks(case: Case, now: datetime) -> list[dict[str, Any]]:
    """Impact duration, and how long ago the public heard from us."""
    incident = case.incident
    directory = case.directory(now)
    found: list[dict[str, Any]] = []
    began = costing.began(incident)
    if incident.resolved_at is not None and began is not None:
        took = spoken(incident.resolved_at - began)
        found.append({"label": "Impact", "icon": "clock", "value_text": took, "note": "resolved"})
    else:
        note = "since it began" if incident.business.impact_started_at else "since declared"
        found.append({"label": "Impact", "icon": "clock", "since": began, "note": note})
    if incident.has_ended:
        return found
    # Partners, the press and authorities are outside too, and no customers.
    public = {a.key for a in case.template.audiences if a.public and a.key.startswith("customers")}
    sent = [m.sent_at for m in incident.messages.values() if m.audience in public and m.sent_at]
    running = sorted((c for c in incident.running_clocks() if c.audience in public), key=lambda c: c.next_due)
    clock: dict[str, Any] = {"label": "Customers last heard", "icon": "mega", "ago": True}
    if sent:
        clock["since"] = max(sent)
    else:
        clock["value_text"] = "not yet"
    if running and incident.is_open:
        owner = incident.holder(running[0].owner_role) or incident.commander
        clock["due_at"] = running[0].next_due
        clock["due_owner"] = directory.name(owner.person).split()[0] if owner else ""
    found.append(clock)
    return found


def _strip(case: Case, now: datetime) -> list[dict[str, str]]:
    spans = {s.phase: s for s in case.incident.phases}
    order = case.incident.phases
    found = []
    stages_ = stages.strip(case)
    here = next((n for n, stage in enumerate(stages_) if stage.state == "current"), -1)
    for n, stage in enumerate(stages_):
        state = {"current": "now", "next": "next", "done": "done"}.get(stage.state, "later")
        if n < here and stage.phase in spans:
            state = "done"  # one may go back to it, and has been there
        note = ""
        if state == "now" and case.incident.phase_since:
            note = f"for {spoken(now - case.incident.phase_since)}"
        elif state == "done" and stage.phase in spans:
            place = order.index(spans[stage.phase])
            until = order[place + 1].since if place + 1 < len(order) else now
            note = spoken(until - spans[stage.phase].since)
        elif state == "next" and stage.missing:
            note = f"{len(stage.missing)} of {counted(len(stage.conditions), 'condition')} missing"
        found.append({"label": words.phase(stage.phase), "state": state, "note": note})
    return found


def _gate(case: Case) -> dict[str, Any] | None:
    """The conditions of the phase that usually comes next."""
    following = next(
        (s for s in stages.strip(case) if s.state == "next" and s.phase != "investigating"), None
    )
    if case.incident.response.parent and case.incident.is_open:
        following = next((s for s in stages.strip(case) if s.phase == "resolved"), following)
    following = following or next((s for s in stages.strip(case) if s.state == "next"), None)
    if following is None or not following.conditions:
        return None
    return {
        "label": words.phase(following.phase),
        "key": following.phase,
        "conditions": [{"text": c.text.rstrip("."), "met": c.met} for c in following.conditions],
        "missing": len(following.missing),
        "ready": not following.missing,
        "mitigation_first": any(c.key == "cause_recorded" for c in following.missing),
    }


def _next_phases(case: Case) -> list[dict[str, Any]]:
    found = []
    for key in NEXT_PHASES.get(case.incident.phase, ()):
        if case.incident.response.parent and key in OPEN_PHASES:
            continue
        if key in ("resolved", "closed", "dismissed") or (
            case.incident.phase == "resolved" and key == "investigating"
        ):
            continue
        missing = [s for s in stages.strip(case) if s.phase == key]
        count = len(missing[0].missing) if missing else 0
        note = f"{counted(count, 'condition')} missing: give a reason to go on all the same" if count else ""
        found.append({"key": key, "label": words.phase(key), "note": note})
    return found


def _dimensions(case: Case) -> list[dict[str, Any]]:
    return [
        {
            "key": key,
            "label": key.replace("_", " ").capitalize(),
            "level": case.incident.dimensions.get(key, "none"),
            "levels": [{"key": level, "label": level.capitalize()} for level in LEVELS],
        }
        for key in DIMENSIONS
    ]


def _technical(incident: Incident) -> str:
    """What waits on the technical page."""
    if incident.technical.open_relapse():
        return "relapse"
    polls = sum(p.is_open for p in incident.technical.polls.values())
    waits = polls + sum(c.is_open for c in incident.technical.choices.values())
    waits += sum(r.state == "proposed" for r in incident.technical.remediations.values())
    return str(waits) if waits else ""


def _tabs(case: Case, now: datetime, who: Who) -> list[dict[str, str]]:
    incident = case.incident
    url = f"/incidents/{incident.key}"
    due = sum(c.next_due <= now for c in incident.running_clocks())
    opened = sum(t.is_open for t in incident.tasks.values())
    firing = sum(a.resolved_at is None for a in incident.alerts.values())
    tabs = [
        ("overview", "Overview", url, ""),
        ("communication", "Communication", f"{url}/communication", f"{due} due" if due else ""),
        ("customers", "Customers", f"{url}/customers", ""),
        ("tasks", "Tasks", f"{url}/tasks", str(opened) if opened else ""),
        ("technical", "Technical", f"{url}/technical", _technical(incident)),
        ("alerts", "Alerts", f"{url}/alerts", str(firing) if firing else ""),
        ("people", "People", f"{url}/crew", "roll call" if incident.crew.roll_call() else ""),
        ("business", "Business", f"{url}/business", _waiting(case, now)),
        ("leadership", "Executives", f"{url}/leadership", _asked(incident)),
        ("record", "Record", f"{url}/record", str(len(incident.attachments) or "")),
    ]
    if case.template.switches:
        n, of = switches.counted(incident, case.template)
        tabs.insert(-1, ("emergency", "Emergency mode", f"{url}/emergency", f"{n} of {of}" if n else ""))
    if response.has_page(case):
        waits = len(release_waits(case, now))
        tabs.insert(7, ("response", "Response", f"{url}/response", str(waits) if waits else ""))
    tabs.append(("ics", "ICS" if case.template.key == "ics" else "Forms", f"{url}/ics", ""))
    if incident.review is not None:
        tabs.append(("review", "Review", f"/reviews/{incident.key}", ""))
    if not incident.is_open:
        tabs.append(("problem", "Problem", f"{url}/problem", str(len(incident.aftermath.problems) or "")))
    if GUEST in who.roles:
        tabs = [t for t in tabs if t[0] in ("overview", "people")]
    return [{"key": k, "label": label, "href": href, "note": note} for k, label, href, note in tabs]


def _asked(incident: Incident) -> str:
    """What executives have not answered yet."""
    asks = incident.asks
    waits = len(asks.open_decisions()) + sum(h.state == "open" for h in asks.open_help())
    return f"{waits} open" if waits else ""


def _waiting(case: Case, now: datetime) -> str:
    """What is late on the business page."""
    business = case.incident.business
    late = sum(c.overdue for c in business.open_cases()) + sum(
        c.due_at <= now for c in business.running_clocks()
    )
    return f"{late} late" if late else ""
