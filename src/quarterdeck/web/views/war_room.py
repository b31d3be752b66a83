"""The war room: one incident's overview, its live parts, and its other tabs of work."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from quarterdeck.app import casebook
from quarterdeck.app.casebook import Case
from quarterdeck.app.executives import executive_training
from quarterdeck.app.incidents import picker, readings
from quarterdeck.core.access import GUEST, Who
from quarterdeck.core.incidents import Place, chart
from quarterdeck.core.incidents import missing as missing_for
from quarterdeck.core.incidents.parts import RoleAssignment
from quarterdeck.core.incidents.staffing import spans
from quarterdeck.core.incidents.state import PASSIVE_ROLES
from quarterdeck.core.incidents.structure import NEXT_PHASES
from quarterdeck.core.incidents.typed import VERBS
from quarterdeck.core.kernel.refused import forbidden, missing
from quarterdeck.store import models
from quarterdeck.web import shared_parts
from quarterdeck.web.acting import act, now
from quarterdeck.web.present import (
    business,
    channel,
    executives,
    inquiries,
    maintenance,
    response,
    room,
    room_after,
    technical,
    telling,
)
from quarterdeck.web.present import incident as header
from quarterdeck.web.present import targets as measured
from quarterdeck.web.present.timeline import timeline
from quarterdeck.web.routes import route

from . import agencies

KINDS = (
    ("note", "Note", "note", "n"),
    ("finding", "Finding", "finding", ""),
    ("hypothesis", "Hypothesis", "bulb", ""),
    ("decision", "Decision", "fork", "d"),
    ("task", "Task", "task", "t"),
    ("update", "Update", "mega", "u"),
)
# The right each kind of entry takes; the others whoever responds may write.
TAKES = {"hypothesis": "act", "decision": "decide", "task": "act", "update": "draft"}
REPLIES = (
    {"key": "acknowledged", "label": "Acknowledged"},
    {"key": "will_comply", "label": "Will comply"},
    {"key": "say_again", "label": "Say again"},
    {"key": "standby", "label": "Standby"},
    {"key": "unknown", "label": "Don’t know"},
)


def clock(at: datetime) -> str:
    """A time of day in the viewer's zone."""
    return f"{timezone.localtime(at):%H:%M}"


def overview(request: HttpRequest, incident_id: str) -> HttpResponse:
    case, at = _case(request, incident_id)
    readings.note(act(request).who, case.incident, readings.PAGE, at)
    if agencies.is_guest(request):
        return agencies.guest(request, case)
    return render(request, "incidents/war_room.html", everything(request, case, at))


def everything(request: HttpRequest, case: Case, at: datetime) -> dict[str, Any]:
    who = act(request).who
    context = header.base(case, who, at, "overview")
    context |= technical.beside(case, who, at)
    return context | {
        "command": room.command(case, who, at),
        "my_role": room.my_role(case, who, at),
        "open_roles": room.open_roles(case, at),
        "composer": composer(context["may"]),
        "timeline": timeline(case, request.GET, at, who) | {"restart": False},
        "facts": room.facts(case, context["may"]["facts"]),
        "impact": room.impact(case),
        "measured": measured.of_case(case, who, at),
        "tasks": room.tasks(case, at, who),
        "alerts": room.alerts(case),
        "before": room_after.before(case, who, at),
        "debrief_owed": room_after.debrief_owed(case, at),
        "useful": [] if GUEST in who.roles else room.useful(case, at),
        "catch_up": room.catch_up(case, at, clock),
        "business": business.panel(case, at),
        "channel": None if GUEST in who.roles else channel.panel(case, who, at),
        "customers": business.customers(case),
        "outside": telling.warnings(case, at),
        "reporting": None if GUEST in who.roles else inquiries.reporting(case.incident.key, who, at),
        "executives": None if GUEST in who.roles else executives.desk(case, who, at),
        "strip": None if GUEST in who.roles else response.strip(case, who, at),
        "maintenance": [] if GUEST in who.roles else maintenance.around(case.incident.services, who, at),
    }


def composer(
    may: dict[str, bool], text: str = "", kind: str = "note", refused: object = None
) -> dict[str, Any]:
    """`may` are the viewer's rights: nobody is offered a kind that would be refused."""
    return {
        "kinds": [
            {"key": k, "label": label, "icon": icon, "shortcut": key}
            for k, label, icon, key in KINDS
            if may[TAKES.get(k, "post")]
        ],
        "kind": kind,
        "commands": [{"name": verb, "form": form, "hint": hint} for verb, (form, hint) in VERBS.items()],
        "hint": "Responders see this",
        "text": text,
        "refused": refused,
    }


PARTS = {
    "header": "incidents/header.html",
    "command": "incidents/command.html",
    "role": "incidents/role_card.html",
    "timeline": "incidents/timeline.html",
    "older": "incidents/timeline_more.html",
    "facts": "incidents/facts.html",
    "tasks": "incidents/tasks.html",
    "alerts": "incidents/alerts.html",
    "offers": "incidents/technical/offers.html",
    "business": "incidents/business/panel.html",
    "channel": "incidents/channel.html",
}

# All that a guest asks for again: what is asked of them, and the entries they are shown.
GUEST_PARTS = {"guest": "incidents/guest_asks.html", "timeline": PARTS["timeline"], "older": PARTS["older"]}

# Shown to the organisation's own people only.
INSIDE_PARTS = ("alerts", "business", "channel")
# What everybody who watches asks for again at every line that is written.
SHARED = ("header", "timeline")


def part(request: HttpRequest, incident_id: str, name: str) -> HttpResponse:
    """One live part, fetched again when the incident has moved."""
    case, at = _case(request, incident_id)
    guest = agencies.is_guest(request)
    if name not in (GUEST_PARTS if guest else PARTS):
        raise missing("part.unknown", "There is no such part of this page. Reload it.")
    if guest:
        return render(request, GUEST_PARTS[name], agencies.guest_part(request, case))
    if name in SHARED:
        may = header.rights(case, act(request).who)
        return shared_parts.part(
            request, case, at, may, PARTS[name], lambda: part_context(request, case, name, at)
        )
    return render(request, PARTS[name], part_context(request, case, name, at))


def part_context(request: HttpRequest, case: Case, name: str, at: datetime) -> dict[str, Any]:
    who = act(request).who
    tab = request.GET.get("tab", "overview")
    context = header.base(
        case,
        who,
        at,
        tab if tab in ("overview", "communication", "tasks", "alerts", "record") else "overview",
    )
    match name:
        case "command":
            context["command"] = room.command(case, who, at)
        case "role":
            context |= {"my_role": room.my_role(case, who, at), "open_roles": room.open_roles(case, at)}
        case "timeline":
            # What the composer posts says how far down the page already goes, as a refresh does in its address.
            down_to = request.POST.get("down_to", "")
            context["timeline"] = timeline(
                case, {**request.GET.dict(), "down_to": down_to} if down_to else request.GET, at, who
            )
        case "older":
            context |= {"timeline": timeline(case, request.GET, at, who), "more": True}
        case "facts":
            context |= {"facts": room.facts(case, context["may"]["facts"]), "impact": room.impact(case)}
            context["measured"] = measured.of_case(case, who, at)
        case "tasks":
            context["tasks"] = room.tasks(case, at, who)
        case "alerts":
            context["alerts"] = room.alerts(case)
        case "offers":
            context |= technical.next_acts(case, who)
        case "business" | "channel":
            context[name] = business.panel(case, at) if name == "business" else channel.panel(case, who, at)
    return context


def tasks_tab(request: HttpRequest, incident_id: str) -> HttpResponse:
    case, at = _case(request, incident_id)
    who = act(request).who
    context = header.base(case, who, at, "tasks")
    context |= {
        "tasks": room.tasks(case, at, who, everything=True),
        "replies": REPLIES,
        "lead": technical.hands_out(case),
        "people": people(case, at, who)
        if context["may"]["give"]
        else [p for p in people(case, at, who) if p["id"] == who.person],
        "checks": technical.checks(case),
        "services": []
        if GUEST in who.roles
        else list(models.Service.objects.order_by("name").values("key", "name")),
    }
    technical.with_words(case, at, context["tasks"]["rows"])
    return render(request, "incidents/tasks_tab.html", context)


def alerts_tab(request: HttpRequest, incident_id: str) -> HttpResponse:
    case, at = _case(request, incident_id)
    context = header.base(case, act(request).who, at, "alerts") | {"alerts": room.alerts(case)}
    return render(request, "incidents/alerts_tab.html", context)


def facts_form(request: HttpRequest, incident_id: str) -> HttpResponse:
    case, at = _case(request, incident_id)
    i = case.incident
    if not header.rights(case, act(request).who)["facts"]:
        raise forbidden(
            "facts.not_yours", "Whoever leads, decides or keeps the facts writes them. Tell them."
        )
    fields = (
        ("what_we_know", "What we know now", i.what_we_know, 4),
        ("customer_effect", "What customers notice", i.customer_effect, 2),
        ("cause", "Cause", i.cause, 2),
        ("workaround", "Workaround", i.workaround, 2),
        ("fix", "Fix", i.fix, 2),
        ("verification", "Verification", i.verification, 2),
        ("next_step", "Next step", i.next_step, 2),
    )
    rows = [{"name": n, "label": label, "value": value, "rows": height} for n, label, value, height in fields]
    context = header.base(case, act(request).who, at, "overview") | {
        "fields": rows,
        "bridge_url": i.bridge_url,
        "chat_url": i.chat_url,
    }
    return render(request, "incidents/facts_form.html", context)


def role_form(request: HttpRequest, incident_id: str, role: str) -> HttpResponse:
    """Fill a role: who is on call for it first, then everybody."""
    case, at = _case(request, incident_id)
    card = case.template.role(role)
    if card is None:
        raise missing(
            "role.unknown", "There is no such role in this structure. Choose one from the command panel."
        )
    holders = [
        {"id": a.id, "name": case.directory(at).name(a.person), "since": a.started_at}
        for a in case.incident.holders(role)
    ]
    context = header.base(case, act(request).who, at, "overview") | {
        "role": {
            "key": role,
            "title": card.title,
            "purpose": card.purpose,
            "asks": card.understood,
            "checklist": card.checklist.get(case.incident.phase, ()),
        },
        "holders": holders,
        "people": people(case, at, act(request).who, role),
        "mentors": [
            {"id": p, "name": case.directory(at).name(p)}
            for p in dict.fromkeys(a.person for _, a in acting(case))
        ],
    }
    return render(request, "incidents/role_form.html", context)


def handover_form(request: HttpRequest, incident_id: str) -> HttpResponse:
    """Hand over a role one holds."""
    case, at = _case(request, incident_id)
    who = act(request).who
    mine = [a for a in case.incident.open_assignments() if a.person == who.person]
    titles = {r.key: r.title for r in case.template.roles}
    context = header.base(case, who, at, "overview") | {
        "mine": [{"id": a.id, "title": titles.get(a.role, a.role)} for a in mine],
        "people": [p for p in people(case, at, who) if p["id"] != who.person],
        "catch_up": room.catch_up(case, at, clock),
    }
    return render(request, "incidents/handover_form.html", context)


def org_chart(request: HttpRequest, incident_id: str) -> HttpResponse:
    """The tree of who reports to whom, from the assignments (R-036)."""
    case, at = _case(request, incident_id)
    names = case.directory(at).name
    titles = {r.key: r.title for r in case.template.roles}
    measured = {s.supervisor.id: s for s in spans(case.incident, case.template)}
    places = [
        {"depth": min(p.depth, 6), "title": _titles(p, titles),
         "name": names(p.assignment.person),
         "since": p.assignment.started_at, "above": names(p.above.person) if p.above else "",
         "trainee": bool(p.assignment.mentor) or p.assignment.role == "shadow", "domain": p.assignment.domain,
         "reports": len(measured[p.assignment.id].reports) if p.assignment.id in measured else 0,
         "advice": measured[p.assignment.id].advice if p.assignment.id in measured else ""}
        for p in chart(case.incident, case.template)
    ]  # fmt: skip
    context = header.base(case, act(request).who, at, "overview") | {
        "places": places,
        "free": room.free_roles(case, at),
        "role_choices": [{"key": r.key, "title": r.title} for r in case.template.roles if not r.retired],
    }
    return render(request, "incidents/chart.html", context)


def _titles(place: Place, titles: dict[str, str]) -> str:
    held = (place.assignment, *place.also)
    return ", ".join(titles.get(a.role, a.role.replace("_", " ").capitalize()) for a in held)


def acting(case: Case) -> list[tuple[str, RoleAssignment]]:
    """Everybody who holds a role that acts, with its title."""
    titles = {r.key: r.title for r in case.template.roles}
    held = (a for a in case.incident.open_assignments() if a.role not in PASSIVE_ROLES)
    return [(titles.get(a.role, a.role), a) for a in held]


def resolve_form(request: HttpRequest, incident_id: str) -> HttpResponse:
    case, at = _case(request, incident_id)
    open_conditions = [c.text for c in missing_for(case.incident, case.template, "resolved")]
    early = "resolved" not in NEXT_PHASES.get(case.incident.phase, ())
    context = header.base(case, act(request).who, at, "overview") | {
        "missing": open_conditions,
        "cause_unknown": not case.incident.cause.strip(),
        "early": early,
    }
    return render(request, "incidents/resolve_form.html", context)


def people(case: Case, at: datetime, who: Who, role: str = "") -> list[dict[str, str]]:
    """Whom to choose, best first, each with what to know before choosing."""
    wanted = (role.replace("_", " "), *case.incident.services)
    card = case.template.role(role)
    asked = card.qualification if card else ()
    found = picker.candidates(at, wanted, case.incident.services, asked, who=who)
    others = [
        {"id": c.person.id, "name": c.person.name, "title": c.person.title, "note": c.note} for c in found
    ]
    return executive_training.suggested(role, who.person, at) + others


def _case(request: HttpRequest, incident_id: str) -> tuple[Case, datetime]:
    return casebook.load(incident_id, act(request).who), now()


_READ = "incident.read"
ROUTES = [
    route("incidents/<str:incident_id>", overview, name="incident", permission=_READ),
    route("incidents/<str:incident_id>/parts/<str:name>", part, name="incident-part", permission=_READ),
    route("incidents/<str:incident_id>/tasks", tasks_tab, name="incident-tasks", permission=_READ),
    route("incidents/<str:incident_id>/alerts", alerts_tab, name="incident-alerts", permission=_READ),
    route("incidents/<str:incident_id>/facts", facts_form, name="incident-facts", permission=_READ),
    route("incidents/<str:incident_id>/chart", org_chart, name="incident-chart", permission=_READ),
    route(
        "incidents/<str:incident_id>/handover",
        handover_form,
        name="incident-handover",
        permission="incident.act",
    ),
    route(
        "incidents/<str:incident_id>/resolve",
        resolve_form,
        name="incident-resolve",
        permission="incident.act",
    ),
    route("incidents/<str:incident_id>/fill/<str:role>", role_form, name="incident-fill", permission=_READ),
]
