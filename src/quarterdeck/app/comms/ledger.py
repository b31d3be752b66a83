"""What became of each recipient: claimed in batches with the attempt written down before anything is handed over.

A record counts only for the fence it was claimed with. What a lost engine had in its hands is unclear: it may have
gone out. It is tried again under the same Message-ID, at most MOST_UNCLEAR times in all, so doubles are bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet

from quarterdeck.channels import sms_twilio
from quarterdeck.core.kernel.moments import micros
from quarterdeck.core.kernel.text import line
from quarterdeck.store import bulk, models, tx
from quarterdeck.store.database_clock import database_now

from ..subscribers import subscriber_ends
from . import links, suppressions

LEASE = timedelta(seconds=120)
MOST_ATTEMPTS, MOST_UNCLEAR = 12, 4
BATCH = 250
# Channels whose provider says whether it arrived, and within what time it does.
REPORTING, REPORTS_WITHIN = (sms_twilio.KIND,), timedelta(hours=6)
Word = Literal["taken", "no_mailbox", "refused", "later", "unclear", "untouched"]
_LOST = "The engine that had this was lost: it may have gone out."


class Taken(NamedTuple):
    """A recipient this node alone may hand over now, once."""

    id: int
    contact_id: str
    address: str
    name: str
    fence: int
    attempts: int
    unclear: int


@dataclass(frozen=True, slots=True)
class Batch:
    mailing: models.Mailing
    rows: list[Taken]


def running() -> bool:
    """Whether any message to many is under way."""
    return models.Mailing.objects.filter(state="running").exists()


def claim(node: str, now: datetime, limit: int = BATCH) -> Batch | None:
    """The next recipients of the message that has waited longest; None when nothing can be handed over now. Messages
    that everybody has got are marked so.
    """
    with tx.write():
        for mailing in models.Mailing.objects.filter(state="running").order_by("frozen_at"):
            rows = _due(mailing.id, now, limit)
            if rows:
                kept = _wanted(mailing, rows, now)
                _take(kept, node, now)
                return Batch(mailing, [r._replace(fence=r.fence + 1, attempts=r.attempts + 1) for r in kept])
            finish(mailing.id, now)
    return None


def _due(message_id: str, now: datetime, limit: int) -> list[Taken]:
    rows = models.Recipient.objects.filter(
        message_id=message_id, state="queued", carrier="bulk", next_at__lte=now
    )
    if connection.vendor == "postgresql":
        rows = rows.select_for_update(skip_locked=True)
    return [Taken(*r) for r in rows.order_by("id").values_list(*Taken._fields)[:limit]]


def _wanted(mailing: models.Mailing, rows: list[Taken], now: datetime) -> list[Taken]:
    """Those still to be written to: who was taken out or said no since the release is held back, with the reason."""
    gone = suppressions.among(
        "email", [r.address for r in rows], subscribed=mailing.audience == "subscribers"
    )
    out = models.AudienceContact.objects.filter(id__in=[r.contact_id for r in rows])
    left = set(
        out.filter(Q(removed_at__isnull=False) | Q(withdrawn_at__isnull=False)).values_list("id", flat=True)
    )
    left |= subscriber_ends.over([r.contact_id for r in rows])
    late = mailing.not_after < now
    kept: list[Taken] = []
    for row in rows:
        if row.address in gone or row.contact_id in left:
            _end([row.id], "suppressed", "They were taken out, or said no, after the release.", now)
        elif late:
            _end([row.id], "failed", "It was too late to send this.", now)
        else:
            kept.append(row)
    return kept


def _end(ids: Sequence[int], state: str, why: str, now: datetime) -> None:
    models.Recipient.objects.filter(id__in=ids).update(
        state=state, ended_at=now, lease_until=None, detail=line(why, 300)
    )


def _take(rows: Sequence[Taken], node: str, now: datetime) -> None:
    until = micros(database_now(now) + LEASE)
    bulk.update(
        models.Recipient,
        ("state", "fence", "attempts", "node", "lease_until"),
        [("sending", r.fence + 1, r.attempts + 1, node[:60], until, r.id) for r in rows],
    )


_RECORD = (
    "UPDATE recipient SET state = %s, attempts = %s, unclear = %s, next_at = %s, handed_at = %s, ended_at = %s, "
    "detail = %s, lease_until = NULL WHERE id = %s AND fence = %s AND state = 'sending'"
)


def record(batch: Batch, results: Iterable[tuple[Taken, Word, str]], now: datetime) -> None:
    """Write down what came of a batch, one commit for all of it."""
    found = list(results)
    with tx.write("web"):
        with connection.cursor() as c:
            values = [_values(row, word, words, now) for row, word, words in found]
            c.executemany(_RECORD, values)
        if batch.mailing.audience == "subscribers":
            taken = [row.contact_id for row, word, _ in found if word == "taken"]
            lost = zip(found, values, strict=True)
            subscriber_ends.of_bulk(taken, [(f[0].contact_id, f[2]) for f, v in lost if v[0] == "failed"])
        for row, word, words in found:
            if word == "no_mailbox":
                suppressions.put("email", row.address, "bounce", words, now, message_id=batch.mailing.id)


def _values(row: Taken, word: Word, words: str, now: datetime) -> tuple[Any, ...]:
    at, said = micros(now), line(words, 300)
    attempts, unclear, again = row.attempts, row.unclear + (word == "unclear"), at
    state, handed, ended = "queued", None, None
    match word:
        case "taken":
            state, handed = "handed", at
        case "no_mailbox":
            state, ended = "bounced", at
        case "refused":
            state, ended = "failed", at
        case "untouched":
            attempts -= 1
        case _ if attempts >= MOST_ATTEMPTS or unclear >= MOST_UNCLEAR:
            state, ended = "failed", at
        case _:
            again = micros(now + backoff(attempts, row.id))
    return state, attempts, unclear, again, handed, ended, said, row.id, row.fence


def backoff(attempts: int, ref: int) -> timedelta:
    """Ten seconds, doubled each time up to an hour, spread by a fifth so that not all come back at once."""
    return timedelta(
        seconds=min(10.0 * 2 ** (attempts - 1), 3600.0) * (0.9 + (ref * 2654435761 % 1000) / 5000)
    )


def release_of(node: str, now: datetime) -> int:
    """What a process known to be dead had in its hands."""
    return _give_back(models.Recipient.objects.filter(node=node[:60]), now)


def release_expired(now: datetime) -> int:
    return _give_back(models.Recipient.objects.filter(lease_until__lt=database_now(now)), now)


def _give_back(claimed: QuerySet[models.Recipient], now: datetime) -> int:
    stale = claimed.filter(state="sending")
    if not stale.exists():
        return 0
    with tx.write("web"):
        rows = list(stale.select_for_update(skip_locked=connection.vendor == "postgresql"))
        ready, over = micros(now), [r for r in rows if r.unclear + 1 >= MOST_UNCLEAR]
        again = [r for r in rows if r.unclear + 1 < MOST_UNCLEAR]
        bulk.update(
            models.Recipient,
            ("state", "unclear", "next_at", "lease_until", "detail"),
            [("queued", r.unclear + 1, ready, None, _LOST, r.id) for r in again],
        )
        bulk.update(
            models.Recipient,
            ("state", "unclear", "ended_at", "lease_until", "detail"),
            [("failed", r.unclear + 1, ready, None, _LOST, r.id) for r in over],
        )
        return len(rows)


def say(message_id: str, note: str) -> None:
    """What keeps a message from going on just now; "" when nothing does."""
    rows = models.Mailing.objects.filter(id=message_id).exclude(note=line(note, 300))
    if rows.exists():
        with tx.write("web"):
            rows.update(note=line(note, 300))


def say_all(note: str) -> None:
    """The same of every message under way that still has mails to hand over."""
    for message_id in models.Mailing.objects.filter(state="running").values_list("id", flat=True):
        say(message_id, note)


def finish(message_id: str, now: datetime) -> None:
    """Mark a message whose every recipient is accounted for, inside the caller's transaction."""
    left = models.Recipient.objects.filter(message_id=message_id, state__in=("queued", "sending"))
    if not left.exists():
        rows = models.Mailing.objects.filter(id=message_id, state="running")
        rows.update(state="done", ended_at=now, note="")


# -- what the outbox carries


def carried(row: models.Delivery, state: str, why: str, now: datetime, provider_id: str = "") -> None:
    """What came of a delivery of a message, inside the caller's transaction."""
    if not row.message_id:
        return
    mine = models.Recipient.objects.filter(
        message_id=row.message_id, channel=row.channel, address=row.address
    )
    if state == "handed":
        # The provider's report may overtake the answer that it took it.
        mine = mine.exclude(state="delivered")
    values: dict[str, Any] = {"state": state, "attempts": row.attempts, "detail": line(why, 300)}
    values |= {"handed_at": now, "provider_id": provider_id[:300]} if state == "handed" else {"ended_at": now}
    mine.filter(carrier="outbox").update(**values)
    finish(row.message_id, now)


def arrived(row: models.Delivery, why: str, now: datetime) -> None:
    """The provider reports that a message came to its recipient, inside the caller's transaction."""
    if row.message_id:
        carried(row, "delivered", why, now)


def report_of(row: models.Recipient, now: datetime) -> str:
    """What the provider said of it: delivered or failed, "none" where it should have said something by now, "" where
    it may still, or never does.
    """
    if row.channel not in REPORTING or row.handed_at is None:
        return ""
    if row.state in ("delivered", "failed"):
        return row.state
    return "none" if row.state == "handed" and row.handed_at < now - REPORTS_WITHIN else ""


def without_report(message_id: str, now: datetime) -> int:
    """How many were handed over to a provider that should have said by now what became of them."""
    rows = models.Recipient.objects.filter(message_id=message_id, state="handed", channel__in=REPORTING)
    return rows.filter(handed_at__lt=now - REPORTS_WITHIN).count()


def bounced(row: models.Delivery, why: str, now: datetime) -> None:
    """The mail server says there is no such mailbox: nothing is sent there again."""
    if row.message_id or row.key.startswith("subscription/"):
        carried(row, "bounced", why, now)
        suppressions.put(row.channel, row.address, "bounce", why, now, message_id=row.message_id)


# -- what is heard of it afterwards


def message_name(recipient_id: int, domain: str) -> str:
    """The Message-ID of a mail to one of many: whoever sends it back shows that they had the mail."""
    return f"<r{recipient_id}.{_mark(recipient_id)}@{domain}>"


def _mark(recipient_id: int) -> str:
    return links.token("recipient", str(recipient_id)).lower()


def unsubscribe_path(recipient_id: int, subscriber_id: str = "") -> str:
    """Of a subscriber the link stands as long as they do: who got what is forgotten earlier."""
    if subscriber_id:
        return f"/u/s/{subscriber_id}/{links.token('unsubscribe-subscriber', subscriber_id)}/"
    return f"/u/{recipient_id}/{links.token('unsubscribe', str(recipient_id))}/"


def known_by(message_ids: Iterable[str]) -> models.Recipient | None:
    """The recipient whose mail carried one of these Message-IDs."""
    for ident in message_ids:
        plain = ident.strip("<> ").partition("@")[0].lower()
        number, _, mark = plain.removeprefix("r").partition(".")
        numbered = plain.startswith("r") and number.isascii() and number.isdigit() and len(number) < 19
        if numbered and mark == _mark(int(number)):
            return models.Recipient.objects.filter(id=int(number)).first()
        found = models.Recipient.objects.filter(provider_id=f"<{ident.strip('<> ')}>").first()
        if found is not None:
            return found
    return None


# What is heard later counts only where it says more than what is known.
_HEARD = {"queued": 0, "sending": 0, "handed": 0, "delivered": 1, "failed": 2, "bounced": 3, "complained": 4}


def heard(recipient: models.Recipient, state: str, why: str, now: datetime) -> bool:
    """Delivered, bounced for good, or complained about; whether that is news. Nothing goes back to what it was."""
    with tx.write("web"):
        row = models.Recipient.objects.select_for_update().get(id=recipient.id)
        if _HEARD.get(row.state, 9) >= _HEARD[state]:
            return False
        models.Recipient.objects.filter(id=row.id).update(
            state=state, ended_at=now, lease_until=None, fence=row.fence + 1, detail=line(why, 300)
        )
        if state in ("bounced", "complained"):
            reason = "bounce" if state == "bounced" else "complaint"
            suppressions.put(row.channel, row.address, reason, why, now, message_id=row.message_id)
            told = "It bounced." if state == "bounced" else "They complained."
            suppressions.hold_back(row.channel, row.address, told, now)
        finish(row.message_id, now)
    return True


def unsubscribe(recipient: models.Recipient, now: datetime) -> None:
    """They want no more of these: withdrawn everywhere the address stands. A second time changes nothing, and keeps
    nobody waiting who writes: anybody may press a link again and again. A subscriber of a status page ends that.
    """
    subscribed = models.Subscriber.objects.filter(id=recipient.contact_id).first()
    if subscribed is not None:
        if subscribed.state != "ended":
            with tx.write("web"):
                subscriber_ends.unsubscribed(recipient, now)
        return
    ended = models.Suppression.objects.filter(channel=recipient.channel, address=recipient.address).exists()
    standing = models.AudienceContact.objects.filter(email=recipient.address, withdrawn_at=None)
    if ended and not standing.exists():
        return
    with tx.write("web"):
        put = suppressions.put(
            recipient.channel, recipient.address, "unsubscribe", "By the link in a message.", now,
            message_id=recipient.message_id,
        )  # fmt: skip
        standing.update(withdrawn_at=now, withdrawn_via="link")
        if put:
            suppressions.hold_back(recipient.channel, recipient.address, "They unsubscribed.", now)
