"""Reviews: the list, one review with its acts, and the report of an incident as a page, Markdown or PDF. What an act
may do is decided in `app`; a restricted incident's review does not exist for outsiders.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from quarterdeck.app import reports
from quarterdeck.app.incidents import readings
from quarterdeck.app.learning import reviews
from quarterdeck.core.access import may
from quarterdeck.core.incidents import SECTIONS
from quarterdeck.core.kernel.refused import bad, missing
from quarterdeck.core.kernel.text import clean
from quarterdeck.core.reviews import document, part
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, now, posts
from quarterdeck.web.present import causes, executive_review, executives, problems
from quarterdeck.web.present import review as shown
from quarterdeck.web.present import reviews as listed
from quarterdeck.web.routes import route

SECTION_CHARACTERS = 40_000


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    context = listed.listing(
        act(request).who, request.GET.get("show", "open"), request.GET.get("after", ""), now()
    )
    return render(request, "reviews/list.html", context)


@require_safe
def detail(request: HttpRequest, incident_id: str) -> HttpResponse:
    return render(request, "reviews/review.html", _context(request, incident_id))


def _context(request: HttpRequest, incident_id: str) -> dict[str, Any]:
    who, at = act(request).who, now()
    depth = request.GET.get("timeline", "key")
    page = reports.page_of(incident_id, who, at)
    readings.note(who, page.case.incident, readings.REVIEW, at)
    found = shown.detail(page, who, at, depth if depth in shown.DEPTHS else "key")
    found["executives"] = executives.reviewed(page.case, at)
    found["reading"] = executive_review.reading(page, who)
    return found | causes.panel(page, who) | problems.panel(page, who, at)


@posts
def open_review(request: HttpRequest, incident_id: str) -> HttpResponse:
    """A review that the severity does not ask for."""
    said = request.POST
    reviews.open_review(
        act(request), incident_id, _owner(request), said.get("due_on", ""), said.get("reason", "")
    )
    return done(request, f"/reviews/{incident_id}", "The review is open.")


def _owner(request: HttpRequest) -> str:
    """The person a form names, who must be able to act on it."""
    owner = request.POST.get("owner", "")
    if not models.Person.objects.filter(id=owner, is_active=True).exists():
        message = "Name one person of yours who owns it. Without an owner it is not done."
        raise bad("owner.unknown", message, owner=message)
    return owner


@posts
def section(request: HttpRequest, incident_id: str, key: str) -> HttpResponse:
    """Write one part. Whoever would write over somebody else's fresh text is shown both (409) and decides."""
    if key not in SECTIONS:
        raise missing("section.unknown", "A review has no such part. Go back and choose one of those shown.")
    page = reports.page_of(incident_id, act(request).who, now())
    yours, theirs = clean(request.POST.get("text", ""), SECTION_CHARACTERS), shown.raw(page, key)
    had = request.POST.get("version", "")
    if (
        had
        and had != shown.version_of(theirs)
        and yours.strip() != theirs
        and shown.may_write(page, key, act(request).who)
    ):
        context = {"conflict": _conflict(incident_id, key, theirs, yours)}
        return render(request, "409.html", context, status=409)
    text = {"both": f"{theirs}\n\n{yours}", "theirs": theirs}.get(request.POST.get("choice", ""), yours)
    reviews.edit(act(request), incident_id, key, text)
    place = "/strategic" if request.POST.get("page") == "strategic" else ""
    at = f"/reviews/{incident_id}{place}#{key}"
    return done(request, at, "Saved.", saved=f"review:{incident_id}:{key}")


def _conflict(incident_id: str, key: str, theirs: str, yours: str) -> dict[str, Any]:
    known = part(key)
    line = (
        models.TimelineRow.objects.filter(
            incident_id=incident_id,
            kind="review",
            weight="system",
            title__endswith=f"“{key.replace('_', ' ')}”",
        )
        .order_by("-seq")
        .first()
    )
    by = models.Person.objects.filter(id=line.actor).values_list("name", flat=True).first() if line else None
    return {
        "title": f"{by or 'Somebody'} changed this meanwhile",
        "what": f"{known.title if known else key}, {incident_id}",
        "theirs_by": by or "Somebody",
        "theirs_at": line.entered_at if line else None,
        "theirs": theirs,
        "yours": yours,
        "action": f"/reviews/{incident_id}/sections/{key}",
        "version": shown.version_of(theirs),
        "field": "text",
    }


@posts
def items(request: HttpRequest, incident_id: str) -> HttpResponse:
    """A new action item: what, who, by when."""
    said = request.POST
    reviews.add_action_item(
        act(request),
        incident_id,
        said.get("title", ""),
        _owner(request),
        said.get("due_on", ""),
        said.get("kind", "prevent"),
    )
    return done(request, f"/reviews/{incident_id}#items", "Added.", saved=f"item:{incident_id}")


@posts
def item_done(request: HttpRequest, incident_id: str, item_id: str) -> HttpResponse:
    reviews.finish_action_item(act(request), incident_id, item_id)
    return done(request, f"/reviews/{incident_id}#items", "Done.")


@posts
def publish(request: HttpRequest, incident_id: str) -> HttpResponse:
    reviews.publish(act(request), incident_id, request.POST.get("reason", ""))
    return done(
        request, f"/reviews/{incident_id}", "The review is agreed. Everybody who may read reviews sees it."
    )


@posts
def waive(request: HttpRequest, incident_id: str) -> HttpResponse:
    reviews.waive(act(request), incident_id, request.POST.get("reason", ""))
    return done(request, f"/reviews/{incident_id}", "The review is waived; the reason is on record.")


def _report(request: HttpRequest, incident_id: str) -> tuple[reports.Report, bool]:
    """The report as asked for, and whether it is whole. Roles stand for people unless names are asked for by
    somebody who sees them in the incident anyway (R-292).
    """
    who = act(request).who
    named = request.GET.get("names") == "1" and may(who, "incident.read")
    readings.noted(act(request), incident_id, readings.REPORT)
    return reports.build(incident_id, who, now(), named=named), request.GET.get("timeline") == "all"


@never_cache
@require_safe
def printable(request: HttpRequest, incident_id: str) -> HttpResponse:
    report, whole = _report(request, incident_id)
    laid_out = document(report, whole)
    context = {"document": laid_out, "groups": shown.printed(laid_out), "key": report.facts.key}
    return render(request, "reviews/report.html", context)


@never_cache
@require_safe
def markdown(request: HttpRequest, incident_id: str) -> HttpResponse:
    report, whole = _report(request, incident_id)
    text = reports.markdown(report, whole=whole)
    return _file(text.encode(), "text/markdown; charset=utf-8", f"{report.facts.key}-report.md")


@never_cache
@require_safe
def pdf(request: HttpRequest, incident_id: str) -> HttpResponse:
    report, whole = _report(request, incident_id)
    return _file(reports.pdf(report, whole=whole), "application/pdf", f"{report.facts.key}-report.pdf")


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    """`name` is made of the incident's own key, so it needs no quoting."""
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


_READ = "review.read"
_ONE = "reviews/<str:incident_id>"
ROUTES = [
    route("reviews", index, name="reviews", permission=_READ),
    route(_ONE, detail, name="review", permission=_READ),
    route(f"{_ONE}/report", printable, name="review-report", permission=_READ),
    route(f"{_ONE}/report.md", markdown, name="review-report-md", permission=_READ),
    route(f"{_ONE}/report.pdf", pdf, name="review-report-pdf", permission=_READ),
    # Who may write, finish, publish or waive depends on the review: its owner, the commander, an executive for the
    # strategic part. The core decides.
    route(f"{_ONE}/open", open_review, name="review-open", permission=_READ),
    route(f"{_ONE}/sections/<str:key>", section, name="review-section", permission=_READ),
    route(f"{_ONE}/items", items, name="review-items", permission=_READ),
    route(f"{_ONE}/items/<str:item_id>/done", item_done, name="review-item-done", permission=_READ),
    route(f"{_ONE}/publish", publish, name="review-publish", permission=_READ),
    route(f"{_ONE}/waive", waive, name="review-waive", permission=_READ),
]
