"""Subscribing to a status page, without a login: ask, confirm, change, end. Every page works without JavaScript.

A GET changes nothing: mail programs and chats look at links. The same answer comes whether an address is known or not.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from quarterdeck.app.paging import push_devices
from quarterdeck.app.paging.push_devices import Offered
from quarterdeck.app.status import audience_pages, page_around, page_invited
from quarterdeck.app.subscribers import subscribe_addresses, subscribe_requests, subscribers
from quarterdeck.channels.status_site.phrases import shipped
from quarterdeck.channels.status_site.subscribing import phrases, said
from quarterdeck.core.comms.contact_rows import masked
from quarterdeck.core.comms.subscribing import EVENTS, Wishes
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from quarterdeck.web import readers
from quarterdeck.web.acting import now
from quarterdeck.web.edge_static import index
from quarterdeck.web.middleware import STATUS
from quarterdeck.web.readers import language_of
from quarterdeck.web.routes import PUBLIC, route

from .push import guessed
from .schedule_setup import zones

WORKER = "quarterdeck/js/subscribe-worker.js"
View = Callable[..., HttpResponse]


def public(*methods: str, closed: bool = False) -> Callable[[View], View]:
    """A page of this kind: never kept, never told to others, in the reader's language; an unknown page is a 404.

    `closed`: also where the page is public no more; the view itself then answers those alone who subscribe.
    """

    def wrap(view: View) -> View:
        @never_cache
        @require_http_methods(["HEAD", *methods])
        @functools.wraps(view)
        def inner(request: HttpRequest, key: str, **more: str) -> HttpResponse:
            try:
                page = subscribe_requests.page_of(key, closed=closed)
            except Refused:
                raise Http404 from None
            answer = view(request, page, **more)
            answer["Referrer-Policy"] = "same-origin"
            answer["X-Robots-Tag"] = "noindex"
            answer["Vary"] = "Accept-Language, Cookie"
            return answer

        return inner

    return wrap


def show(
    request: HttpRequest, page: models.StatusPage, template: str, *, row: models.Subscriber | None = None,
    status: int = 200, **more: Any,
) -> HttpResponse:  # fmt: skip
    """A page in the reader's language and in the brand of the page; `row`: of whose subscription it is."""
    spoken = language_of(request) if row is None else theirs(request, row)
    address = "" if row is None else address_of(row)
    texts = {
        k: v.replace("{page}", page.title).replace("{address}", address)
        for k, v in phrases(spoken).items()
    }  # fmt: skip
    # Of a page that is not public only those see the brand whom it tells of what is on it.
    sees = page.public or (row is not None and bool(page_invited.following(page, [row])))
    look = page_around.look(page, shipped(spoken)) if sees else None
    context = readers.around(spoken) | {
        "page": page, "t": texts, "home": f"/subscribe/{page.key}", "look": look,
        "public_path": look.home if look else f"/status/{page.key}/",
    }  # fmt: skip
    return render(request, f"subscribe/{template}.html", context | more, status=status)


def _parts(
    page: models.StatusPage, chosen: tuple[str, ...], whole: tuple[str, ...], language: str
) -> list[dict[str, Any]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for c in audience_pages.components(page)[:500]:
        groups.setdefault(c.group, []).append({"id": c.id, "name": c.name, "on": c.id in chosen})
    return [
        {
            "name": name,
            "components": found,
            "on": name in whole,
            "whole": said(language, "whole_group", group=name),
        }
        for name, found in groups.items()
    ]


def wished(request: HttpRequest) -> Wishes:
    post = request.POST
    return Wishes(
        language=post.get("language", "")[:40], timezone=post.get("timezone", "")[:100],
        components=tuple(post.getlist("components")[:1000]), groups=tuple(post.getlist("groups")[:1000]),
        events=tuple(post.getlist("events")[:10]),
        digest=post.get("digest", "each")[:20], quiet_from=post.get("quiet_from", "")[:20],
        quiet_to=post.get("quiet_to", "")[:20],
    )  # fmt: skip


def choices(page: models.StatusPage, wanted: Wishes, language: str) -> dict[str, Any]:
    """What the form about wishes shows."""
    return {
        "parts": _parts(page, wanted.components, wanted.groups, language), "wanted": wanted, "events": wanted.events,
        "zones": [z for z, _ in zones()], "zone": wanted.timezone or page.timezone,
    }  # fmt: skip


# Published pages have a small form of their own, on whatever host they are: it posts `email` here. No cookie counts for
# anything in it; limits and the question at the address itself guard it.
@csrf_exempt
@public("GET", "POST")
def form(request: HttpRequest, page: models.StatusPage) -> HttpResponse:
    """The form, and its one answer."""
    post = request.POST
    given = post.get("address", post.get("email", ""))
    typed = {"kind": post.get("kind", "email")[:20], "address": given[:2000]}
    wanted, refused = Wishes(), None
    if request.method == "POST":
        wanted = wished(request) if "email" not in post else Wishes(language=language_of(request))
        try:
            subscribe_requests.subscribe(
                page, typed["kind"], given, wanted, request.META.get("REMOTE_ADDR", ""), now()
            )
        except Refused as no:
            refused = no
        else:
            return show(request, page, "asked", kind=typed["kind"], number=typed["address"])
    kinds = [k for k in subscribe_addresses.kinds() if k != "push"]
    if request.method != "POST" and kinds and typed["kind"] not in kinds:
        typed["kind"] = kinds[0]
    spoken = phrases(language_of(request))
    context = choices(page, wanted, language_of(request)) | {
        "kinds": [{"key": k, "label": spoken[f"k_{k}"], "hint": spoken.get(f"h_{k}", "")} for k in kinds],
        "typed": typed, "refused": words(request, refused),
        "push_key": push_devices.public_key() if "push" in subscribe_addresses.kinds() else "",
    }  # fmt: skip
    return show(request, page, "form", status=STATUS[refused.kind] if refused else 200, **context)


# What is refused on these pages, as its phrase.
_REFUSED = {
    "subscribe.limit": "limited", "subscribe.busy": "busy", "subscriber.events": "bad_events",
    "subscriber.quiet_from": "bad_quiet", "subscriber.components": "bad_parts", "subscriber.push": "push_no",
    "subscriber.key": "push_no",
}  # fmt: skip


def words(request: HttpRequest, refused: Refused | None, row: models.Subscriber | None = None) -> str:
    if refused is None:
        return ""
    spoken = phrases(language_of(request) if row is None else theirs(request, row))
    # What exactly is wrong is told in English alone.
    if spoken is phrases("en"):
        return refused.message
    return spoken[_REFUSED.get(refused.code, "bad_address" if "address" in refused.fields else "bad_choice")]


@public("GET", "POST")
def code(request: HttpRequest, page: models.StatusPage) -> HttpResponse:
    """The code of a text message."""
    number, refused, status = request.POST.get("number", request.GET.get("number", ""))[:60], "", 200
    if request.method == "POST":
        try:
            given = request.POST.get("code", "")[:40]
            row = subscribers.confirm_by_code(page, number, given, request.META.get("REMOTE_ADDR", ""), now())
        except Refused as no:
            row, refused, status = None, words(request, no), STATUS[no.kind]
        else:
            refused, status = ("", 200) if row else (phrases(language_of(request))["wrong"], 422)
        if row is not None:
            return show(request, page, "done", what="confirmed")
    return show(request, page, "code", number=number, refused=refused, status=status)


@public("GET", "POST", closed=True)
def confirm(request: HttpRequest, page: models.StatusPage, token: str) -> HttpResponse:
    """GET shows what would begin, POST begins it."""
    if request.method == "POST":
        row = subscribers.confirm(page, token, now())
        if row is not None:
            return show(request, page, "done", row=row, what="confirmed")
    else:
        row = subscribers.waiting(page, token, now())
        if row is not None:
            return show(request, page, "confirm", row=row)
    return gone(request, page)


def gone(request: HttpRequest, page: models.StatusPage) -> HttpResponse:
    """A link that is no longer good; a page that is not public does not even say that it is there."""
    if not page.public:
        raise Http404
    return show(request, page, "done", what="gone", status=404)


def theirs(request: HttpRequest, row: models.Subscriber) -> str:
    return language_of(request) if request.GET.get("lang") or not row.language else row.language


def address_of(row: models.Subscriber) -> str:
    return masked(row.address) if row.kind in ("email", "sms") else row.shown


@public("POST")
def push(request: HttpRequest, page: models.StatusPage) -> HttpResponse:
    """This browser is to show the updates."""
    post = request.POST
    offered = Offered(
        endpoint=post.get("endpoint", "")[:2000], p256dh=post.get("p256dh", "")[:200], auth=post.get("auth", "")[:200],
        public_key=post.get("key", "")[:200], browser=guessed(request.headers.get("User-Agent", "")),
    )  # fmt: skip
    wanted = wished(request)
    wanted = wanted if wanted.events else Wishes(language=wanted.language, events=EVENTS)
    try:
        subscribe_requests.subscribe_browser(
            page, offered, wanted, request.META.get("REMOTE_ADDR", ""), now()
        )
    except Refused as refused:
        return JsonResponse({"text": words(request, refused)}, status=STATUS[refused.kind])
    return JsonResponse({"text": phrases(language_of(request))["push_done"]}, status=202)


# The worker has no page and so no token against forgery; the token that was pushed is the proof.
@csrf_exempt
@public("POST")
def push_proof(request: HttpRequest, page: models.StatusPage) -> HttpResponse:
    """The browser has read what was pushed to it: from now on it is told."""
    row = subscribers.confirm(page, request.POST.get("token", "")[:100], now())
    return HttpResponse(status=404 if row is None else 204)


@public("POST")
def push_end(request: HttpRequest, page: models.StatusPage) -> HttpResponse:
    """This browser is to show them no more; whoever knows its address is that browser."""
    subscribers.end_browser(page, request.POST.get("endpoint", ""), now())
    return JsonResponse({"text": phrases(language_of(request))["push_ended"]})


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """What shows the updates in a browser; it serves the pages of subscribing alone."""
    answer = HttpResponse(index()[WORKER].read_bytes(), content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    return answer


@require_safe
def look(request: HttpRequest, key: str, mark: str, name: str) -> HttpResponse:
    """A part of the look of these pages: the address changes with it."""
    found = page_around.file(key, mark, name)
    if found is None:
        raise Http404
    answer = HttpResponse(found[1], content_type=found[0])
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    answer["Cache-Control"] = "private, max-age=31536000, immutable"
    answer["X-Robots-Tag"] = "noindex"
    return answer


_ONE = "subscribe/<str:key>"
ROUTES = [
    route("subscribe-worker.js", worker, name="subscribe-worker", permission=PUBLIC),
    route(_ONE, form, name="subscribe", permission=PUBLIC),
    route(f"{_ONE}/code", code, name="subscribe-code", permission=PUBLIC),
    route(f"{_ONE}/confirm/<str:token>", confirm, name="subscribe-confirm", permission=PUBLIC),
    route(f"{_ONE}/look/<str:mark>/<str:name>", look, name="subscribe-look", permission=PUBLIC),
    route(f"{_ONE}/push", push, name="subscribe-push", permission=PUBLIC),
    route(f"{_ONE}/push/proof", push_proof, name="subscribe-push-proof", permission=PUBLIC),
    route(f"{_ONE}/push/removal", push_end, name="subscribe-push-end", permission=PUBLIC),
]
