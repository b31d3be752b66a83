"""What waits for the daily digest of a subscriber or for the end of their quiet hours, and goes out as one message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings

from quarterdeck.store import models
from quarterdeck.store.ids import new_id

from .. import due
from ..comms import ledger, suppressions
from ..paging.directory import Directory
from ..status import page_invited
from . import subscribe_addresses, subscriber_mailings, subscriber_words

KIND = "subscriber_digest"
AT_ONCE = 200
# So many posts are told of in one message; all stand on the page.
MOST_POSTS = 50


def hold(
    post: models.SubscriberPost, rows: Sequence[tuple[models.Subscriber, datetime]], now: datetime
) -> None:
    """Keep a post for later, inside the caller's transaction."""
    held = [models.HeldPost(subscriber_id=row.id, post=post, due_at=late) for row, late in rows]
    models.HeldPost.objects.bulk_create(held, batch_size=500, ignore_conflicts=True)
    for late in {late for _, late in rows}:
        standing = models.Due.objects.filter(kind=KIND, ref=post.page_id, due_at=late, state="waiting")
        if not standing.exists():
            due.arm(KIND, post.page_id, late, now)


def fire(page_id: str, directory: Directory) -> None:
    """Send what waits to the next subscribers of a page, inside the caller's transaction."""
    page, now = models.StatusPage.objects.filter(id=page_id).first(), directory.now
    if page is None:
        return
    waiting = models.HeldPost.objects.filter(post__page_id=page_id, due_at__lte=now)
    if not page_invited.tells(page):
        waiting.delete()
        return
    ids = list(waiting.order_by("subscriber_id").values_list("subscriber_id", flat=True).distinct()[:AT_ONCE])
    if not ids:
        return
    rows = models.Subscriber.objects.filter(id__in=ids, state="active").defer("target").order_by("id")
    held = models.HeldPost.objects.filter(subscriber_id__in=ids, due_at__lte=now)
    posts: dict[str, list[models.SubscriberPost]] = {}
    for one in held.select_related("post").order_by("post__at", "post_id"):
        posts.setdefault(one.subscriber_id, []).append(one.post)
    _send(page, page_invited.following(page, list(rows)), posts, now)
    models.HeldPost.objects.filter(subscriber_id__in=ids, due_at__lte=now).delete()
    if len(ids) == AT_ONCE:
        due.arm(KIND, page_id, now, now)


def _send(
    page: models.StatusPage, rows: Sequence[models.Subscriber], posts: dict[str, list[models.SubscriberPost]],
    now: datetime,
) -> None:  # fmt: skip
    kept = [r for r in rows if subscribe_addresses.channel_of(r.kind)]
    for kind in {r.kind for r in kept}:
        of_kind = [r.address for r in kept if r.kind == kind]
        gone = suppressions.among(subscribe_addresses.channel_of(kind), of_kind, subscribed=True)
        kept = [r for r in kept if r.kind != kind or r.address not in gone]
    if not kept:
        return
    mailing = subscriber_mailings.new(page, {}, now)
    made = models.Recipient.objects.bulk_create(
        [
            models.Recipient(
                message_id=mailing.id, contact_id=row.id, channel=subscribe_addresses.channel_of(row.kind),
                address=row.address, carrier="outbox", fence=1, next_at=now,
            )
            for row in kept
        ]
    )  # fmt: skip
    bodies: dict[tuple[object, ...], dict[str, Any]] = {}
    for row in kept:
        key = _same(row, posts[row.id])
        if key not in bodies:
            bodies[key] = _body(page, row, posts[row.id])
    pairs = zip(kept, made, strict=True)
    models.Delivery.objects.bulk_create(
        [_delivery(mailing, row, to, bodies[_same(row, posts[row.id])], now) for row, to in pairs],
        batch_size=200,
    )
    models.Mailing.objects.filter(id=mailing.id).update(total=len(kept))
    _remember(mailing, posts, kept)


def _same(row: models.Subscriber, posts: Sequence[models.SubscriberPost]) -> tuple[object, ...]:
    """Whoever has the same posts in the same language gets the same words."""
    return (row.kind == "sms", row.language, *(p.id for p in posts[-MOST_POSTS:]))


def _body(
    page: models.StatusPage, row: models.Subscriber, posts: Sequence[models.SubscriberPost]
) -> dict[str, Any]:
    body = subscriber_words.together(page, posts[-MOST_POSTS:], row.language)
    return body | {"text": "", "facts": []} if row.kind == "sms" else body


def _delivery(
    mailing: models.Mailing, row: models.Subscriber, to: models.Recipient, body: dict[str, Any], now: datetime
) -> models.Delivery:
    own = dict(body)
    if row.kind == "email":
        url = settings.QUARTERDECK_PUBLIC_URL + ledger.unsubscribe_path(to.id, row.id)
        own["data"] = {**body.get("data", {}), "unsubscribe_url": url}
    elif row.kind in ("slack", "teams"):
        own["data"] = {**body.get("data", {}), "hook": True}
    return models.Delivery(
        id=new_id(), key=f"{mailing.id}/r{to.id}", cls="message", message_id=mailing.id, contact_id=row.id,
        channel=to.channel, address=to.address, body=own, next_at=now, not_after=mailing.not_after, created_at=now,
    )  # fmt: skip


def _remember(
    mailing: models.Mailing, posts: dict[str, list[models.SubscriberPost]], rows: Sequence[models.Subscriber]
) -> None:
    """Which posts this message was about, so that the ledger of a page finds it."""
    for post in {p.id: p for row in rows for p in posts[row.id]}.values():
        held = models.SubscriberPost.objects.select_for_update().get(id=post.id)
        held.mailings = held.mailings | {f"later/{mailing.id}": mailing.id}
        held.save(update_fields=["mailings"])
