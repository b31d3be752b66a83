"""What keeps coming back, and the form of a review that says what an incident shared with others."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quarterdeck.app.learning import causes
from quarterdeck.web.acting import act, done, now, posts
from quarterdeck.web.present import causes as shown
from quarterdeck.web.routes import route


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    said = request.GET.get("days", "")
    days = int(said) if said in {str(d) for d in causes.DAYS} else causes.USUAL_DAYS
    return render(request, "reviews/patterns.html", shown.coming_back(act(request).who, now(), days))


@posts
def sort(request: HttpRequest, incident_id: str) -> HttpResponse:
    said = request.POST
    causes.set_causes(
        act(request), incident_id, said.get("category", ""), said.getlist("factors"), said.get("change", "")
    )
    return done(request, f"/reviews/{incident_id}#causes", "Kept.", saved=f"causes:{incident_id}")


ROUTES = [
    route("patterns", index, name="patterns", permission="review.read"),
    # Who may sort depends on the review: the core decides.
    route("reviews/<str:incident_id>/causes", sort, name="review-causes", permission="review.read"),
]
