"""Notices: those to read, one of them with who has understood it, and announcing a change."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quarterdeck.app.act import need
from quarterdeck.app.learning import notices
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.web.acting import act, done, local_time, posts
from quarterdeck.web.present import process as shown
from quarterdeck.web.routes import LOGIN, route


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    doing = act(request)
    return render(request, "prevention/notices.html", shown.listing(doing.who, request.GET.dict(), doing.at))


@require_safe
def detail(request: HttpRequest, notice_id: str) -> HttpResponse:
    doing = act(request)
    context = shown.notice(notices.find(notice_id), doing.who, doing.at)
    return render(request, "prevention/notice.html", context)


def announce(request: HttpRequest) -> HttpResponse:
    """A refusal keeps what was typed."""
    doing, said = act(request), request.POST
    need(doing, "settings.edit")
    context: dict[str, Any] = shown.choices()
    if request.method != "POST":
        return render(request, "prevention/notice_new.html", context)
    typed = {k: said.get(k, "") for k in ("title", "note", "url", "effective_at", "on_call", "everybody")}
    typed |= {"teams": said.getlist("teams"), "roles": said.getlist("roles")}
    audience = notices.Audience(
        said.getlist("teams"), said.getlist("roles"), bool(typed["on_call"]), bool(typed["everybody"])
    )
    try:
        made = notices.announce(
            doing, typed["title"], typed["note"], audience, url=typed["url"],
            effective_at=local_time(typed["effective_at"], "effective_at"),
        )  # fmt: skip
    except Refused as refused:
        if refused.kind in ("missing", "forbidden"):
            raise
        return render(
            request, "prevention/notice_new.html", context | {"typed": typed, "refused": refused}, status=422
        )
    return done(request, f"/notices/{made.id}", "They are told.", "notice:new")


@posts
def understood(request: HttpRequest, notice_id: str) -> HttpResponse:
    notices.understood(act(request), notice_id)
    return done(request, f"/notices/{notice_id}", "Kept: you have understood it.")


@posts
def withdraw(request: HttpRequest, notice_id: str) -> HttpResponse:
    notices.withdraw(act(request), notice_id)
    return done(request, "/notices?show=all", "It asks nobody any more.")


_READ = "report.write"  # everybody but guests
ROUTES = [
    route("notices", index, name="notices", permission=_READ),
    route("notices/new", announce, name="notice-new", permission="settings.edit"),
    route("notices/<str:notice_id>", detail, name="notice", permission=_READ),
    route("notices/<str:notice_id>/understood", understood, name="notice-understood", permission=LOGIN),
    route("notices/<str:notice_id>/withdrawal", withdraw, name="notice-withdrawal", permission=_READ),
]
