"""Who hears the messages of an audience: addresses, added and taken out."""

from __future__ import annotations

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quarterdeck.app import audiences
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, posts
from quarterdeck.web.routes import route

MOST, FEW = 500, 20


def listing(request: HttpRequest) -> HttpResponse:
    """Every audience of the structures in force, with its addresses; `?audience=` shows one in full."""
    titles = audiences.audience_keys()
    chosen = request.GET.get("audience", "")
    rows = models.AudienceContact.objects.filter(
        removed_at=None, audience__in=[chosen] if chosen in titles else list(titles)
    )
    counts = dict(rows.order_by().values_list("audience").annotate(n=Count("pk")))
    mine: dict[str, list[dict[str, str]]] = {}
    for c in rows.order_by("email")[:MOST]:
        mine.setdefault(c.audience, []).append({"id": c.id, "email": c.email, "name": c.name})
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
    }
    return render(request, "catalog/audiences.html", context)


@posts
def add(request: HttpRequest) -> HttpResponse:
    post = request.POST
    row = audiences.add_contact(
        act(request), post.get("audience", ""), post.get("email", ""), post.get("name", "")
    )
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
    route(
        "catalog/audiences/contacts/<str:contact_id>/removal",
        remove,
        name="audience-remove",
        permission=_EDIT,
    ),
]
