"""Who hears the messages of an audience: one address each, added, changed and taken out. Audited.

Only the audit says that somebody was taken out; the address itself stays, marked, so that old messages keep theirs.
"""

from __future__ import annotations

from quarterdeck.channels.mail_message import check_address
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from .act import Act, need
from .catalogue import current


def audience_keys() -> dict[str, str]:
    """Key -> title of every audience some structure has."""
    return {a.key: a.title for t in current().templates for a in t.audiences}


def add_contact(act: Act, audience: str, email: str, name: str = "") -> models.AudienceContact:
    """This address hears the audience's messages from now on. One that had been taken out comes back."""
    need(act, "status.edit")
    _must_exist(audience)
    email = _address(email)
    with tx.write("web"):
        tx.lock("audience contacts")
        row = (
            models.AudienceContact.objects.select_for_update().filter(audience=audience, email=email).first()
        )
        if row is not None and row.removed_at is None:
            raise Refused("contact.exists", "This address is in the audience already. Change that entry.")
        if row is None:
            row = models.AudienceContact.objects.create(
                id=new_id(), audience=audience, email=email, name=line(name, 120), created_at=act.at
            )
        else:
            row.name, row.removed_at = line(name, 120), None
            row.save(update_fields=["name", "removed_at"])
        told = {"contact": row.id, "audience": audience, "email": email}
        log.audit("AudienceContactAdded", told, at=act.at, actor=act.person)
    return row


def update_contact(
    act: Act, contact_id: str, *, email: str | None = None, name: str | None = None
) -> models.AudienceContact:
    """Another address or name; None leaves one."""
    need(act, "status.edit")
    wanted = None if email is None else _address(email)
    with tx.write("web"):
        tx.lock("audience contacts")
        row = find_contact(contact_id, lock=True)
        before = {"email": row.email, "name": row.name}
        after = {"email": wanted or row.email, "name": row.name if name is None else line(name, 120)}
        if after == before:
            return row
        others = models.AudienceContact.objects.filter(audience=row.audience, email=after["email"])
        if others.exclude(id=row.id).exists():
            raise Refused("contact.exists", "This address is or was in the audience already. Use that entry.")
        row.email, row.name = after["email"], after["name"]
        row.save(update_fields=["email", "name"])
        told = {"contact": row.id, "before": before, "after": after}
        log.audit("AudienceContactChanged", told, at=act.at, actor=act.person)
    return row


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


def _must_exist(audience: str) -> None:
    known = audience_keys()
    if audience not in known:
        raise bad(
            "audience.unknown", f"There is no audience {audience[:60]!r}. Choose one of: {', '.join(known)}.",
            audience="unknown",
        )  # fmt: skip


def _address(email: str) -> str:
    found = check_address(line(email, 320)).lower()
    if len(found) > 254:
        raise bad("contact.email", "This address is too long to be one. Check it.", email="too long")
    return found
