"""Channels of incidents: opening one again from the war room, and the rules by which incidents get one."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quarterdeck.app.catalog.catalogue import current
from quarterdeck.app.chat import chat_rules, incident_chat, room_rights
from quarterdeck.core.access import may
from quarterdeck.core.incidents.chat import DEFAULT_MINUTES
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, number, posts
from quarterdeck.web.callbacks import known
from quarterdeck.web.routes import route

_WANTED = {"none": "No channel", "public": "A public channel", "private": "A private channel"}


@posts
def open_again(request: HttpRequest, incident_id: str) -> HttpResponse:
    incident_chat.open_again(act(request), incident_id)
    return done(request, f"/incidents/{incident_id}", "The channel is asked for.")


@posts
def remove(request: HttpRequest, incident_id: str) -> HttpResponse:
    """Somebody without a role leaves the channel."""
    said = request.POST
    room_rights.remove(act(request), incident_id, said.get("member", ""), said.get("reason", ""))
    return done(request, f"/incidents/{incident_id}", "They are removed from the channel; it is on record.")


def rules(request: HttpRequest) -> HttpResponse:
    """POST sets the rule of one type, or of all; a refusal keeps what was typed."""
    doing = act(request)
    if request.method != "POST":
        return render(request, "settings/chat.html", _context(request, _typed(request.GET.get("change"))))
    said = request.POST
    typed: dict[str, Any] = {
        n: said.get(n, "") for n in ("type", "program", "wanted", "restricted", "prefix", "archive_days")
    } | {"minutes": {level: said.get(f"minutes_{level}", "") for level in DEFAULT_MINUTES}}
    try:
        if said.get("do") == "drop":
            chat_rules.drop(doing, typed["type"])
            return done(request, "/settings/chat", "It follows the rule of all types again.")
        chat_rules.put(
            doing, typed["type"], wanted=typed["wanted"], restricted=typed["restricted"],
            program=typed["program"] or "slack", prefix=typed["prefix"],
            minutes={
                level: number(text, f"minutes_{level}", 1, chat_rules.MOST_MINUTES)
                for level, text in typed["minutes"].items()
            },
            archive_days=number(typed["archive_days"], "archive_days", 0, chat_rules.MOST_DAYS),
        )  # fmt: skip
    except Refused as refused:
        if refused.kind == "forbidden":
            raise
        context = _context(request, typed) | {"refused": refused}
        return render(request, "settings/chat.html", context, status=422)
    return done(request, "/settings/chat", "Kept. It holds for incidents from now on.")


def _typed(kind: str | None) -> dict[str, Any]:
    """The form filled with a rule that stands, or with what is usual."""
    row = models.ChatRule.objects.filter(type=kind).first() if kind is not None else None
    if row is None:
        return {
            "type": "", "program": "slack", "wanted": "public", "restricted": "none", "prefix": "inc",
            "archive_days": 7, "minutes": DEFAULT_MINUTES,
        }  # fmt: skip
    minutes = DEFAULT_MINUTES | {int(level): n for level, n in row.minutes.items()}
    return {
        "type": row.type, "program": row.program, "wanted": row.wanted, "restricted": row.restricted,
        "prefix": row.prefix, "archive_days": row.archive_days, "minutes": minutes,
    }  # fmt: skip


def _context(request: HttpRequest, typed: dict[str, Any]) -> dict[str, Any]:
    types = {t.key: t.title for t in current().types}
    return {
        "tab": "chat",
        "rules": [
            {
                "type": row.type, "title": types.get(row.type, row.type) if row.type else "Every type",
                "wanted": _WANTED[row.wanted], "program": chat_rules.PROGRAMS[row.program],
                "restricted": _WANTED[row.restricted],
                "minutes": ", ".join(f"SEV{k}: {v}" for k, v in sorted(row.minutes.items())),
                "prefix": row.prefix, "archive_days": row.archive_days,
            }
            for row in chat_rules.rows()
        ],
        "types": [("", "Every type"), *types.items()],
        "programs": list(chat_rules.PROGRAMS.items()),
        "choices": [(k, v) for k, v in _WANTED.items()],
        "restricted_choices": [(k, _WANTED[k]) for k in chat_rules.RESTRICTED],
        "typed": typed,
        "may_edit": may(act(request).who, "settings.edit"),
        "signed": _is_signed(),
    }  # fmt: skip


def _is_signed() -> bool:
    """Whether what is said in Slack may come in; also where no rule asks for Slack."""
    in_slack = any(r.program == "slack" for r in chat_rules.rows())
    return bool(known("slack").get("signing_secret")) or not in_slack


ROUTES = [
    route(
        "incidents/<str:incident_id>/channel", open_again, name="incident-channel", permission="incident.act"
    ),
    route(
        "incidents/<str:incident_id>/channel/remove",
        remove,
        name="incident-channel-remove",
        permission="incident.act",
    ),
    route("settings/chat", rules, name="settings-chat", permission="settings.read"),
]
