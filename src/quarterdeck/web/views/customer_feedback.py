"""Customers' feedback: the public form behind a link, and the links of an incident. A wrong link tells nothing."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from quarterdeck.app.comms import customer_feedback as feedback
from quarterdeck.channels.status_site.outside import phrases
from quarterdeck.channels.status_site.words import words
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from quarterdeck.web import readers
from quarterdeck.web.acting import act, done, now, posts
from quarterdeck.web.routes import PUBLIC, route

_RATINGS = ("1", "2", "3", "4", "5")
_SAID = {"rating.range": "f_range", "feedback.limit": "f_limit", "feedback.closed": "f_closed"}


@never_cache
@require_safe
def opened(request: HttpRequest, slug: str) -> HttpResponse:
    """Whoever opens the link of everybody gets a token of their own; nothing is stored."""
    token = feedback.fresh(slug)
    if token is None:
        raise Http404
    return HttpResponseRedirect(readers.still(request, f"/f/{slug}/{token}/"))


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
                slug, token, int(rating) if rating in _RATINGS else 0,
                request.POST.get("text", ""), now(), source=request.META.get("REMOTE_ADDR", ""),
            )  # fmt: skip
        except Refused as said:
            refused = said
        else:
            return HttpResponseRedirect(readers.still(request, request.path))
    spoken = readers.language_of(request)
    t = phrases(spoken)
    context = {
        "headline": found.headline,
        "closed": not feedback.takes_answers(found.link, now()),
        "ratings": [(n, t[f"f_{n}"]) for n in _RATINGS],
        "refused": t.get(_SAID.get(refused.code, ""), refused.message) if refused else "",
        "typed": {"rating": request.POST.get("rating", ""), "text": request.POST.get("text", "")},
        "limit": feedback.TEXT_LIMIT,
        "t": t,
    }
    context |= readers.around(spoken) | _answer(found.said, spoken)
    status = 200 if refused is None else 429 if refused.kind == "limited" else 422
    answer = render(request, "callouts/feedback.html", context, status=status)
    answer["Vary"] = "Accept-Language, Cookie"
    return answer


def _answer(said: models.FeedbackAnswer | None, spoken: str) -> dict[str, object]:
    """What was said before, in the reader's language."""
    if said is None:
        return {"said": None}
    t = phrases(spoken, n=str(said.rating))
    given = words(spoken, timezone.get_current_timezone_name()).moment(said.at, None)
    return {"said": said, "said_word": t.get(f"f_{said.rating}", ""), "rated": t["f_of"], "given": given}


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
