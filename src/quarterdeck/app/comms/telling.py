"""What is known of those outside an incident: mentions by others, affected customers, the pulse of the impact."""

from __future__ import annotations

import csv
import io
from datetime import datetime

from quarterdeck.core.incidents import Event, Incident, Template, customers, disclosure, impact_pulse
from quarterdeck.core.kernel.links import safe_url
from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act
from ..casebook import Case

LIST_LIMIT = 400_000
_DELIMITERS = ",;\t"
_HEADINGS = ("name", "customer", "customer name", "account")


def record_mention(
    act: Act, incident_id: str, *, source: str, place: str, seen_at: datetime | None = None, link: str = "",
    text: str = "", mention_id: str = "",
) -> tuple[Case, str]:  # fmt: skip
    """Somebody outside spoke of it; returns the mention's id as well. `mention_id` makes a retry safe."""
    key, target = mention_id or new_id(), link.strip()
    if target and not safe_url(target):
        message = "Give a link that begins with https:// or http://, or leave it out."
        raise bad("link.unfit", message, link=message)
    case = casebook.change(
        act,
        incident_id,
        lambda i, t: disclosure.record_mention(
            i, t, act.who, mention_id=key, source=line(source, 400), place=line(place, 400), link=line(target, 2000),
            seen_at=seen_at or act.at, at=act.at, text=clean(text, 4000),
        ),
    )  # fmt: skip
    return case, key


def list_customers(act: Act, incident_id: str, listed: str) -> tuple[Case, int]:
    """Put customers on the list, a line each: the name, and after a comma one's own number for them. How many are new
    or have changed. Who is there already (same number, else same name) keeps their state.
    """
    found = read_customers(listed)
    changed = 0

    def decide(i: Incident, t: Template) -> list[Event]:
        nonlocal changed
        have = i.telling.customers.values()
        by_reference = {c.reference: c.id for c in have if c.reference}
        by_name = {c.name.casefold(): c.id for c in have}
        names: dict[str, str] = {}
        references: dict[str, str] = {}
        for name, reference in found:
            key = by_reference.get(reference) if reference else None
            key = key or by_name.get(name.casefold()) or new_id()
            names[key], references[key] = name, reference
            by_name[name.casefold()] = key
        events = customers.list_customers(i, t, act.who, names=names, references=references)
        changed = sum(len(getattr(e, "names", ())) for e in events)
        return events

    return casebook.change(act, incident_id, decide), changed


def read_customers(listed: str) -> list[tuple[str, str]]:
    """(name, number) of each line of a pasted or uploaded table. Refuses, naming the line, what is no name."""
    if len(listed) > LIST_LIMIT:
        message = "The list is too long for one incident. Take the contracts, not every user."
        raise bad("customers.long", message, customers=message)
    lines = [t for t in listed.lstrip("\ufeff").splitlines() if t.strip()]
    if not lines:
        message = "Write one customer a line."
        raise bad("customers.missing", message, customers=message)
    mark = max(_DELIMITERS, key=lambda d: sum(d in t for t in lines))
    found: list[tuple[str, str]] = []
    for number, row in enumerate(_cells(lines, mark), 1):
        name, reference = line(row[0] if row else "", 400), line(row[1] if len(row) > 1 else "", 120)
        if number == 1 and name.casefold() in _HEADINGS:
            continue
        if not name or len(name) > 200:
            message = (
                f"Line {number} has no name of a customer, or one of more than 200 characters. Correct it."
            )
            raise bad("customers.line", message, customers=message)
        found.append((name, reference))
    return found


def _cells(lines: list[str], mark: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO("\n".join(lines)), delimiter=mark))
    except csv.Error:
        message = "A quote is opened and never closed, so that the rest is one name. Close it."
        raise bad("customers.quote", message, customers=message) from None


def move_customer(act: Act, incident_id: str, customer_id: str, state: str, note: str = "") -> Case:
    """How far the repair is with one customer."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: customers.move_customer(
            i, t, act.who, customer_id=customer_id, state=state, note=line(note, 400)
        ),
    )


def take_pulse(
    act: Act, incident_id: str, affected_now: int, worst_case: int, note: str = "", pulse_id: str = ""
) -> Case:
    """How many customers are affected now, and how many it may become."""
    key = pulse_id or new_id()
    return casebook.change(
        act,
        incident_id,
        lambda i, t: impact_pulse.take_pulse(
            i,
            t,
            act.who,
            pulse_id=key,
            affected_now=affected_now,
            worst_case=worst_case,
            note=line(note, 400),
        ),
    )
