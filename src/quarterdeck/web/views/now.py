"""Home: what waits for me, what is open, who is on call, what is not well. Executives get the brief instead."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quarterdeck.app import visibility
from quarterdeck.app.comms import audiences, consents, satisfaction
from quarterdeck.app.incidents import pulse, target_clock
from quarterdeck.app.oncall import roster
from quarterdeck.app.people import keys
from quarterdeck.core.access import Who, allowed
from quarterdeck.core.kernel.moments import spoken
from quarterdeck.core.kernel.refused import missing
from quarterdeck.core.status.words import label
from quarterdeck.store import models
from quarterdeck.web.acting import act
from quarterdeck.web.present import customers, executive_review, executive_roster, maintenance, targets, words
from quarterdeck.web.present.due import waiting_for
from quarterdeck.web.routes import LOGIN, route

from .incidents import shown_rows

OURS = "executives"  # the audience of the page `briefs`


def home(request: HttpRequest) -> HttpResponse:
    doing = act(request)
    if not allowed(next(iter(doing.who.roles)), "incident.read"):
        return briefs(request)
    context = _due(doing.who, doing.at) | _open(doing.who, doing.at) | _side(doing.who, doing.at)
    context |= _figures(doing.who, doing.at, context)
    context["summary"] = _summary(context, doing.who)
    context["setup"] = _setup(request)
    return render(request, "now.html", context)


def part(request: HttpRequest, name: str) -> HttpResponse:
    doing = act(request)
    if not allowed(next(iter(doing.who.roles)), "incident.read"):
        raise missing("part.unknown", "There is no such part of this page. Reload it.")
    match name:
        case "due":
            return render(request, "now/due.html", _due(doing.who, doing.at))
        case "incidents":
            return render(request, "now/incidents.html", _open(doing.who, doing.at))
        case "side":
            return render(request, "now/side.html", _side(doing.who, doing.at))
        case "pulse":
            return render(request, "now/pulse.html", _figures(doing.who, doing.at, _services()))
    raise missing("part.unknown", "There is no such part of this page. Reload it.")


def briefs(request: HttpRequest) -> HttpResponse:
    """What an executive reads: what happened, who is affected, what we do, when we speak next. No acts, no names."""
    doing = act(request)
    rows = (
        visibility.visible_incidents(doing.who)
        .filter(is_open=True, drill=False)
        .order_by("severity", "-number")[:50]
    )
    clocks = models.UpdateClockRow.objects.filter(
        incident_id__in=[r.id for r in rows], audience=OURS, running=True
    )
    due = dict(clocks.values_list("incident_id", "next_due"))
    shown = [
        {
            "id": r.id,
            "title": r.title,
            "severity": words.severity(r.severity),
            "phase": words.phase(r.phase),
            "since": r.declared_at,
            "happened": r.summary or r.what_we_know or r.title,
            "affected": r.customer_effect or r.customers_affected or "Not known yet",
            "doing": r.next_step or f"We are in the phase {words.phase(r.phase).lower()}.",
            "next_update_at": due.get(r.id),
        }
        for r in rows
    ]
    return render(
        request,
        "briefs.html",
        {
            "briefs": shown,
            "names": consents.waiting(doing.who),
            "to_read": executive_review.owed(doing.who),
            "training": executive_roster.mine(doing.person, doing.at),
        },
    )


def _due(who: Who, at: datetime) -> dict[str, Any]:
    return {"due": waiting_for(who.person, at)}


def _open(who: Who, at: datetime) -> dict[str, Any]:
    rows = visibility.visible_incidents(who).filter(is_open=True)
    return {
        "incidents": shown_rows(list(rows.order_by("severity", "-number")[:12]), at),
        "incident_total": rows.count(),
    }


def _side(who: Who, at: datetime) -> dict[str, Any]:
    pressing = targets.live(target_clock.pressing(who, at)[:8])
    return (
        _clocks(who, at)
        | {"pressing": pressing, "maintenance": maintenance.near(who, at)}
        | _on_call(who, at)
        | _services()
    )


def _figures(who: Who, at: datetime, side: dict[str, Any]) -> dict[str, Any]:
    """What is open in numbers: how long services have been hurt, how many are, whose clocks are overdue (R-003)."""
    found = pulse.read(who, at)
    return {
        "pulse": [
            {
                "label": "Open impact",
                "value": spoken(timedelta(minutes=found.impact_minutes)),
                "note": f"{found.incidents} open, {found.impact_minutes} min together",
            },
            {
                "label": "Services not well",
                "value": str(side["not_well"]),
                "note": f"of {side['service_total']}",
            },
            {
                "label": "Update clocks overdue",
                "value": str(found.overdue),
                "note": f"of {found.clocks} running",
            },
            customers.pulse(satisfaction.trend(who, at)),
        ]
    }


def _clocks(who: Who, at: datetime) -> dict[str, Any]:
    ids = visibility.visible_incidents(who).filter(is_open=True).values_list("id", flat=True)
    rows = list(
        models.UpdateClockRow.objects.filter(running=True, incident_id__in=list(ids)).order_by("next_due")[:8]
    )
    late = sum(r.next_due < at for r in rows)
    titles = audiences.audience_keys() if rows else {}
    return {
        "clocks": [
            {
                "title": titles.get(r.audience, r.audience),
                "sub": f"{r.incident_id} · every {r.every_seconds // 60} min",
                "due_at": r.next_due,
                "href": f"/incidents/{r.incident_id}/communication",
            }
            for r in rows
        ],
        "clock_note": f"{late} late" if late else "",
    }


def _on_call(who: Who, at: datetime) -> dict[str, Any]:
    found = []
    for d in roster.duties(at):
        if d.person is None:
            found.append({
                "person": None, "title": f"Nobody: {d.schedule.name}", "sub": "a gap right now",
                "href": f"/on-call?schedule={d.schedule.key}", "label": "Fill",
            })  # fmt: skip
        else:
            found += [
                {"person": {"name": p.name, "me": p.id == who.person}, "title": d.schedule.name, "until": d.held.until}
                for p in d.people
            ]  # fmt: skip
    found.sort(key=lambda row: row["person"] is not None)
    return {"on_call": found[:10]}


def _services() -> dict[str, Any]:
    """Services with open alerts or whose component is not well, the worst first."""
    impaired = models.Component.objects.exclude(state="operational").prefetch_related("services", "states")
    rows: dict[str, dict[str, Any]] = {}
    for c in impaired:
        last = max((s.at for s in c.states.all()), default=c.updated_at)
        for s in c.services.all():
            rows[s.key] = {
                "name": s.name,
                "state": c.state,
                "since": last,
                "href": f"/catalog/services/{s.key}",
                "label": label(c.state),
            }
    firing = models.Alert.objects.filter(
        Q(status="open") | Q(status="acknowledged"), service__isnull=False
    ).select_related("service")
    for a in firing.order_by("first_seen_at")[:200]:
        rows.setdefault(
            a.service.key,
            {
                "name": a.service.name,
                "state": "degraded_performance",
                "since": a.first_seen_at,
                "href": f"/catalog/services/{a.service.key}",
            },
        )
    total = models.Service.objects.count()
    return {
        "services": list(rows.values())[:8],
        "service_note": f"{len(rows)} of {total}" if rows else "",
        "not_well": len(rows),
        "service_total": total,
    }


def _summary(context: dict[str, Any], who: Who) -> str:
    held = models.RoleAssignmentRow.objects.filter(person_id=who.person, role="commander", ended_at=None)
    ids = [r.incident_id for r in held]
    if ids:
        return f"You command {', '.join(sorted(ids))}."
    return "Nothing is open." if not context["incidents"] else ""


def _setup(request: HttpRequest) -> list[dict[str, Any]] | None:
    """The first steps of a new installation, until they are done."""
    role = getattr(request.user, "role", "")
    if role != "administrator":
        return None
    steps = (
        (
            models.Person.objects.count() > 1,
            "Add your people",
            "They are who gets called.",
            "/catalog/people",
            "People",
        ),
        (
            models.Schedule.objects.exists(),
            "Make a schedule",
            "Who is on call, and when.",
            "/on-call",
            "On-call",
        ),
        (
            models.EscalationPolicy.objects.exists(),
            "Make a policy",
            "Who is paged first, who next. Without one an alert pages nobody.",
            "/on-call/policies",
            "Policies",
        ),
        (
            models.Service.objects.exists(),
            "Name your services",
            "What alerts are about.",
            "/catalog/services",
            "Services",
        ),
        (
            keys.integrations().exists(),
            "Connect a monitor",
            "Where alerts come from.",
            "/catalog/integrations",
            "Integrations",
        ),
        (
            models.Alert.objects.exists(),
            "Send a first alert",
            "The page of the integration has the line to copy.",
            "/catalog/integrations",
            "Integrations",
        ),
    )
    if all(step[0] for step in steps):
        return None
    # Paging works without one: the list does not wait for it.
    page = (
        models.StatusPage.objects.exists(),
        "Make a status page",
        "What customers read while something is wrong, if you want to tell them.",
        "/status-pages",
        "Status pages",
    )
    return [
        {"done": d, "title": t, "text": x, "href": h, "label": word} for d, t, x, h, word in (*steps, page)
    ]


ROUTES = [
    route("", home, name="now", permission=LOGIN),
    route("parts/now/<str:name>", part, name="now-part", permission=LOGIN),
]
