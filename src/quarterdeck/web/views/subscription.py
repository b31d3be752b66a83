"""A subscription opened by a one-time link: shown, changed, ended; and what the link in a message shows."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from quarterdeck.app.status import page_invited
from quarterdeck.app.subscribers import subscribe_addresses, subscribe_requests, subscriber_ends, subscribers
from quarterdeck.channels.status_site.subscribing import phrases
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models, tx
from quarterdeck.web import readers
from quarterdeck.web.acting import now
from quarterdeck.web.middleware import STATUS
from quarterdeck.web.readers import language_of
from quarterdeck.web.routes import PUBLIC, route

from .subscribing import choices, gone, public, show, theirs, wished, words

COOKIE, SALT, OPEN_SECONDS = "subscription", "quarterdeck.subscription", 1800


@public("GET", "POST")
def manage(request: HttpRequest, page: models.StatusPage) -> HttpResponse:
    """Ask for a link; the same answer for every address."""
    typed = {
        "kind": request.POST.get("kind", "email")[:20],
        "address": request.POST.get("address", "")[:2000],
    }
    refused = None
    if request.method == "POST":
        try:
            subscribe_requests.ask_for_link(
                page,
                typed["kind"],
                request.POST.get("address", ""),
                request.META.get("REMOTE_ADDR", ""),
                now(),
            )
        except Refused as said:
            refused = said
        else:
            return show(request, page, "done", what="asked")
    spoken = phrases(language_of(request))
    kinds = [{"key": k, "label": spoken[f"k_{k}"]} for k in subscribe_addresses.kinds() if k != "push"]
    status = STATUS[refused.kind] if refused else 200
    return show(
        request, page, "manage", typed=typed, kinds=kinds, refused=words(request, refused), status=status
    )


@public("GET", "POST", closed=True)
def opened(request: HttpRequest, page: models.StatusPage, token: str) -> HttpResponse:
    """GET shows a button, POST uses the link up and opens the subscription for half an hour."""
    if request.method != "POST":
        row = subscribers.by_link(page, token, now())
        if row is None:
            return gone(request, page)
        return show(request, page, "open", row=row)
    row = subscribers.open_once(page, token, now())
    if row is None:
        return gone(request, page)
    answer = HttpResponseRedirect(readers.still(request, f"/subscribe/{page.key}/mine"))
    answer.set_signed_cookie(
        COOKIE, row.id, salt=SALT, max_age=OPEN_SECONDS, path=f"/subscribe/{page.key}", httponly=True,
        samesite="Lax", secure=settings.CSRF_COOKIE_SECURE,
    )  # fmt: skip
    return answer


@public("GET", "POST", closed=True)
def mine(request: HttpRequest, page: models.StatusPage) -> HttpResponse:
    """What they subscribed to: shown, changed, ended. While the page is not public, those whose invitation counts alone
    choose; the others can only end it: what there is to choose is told to nobody who may not read the page.
    """
    ident = request.get_signed_cookie(COOKIE, "", salt=SALT, max_age=OPEN_SECONDS)
    row = models.Subscriber.objects.filter(page=page, id=ident).first() if ident else None
    if row is None and not page.public:
        raise Http404
    if row is None:
        return HttpResponseRedirect(readers.still(request, f"/subscribe/{page.key}/manage"))
    refused, saved, chooses = None, False, bool(page_invited.following(page, [row]))
    if request.method == "POST" and request.POST.get("act") == "end":
        with tx.write("engine"):
            subscriber_ends.end(row, "themselves", now())
        row.refresh_from_db()
    elif request.method == "POST" and row.state != "ended" and chooses:
        try:
            row = subscribers.change(row, wished(request))
            saved = True
        except Refused as said:
            refused = said
    if row.state == "ended":
        answer = show(request, page, "done", row=row, what="ended")
        answer.delete_cookie(COOKIE, path=f"/subscribe/{page.key}")
        return answer
    wanted = wished(request) if refused else subscribers.wishes_in(row)
    spoken = theirs(request, row)
    context = {"refused": words(request, refused, row), "saved": saved, "chooses": chooses}
    context |= choices(page, wanted, spoken) if chooses else {}
    status = STATUS[refused.kind] if refused else 200
    return show(request, page, "mine", row=row, status=status, **context)


def stopped(request: HttpRequest, row: models.Subscriber, *, asked: bool = False) -> HttpResponse:
    """What the link in a message shows: what would end, that it has ended, or that a link to change it comes."""
    template = "done" if asked or row.state == "ended" else "stop"
    answer = show(request, row.page, template, row=row, what="asked" if asked else "ended")
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex"
    return answer


_ONE = "subscribe/<str:key>"
ROUTES = [
    route(f"{_ONE}/manage", manage, name="subscribe-manage", permission=PUBLIC),
    route(f"{_ONE}/manage/<str:token>", opened, name="subscribe-open", permission=PUBLIC),
    route(f"{_ONE}/mine", mine, name="subscribe-mine", permission=PUBLIC),
]
