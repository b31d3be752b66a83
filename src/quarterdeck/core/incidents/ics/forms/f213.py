"""ICS 213, General Message, and ICS 213RR, Resource Request Message."""

from __future__ import annotations

from collections.abc import Callable

from ...parts import Message
from ..resource_parts import ResourceRequest
from .shapes import Block, Column, Form, Row, Sheet, at, name_block


def _of(get: Callable[[Sheet, Message], str]) -> Callable[[Sheet], str]:
    def value(s: Sheet) -> str:
        found = s.incident.messages.get(s.subject)
        return get(s, found) if found else ""

    return value


def _sender(s: Sheet, m: Message) -> str:
    return s.name(m.released_by or m.drafted_by)


FORM = Form(
    key="213",
    name="General Message",
    subject="message",
    by_period=False,
    blocks=(
        Block("1", "Incident Name (Optional)", auto=lambda s: s.incident.title),
        Block("2", "To (Name and Position)", auto=_of(lambda s, m: s.titles(m.audience)), width=6, required=True),
        Block("3", "From (Name and Position)", auto=_of(_sender), width=6, people=True),
        Block("4", "Subject", auto=_of(lambda s, m: m.headline), width=6, required=True),
        Block("5", "Date", auto=_of(lambda s, m: at(m.sent_at or m.drafted_at)[:10]), width=3),
        Block("6", "Time", auto=_of(lambda s, m: at(m.sent_at or m.drafted_at)[11:]), width=3),
        Block("7", "Message", required=True,
              auto=_of(lambda s, m: "\n".join(filter(None, (m.body, m.customer_effect, m.action))) or m.headline)),
        Block("9", "Reply", text=True),
        Block("10", "Replied by", text=True, hint="Name, position, date and time.", people=True),
    ),
    preparers=("commander",),
    prepared_label="Prepared by",
    approved_number="8",
    approved_label="Approved by",
)  # fmt: skip


def _req(get: Callable[[Sheet, ResourceRequest], str]) -> Callable[[Sheet], str]:
    def value(s: Sheet) -> str:
        found = s.ics.requests.get(s.subject)
        return get(s, found) if found else ""

    return value


def order(s: Sheet) -> list[Row]:
    r = s.ics.requests.get(s.subject)
    if r is None:
        return []
    return [
        (str(r.quantity), r.kind, r.type, r.item, at(r.needed_at), at(r.eta), str(r.cost) if r.cost else "")
    ]


def signed(s: Sheet, person: str, when: str) -> str:
    return f"{s.name(person)}, {when} UTC" if person else ""


REQUEST = Form(
    key="213RR",
    name="Resource Request Message",
    subject="request",
    by_period=False,
    blocks=(
        name_block(5),
        Block("2", "Date/Time", auto=_req(lambda s, r: at(r.requested_at)), width=3),
        Block("3", "Resource Request Number", auto=_req(lambda s, r: str(r.number)), width=4, required=True),
        Block("4", "Order", "grid", auto=order, required=True,
              columns=(Column("Qty.", 0.6), Column("Kind", 1.6), Column("Type", 1.2),
                       Column("Detailed Item Description", 4), Column("Requested Arrival", 1.6),
                       Column("Estimated Arrival", 1.6), Column("Cost", 1))),
        Block("5", "Requested Delivery/Reporting Location", auto=_req(lambda s, r: r.deliver_to)),
        Block("6", "Suitable Substitutes and/or Suggested Sources", auto=_req(lambda s, r: r.substitutes)),
        Block("7", "Requested by Name/Position", width=6, people=True,
              auto=_req(lambda s, r: ", ".join(filter(None, (s.name(r.requested_by), s.titles(r.position)))))),
        Block("8", "Priority", "ticks", options=("Urgent", "Routine", "Low"), width=3,
              auto=lambda s: [r.priority.capitalize()] if (r := s.ics.requests.get(s.subject)) else []),
        Block("9", "Section Chief Approval", width=3, people=True,
              auto=_req(lambda s, r: signed(s, r.approved_by, at(r.approved_at)))),
        Block("10", "Logistics Order Number", auto=_req(lambda s, r: r.order_number), width=4),
        Block("11", "Supplier Phone/Fax/Email", text=True, width=4, contact=True),
        Block("12", "Name of Supplier/POC", auto=_req(lambda s, r: r.supplier), width=4),
        Block("13", "Notes", text=True, auto=_req(lambda s, r: r.note)),
        Block("14", "Approval Signature of Auth Logistics Rep", width=4, people=True,
              auto=_req(lambda s, r: s.name(r.ordered_by))),
        Block("15", "Date/Time", auto=_req(lambda s, r: at(r.ordered_at)), width=4),
        Block("16", "Order placed by", width=4, people=True, auto=_req(lambda s, r: s.name(r.ordered_by))),
        Block("17", "Reply/Comments from Finance", auto=_req(lambda s, r: r.finance_note)),
        Block("18", "Finance Section Signature", width=6, people=True, auto=_req(lambda s, r: s.name(r.funded_by))),
        Block("19", "Date/Time", auto=_req(lambda s, r: at(r.funded_at)), width=6),
    ),
    preparers=("logistics_section_chief", "commander"),
    approvers=("logistics_section_chief", "commander"),
)  # fmt: skip
