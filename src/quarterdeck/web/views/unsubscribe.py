"""Ending messages by the link in one of them, without a login. Only a POST does: mail programs look at links."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from quarterdeck.app.comms import ledger, links
from quarterdeck.app.subscribers import subscribe_requests, subscriber_ends
from quarterdeck.channels.status_site.outside import phrases
from quarterdeck.core.comms.contact_rows import masked
from quarterdeck.store import models, tx
from quarterdeck.web import readers
from quarterdeck.web.acting import now
from quarterdeck.web.routes import PUBLIC, route

from . import subscription


# A mail program posts without a cookie (RFC 8058); the token in the address is the proof.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def by_link(request: HttpRequest, recipient_id: int, token: str) -> HttpResponse:
    """GET shows what would end, POST ends it, twice the same. A wrong token and an unknown recipient look alike."""
    if recipient_id >= 2**63 or not links.holds("unsubscribe", str(recipient_id), token):
        raise Http404
    recipient = models.Recipient.objects.filter(id=recipient_id).first()
    if recipient is None:
        raise Http404
    if request.method == "POST":
        ledger.unsubscribe(recipient, now())
    subscribed = models.Subscriber.objects.select_related("page").filter(id=recipient.contact_id).first()
    if subscribed is not None:
        return _told(request, subscribed)
    ended = models.Suppression.objects.filter(channel=recipient.channel, address=recipient.address).exists()
    return _shown(request, masked(recipient.address), ended=ended)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def subscriber_by_link(request: HttpRequest, subscriber_id: str, token: str) -> HttpResponse:
    """The same for a subscriber of a status page; it does not age. Who would rather change it is sent a link for that,
    to the address itself.
    """
    if not links.holds("unsubscribe-subscriber", subscriber_id, token):
        raise Http404
    row = models.Subscriber.objects.select_related("page").filter(id=subscriber_id).first()
    if row is None:
        return _nobody(request)
    if request.method == "POST" and request.POST.get("act") == "change" and not _is_going(row):
        subscribe_requests.send_link(row, now())
        return subscription.stopped(request, row, asked=True)
    if request.method == "POST" and row.state != "ended":
        with tx.write("web"):
            subscriber_ends.end(row, "link", now())
        row = models.Subscriber.objects.select_related("page").filter(id=subscriber_id).first()
    return _nobody(request) if row is None else _told(request, row)


def _told(request: HttpRequest, row: models.Subscriber) -> HttpResponse:
    return _nobody(request) if _is_going(row) else subscription.stopped(request, row)


def _is_going(row: models.Subscriber) -> bool:
    """The page was deleted, and the subscription goes with it, any moment."""
    return row.page.deleted_at is not None


def _nobody(request: HttpRequest) -> HttpResponse:
    """The link is one of ours, and its subscription is no more, as the page was deleted: what they want is so."""
    return _shown(request, "", ended=True, gone=True)


def _shown(request: HttpRequest, address: str, **more: bool) -> HttpResponse:
    spoken = readers.language_of(request)
    context = {"url": request.path, "t": phrases(spoken, address=address)} | readers.around(spoken)
    answer = render(request, "status/unsubscribe.html", context | more)
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex"
    answer["Vary"] = "Accept-Language, Cookie"
    return answer


ROUTES = [
    route(
        "u/s/<str:subscriber_id>/<str:token>/", subscriber_by_link, name="unsubscribe-page", permission=PUBLIC
    ),
    route("u/<int:recipient_id>/<str:token>/", by_link, name="unsubscribe", permission=PUBLIC),
]
