"""Other organisations in an incident: listing them, asking them, and sharing entries with their people."""

from __future__ import annotations

from quarterdeck.core.incidents import agencies as core
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act
from ..casebook import Case


def share(act: Act, incident_id: str, entry_id: str, shared: bool = True) -> Case:
    """Guests are shown this entry from now on, or are not any more."""
    return casebook.change(
        act, incident_id, lambda i, t: core.share_entry(i, t, act.who, entry_id=entry_id, shared=shared)
    )


def put(
    act: Act,
    incident_id: str,
    agency_id: str,
    name: str,
    *,
    representative: str = "",
    contact: str = "",
    offers: str = "",
    limits: str = "",
) -> Case:
    """List an organisation, or change what is known of it. `agency_id` "" makes a new one."""
    key = agency_id or new_id()
    return casebook.change(
        act,
        incident_id,
        lambda i, t: core.list_agency(
            i, t, act.who, agency_id=key, name=line(name, 400), representative=line(representative, 400),
            contact=line(contact, 600), offers=clean(offers, 4000), limits=clean(limits, 4000),
        ),
    )  # fmt: skip


def left(act: Act, incident_id: str, agency_id: str, reason: str = "") -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: core.agency_left(i, t, act.who, agency_id=agency_id, reason=line(reason, 500)),
    )


def ask(act: Act, incident_id: str, agency_id: str, text: str, request_id: str = "") -> Case:
    """Ask an agency for something. `request_id` makes a retry safe."""
    key = request_id or new_id()
    return casebook.change(
        act,
        incident_id,
        lambda i, t: core.ask_agency(
            i, t, act.who, request_id=key, agency_id=agency_id, text=clean(text, 4000)
        ),
    )


def answer(act: Act, incident_id: str, request_id: str, said: str, reply: str = "") -> Case:
    """What an agency answers; by one of its people, or written down by whoever speaks with it."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: core.answer_request(
            i, t, act.who, request_id=request_id, answer=line(said, 20), reply=clean(reply, 4000)
        ),
    )
