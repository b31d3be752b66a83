"""The record of an incident as a whole: its files, its signed export, and how the incident looked at an instant."""

from __future__ import annotations

import tempfile
from typing import Annotated, Any

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from ninja import File as FileIn
from ninja import Form, Query
from ninja.files import UploadedFile

from quarterdeck.app.casebook import load, titles
from quarterdeck.app.exports.write import export
from quarterdeck.app.incidents import attachments, readings, replay
from quarterdeck.core.incidents.filetypes import EXTENSIONS
from quarterdeck.core.incidents.parts import Attachment
from quarterdeck.store.ids import new_id

from .doors import Request
from .fields import Asked, Id, IncidentId, Moment, Named, Read, Text, When, Write, Yes
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Record", "/incidents/{incident}")
_FILE = {"schema": {"type": "string", "format": "binary"}}
# Of a file the type that its content showed; `filetypes` knows no others.
_BINARY = {"content": {kind: _FILE for kind in sorted(EXTENSIONS)}}
_RECORD = {"content": {"application/zip": _FILE}}


class File(Read):
    """A file of the record. Its content never changes: `sha256` stands in the log. One that was taken back has none."""

    id: str
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    text: str
    attached_by: Named
    attached_at: Moment
    taken_back_at: Moment | None
    taken_back_reason: str


class ExportWrite(Write):
    """`names`: people by their names instead of the roles they held; for the commander and administrators."""

    names: Yes = False


class InstantAsked(Asked):
    """Without `t` the incident as it is known now."""

    t: When | None = None


class RoleThen(Read):
    role: str
    title: str
    person: Named
    since: Moment


class TaskThen(Read):
    id: str
    title: str
    assignee: Named
    state: str


class IncidentThen(Read):
    """The incident as it was known at `at`: the fold of its first `events` events."""

    at: Moment
    events: int
    title: str
    severity: int
    severity_confirmed: bool
    phase: str
    phase_since: Moment | None
    summary: str
    what_we_know: str
    workaround: str
    customer_effect: str
    cause: str
    next_step: str
    customers_affected: str
    dimensions: dict[str, str]
    roles: list[RoleThen]
    tasks: list[TaskThen]


@NOUN.get("/files", "incident.read", Page[File])
def list_files(request: Request, incident: IncidentId) -> Page[File]:
    """Every file of the record."""
    case = load(incident, request.act.who)
    return whole(_file(request, a) for a in case.incident.attachments.values())


@NOUN.post("/files", "incident.act", File)
def attach_file(
    request: Request,
    incident: IncidentId,
    file: UploadedFile = FileIn(...),  # type: ignore[type-arg] # noqa: B008
    text: Annotated[str, Text(2000)] = Form(""),
) -> File:
    """Attach a file, as the field `file` of a multipart form."""
    if (file.size or 0) > attachments.limit_bytes():
        raise attachments.too_large(file.size or 0)
    entry_id = new_id()
    case = attachments.attach(
        request.act, incident, file.name or "file", file.read(), text=text, entry_id=entry_id
    )
    held = case.incident.attachments
    # The same file under the same name is in the record once.
    return _file(request, held.get(entry_id) or next(reversed(held.values())))


@NOUN.get(
    "/files/{file}/content",
    "incident.read",
    None,
    more={200: Any},
    openapi_extra={"responses": {200: _BINARY}},
)
def get_file(request: Request, incident: IncidentId, file: Id) -> HttpResponse:
    """The content of a file, to be saved."""
    found = attachments.find(incident, file, request.act.who)
    readings.noted(request.act, incident, readings.FILE)
    answer = HttpResponse(found.content, content_type=found.file.media_type)
    answer["Content-Disposition"] = content_disposition_header(True, found.file.name) or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


@NOUN.post(
    "/exports",
    "incident.read",
    None,
    status=200,
    more={200: Any},
    openapi_extra={"responses": {200: _RECORD}},
)
def export_record(request: Request, incident: IncidentId, body: ExportWrite) -> HttpResponseBase:
    """The signed record as one file; `quarterdeck verify` proves it anywhere."""
    out = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    try:
        made = export(request.act, incident, out, named=body.names)
    except BaseException:
        out.close()
        raise
    out.seek(0)
    return FileResponse(out, as_attachment=True, filename=made.name, content_type="application/zip")


@NOUN.get("/at", "incident.read", IncidentThen)
def get_incident_at(request: Request, incident: IncidentId, asked: Query[InstantAsked]) -> IncidentThen:
    """The incident as it looked at an instant."""
    found = replay.at(incident, request.act.who, asked.t)
    then, title = found.case.incident, titles(found.case.template)
    held = then.open_assignments()
    names = request.names.load([a.person for a in held] + [t.assignee for t in then.tasks.values()])
    plain = [
        n for n in IncidentThen.model_fields
        if n not in ("at", "events", "severity_confirmed", "roles", "tasks", "dimensions")
    ]  # fmt: skip
    return IncidentThen(
        **{n: getattr(then, n) for n in plain},
        at=found.at,
        events=found.events,
        severity_confirmed=not then.severity_unknown,
        dimensions=dict(then.dimensions),
        roles=[
            RoleThen(role=a.role, title=title(a.role), person=names.of(a.person), since=a.started_at)
            for a in held
        ],
        tasks=[
            TaskThen(id=t.id, title=t.title, assignee=names.of(t.assignee), state=t.state)
            for t in then.tasks.values()
        ],
    )


def _file(request: Request, a: Attachment) -> File:
    plain = {n: getattr(a, n) for n in File.model_fields if n != "attached_by"}
    return File(**plain, attached_by=request.names.of(a.attached_by))
