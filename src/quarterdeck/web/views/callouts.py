"""Answering a page: by the signed link without a login, or signed in. Only a POST acknowledges, never a look."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from quarterdeck.app import search
from quarterdeck.app.act import Act
from quarterdeck.app.comms import links
from quarterdeck.app.incidents import command
from quarterdeck.app.paging import paging
from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.visibility import about_restricted
from quarterdeck.core.access import Who, may
from quarterdeck.core.kernel.refused import Refused, missing
from quarterdeck.store import models
from quarterdeck.web.acting import act, back, done, now, posts
from quarterdeck.web.present import callouts as present
from quarterdeck.web.present import journey, role_cards
from quarterdeck.web.present.paging import newest_first
from quarterdeck.web.routes import LOGIN, PUBLIC, route

# A page of these stays within a few screens of a phone.
SHOWN = 12


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def by_link(request: HttpRequest, callout_id: str, token: str) -> HttpResponse:
    """The page behind the link in a message. A wrong token and an unknown callout look alike."""
    if not links.holds("callout", callout_id, token):
        raise Http404
    callout = models.Callout.objects.select_related("person").filter(id=callout_id).first()
    if callout is None:
        raise Http404
    at = now()
    if about_restricted(callout):
        return _closed(request, callout, "signin", 200)
    if callout.expires_at < at or not callout.person.is_active:
        return _closed(request, callout, "expired", 410)
    if request.method == "POST" and request.POST.get("take") == "1":
        return _take(request, callout, at)
    if request.method == "POST":
        together = request.POST.get("all") == "1"
        if together or present.state_of(callout, _alert(callout), at) == "open":
            try:
                paging.acknowledge_by_link(callout_id, at, bundle=together)
            except Refused as refused:
                # Somebody was faster, or it expired or was closed to outsiders in this second: the page says which.
                if refused.kind not in ("conflict", "forbidden"):
                    raise
        return HttpResponseRedirect(request.path)
    with timezone.override(zone_of(callout.person.timezone)):
        return render(request, "callouts/ack.html", _context(callout, request.path, outside=True))


def _take(request: HttpRequest, callout: models.Callout, at: datetime) -> HttpResponse:
    """Whoever answered a call for a role takes it from the same screen; the page says so when somebody else has it."""
    if callout.state == "acknowledged" and callout.role and callout.incident_id:
        doing = Act(Who(callout.person_id, frozenset({callout.person.role})), at, "link")
        read = request.POST.get("understood") == "1"
        try:
            command.take_role(
                doing, callout.incident_id, callout.role, "answered the call for it", understood=read
            )
        except Refused as refused:
            if refused.kind not in ("conflict", "forbidden", "bad"):
                raise
            return _refused(request, callout, refused)
    return HttpResponseRedirect(request.path)


_STATUS = {"conflict": 409, "forbidden": 403, "bad": 422}


def _refused(request: HttpRequest, callout: models.Callout, refused: Refused) -> HttpResponse:
    context = _context(callout, request.path, outside=True) | {"refused": {"message": refused.message}}
    with timezone.override(zone_of(callout.person.timezone)):
        return render(request, "callouts/ack.html", context, status=_STATUS[refused.kind])


def zone_of(name: str) -> ZoneInfo:
    """The recipient's own; nobody is signed in here who could have another."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _closed(request: HttpRequest, callout: models.Callout, state: str, status: int) -> HttpResponse:
    """Nothing of what the callout is about: an old link in somebody's mailbox tells no secrets."""
    signin = "/accounts/login/?" + urlencode({"next": f"/callouts/{callout.id}"})
    return render(request, "callouts/ack.html", {"state": state, "signin_url": signin}, status=status)


def _alert(callout: models.Callout) -> models.Alert | None:
    return models.Alert.objects.filter(id=callout.alert_id).first() if callout.alert_id else None


def _context(callout: models.Callout, url: str, *, outside: bool = False) -> dict[str, Any]:
    at = now()
    directory = Directory(at)
    return {
        "callout": present.screen(callout, directory, url),
        "state": present.state_of(callout, _alert(callout), at),
        "done": {"who": callout.person.name, "at": callout.acknowledged_at, "note": callout.note},
        "now": at,
        "others": present.carried(callout, outside=outside),
        "role": role_cards.called_for(callout, at),
    }


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """Everything sent to whoever looks: what waits first."""
    rows = models.Callout.objects.filter(person_id=act(request).person)
    waiting = list(rows.filter(state="waiting").order_by("-id")[:100])
    earlier, page = newest_first(rows.exclude(state="waiting"), request.GET.get("after", ""), SHOWN)
    context = {
        "waiting": journey.attach(present.due_lines(waiting), waiting),
        "earlier": journey.attach(present.due_lines(earlier), earlier),
        "page": page,
    }
    return render(request, "callouts/list.html", context)


@require_safe
def detail(request: HttpRequest, callout_id: str) -> HttpResponse:
    """One's own callout, or somebody else's for those who may see alerts."""
    doing = act(request)
    found = search.callouts(doing.who, mine=not may(doing.who, "alert.read")).filter(id=callout_id).first()
    if found is None:
        raise missing("callout.unknown", "There is no such callout. Look under your pages.")
    context = _context(found, request.path)
    context |= {
        "mine": found.person_id == doing.person,
        "role_door": {"url": f"/callouts/{callout_id}/role"},
        "calls": present.ledger([found], doing.person),
        "steps": journey.attach([{"id": found.id}], [found])[0]["steps"],
    }
    return render(request, "callouts/detail.html", context)


@posts
def acknowledge(request: HttpRequest, callout_id: str) -> HttpResponse:
    answer = paging.acknowledge_bundle if request.POST.get("all") == "1" else paging.acknowledge_callout
    answer(act(request), callout_id)
    return done(request, back(request, f"/callouts/{callout_id}"), "Acknowledged. It is yours.")


@posts
def take(request: HttpRequest, callout_id: str) -> HttpResponse:
    """Take the role one was called for."""
    doing = act(request)
    found = models.Callout.objects.filter(id=callout_id, person_id=doing.person).exclude(role="").first()
    if found is None or not found.incident_id:
        raise missing("callout.unknown", "You were not called for a role here. Look under your pages.")
    read = request.POST.get("understood") == "1"
    command.take_role(doing, found.incident_id, found.role, "answered the call for it", understood=read)
    return done(request, f"/incidents/{found.incident_id}", "The role is yours. Its card is in the war room.")


@require_POST
def seen_by_link(request: HttpRequest, callout_id: str, token: str) -> HttpResponse:
    if not links.holds("callout", callout_id, token):
        raise Http404
    paging.seen(callout_id, now())
    return HttpResponse(status=204)


@require_POST
def seen(request: HttpRequest, callout_id: str) -> HttpResponse:
    if models.Callout.objects.filter(id=callout_id, person_id=act(request).person).exists():
        paging.seen(callout_id, now())
    return HttpResponse(status=204)


ROUTES = [
    route("c/<str:callout_id>/<str:token>/seen", seen_by_link, name="callout-link-seen", permission=PUBLIC),
    route("callouts/<str:callout_id>/seen", seen, name="callout-seen", permission=LOGIN),
    route("c/<str:callout_id>/<str:token>/", by_link, name="callout-link", permission=PUBLIC),
    route("notifications", mine, name="notifications", permission=LOGIN),
    route("callouts/<str:callout_id>", detail, name="callout", permission=LOGIN),
    route("callouts/<str:callout_id>/role", take, name="callout-take", permission="incident.act"),
    route(
        "callouts/<str:callout_id>/acknowledgement", acknowledge, name="callout-acknowledge", permission=LOGIN
    ),
]
