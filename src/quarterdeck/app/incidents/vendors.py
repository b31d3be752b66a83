"""Cases at suppliers in an incident, and whom a service's suppliers are: the catalogue's part, audited."""

from __future__ import annotations

from typing import Any

from quarterdeck.core.incidents import vendors
from quarterdeck.core.incidents.vendors import LONGEST_MINUTES
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act, need
from ..casebook import Case
from ..paging.directory import must_be_active
from . import services

MOST_OF_A_SERVICE = 20


def open_case(
    act: Act,
    incident_id: str,
    vendor: str,
    what: str,
    *,
    contact_id: str = "",
    owner: str = "",
    service: str = "",
    number: str = "",
    contact: str = "",
    answer_minutes: int | None = None,
) -> Case:
    """Ask a supplier and wait. `contact_id` takes vendor, contact and clock from the catalogue, where left out here."""
    if owner:
        must_be_active(owner, "owner")
    known = _contact(contact_id) if contact_id else None
    if known is not None:
        vendor, contact = vendor or known.vendor, contact or known.contact
        service = service or known.service.key
        answer_minutes = known.answer_minutes if answer_minutes is None else answer_minutes
    return casebook.change(
        act,
        incident_id,
        lambda i, t: vendors.open_case(
            i, act.who, case_id=new_id(), vendor=line(vendor, 201), what=line(what, 301), owner=owner, service=service,
            number=line(number, 101), contact=line(contact, 301), answer_minutes=answer_minutes or 0, now=act.at,
        ),
    )  # fmt: skip


def number_case(act: Act, incident_id: str, case_id: str, number: str) -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: vendors.number_case(i, act.who, case_id=case_id, number=line(number, 101)),
    )


def answered(act: Act, incident_id: str, case_id: str, note: str) -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: vendors.vendor_answered(i, act.who, case_id=case_id, note=clean(note, 2001)),
    )


def ask_again(act: Act, incident_id: str, case_id: str, note: str, answer_minutes: int = 0) -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: vendors.ask_again(
            i, act.who, case_id=case_id, note=clean(note, 2001), answer_minutes=answer_minutes, now=act.at
        ),
    )


def close_case(act: Act, incident_id: str, case_id: str, note: str = "") -> Case:
    return casebook.change(
        act, incident_id, lambda i, t: vendors.close_case(i, act.who, case_id=case_id, note=clean(note, 2001))
    )


def of_service(key: str) -> list[models.VendorContact]:
    return list(services.find(key).vendors.select_related("service"))


def of_services(keys: tuple[str, ...]) -> list[models.VendorContact]:
    return list(models.VendorContact.objects.select_related("service").filter(service__key__in=keys))


def add_contact(
    act: Act, service_key: str, vendor: str, *, contact: str = "", contract: str = "", answer_minutes: int = 0,
    note: str = "",
) -> models.VendorContact:  # fmt: skip
    """A supplier of a service: whom to call, under which contract, and how fast they promised to answer."""
    need(act, "service.edit")
    name = line(vendor, 200)
    if not name:
        raise bad("vendor.missing", "Give the name of the supplier.", vendor="missing")
    if not 0 <= answer_minutes <= LONGEST_MINUTES:
        message = f"Give 0 for no promise, or 1 to {LONGEST_MINUTES} minutes."
        raise bad("answer_minutes.number", message, answer_minutes=message)
    with tx.write("web", "engine"):
        service = services.find(service_key, lock=True)
        if service.vendors.count() >= MOST_OF_A_SERVICE:
            raise Refused(
                "vendor.many", f"{service.name} has {MOST_OF_A_SERVICE} suppliers. Remove one first."
            )
        row = models.VendorContact.objects.create(
            id=new_id(), service=service, vendor=name, contact=line(contact, 300), contract=line(contract, 200),
            answer_minutes=answer_minutes, note=line(note, 500),
        )  # fmt: skip
        log.audit("VendorContactAdded", _told(row), at=act.at, actor=act.person)
    return row


def remove_contact(act: Act, contact_id: str) -> str:
    """The name of the supplier that is none any more. Cases of incidents keep what they were opened with."""
    need(act, "service.edit")
    with tx.write("web", "engine"):
        row = _contact(contact_id)
        log.audit("VendorContactRemoved", _told(row), at=act.at, actor=act.person)
        row.delete()
    return row.vendor


def _contact(contact_id: str) -> models.VendorContact:
    found = models.VendorContact.objects.select_related("service").filter(id=contact_id).first()
    if found is None:
        raise missing("vendor.unknown", "There is no such supplier in the catalogue. Reload the page.")
    return found


def _told(row: models.VendorContact) -> dict[str, Any]:
    return {
        "vendor": row.id, "service": row.service.key, "name": row.vendor, "contact": row.contact,
        "contract": row.contract, "answer_minutes": row.answer_minutes, "note": row.note,
    }  # fmt: skip
