"""Whom a typed line means, and in whose zone a typed clock is read."""

from __future__ import annotations

from difflib import get_close_matches
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from quarterdeck.core.kernel.refused import bad
from quarterdeck.store import models

from ..act import Act


def person_of(handle: str) -> models.Person:
    """Whoever is called so: by handle or by mail address. Refuses with the nearest handle."""
    active = models.Person.objects.filter(is_active=True)
    found = active.filter(handle__iexact=handle).first() or active.filter(email__iexact=handle).first()
    if found is not None:
        return found
    near = get_close_matches(
        handle.lower(), [h.lower() for h in active.values_list("handle", flat=True)], n=1
    )
    hint = f" Did you mean @{near[0]}?" if near else ""
    message = f"Nobody here is called @{handle[:40]}.{hint} Use the name before the @ of their address."
    raise bad("person.unknown", message, text=message)


def zone(act: Act) -> ZoneInfo:
    """The zone in which this person reads a clock."""
    name = models.Person.objects.filter(id=act.person).values_list("timezone", flat=True).first() or "UTC"
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
