"""What a service depends on outside, and how the business goes on without it: suppliers and continuity plans."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict

from quarterdeck.app.incidents import continuity, vendors
from quarterdeck.core.incidents.vendors import LONGEST_MINUTES
from quarterdeck.core.kernel.moments import spoken
from quarterdeck.core.kernel.refused import bad
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, number, posts
from quarterdeck.web.routes import route


def shown(service: models.Service) -> dict[str, Any]:
    """The suppliers and plans of a service, for its page."""
    return {
        "vendors": [
            {"id": v.id, "name": v.vendor, "contact": v.contact, "contract": v.contract, "note": v.note,
             "answers": _spoken(v.answer_minutes)}
            for v in service.vendors.all()
        ],
        "plans": [
            {"id": p.id, "title": p.title, "steps": p.steps, "text": "\n".join(p.steps), "supplier": p.supplier,
             "rto_minutes": p.rto_minutes, "rpo_minutes": p.rpo_minutes, "rto": _spoken(p.rto_minutes),
             "rpo": _spoken(p.rpo_minutes)}
            for p in service.continuity_plans.all()
        ],
    }  # fmt: skip


def _spoken(minutes: int) -> str:
    return spoken(timedelta(minutes=minutes)) if minutes else ""


def _minutes(post: QueryDict, field: str, most: int) -> int:
    return number(post.get(field) or "0", field, 0, most)


@posts
def vendor(request: HttpRequest, key: str) -> HttpResponse:
    """Add a supplier, or take one out."""
    post = request.POST
    if post.get("act") == "remove":
        name = vendors.remove_contact(act(request), post.get("vendor", ""))
        return done(request, _at(key, "vendors"), f"{name} is no supplier of it any more.")
    vendors.add_contact(
        act(request), key, post.get("name", ""), contact=post.get("contact", ""), contract=post.get("contract", ""),
        answer_minutes=_minutes(post, "answer_minutes", LONGEST_MINUTES), note=post.get("note", ""),
    )  # fmt: skip
    return done(request, _at(key, "vendors"), "Saved.", f"vendor:{key}")


@posts
def plan(request: HttpRequest, key: str) -> HttpResponse:
    """Add a continuity plan, change one, or take one out."""
    post, doing = request.POST, act(request)
    if post.get("act") == "remove":
        title = continuity.remove_plan(doing, post.get("plan", ""))
        return done(request, _at(key, "plans"), f"{title} is removed.")
    steps = tuple(post.get("steps", "").splitlines())
    rest: dict[str, Any] = {
        "supplier": post.get("supplier", ""),
        "rto_minutes": _minutes(post, "rto_minutes", continuity.LONGEST_MINUTES),
        "rpo_minutes": _minutes(post, "rpo_minutes", continuity.LONGEST_MINUTES),
    }
    if post.get("act") == "change":
        continuity.change_plan(doing, post.get("plan", ""), post.get("title", ""), steps, **rest)
    elif post.get("act", "add") == "add":
        continuity.add_plan(doing, key, post.get("title", ""), steps, **rest)
    else:
        raise bad("plan.act", "Choose add, change or remove.")
    return done(request, _at(key, "plans"), "Saved.", f"plan:{key}:{post.get('plan', '')}")


def _at(key: str, place: str) -> str:
    return f"/catalog/services/{key}#{place}"


ROUTES = [
    route("catalog/services/<str:key>/vendors", vendor, name="service-vendors", permission="service.edit"),
    route("catalog/services/<str:key>/plans", plan, name="service-plans", permission="service.edit"),
]
