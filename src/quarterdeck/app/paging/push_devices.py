"""Browsers that show pages: added by their owner from that very browser, renamed, tried, removed. What becomes of
one that is gone is in `device_ends`. Holds no private key and sends nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Max

from quarterdeck.channels.safe_http import SafeClient
from quarterdeck.channels.web_push import KIND, check_subscription, short_key
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act
from ..oncall import duty_notes
from ..people import people
from . import receipts
from .deliveries import Claim
from .device_ends import HOME

MOST = 10
_TEST_WITHIN = timedelta(minutes=5)
_TESTS_APART = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Offered:
    """What a browser gave: where it is pushed to, its two keys, and the public key of ours that it believes."""

    endpoint: str
    p256dh: str
    auth: str
    public_key: str
    browser: str = ""


def public_key() -> str:
    """The key browsers are to believe; empty until an engine of this installation has said it."""
    row = models.PushKey.objects.order_by("-since").first()
    return row.public_key if row else ""


def publish_key(key: str, now: datetime) -> None:
    """The engine says which key it signs with. It is the newest from now on."""
    if not key or public_key() == key:
        return
    with tx.write():
        models.PushKey.objects.update_or_create(public_key=key, defaults={"since": now})


def add(act: Act, offered: Offered, name: str = "") -> models.PushDevice:
    """Pages go to this browser of whoever acts, at once and for both urgencies. Adding it again renews it.

    A browser shows the pages of one person: whoever had switched it on before is told that it is theirs no more.
    """
    http = SafeClient(allow=settings.QUARTERDECK_ALLOW_TARGETS)
    check_subscription(offered.endpoint, offered.p256dh, offered.auth, http)
    if offered.public_key != public_key() or not offered.public_key:
        raise Refused(
            "device.key", "The key has changed since this page was opened. Reload it and press again."
        )
    digest = hashlib.sha256(offered.endpoint.encode()).hexdigest()
    with tx.write("web", "engine"):
        person = people.find(act.person, lock=True)
        known = _rows().select_for_update(of=("self",)).filter(endpoint_hash=digest).first()
        if known is not None and known.contact.person_id == person.id:
            return _renew(known, offered, act)
        if known is not None:
            _hand_over(known, offered, act)
        mine = models.ContactMethod.objects.filter(person=person)
        if mine.filter(kind=KIND).count() >= MOST or mine.count() >= people.MOST_CONTACTS:
            raise Refused("device.many", f"At most {MOST} devices show your pages. Remove one first.")
        last = mine.aggregate(last=Max("position"))["last"]
        id_ = new_id()
        contact = models.ContactMethod.objects.create(
            id=new_id(), person=person, kind=KIND, address=id_, label=line(name, 60) or "This browser",
            position=0 if last is None else last + 1, verified_at=act.at,
        )  # fmt: skip
        row = models.PushDevice.objects.create(
            id=id_, contact=contact, endpoint=offered.endpoint, endpoint_hash=digest, created_at=act.at,
            p256dh=offered.p256dh, auth=offered.auth, public_key=offered.public_key,
            browser=line(offered.browser, 100),
        )  # fmt: skip
        _use_at_once(contact)
        _audit("DeviceAdded", contact, act)
    return row


def _renew(row: models.PushDevice, offered: Offered, act: Act) -> models.PushDevice:
    row.p256dh, row.auth, row.public_key = offered.p256dh, offered.auth, offered.public_key
    row.browser, row.ended_at, row.ended_why = line(offered.browser, 100), None, ""
    row.save(update_fields=["p256dh", "auth", "public_key", "browser", "ended_at", "ended_why"])
    models.ContactMethod.objects.filter(id=row.contact_id).update(disabled=False, verified_at=act.at)
    return row


def _hand_over(row: models.PushDevice, offered: Offered, act: Act) -> None:
    """Its keys show that it is the same browser, with somebody else in front of it."""
    if (row.p256dh, row.auth) != (offered.p256dh, offered.auth):
        raise bad("device.other", "This browser gave an address that belongs to another. Reload the page.")
    contact = row.contact
    text = f"{contact.label} shows somebody else's pages now, because somebody else signed in on it."
    duty_notes.tell([contact.person_id], "A device shows your pages no more", text, HOME, act.at)
    _audit("DeviceRemoved", contact, act)
    contact.delete()


def _use_at_once(contact: models.ContactMethod) -> None:
    """Whoever has rules of their own expects a device they switch on to ring: it is tried first, for each urgency."""
    rules = models.NotificationRule.objects.filter(person_id=contact.person_id)
    for urgency in sorted(set(rules.values_list("urgency", flat=True))):
        if rules.count() < people.MOST_RULES:
            models.NotificationRule.objects.create(
                id=new_id(), person_id=contact.person_id, contact=contact, urgency=urgency, delay_seconds=0
            )


def replaced(act: Act, old_endpoint: str, offered: Offered) -> models.PushDevice:
    """The browser changed its own subscription: the device stays what it was, under its name and with its rules."""
    http = SafeClient(allow=settings.QUARTERDECK_ALLOW_TARGETS)
    check_subscription(offered.endpoint, offered.p256dh, offered.auth, http)
    digest = hashlib.sha256(offered.endpoint.encode()).hexdigest()
    old = hashlib.sha256(old_endpoint.encode("utf-8", "replace")).hexdigest()
    with tx.write("web", "engine"):
        row = _rows().filter(endpoint_hash=old, contact__person_id=act.person).first()
        taken = models.PushDevice.objects.filter(endpoint_hash=digest).exists()
        if row is not None and not taken:
            row.endpoint, row.endpoint_hash = offered.endpoint, digest
            row.save(update_fields=["endpoint", "endpoint_hash"])
            return _renew(row, offered, act)
    return add(act, offered)


def rename(act: Act, device_id: str, name: str) -> None:
    """Call one's own device by another name."""
    with tx.write("web"):
        row = _own(act, device_id)
        label = line(name, 60)
        if not label:
            raise bad("device.name", "Give the device a name, such as Phone.", name="missing")
        models.ContactMethod.objects.filter(id=row.contact_id).update(label=label)


def remove(act: Act, device_id: str) -> None:
    """No pages to this device of one's own any more. One that is gone is no error."""
    with tx.write("web", "engine"):
        row = _rows().filter(id=device_id, contact__person_id=act.person).first()
        if row is not None:
            _audit("DeviceRemoved", row.contact, act)
            row.contact.delete()


def test(act: Act, device_id: str) -> None:
    """Something harmless to this device alone, to see that it arrives."""
    with tx.write("engine", "web"):
        row = _own(act, device_id)
        if row.contact.disabled:
            raise Refused("device.ended", "This device is gone. Switch pages on there again, or remove it.")
        tests = models.Delivery.objects.filter(key__startswith=f"device/{row.id}/")
        recent = tests.filter(created_at__gt=act.at - _TESTS_APART)
        if recent.exists():
            raise Refused("device.tested", "A test was sent just now. Wait ten seconds.", kind="conflict")
        id_ = new_id()
        body = {
            "subject": "Test of this device", "text": "Pages arrive here. Nothing is to be done.", "kind": "test",
            "link": f"{settings.QUARTERDECK_PUBLIC_URL}{HOME}", "link_label": "Open",
        }  # fmt: skip
        models.Delivery.objects.create(
            id=id_, key=f"device/{row.id}/{id_}", cls="message", person_id=act.person, contact_id=row.contact_id,
            channel=KIND, address=row.id, body=body, next_at=act.at, not_after=act.at + _TEST_WITHIN,
            created_at=act.at,
        )  # fmt: skip


def of(person_id: str) -> list[dict[str, Any]]:
    """A person's devices in their order, with when each last took something, and what is wrong with it."""
    rows = list(_rows().filter(contact__person_id=person_id).order_by("contact__position", "id"))
    taken = models.Delivery.objects.filter(person_id=person_id, channel=KIND, state="sent")
    last = dict(taken.order_by().values_list("address").annotate(at=Max("finished_at")))
    current = public_key()
    return [
        {
            "id": r.id, "name": r.contact.label, "browser": r.browser, "added_at": r.created_at,
            "endpoint_hash": r.endpoint_hash, "last_at": last.get(r.id), "ended": r.contact.disabled,
            "why": r.ended_why, "stale": bool(current) and r.public_key != current,
        }
        for r in rows
    ]  # fmt: skip


def shown(callout_id: str, push_id: str, now: datetime) -> None:
    """A device shows a page of this callout; `push_id` is what that push called itself."""
    rows = models.Delivery.objects.filter(callout_id=callout_id, channel=KIND).values_list("key", flat=True)
    key = next((key for key in rows[: 4 * MOST] if short_key(key) == push_id), "")
    if key:
        receipts.record(key, KIND, "", "delivered", "Shown on the device.", now)


def addressed(claims: Sequence[Claim]) -> list[Claim]:
    """The claims, each push with what its device gave: the workers that send never ask the store."""
    wanted = [c.outgoing.to for c in claims if c.channel == KIND]
    if not wanted:
        return list(claims)
    rows = {r.id: r for r in models.PushDevice.objects.filter(id__in=wanted)}
    return [_addressed(c, rows) if c.channel == KIND else c for c in claims]


def _addressed(claim: Claim, rows: Mapping[str, models.PushDevice]) -> Claim:
    row = rows.get(claim.outgoing.to)
    if row is None:
        return claim
    told = {"endpoint": row.endpoint, "p256dh": row.p256dh, "auth": row.auth, "public_key": row.public_key}
    return replace(
        claim, outgoing=replace(claim.outgoing, data={**claim.outgoing.data, "subscription": told})
    )


def _rows() -> Any:
    return models.PushDevice.objects.select_related("contact__person")


def _own(act: Act, device_id: str) -> models.PushDevice:
    row: models.PushDevice | None = _rows().filter(id=device_id, contact__person_id=act.person).first()
    if row is None:
        raise missing("device.unknown", "You have no such device. It may have been removed: reload the page.")
    return row


def _audit(what: str, contact: models.ContactMethod, act: Act) -> None:
    told = {"person": contact.person_id, "contact": contact.id, "kind": KIND, "name": contact.label}
    log.audit(what, told, at=act.at, actor=act.person)
