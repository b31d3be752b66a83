"""When a push service says that a device is gone, nothing goes there any more, and its owner hears of it."""

from __future__ import annotations

from datetime import datetime

from quarterdeck.channels.web_push import KIND
from quarterdeck.core.kernel.text import line
from quarterdeck.store import log, models

from ..oncall import duty_notes

HOME = "/settings/devices"


def end(device_id: str, why: str, now: datetime) -> None:
    """Disable the contact, inside the caller's transaction, and tell its owner by another way.

    Administrators see it under Health, until the owner switches pages on there again or removes the device.
    """
    rows = models.PushDevice.objects.select_related("contact__person")
    row = rows.filter(id=device_id, contact__disabled=False).first()
    if row is None:
        return
    models.PushDevice.objects.filter(id=row.id).update(ended_at=now, ended_why=line(why, 300))
    models.ContactMethod.objects.filter(id=row.contact_id).update(disabled=True)
    person, name = row.contact.person, row.contact.label
    text = (
        f"Pages can be shown on {name} no more: {why} "
        "Sign in on it and switch them on there again, or remove the device."
    )
    duty_notes.tell([person.id], f"{name} gets no pages any more", text, HOME, now)
    told = {"person": person.id, "contact": row.contact_id, "kind": KIND, "why": line(why, 300)}
    log.audit("DeviceEnded", told, at=now, actor="engine")
