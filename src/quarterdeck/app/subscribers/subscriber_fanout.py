"""A post goes to the subscribers of its page, a part at a time: each of them looked at once, in the transaction that
says how far it has come. What goes out are messages like every other: recipients with a record each, one outbox.

Whoever is told of the same act as a contact of an audience, or by another page of the same message, is not told twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from quarterdeck.core.comms import subscribing
from quarterdeck.core.kernel.moments import micros
from quarterdeck.core.status.words import MAINTENANCE_WORDS
from quarterdeck.store import bulk, models

from .. import due
from ..comms import frozen, suppressions
from ..paging.directory import Directory
from ..status import page_invited
from . import (
    subscribe_addresses,
    subscriber_digests,
    subscriber_mailings,
    subscriber_notices,
    subscriber_words,
)

AT_ONCE = 200
_ROW = (
    "message_id", "contact_id", "channel", "address", "name", "carrier", "state", "attempts", "unclear", "fence",
    "node", "next_at", "provider_id", "detail",
)  # fmt: skip


def fire(post_id: str, directory: Directory) -> None:
    """Look at the next subscribers, inside the caller's transaction, and come again while there are more."""
    found = models.SubscriberPost.objects.select_for_update().filter(id=post_id, state="running").first()
    page = models.StatusPage.objects.filter(id=found.page_id).first() if found else None
    if found is None or page is None:
        return
    if not page_invited.tells(page):
        found.state, found.ended_at = "done", directory.now
        found.save()
        return
    if not found.behind:
        _begin(found, page)
    rows = models.Subscriber.objects.filter(
        page=page, state="active", id__gt=found.behind, confirmed_at__lte=found.at
    )
    part = list(rows.defer("target").order_by("id")[:AT_ONCE])
    if part:
        _take(found, page, page_invited.following(page, part), directory.now)
        found.behind = part[-1].id
    if len(part) == AT_ONCE:
        due.arm(subscriber_notices.KIND, found.id, directory.now, directory.now)
    else:
        found.state, found.ended_at = "done", directory.now
    found.save()


def _begin(post: models.SubscriberPost, page: models.StatusPage) -> None:
    """From now on its words stand, whatever is written later."""
    mails = models.Subscriber.objects.filter(page=page, state="active", kind="email")[
        : frozen.FEW + 1
    ].count()
    post.content = post.content | {
        "words": subscriber_words.translations(post), "carrier": "outbox" if mails <= frozen.FEW else "bulk",
    }  # fmt: skip


def _take(
    post: models.SubscriberPost, page: models.StatusPage, part: Sequence[models.Subscriber], now: datetime
) -> None:
    wanted = _wanting(post, part)
    told = _told_already(post, wanted)
    now_, later = [], []
    for row in wanted:
        if (row.kind, row.address) in told:
            continue
        late = subscribing.waits_until(
            post.at, digest=row.digest, timezone=row.timezone or page.timezone, quiet_from=row.quiet_from,
            quiet_to=row.quiet_to,
        )  # fmt: skip
        if late is None or late <= now:
            now_.append(row)
        else:
            later.append((row, late))
    _queue(post, page, now_, now)
    subscriber_digests.hold(post, later, now)
    post.told += len(now_)
    post.held += len(later)
    post.skipped += len(wanted) - len(now_) - len(later)


def _wanting(post: models.SubscriberPost, part: Sequence[models.Subscriber]) -> list[models.Subscriber]:
    affected = list(post.content["components"])
    groups = set(post.content.get("groups", ())) - {""}
    return [
        row
        for row in part
        if subscribe_addresses.channel_of(row.kind)
        and subscribing.wants(
            post.event, affected, groups, maintenance=post.content["word"] in MAINTENANCE_WORDS, kind=row.kind,
            events=row.events, components=row.components, chosen_groups=row.groups,
        )
    ]  # fmt: skip


def _told_already(post: models.SubscriberPost, wanted: Sequence[models.Subscriber]) -> set[tuple[str, str]]:
    """Those nothing is to be sent to: on the list of such addresses, or told of this act in another way."""
    found: set[tuple[str, str]] = set()
    messages = _of_same_act(post)
    for kind in {row.kind for row in wanted}:
        channel = subscribe_addresses.channel_of(kind)
        addresses = [row.address for row in wanted if row.kind == kind]
        gone = suppressions.among(channel, addresses, subscribed=True)
        rows = models.Recipient.objects.filter(
            message_id__in=messages, channel=channel, address__in=addresses
        )
        gone |= set(rows.exclude(state="suppressed").values_list("address", flat=True)) if messages else set()
        found |= {(kind, address) for address in gone}
    return found


def _of_same_act(post: models.SubscriberPost) -> list[str]:
    if not post.message_id:
        return []
    others = models.SubscriberPost.objects.filter(message_id=post.message_id).exclude(id=post.id)
    return [
        post.message_id,
        *(m for mailings in others.values_list("mailings", flat=True) for m in mailings.values()),
    ]


def _queue(
    post: models.SubscriberPost, page: models.StatusPage, rows: Sequence[models.Subscriber], now: datetime
) -> None:
    at = micros(now)
    counted: Counter[str] = Counter()
    made = []
    for row in rows:
        language = subscriber_words.language_for(row.language, post.content["words"])
        mailing = _mailing(post, page, language, row.kind, now)
        carrier = post.content["carrier"] if row.kind == "email" else "outbox"
        counted[mailing] += 1
        made.append((
            mailing, row.id, subscribe_addresses.channel_of(row.kind), row.address, "", carrier, "queued", 0, 0, 0, "",
            at, "", "",
        ))  # fmt: skip
    bulk.insert(models.Recipient, _ROW, made)
    for mailing, n in counted.items():
        subscriber_mailings.go_on(mailing, n, now)


def _mailing(
    post: models.SubscriberPost, page: models.StatusPage, language: str, kind: str, now: datetime
) -> str:
    """The message these words go out as, made when the first of its recipients is met."""
    name = f"{language}/{'sms' if kind == 'sms' else ''}"
    if name not in post.mailings:
        mailing = subscriber_mailings.new(
            page, subscriber_words.body_of(page, post, language, short=kind == "sms"), now
        )
        post.mailings = post.mailings | {name: mailing.id}
    found: str = post.mailings[name]
    return found
