"""The record of an incident: its files, follow-ups, signed export, and how the incident looked at any instant."""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta

from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from quarterdeck.app import casebook
from quarterdeck.app.exports import signing
from quarterdeck.app.exports.write import export as write_record
from quarterdeck.app.incidents import attachments, readings, replay
from quarterdeck.core.access import may
from quarterdeck.core.kernel.moments import parse
from quarterdeck.core.kernel.refused import bad, missing
from quarterdeck.web.acting import act, done, local_time, now, number, posts
from quarterdeck.web.middleware import is_fragment
from quarterdeck.web.present import incident as header
from quarterdeck.web.present import keeping as shown_keeping
from quarterdeck.web.present import replay as shown
from quarterdeck.web.routes import PUBLIC, route

# A file is never run, drawn or framed by a browser as if it were a page of ours.
_HARMLESS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}


@require_safe
def record(request: HttpRequest, incident_id: str) -> HttpResponse:
    """Files, follow-ups and the export, on one page."""
    case, at, who = casebook.load(incident_id, act(request).who), now(), act(request).who
    context = header.base(case, who, at, "record") | {
        "files": shown_keeping.files(case, who, at),
        "keeping": shown_keeping.keeping(case, who, at),
        "followups": shown.followups(case, at),
        "limit_mib": attachments.limit_bytes() >> 20,
        "may_name": may(who, "audit.read") or header.rights(case, who)["change"],
        "key": signing.public_keys()[0],
    }
    return render(request, "incidents/record.html", context)


@require_safe
def at_instant(request: HttpRequest, incident_id: str) -> HttpResponse:
    """`t` is a time, `s` the seconds since the first event; without either the page shows how it ended."""
    who = act(request).who
    found = replay.at(incident_id, who, _instant(request))
    if request.GET.get("s") and not request.GET.get("t"):
        seconds = number(request.GET["s"], "s", 0, 10**9)
        found = replay.at(incident_id, who, found.first + timedelta(seconds=seconds))
    context = {
        "replay": shown.replayed(found, f"/incidents/{incident_id}"),
        "url": f"/incidents/{incident_id}",
    }
    if is_fragment(request):
        return render(request, "incidents/replay_state.html", context)
    case = casebook.load(incident_id, who)
    return render(request, "incidents/replay.html", header.base(case, who, now(), "record") | context)


def _instant(request: HttpRequest) -> datetime | None:
    given = request.GET.get("t", "").strip()
    try:
        return (
            parse(given.replace(" ", "+")) if given.endswith("Z") or "+" in given else local_time(given, "t")
        )
    except ValueError:
        message = "Give a time such as 2026-11-22T15:30:00Z."
        raise bad("t.time", message, t=message) from None


@posts
def export(request: HttpRequest, incident_id: str) -> HttpResponseBase:
    out = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    try:
        made = write_record(act(request), incident_id, out, named=request.POST.get("names") == "1")
    except BaseException:
        out.close()
        raise
    out.seek(0)
    answer = FileResponse(out, as_attachment=True, filename=made.name, content_type="application/zip")
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@posts
def attach(request: HttpRequest, incident_id: str) -> HttpResponse:
    given = request.FILES.get("file")
    if not isinstance(given, UploadedFile):
        raise bad("file.missing", "Choose a file first.", file="Choose a file first.")
    if (given.size or 0) > attachments.limit_bytes():
        raise attachments.too_large(given.size or 0)
    attachments.attach(
        act(request), incident_id, given.name or "file", given.read(), text=request.POST.get("text", "")
    )
    return done(request, f"/incidents/{incident_id}/record#files", "Attached.", f"file:{incident_id}")


@require_safe
def download(request: HttpRequest, incident_id: str, file_id: str) -> HttpResponseBase:
    """The file as it was attached, to be saved: no browser shows it by itself."""
    found = attachments.find(incident_id, file_id, act(request).who)
    readings.noted(act(request), incident_id, readings.FILE)
    kind = found.file.media_type
    answer = HttpResponse(
        found.content, content_type=f"{kind}; charset=utf-8" if kind == "text/plain" else kind
    )
    return _saved(answer, found.file.name)


@require_safe
def image(request: HttpRequest, incident_id: str, file_id: str) -> HttpResponseBase:
    """A picture for a page of ours, looked at again before it is shown."""
    found = attachments.find(incident_id, file_id, act(request).who)
    if not found.shown:
        raise missing("file.no_picture", "This file is not shown here. Download it.")
    answer = HttpResponse(found.content, content_type=found.file.media_type)
    answer["Content-Disposition"] = "inline"
    for name, value in _HARMLESS.items():
        answer[name] = value
    return answer


def _saved(answer: HttpResponse, name: str) -> HttpResponse:
    from django.utils.http import content_disposition_header

    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    for header_name, value in _HARMLESS.items():
        answer[header_name] = value
    return answer


@require_safe
def public_keys(request: HttpRequest) -> HttpResponse:
    """The public halves of the keys that sign records: whoever has a record compares its key with these."""
    keys = [{"id": k.id, "algorithm": "Ed25519", "public_key": k.key, "present": k.present}
            for k in signing.public_keys()]  # fmt: skip
    answer = JsonResponse({"keys": keys})
    answer["Cache-Control"] = "public, max-age=300"
    return answer


_READ, _AT = "incident.read", "incidents/<str:incident_id>/"
ROUTES = [
    route(f"{_AT}record", record, name="incident-record", permission=_READ),
    route(f"{_AT}record/export", export, name="incident-export", permission=_READ),
    route(f"{_AT}at", at_instant, name="incident-at", permission=_READ),
    route(f"{_AT}files", attach, name="incident-files", permission="incident.act"),
    route(f"{_AT}files/<str:file_id>", download, name="incident-file", permission=_READ),
    route(f"{_AT}files/<str:file_id>/image", image, name="incident-image", permission=_READ),
    route(".well-known/quarterdeck-keys.json", public_keys, name="record-keys", permission=PUBLIC),
]
