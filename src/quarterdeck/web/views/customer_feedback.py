"""Customers' feedback: the public form behind a link, and the links of an incident. A wrong link tells nothing."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from quarterdeck.app.comms import customer_feedback as feedback
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.web.acting import act, done, now, posts
from quarterdeck.web.routes import PUBLIC, route

WORDS = {1: "Bad", 2: "Poor", 3: "Fair", 4: "Good", 5: "Very good"}


@never_cache
@require_safe
def opened(request: HttpRequest, slug: str) -> HttpResponse:
    """Whoever opens the link of everybody gets a token of their own; nothing is stored."""
    token = feedback.fresh(slug)
    if token is None:
        raise Http404
    return HttpResponseRedirect(f"/f/{slug}/{token}/")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """The form; after it what was said, which nobody changes."""
    found = feedback.find(slug, token)
    if found is None:
        raise Http404
    refused = None
    if request.method == "POST" and found.said is None:
        try:
            rating = request.POST.get("rating", "")
            feedback.give(
                slug, token, int(rating) if rating in {"1", "2", "3", "4", "5"} else 0,
                request.POST.get("text", ""), now(), source=request.META.get("REMOTE_ADDR", ""),
            )  # fmt: skip
        except Refused as said:
            refused = said
        else:
            return HttpResponseRedirect(request.path)
    context = {
        "headline": found.headline,
        "said": found.said,
        "said_word": WORDS.get(found.said.rating, "") if found.said else "",
        "closed": not feedback.takes_answers(found.link, now()),
        "ratings": [(str(n), WORDS[n]) for n in WORDS],
        "refused": refused,
        "typed": {"rating": request.POST.get("rating", ""), "text": request.POST.get("text", "")},
        "limit": feedback.TEXT_LIMIT,
    }
    status = 200 if refused is None else 429 if refused.kind == "limited" else 422
    return render(request, "callouts/feedback.html", context, status=status)


@posts
def link(request: HttpRequest, incident_id: str) -> HttpResponse:
    audience = request.POST.get("audience", "")
    page = f"/incidents/{incident_id}/customers"
    if request.POST.get("stop"):
        feedback.stop(act(request), incident_id, audience)
        return done(request, page, "The link takes no further answers.")
    feedback.ask(act(request), incident_id, audience)
    return done(request, page, "The link is there; the final message to this audience carries it.")


ROUTES = [
    route("f/<str:slug>/", opened, name="feedback-open", permission=PUBLIC),
    route("f/<str:slug>/<str:token>/", form, name="feedback-form", permission=PUBLIC),
    route(
        "incidents/<str:incident_id>/feedback-links", link, name="feedback-link", permission="incident.read"
    ),
]
