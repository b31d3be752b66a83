"""Pages on people's own devices: the switch, what an installed app needs, and answers from notifications.

The service worker answers with the token of the page's own link; it has no session and needs none.
"""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from quarterdeck.app.comms import links
from quarterdeck.app.paging import push_devices, remote_answers
from quarterdeck.app.paging.push_devices import Offered
from quarterdeck.app.visibility import about_restricted
from quarterdeck.channels import web_push
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, now, posts
from quarterdeck.web.callbacks import forged, report
from quarterdeck.web.edge_static import index
from quarterdeck.web.present import callouts as present
from quarterdeck.web.routes import LOGIN, PUBLIC, route

WORKER = "quarterdeck/js/service-worker.js"
# Word in a User-Agent -> what people call it; the first that is found. Said by the browser, shown to its owner alone.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrom", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)  # fmt: skip
_TEXTS = {
    "acknowledged": "It is yours. Nobody else is called.",
    "ended": "The alert has ended. Nothing is expected of you.",
    "expired": "This page is too old to be answered. Open Quarterdeck to see what is open now.",
    "signin": "Only its people may see this. Open it and sign in.",
    "informed": "No answer is needed.",
    "refused": "This page is not known here. Open Quarterdeck to see what is open now.",
}


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, at the root so that it may serve the whole installation; looked for anew each time."""
    answer = HttpResponse(index()[WORKER].read_bytes(), content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    answer["Service-Worker-Allowed"] = "/"
    return answer


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What makes it an app on a home screen, which iPhones and iPads ask for before they show pages."""

    def icon(name: str, size: int, purpose: str = "any") -> dict[str, str]:
        source = static(f"quarterdeck/icons/{name}")
        return {"src": source, "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}

    told = {
        "id": "/",
        "name": "Quarterdeck",
        "short_name": "Quarterdeck",
        "description": "Pages, incidents and who is on call.",
        "start_url": "/notifications",
        "scope": "/",
        "display": "standalone",
        "background_color": "#0c766d",
        "theme_color": "#0c766d",
        "icons": [
            icon("app-192.png", 192),
            icon("app-512.png", 512),
            icon("maskable-512.png", 512, "maskable"),
        ],
    }
    answer = JsonResponse(told, content_type="application/manifest+json")
    answer["Cache-Control"] = "public, max-age=3600"
    return answer


@require_safe
def devices(request: HttpRequest) -> HttpResponse:
    """The devices that show one's own pages, and the switch for this one."""
    context = {
        "tab": "me",
        "devices": push_devices.of(act(request).person),
        "key": push_devices.public_key(),
        "ready": web_push.KIND in settings.QUARTERDECK_CHANNELS,
        "most": push_devices.MOST,
        "name": guessed(request.headers.get("User-Agent", "")),
    }
    return render(request, "settings/devices.html", context)


def guessed(agent: str) -> str:
    """What a browser may be called until its owner says: "Chrome on Android"."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "Browser")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return f"{browser} on {system}" if system else browser


@never_cache
@require_safe
def key(request: HttpRequest) -> HttpResponse:
    """For the service worker, when the browser gives itself another address."""
    return JsonResponse({"key": push_devices.public_key(), "csrf": get_token(request)})


@posts
def add(request: HttpRequest) -> HttpResponse:
    row = push_devices.add(act(request), _offered(request), request.POST.get("name", ""))
    return JsonResponse({"id": row.id})


@posts
def renew(request: HttpRequest) -> HttpResponse:
    row = push_devices.replaced(act(request), request.POST.get("old_endpoint", "")[:2000], _offered(request))
    return JsonResponse({"id": row.id})


def _offered(request: HttpRequest) -> Offered:
    post = request.POST
    return Offered(
        endpoint=post.get("endpoint", ""),
        p256dh=post.get("p256dh", "")[:200],
        auth=post.get("auth", "")[:200],
        public_key=post.get("key", "")[:200],
        browser=guessed(request.headers.get("User-Agent", "")),
    )


@posts
def rename(request: HttpRequest, device_id: str) -> HttpResponse:
    push_devices.rename(act(request), device_id, request.POST.get("name", ""))
    return done(request, push_devices.HOME, "Renamed.")


@posts
def remove(request: HttpRequest, device_id: str) -> HttpResponse:
    push_devices.remove(act(request), device_id)
    return done(request, push_devices.HOME, "Removed. It shows no pages any more.")


@posts
def test(request: HttpRequest, device_id: str) -> HttpResponse:
    push_devices.test(act(request), device_id)
    return done(request, push_devices.HOME, "On its way. It should be on that device within seconds.")


@report
def answered(request: HttpRequest, callout_id: str, token: str) -> HttpResponse:
    """An acknowledgement from a notification, perhaps made a while ago without a connection. Says what became of it."""
    if not re.fullmatch(r"[\w-]{1,64}", callout_id) or not links.holds("callout", callout_id, token):
        return _told("refused", status=403)
    callout = models.Callout.objects.select_related("person").filter(id=callout_id).first()
    if callout is None:
        return _told("refused", status=403)
    if about_restricted(callout):
        return _told("signin")
    at = now()
    if present.state_of(callout, _alert(callout), at) == "open":
        try:
            callout = remote_answers.acknowledge(callout_id, at, "push")
        except Refused as refused:
            # Somebody was faster in this moment, or it was closed to outsiders: the state below says which.
            if refused.kind not in ("conflict", "forbidden"):
                raise
            callout.refresh_from_db()
    return _told(present.state_of(callout, _alert(callout), at), callout.note)


@report
def shown(request: HttpRequest, callout_id: str, token: str, push_id: str) -> HttpResponse:
    """The device says that the notification stands on it: that page arrived. Once; anything else changes nothing."""
    if not re.fullmatch(r"[\w-]{1,64}", callout_id) or not links.holds("callout", callout_id, token):
        return forged()
    push_devices.shown(callout_id, push_id, now())
    return HttpResponse(status=204)


def _alert(callout: models.Callout) -> models.Alert | None:
    return models.Alert.objects.filter(id=callout.alert_id).first() if callout.alert_id else None


def _told(state: str, note: str = "", status: int = 200) -> HttpResponse:
    late = f"{note or 'Somebody else has it.'} Nothing is expected of you."
    return JsonResponse({"state": state, "text": _TEXTS.get(state, late)}, status=status)


_DEVICE = "settings/devices/<str:device_id>/"
ROUTES: list[Any] = [
    route("service-worker.js", worker, name="service-worker", permission=PUBLIC),
    route("manifest.webmanifest", manifest, name="manifest", permission=PUBLIC),
    route("settings/devices", devices, name="devices", permission=LOGIN),
    route("settings/devices/key", key, name="device-key", permission=LOGIN),
    route("settings/devices/new", add, name="device-add", permission=LOGIN),
    route("settings/devices/renewal", renew, name="device-renew", permission=LOGIN),
    route(f"{_DEVICE}name", rename, name="device-rename", permission=LOGIN),
    route(f"{_DEVICE}removal", remove, name="device-remove", permission=LOGIN),
    route(f"{_DEVICE}test", test, name="device-test", permission=LOGIN),
    route("push/answer/<str:callout_id>/<str:token>", answered, name="push-answer", permission=PUBLIC),
    route(
        "push/shown/<str:callout_id>/<str:token>/<str:push_id>", shown, name="push-shown", permission=PUBLIC
    ),
]
