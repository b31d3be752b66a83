"""Urgent Pushover pages whose end is not known here: which to ask about, and what follows from the answer.

What is to be asked lies in the outbox itself, so that a restart forgets none. Speaks to no provider.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from quarterdeck.channels.pushover import KIND, Receipt, is_receipt
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models

from . import receipts, remote_answers

# Pushover rings for three hours at the most, and keeps a receipt for a week.
_RINGS = timedelta(hours=3, minutes=10)
MOST = 50


@dataclass(frozen=True, slots=True)
class Open:
    """A page that may still ring. `answered`: all it stands for was answered elsewhere, so the ringing is to stop."""

    key: str
    receipt: str
    callout_id: str
    answered: bool


def open_receipts(now: datetime) -> list[Open]:
    """At most `MOST`, the newest first; a drill never left the building."""
    rows = models.Delivery.objects.filter(
        channel=KIND, cls="page", state="sent", drill=False, finished_at__gt=now - _RINGS
    ).exclude(callout_id="")
    rows = rows.filter(created_at__gt=now - _RINGS - timedelta(hours=1)).order_by("-created_at")[: 4 * MOST]
    known = {row.id: row for row in rows}
    told = models.Attempt.objects.filter(delivery_id__in=known, outcome="accepted", phase="ended")
    done = set(
        models.Attempt.objects.filter(delivery_id__in=known, phase=receipts.PHASE).values_list(
            "delivery_id", "fence"
        )
    )
    states = dict(
        models.Callout.objects.filter(id__in={r.callout_id for r in known.values()}).values_list(
            "id", "state"
        )
    )
    found: dict[str, Open] = {}
    waits = set()
    for attempt in told.order_by("-id"):
        row = known[attempt.delivery_id]
        if attempt.fence != row.fence or (row.id, row.fence) in done or not is_receipt(attempt.provider_id):
            continue
        if states.get(row.callout_id, "") == "waiting":
            waits.add(attempt.provider_id)
        if row.bundle_id in ("", row.id):  # the others went out on the same page
            found[attempt.provider_id] = Open(row.key, attempt.provider_id, row.callout_id, answered=False)
    pages = [replace(page, answered=receipt not in waits) for receipt, page in found.items()]
    return pages[:MOST]


def learn(page: Open, receipt: Receipt, now: datetime) -> None:
    """What the app says becomes what is so here: acknowledged there is acknowledged here; rung out is written down."""
    if receipt.acknowledged:
        try:
            remote_answers.acknowledge(page.callout_id, now, "push")
        except Refused as refused:
            # Expired, restricted or gone meanwhile: the app's word changes nothing then.
            if refused.kind not in ("conflict", "forbidden", "missing"):
                raise
        receipts.record(page.key, KIND, page.receipt, "delivered", "Acknowledged in the app.", now)
    elif receipt.expired:
        why = "It rang until its time was over, and nobody acknowledged it in the app."
        receipts.record(page.key, KIND, page.receipt, "unanswered", why, now)
    elif receipt.unknown:
        receipts.record(
            page.key, KIND, page.receipt, "unanswered", "Pushover knows nothing of it any more.", now
        )


def stopped(page: Open, now: datetime) -> None:
    """It rings no more, because it was answered elsewhere."""
    why = "It was answered elsewhere; the app was told to stop ringing."
    receipts.record(page.key, KIND, page.receipt, "delivered", why, now)
