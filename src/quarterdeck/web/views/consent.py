"""Lending one's name to a message: by the signed link without a login, or signed in. Only a POST says yes or no."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from quarterdeck.app import casebook
from quarterdeck.app.act import Act
from quarterdeck.app.comms import consents, sending
from quarterdeck.core.kernel.refused import Refused, missing
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, now, posts
from quarterdeck.web.routes import PUBLIC, route


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def by_link(
    request: HttpRequest, incident_id: str, message_id: str, person: str, text_hash: str, token: str
) -> HttpResponse:
    """The link opens exactly the text it was made for. A wrong token and an unknown message look alike."""
    doing = consents.by_link(incident_id, message_id, person, text_hash, token, now())
    if doing is None:
        raise Http404
    if models.IncidentRow.objects.filter(id=incident_id, restricted=True).exists():
        # What is restricted is shown to nobody who only holds a link.
        return HttpResponseRedirect(f"/incidents/{incident_id}/messages/{message_id}/consent")
    answer = _page(request, doing, incident_id, message_id, text_hash)
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex"
    return answer


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def signed_in(request: HttpRequest, incident_id: str, message_id: str) -> HttpResponse:
    """The same for whoever is signed in; the text that is answered comes with the form."""
    return _page(request, act(request), incident_id, message_id, request.POST.get("hash", ""))


@posts
def ask(request: HttpRequest, incident_id: str, message_id: str) -> HttpResponse:
    consents.ask(act(request), incident_id, message_id)
    where = f"/incidents/{incident_id}/communication?message={message_id}#message"
    return done(request, where, "They are asked, with a link to answer.")


def _page(
    request: HttpRequest, doing: Act, incident_id: str, message_id: str, text_hash: str
) -> HttpResponse:
    """`text_hash` is what was read: of the link, or of the form."""
    try:
        case = casebook.load(incident_id, doing.who)
        found = consents.standing(case, message_id)
    except Refused:
        raise Http404 from None
    mine = found is not None and doing.person in (found.person, found.consent.person if found.consent else "")
    if found is None or not mine:
        raise Http404
    by_form = request.method == "POST"
    over = _over(found, doing, text_hash)
    refused = ""
    if by_form and not over:
        try:
            _answer(request, doing, incident_id, message_id, text_hash)
            return HttpResponseRedirect(request.path)
        except Refused as no:
            refused = no.message
    context = _context(case, found, doing, request.path) | {"over": over, "refused": refused}
    return render(request, "callouts/consent.html", context, status=410 if over else 409 if refused else 200)


def _answer(request: HttpRequest, doing: Act, incident_id: str, message_id: str, text_hash: str) -> None:
    if request.POST.get("answer") == "no":
        consents.withdraw(doing, incident_id, message_id, request.POST.get("reason", ""))
    elif request.POST.get("answer") == "yes":
        consents.give(doing, incident_id, message_id, text_hash)
    else:
        raise missing("consent.answer", "Answer yes or no.")


def _over(found: consents.Standing, doing: Act, text_hash: str) -> str:
    """Why there is nothing to answer any more, in words."""
    if text_hash and text_hash != found.content_hash:
        return "The text was changed after this was written to you. You will be asked about the new one."
    if doing.person != found.person:
        return "Somebody else speaks here now, so your name is not asked for."
    if found.message.state == "superseded":
        return "This message is not sent."
    if found.message.spoken_by and not found.counts:
        return "You took your name back. It goes to nobody else."
    return ""


def _context(case: casebook.Case, found: consents.Standing, doing: Act, url: str) -> dict[str, Any]:
    message = found.message
    audience = case.template.audience(message.audience)
    name = case.directory(doing.at).name(doing.person)
    body = sending.public_body(message).removeprefix(f"{message.headline.strip()}\n\n")
    return {
        "url": url, "hash": found.content_hash, "name": name, "title": found.title,
        "audience": audience.title if audience else message.audience, "headline": message.headline,
        "body": body, "counts": found.counts, "sent": message.state == "sent",
        "withdrawn": bool(found.consent and found.consent.state == "withdrawn"),
    }  # fmt: skip


_I = "incidents/<str:incident_id>/messages/<str:message_id>"
ROUTES = [
    route(
        "consent/<str:incident_id>/<str:message_id>/<str:person>/<str:text_hash>/<str:token>/",
        by_link,
        name="consent-link",
        permission=PUBLIC,
    ),
    route(f"{_I}/consent", signed_in, name="message-consent", permission="brief.read"),
    route(f"{_I}/consent/ask", ask, name="message-consent-ask", permission="incident.act"),
]
