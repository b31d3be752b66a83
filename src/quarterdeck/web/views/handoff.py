"""Handing a shift over: what the last one was like, notes for the next, and what one wants to be told."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from quarterdeck.app.oncall import handoff, schedules, shift_summary
from quarterdeck.app.oncall.shift_summary import Summary
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.web.acting import act, done, number, posts
from quarterdeck.web.present import oncall
from quarterdeck.web.routes import LOGIN, route


def summary(request: HttpRequest, key: str, draft: dict[str, str] | None = None) -> HttpResponse:
    """The shift that is over, and the one that runs so far."""
    doing, row = act(request), schedules.find(key)
    names = oncall.Names(doing.person)
    before, here = shift_summary.running(row, doing.at)
    found = []
    if here is not None:
        shown = shift_summary.read(row, here.people, here.starts_at, doing.at, doing.at)
        found.append(_shift(shown, [names.someone(p) for p in here.people], names, runs=True))
    if before is not None:
        shown = shift_summary.read(row, before.people, before.starts_at, before.ends_at, doing.at)
        found.append(_shift(shown, [names.someone(p) for p in before.people], names, runs=False))
    context = {
        "tab": "mine",
        "schedule": {"name": row.name, "key": row.key, "url": f"/on-call/schedules/{row.key}"},
        "shifts": found,
        "now": found[0] if found else None,
        "until": here.ends_at if here else None,
        "may_note": handoff.may_note(doing, row),
        "draft": draft,
    }
    return render(request, "oncall/handoff.html", context, status=422 if draft else 200)


def _shift(
    found: Summary, people: list[dict[str, Any]], names: oncall.Names, *, runs: bool
) -> dict[str, Any]:
    return {
        "runs": runs, "people": people, "since": found.since, "until": found.until, "pages": found.pages,
        "wake_ups": found.wake_ups, "repeated": found.repeated, "noisy": found.noisy,
        "alerts": [{"title": a.summary, "href": f"/alerts/{a.id}", "severity": a.severity, "at": a.first_seen_at}
                   for a in found.alerts],
        "more": found.more_alerts,
        "incidents": [{"title": i.title, "id": i.id, "href": f"/incidents/{i.id}"} for i in found.incidents],
        "silences": [{"text": s.comment, "until": s.ends_at} for s in found.silences],
        "notes": [{"text": n.text, "who": names.full(n.author_id), "at": n.at} for n in found.notes],
    }  # fmt: skip


@posts
def note(request: HttpRequest, key: str) -> HttpResponse:
    text = request.POST.get("text", "")
    try:
        handoff.add_note(act(request), key, text)
    except Refused as refused:
        if refused.kind == "missing":
            raise
        return summary(request, key, {"text": text[:4000], "message": refused.message})
    return done(request, f"/on-call/handoff/{key}", "Noted for whoever comes next.", f"note:{key}")


@posts
def wishes(request: HttpRequest) -> HttpResponse:
    doing, post = act(request), request.POST
    handoff.set_wish(
        doing, doing.person, start=post.get("start") == "1", end=post.get("end") == "1",
        digest=post.get("digest") == "1", at_night=post.get("at_night") == "1",
        lead_minutes=number(post.get("lead_minutes"), "lead_minutes", 0, 1440),
    )  # fmt: skip
    return done(request, "/settings/me#shifts", "Saved.")


ROUTES = [
    route("on-call/handoff/<str:key>", summary, name="handoff", permission="alert.read"),
    route("on-call/handoff/<str:key>/notes", note, name="handoff-note", permission="alert.read"),
    route("settings/me/shift-messages", wishes, name="shift-messages", permission=LOGIN),
]
