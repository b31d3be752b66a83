"""What came of the steps in the executives' own channel: kept here, gone on with by a timer. Appends to no incident."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from quarterdeck.channels import slack_rooms
from quarterdeck.core.kernel.text import line
from quarterdeck.store import models

from .. import due

KIND = "exec-channel"
FIRST = "exec-channel/"
AGAIN = timedelta(minutes=10)
MOST_ATTEMPTS = 9


def _of(delivery: models.Delivery) -> models.ExecutiveChannel | None:
    if not delivery.key.startswith(FIRST):
        return None
    key = delivery.key.split("/")[1]
    return models.ExecutiveChannel.objects.select_for_update().filter(incident_id=key).first()


def answered(delivery: models.Delivery, told: Mapping[str, Any] | None, now: datetime) -> None:
    """A step was done."""
    row = _of(delivery)
    if row is None or told is None:
        return
    row.error, row.retry_at = "", None
    step = delivery.key.split("/")[2]
    if step == "open":
        _opened(row, told, now)
    elif step == "invite":
        row.error = line("; ".join(sorted({why for why in told["invited"].values() if why})), 300)
    elif step == "unarchive":
        row.state, row.archive_at = "open", None
        if not told["back"]:
            # Another one takes its place.
            row.state, row.name, row.room, row.topic = "opening", "", "", ""
            row.attempt, row.members, row.created_at = row.attempt + 1, [], now
    elif step == "archive":
        row.state = "archived"
    row.save()
    due.arm(KIND, row.incident_id, now, now)


def _opened(row: models.ExecutiveChannel, told: Mapping[str, Any], now: datetime) -> None:
    if not told.get("taken"):
        row.room, row.name = str(told["room"])[:40], str(told["name"])[:80]
        row.url, row.state, row.opened_at = str(told["url"])[:2000], "open", now
    elif row.attempt < MOST_ATTEMPTS:
        row.attempt, row.name = row.attempt + 1, ""
    else:
        row.state, row.error = "failed", "Every name that was tried is taken. Choose another prefix."
        row.retry_at = now + AGAIN


def failed(delivery: models.Delivery, why: str, now: datetime) -> None:
    """A step is given up: why stands on Health; it is tried again by itself."""
    row = _of(delivery)
    if row is None:
        return
    step = delivery.key.split("/")[2]
    row.error = line(why, 300)
    if slack_rooms.code_of(why) in ("is_archived", "channel_not_found") and row.state in (
        "open",
        "archiving",
    ):
        row.state, row.error = "archived", ""
    elif step not in ("invite", "kick"):
        row.retry_at = now + AGAIN
        row.state = "failed" if step in ("open", "unarchive") else row.state
    row.save()
    due.arm(KIND, row.incident_id, row.retry_at or now, now)
