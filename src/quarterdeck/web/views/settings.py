"""How the organisation is set up: health, keys, the audit trail, incident types."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings as configured
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from quarterdeck import __version__
from quarterdeck.app.act import need
from quarterdeck.app.catalog import catalogue
from quarterdeck.app.health import health, health_paging
from quarterdeck.app.health.health_finding import Finding
from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.people import keys
from quarterdeck.app.upkeep import this_machine, verify
from quarterdeck.core.access import may
from quarterdeck.core.incidents.structure import IncidentType
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.kernel.text import counted
from quarterdeck.store import models
from quarterdeck.web import once
from quarterdeck.web.acting import act, done, now, posts
from quarterdeck.web.present import settings as present
from quarterdeck.web.routes import LOGIN, route

PAGE = 50
INSTALLATION = "installation"


def index(request: HttpRequest) -> HttpResponse:
    who = act(request).who
    open_alarms = models.Alarm.objects.filter(cleared_at=None).count()
    sections = [
        (
            "Health",
            "Would it page tonight? Every check with its reason and the next step",
            "/settings/health",
            "pulse",
            "settings.read",
        ),
        (
            "Integrations",
            "Where alerts come from, and the keys they use",
            "/catalog/integrations",
            "plug",
            "service.read",
        ),
        (
            "On-call and escalation",
            "Schedules, layers and policies",
            "/on-call/policies",
            "phone",
            "schedule.edit",
        ),
        (
            "People and teams",
            "Who is here, how each is reached, who may do what",
            "/catalog/people",
            "users",
            "person.read",
        ),
        (
            "Audiences",
            "Addresses that hear the messages of an incident",
            "/catalog/audiences",
            "mega",
            "status.edit",
        ),
        ("Status pages", "What customers see", "/status-pages", "globe", "status.read"),
        (
            "Incident types",
            "What can be declared, and which structure it brings",
            "/settings/types",
            "tag",
            "settings.read",
        ),
        (
            "Response structures",
            "Templates, role cards, severities: who responds, with which checklists and gates",
            "/settings/structures",
            "layers",
            "settings.read",
        ),
        (
            "Automation",
            "Rules that tell, ask, draft and propose by themselves when something happens",
            "/settings/automation",
            "zap",
            "settings.read",
        ),
        (
            "Chat channels",
            "Which incidents get a channel of their own in Slack, and who is told when they are not there",
            "/settings/chat",
            "hash",
            "settings.read",
        ),
        (
            "Keys",
            "For programs that use the interface in your name",
            "/settings/keys",
            "key",
            "settings.read",
        ),
        (
            "Texts and calls",
            "What may leave in a day over channels that cost money, and what left today",
            "/settings/paid",
            "phone",
            "settings.read",
        ),
        (
            "Retention",
            "How long records are kept, and what a legal hold keeps longer",
            "/settings/retention",
            "box",
            "settings.edit",
        ),
        (
            "Audit",
            "Every change of configuration, access and people",
            "/settings/audit",
            "history",
            "audit.read",
        ),
    ]
    context = {
        "tab": "index",
        "sections": [
            {"title": title, "text": text, "href": href, "icon": icon,
             "state": "fault" if open_alarms and href == "/settings/health" else "",
             "state_text": counted(open_alarms, "alarm")}
            for title, text, href, icon, permission in sections
            if may(who, permission)
        ],
        "version": __version__,
        "public_url": configured.QUARTERDECK_PUBLIC_URL,
    }  # fmt: skip
    return render(request, "settings/index.html", context)


def health_page(request: HttpRequest) -> HttpResponse:
    at = now()
    found = _findings(at)
    context = {
        "tab": "health",
        "verdict": present.verdict(found),
        "groups": present.groups(found),
        "checked_at": at,
    }
    return render(request, "settings/health.html", context)


def _findings(at: Any) -> list[Finding]:
    """The checks of `quarterdeck doctor`; what this process must not see is as the engine found it."""
    if not this_machine.here:
        return health_paging.look(at, configured.QUARTERDECK_CHANNELS)
    return health.look(this_machine.here[0](), at)


class KeyForm(forms.Form):
    name = forms.CharField(max_length=120, label="Name", help_text="What will use it: “Grafana, production”.")
    days = forms.TypedChoiceField(
        coerce=int, label="Ends after", initial=90,
        choices=[(7, "7 days"), (30, "30 days"), (90, "90 days"), (180, "half a year"), (365, "a year")],
    )  # fmt: skip


@never_cache
def own_keys(request: HttpRequest) -> HttpResponse:
    """One's own keys; for whoever may revoke them, everybody's. A new one is shown once, on the next page."""
    doing = act(request)
    form = KeyForm(request.POST or None)
    name, _, made = once.take(request, "api-key").rpartition("\n")
    fresh = {"name": name, "secret": made} if made else None
    if request.method == "POST" and form.is_valid():
        try:
            row, key = keys.create_api_key(doing, form.cleaned_data["name"], form.cleaned_data["days"])
        except Refused as refused:
            form.add_error("name" if "name" in refused.fields else None, refused.message)
        else:
            once.keep(request, "api-key", f"{row.name}\n{key}")
            return HttpResponseRedirect("/settings/keys")
    rows = models.ApiKey.objects.select_related("person").order_by("-created_at")
    if not may(doing.who, "key.edit"):
        rows = rows.filter(person_id=doing.person)
    context = {
        "tab": "keys",
        "keys": [_key(k, doing.at) for k in rows[:200]],
        "fresh": fresh,
        "form": form,
        "example": f"{configured.QUARTERDECK_PUBLIC_URL}/api/v1/me",
    }
    return render(request, "settings/keys.html", context, status=422 if form.errors else 200)


def _key(k: models.ApiKey, at: Any) -> dict[str, Any]:
    state = "revoked" if k.revoked_at else "ended" if k.expires_at <= at else ""
    return {
        "name": k.name,
        "hint": k.hint,
        "owner": k.person.name,
        "created_at": k.created_at,
        "last_used_at": k.last_used_at,
        "expires_at": k.expires_at,
        "state": state,
        "url": f"/settings/keys/{k.id}",
    }


@posts
def revoke_key(request: HttpRequest, key_id: str) -> HttpResponse:
    keys.revoke_api_key(act(request), key_id)
    return done(request, "/settings/keys", "Revoked. It is refused from now on.")


def audit(request: HttpRequest) -> HttpResponse:
    """The newest events first. `check` computes every hash of the chain anew."""
    q, kind, before = (request.GET.get(n, "")[:100] for n in ("q", "kind", "after"))
    rows = models.Event.objects.filter(stream=INSTALLATION)
    kinds = sorted(set(rows.values_list("kind", flat=True).distinct()))
    if kind in kinds:
        rows = rows.filter(kind=kind)
    if q:
        people = models.Person.objects.filter(name__icontains=q).values_list("id", flat=True)[:50]
        rows = rows.filter(data__icontains=q) | rows.filter(actor__in=list(people))
    if before.isdecimal() and len(before) < 12:
        rows = rows.filter(seq__lt=int(before))
    found = list(rows.order_by("-seq")[: PAGE + 1])
    shown = found[:PAGE]
    context = {
        "tab": "audit",
        "events": present.audit(shown, Directory(now())),
        "filters": {"q": q, "kind": kind},
        "choices": {"kind": [(k, present.spaced(k)) for k in kinds]},
        "chain": _chain() if "check" in request.GET else None,
        "page": {"newer": "", "older": shown[-1].seq if len(found) > PAGE else "", "shown": len(shown)},
    }
    return render(request, "settings/audit.html", context)


def _chain() -> dict[str, str]:
    _, count, wrong = next(verify.streams([INSTALLATION]), (INSTALLATION, 0, None))
    if wrong is not None:
        return {"state": "fault", "text": wrong}
    return {"state": "ok", "text": f"The chain of {counted(count, 'event')} is whole"}


class TypeForm(forms.Form):
    title = forms.CharField(max_length=120, label="Title", help_text="As people say it: “Payment outage”.")
    key = forms.RegexField(
        r"^[a-z][a-z0-9_]{1,58}$", label="Key",
        help_text="For programs: lower-case letters, digits and _.",
        error_messages={"invalid": "Use lower-case letters, digits and _, at least two, such as power_cut."},
    )  # fmt: skip
    template = forms.ChoiceField(label="Structure it brings")
    description = forms.CharField(max_length=500, required=False, label="When to choose it")
    default_severity = forms.TypedChoiceField(
        coerce=int, empty_value=None, required=False, label="Severity to begin with",
        choices=[("", "From impact and urgency"), *((n, f"SEV{n}") for n in range(1, 6))],
    )  # fmt: skip
    roles = forms.MultipleChoiceField(
        required=False, label="Roles it always needs", help_text="Besides what the structure asks for by itself.",
    )  # fmt: skip
    restricted = forms.BooleanField(required=False, label="Restricted: only those called know of it")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        templates = catalogue.current().templates
        titles = {r.key: r.title for t in templates for r in t.roles}
        self.fields["template"].choices = [(t.key, t.title) for t in templates]  # type: ignore[attr-defined]
        self.fields["roles"].choices = sorted(titles.items(), key=lambda pair: pair[1])  # type: ignore[attr-defined]


def types(request: HttpRequest) -> HttpResponse:
    doing = act(request)
    edits = may(doing.who, "settings.edit")
    if request.method == "POST":
        need(doing, "settings.edit")
    form = TypeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        wanted = IncidentType(
            key=data["key"], title=data["title"], template=data["template"], description=data["description"],
            default_severity=data["default_severity"], restricted=data["restricted"], roles=tuple(data["roles"]),
        )  # fmt: skip
        try:
            catalogue.add_type(doing, wanted)
        except Refused as refused:
            form.add_error(next((f for f in refused.fields if f in form.fields), None), refused.message)
        else:
            return done(request, "/settings/types", f"“{wanted.title}” can be declared from now on.")
    current = catalogue.current()
    own = set(models.IncidentTypeRow.objects.values_list("key", flat=True))
    titles = {t.key: t.title for t in current.templates}
    context = {
        "tab": "types",
        "types": [
            {"key": t.key, "title": t.title, "text": t.description, "template": titles.get(t.template, t.template),
             "severity": t.default_severity, "restricted": t.restricted, "own": t.key in own}
            for t in current.types
        ],
        "form": form if edits else None,
    }  # fmt: skip
    return render(request, "settings/types.html", context, status=422 if form.errors else 200)


ROUTES = [
    route("settings", index, name="settings", permission="settings.read"),
    route("settings/health", health_page, name="health", permission="settings.read"),
    route("settings/keys", own_keys, name="keys", permission=LOGIN),
    route("settings/keys/<str:key_id>/revoke", revoke_key, name="key-revoke", permission=LOGIN),
    route("settings/audit", audit, name="audit", permission="audit.read"),
    route("settings/types", types, name="types", permission="settings.read"),
]
