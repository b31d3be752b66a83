"""The digest somebody takes by mail: set among their own settings, ended there or by the link in each."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from quarterdeck.app.comms import digests
from quarterdeck.core.kernel.refused import bad
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, now, number, posts
from quarterdeck.web.routes import LOGIN, PUBLIC, route

CHOICES = (
    (0, "once a day"),
    (1, "every hour"),
    (2, "every 2 hours"),
    (4, "every 4 hours"),
    (8, "every 8 hours"),
)


def panel(row: models.Person) -> dict[str, Any]:
    """As the form shows it."""
    kept = digests.of(row.id)
    minute = kept.minute if kept else 480
    known = {hours for hours, _ in CHOICES}
    other = ((kept.hours, f"every {kept.hours} hours"),) if kept and kept.hours not in known else ()
    return {
        "on": kept is not None,
        "at": f"{minute // 60:02}:{minute % 60:02}",
        "choices": [(n, word, kept is not None and kept.hours == n) for n, word in (*CHOICES, *other)],
        "last_at": kept.last_at if kept else None,
    }


@posts
def put(request: HttpRequest, person_id: str) -> HttpResponse:
    doing, post = act(request), request.POST
    mine = person_id == doing.person
    home = ("/settings/me" if mine else f"/catalog/people/{person_id}/edit") + "#digest"
    if post.get("act") == "clear":
        digests.clear(doing, person_id)
        return done(request, home, "No digest is sent any more.")
    hour, _, minute = post.get("at", "").partition(":")
    if not (hour.isdecimal() and minute.isdecimal() and int(hour) < 24 and int(minute) < 60):
        raise bad("digest.time", "Give a time of the day, such as 08:00.", at="unknown")
    hours = number(post.get("hours"), "hours", 0, digests.MOST_HOURS)
    digests.put(doing, person_id, hours=hours, minute=int(hour) * 60 + int(minute))
    return done(request, home, "The digest is on.")


# A mail program posts without a cookie (RFC 8058); the token in the address is the proof.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, digest_id: str, token: str) -> HttpResponse:
    """GET shows what would end, POST ends it, twice the same. A wrong token and an unknown digest look alike."""
    row = digests.by_link(digest_id, token)
    if row is None:
        raise Http404
    if request.method == "POST":
        digests.unsubscribe(row, now())
        row.refresh_from_db()
    answer = render(request, "callouts/digest.html", {"ended": row.ended_at is not None, "url": request.path})
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex"
    return answer


ROUTES = [
    route("people/<str:person_id>/digest", put, name="digest", permission=LOGIN),
    route("d/<str:digest_id>/<str:token>/", end, name="digest-end", permission=PUBLIC),
]
