"""Cases at suppliers in an incident, and the suppliers of a service."""

from __future__ import annotations

from typing import Annotated

from quarterdeck.app.casebook import load
from quarterdeck.app.incidents import vendors as acts
from quarterdeck.core.incidents import business as parts
from quarterdeck.core.incidents.vendors import LONGEST_MINUTES
from quarterdeck.store import models

from .doors import Request
from .fields import Id, IncidentId, Key, Line, LongLine, Moment, Named, Number, Read, Text, Word, Write
from .names import must_be_active
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Vendors", "/incidents/{incident}/vendor-cases")
CONTACTS = Noun("Vendors", "/services/{service}/vendors")
_ACT = "incident.act"
Minutes = Annotated[int, Number(0, LONGEST_MINUTES)]


class VendorCase(Read):
    """`state`: waiting (for the vendor), answered (it is with us), closed. `due_at` is when they promised to answer."""

    id: str
    vendor: str
    service: str
    number: str
    what: str
    contact: str
    owner: Named
    state: str
    opened_at: Moment
    waiting_since: Moment | None
    due_at: Moment | None
    overdue: bool
    note: str
    ended_at: Moment | None


class VendorContact(Read):
    """`answer_minutes` is how fast they promised to answer, 0 for no promise."""

    id: str
    vendor: str
    contact: str
    contract: str
    answer_minutes: int
    note: str


class VendorCaseWrite(Write):
    """`vendor_contact` takes the name, the contact and the clock from the catalogue, where they are left out here."""

    what: Annotated[str, Text(300, least=1)]
    vendor: Annotated[str, Text(200)] = ""
    vendor_contact: Id | None = None
    service: Word = ""
    number: Annotated[str, Text(100)] = ""
    contact: Line = ""
    owner: Id | None = None
    answer_minutes: Minutes | None = None


class CaseNumberWrite(Write):
    number: Annotated[str, Text(100, least=1)]


class VendorAnswerWrite(Write):
    note: Annotated[str, Text(2000, least=1)]


class VendorQuestionWrite(Write):
    """`answer_minutes` 0 takes the clock of before."""

    note: Annotated[str, Text(2000, least=1)]
    answer_minutes: Minutes = 0


class VendorNoteWrite(Write):
    note: Annotated[str, Text(2000)] = ""


class VendorContactWrite(Write):
    vendor: Annotated[str, Text(200, least=1)]
    contact: Line = ""
    contract: Annotated[str, Text(200)] = ""
    answer_minutes: Minutes = 0
    note: LongLine = ""


@NOUN.get("", "incident.read", Page[VendorCase])
def list_vendor_cases(request: Request, incident: IncidentId) -> Page[VendorCase]:
    """Whom we wait for, and since when."""
    found = load(incident, request.act.who).incident.business.vendor_cases.values()
    return whole(_told(request, c) for c in found)


@NOUN.post("", _ACT, VendorCase)
def open_vendor_case(request: Request, incident: IncidentId, body: VendorCaseWrite) -> VendorCase:
    """A supplier was asked; the clock of their promise runs."""
    if body.owner:
        must_be_active(body.owner, "owner")
    case = acts.open_case(
        request.act, incident, body.vendor, body.what, contact_id=body.vendor_contact or "", owner=body.owner or "",
        service=body.service, number=body.number, contact=body.contact, answer_minutes=body.answer_minutes,
    )  # fmt: skip
    return _told(request, next(reversed(case.incident.business.vendor_cases.values())))


@NOUN.put("/{case}/number", _ACT, VendorCase)
def number_vendor_case(request: Request, incident: IncidentId, case: Id, body: CaseNumberWrite) -> VendorCase:
    """The number that the supplier gave the case."""
    found = acts.number_case(request.act, incident, case, body.number)
    return _told(request, found.incident.business.vendor_cases[case])


@NOUN.put("/{case}/answer", _ACT, VendorCase)
def answer_vendor_case(
    request: Request, incident: IncidentId, case: Id, body: VendorAnswerWrite
) -> VendorCase:
    """They answered: it is with us, and their clock stops."""
    found = acts.answered(request.act, incident, case, body.note)
    return _told(request, found.incident.business.vendor_cases[case])


@NOUN.put("/{case}/question", _ACT, VendorCase)
def ask_vendor_again(
    request: Request, incident: IncidentId, case: Id, body: VendorQuestionWrite
) -> VendorCase:
    """It is with them again, with a new clock."""
    found = acts.ask_again(request.act, incident, case, body.note, body.answer_minutes)
    return _told(request, found.incident.business.vendor_cases[case])


@NOUN.put("/{case}/closure", _ACT, VendorCase)
def close_vendor_case(
    request: Request, incident: IncidentId, case: Id, body: VendorNoteWrite | None = None
) -> VendorCase:
    """Nothing more is expected of them."""
    found = acts.close_case(request.act, incident, case, body.note if body else "")
    return _told(request, found.incident.business.vendor_cases[case])


@CONTACTS.get("", "service.read", Page[VendorContact])
def list_vendor_contacts(request: Request, service: Key) -> Page[VendorContact]:
    """The suppliers of a service."""
    return whole(VendorContact.model_validate(row) for row in acts.of_service(service))


@CONTACTS.post("", "service.edit", VendorContact)
def add_vendor_contact(request: Request, service: Key, body: VendorContactWrite) -> models.VendorContact:
    """A supplier of a service, with how fast they promised to answer."""
    return acts.add_contact(request.act, service, **body.model_dump())


@CONTACTS.delete("/{contact}", "service.edit")
def remove_vendor_contact(request: Request, service: Key, contact: Id) -> None:
    """A supplier is none any more; cases of incidents keep what they were opened with."""
    acts.remove_contact(request.act, contact)


def _told(request: Request, c: parts.VendorCase) -> VendorCase:
    return VendorCase(
        id=c.id, vendor=c.vendor, service=c.service, number=c.number, what=c.what, contact=c.contact,
        owner=request.names.of(c.owner), state=c.state, opened_at=c.opened_at, waiting_since=c.waiting_since,
        due_at=c.due_at, overdue=c.overdue, note=c.note, ended_at=c.ended_at,
    )  # fmt: skip
