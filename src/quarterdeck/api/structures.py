"""Structures, message texts and the glossary as files: reading, checking, saving; another structure for an incident."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from ninja import Query
from pydantic import Field

from quarterdeck.app.casebook import load
from quarterdeck.app.catalog import planned_files, structures
from quarterdeck.app.incidents import restructuring
from quarterdeck.catalog import FACTS
from quarterdeck.catalog import Finding as CoreFinding

from .doors import Request
from .fields import Asked, IncidentId, Line, Read, Text, When, Word, Write
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Structures", "/structures")
INCIDENT = Noun("Structures", "/incidents/{incident}/structure")

Path = Annotated[str, Text(200, least=1, pattern=r"^[a-z0-9_./-]+$")]
Content = Annotated[str, Text(structures.MOST_LETTERS)]


class CatalogueFile(Read):
    """A file of the catalogue. `source`: saved (in the browser or here), own (a folder), shipped, "" (not there yet).
    `base` names its text: send it along with a change.
    """

    path: str
    kind: str
    source: str
    base: str


class CatalogueText(CatalogueFile):
    text: str


class CatalogueVersion(Read):
    """One saved state of a file. `withdrawn`: from then on the file on the disk, or the shipped one, was in force."""

    version: int
    text: str
    withdrawn: bool
    note: str
    saved_by: str
    saved_at: datetime


class MessageField(Read):
    name: str
    meaning: str


class CatalogueFinding(Read):
    """`severity` is fault or warning; `line` 0 when it is about the whole file. `blocks`: nothing is saved with it."""

    severity: str
    where: str
    line: int
    text: str
    suggestion: str
    blocks: bool


class FileWrite(Write):
    path: Path
    text: Content
    base: Annotated[str, Text(64)] = ""


class FilesCheck(Write):
    files: Annotated[list[FileWrite], Field(min_length=1, max_length=structures.MOST_FILES)]


class FilesWrite(FilesCheck):
    """`effective_at`: they are announced now and put in force then."""

    note: Line
    effective_at: When | None = None


class FileAsked(Asked):
    path: Path


class Saved(Read):
    """The paths that changed. `notice`: they will be in force when it takes effect."""

    changed: list[str]
    notice: str = ""


class StructureAsked(Asked):
    to: Word


class StructureWrite(Write):
    to: Word
    reason: Line


class Moved(Read):
    """One assignment: the role it has, the role it would go on as, and under which role."""

    assignment: str
    role: str
    to: str
    reports_to: str


class Difference(Read):
    """`kind` is added, removed or changed."""

    kind: str
    part: str
    text: str


class StructurePreview(Read):
    """What taking a structure would mean. `same`: nothing; `later`: it is a later version of the incident's own."""

    template: str
    version: int
    same: bool
    later: bool
    moves: list[Moved]
    stay: list[str]
    differences: list[Difference]


class Structure(Read):
    template: str
    version: int
    title: str


@NOUN.get("", "settings.read", Page[CatalogueFile])
def list_catalogue_files(request: Request) -> Page[CatalogueFile]:
    """Every file of types, severities, templates, role cards, mappings, message texts, and the glossary."""
    return whole(CatalogueFile.model_validate(f) for f in structures.files(request.act))


@NOUN.get("/file", "settings.read", CatalogueText)
def get_catalogue_file(request: Request, asked: Query[FileAsked]) -> CatalogueText:
    """One file as it is in force."""
    return CatalogueText.model_validate(structures.file(request.act, asked.path))


@NOUN.get("/history", "settings.read", Page[CatalogueVersion])
def list_catalogue_versions(request: Request, asked: Query[FileAsked]) -> Page[CatalogueVersion]:
    """What was saved of one file, the newest first."""
    structures.file(request.act, asked.path)
    return whole(
        CatalogueVersion.model_validate(row) for row in structures.history(asked.path, request.act.who)
    )


@NOUN.get("/fields", "settings.read", Page[MessageField])
def list_message_fields(request: Request) -> Page[MessageField]:
    """What an incident can put into a message text as `{{ name }}`. Any other field is a slot of the text itself."""
    return whole(MessageField(name=name, meaning=meaning) for name, meaning in sorted(FACTS.items()))


@NOUN.post("/check", "settings.read", Page[CatalogueFinding])
def check_catalogue_files(request: Request, body: FilesCheck) -> Page[CatalogueFinding]:
    """What would be wrong with these files in force. Nothing is saved."""
    found = structures.check({f.path: f.text for f in body.files})
    return whole(_finding(f, f in found.blocking) for f in found.findings)


@NOUN.put("/files", "settings.edit", Saved)
def save_catalogue_files(request: Request, body: FilesWrite) -> Saved:
    """Put files in force, all or none. Running incidents keep the structure they have."""
    texts = {f.path: f.text for f in body.files}
    bases = {f.path: f.base for f in body.files if f.base}
    if body.effective_at is not None:
        made = planned_files.plan(request.act, texts, body.note, bases, body.effective_at)
        return Saved(changed=[], notice=made.id)
    return Saved(changed=structures.put_in_force(request.act, texts, body.note, bases))


@INCIDENT.get("", "incident.read", StructurePreview)
def preview_structure(
    request: Request, incident: IncidentId, asked: Query[StructureAsked]
) -> StructurePreview:
    """What it would mean for an incident to take a structure, or the later version of its own."""
    found = restructuring.preview(load(incident, request.act.who), asked.to)
    return StructurePreview(
        template=found.new.key,
        version=found.new.version,
        same=found.same,
        later=found.later,
        moves=[
            Moved(assignment=m.assignment_id, role=m.role, to=m.to, reports_to=m.reports_to)
            for m in found.change.moves
        ],
        stay=list(found.change.stay),
        differences=[Difference.model_validate(d) for d in found.differences],
    )


@INCIDENT.put("", "incident.act", Structure)
def change_structure(request: Request, incident: IncidentId, body: StructureWrite) -> Structure:
    """Take a structure: roles go on as the mapping says, everybody keeps what they hold, nothing is taken away."""
    case = restructuring.change(request.act, incident, body.to, body.reason)
    return Structure(template=case.template.key, version=case.template.version, title=case.template.title)


def _finding(f: CoreFinding, blocks: bool) -> CatalogueFinding:
    return CatalogueFinding(
        severity=f.severity, where=f.where, line=f.line, text=f.text, suggestion=f.suggestion, blocks=blocks
    )
