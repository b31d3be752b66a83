"""The messages that go to subscribers: like every other, with recipients of their own and one outbox."""

from __future__ import annotations

from datetime import datetime, timedelta

from quarterdeck.store import models
from quarterdeck.store.ids import new_id

from .. import due
from ..comms import sending

KEEP_TRYING = timedelta(days=2)


def new(
    page: models.StatusPage, body: dict[str, object], now: datetime, *, public: bool = True,
    key: str = "",
) -> models.Mailing:  # fmt: skip
    """A message to subscribers, inside the caller's transaction; it has no recipients yet. One that is not `public`
    bears no link to end it by. `key` of a page that has none any more.
    """
    return models.Mailing.objects.create(
        id=new_id(), incident_id="", audience="subscribers", segment=(key or page.key)[:60], body=body, public=public,
        changed_at=now, frozen_at=now, not_after=now + KEEP_TRYING,
    )  # fmt: skip


def go_on(message_id: str, more: int, now: datetime) -> None:
    """It has further recipients: one that everybody had got is under way again."""
    row = models.Mailing.objects.select_for_update().get(id=message_id)
    row.total += more
    if row.state == "done":
        row.state, row.ended_at = "running", None
    row.save(update_fields=["total", "state", "ended_at"])
    if row.state == "running":
        due.rearm(sending.REST, message_id, now, now)
