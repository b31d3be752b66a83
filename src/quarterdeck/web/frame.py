"""What every signed-in page carries: who I am, counts, bars above the page, navigation, the palette's commands."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from quarterdeck.app import visibility
from quarterdeck.app.health import alarms, sysbars
from quarterdeck.app.incidents import guests
from quarterdeck.app.oncall import roster
from quarterdeck.app.people import accounts, demo_login
from quarterdeck.core.access import GUEST, Who, allowed
from quarterdeck.store import feed, models

from .acting import now

# key, label, address, icon, group, permission, keys pressed one after the other
_NAV = (
    ("now", "Now", "/", "now", 1, "brief.read", "g n"),
    ("incidents", "Incidents", "/incidents", "siren", 1, "incident.read", "g i"),
    ("alerts", "Alerts", "/alerts", "bell", 1, "alert.read", "g a"),
    ("on-call", "On-call", "/on-call", "phone", 1, "schedule.read", "g o"),
    ("status", "Status", "/status-pages", "globe", 1, "status.read", "g s"),
    ("inquiries", "Inquiries", "/inquiries", "mega", 1, "incident.read", "g q"),
    ("reviews", "Reviews", "/reviews", "review", 2, "review.read", "g r"),
    ("drills", "Drills", "/drills", "target", 2, "incident.read", "g d"),
    ("prevention", "Prevention", "/prevention", "shield", 2, "service.read", ""),
    ("knowledge", "Knowledge", "/knowledge", "book", 2, "incident.read", ""),
    ("insights", "Insights", "/insights", "chart", 2, "insight.read", ""),
    ("catalog", "Catalog", "/catalog/services", "stack", 3, "service.read", ""),
    ("settings", "Settings", "/settings", "sliders", 3, "settings.read", ""),
)


class Frame:
    """What pages before sign-in know: the theme and, in the demo, the login."""

    @property
    def organisation(self) -> str:
        """Whose installation it is."""
        return settings.QUARTERDECK_ORGANISATION or "Quarterdeck"

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @property
    def theme(self) -> str:
        theme = self._request.COOKIES.get("theme", "auto")
        return theme if theme in ("auto", "light", "dark") else "auto"

    @property
    def unset(self) -> bool:
        """Whether nobody can sign in yet: the set-up page is open to whoever has its link."""
        return not accounts.somebody_can_sign_in()

    @property
    def demo(self) -> dict[str, str] | None:
        return demo_login.shown() if settings.QUARTERDECK_DEMO else None


class SignedInFrame(Frame):
    """Everything around a page. Each part asks the store when a template first names it: a partial answer, which has
    no frame, pays for none.
    """

    def __init__(self, request: HttpRequest, person: Any) -> None:
        super().__init__(request)
        self._person = person
        self.me = Me(person)

    @cached_property
    def zone(self) -> str:
        return _zone()

    @cached_property
    def counts(self) -> dict[str, int]:
        return _counts(self._person)

    @cached_property
    def sysbars(self) -> list[dict[str, str]]:
        return [] if self.guest else _bars(Who(self._person.id, frozenset({self._person.role})))

    @cached_property
    def guest(self) -> bool:
        """Somebody of another organisation: nothing around their one incident is theirs."""
        return self._person.role == GUEST

    @cached_property
    def nav(self) -> list[dict[str, Any]]:
        if self.guest:
            return _nav_of_guest(guests.incident_of(self._person.id))
        return _nav(self._person.role, self.counts)

    @cached_property
    def active(self) -> str:
        return _active(self._request.path)

    @cached_property
    def commands(self) -> list[dict[str, str]]:
        return [] if self.guest else _commands(self._person.role)

    @cached_property
    def can_declare(self) -> bool:
        return allowed(self._person.role, "incident.declare")

    @cached_property
    def can_report(self) -> bool:
        return allowed(self._person.role, "report.write")


class Me:
    """Who looks. Only what they are on call for has to be asked."""

    def __init__(self, person: Any) -> None:
        self.id, self.name, self.role, self.email = person.id, person.name, person.role, person.email
        self.initials = "".join(part[0] for part in person.name.split()[:2]).upper()

    @cached_property
    def on_call_text(self) -> str:
        mine = roster.held_by(self.id, now())
        if not mine:
            return ""
        until = min((held.until for held in mine if held.until), default=None)
        return f"On call until {timezone.localtime(until):%a %H:%M}" if until else "On call"


def frame(request: HttpRequest) -> dict[str, Any]:
    """The context processor. It asks nothing of the store itself."""
    person: Any = getattr(request, "user", None)
    if person is None or not person.is_authenticated:
        return {"frame": Frame(request)}
    place = getattr(request, "place_in_log", None)
    return {
        "frame": SignedInFrame(request, person),
        "now": now(),
        "live_after": SimpleLazyObject(lambda: "{}-{}".format(*(place or feed.now()))),
    }


def messages(request: HttpRequest) -> dict[str, Any]:
    """The words of confirmation that wait. A part that refreshes itself (js/live.js) leaves them to the next page: it
    shows none, and may be asked for between an act and the page that follows it.
    """
    return {} if "X-Refresh" in request.headers else {"messages": get_messages(request)}


def _zone() -> str:
    local = timezone.localtime(now())
    return f"{local:%Z} (UTC{local:%z})".replace("00)", ")") if local.utcoffset() else "UTC"


def _counts(person: Any) -> dict[str, int]:
    who = Who(person.id, frozenset({person.role}))
    may_alerts = allowed(person.role, "alert.read")
    return {
        "alerts": models.Alert.objects.filter(status="open").count() if may_alerts else 0,
        "incidents": visibility.open_incidents(who),
        "reviews": models.ReviewRow.objects.filter(state__in=("draft", "in_review"), owner=person.id).count(),
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


def _nav_of_guest(incident: str) -> list[dict[str, Any]]:
    """The one page a guest may open."""
    places = (("incidents", "Incident", f"/incidents/{incident}", "siren"),)
    return [
        {
            "key": key,
            "label": label,
            "href": href,
            "icon": icon,
            "group": 1,
            "shortcut": "",
            "count": None,
            "tone": "",
        }
        for key, label, href, icon in places
    ]


def _active(path: str) -> str:
    if path == "/":
        return "now"
    first = path.split("/")[1]
    return {
        "status-pages": "status",
        "maintenance": "status",
        "declare": "incidents",
        "notices": "prevention",
        "report": "incidents",
        "reports": "incidents",
        "problems": "reviews",
        "patterns": "reviews",
        "playbook": "settings",
        "briefs": "now",
    }.get(first, first)


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
        ("Report a problem", "flag", "/report", "", "report.write"),
        ("Judge reports", "flag", "/reports", "", "report.judge"),
    )
    found += [
        {"label": label, "icon": icon, "href": href, "group": "Do", "hint": key, "key": key}
        for label, icon, href, key, permission in acts
        if allowed(role, permission)
    ]
    return found
