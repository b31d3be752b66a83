"""The columns of the war room: command, my role card, facts, impact, tasks, alerts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from quarterdeck.app.casebook import Case
from quarterdeck.app.incidents import briefing
from quarterdeck.core.access import Who
from quarterdeck.core.incidents import drill, stands_for
from quarterdeck.core.incidents.authority import may as may_here
from quarterdeck.core.incidents.parts import Handover
from quarterdeck.core.incidents.safety import stopping
from quarterdeck.core.incidents.staffing import SPAN_MOST, spans
from quarterdeck.core.incidents.state import COMMANDER, PASSIVE_ROLES, tick_key
from quarterdeck.core.incidents.transfer import HEADINGS, snapshot
from quarterdeck.core.incidents.understanding import is_waited_for
from quarterdeck.core.kernel.moments import spoken
from quarterdeck.store import models

from . import alerts as alert_words
from . import role_cards
from .incident import last_commander

BRIEFING_LIMIT = 4000
# So many rows stand in a panel beside the timeline; the others are one link away.
ROWS = 12
ROLES = 40
REPLY_WORDS = {
    "acknowledged": "acknowledged",
    "will_comply": "will comply",
    "say_again": "say again",
    "standby": "standby",
    "unknown": "does not know",
    "needs_time": "needs more time",
}
_STEPS = ("offered", "accepted", "briefed", "effective")


def command(case: Case, who: Who, now: datetime) -> dict[str, Any]:
    """The command panel: commander line, handover under way, roles with vacancies first, span of control."""
    incident = case.incident
    brief = briefing.command(case, now)
    lines = [r for r in briefing.roles(case, now) if r.role != COMMANDER]
    measured = spans(incident, case.template)
    reports = next((len(s.reports) for s in measured if s.supervisor.role == COMMANDER), 0)
    advice = next((s.advice for s in measured if s.advice), "")
    rows = [row for line in lines for row in _rows(case, line, who)]
    led = case.directory(now).name(last) if (last := last_commander(incident)) else "none"
    return {
        "line": brief.line,
        "title": next((r.title for r in brief.roles if r.role == COMMANDER), ""),
        "over": incident.has_ended and brief.commander is None,
        "commander": {
            "name": brief.commander.person.name if brief.commander else led,
            "me": bool(brief.commander and brief.commander.person.id == who.person),
            "since": brief.commander.since if brief.commander else None,
        },
        "deputy": brief.deputy.person.name if brief.deputy else "",
        "handover": _handover(case, who, now),
        "handovers": [
            h for h in (_shown(x, case, who, now) for x in incident.handovers.values() if x.is_open) if h
        ],
        "roles": rows[:ROLES],
        "more": max(0, len(rows) - ROLES),
        "vacant": [r.title for r in lines if r.vacant],
        "total": len(lines) + 1,
        "span": {
            "value": reports,
            "limit": SPAN_MOST,
            "tone": "amber" if reports > SPAN_MOST else "ink",
            "advice": advice,
        },
        "org_href": f"/incidents/{incident.key}/chart",
    }


def _detail(case: Case, assignment_id: str) -> str:
    """What a deputy looks after, or beside whom a trainee learns."""
    a = case.incident.assignments[assignment_id]
    words = [f"for {a.domain}"] if a.domain else []
    words += ["(T) trainee"] if a.mentor or a.role == "shadow" else []
    return ", ".join([*words, *(["has not confirmed the card"] if is_waited_for(case.template, a) else [])])


def _rows(case: Case, line: briefing.RoleLine, who: Who) -> list[dict[str, Any]]:
    if line.holders:
        return [
            {
                "key": line.role,
                "title": line.title,
                "person": {"name": h.person.name, "me": h.person.id == who.person},
                "note": _detail(case, h.assignment),
            }
            for h in line.holders
        ]
    called = ", ".join(p.name for p in line.called)
    note = f"Calling {called}" if called else line.unreachable.capitalize()
    lead = "Vacant, needed" if line.required else "Vacant"
    found = {"key": line.role, "title": line.title, "person": None, "lead": lead, "note": note}
    return [found | {"asks": role_cards.asks(case, line.role)}]


def _handover(case: Case, who: Who, now: datetime) -> dict[str, Any] | None:
    """Command's own handover, or the first one that waits for the viewer."""
    opened = [h for h in case.incident.handovers.values() if h.is_open]
    opened.sort(key=lambda h: (who.person not in (h.from_person, h.to_person), h.role != COMMANDER))
    return _shown(opened[0], case, who, now) if opened else None


def _shown(h: Handover, case: Case, who: Who, now: datetime) -> dict[str, Any]:
    names = case.directory(now).name
    role = case.template.role(h.role)
    at = {
        "offered": h.offered_at,
        "accepted": h.accepted_at,
        "briefed": h.briefed_at,
        "effective": h.effective_at,
    }
    reached = _STEPS.index(h.state)
    steps = [
        {
            "label": step.capitalize(),
            "at": at[step],
            "note": "",
            "state": "done" if n <= reached else "now" if n == reached + 1 else "",
        }
        for n, step in enumerate(_STEPS)
    ]
    url = f"/incidents/{case.incident.key}/handovers/{h.id}"
    mine, yours = who.person == h.from_person, who.person == h.to_person
    action = _next_act(h.state, mine, yours, url)
    title = role.title if role else h.role
    holder = "You hold" if mine else f"{names(h.from_person)} holds"
    return {
        "id": h.id,
        "role": title,
        "from": names(h.from_person),
        "to": names(h.to_person),
        "steps": steps,
        "note": f"{holder} the role until it is effective."
        + (" It passes by itself at the time below, once briefed." if h.effective_at else ""),
        "briefing": h.briefing,
        "prefilled": told(case, now) if h.state == "accepted" and h.role == COMMANDER else "",
        "effective_at": h.effective_at,
        "may_time": h.state in ("accepted", "briefed") and (mine or yours),
        "needs_briefing": h.state == "accepted" and (mine or yours),
        "action": action,
        "decline": {"label": "Decline", "post": f"{url}/decline"} if yours else None,
        "withdraw": {"label": "Withdraw", "post": f"{url}/withdraw"} if mine else None,
        "asks": h.state == "offered" and yours and role_cards.asks(case, h.role),
        "url": url,
    }


def told(case: Case, now: datetime) -> str:
    """The briefing of a transfer of command as it can be written from the record (ICS 201)."""
    found = snapshot(case.incident, case.template, case.directory(now).name, briefing.utc_clock)
    return "\n\n".join(f"{HEADINGS[key]}:\n{text}" for key, text in found.items())[:BRIEFING_LIMIT]


def _next_act(state: str, mine: bool, yours: bool, url: str) -> dict[str, str] | None:
    if state == "offered" and yours:
        return {"label": "Accept", "post": f"{url}/accept"}
    if state == "briefed" and (mine or yours):
        return {"label": "Make it effective", "post": f"{url}/effective"}
    return None


def my_role(case: Case, who: Who, now: datetime) -> dict[str, Any] | None:
    """The checklist of the viewer's first acting role in the present phase; items of unfilled roles roll up."""
    incident, template = case.incident, case.template
    held = [r for r in incident.roles_of(who.person) if r not in PASSIVE_ROLES]
    if not held:
        return None
    mine = held[0] if COMMANDER not in held else COMMANDER
    own = template.role(mine)
    vacant = {r.role for r in briefing.roles(case, now) if r.vacant}
    vacant |= {r.key for r in template.roles if r.retired}
    rolled = [r for r in sorted(stands_for(incident, template, who)) if r in vacant]
    items = []
    for key in [mine, *rolled]:
        role = template.role(key)
        for index, item in enumerate(role.checklist.get(incident.phase, ()) if role else ()):
            ticked = incident.ticks.get(tick_key(key, incident.phase, index))
            due = incident.phase_since + item.due if item.due and incident.phase_since else None
            note = (
                ""
                if key == mine or role is None
                else f"from {role.title}"
                if role.retired
                else f"for the vacant {role.title}"
            )
            items.append({
                "id": f"{key}.{incident.phase}.{index}", "text": item.text, "state": "done" if ticked else "open",
                "due_at": due, "note": note, "own": key == mine,
            })  # fmt: skip
    items.sort(key=lambda i: (i["state"] == "done", not i["own"]))
    for item in items:
        if item["state"] == "open":
            item["state"] = "next"
            break
    return {
        "title": own.title if own else mine,
        "key": mine,
        "purpose": own.purpose if own else "",
        "done": sum(i["state"] == "done" for i in items),
        "total": len(items),
        "steps": items,
        "score": None,
        "confirm": any(a.person == who.person and is_waited_for(template, a) for a in incident.holders(mine)),
        "about": role_cards.about(case, mine, who.person, now),
    }


def open_roles(case: Case, now: datetime) -> list[dict[str, Any]]:
    """Free roles an onlooker could take."""
    return _with_purpose(case, [r for r in briefing.roles(case, now) if r.vacant][:6])


def free_roles(case: Case, now: datetime) -> list[dict[str, Any]]:
    """Every role of the structure that nobody holds, needed now or not."""
    return _with_purpose(case, [r for r in briefing.roles(case, now, everything=True) if not r.holders])


def _with_purpose(case: Case, lines: list[briefing.RoleLine]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for line in lines:
        role = case.template.role(line.role)
        found.append({"key": line.role, "title": line.title, "text": role.purpose if role else "",
                      "asks": role is not None and role.understood})  # fmt: skip
    return found


def facts(case: Case, editable: bool) -> dict[str, Any]:
    incident = case.incident
    rows = [
        ("What we know", incident.what_we_know),
        ("Customers notice", incident.customer_effect),
        ("Cause", incident.cause),
        ("Fix", incident.fix),
        ("Verification", incident.verification),
        ("Next step", incident.next_step),
    ]
    return {
        "rows": [{"label": label, "text": text, "at": None} for label, text in rows if text],
        "workaround": incident.workaround,
        "workaround_note": "",
        "edit": f"/incidents/{incident.key}/facts" if editable else "",
    }


_ORDER = ("none", "low", "medium", "high", "critical")
_TONES = {"critical": "red", "high": "orange", "medium": "amber", "low": "blue", "none": ""}


def impact(case: Case) -> dict[str, Any] | None:
    incident = case.incident
    levels = {k: v for k, v in incident.dimensions.items() if v != "none"}
    if not levels and not incident.customers_affected and not incident.impact:
        return None
    worst = max(
        [*levels.values(), incident.impact or "none"], key=lambda v: _ORDER.index(v) if v in _ORDER else 0
    )
    rows = [
        {"label": k.replace("_", " ").capitalize(), "value": v.capitalize(), "note": ""}
        for k, v in levels.items()
    ]
    if incident.customers_affected:
        rows.insert(0, {"label": "Customers affected", "value": incident.customers_affected, "note": ""})
    if incident.scope:
        rows.append({"label": "Scope", "value": incident.scope.replace("_", " ").capitalize(), "note": ""})
    return {"level": worst.capitalize(), "tone": _TONES.get(worst, ""), "rows": rows}


def tasks(case: Case, now: datetime, who: Who, everything: bool = False) -> dict[str, Any]:
    """Open tasks first, the most urgent on top; on the overview a few finished ones sink below."""
    names = case.directory(now).name
    gives = may_here(case.incident, case.template, who, "task.assign")
    opened = sorted((t for t in case.incident.tasks.values() if t.is_open), key=lambda t: t.due_at)
    ended = sorted(
        (t for t in case.incident.tasks.values() if not t.is_open),
        key=lambda t: t.ended_at or now,
        reverse=True,
    )
    rows = []
    for t in opened + ended if everything else opened[:ROWS] + ended[:2]:
        late = t.is_open and now >= t.due_at
        note = (
            "not acknowledged" if t.state == "given" else t.note if t.is_open else (t.result or t.end_reason)
        )
        rows.append({
            "id": t.id, "text": t.title, "who": names(t.assignee), "assignee": t.assignee, "due_at": t.due_at,
            "state": "late" if late else "done" if t.state == "done" else t.state, "note": note, "minutes": t.minutes,
            "is_open": t.is_open, "may_finish": t.is_open and (gives or t.assignee == who.person),
            "given_by": names(t.given_by), "kind": t.kind,
            "reply": REPLY_WORDS.get(t.reply, "") if t.is_open else "",
            "stopped": t.is_open and stopping(case.incident, t.id) is not None,
        })  # fmt: skip
    return {"open": len(opened), "rows": rows, "more": 0 if everything else max(0, len(opened) - ROWS)}


_ALERT_TONES = {
    "critical": ("red", "octagonx"),
    "error": ("red", "octagonx"),
    "warning": ("amber", "triangle"),
}


def alerts(case: Case) -> dict[str, Any]:
    linked = models.Alert.objects.select_related("service").filter(id__in=list(case.incident.alerts))
    rows = []
    for a in sorted(linked, key=lambda a: (a.status == "resolved", a.id)):
        state = alert_words.STATES.get(a.status, a.status)
        tone, icon = _ALERT_TONES.get(a.severity, ("blue", "info"))
        if state == "ended":
            tone, icon = "green", "checkc"
        elif state != "firing":
            tone, icon = "", "eye" if state == "acknowledged" else "belloff"
        where = a.service.name if a.service else a.source
        rows.append({
            "name": a.labels.get("alertname") or a.summary, "where": f"{where} · {a.count}×",
            "tone": tone, "icon": icon,
            "state": state, "since": a.first_seen_at, "until": a.resolved_at,
            "href": f"/alerts/{a.id}", "summary": a.summary, "status": a.status,
        })  # fmt: skip
    rows += _simulated(case)
    return {"firing": sum(r["state"] == "firing" for r in rows), "total": len(rows), "rows": rows[:8]}


def _simulated(case: Case) -> list[dict[str, Any]]:
    """Alerts that injects of a drill made up: they stand in its incident and nowhere else."""
    return [
        {
            "name": a.summary, "where": _("simulated in this drill"), "tone": "green" if a.resolved_at else "amber",
            "icon": "checkc" if a.resolved_at else "target", "state": "ended" if a.resolved_at else "firing",
            "since": a.linked_at, "until": a.resolved_at, "href": f"/incidents/{case.incident.key}/alerts",
            "summary": a.summary, "status": "resolved" if a.resolved_at else "open",
        }
        for a in case.incident.alerts.values()
        if a.alert_id.startswith(drill.SIMULATED)
    ]  # fmt: skip


def catch_up(case: Case, now: datetime, clock: Any) -> dict[str, Any]:
    return {"lines": briefing.catch_up(case, now, clock).lines, "at": now}


def useful(case: Case, now: datetime) -> list[dict[str, str]]:
    """Runbooks of the affected services, and past incidents of the same services."""
    incident = case.incident
    services = models.Service.objects.filter(key__in=incident.services)
    found = [
        {"icon": "book", "title": f"{s.name}: runbook", "note": "Runbook", "end": "", "href": s.runbook_url}
        for s in services
        if s.runbook_url
    ][:3]
    past = models.IncidentRow.objects.filter(is_open=False, restricted=False, drill=False).order_by("-number")
    columns = ("id", "title", "services", "declared_at", "resolved_at")
    for key, title, shared, declared_at, resolved_at in past.values_list(*columns)[:200]:
        if set(shared) & set(incident.services) and resolved_at:
            took = spoken(resolved_at - declared_at)
            note = f"{declared_at:%-d %b}, resolved in {took}"
            found.append(
                {
                    "icon": "history",
                    "title": f"{key} {title}",
                    "note": note,
                    "end": "",
                    "href": f"/incidents/{key}",
                }
            )
        if len(found) >= 5:
            break
    return found
