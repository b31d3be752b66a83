"""Lists of contacts on their way into an audience: uploaded, looked at, taken; and why a row was not."""

from __future__ import annotations

from typing import Annotated

from ninja import File as FileIn
from ninja import Form, Query
from ninja.files import UploadedFile

from quarterdeck.app.comms import contact_imports as acts
from quarterdeck.app.incidents import attachments
from quarterdeck.core.kernel.refused import bad
from quarterdeck.store import models

from .doors import Request
from .fields import Id, Moment, Read, Text, Word
from .operations import Noun
from .pages import Page, PageAsked, page

NOUN = Noun("Audiences", "/audience-imports")


class ContactImport(Read):
    """`state`: reading, preview, running, done, dropped. `withheld` had unsubscribed and stay so; `reasons` counts the
    refused rows by why.
    """

    id: str
    audience: str
    name: str
    source: str
    segment: str
    state: str
    total: int
    done: int
    added: int
    changed: int
    same: int
    withheld: int
    refused: int
    reasons: dict[str, int]
    created_at: Moment
    ended_at: Moment | None


class ContactImportFault(Read):
    row: int
    code: str
    text: str
    value: str


class ImportsAsked(PageAsked):
    audience: Word = ""


@NOUN.get("", "status.edit", Page[ContactImport])
def list_contact_imports(request: Request, asked: Query[ImportsAsked]) -> Page[ContactImport]:
    """The newest first."""
    rows = models.ContactImport.objects.all()
    if asked.audience:
        rows = rows.filter(audience=asked.audience)
    return page(asked, rows, ("-id",), lambda found: [ContactImport.model_validate(r) for r in found])


@NOUN.post("", "status.edit", ContactImport)
def upload_contacts(
    request: Request,
    file: UploadedFile = FileIn(...),  # type: ignore[type-arg] # noqa: B008
    audience: Annotated[str, Text(60, least=1)] = Form(...),
    source: Annotated[str, Text(120, least=1)] = Form(...),
    segment: Annotated[str, Text(60)] = Form(""),
    consent_at: Annotated[str, Text(40)] = Form(""),
) -> ContactImport:
    """Read a CSV file, as the field `file` of a multipart form. Nothing changes until it is started."""
    if (file.size or 0) > attachments.limit_bytes():
        raise attachments.too_large(file.size or 0)
    agreed_at = acts.moment(consent_at) if consent_at else None
    if consent_at and agreed_at is None:
        text = "This is no date. Write one such as 2026-03-31."
        raise bad("import.consent_at", text, consent_at=text)
    row = acts.begin(
        request.act, audience, file.name or "", file, source=source, segment=segment, consent_at=agreed_at
    )
    return ContactImport.model_validate(row)


@NOUN.get("/{contact_import}", "status.edit", ContactImport)
def get_contact_import(request: Request, contact_import: Id) -> ContactImport:
    """How far it is."""
    return ContactImport.model_validate(acts.find(contact_import))


@NOUN.get("/{contact_import}/faults", "status.edit", Page[ContactImportFault])
def list_contact_import_faults(
    request: Request, contact_import: Id, asked: Query[PageAsked]
) -> Page[ContactImportFault]:
    """Rows that were not taken, and why."""
    acts.find(contact_import)
    rows = models.ContactImportFault.objects.filter(import_id=contact_import)
    return page(asked, rows, ("id",), lambda found: [ContactImportFault.model_validate(r) for r in found])


@NOUN.put("/{contact_import}/start", "status.edit", ContactImport)
def start_contact_import(request: Request, contact_import: Id) -> ContactImport:
    """Take it. The engine does, and goes on after a restart."""
    return ContactImport.model_validate(acts.start(request.act, contact_import))


@NOUN.delete("/{contact_import}", "status.edit")
def drop_contact_import(request: Request, contact_import: Id) -> None:
    """Stop or forget it. What was taken stays taken."""
    acts.drop(request.act, contact_import)
