"""Who hears the messages of an audience: addresses, added and taken out."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quarterdeck.app.comms import audience_routes, audiences
from quarterdeck.store import models
from quarterdeck.web.acting import act, back, done, posts
from quarterdeck.web.routes import route

MOST, FEW = 100, 20


def listing(request: HttpRequest) -> HttpResponse:
    """Every audience of the structures in force, with its addresses; `?audience=` shows one in full."""
    titles = audiences.audience_keys()
    chosen, asked, after = (request.GET.get(n, "")[:120].strip() for n in ("audience", "q", "after"))
    rows = models.AudienceContact.objects.filter(
        removed_at=None, audience__in=[chosen] if chosen in titles else list(titles)
    )
    counts = dict(rows.order_by().values_list("audience").annotate(n=Count("pk")))
    mine, last = _shown(rows, chosen in titles, asked, after)
    most = MOST if chosen in titles else FEW
    groups = [
        {
            "key": key,
            "title": title,
            "total": counts.get(key, 0),
            "contacts": mine.get(key, [])[:most],
            "more": counts.get(key, 0) > most,
        }
        for key, title in titles.items()
        if chosen not in titles or key == chosen
    ]
    context = {
        "tab": "audiences",
        "groups": groups,
        "choices": list(titles.items()),
        "chosen": chosen if chosen in titles else "",
        "asked": asked,
        "next": last,
        **(_around(chosen) if chosen in titles else {"imports": _imports()}),
    }
    return render(request, "catalog/audiences.html", context)


def _shown(
    rows: QuerySet[models.AudienceContact], one: bool, asked: str, after: str
) -> tuple[dict[str, list[dict[str, Any]]], str]:
    """Contacts by their audience, and behind which address the next page starts."""
    if asked:
        rows = rows.filter(
            Q(email__icontains=asked) | Q(name__icontains=asked) | Q(segments__contains=asked.lower())
        )
    if one:
        found = list(rows.filter(email__gt=after).order_by("email")[: MOST + 1])
        more = found[MOST - 1].email if len(found) > MOST else ""
    else:
        audience_keys = set(rows.values_list("audience", flat=True).distinct())
        found = [
            c for key in sorted(audience_keys) for c in rows.filter(audience=key).order_by("email")[:FEW]
        ]
        more = ""
    mine: dict[str, list[dict[str, Any]]] = {}
    for c in found[:MOST] if one else found:
        mine.setdefault(c.audience, []).append(
            {"id": c.id, "email": c.email, "name": c.name, "phone": c.phone, "language": c.language,
             "lists": audiences.segments_of(c), "source": c.consent_source, "consent_at": c.consent_at,
             "withdrawn_at": c.withdrawn_at}
        )  # fmt: skip
    return mine, more


def _around(audience: str) -> dict[str, Any]:
    """What belongs to one audience besides its addresses."""
    known = audience_routes.ways()
    routes = models.AudienceRoute.objects.filter(audience=audience).order_by("id")
    return {
        "lists": list(audience_routes.lists(audience).items()),
        "routes": [
            {"id": r.id, "title": known.get(r.channel, (r.channel, False))[0], "address": r.address}
            for r in routes
        ],
        "ways": [(k, t) for k, (t, _) in known.items()],
        "imports": _imports(audience),
    }


def _imports(audience: str = "") -> list[dict[str, Any]]:
    rows = models.ContactImport.objects.order_by("-created_at")
    rows = (
        rows.filter(audience=audience)
        if audience
        else rows.filter(state__in=("reading", "preview", "running"))
    )
    return [
        {"href": f"/catalog/audiences/imports/{r.id}", "name": r.name, "state": r.state, "done": r.done,
         "total": r.total, "at": r.created_at, "refused": r.refused}
        for r in rows[:8]
    ]  # fmt: skip


@posts
def add_way(request: HttpRequest) -> HttpResponse:
    post = request.POST
    row = audience_routes.add_route(
        act(request), post.get("audience", ""), post.get("channel", ""), post.get("address", "")
    )
    return done(request, f"/catalog/audiences?audience={row.audience}", "Messages go this way, too.", "way")


@posts
def remove_way(request: HttpRequest, route_id: str) -> HttpResponse:
    audience_routes.remove_route(act(request), route_id)
    return done(request, back(request, "/catalog/audiences"), "Messages do not go this way any more.")


@posts
def add(request: HttpRequest) -> HttpResponse:
    post = request.POST
    row = audiences.add_contact(
        act(request), post.get("audience", ""), post.get("email", ""), post.get("name", ""),
        audiences.Details(
            phone=post.get("phone", ""), language=post.get("language", ""),
            segments=tuple(w for w in post.get("segments", "").replace(";", ",").split(",") if w.strip()),
            consent_source=post.get("consent_source", "").strip() or None,
        ),
    )  # fmt: skip
    return done(
        request,
        f"/catalog/audiences?audience={row.audience}",
        f"{row.email} hears its messages from now on.",
        "audience",
    )


@posts
def remove(request: HttpRequest, contact_id: str) -> HttpResponse:
    audience = audiences.find_contact(contact_id).audience
    audiences.remove_contact(act(request), contact_id)
    return done(
        request, f"/catalog/audiences?audience={audience}", "Taken out. Nothing is sent there any more."
    )


_EDIT = "status.edit"
ROUTES = [
    route("catalog/audiences", listing, name="audiences", permission=_EDIT),
    route("catalog/audiences/contacts", add, name="audience-add", permission=_EDIT),
    route("catalog/audiences/ways", add_way, name="audience-way-add", permission=_EDIT),
    route(
        "catalog/audiences/ways/<str:route_id>/removal",
        remove_way,
        name="audience-way-remove",
        permission=_EDIT,
    ),
    route(
        "catalog/audiences/contacts/<str:contact_id>/removal",
        remove,
        name="audience-remove",
        permission=_EDIT,
    ),
]
