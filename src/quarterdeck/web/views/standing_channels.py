"""The calls and chats that stand ready: who has which, whether they answer, and setting them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quarterdeck.app.catalog.catalogue import current
from quarterdeck.app.chat import standing_channels
from quarterdeck.core.access import Who, may
from quarterdeck.core.kernel.links import safe_url
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.store import models
from quarterdeck.web.acting import act, done
from quarterdeck.web.routes import route

MOST_TEAMS = 500


def index(request: HttpRequest) -> HttpResponse:
    """POST sets both addresses of one team or structure; a refusal keeps what was typed."""
    doing, said = act(request), request.POST
    choices = _choices(doing.who)
    if request.method == "POST":
        whose = said.get("whose", "")
        scope, _, key = whose.partition(":")
        typed = {"whose": whose, "call_url": said.get("call_url", ""), "chat_url": said.get("chat_url", "")}
        try:
            if scope not in standing_channels.SCOPES:
                message = "Choose the team or the structure it is for."
                raise bad("channel.whose", message, whose=message)
            standing_channels.put(doing, scope, key, typed["call_url"], typed["chat_url"])
        except Refused as refused:
            if refused.kind == "forbidden":
                raise
            context = _context(choices) | {"typed": typed, "refused": refused}
            return render(request, "catalog/channels.html", context, status=422)
        return done(request, "/catalog/channels", "Kept. The engine looks at it within a minute or two.")
    return render(request, "catalog/channels.html", _context(choices) | {"typed": _typed(request)})


def _typed(request: HttpRequest) -> dict[str, str]:
    """The form filled with what one of them has, by `?change=team:shop`."""
    scope, _, key = request.GET.get("change", "").partition(":")
    row = standing_channels.of(scope, key)
    if row is None:
        return {}
    return {"whose": f"{row.scope}:{row.key}", "call_url": row.call_url, "chat_url": row.chat_url}


def _choices(who: Who) -> list[tuple[str, str]]:
    found = []
    if may(who, "person.edit"):
        teams = models.Team.objects.order_by("name").values_list("key", "name")[:MOST_TEAMS]
        found += [(f"{standing_channels.TEAM}:{key}", f"Team {name}") for key, name in teams]
    if may(who, "settings.edit"):
        found += [
            (f"{standing_channels.TEMPLATE}:{t.key}", f"Structure {t.title}") for t in current().templates
        ]
    return found


def _context(choices: list[tuple[str, str]]) -> dict[str, Any]:
    known = {value for value, _ in choices}
    return {
        "tab": "channels",
        "choices": choices,
        "channels": [
            {
                "whose": _upper(standing_channels.name(row)), "checked_at": row.checked_at,
                "change": f"?change={row.scope}:{row.key}" if f"{row.scope}:{row.key}" in known else "",
                "ways": [
                    {"label": label, "href": safe_url(url), "well": well, "why": why}
                    for label, url, well, why in (
                        ("Call", row.call_url, row.call_well, row.call_text),
                        ("Chat", row.chat_url, row.chat_well, row.chat_text),
                    )
                    if url
                ],
            }
            for row in standing_channels.rows()
        ],
    }  # fmt: skip


def _upper(text: str) -> str:
    text = text.removeprefix("the ")
    return text[:1].upper() + text[1:]


ROUTES = [
    # Who may set them depends on whose they are: the application decides.
    route("catalog/channels", index, name="standing-channels", permission="person.read"),
]
