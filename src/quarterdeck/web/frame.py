"""What every signed-in page carries: who I am, counts, bars above the page, navigation, the palette's commands."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from quarterdeck.app import alarms, demo_login, roster, sysbars, visibility
from quarterdeck.core.access import Who, allowed
from quarterdeck.store import feed, models

from .acting import now

# key, label, address, icon, group, permission, keys pressed one after the other
_NAV = (
    ("now", "Now", "/", "now", 1, "brief.read", "g n"),
    ("incidents", "Incidents", "/incidents", "siren", 1, "incident.read", "g i"),
    ("alerts", "Alerts", "/alerts", "bell", 1, "alert.read", "g a"),
    ("on-call", "On-call", "/on-call", "phone", 1, "schedule.read", "g o"),
    ("status", "Status", "/status-pages", "globe", 1, "status.read", "g s"),
    ("reviews", "Reviews", "/reviews", "review", 2, "review.read", "g r"),
    ("insights", "Insights", "/insights", "chart", 2, "insight.read", ""),
    ("catalog", "Catalog", "/catalog/services", "stack", 3, "service.read", ""),
    ("settings", "Settings", "/settings", "sliders", 3, "settings.read", ""),
)


def frame(request: HttpRequest) -> dict[str, Any]:
    """The context processor. Pages before sign-in get the theme and, in the demo, the login."""
    person: Any = getattr(request, "user", None)
    theme = request.COOKIES.get("theme", "auto")
    base = {
        "theme": theme if theme in ("auto", "light", "dark") else "auto",
        "demo": demo_login.shown() if settings.QUARTERDECK_DEMO else None,
        "organisation": "Quarterdeck",
    }
    if person is None or not person.is_authenticated:
        return {"frame": base}
    counts = _counts(person)
    event, entry = feed.now()
    return {
        "frame": base
        | {
            "me": _me(person),
            "zone": _zone(),
            "counts": counts,
            "sysbars": _bars(Who(person.id, frozenset({person.role}))),
            "nav": _nav(person.role, counts),
            "active": _active(request.path),
            "commands": _commands(person.role),
            "can_declare": allowed(person.role, "incident.declare"),
        },
        "now": now(),
        "live_after": f"{event}-{entry}",
    }


def _me(person: Any) -> dict[str, Any]:
    mine = [d for d in roster.duties(now()) if d.person is not None and d.person.id == person.id]
    until = min((d.held.until for d in mine if d.held.until), default=None)
    text = ""
    if mine:
        text = f"On call until {timezone.localtime(until):%a %H:%M}" if until else "On call"
    return {
        "id": person.id,
        "name": person.name,
        "role": person.role,
        "email": person.email,
        "on_call_text": text,
        "initials": "".join(part[0] for part in person.name.split()[:2]).upper(),
    }


def _zone() -> str:
    local = timezone.localtime(now())
    return f"{local:%Z} (UTC{local:%z})".replace("00)", ")") if local.utcoffset() else "UTC"


def _counts(person: Any) -> dict[str, int]:
    who = Who(person.id, frozenset({person.role}))
    may_alerts = allowed(person.role, "alert.read")
    return {
        "alerts": models.Alert.objects.filter(status="open").count() if may_alerts else 0,
        "incidents": visibility.visible_incidents(who).filter(is_open=True).count(),
        "reviews": models.ReviewRow.objects.filter(state="draft", owner=person.id).count(),
        "notifications": models.Callout.objects.filter(person_id=person.id, state="waiting").count(),
        "inquiries": 0,
    }


def _bars(who: Who) -> list[dict[str, str]]:
    bars = sysbars.bars(now(), who)
    bars += [
        {
            "kind": "red",
            "icon": "triangle",
            "text": a.text,
            "detail": "",
            "href": "/settings/health",
            "label": "Health",
        }
        for a in alarms.open_alarms()[:1]
    ]
    return bars


def _nav(role: str, counts: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "key": key,
            "label": label,
            "href": href,
            "icon": icon,
            "group": group,
            "shortcut": keys,
            "count": counts.get(key.replace("-", "_"), 0) or None,
            "tone": "red" if key == "alerts" else "",
        }
        for key, label, href, icon, group, permission, keys in _NAV
        if allowed(role, permission)
    ]


def _active(path: str) -> str:
    if path == "/":
        return "now"
    first = path.split("/")[1]
    return {"status-pages": "status", "declare": "incidents"}.get(first, first)


def _commands(role: str) -> list[dict[str, str]]:
    found = [
        {"label": f"Go to {label}", "icon": icon, "href": href, "group": "Go to", "hint": keys, "key": keys}
        for _, label, href, icon, _, permission, keys in _NAV
        if allowed(role, permission)
    ]
    acts = (
        ("Declare incident", "plus", "/declare", "c", "incident.declare"),
        ("Page someone", "phone", "/page", "p", "page.send"),
        ("Page a commander", "siren", "/page/commander", "", "commander.call"),
    )
    found += [
        {"label": label, "icon": icon, "href": href, "group": "Do", "hint": key, "key": key}
        for label, icon, href, key, permission in acts
        if allowed(role, permission)
    ]
    return found
