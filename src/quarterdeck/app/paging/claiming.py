"""Claiming what is due to be sent (T2): pages before messages, pages for one contact as one, nothing that is over.

A claim re-reads the callout in the same transaction, so that an acknowledgement that committed first always wins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Min, QuerySet

from quarterdeck.channels.outcome import Outgoing
from quarterdeck.core.kernel.moments import micros
from quarterdeck.core.kernel.text import line
from quarterdeck.store import bulk, models, tx
from quarterdeck.store.database_clock import database_now

from ..drills import drill_reach
from ..subscribers import subscriber_targets
from . import backlog, bundles, paid_sends, push_devices
from .deliveries import ATTEMPT, LEASE, Claim, failed
from .room import ANY, Room


def claim(
    now: datetime, node: str, limit: int = 100, messages: int | None = None, room: Room = ANY
) -> list[Claim]:
    """Take up to `limit` sends that are due and that there is room for, pages before messages, of these at most
    `messages` (T2).

    Pages about alerts for one contact are one send (`bundles`).
    """
    with tx.write():
        lease = database_now(now) + LEASE
        sends = _pages(now, limit, room)
        left = min(limit - len(sends), limit if messages is None else messages)
        if left > 0:
            sends += _messages(now, left, room.with_more(b.carrier.channel for b in sends))
        wanted = paid_sends.within(_wanted(sends, now), now)
        # Whoever is not paged after all is free for what comes next.
        held = {b.carrier.contact_id for b, _ in wanted if bundles.is_paced(b.carrier)}
        if held:
            bundles.hold(sorted(held), now)
        claims = [_claim_one(bundle, subjects) for bundle, subjects in wanted]
        rows = [row for claim_, rows in claims for row in rows]
        _take(rows, node, lease, now)
        return subscriber_targets.addressed(push_devices.addressed([claim_ for claim_, _ in claims]))


def _due(cls: str, now: datetime, room: Room) -> QuerySet[models.Delivery]:
    """What is due, the longest first, on channels that are not full."""
    rows = models.Delivery.objects.filter(cls=cls, state="queued", next_at__lte=now)
    return (rows.exclude(channel__in=room.full) if room.full else rows).order_by("next_at")


def _messages(now: datetime, limit: int, room: Room) -> list[bundles.Bundle]:
    rows = _due("message", now, room)
    if connection.vendor == "postgresql":
        rows = rows.select_for_update(skip_locked=True)
    return room.within(((row.channel, bundles.Bundle([row])) for row in rows[:limit]), limit)


def _pages(now: datetime, limit: int, room: Room) -> list[bundles.Bundle]:
    """Pages that may go out now, at most `limit` sends, in the order of `backlog.in_turns`."""
    rows = _first_due(now, limit, room)
    place = {r.id: n for n, r in enumerate(rows)}
    alone = [bundles.Bundle([r]) for r in rows if not bundles.is_paced(r)]
    paced = bundles.bundled([r for r in rows if bundles.is_paced(r)], now)
    waiting = sorted([*alone, *paced], key=lambda b: min(place[r.id] for r in b.rows))
    return room.within(((b.carrier.channel, b) for b in waiting), limit)


# So many more contacts are looked at than can be served: some of them were paged just now.
_MORE_CONTACTS = 32


def _first_due(now: datetime, limit: int, room: Room) -> list[models.Delivery]:
    """The pages due for the contacts whose turn it is, in that order: in a storm most of the queue is for later sends,
    and reading all of it for each handful of them would cost more than sending.
    """
    due = _due("page", now, room)
    rows = due.values_list(*backlog.Queued._fields)[: bundles.MOST]
    queued = backlog.in_turns([backlog.Queued(*row) for row in rows], now)
    contacts: set[str] = set()
    wanted: dict[str, int] = {}
    for row in queued:
        place = row.contact_id or row.callout_id or row.id
        if place not in contacts and len(contacts) >= limit + _MORE_CONTACTS:
            continue
        contacts.add(place)
        wanted[row.id] = len(wanted)
    taken = due.filter(id__in=wanted)
    if connection.vendor == "postgresql":
        taken = taken.select_for_update(skip_locked=True)
    return sorted(taken, key=lambda r: wanted[r.id])


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
    failed(row, why, now)


def _claim_one(bundle: bundles.Bundle, subjects: Mapping[str, str]) -> tuple[Claim, list[models.Delivery]]:
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
    bulk.insert(models.Attempt, ATTEMPT, started)


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
        practice=_practises(row),
        data=b.get("data", {}),
        at=row.created_at,
    )


def _practises(row: models.Delivery) -> bool:
    """Of a drill only a page to a person of this installation, on a contact of theirs, and where its kind pages."""
    own = row.cls == "page" and bool(row.callout_id and row.person_id and row.contact_id)
    return row.drill and own and drill_reach.reaches(row.incident_id, row.person_id)


def next_send(*, messages: bool = True, room: Room = ANY) -> datetime | None:
    """When the earliest queued delivery there is room for wants to go out; without `messages` the earliest page."""
    rows = models.Delivery.objects.filter(state="queued")
    if room.full:
        rows = rows.exclude(channel__in=room.full)
    if not messages:
        rows = rows.filter(cls="page")
    return rows.aggregate(first=Min("next_at"))["first"]
