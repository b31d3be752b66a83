"""What became of what subscribers were sent: figures of a page, the last messages of each, and who is failing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count

from quarterdeck.store import models, tx

from ..comms.frozen import STATES

KEEP = timedelta(days=90)
_LAST = 50


@dataclass(frozen=True, slots=True)
class Sent:
    """One message to one subscriber."""

    subject: str
    at: datetime
    state: str
    word: str
    detail: str


@dataclass(frozen=True, slots=True)
class Told:
    """One post on its way to the subscribers of a page."""

    title: str
    event: str
    at: datetime
    state: str
    told: int
    held: int
    skipped: int
    by_state: dict[str, int]


def failing(page_id: str = "") -> dict[str, int]:
    """How many subscribers are kept back because what they are sent fails: page id to number."""
    rows = models.Subscriber.objects.filter(state="quarantined")
    rows = rows.filter(page_id=page_id) if page_id else rows
    return dict(rows.order_by().values_list("page_id").annotate(n=Count("id")))


def active(page_id: str) -> int:
    """How many are told of what is posted on a page."""
    return models.Subscriber.objects.filter(page_id=page_id, state="active").count()


def last_of(row: models.Subscriber) -> list[Sent]:
    """The newest messages to one subscriber, the newest first."""
    posts = models.SubscriberPost.objects.filter(page_id=row.page_id).order_by("-at")[:_LAST]
    ids = [m for mailings in posts.values_list("mailings", flat=True) for m in mailings.values()]
    found = models.Recipient.objects.filter(message_id__in=ids, address=row.address, contact_id=row.id)
    rows = list(found.order_by("-id")[:20])
    mailings = {m.id: m for m in models.Mailing.objects.filter(id__in=[r.message_id for r in rows])}
    return [
        Sent(
            str(mailings[r.message_id].body.get("subject", "")), mailings[r.message_id].frozen_at, r.state,
            STATES[r.state], r.detail,
        )
        for r in rows
    ]  # fmt: skip


def posts(page: models.StatusPage, most: int = 10) -> list[Told]:
    """The newest posts, each with how far its messages have come."""
    rows = list(models.SubscriberPost.objects.filter(page_id=page.id).order_by("-at")[:most])
    ids = [m for row in rows for m in row.mailings.values()]
    counted = (
        models.Recipient.objects.filter(message_id__in=ids).order_by().values_list("message_id", "state")
    )
    by_message: dict[str, dict[str, int]] = {}
    for message, state, n in counted.annotate(n=Count("pk")):
        by_message.setdefault(message, {})[state] = n
    found = []
    for row in rows:
        total: dict[str, int] = {}
        for message in row.mailings.values():
            for state, n in by_message.get(message, {}).items():
                total[state] = total.get(state, 0) + n
        title = row.content.get("title", "")
        found.append(Told(title, row.event, row.at, row.state, row.told, row.held, row.skipped, total))
    return found


def tidy(now: datetime) -> int:
    """Forget what went out long ago, one post at a time."""
    row = models.SubscriberPost.objects.filter(state="done", ended_at__lt=now - KEEP).order_by("id").first()
    if row is None:
        return 0
    with tx.write():
        gone = 0
        for message in row.mailings.values():
            some = models.Recipient.objects.filter(message_id=message).values_list("id", flat=True)[:2000]
            gone += models.Recipient.objects.filter(id__in=list(some)).delete()[0]
        if gone == 0:
            models.Mailing.objects.filter(id__in=list(row.mailings.values())).delete()
            gone = row.delete()[0]
    return gone
