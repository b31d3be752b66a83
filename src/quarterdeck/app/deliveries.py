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
from quarterdeck.core.kernel.moments import micros
from quarterdeck.core.kernel.text import line
from quarterdeck.store import bulk, models, tx
from quarterdeck.store.database_clock import database_now

from . import bundles, escalations
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


def claim(now: datetime, node: str, limit: int = 100, messages: int | None = None) -> list[Claim]:
    """Take up to `limit` sends that are due, pages before messages, of these at most `messages` (T2).

    Pages about alerts for one contact are one send (`bundles`).
    """
    with tx.write():
        lease = database_now(now) + LEASE
        sends = _pages(now, limit)
        room = min(limit - len(sends), limit if messages is None else messages)
        if room > 0:
            sends += [bundles.Bundle([row]) for row in _queued("message", now, room)]
        claims = [_claim_one(bundle, subjects, node, lease) for bundle, subjects in _wanted(sends, now)]
        rows = [row for claim_, rows in claims for row in rows]
        _take(rows, node, lease, now)
        return [claim_ for claim_, _ in claims]


def _queued(cls: str, now: datetime, limit: int) -> list[models.Delivery]:
    rows = models.Delivery.objects.filter(cls=cls, state="queued", next_at__lte=now).order_by("next_at")
    if connection.vendor == "postgresql":
        rows = rows.select_for_update(skip_locked=True)
    return list(rows[:limit])


def _pages(now: datetime, limit: int) -> list[bundles.Bundle]:
    """Pages that may go out now, at most `limit` sends, the longest due first."""
    rows = _queued("page", now, bundles.MOST)
    alone = [bundles.Bundle([r]) for r in rows if not bundles.is_paced(r)]
    paced = bundles.bundled([r for r in rows if bundles.is_paced(r)], now)
    sends = sorted([*alone, *paced], key=lambda b: min(r.next_at for r in b.rows))[:limit]
    held = {b.carrier.contact_id for b in sends if bundles.is_paced(b.carrier)}
    if held:
        bundles.hold(sorted(held), now)
    return sends


def _wanted(sends: Sequence[bundles.Bundle], now: datetime) -> list[tuple[bundles.Bundle, Mapping[str, str]]]:
    """What of these is still to be sent. The rest is cancelled with the reason, or left to whoever answers it now."""
    callouts, unsure = _callouts([r for b in sends for r in b.rows])
    found = []
    for bundle in sends:
        keep = []
        for row in bundle.rows:
            if row.callout_id in unsure:
                continue
            callout = callouts.get(row.callout_id)
            over = (
                callout is not None and row.cls == "page" and callout.state in ("acknowledged", "cancelled")
            )
            if over and callout is not None:
                _cancel(row, callout.note or f"The callout is {callout.state}.", now)
            elif row.not_after is not None and row.not_after < now:
                _too_late(row, now)
            else:
                keep.append(row)
        if keep:
            found.append((bundles.Bundle(keep), {c.id: c.subject for c in callouts.values()}))
    return found


def _callouts(rows: Sequence[models.Delivery]) -> tuple[dict[str, models.Callout], set[str]]:
    """The callouts of these pages, locked against an acknowledgement in between; and those that somebody is answering
    at this moment.
    """
    wanted = sorted({r.callout_id for r in rows if r.callout_id})
    found: dict[str, models.Callout] = {}
    for start in range(0, len(wanted), 500):
        callouts = models.Callout.objects.filter(id__in=wanted[start : start + 500])
        if connection.vendor == "postgresql":
            # Whoever answers holds the callout and wants the deliveries: waiting for them here would be for ever.
            callouts = callouts.select_for_update(skip_locked=True)
        found |= {c.id: c for c in callouts}
    return found, set(wanted) - set(found)


def _cancel(row: models.Delivery, why: str, now: datetime) -> None:
    models.Delivery.objects.filter(id=row.id, state="queued").update(
        state="cancelled", finished_at=now, error=line(why, 300)
    )


def _too_late(row: models.Delivery, now: datetime) -> None:
    """Its time is over before it went out: a page says so as loudly as one that could not be delivered."""
    why = "It was too late to send this."
    _cancel(row, why, now)
    _failed(row, why, now)


def _claim_one(
    bundle: bundles.Bundle, subjects: Mapping[str, str], node: str, lease: datetime
) -> tuple[Claim, list[models.Delivery]]:
    for row in bundle.rows:
        row.fence += 1
        row.attempts += 1
    bundles.mark(bundle)
    row = bundle.carrier
    outgoing = outgoing_of(row, bundles.body_of(bundle, subjects))
    return Claim(row.id, row.fence, row.attempts, row.cls, row.channel, outgoing), bundle.rows


def _take(rows: Sequence[models.Delivery], node: str, lease: datetime, now: datetime) -> None:
    until, at = micros(lease), micros(now)
    bulk.update(
        models.Delivery,
        ("state", "fence", "attempts", "node", "lease_until"),
        [("sending", r.fence, r.attempts, node[:60], until, r.id) for r in rows],
    )
    started = [(r.id, r.attempts, "started", r.fence, node[:60], at, "", "", "") for r in rows]
    bulk.insert(models.Attempt, _ATTEMPT, started)


_ATTEMPT = ("delivery_id", "n", "phase", "fence", "node", "at", "outcome", "provider_id", "detail")


def outgoing_of(row: models.Delivery, body: Mapping[str, Any] | None = None) -> Outgoing:
    """A delivery as its channel gets it; `body` in place of its own, where it carries others."""
    b: Mapping[str, Any] = row.body if body is None else body
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
        at=row.created_at,
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
    rows = [row, *(bundles.others(row.id) if row.bundle_id == row.id else [])]
    word, detail, provider = _told(outcome)
    ended = [
        (r.id, r.attempts, "ended", r.fence, node[:60], micros(now), word, provider[:300], line(detail, 500))
        for r in rows
    ]
    bulk.insert(models.Attempt, _ATTEMPT, ended)
    if word not in ("accepted", "ambiguous") and bundles.is_paced(row):
        bundles.free(row.contact_id, now)
    again = []
    for r in rows:
        if isinstance(outcome, Sent):
            continue
        if isinstance(outcome, GaveUp) or r.attempts >= _most(r.cls):
            _finish([r], "failed", detail, now)
            _failed(r, detail, now)
        else:
            again.append(r)
    if isinstance(outcome, Sent):
        _finish(rows, "sent", "", now)
    elif again:
        _requeue(again, outcome if not isinstance(outcome, GaveUp) else None, detail, now)


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
        if r.cls == "page" and r.attempts >= 2:
            _hurry(r, now)


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
        escalations.hurry(callout.run_id, now)


def release_expired(now: datetime) -> int:
    """Give back what a lost worker had claimed: its lease ran out, so somebody else may try (same key).

    What was begun as often as is allowed (I4) is over: the person's next contact, or the next step, takes over.
    """
    stale = models.Delivery.objects.filter(state="sending", lease_until__lt=database_now(now))
    if not stale.exists():
        return 0
    with tx.write("web"):
        rows = list(stale.select_for_update(skip_locked=connection.vendor == "postgresql"))
        for row in rows:
            if row.attempts >= _most(row.cls):
                _finish([row], "failed", _LOST, now)
                _failed(row, _LOST, now)
        again = [row.id for row in rows if row.attempts < _most(row.cls)]
        models.Delivery.objects.filter(id__in=again).update(
            state="queued", next_at=now, lease_until=None, error=_LOST
        )
        return len(rows)


def next_send(*, messages: bool = True) -> datetime | None:
    """When the earliest queued delivery wants to go out; without `messages` the earliest page."""
    rows = models.Delivery.objects.filter(state="queued")
    if not messages:
        rows = rows.filter(cls="page")
    return rows.aggregate(first=Min("next_at"))["first"]
