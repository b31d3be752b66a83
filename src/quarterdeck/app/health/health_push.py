"""Whether devices that are to show pages still can. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from urllib.parse import urlsplit

from quarterdeck.channels.web_push import KIND, NAME
from quarterdeck.core.kernel.text import counted
from quarterdeck.store import models

from ..paging.push_devices import public_key
from .health_finding import Finding, fault, ok, some, warning

_NEAR = ("localhost", "127.0.0.1", "::1")


def look(configured: Collection[str], public_url: str) -> Iterator[Finding]:
    """Devices that are gone, or that believe a key that is ours no more; and an address no browser subscribes at."""
    rows = models.PushDevice.objects.select_related("contact__person").order_by("contact__person__name", "id")
    devices = list(rows.filter(contact__person__is_active=True)[:2000])
    if KIND not in configured and not devices:
        return
    name = f"devices: {NAME}"
    address = urlsplit(public_url)
    if KIND in configured and address.scheme != "https" and address.hostname not in _NEAR:
        text = f"public_url is {public_url}: browsers take pages from https addresses only."
        yield fault(name, text, "Set public_url to the https address of this installation.")
    key = public_key()
    ended = [d for d in devices if d.contact.disabled]
    stale = [d for d in devices if key and d.public_key != key and not d.contact.disabled]
    if ended:
        text = f"{counted(len(ended), 'device')} of {_owners(ended)} can be reached no more."
        yield warning(name, text, "Have them switch pages on there again, or remove the device.")
    if stale:
        text = f"{counted(len(stale), 'device')} of {_owners(stale)} believe an older key."
        yield warning(name, text, "Have them open How I am reached on that device once.")
    if devices and not ended and not stale:
        yield ok(name, f"{counted(len(devices), 'device')} can show pages.")


def _owners(devices: list[models.PushDevice]) -> str:
    return some(list(dict.fromkeys(d.contact.person.name for d in devices)))
