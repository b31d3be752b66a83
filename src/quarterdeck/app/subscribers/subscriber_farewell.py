"""The last mail to the subscribers of a status page that was deleted: one message, through the ordinary outbox.

Its recipients are in the ledger under no subscriber: there is none any more, and nothing that they could end.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from quarterdeck.store import models

from ..comms import frozen, suppressions
from ..status import page_invited
from . import subscriber_mailings


def how_many(page: models.StatusPage) -> int:
    """Whoever follows it by mail; of a page that is not public those it tells at all."""
    rows = models.Subscriber.objects.filter(page=page, state="active", kind="email").exclude(
        confirmed_at=None
    )
    return rows.count() if page.public else len(page_invited.following(page, list(rows.defer("target"))))


def send(row: models.DeletedPage, part: Sequence[models.Subscriber], now: datetime) -> None:
    """To those of this part, inside the transaction in which they are forgotten."""
    page = row.page
    mails = [s for s in part if s.kind == "email" and s.state == "active" and s.confirmed_at is not None]
    wanted = mails if row.public else page_invited.following(page, mails)
    gone = suppressions.among("email", [s.address for s in wanted], subscribed=True)
    to = [s for s in wanted if s.address not in gone]
    if not to:
        return
    if not row.mailing:
        mailing = subscriber_mailings.new(page, _body(row), now, public=False, key=row.key)
        row.mailing = mailing.id
        row.save(update_fields=["mailing"])
    few = models.Subscriber.objects.filter(page=page)[: frozen.FEW + 1].count() <= frozen.FEW
    models.Recipient.objects.bulk_create(
        [
            models.Recipient(
                message_id=row.mailing, channel="email", address=s.address, next_at=now,
                carrier="outbox" if few else "bulk",
            )
            for s in to
        ]
    )  # fmt: skip
    subscriber_mailings.go_on(row.mailing, len(to), now)


def _body(row: models.DeletedPage) -> dict[str, object]:
    first = row.farewell.partition("\n")[0].strip()
    return {
        "subject": f"{row.page.title}: {first}"[:250], "text": row.farewell, "facts": [], "kind": "message",
        "urgency": "low", "thread": f"status/{row.page_id}/end", "data": {},
    }  # fmt: skip
