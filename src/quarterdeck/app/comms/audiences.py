"""Who hears the messages of an audience: one address each, added, changed and taken out. Audited.

Only the audit says that somebody was taken out; the address itself stays, marked, so that old messages keep theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from quarterdeck.channels.mail_message import check_address
from quarterdeck.channels.phone_numbers import e164
from quarterdeck.core.comms import contact_rows
from quarterdeck.core.kernel import moments
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need
from ..catalog.catalogue import current


def audience_keys() -> dict[str, str]:
    """Key -> title of every audience some structure has."""
    return {a.key: a.title for t in current().templates for a in t.audiences}


@dataclass(frozen=True, slots=True)
class Details:
    """What is known of a contact besides the address; None leaves a value as it is."""

    name: str | None = None
    phone: str | None = None
    language: str | None = None
    segments: tuple[str, ...] | None = None
    consent_source: str | None = None
    consent_at: datetime | None = None


def add_contact(
    act: Act, audience: str, email: str, name: str = "", details: Details | None = None
) -> models.AudienceContact:
    """This address hears the audience's messages from now on. One that had been taken out comes back; one that had
    unsubscribed stays so, until that is lifted in the list of those.
    """
    need(act, "status.edit")
    must_exist(audience)
    email = plain_address(email)
    said = _checked(replace(details or Details(), name=name))
    with tx.write("web"):
        tx.lock("audience contacts")
        row = (
            models.AudienceContact.objects.select_for_update().filter(audience=audience, email=email).first()
        )
        if row is not None and row.removed_at is None:
            raise Refused("contact.exists", "This address is in the audience already. Change that entry.")
        if row is None:
            row = models.AudienceContact(
                id=new_id(), audience=audience, email=email, created_at=act.at, consent_at=act.at,
                consent_source="added by hand",
            )  # fmt: skip
        for field, value in said.items():
            setattr(row, field, value)
        row.removed_at = None
        row.save()
        told = {"contact": row.id, "audience": audience, "email": email}
        log.audit("AudienceContactAdded", told, at=act.at, actor=act.person)
    return row


def update_contact(
    act: Act,
    contact_id: str,
    *,
    email: str | None = None,
    name: str | None = None,
    details: Details | None = None,
) -> models.AudienceContact:
    """Another address, name or detail; None leaves one."""
    need(act, "status.edit")
    said = _checked(replace(details or Details(), name=name))
    if email is not None:
        said["email"] = plain_address(email)
    with tx.write("web"):
        tx.lock("audience contacts")
        row = find_contact(contact_id, lock=True)
        before = {f: getattr(row, f) for f in said}
        changed = {f: v for f, v in said.items() if v != before[f]}
        if not changed:
            return row
        if "email" in changed:
            others = models.AudienceContact.objects.filter(audience=row.audience, email=changed["email"])
            if others.exclude(id=row.id).exists():
                text = "This address is or was in the audience already. Use that entry."
                raise Refused("contact.exists", text)
        for field, value in changed.items():
            setattr(row, field, value)
        row.save(update_fields=list(changed))
        told = {"contact": row.id, "before": _told(before, changed), "after": _told(changed, changed)}
        log.audit("AudienceContactChanged", told, at=act.at, actor=act.person)
    return row


def _told(values: Mapping[str, Any], named: Iterable[str]) -> dict[str, str]:
    return {f: moments.text(values[f]) if isinstance(values[f], datetime) else values[f] or "" for f in named}


def _checked(details: Details) -> dict[str, Any]:
    """The columns that are said, in the form they are kept in. Raises Refused."""
    found: dict[str, Any] = {}
    if details.name is not None:
        found["name"] = line(details.name, 120)
    if details.phone is not None:
        found["phone"] = e164(details.phone) if details.phone.strip() else ""
    if details.language is not None:
        found["language"] = _language(details.language)
    if details.segments is not None:
        names = [contact_rows.segment(s) for s in details.segments]
        if None in names or len(names) > contact_rows.MOST_SEGMENTS:
            text = "A list has letters, digits, - and _ in its name; a contact stands on 20 at most."
            raise bad("contact.segments", text, segments=text)
        found["segments"] = joined(n for n in names if n)
    if details.consent_source is not None:
        found["consent_source"] = line(details.consent_source, 120)
    if details.consent_at is not None:
        found["consent_at"] = details.consent_at
    return found


def _language(text: str) -> str:
    found = contact_rows.language(text)
    if found is None:
        told = "This is no language. Write a code such as en or pt-br."
        raise bad("contact.language", told, language=told)
    return found


def withdraw(contact: models.AudienceContact, via: str, now: datetime) -> None:
    """They take their consent back, inside the caller's transaction; the first time counts."""
    if contact.withdrawn_at is None:
        contact.withdrawn_at, contact.withdrawn_via = now, via
        contact.save(update_fields=["withdrawn_at", "withdrawn_via"])


def remove_contact(act: Act, contact_id: str) -> None:
    """From now on nothing is sent there. Twice changes nothing."""
    need(act, "status.edit")
    with tx.write("web"):
        row = models.AudienceContact.objects.select_for_update().filter(id=contact_id).first()
        if row is None:
            raise missing("contact.unknown", "There is no such contact. Reload the list.")
        if row.removed_at is None:
            models.AudienceContact.objects.filter(id=row.id).update(removed_at=act.at)
            told = {"contact": row.id, "audience": row.audience, "email": row.email}
            log.audit("AudienceContactRemoved", told, at=act.at, actor=act.person)


def find_contact(contact_id: str, *, lock: bool = False) -> models.AudienceContact:
    rows = models.AudienceContact.objects.select_for_update() if lock else models.AudienceContact.objects
    found = rows.filter(id=contact_id, removed_at=None).first()
    if found is None:
        raise missing("contact.unknown", "There is no such contact. Reload the list.")
    return found


def exported(act: Act, audience: str) -> None:
    """The contacts of an audience leave as a file: that is written down."""
    with tx.write():
        n = models.AudienceContact.objects.filter(audience=audience, removed_at=None).count()
        log.audit("ContactsExported", {"audience": audience, "contacts": n}, at=act.at, actor=act.person)


def must_exist(audience: str) -> None:
    """Refuses a name no structure has."""
    known = audience_keys()
    if audience not in known:
        raise bad(
            "audience.unknown", f"There is no audience {audience[:60]!r}. Choose one of: {', '.join(known)}.",
            audience="unknown",
        )  # fmt: skip


def segments_of(row: models.AudienceContact) -> list[str]:
    """The lists a contact stands on."""
    return [s for s in row.segments.split("|") if s]


def joined(segments: Iterable[str]) -> str:
    """Lists as they are kept: each between bars, each once, as many as there is room for."""
    found = ""
    for name in dict.fromkeys(segments):
        if len(found) + len(name) + 2 <= 400:
            found += f"{'' if found else '|'}{name}|"
    return found


def plain_address(email: str) -> str:
    """One address in the form it is kept in. Raises Refused."""
    found = check_address(line(email, 320)).lower()
    if len(found) > 254:
        raise bad("contact.email", "This address is too long to be one. Check it.", email="too long")
    return found


def as_row(row: models.AudienceContact) -> list[str]:
    """A contact as a list has it that can be imported again; cells are not yet made safe for a spreadsheet."""
    at = [moments.text(t) if t else "" for t in (row.consent_at, row.withdrawn_at)]
    lists = ";".join(segments_of(row))
    return [row.email, row.name, row.phone, row.language, lists, row.consent_source, *at]
