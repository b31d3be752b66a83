"""Many incidents: the board of all that are open, groups with their coordinators, links between incidents, merging."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quarterdeck.app import casebook
from quarterdeck.app.catalog.catalogue import current
from quarterdeck.app.incidents import codenames, relations
from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.visibility import known_to, visible_incidents
from quarterdeck.core.incidents.authority import may as may_here
from quarterdeck.core.incidents.queue import order
from quarterdeck.core.kernel.refused import bad
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, now, posts
from quarterdeck.web.present import incident as header
from quarterdeck.web.present import words
from quarterdeck.web.routes import route

from .incidents import shown_rows

MOST = 200
_KINDS = {
    "parent": "Parent",
    "child": "Child",
    "related": "Related",
    "merged_into": "Merged into",
    "merged_from": "Merged from",
}


def board(request: HttpRequest) -> HttpResponse:
    """Every open incident by group, and who is wanted by several of them."""
    doing, at = act(request), now()
    rows = list(visible_incidents(doing.who).filter(is_open=True).order_by("severity", "number")[:MOST])
    impacts = current().impacts
    rows.sort(key=lambda r: (*order(r.severity, r.declared_at, r.impact, impacts), r.number))
    shown = dict(zip((r.id for r in rows), shown_rows(rows, at), strict=True))
    groups = list(models.IncidentGroup.objects.filter(ended_at=None)[:50])
    found = relations.conflicts(doing.who)
    named = codenames.called(i for c in found for i, _ in c.held)
    directory = Directory(at)
    directory.load_people({g.coordinator for g in groups} | {c.person_id for c in found})
    blocks: list[dict[str, Any]] = [
        {"id": g.id, "title": g.title, "coordinator": directory.name(g.coordinator),
         "incidents": [shown[r.id] for r in rows if r.group_id == g.id],
         "may_close": doing.person in (g.coordinator, g.opened_by) or "administrator" in doing.who.roles}
        for g in groups
    ]  # fmt: skip
    alone = [shown[r.id] for r in rows if r.group_id not in {g.id for g in groups}]
    context = {
        "blocks": blocks,
        "alone": alone,
        "total": len(rows),
        "conflicts": [
            {"name": directory.name(c.person_id), "exclusive": c.exclusive,
             "held": [{"incident": i, "name": named.get(i, i), "role": role.replace("_", " ")} for i, role in c.held]}
            for c in found
        ],
        "may_open": not doing.who.roles.isdisjoint({"administrator", "responder"}),
    }  # fmt: skip
    return render(request, "incidents/all_open.html", context)


@posts
def open_group(request: HttpRequest) -> HttpResponse:
    relations.open_group(act(request), request.POST.get("title", ""), request.POST.get("coordinator", ""))
    return done(request, "/incidents/board", "Group opened. You coordinate it.", "group")


@posts
def close_group(request: HttpRequest, group_id: str) -> HttpResponse:
    relations.close_group(act(request), group_id)
    return done(request, "/incidents/board", "Group closed. Its incidents go on as they are.")


def links(request: HttpRequest, incident_id: str) -> HttpResponse:
    """What this incident is tied to, and the ways to tie it."""
    doing, at = act(request), now()
    case = casebook.load(incident_id, doing.who)
    tied = list(case.incident.crew.links.values())
    known = known_to(doing.who, (x.other for x in tied))
    titles = dict(models.IncidentRow.objects.filter(id__in=known).values_list("id", "title"))
    others = visible_incidents(doing.who).filter(is_open=True).exclude(id=incident_id).order_by("-number")
    group = models.IncidentGroup.objects.filter(id=case.incident.crew.group).first()
    context = header.base(case, doing.who, at, "overview") | {
        "links": [
            {"id": x.other, "title": titles.get(x.other, ""), "kind": x.kind, "label": _KINDS.get(x.kind, x.kind),
             "note": x.note, "at": x.linked_at, "firm": x.kind.startswith("merged")}
            for x in tied if x.other in known
        ],
        "others": [
            {"id": r.id, "title": r.title, "severity": words.severity(r.severity)["label"]} for r in others[:MOST]
        ],
        "group": {"title": group.title} if group else None,
        "groups": list(models.IncidentGroup.objects.filter(ended_at=None).values("id", "title")[:50]),
        "may_link": may_here(case.incident, case.template, doing.who, "incident.phase", "role.assign"),
    }  # fmt: skip
    return render(request, "incidents/links.html", context)


@posts
def tie(request: HttpRequest, incident_id: str) -> HttpResponse:
    """Link, take a link back, merge, or put into a group."""
    doing, post = act(request), request.POST
    other, at = post.get("other", ""), f"/incidents/{incident_id}/links"
    match post.get("act", ""):
        case "link":
            relations.link(doing, incident_id, other, post.get("kind", ""), post.get("note", ""))
        case "unlink":
            relations.unlink(doing, incident_id, other, post.get("kind", ""), post.get("reason", ""))
        case "merge":
            relations.merge(doing, incident_id, other, post.get("reason", ""))
            return done(request, f"/incidents/{other}", f"{incident_id} was merged into this incident.")
        case "group":
            relations.join_group(doing, incident_id, post.get("group", ""))
        case "ungroup":
            relations.leave_group(doing, incident_id)
        case _:
            raise bad("link.act", "Choose link, unlink, merge, group or ungroup.")
    return done(request, at)


_READ, _ACT = "incident.read", "incident.act"
ROUTES = [
    route("incidents/board", board, name="incidents-board", permission=_READ),
    route(
        "incidents/board/groups/<str:group_id>/close",
        close_group,
        name="incidents-group-close",
        permission=_ACT,
    ),
    route("incidents/board/groups", open_group, name="incidents-group-new", permission=_ACT),
    route("incidents/<str:incident_id>/links", links, name="incident-links", permission=_READ),
    route("incidents/<str:incident_id>/links/tie", tie, name="incident-tie", permission=_ACT),
]
