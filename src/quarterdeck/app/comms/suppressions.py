"""Addresses nothing is sent to any more: those that bounced for good, complained, unsubscribed or were put there.

It counts for every message on the channel, and for lists imported later. Lifting one takes a reason, and is audited.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from quarterdeck.channels import channel as channel_module
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need
from ..subscribers import subscriber_ends

REASONS = {
    "bounce": "bounced for good",
    "complaint": "complained",
    "unsubscribe": "unsubscribed",
    "manual": "put here by hand",
}


def among(channel: str, addresses: Iterable[str], *, subscribed: bool = False) -> set[str]:
    """Those of these addresses that nothing is sent to. `subscribed`: of active subscribers, who ended other messages
    and confirmed a page afterwards.
    """
    wanted = list(addresses)
    rows = models.Suppression.objects.filter(channel=channel, address__in=wanted)
    rows = rows.exclude(reason="unsubscribe") if subscribed else rows
    return set(rows.values_list("address", flat=True))


def put(
    channel: str, address: str, reason: str, detail: str, now: datetime, *, message_id: str = "", by: str = ""
) -> bool:
    """From now on nothing is sent there, inside the caller's transaction; whether that is new."""
    _, made = models.Suppression.objects.get_or_create(
        channel=channel, address=address,
        defaults={"id": new_id(), "reason": reason, "detail": line(detail, 300), "message_id": message_id, "at": now,
                  "by": by},
    )  # fmt: skip
    if made:
        subscriber_ends.suppressed(channel, address, reason, detail, now)
    return made


def hold_back(channel: str, address: str, why: str, now: datetime) -> None:
    """Whatever was released and still waits for this address stays here; inside the caller's transaction."""
    waiting = models.Recipient.objects.filter(channel=channel, address=address, state="queued")
    waiting.update(state="suppressed", ended_at=now, detail=why)
    rows = models.Delivery.objects.filter(channel=channel, address=address, cls="message").exclude(
        message_id=""
    )
    rows.filter(state__in=("queued", "paused")).update(state="cancelled", finished_at=now, error=why)


def suppress(act: Act, address: str, detail: str = "", channel: str = "email") -> models.Suppression:
    """By hand: somebody asked for it some other way."""
    need(act, "status.edit")
    plain = str(channel_module(channel).check_address(line(address, 320)))
    plain = plain.lower() if channel == "email" else plain
    with tx.write():
        if not put(channel, plain, "manual", detail, act.at, by=act.person):
            raise Refused("suppression.exists", "Nothing is sent to this address already.")
        hold_back(channel, plain, "On the list of addresses nothing is sent to.", act.at)
        log.audit("AddressSuppressed", {"channel": channel, "address": plain}, at=act.at, actor=act.person)
    return models.Suppression.objects.get(channel=channel, address=plain)


def lift(act: Act, suppression_id: str, reason: str) -> None:
    """Messages go there again. Somebody who unsubscribed or complained must have asked for it: the reason says how."""
    need(act, "status.edit")
    why = line(reason, 300)
    if len(why) < 3:
        text = "Say why messages may go there again, such as: asked for it by mail on Monday."
        raise bad("suppression.reason", text, reason=text)
    with tx.write():
        row = models.Suppression.objects.filter(id=suppression_id).first()
        if row is None:
            raise missing("suppression.unknown", "This address is not on the list. Reload it.")
        row.delete()
        subscriber_ends.lifted(row.channel, row.address)
        if row.channel == "email":
            models.AudienceContact.objects.filter(email=row.address, withdrawn_at__isnull=False).update(
                withdrawn_at=None, withdrawn_via=""
            )
        told = {"channel": row.channel, "address": row.address, "was": row.reason, "reason": why}
        log.audit("SuppressionLifted", told, at=act.at, actor=act.person)
