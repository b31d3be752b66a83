"""What providers report after they took a page: it arrived, or it never will. Only a verified report may come in here.

A page that did not arrive counts as failed: the person's next contact is used at once, else the next step.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Literal

from quarterdeck.core.kernel.text import line
from quarterdeck.store import models, tx

from ..comms import ledger
from . import deliveries

# Unanswered: it arrived, rang for its time, and whoever it was for did nothing.
Word = Literal["delivered", "undelivered", "unanswered"]
PHASE = "receipt"
_NODE = "provider"


def find(key: str, channels: Collection[str]) -> models.Delivery | None:
    """The delivery with this key, where it went by one of these channels."""
    return models.Delivery.objects.filter(key=key[:200], channel__in=channels).first()


@tx.again
def record(key: str, channel: str, provider_id: str, word: Word, detail: str, now: datetime) -> bool:
    """Write down what became of what a provider took, once. Whether it changed anything.

    A report about an earlier try of the same delivery, or one that was answered meanwhile, changes nothing.
    """
    with tx.write("engine", "web"):
        row = models.Delivery.objects.select_for_update().filter(key=key[:200], channel=channel).first()
        if row is None or row.state not in ("sending", "sent") or not _is_of_this_try(row, provider_id):
            return False
        if models.Attempt.objects.filter(delivery_id=row.id, fence=row.fence, phase=PHASE).exists():
            return False
        rows = [row, *_carried(row)]
        for r in rows:
            if row.state == "sending" and word == "undelivered":
                _end(r, provider_id, now)
            _write(r, PHASE, provider_id, word, detail, now)
        if word == "delivered":
            ledger.arrived(row, detail, now)
        if word == "undelivered":
            for r in rows:
                models.Delivery.objects.filter(id=r.id).update(
                    state="failed", finished_at=now, lease_until=None, error=line(detail, 300)
                )
            for r in rows:
                deliveries.failed(r, detail, now)
        return True


def _is_of_this_try(row: models.Delivery, provider_id: str) -> bool:
    """Whether the report is about the try that counts. While that is still under way its id is not known here."""
    if row.state == "sending":
        older = models.Attempt.objects.filter(
            delivery_id=row.id, phase="ended", provider_id=provider_id[:300]
        )
        return not older.exists()
    return models.Attempt.objects.filter(
        delivery_id=row.id, phase="ended", fence=row.fence, provider_id=provider_id[:300]
    ).exists()


def _carried(row: models.Delivery) -> list[models.Delivery]:
    """What went out on the same page."""
    if row.bundle_id != row.id:
        return []
    rows = models.Delivery.objects.filter(bundle_id=row.id, state=row.state).exclude(id=row.id)
    return list(rows.order_by("id"))


def _end(row: models.Delivery, provider_id: str, now: datetime) -> None:
    """The report overtook the answer to the request itself: that the provider took it is known by it."""
    _write(row, "ended", provider_id, "accepted", "", now)


def _write(row: models.Delivery, phase: str, provider_id: str, word: str, detail: str, now: datetime) -> None:
    models.Attempt.objects.create(
        delivery_id=row.id, n=row.attempts, phase=phase, fence=row.fence, node=_NODE, at=now, outcome=word,
        provider_id=provider_id[:300], detail=line(detail, 500),
    )  # fmt: skip
