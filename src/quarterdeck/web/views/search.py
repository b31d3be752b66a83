"""Search over everything the viewer may know of: for the page and for the command palette."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from quarterdeck.app import search
from quarterdeck.app.catalog import glossary
from quarterdeck.app.incidents import ownership
from quarterdeck.app.learning import debriefs
from quarterdeck.app.people import people
from quarterdeck.app.search_words import excerpt
from quarterdeck.app.technical import knowledge
from quarterdeck.core.access import Who, may
from quarterdeck.store import models
from quarterdeck.web.acting import act, now
from quarterdeck.web.present import alerts, words
from quarterdeck.web.present.paging import href
from quarterdeck.web.routes import LOGIN, route

EACH, PALETTE = 10, 5
ON_CALL_NAMED = 3
# Pages that have no row in the store: words to find them by, address, icon, permission.
PAGES = (
    ("Health: would it page tonight?", "doctor checks alarms engine", "/settings/health", "pulse", "settings.read"),
    ("Audit: who changed what", "log history chain", "/settings/audit", "history", "audit.read"),
    ("API keys", "token program", "/settings/keys", "key", ""),
    ("How I am reached", "profile contacts phone rules time zone me", "/settings/me", "user", ""),
    ("Where I am signed in", "sessions", "/accounts/sessions/", "lock", ""),
    ("Two-factor sign-in", "passkey totp security", "/accounts/2fa/", "shield", ""),
    ("Response structures", "template role card checklist toml", "/settings/structures", "layers", "settings.read"),
    ("Glossary", "words terms acronyms roles titles", "/glossary", "book", ""),
    ("Playbook", "print contacts matrix one page", "/playbook", "book", "person.read"),
    ("Response plan", "roles duties channels escalation decision process complete", "/playbook/plan", "book",
     "person.read"),
    ("Incident types", "template structure declare", "/settings/types", "tag", "settings.read"),
    ("Automation", "rules runs dry run trigger condition actions", "/settings/automation", "zap", "settings.read"),
    ("Chat channels", "slack room channel incident", "/settings/chat", "hash", "settings.read"),
    ("Scenarios of drills", "library exercise practice injects", "/drills/library", "book", "drill.plan"),
    ("Drills compared", "trend scores exercise", "/insights/drills", "target", "insight.read"),
    ("Targets", "figures limit kept missed sla", "/insights/targets", "chart", "insight.read"),
    ("Reports by mail", "pack weekly monthly quarterly review pdf", "/insights/reports", "send", "insight.read"),
    ("Risks", "register matrix safeguard", "/prevention", "shield", "service.read"),
    ("Preventive work", "maintenance plan certificates restore test", "/prevention/tasks", "checkc", "service.read"),
    ("Overdue", "late action items problems risks", "/prevention/overdue", "clock", "service.read"),
    ("Process reviews", "owner of the process feedback findings", "/prevention/process", "review", "review.read"),
    ("Notices", "changes announced read understood", "/notices", "mega", "report.write"),
    ("Integrations", "connect tool prometheus grafana webhook", "/catalog/integrations", "plug", "service.read"),
    ("Maintenance", "planned work window upgrade downtime", "/maintenance", "wrench", "status.read"),
    ("Silences", "mute maintenance", "/alerts/silences", "belloff", "alert.read"),
    ("Escalation policies", "ladder steps default", "/on-call/policies", "up", "schedule.read"),
    ("Audiences", "contacts subscribers addresses mail", "/catalog/audiences", "mega", "status.edit"),
    ("Training", "sessions lessons attendance", "/knowledge/training", "users", "person.read"),
    ("Retention", "purge legal hold keep days", "/settings/retention", "box", "settings.edit"),
    ("My pages", "notifications callouts", "/notifications", "bell", ""),
)  # fmt: skip
Result = dict[str, Any]
_INCIDENT = re.compile(r"inc-\d{1,9}", re.I)


def page(request: HttpRequest) -> HttpResponse:
    q = _asked(request)
    groups = [g for g in _groups(act(request).who, q, EACH) if g["results"]] if q else []
    return render(request, "search.html", {"q": q, "groups": groups})


def palette(request: HttpRequest) -> HttpResponse:
    q = _asked(request)
    groups = _groups(act(request).who, q, PALETTE) if len(q) > 1 else []
    results = [
        {"label": r["title"], "hint": r["text"], "icon": g["icon"], "href": r["href"], "group": g["title"]}
        for g in groups
        for r in g["results"]
    ]
    return JsonResponse({"results": results})


def _asked(request: HttpRequest) -> str:
    return " ".join(request.GET.get("q", "")[:200].split())


def _groups(who: Who, q: str, most: int) -> list[dict[str, Any]]:
    """Every kind the viewer may read, each with one query and one more row than is shown."""
    kinds = (
        ("Incidents", "siren", "incident.read", _incidents, href("/incidents", {"q": q})),
        ("Services", "server", "service.read", _services, href("/catalog/services", {"q": q})),
        ("People", "user", "person.read", _people, href("/catalog/people", {"q": q})),
        ("Teams", "team", "person.read", _teams, "/catalog/teams"),
        ("Roles and terms", "book", "incident.read", _glossary, href("/glossary", {"q": q})),
        ("Schedules", "phone", "schedule.read", _schedules, "/on-call"),
        ("Lessons", "bulb", "incident.read", _lessons, ""),
        ("Knowledge", "book", "incident.read", _articles, href("/knowledge", {"q": q})),
        ("Alerts", "bell", "alert.read", _alerts, href("/alerts", {"q": q, "show": "all"})),
        ("Pages", "arrow", "", _pages, ""),
    )
    groups = []
    for title, icon, permission, find, more in kinds:
        if permission and not may(who, permission):
            continue
        found = find(who, q, most + 1)
        rest = len(found) > most
        total = f"{most}+" if rest else str(len(found))
        groups.append(
            {
                "title": title,
                "icon": icon,
                "results": found[:most],
                "more_href": more if rest else "",
                "total": total,
            }
        )
    return groups


def _incidents(who: Who, q: str, most: int) -> list[Result]:
    rows = search.incidents(who, q=q).order_by("-is_open", "-number")[:most]
    return [
        {
            "title": f"{r.id} {r.title}",
            "text": f"SEV{r.severity}, {words.phase(r.phase).lower()}",
            "href": f"/incidents/{r.id}",
        }
        for r in rows
    ]


def _services(who: Who, q: str, most: int) -> list[Result]:
    rows = models.Service.objects.select_related("team").filter(Q(name__icontains=q) | Q(key__icontains=q))
    found = list(rows.select_related("policy")[:most])
    owned = ownership.owners(found, now()) if found and may(who, "schedule.read") else {}
    return [
        {
            "title": r.name,
            "text": _owner(r, owned.get(r.id)),
            "href": f"/catalog/services/{r.key}",
        }
        for r in found
    ]


def _owner(row: models.Service, owner: ownership.Owner | None) -> str:
    """Whose it is and who is on call: whoever asks for a service mostly wants its people (R-199)."""
    named = [row.team.name if row.team else row.description]
    if owner is not None and owner.duties:
        people = ", ".join(p.name for p in owner.on_call[:ON_CALL_NAMED])
        named.append(f"on call now: {people or 'nobody'}")
    return "; ".join(n for n in named if n)


def _people(who: Who, q: str, most: int) -> list[Result]:
    rows = people.search(q, True).order_by("name")[:most]
    return [{"title": r.name, "text": r.title or r.email, "href": f"/catalog/people/{r.id}"} for r in rows]


def _teams(who: Who, q: str, most: int) -> list[Result]:
    rows = models.Team.objects.filter(name__icontains=q)[:most]
    return [{"title": r.name, "text": r.description, "href": f"/catalog/teams/{r.key}"} for r in rows]


def _glossary(who: Who, q: str, most: int) -> list[Result]:
    return [
        {
            "title": w.title,
            "text": w.meaning,
            "href": f"/glossary#{w.anchor}" if w.anchor else href("/glossary", {"q": w.title}),
        }
        for w in glossary.search(q, most)
    ]


def _schedules(who: Who, q: str, most: int) -> list[Result]:
    rows = models.Schedule.objects.filter(Q(name__icontains=q) | Q(key__icontains=q))[:most]
    return [{"title": r.name, "text": "Schedule", "href": f"/on-call/schedules/{r.key}"} for r in rows]


def _alerts(who: Who, q: str, most: int) -> list[Result]:
    if _INCIDENT.fullmatch(q):
        rows = search.alerts_of(who, q.upper(), most)
    else:
        rows = search.newest_alerts(search.alerts(q), most)
    return [
        {
            "title": alerts.name_of(r),
            "text": ", ".join(
                t for t in (r.service.name if r.service else "", r.summary) if t and t != alerts.name_of(r)
            ),
            "at": r.first_seen_at,
            "href": f"/alerts/{r.id}",
            "state": alerts.STATES.get(r.status, r.status),
        }
        for r in rows
    ]


def _lessons(who: Who, q: str, most: int) -> list[Result]:
    rows = debriefs.lessons(who, q).order_by("-recorded_at", "-id")[:most]
    return [
        {"title": excerpt(r.text, q, 160), "text": r.incident_id, "href": f"/reviews/{r.incident_id}#lessons"}
        for r in rows
    ]


def _articles(who: Who, q: str, most: int) -> list[Result]:
    rows = knowledge.articles(who, q).order_by("-changed_at", "-id")[:most]
    return [{"title": r.title, "text": excerpt(r.text, q, 160), "href": f"/knowledge/{r.id}"} for r in rows]


def _pages(who: Who, q: str, most: int) -> list[Result]:
    asked = q.lower().split()
    return [
        {"title": title, "text": "", "href": address}
        for title, hidden, address, _, permission in PAGES
        if (not permission or may(who, permission)) and all(w in f"{title} {hidden}".lower() for w in asked)
    ][:most]


ROUTES = [
    route("search", page, name="search", permission=LOGIN),
    route("search.json", palette, name="search-json", permission=LOGIN),
]
