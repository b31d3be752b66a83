"""Who is qualified for which role, where too few are, and who is trained next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quarterdeck.app.people import competence
from quarterdeck.core.access import may
from quarterdeck.core.incidents import competence as core
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, local_time, posts
from quarterdeck.web.present.paging import part
from quarterdeck.web.routes import route

HOME = "/on-call/competence"
LINES = 12
# Standing -> (state mark, words)
_WORDS = {
    "held": ("ok", "certified"),
    "expiring": ("warning", "ends soon"),
    "expired": ("fault", "expired"),
    "planned": ("waiting", "planned"),
}


@require_safe
def matrix(request: HttpRequest) -> HttpResponse:
    doing = act(request)
    found, titles = competence.matrix(doing.at), competence.titles()
    certifiers = {r.certified_by for rows in found.cells.values() for r in rows}
    names = dict(models.Person.objects.filter(id__in=certifiers).values_list("id", "name"))
    lines = [
        {
            "person": {"name": p.name, "me": p.id == doing.person}, "title": p.title,
            "href": f"/catalog/people/{p.id}",
            "any": any(found.cells.get((p.id, c.role)) for c in found.columns),
            "cells": [_cell(found.cells.get((p.id, c.role), []), c.title, names, doing.at) for c in found.columns],
        }
        for p in found.people
    ]  # fmt: skip
    shown, place = part([line for line in lines if line["any"]], request.GET.get("part", ""), LINES)
    context = {
        "tab": "competence",
        "columns": [
            {"role": c.role, "title": c.title, "qualified": c.qualified, "planned": c.planned, "thin": c.is_thin,
             "heat": ("none", "one", "two")[min(c.qualified, core.ENOUGH)]}
            for c in found.columns
        ],
        "lines": shown,
        "part": place,
        "others": [{"name": line["person"]["name"], "href": line["href"]} for line in lines if not line["any"]],
        "plans": [
            {"id": c.id, "name": c.person.name, "role": titles.get(c.role, c.role),
             "by": c.planned_for, "late": c.planned_for < doing.at, "note": c.note}
            for c in competence.plans(doing.at)
        ],
        "people": [(p.id, p.name) for p in found.people],
        "roles": sorted(titles.items(), key=lambda item: item[1]),
        "policy": competence.policy(),
        "may_edit": may(doing.who, "person.edit"),
        "may_set": may(doing.who, "settings.edit"),
    }  # fmt: skip
    return render(request, "oncall/competence.html", context)


def _cell(
    rows: list[models.Certification], title: str, names: Mapping[str, str], now: datetime
) -> dict[str, Any]:
    """One person in one role: the best there is, since when and until when."""
    known = [core.Certificate(r.person_id, r.role, r.certified_at, r.expires_at, r.planned_for) for r in rows]
    standing = core.standing(known, now)
    if standing == "none":
        return {"standing": standing, "role": title}
    mark, words = _WORDS[standing]
    row = next((r for r in rows if (r.certified_at is None) == (standing == "planned")), rows[0])
    return {
        "id": row.id, "role": title, "standing": standing, "mark": mark, "words": words,
        "since": row.certified_at, "until": row.planned_for if standing == "planned" else row.expires_at,
        "by": names.get(row.certified_by, ""), "note": row.note,
    }  # fmt: skip


@posts
def add(request: HttpRequest) -> HttpResponse:
    """Certify somebody, or plan to."""
    doing, post = act(request), request.POST
    person, role, note = post.get("person", "")[:40], post.get("role", "")[:60], post.get("note", "")
    day = local_time(post.get("day", "")[:10], "day")
    if post.get("act") == "plan":
        planned = competence.plan(doing, person, role, day or doing.at, note)
        return done(request, f"{HOME}#plan", f"Planned: {planned.person.name} trains for it.", "competence")
    until = local_time(post.get("until", "")[:10], "until")
    made = competence.certify(doing, person, role, certified_at=day, expires_at=until, note=note)
    return done(request, HOME, f"{made.person.name} is certified.", "competence")


@posts
def end(request: HttpRequest, certification_id: str) -> HttpResponse:
    competence.end(act(request), certification_id)
    return done(request, HOME, "It counts no longer.")


@posts
def set_policy(request: HttpRequest) -> HttpResponse:
    competence.set_policy(act(request), request.POST.get("policy", "")[:20])
    return done(request, HOME, "Saved.")


ROUTES = [
    route("on-call/competence", matrix, name="competence", permission="schedule.read"),
    route("on-call/competence/certifications", add, name="certification-add", permission="person.edit"),
    route(
        "on-call/competence/certifications/<str:certification_id>/end",
        end,
        name="certification-end",
        permission="person.edit",
    ),
    route("on-call/competence/policy", set_policy, name="competence-policy", permission="settings.edit"),
]
