"""The outbox: claiming a delivery (T2), recording what came of it (T3), and what follows a failure.

A claim re-reads the callout in the same transaction, so that an acknowledgement that committed first always wins.
A record counts only for the fence it was claimed with, so that a stale worker can overwrite nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Min

from quarterdeck.channels.outcome import GaveUp, Outcome, Outgoing, Retry, Sent
from quarterdeck.core.kernel.text import line
from quarterdeck.store import models, tx

from . import due
from .callouts import unreachable
from .directory import Directory

LEASE = timedelta(seconds=30)
MAX_PAGE_ATTEMPTS = 4
MAX_MESSAGE_ATTEMPTS = 12
# A claimed delivery whose send has not begun after this long (own monotonic clock) must be dropped (I3).
SEND_WINDOW_SECONDS = 5.0
_LOST = "The worker that had this was lost."


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery this node alone may send now, once."""

    id: str
    fence: int
    n: int
    cls: str
    channel: str
    outgoing: Outgoing


def claim(now: datetime, node: str, limit: int = 100) -> list[Claim]:
    """Take up to `limit` deliveries that are due, pages before messages (T2)."""
    with tx.write():
        rows = models.Delivery.objects.filter(state="queued", next_at__lte=now).order_by("-cls", "next_at")
        if connection.vendor == "postgresql":
            rows = rows.select_for_update(skip_locked=True)
        taken = list(rows[:limit])
        if not taken:
            return []
        answered, unsure = _no_longer_wanted(taken)
        claims = []
        for row in taken:
            if row.callout_id in unsure:
                continue
            why = answered.get(row.callout_id) if row.cls == "page" else None
            if why is None and row.not_after is not None and row.not_after < now:
                why = "It was too late to send this."
            if why is not None:
                _cancel(row, why, now)
                continue
            claims.append(_claim_one(row, node, now))
        models.Attempt.objects.bulk_create(
            models.Attempt(delivery_id=c.id, n=c.n, phase="started", fence=c.fence, node=node, at=now)
            for c in claims
        )
        return claims


def _no_longer_wanted(rows: list[models.Delivery]) -> tuple[dict[str, str], set[str]]:
    """Callouts that need no page any more, with why; and those that somebody is answering at this moment.

    The others are locked against an acknowledgement in between.
    """
    wanted = {r.callout_id for r in rows if r.callout_id}
    callouts = models.Callout.objects.filter(id__in=wanted)
    if connection.vendor == "postgresql":
        # Whoever answers holds the callout and wants the deliveries: waiting for them here would be for ever.
        callouts = callouts.select_for_update(skip_locked=True)
    found = {c.id: c for c in callouts}
    over = {
        c.id: c.note or f"The callout is {c.state}."
        for c in found.values()
        if c.state in ("acknowledged", "cancelled")
    }
    return over, wanted - set(found)


def _cancel(row: models.Delivery, why: str, now: datetime) -> None:
    models.Delivery.objects.filter(id=row.id, state="queued").update(
        state="cancelled", finished_at=now, error=line(why, 300)
    )


def _claim_one(row: models.Delivery, node: str, now: datetime) -> Claim:
    row.fence += 1
    row.attempts += 1
    models.Delivery.objects.filter(id=row.id).update(
        state="sending", fence=row.fence, attempts=row.attempts, node=node, lease_until=now + LEASE
    )
    return Claim(row.id, row.fence, row.attempts, row.cls, row.channel, outgoing_of(row))


def outgoing_of(row: models.Delivery) -> Outgoing:
    b: Mapping[str, Any] = row.body
    return Outgoing(
        key=row.key,
        to=row.address,
        subject=b.get("subject", ""),
        text=b.get("text", ""),
        facts=tuple((label, value) for label, value in b.get("facts", [])),
        link=b.get("link", ""),
        link_label=b.get("link_label", "Acknowledge"),
        thread=b.get("thread", ""),
        urgency=b.get("urgency", "high"),
        kind=b.get("kind", "page"),
        recipient_name=b.get("recipient_name", ""),
        drill=row.drill,
        data=b.get("data", {}),
    )


def record(claim_: Claim, outcome: Outcome | None, node: str, now: datetime) -> None:
    """Write down what came of an attempt (T3). `outcome` None: the send window had passed, nothing was sent."""
    record_all([(claim_, outcome)], node, now)


def record_all(results: Sequence[tuple[Claim, Outcome | None]], node: str, now: datetime) -> None:
    """As `record`, for what came back together: one commit for all of it."""
    if not results:
        return
    with tx.write("web"):
        for claim_, outcome in results:
            _record(claim_, outcome, node, now)


def _record(claim_: Claim, outcome: Outcome | None, node: str, now: datetime) -> None:
    # Locked: on PostgreSQL the lease may run out, and somebody else claim it, while this is decided.
    rows = models.Delivery.objects.select_for_update()
    row = rows.filter(id=claim_.id, fence=claim_.fence, state="sending").first()
    if row is None:
        return
    word, detail, provider = _told(outcome)
    models.Attempt.objects.create(
        delivery_id=row.id, n=claim_.n, phase="ended", fence=claim_.fence, node=node, at=now,
        outcome=word, provider_id=provider[:300], detail=line(detail, 500),
    )  # fmt: skip
    if isinstance(outcome, Sent):
        _finish(row, "sent", "", now)
    elif isinstance(outcome, GaveUp) or row.attempts >= _most(row.cls):
        _finish(row, "failed", detail, now)
        _failed(row, detail, now)
    else:
        _requeue(row, outcome, detail, now)


def _told(outcome: Outcome | None) -> tuple[str, str, str]:
    match outcome:
        case Sent(provider_id, detail):
            return "accepted", detail, provider_id
        case Retry(why, _, ambiguous):
            return ("ambiguous" if ambiguous else "retry"), why, ""
        case GaveUp(why):
            return "gave_up", why, ""
        case None:
            return "dropped", "The send window had passed; nothing was sent.", ""


def _most(cls: str) -> int:
    return MAX_PAGE_ATTEMPTS if cls == "page" else MAX_MESSAGE_ATTEMPTS


def _finish(row: models.Delivery, state: str, error: str, now: datetime) -> None:
    models.Delivery.objects.filter(id=row.id).update(
        state=state, finished_at=now, lease_until=None, error=line(error, 300)
    )


def _requeue(row: models.Delivery, outcome: Retry | None, why: str, now: datetime) -> None:
    """Backoff 5/10/20/40 s for pages (a provider's Retry-After up to 30 s), minutes to hours for messages."""
    base = 5.0 if row.cls == "page" else 30.0
    wait = base * 2 ** (row.attempts - 1)
    if outcome is None:
        wait = 0.0
    elif outcome.after_seconds is not None:
        wait = max(wait, min(outcome.after_seconds, 30.0 if row.cls == "page" else 3600.0))
    spread = 1 + (int(row.id[-4:], 16) / 0xFFFF - 0.5) * 0.4
    models.Delivery.objects.filter(id=row.id).update(
        state="queued", next_at=now + timedelta(seconds=wait * spread), lease_until=None, error=line(why, 300)
    )
    if row.cls == "page" and row.attempts >= 2:
        _hurry(row, now)


def _hurry(row: models.Delivery, now: datetime) -> None:
    """Two failures: do not wait out the delay of the person's next contact."""
    waiting = models.Delivery.objects.filter(
        callout_id=row.callout_id, state="queued", attempts=0, next_at__gt=now
    )
    first = waiting.aggregate(first=Min("next_at"))["first"]
    if first is not None:
        waiting.filter(next_at=first).update(next_at=now)


def _failed(row: models.Delivery, why: str, now: datetime) -> None:
    if row.cls != "page" or not row.callout_id:
        return
    _hurry(row, now)
    left = models.Delivery.objects.filter(callout_id=row.callout_id, state__in=("queued", "sending", "sent"))
    if left.exists():
        return
    callout = models.Callout.objects.filter(id=row.callout_id, state="waiting").first()
    if callout is None:
        return
    models.Callout.objects.filter(id=callout.id).update(state="unreachable", note=line(why, 300))
    name = Directory(now).name(callout.person_id)
    unreachable(callout, f"{name} could not be reached by any contact; the last said: {why}", now)
    if callout.run_id:
        due.pull("escalate", callout.run_id, now)


def release_expired(now: datetime) -> int:
    """Give back what a lost worker had claimed: its lease ran out, so somebody else may try (same key).

    What was begun as often as is allowed (I4) is over: the person's next contact, or the next step, takes over.
    """
    stale = models.Delivery.objects.filter(state="sending", lease_until__lt=now)
    if not stale.exists():
        return 0
    with tx.write("web"):
        rows = list(stale.select_for_update(skip_locked=connection.vendor == "postgresql"))
        for row in rows:
            if row.attempts >= _most(row.cls):
                _finish(row, "failed", _LOST, now)
                _failed(row, _LOST, now)
        again = [row.id for row in rows if row.attempts < _most(row.cls)]
        models.Delivery.objects.filter(id__in=again).update(
            state="queued", next_at=now, lease_until=None, error=_LOST
        )
        return len(rows)


def next_send() -> datetime | None:
    """When the earliest queued delivery wants to go out."""
    return models.Delivery.objects.filter(state="queued").aggregate(first=Min("next_at"))["first"]
