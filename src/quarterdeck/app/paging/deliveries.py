"""The outbox: recording what came of a send (T3), what follows a failure, and what a lost worker had in its hands.

A record counts only for the fence it was claimed with, so that a stale worker can overwrite nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Min, QuerySet

from quarterdeck.channels.outcome import GaveUp, Outcome, Outgoing, Retry, Sent
from quarterdeck.core.kernel.moments import micros
from quarterdeck.core.kernel.text import line
from quarterdeck.store import bulk, models, tx
from quarterdeck.store.database_clock import database_now

from ..alerts import mirror
from ..chat import channel_steps
from ..comms import ledger
from ..executives import executive_channel_steps
from ..subscribers import subscriber_ends
from . import bundles, device_ends, escalations, quiet_pages
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


ATTEMPT = ("delivery_id", "n", "phase", "fence", "node", "at", "outcome", "provider_id", "detail")


def record(claim_: Claim, outcome: Outcome | None, node: str, now: datetime) -> None:
    """Write down what came of an attempt (T3). `outcome` None: the send window had passed, nothing was sent."""
    record_all([(claim_, outcome)], node, now)


def record_all(results: Sequence[tuple[Claim, Outcome | None]], node: str, now: datetime) -> None:
    """As `record`, for what came back together: one commit for all of it."""
    if not results:
        return
    with tx.write("web"):
        # Locked: on PostgreSQL the lease may run out, and somebody else claim it, while this is decided.
        found = models.Delivery.objects.select_for_update().filter(state="sending").order_by("id")
        held = {row.id: row for row in found.filter(id__in=[c.id for c, _ in results]).defer("body")}
        plain: list[tuple[models.Delivery, Sent]] = []
        for claim_, outcome in results:
            row = held.get(claim_.id)
            if row is None or row.fence != claim_.fence:
                continue
            if isinstance(outcome, Sent) and row.bundle_id != row.id:
                plain.append((row, outcome))
            else:
                _record(row, outcome, node, now)
        _record_sent(plain, node, now)


def _record_sent(sent: Sequence[tuple[models.Delivery, Sent]], node: str, now: datetime) -> None:
    """What went well and stood for itself alone, all of it with two statements."""
    bulk.insert(
        models.Attempt,
        ATTEMPT,
        [
            (r.id, r.attempts, "ended", r.fence, node[:60], micros(now), "accepted", o.provider_id[:300],
             line(o.detail, 500))
            for r, o in sent
        ],
    )  # fmt: skip
    _finish([r for r, _ in sent], "sent", "", now)
    for row, outcome in sent:
        mirror.sent(row, now)
        ledger.carried(row, "handed", outcome.detail, now, outcome.provider_id)
        channel_steps.answered(row, outcome.told, now)
        subscriber_ends.sent(row, outcome.told, now)
        executive_channel_steps.answered(row, outcome.told, now)


def _record(row: models.Delivery, outcome: Outcome | None, node: str, now: datetime) -> None:
    rows = [row, *(bundles.others(row.id) if row.bundle_id == row.id else [])]
    word, detail, provider = _told(outcome)
    if isinstance(outcome, GaveUp) and outcome.gone:
        device_ends.end(row.address, detail, now)
        subscriber_ends.gone(row, detail, now)
    ended = [
        (r.id, r.attempts, "ended", r.fence, node[:60], micros(now), word, provider[:300], line(detail, 500))
        for r in rows
    ]
    bulk.insert(models.Attempt, ATTEMPT, ended)
    if word not in ("accepted", "ambiguous") and bundles.is_paced(row):
        bundles.free(row.contact_id, now)
    again = []
    for r in rows:
        if isinstance(outcome, Sent):
            continue
        if isinstance(outcome, GaveUp) or r.attempts >= _most(r.cls):
            _finish([r], "failed", detail, now)
            failed(r, detail, now)
            if isinstance(outcome, GaveUp) and outcome.no_mailbox:
                ledger.bounced(r, detail, now)
        else:
            again.append(r)
    if isinstance(outcome, Sent):
        _finish(rows, "sent", "", now)
        mirror.sent(row, now)
    elif again:
        _requeue(again, outcome if not isinstance(outcome, GaveUp) else None, detail, now)


def _told(outcome: Outcome | None) -> tuple[str, str, str]:
    match outcome:
        case Sent(provider_id, detail):
            return "accepted", detail, provider_id
        case Retry(why, _, ambiguous):
            return ("ambiguous" if ambiguous else "retry"), why, ""
        case GaveUp(why=why):
            return "gave_up", why, ""
        case None:
            return "dropped", "The send window had passed; nothing was sent.", ""


def _most(cls: str) -> int:
    return MAX_PAGE_ATTEMPTS if cls == "page" else MAX_MESSAGE_ATTEMPTS


def _finish(rows: Sequence[models.Delivery], state: str, error: str, now: datetime) -> None:
    values = (state, micros(now), None, line(error, 300))
    bulk.update(
        models.Delivery, ("state", "finished_at", "lease_until", "error"), [(*values, r.id) for r in rows]
    )


def _requeue(rows: Sequence[models.Delivery], outcome: Retry | None, why: str, now: datetime) -> None:
    """Backoff 5/10/20/40 s for pages (a provider's Retry-After up to 30 s), minutes to hours for messages."""
    row = rows[0]
    base = 5.0 if row.cls == "page" else 30.0
    wait = base * 2 ** (row.attempts - 1)
    if outcome is None:
        wait = 0.0
    elif outcome.after_seconds is not None:
        wait = max(wait, min(outcome.after_seconds, 30.0 if row.cls == "page" else 3600.0))
    spread = 1 + (int(row.id[-4:], 16) / 0xFFFF - 0.5) * 0.4
    values = ("queued", micros(now + timedelta(seconds=wait * spread)), None, line(why, 300))
    bulk.update(
        models.Delivery, ("state", "next_at", "lease_until", "error"), [(*values, r.id) for r in rows]
    )
    for r in rows:
        if r.cls == "page" and (r.attempts >= 2 or (outcome is not None and outcome.elsewhere)):
            _hurry(r, now)


def _hurry(row: models.Delivery, now: datetime) -> None:
    """Two failures: do not wait out the delay of the person's next contact, but their quiet hours."""
    waiting = models.Delivery.objects.filter(
        callout_id=row.callout_id, state="queued", attempts=0, next_at__gt=now
    )
    first = waiting.aggregate(first=Min("next_at"))["first"]
    if first is not None:
        waiting.filter(next_at=first).update(next_at=min(first, quiet_pages.may_ring(row.callout_id, now)))


def failed(row: models.Delivery, why: str, now: datetime) -> None:
    """What follows when a page will not go out any more: the next contact, else the next step, and an alarm."""
    if row.cls != "page" or not row.callout_id:
        mirror.failed(row, why, now)
        ledger.carried(row, "failed", why, now)
        channel_steps.failed(row, why, now)
        subscriber_ends.failed(row, why, now)
        executive_channel_steps.failed(row, why, now)
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
        escalations.hurry(callout.run_id, now)


def release_expired(now: datetime) -> int:
    """Give back what a lost worker had claimed: its lease ran out, so somebody else may try (same key).

    What was begun as often as is allowed (I4) is over: the person's next contact, or the next step, takes over.
    """
    return _give_back(models.Delivery.objects.filter(lease_until__lt=database_now(now)), now)


def release_of(node: str, now: datetime) -> int:
    """Give back what a process that is known to be dead had claimed, without waiting for its leases to run out."""
    return _give_back(models.Delivery.objects.filter(node=node[:60]), now)


def _give_back(claimed: QuerySet[models.Delivery], now: datetime) -> int:
    stale = claimed.filter(state="sending")
    if not stale.exists():
        return 0
    with tx.write("web"):
        rows = list(stale.select_for_update(skip_locked=connection.vendor == "postgresql"))
        for row in rows:
            if row.attempts >= _most(row.cls):
                _finish([row], "failed", _LOST, now)
                failed(row, _LOST, now)
        again = [row.id for row in rows if row.attempts < _most(row.cls)]
        models.Delivery.objects.filter(id__in=again).update(
            state="queued", next_at=now, lease_until=None, error=_LOST
        )
        return len(rows)
