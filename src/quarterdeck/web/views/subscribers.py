"""Subscribers of a status page for who keeps it: found, added, ended, out and in as lists, and their messages."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quarterdeck.app.comms import contact_imports
from quarterdeck.app.incidents import attachments
from quarterdeck.app.status import audience_pages, status_pages
from quarterdeck.app.subscribers import subscribe_addresses, subscriber_figures, subscriber_lists, subscribers
from quarterdeck.core.comms.contact_rows import neutral
from quarterdeck.core.comms.subscribing import KINDS, STATES, Wishes
from quarterdeck.core.kernel.refused import bad
from quarterdeck.store import models
from quarterdeck.web.acting import act, done, local_time, posts
from quarterdeck.web.present import page_editor
from quarterdeck.web.routes import route

from . import page_invitations

MOST = 200
KIND_NAMES = {
    "email": "E-mail", "sms": "Text message", "webhook": "Webhook", "slack": "Slack", "teams": "Microsoft Teams",
    "push": "Browser",
}  # fmt: skip
_STATE = {
    "pending": ("amber", "clock", "not confirmed yet"), "active": ("green", "checkc", "active"),
    "quarantined": ("red", "triangle", "kept back"), "ended": ("", "x", "ended"),
}  # fmt: skip
_EVENTS = {
    "opened": "Opened", "updated": "Update", "resolved": "Resolved", "corrected": "Correction", "summary": "Summary",
    "planned": "Planned", "reminded": "Reminder", "started": "Started", "extended": "Extended",
    "finished": "Finished", "cancelled": "Cancelled",
}  # fmt: skip
_ENDED = {
    "link": "by the link in a message", "message": "by the link in a message to an audience",
    "themselves": "on their own page", "browser": "in their browser", "manager": "by hand",
    "gone": "the other side said that it is gone", "invitation": "with their invitation",
}  # fmt: skip


@require_safe
def listing(request: HttpRequest, key: str) -> HttpResponse:
    page, get = status_pages.find_page(key), request.GET
    asked, after = get.get("q", "")[:120].strip(), get.get("after", "")[:40]
    state = get.get("show", "") if get.get("show") in STATES else ""
    kind = get.get("kind", "") if get.get("kind") in KINDS else ""
    rows = subscribers.of(page, words=asked, state=state, kind=kind).defer("target").order_by("-id")
    found = list((rows.filter(id__lt=after) if after else rows)[: MOST + 1])
    counts = subscribers.counts(page)
    url = f"/status-pages/{page.key}/subscribers"
    context = page_editor.head(page, "subscribers") | {
        "url": url, "page_public": page.public, "asked": asked, "show": state, "kind": kind,
        "rows": [_row(r, url) for r in found[:MOST]],
        "next": found[MOST - 1].id if len(found) > MOST else None,
        "figures": _figures(counts), "views": _views(counts, url, state, kind),
        "kinds": [(k, KIND_NAMES[k]) for k in KINDS if sum(counts[k].values())],
        "ways": [(k, KIND_NAMES[k]) for k in subscribe_addresses.kinds() if k != "push"],
        "no_mail": "email" not in subscribe_addresses.kinds(),
        "posts": [_post(p) for p in subscriber_figures.posts(page)],
        "imports": models.ContactImport.objects.filter(audience=subscriber_lists.PAGE + page.id).order_by(
            "-created_at"
        )[:5],
        "total": sum(sum(states.values()) for states in counts.values()),
        "page_url": f"/status-pages/{page.key}",
    }  # fmt: skip
    return render(request, "status/subscribers.html", context | page_invitations.shown(page, asked))


def _views(counts: dict[str, dict[str, int]], url: str, state: str, kind: str) -> list[dict[str, Any]]:
    of_kind = f"&kind={kind}" if kind else ""
    totals = {s: sum(c[s] for k, c in counts.items() if not kind or k == kind) for s in STATES}
    everything = [
        ("", "All", sum(totals.values())),
        *((s, _STATE[s][2].capitalize(), totals[s]) for s in STATES),
    ]
    return [
        {"href": f"{url}?show={key}{of_kind}", "label": text, "count": n, "current": key == state}
        for key, text, n in everything
    ]  # fmt: skip


def _figures(counts: dict[str, dict[str, int]]) -> list[dict[str, Any]]:
    """One for each kind somebody has."""
    found = []
    for kind, states in counts.items():
        if sum(states.values()):
            notes = [f"{states[s]} {_STATE[s][2]}" for s in ("pending", "quarantined", "ended") if states[s]]
            found.append({"label": KIND_NAMES[kind], "value": states["active"], "note": ", ".join(notes)})
    return found


def _row(r: models.Subscriber, url: str) -> dict[str, Any]:
    tone, icon, text = _STATE[r.state]
    return {
        "id": r.id, "href": f"{url}/{r.id}", "shown": r.shown, "kind": KIND_NAMES[r.kind], "tone": tone, "icon": icon,
        "text": text, "reason": r.reason, "parts": len(r.components), "groups": r.groups, "daily": r.digest == "daily",
        "language": r.language, "at": r.confirmed_at or r.asked_at,
    }  # fmt: skip


def _post(p: subscriber_figures.Told) -> dict[str, Any]:
    n = p.by_state
    return {
        "title": p.title, "event": _EVENTS.get(p.event, p.event), "at": p.at, "going": p.state == "running",
        "told": p.told, "held": p.held, "skipped": p.skipped,
        "sent": n.get("handed", 0) + n.get("delivered", 0), "waiting": n.get("queued", 0) + n.get("sending", 0),
        "failed": n.get("failed", 0) + n.get("bounced", 0) + n.get("complained", 0),
    }  # fmt: skip


@require_safe
def one(request: HttpRequest, key: str, subscriber_id: str) -> HttpResponse:
    """The trail of their consent, what they chose, and their last messages."""
    page = status_pages.find_page(key)
    row = subscribers.find(page, subscriber_id)
    names = audience_pages.names(page)
    by = models.Person.objects.filter(id=row.by).values_list("name", flat=True).first() if row.by else ""
    url = f"/status-pages/{page.key}/subscribers"
    context = page_editor.head(page, "subscribers") | {
        "url": f"{url}/{row.id}", "list": url, "row": row, "by": by, "one": _row(row, url),
        "parts": [names[c] for c in row.components if c in names],
        "ended_how": _ENDED.get(row.ended_via, row.ended_via), "last": subscriber_figures.last_of(row),
        "open": row.state != "ended",
    }  # fmt: skip
    return render(request, "status/subscriber.html", context)


@posts
def add(request: HttpRequest, key: str) -> HttpResponse:
    post = request.POST
    row = subscribers.add(
        act(request),
        key,
        post.get("kind", "email"),
        post.get("address", ""),
        post.get("source", ""),
        Wishes(),
    )
    return done(
        request, f"/status-pages/{key}/subscribers", f"{row.shown} is subscribed.", f"subscriber:{key}"
    )


@posts
def end(request: HttpRequest, key: str, subscriber_id: str) -> HttpResponse:
    row = subscribers.end(act(request), key, subscriber_id)
    return done(request, f"/status-pages/{key}/subscribers/{row.id}", "Ended. Nothing more is sent.")


@posts
def resume(request: HttpRequest, key: str, subscriber_id: str) -> HttpResponse:
    row = subscribers.resume(act(request), key, subscriber_id)
    said = "It is tried again." if row.state == "active" else "Nothing is sent: look at the reason."
    return done(request, f"/status-pages/{key}/subscribers/{row.id}", said)


@posts
def upload(request: HttpRequest, key: str) -> HttpResponse:
    page, given = status_pages.find_page(key), request.FILES.get("file")
    if not isinstance(given, UploadedFile):
        raise bad("import.file", "Choose a CSV file first.", file="missing")
    if (given.size or 0) > attachments.limit_bytes():
        raise attachments.too_large(given.size or 0)
    row = contact_imports.begin(
        act(request), subscriber_lists.PAGE + page.id, given.name or "", given,
        source=request.POST.get("source", ""), consent_at=local_time(request.POST.get("consent_at", ""), "consent_at"),
    )  # fmt: skip
    return done(
        request, f"/catalog/audiences/imports/{row.id}", "Read. Look at it, then take it.", "subscriber-list"
    )


class _Line:
    """What `csv` writes to: hands each line back."""

    def write(self, line: str) -> str:
        return line


@require_safe
def export(request: HttpRequest, key: str) -> StreamingHttpResponse:
    """Every subscriber with the trail of consent; no cell of it is a formula."""
    page = status_pages.find_page(key)
    subscriber_lists.exported(act(request), page)
    writer = csv.writer(_Line())

    def lines() -> Iterator[str]:
        yield writer.writerow(subscriber_lists.COLUMNS)
        for cells in subscriber_lists.rows(page):
            yield writer.writerow([neutral(c) for c in cells])

    answer = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="subscribers-{page.key}.csv"'
    return answer


@require_safe
def example(request: HttpRequest, key: str) -> HttpResponse:
    """A file that could be brought for this page, with its components and groups."""
    page = status_pages.find_page(key)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="subscribers-{page.key}-example.csv"'
    csv.writer(answer).writerows([neutral(c) for c in cells] for cells in subscriber_lists.example(page))
    return answer


_EDIT = "status.edit"
_ALL = "status-pages/<str:key>/subscribers"
ROUTES = [
    route(_ALL, listing, name="subscribers", permission=_EDIT),
    route(f"{_ALL}.csv", export, name="subscribers-csv", permission=_EDIT),
    route(f"{_ALL}-example.csv", example, name="subscribers-example", permission=_EDIT),
    route(f"{_ALL}/new", add, name="subscriber-new", permission=_EDIT),
    route(f"{_ALL}/imports", upload, name="subscribers-import", permission=_EDIT),
    route(f"{_ALL}/<str:subscriber_id>", one, name="subscriber", permission=_EDIT),
    route(f"{_ALL}/<str:subscriber_id>/removal", end, name="subscriber-end", permission=_EDIT),
    route(f"{_ALL}/<str:subscriber_id>/resumption", resume, name="subscriber-resume", permission=_EDIT),
]
