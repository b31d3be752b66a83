"""Invitations to follow a private page by mail: the acts. They are shown among its subscribers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from quarterdeck.app.status import page_invitations, page_invited, page_ways
from quarterdeck.channels.status_site.subscribing import LANGUAGES
from quarterdeck.core.kernel.text import counted
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, posts
from quarterdeck.web.routes import route

MOST = 200
_STATE = {
    "waiting": ("", "clock", "is asked soon"), "asked": ("amber", "clock", "asked, not confirmed yet"),
    "follows": ("green", "checkc", "follows the page"), "failing": ("red", "triangle", "kept back: mails fail"),
    "ended": ("", "x", "ended it"), "closed": ("red", "triangle", "does not count as the page is now"),
}  # fmt: skip


def shown(page: models.StatusPage, asked: str) -> dict[str, Any]:
    """What the list of subscribers shows of invitations; nothing where the page is public and nobody was invited."""
    rows = list(page_invitations.of_page(page, asked).order_by("-id")[: MOST + 1])
    if page.public and not rows:
        return {}
    states, how = page_invitations.states(page, rows), page_ways.ways(page, page_ways.of(page))
    only = how.domains and not (how.members or how.password or how.network == "enough")
    return {
        "invited": [_row(row, states[row.id]) for row in rows[:MOST]],
        "invited_more": len(rows) > MOST,
        "invited_total": page_invitations.of_page(page).count(),
        "invites": page_invited.open_to_invited(page),
        "only_domains": ", ".join(how.domains) if only else "",
        "invite_languages": [(code, name) for code, (name, _) in LANGUAGES.items()],
    }


def _row(row: models.PageInvitation, state: str) -> dict[str, Any]:
    tone, icon, text = _STATE[state]
    return {"id": row.id, "address": row.address, "at": row.at, "despite": row.despite,
            "tone": tone, "icon": icon, "text": text}  # fmt: skip


@posts
def invite(request: HttpRequest, key: str) -> HttpResponse:
    post = request.POST
    made = page_invitations.invite(
        act(request), key, post.get("addresses", "").splitlines(), post.get("language", "")
    )
    for text in made.warnings:
        messages.warning(request, text)
    told = f"{counted(len(made.rows), 'invitation is', 'invitations are')} on the way."
    return done(request, f"/status-pages/{key}/subscribers#invitations", told, "invitations")


@posts
def withdraw(request: HttpRequest, key: str, invitation_id: str) -> HttpResponse:
    row = page_invitations.withdraw(act(request), key, invitation_id)
    return done(
        request, f"/status-pages/{key}/subscribers#invitations", f"{row.address} is told nothing more."
    )


_EDIT = "status.edit"
_ALL = "status-pages/<str:key>/invitations"
ROUTES = [
    route(f"{_ALL}/new", invite, name="page-invite", permission=_EDIT),
    route(f"{_ALL}/<str:invitation_id>/removal", withdraw, name="page-invitation-end", permission=_EDIT),
]
