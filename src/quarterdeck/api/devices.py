"""The devices that show one's own pages, to be named and removed; only its browser can add one."""

from __future__ import annotations

from typing import Annotated

from quarterdeck.app.paging import push_devices as acts
from quarterdeck.core.kernel.refused import missing

from .doors import LOGIN, Request
from .fields import Id, Moment, Read, Text, Write
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("People", "/me/devices")


class Device(Read):
    """`ended`: it can be reached no more."""

    id: str
    name: str
    browser: str
    added_at: Moment
    last_at: Moment | None
    ended: bool


class DeviceWrite(Write):
    name: Annotated[str, Text(60)]


@NOUN.get("", LOGIN, Page[Device])
def list_devices(request: Request) -> Page[Device]:
    """One's own devices."""
    return whole(_of(request.act.person))


@NOUN.patch("/{device}", LOGIN, Device)
def rename_device(request: Request, device: Id, body: DeviceWrite) -> Device:
    """Call one of one's own devices by another name."""
    acts.rename(request.act, device, body.name)
    return _one(request.act.person, device)


@NOUN.delete("/{device}", LOGIN)
def remove_device(request: Request, device: Id) -> None:
    """No pages to this device any more. One that is gone is no error."""
    acts.remove(request.act, device)


def _of(person: str) -> list[Device]:
    return [Device(**{k: d[k] for k in Device.model_fields}) for d in acts.of(person)]


def _one(person: str, device: str) -> Device:
    found = next((d for d in _of(person) if d.id == device), None)
    if found is None:
        raise missing("device.unknown", "There is no such device of yours. Look under your devices.")
    return found
