"""The alerts console and one alert with its whole story: why it paged, who was called, what became of each page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from quarterdeck.app import search
from quarterdeck.app.act import Act
from quarterdeck.app.alerts import alert_links
from quarterdeck.app.alerts import alerts as acts
from quarterdeck.app.paging.directory import Directory
from quarterdeck.core.access import may
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.store import models
from quarterdeck.web.acting import act, back, done, posts
from quarterdeck.web.present import alerts as present
from quarterdeck.web.present import callouts
from quarterdeck.web.present.paging import href, newest_first
from quarterdeck.web.routes import route

MOST_AT_ONCE = 200
_VIEWS = (
    ("open", "Firing"),
    ("acknowledged", "Acknowledged"),
    ("silenced", "Silenced"),
    ("resolved", "Ended"),
    ("all", "All"),
)
# Minutes an alert may sleep, as the page offers them.
NAPS = ((30, "30 min"), (60, "1 h"), (120, "2 h"), (240, "4 h"), (480, "8 h"), (1440, "24 h"))


def console(request: HttpRequest) -> HttpResponse:
    """Filters live in the URL. Without one, what fires now."""
    who = act(request).who
    filters = {k: request.GET.get(k, "")[:200] for k in ("q", "service", "severity", "show")}
    status = filters["show"] or "open"
    rows = search.alerts(filters["q"], "" if status == "all" else status, filters["service"])
    if filters["severity"] in present.SEVERITIES:
        rows = rows.filter(severity=filters["severity"])
    anywhere = bool(filters["q"]) and status == "all"
    find = {"find": search.newest_alerts} if anywhere else {}
    page, pager = newest_first(rows, request.GET.get("after", ""), **find)
    shown = present.shown(page, who)
    together = status in ("open", "acknowledged", "silenced")
    groups = (
        present.groups(shown, present.totals(rows))
        if together
        else [{"key": "", "title": "", "alerts": shown}]
    )
    context: dict[str, Any] = {"groups": groups if shown else [], "may_act": may(who, "alert.act")}
    if request.GET.get("part") == "groups":
        return render(request, "alerts/groups.html", context)
    counts = {s: models.Alert.objects.filter(status=s).count() for s in ("open", "acknowledged", "silenced")}
    context |= {
        "summary": _summary(counts),
        "views": [
            {"label": label, "href": href("/alerts", {}, show="" if key == "open" else key), "current": key == status,
             "count": counts.get(key)}
            for key, label in _VIEWS
        ],
        "filters": filters,
        "filtered": any(filters[k] for k in ("q", "service", "severity")),
        "choices": {
            "service": list(models.Service.objects.values_list("key", "name")[:500]),
            "severity": [(k, v[2]) for k, v in present.SEVERITIES.items()],
        },
        "storm": present.storm(counts["open"]) if status == "open" else None,
        "page": pager,
        "status": status,
    }  # fmt: skip
    return render(request, "alerts/list.html", context)


def _summary(counts: dict[str, int]) -> str:
    if not any(counts.values()):
        return "Nothing fires."
    said = f"{counts['open']} firing and waiting for somebody, {counts['acknowledged']} acknowledged"
    return said + (f", {counts['silenced']} silenced." if counts["silenced"] else ".")


def detail(request: HttpRequest, alert_id: str) -> HttpResponse:
    doing = act(request)
    alert = _alert(alert_id)
    directory = Directory(doing.at)
    called = list(search.callouts(doing.who).filter(alert_id=alert.id).order_by("id")[:100])
    context = {
        "alert": present.one(alert, doing.who, directory),
        "story": present.story(alert.id, directory),
        "callouts": callouts.ledger(called, doing.person),
        "may_act": may(doing.who, "alert.act"),
        "may_declare": may(doing.who, "incident.declare"),
        "incidents": _linkable(doing) if not alert.incident_id else [],
        "to": _whom() if may(doing.who, "alert.act") and alert.status in ("open", "acknowledged") else [],
        "naps": NAPS,
        "may_plan": may(doing.who, "service.edit"),
    }
    return render(request, "alerts/detail.html", context)


def _whom() -> list[tuple[str, list[tuple[str, str]]]]:
    """To whom an alert may be passed on, in groups."""
    people = models.Person.objects.filter(is_active=True).exclude(role__in=("executive", "observer"))
    policies = models.EscalationPolicy.objects.order_by("name").values_list("key", "name")[:200]
    return [
        ("A person", [(f"person:{i}", name) for i, name in people.order_by("name").values_list("id", "name")[:500]]),
        ("A policy, from its first step", [(f"policy:{key}", name) for key, name in policies]),
    ]  # fmt: skip


def _linkable(doing: Act) -> list[dict[str, str]]:
    if not may(doing.who, "incident.act"):
        return []
    rows = search.incidents(doing.who, is_open=True).order_by("-number")[:50]
    return [{"id": r.id, "title": r.title} for r in rows]


def _alert(alert_id: str) -> models.Alert:
    rows = models.Alert.objects.select_related("service__team", "integration")
    found = rows.filter(id=alert_id).first()
    if found is None:
        raise missing("alert.unknown", "There is no such alert. Look it up in the list of alerts.")
    return found


@posts
def acknowledge(request: HttpRequest, alert_id: str) -> HttpResponse:
    acts.acknowledge(act(request), alert_id)
    return done(request, f"/alerts/{alert_id}", "Acknowledged. Nobody else is called.")


@posts
def resolve(request: HttpRequest, alert_id: str) -> HttpResponse:
    acts.resolve(act(request), alert_id, request.POST.get("reason", ""))
    return done(request, f"/alerts/{alert_id}", "Ended. If it fires again, it is a new alert.")


@posts
def link(request: HttpRequest, alert_id: str) -> HttpResponse:
    incident_id = request.POST.get("incident", "")
    if not incident_id:
        raise bad("incident.missing", "Choose the incident this alert belongs to.", incident="missing")
    alert_links.link(act(request), incident_id, alert_id)
    return done(request, f"/alerts/{alert_id}", f"Linked to {incident_id}.")


@posts
def acknowledge_many(request: HttpRequest) -> HttpResponse:
    return _each(request, lambda doing, i: acts.acknowledge(doing, i), "Acknowledged")


@posts
def resolve_many(request: HttpRequest) -> HttpResponse:
    return _each(request, lambda doing, i: acts.resolve(doing, i), "Ended")


def _each(request: HttpRequest, change: Callable[[Act, str], Any], word: str) -> HttpResponse:
    """Every chosen alert by itself: one that is over does not keep the others from being taken."""
    doing, count, refused = act(request), 0, ""
    for alert_id in _chosen(request):
        try:
            change(doing, alert_id)
            count += 1
        except Refused as said:
            if said.kind == "forbidden":
                raise
            refused = said.message
    said = f"{word}: {count}." + (f" Not all: {refused}" if refused else "")
    return done(request, back(request, "/alerts"), said)


@posts
def silence_many(request: HttpRequest) -> HttpResponse:
    """To the form of a silence that fits the chosen alerts. Changes nothing yet."""
    return HttpResponseRedirect(
        "/alerts/silences/new?" + urlencode([("alert", i) for i in _chosen(request)[:50]])
    )


def _chosen(request: HttpRequest) -> list[str]:
    found = list(dict.fromkeys(request.POST.getlist("alert")))[:MOST_AT_ONCE]
    if not found:
        raise bad("alert.none_chosen", "Choose at least one alert first: tick its box.")
    return found


_ONE = "alerts/<str:alert_id>"
ROUTES = [
    route("alerts", console, name="alerts", permission="alert.read"),
    route("alerts/acknowledgement", acknowledge_many, name="alerts-acknowledge", permission="alert.act"),
    route("alerts/resolution", resolve_many, name="alerts-resolve", permission="alert.act"),
    route("alerts/silence", silence_many, name="alerts-silence", permission="alert.act"),
    route(_ONE, detail, name="alert", permission="alert.read"),
    route(f"{_ONE}/acknowledgement", acknowledge, name="alert-acknowledge", permission="alert.act"),
    route(f"{_ONE}/resolution", resolve, name="alert-resolve", permission="alert.act"),
    route(f"{_ONE}/link", link, name="alert-link", permission="alert.act"),
]
