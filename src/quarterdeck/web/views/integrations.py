"""Where alerts come in: connecting a tool with its own words, what each source sent last, and taking a key back."""

from __future__ import annotations

import inspect
import json
import re
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from quarterdeck.app.people import keys
from quarterdeck.app.visibility import hidden_incidents
from quarterdeck.channels import channels
from quarterdeck.core.access import Who, may
from quarterdeck.core.kernel.refused import Refused, missing
from quarterdeck.core.kernel.text import counted
from quarterdeck.intake import dialects, setup_help
from quarterdeck.intake.webhook import check_mapping
from quarterdeck.store import models
from quarterdeck.web import once
from quarterdeck.web.acting import act, done, posts
from quarterdeck.web.present import alerts
from quarterdeck.web.routes import route

from .integration_limits import came

ANY = "any"
NEEDS_HTTPS = (
    "PagerDuty's own clients refuse an address without https, as this one is. Put a proxy with a certificate before "
    "Quarterdeck and set QUARTERDECK_PUBLIC_URL to https://…; until then the curl line below works."
)
DAY = timedelta(days=1)


def listing(request: HttpRequest) -> HttpResponse:
    doing = act(request)
    rows = list(keys.integrations().select_related("service").order_by("name")[:200])
    unread = dict(
        models.Unparsed.objects.filter(at__gt=doing.at - DAY)
        .order_by()
        .values_list("integration")
        .annotate(n=Count("pk"))
    )
    context = {
        "tab": "integrations",
        "sources": [
            _source(r, unread.get(r.id, 0)) for r in sorted(rows, key=lambda r: r.revoked_at is not None)
        ],
        "channels": _channels(doing.at, doing.who),
        "kinds": _kinds() if may(doing.who, "key.edit") else [],
    }
    return render(request, "catalog/integrations.html", context)


def _source(row: models.Integration, unread: int) -> dict[str, Any]:
    state, text = (
        ("revoked", "")
        if row.revoked_at
        else ("active", "")
        if row.last_event_at
        else ("waiting", "Nothing yet")
    )
    return {
        "id": row.id,
        "name": row.name,
        "kind": kind_name(row.kind),
        "url": f"/catalog/integrations/{row.id}",
        "state": state,
        "state_text": text,
        "last_at": row.last_event_at,
        "count_text": f"{row.event_count:,} received" if row.event_count else "",
        "problem": f"{unread} not understood since yesterday" if unread else "",
    }


def kind_name(kind: str) -> str:
    module = dialects().get(kind)
    return str(module.NAME) if module else "Any tool"


def _kinds() -> list[dict[str, str]]:
    found = [
        {
            "name": str(m.NAME),
            "text": _first_sentence(m),
            "href": f"/catalog/integrations/new?kind={kind}",
        }
        for kind, m in dialects().items()
    ]
    return sorted(found, key=lambda k: (k["name"] == "Webhook", k["name"]))


def _first_sentence(module: ModuleType) -> str:
    found = re.match(r"(.+?[.:])(?:\s|$)", " ".join((inspect.getdoc(module) or "").split()))
    return found[1].rstrip(":") if found else ""


def _channels(now: datetime, who: Who) -> list[dict[str, Any]]:
    """Every way out there is, whether it is set up, and how it did since yesterday."""
    used = dict(
        models.ContactMethod.objects.filter(disabled=False)
        .order_by()
        .values_list("kind")
        .annotate(n=Count("pk"))
    )
    done_: dict[str, dict[str, int]] = {}
    rows = models.Delivery.objects.filter(created_at__gt=now - DAY, state__in=("sent", "failed"))
    hidden = hidden_incidents(who).values("id")
    called = models.Callout.objects.filter(incident_id__in=hidden)
    rows = rows.exclude(incident_id__in=hidden).exclude(callout_id__in=called.values("id"))
    for channel, state, n in rows.order_by().values_list("channel", "state").annotate(n=Count("pk")):
        done_.setdefault(channel, {})[state] = n
    found = []
    for kind, module in channels().items():
        if kind == "console" and not settings.QUARTERDECK_DEMO and not used.get(kind):
            continue
        sent, failed = done_.get(kind, {}).get("sent", 0), done_.get(kind, {}).get("failed", 0)
        ready = kind in settings.QUARTERDECK_CHANNELS
        state, text = (
            ("none", "Not set up")
            if not ready
            else ("ok", "Ready")
            if not failed
            else ("warning", f"{failed} failed")
        )
        note = counted(used.get(kind, 0), "contact") + (f", {sent} sent since yesterday" if sent else "")
        found.append({"name": str(module.NAME), "state": state, "state_text": text, "note": note})
    return found


class IntegrationForm(forms.Form):
    name = forms.CharField(
        max_length=120, label="Name", help_text="Which tool, and which one of them: “Prometheus, production”."
    )
    kind = forms.ChoiceField(label="Speaks")
    source_kind = forms.ChoiceField(
        label="Who notices",
        choices=[
            ("monitor", "A monitoring tool"),
            ("heartbeat", "A heartbeat that stays away"),
            ("customer", "Customers, through a help desk"),
            ("employee", "Employees, through a tool of ours"),
        ],
        initial="monitor",
        required=False,
    )
    service = forms.ChoiceField(
        required=False,
        label="Its alerts are about",
        help_text="Used where an alert names no service of its own.",
    )
    policy = forms.ChoiceField(
        required=False, label="They call", help_text="Used where the service has no policy."
    )
    mapping = forms.CharField(
        required=False, label="Mapping", max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text="Only for a webhook whose tool names its fields in its own way, as JSON.",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["kind"].choices = [
            *((k, str(m.NAME)) for k, m in dialects().items()),
            (ANY, "Any of these, with one key"),
        ]
        fields["service"].choices = [
            ("", "Whatever they name"),
            *models.Service.objects.values_list("id", "name"),
        ]
        fields["policy"].choices = [
            ("", "The default policy"),
            *models.EscalationPolicy.objects.values_list("id", "name"),
        ]

    def clean_mapping(self) -> dict[str, Any] | None:
        text = self.cleaned_data["mapping"].strip()
        if not text:
            return None
        try:
            mapping = json.loads(text)
        except ValueError:
            raise forms.ValidationError("This is not JSON. Write it as in the help of the webhook.") from None
        try:
            check_mapping(mapping)
        except Refused as refused:
            raise forms.ValidationError(refused.message) from None
        return dict(mapping)


@never_cache
def new(request: HttpRequest) -> HttpResponse:
    """The key is on the page that follows, once, and nowhere else, ever."""
    if request.method != "POST":
        kind = request.GET.get("kind", "")
        first = {"kind": kind, "name": kind_name(kind) if kind in dialects() else ""}
        return _form(request, IntegrationForm(initial=first))
    form = IntegrationForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            row, key = keys.create_integration(
                act(request), data["name"], data["kind"],
                service=models.Service.objects.filter(id=data["service"]).first() if data["service"] else None,
                policy=models.EscalationPolicy.objects.filter(id=data["policy"]).first() if data["policy"] else None,
                mapping=data["mapping"] if data["kind"] in ("webhook", ANY) else None,
                source_kind=data["source_kind"] or "monitor",
            )  # fmt: skip
        except Refused as refused:
            form.add_error("name" if "name" in refused.fields else None, refused.message)
        else:
            once.keep(request, row.id, key)
            return HttpResponseRedirect(f"/catalog/integrations/{row.id}")
    return _form(request, form, 422)


def _form(request: HttpRequest, form: IntegrationForm, status: int = 200) -> HttpResponse:
    return render(
        request, "catalog/integration_new.html", {"tab": "integrations", "form": form}, status=status
    )


@never_cache
def detail(request: HttpRequest, integration_id: str) -> HttpResponse:
    row = keys.integrations().select_related("service", "policy").filter(id=integration_id).first()
    if row is None:
        raise missing("integration.unknown", "There is no such integration. Look it up in the list.")
    return _screen(request, row, once.take(request, row.id))


def _screen(request: HttpRequest, row: models.Integration, key: str) -> HttpResponse:
    doing = act(request)
    unread = list(models.Unparsed.objects.filter(integration=row.id).order_by("-id")[:20])
    last = models.Alert.objects.select_related("service").filter(integration=row).order_by("-id")[:10]
    context = {
        "tab": "integrations",
        "source": _source(row, 0) | {
            "hint": row.hint, "created_at": row.created_at, "revoked_at": row.revoked_at,
            "service": row.service,
            "policy": row.policy.name if row.policy else "",
            "mapping": json.dumps(row.mapping, indent=2, ensure_ascii=False) if row.mapping else "",
        },
        "came": came(row),
        "fresh": {"name": row.name, "secret": key} if key else None,
        "help": _help(row.kind, key or "YOUR_KEY"),
        "unread": [{"at": u.at, "reason": u.reason, "kind": kind_name(u.dialect)} for u in unread],
        "alerts": alerts.shown(list(last), doing.who) if may(doing.who, "alert.read") else [],
        "may_revoke": may(doing.who, "key.edit") and row.revoked_at is None,
    }  # fmt: skip
    return render(request, "catalog/integration.html", context)


def _help(kind: str, key: str) -> list[dict[str, str]]:
    """How to set the tool up; of every dialect for a key that any may use."""
    kinds = [kind] if kind in dialects() else list(dialects())
    url = settings.QUARTERDECK_PUBLIC_URL
    plain = not url.startswith("https://")
    return [
        {
            "name": kind_name(k),
            "text": setup_help(k, url, key),
            "warning": NEEDS_HTTPS if plain and k == "pagerduty" else "",
        }
        for k in kinds
    ]


@posts
def revoke(request: HttpRequest, integration_id: str) -> HttpResponse:
    keys.revoke_integration(act(request), integration_id)
    return done(
        request,
        f"/catalog/integrations/{integration_id}",
        "Revoked. What it sent before stays; its key is refused.",
    )


_READ, _KEYS = "service.read", "key.edit"
ROUTES = [
    route("catalog/integrations", listing, name="integrations", permission=_READ),
    route("catalog/integrations/new", new, name="integration-new", permission=_KEYS),
    route("catalog/integrations/<str:integration_id>", detail, name="integration", permission=_READ),
    route(
        "catalog/integrations/<str:integration_id>/revoke",
        revoke,
        name="integration-revoke",
        permission=_KEYS,
    ),
]
