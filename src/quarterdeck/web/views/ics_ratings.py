"""Ratings of people in an incident (ICS 225): the list for whoever may read some, the form, signature and paper."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from quarterdeck.app import casebook
from quarterdeck.app.casebook import Case
from quarterdeck.app.ics import ratings
from quarterdeck.core.incidents.ics import ratings as core
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.web.acting import act, done, posts
from quarterdeck.web.present import incident as header
from quarterdeck.web.routes import route

from .ics import pdf_file

# state -> (tone, icon, words)
_STATES = {
    "open": ("", "ring", "Not rated yet"),
    "draft": ("amber", "pencil", "Draft"),
    "signed": ("blue", "checkc", "Signed"),
    "discussed": ("green", "checkc", "Talked over"),
}
_TEXTS = ("definition", "home_unit", "agency", "remarks")


@never_cache
@require_safe
def index(request: HttpRequest, incident_id: str) -> HttpResponse:
    """What one rates, what is said of oneself, and what commander and planning keep."""
    doing = act(request)
    case, found = ratings.listed(doing, incident_id)
    names, titles = case.directory(doing.at).name, casebook.titles(case.template)
    rows = [
        {"url": f"/incidents/{incident_id}/ics/ratings/{s.held.id}", "name": names(s.rating.person),
         "position": titles(s.held.role), "since": s.held.started_at, "until": s.held.ended_at,
         "rater": names(s.rating.rater), "state": dict(zip(("tone", "icon", "words"), _STATES[s.state], strict=True)),
         "own": s.rating.person == doing.person, "mine": s.mine}
        for s in found
    ]  # fmt: skip
    context = header.base(case, doing.who, doing.at, "ics") | {
        "groups": [
            ("You rate", [r for r in rows if r["mine"]]),
            ("Of you", [r for r in rows if r["own"]]),
            ("Of others, kept by command and planning", [r for r in rows if not r["mine"] and not r["own"]]),
        ]
    }
    return render(request, "incidents/ics/ratings.html", context)


@never_cache
def form(request: HttpRequest, incident_id: str, assignment_id: str) -> HttpResponse:
    """The form: to write for its rater while it is a draft, to read for the others. What was typed stays."""
    doing = act(request)
    if request.method != "POST":
        return _form(request, incident_id, assignment_id)
    said = request.POST
    try:
        scores = {
            n: int(said[f"score.{n}"]) for n, _, _ in core.FACTORS if said.get(f"score.{n}") in _CHOICES
        }
        complexity = said.get("complexity", "")
        ratings.write(
            doing, incident_id, assignment_id, scores=scores, version=_number(said.get("version", "")),
            complexity=int(complexity) if complexity in _LEVELS else 0,
            **{n: said.get(n, "") for n in _TEXTS},
        )  # fmt: skip
        if said.get("do") == "sign":
            ratings.sign(doing, incident_id, assignment_id)
    except Refused as refused:
        if refused.kind in ("missing", "forbidden"):
            raise
        return _form(request, incident_id, assignment_id, refused)
    told = "Signed. It stands as it is." if said.get("do") == "sign" else "Saved. Nobody else reads a draft."
    return done(request, request.path, told, f"rating:{assignment_id}")


_CHOICES = frozenset(str(score) for score in core.SCALE)
_LEVELS = frozenset(str(level) for level in core.COMPLEXITIES)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def _form(
    request: HttpRequest, incident_id: str, assignment_id: str, refused: Refused | None = None
) -> HttpResponse:
    doing = act(request)
    case, found = ratings.show(doing, incident_id, assignment_id)
    page, stamp = ratings.page(doing, incident_id, assignment_id)
    writable = found.mine and found.rating.signed_at is None
    context = header.base(case, doing.who, doing.at, "ics") | {
        "rating": _told(case, found, doing.at),
        "page": page,
        "stamp": stamp,
        "writable": writable,
        "to_discuss": found.state == "signed" and found.rating.person == doing.person,
        "refused": refused.message if refused else "",
        "scale": list(core.SCALE.items()),
        "levels": core.COMPLEXITIES,
    }
    given: Any = request.POST if refused else None
    if writable:
        context |= {
            "factors": _factors(found, given),
            "typed": _typed(found, given),
            "version": found.version,
        }
    return render(request, "incidents/ics/rating.html", context, status=422 if refused else 200)


def _told(case: Case, found: ratings.Shown, now: Any) -> dict[str, Any]:
    names = case.directory(now).name
    return {
        "name": names(found.rating.person), "position": casebook.titles(case.template)(found.held.role),
        "rater": names(found.rating.rater), "id": found.held.id, "state": found.state,
        "url": f"/incidents/{case.incident.key}/ics/ratings/{found.held.id}",
    }  # fmt: skip


def _factors(found: ratings.Shown, given: Any) -> list[dict[str, Any]]:
    rows = []
    for number, label, hint in core.FACTORS:
        kept = found.rating.scores.get(number)
        value = given.get(f"score.{number}", "") if given else "" if kept is None else str(kept)
        rows.append({"number": number, "label": label, "hint": hint, "value": value})
    return rows


def _typed(found: ratings.Shown, given: Any) -> dict[str, str]:
    r = found.rating
    kept = {n: getattr(r, n) for n in _TEXTS} | {"complexity": str(r.complexity or "")}
    return {n: given.get(n, "") for n in kept} if given else kept


@posts
def discuss(request: HttpRequest, incident_id: str, assignment_id: str) -> HttpResponse:
    ratings.discuss(act(request), incident_id, assignment_id)
    return done(
        request, f"/incidents/{incident_id}/ics/ratings/{assignment_id}", "Kept: it was talked over with you."
    )


@never_cache
@require_safe
def pdf(request: HttpRequest, incident_id: str, assignment_id: str) -> HttpResponse:
    from quarterdeck.app.reports import ics_paper

    page, stamp = ratings.page(act(request), incident_id, assignment_id)
    return pdf_file(ics_paper.form_pdf(page, stamp), f"{incident_id}-ics-225.pdf")


_READ, _ACT = "incident.read", "incident.act"
_R = "incidents/<str:incident_id>/ics/ratings"
ROUTES = [
    route(_R, index, name="incident-ics-ratings", permission=_READ),
    route(f"{_R}/<str:assignment_id>", form, name="incident-ics-rating", permission=_READ),
    route(
        f"{_R}/<str:assignment_id>/discussed", discuss, name="incident-ics-rating-discussed", permission=_ACT
    ),
    route(f"{_R}/<str:assignment_id>/pdf", pdf, name="incident-ics-rating-pdf", permission=_READ),
]
