"""What becomes of subscribers by what happens to what they are sent: ended, kept back while it fails, confirmed by an
answer. Called inside the transactions of those who learn of it; writes nothing about anybody else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F

from quarterdeck.core.kernel.text import line
from quarterdeck.store import models

from ..status import page_invited

# How a subscription began, and how it ended, by an invitation to a page that is not public.
INVITED = "invitation"
# So many failures one after the other, each after days of trying, and nothing is sent until somebody looks.
MOST_FAILURES = 3
_KIND = {"email": "email", "sms_twilio": "sms", "sms_gateway": "sms"}
_CHANNEL = {"email": ("email",), "sms": ("sms_twilio", "sms_gateway")}
_OPEN = ("pending", "active", "quarantined")


def end(row: models.Subscriber, via: str, now: datetime, why: str = "") -> bool:
    """Nothing more is sent to this subscriber, nor what waits; whether that is new."""
    rows = models.Subscriber.objects.filter(id=row.id, state__in=_OPEN)
    changed = rows.update(
        state="ended", ended_at=now, ended_via=via, reason=line(why, 300), confirm_hash="", confirm_until=None,
        manage_hash="", manage_until=None,
    )  # fmt: skip
    if not changed:
        return False
    models.HeldPost.objects.filter(subscriber_id=row.id).delete()
    _hold_back(row, now)
    return True


def _hold_back(row: models.Subscriber, now: datetime, why: str = "They ended it.") -> None:
    """What was on its way to them stays here; only of messages still under way, which are few."""
    posts = models.SubscriberPost.objects.filter(page_id=row.page_id).order_by("-at")[:50]
    ids = [m for mailings in posts.values_list("mailings", flat=True) for m in mailings.values()]
    waiting = models.Recipient.objects.filter(message_id__in=ids, address=row.address, state="queued")
    waiting.filter(contact_id=row.id).update(state="suppressed", ended_at=now, detail=why)
    over = {"state": "cancelled", "finished_at": now, "error": why}
    models.Delivery.objects.filter(contact_id=row.id, state="queued").update(**over)
    models.Delivery.objects.filter(message_id__in=ids, contact_id=row.id, state="paused").update(**over)


def entry_changed(page: models.StatusPage, now: datetime) -> None:
    """Whom it lets in has changed: what waits for those it tells no more is dropped, and what is on its way to them
    stays here. Subscriptions stand.
    """
    if page.public:
        return
    kept = page_invited.ids(page)
    _hold_all_back(
        page, kept, "The page is public no more." if not kept else "They are not invited to this page.", now
    )


def page_deleted(page: models.StatusPage, now: datetime) -> None:
    """Nobody is written to any more of what waits or is on its way, inside the caller's transaction."""
    _hold_all_back(page, [], "The page was deleted.", now)


def _hold_all_back(page: models.StatusPage, kept: Sequence[str], why: str, now: datetime) -> None:
    models.HeldPost.objects.filter(post__page_id=page.id).exclude(subscriber_id__in=kept).delete()
    posts = models.SubscriberPost.objects.filter(page_id=page.id).order_by("-at")[:50]
    ids = [m for mailings in posts.values_list("mailings", flat=True) for m in mailings.values()]
    waiting = models.Recipient.objects.filter(message_id__in=ids, state="queued").exclude(contact_id__in=kept)
    waiting.update(state="suppressed", ended_at=now, detail=why)
    left = models.Delivery.objects.filter(message_id__in=ids, state__in=("queued", "paused"))
    left.exclude(contact_id__in=kept).update(state="cancelled", finished_at=now, error=why)
    own = models.Subscriber.objects.filter(page=page).exclude(id__in=kept).values("id")
    letters = models.Delivery.objects.filter(
        state="queued", contact_id__in=own, key__startswith="subscription/"
    )
    letters.update(state="cancelled", finished_at=now, error=why)
    if not kept:
        models.SubscriberPost.objects.filter(page_id=page.id, state="running").update(
            state="done", ended_at=now
        )
        models.Mailing.objects.filter(id__in=ids, state="running").update(state="done", ended_at=now)


def uninvited(row: models.Subscriber, now: datetime) -> None:
    """Their invitation was withdrawn: what it began is over. Who had subscribed by themselves, while the page was
    public, stands; only nothing that waits is sent to them.
    """
    if row.source == INVITED or row.state == "pending":
        end(row, INVITED, now)
        return
    models.HeldPost.objects.filter(subscriber_id=row.id).delete()
    _hold_back(row, now, "They are not invited any more.")


def unsubscribed(recipient: models.Recipient, now: datetime) -> models.Subscriber | None:
    """By the link in a message to a subscriber; None where the message was to somebody else."""
    row = _of(recipient.contact_id)
    if row is not None:
        end(row, "link", now)
    return row


def over(subscriber_ids: Sequence[str]) -> set[str]:
    """Those of these who are to get nothing any more."""
    rows = models.Subscriber.objects.filter(id__in=list(subscriber_ids))
    found = set(rows.exclude(state="active").values_list("id", flat=True))
    by_page: dict[str, list[models.Subscriber]] = {}
    for row in rows.filter(page__public=False).select_related("page__access").defer("target"):
        by_page.setdefault(row.page_id, []).append(row)
    for some in by_page.values():
        found |= {r.id for r in some} - {r.id for r in page_invited.following(some[0].page, some)}
    return found


def _of(contact_id: str) -> models.Subscriber | None:
    return models.Subscriber.objects.filter(id=contact_id).first() if contact_id else None


# -- what is heard of deliveries


def gone(row: models.Delivery, why: str, now: datetime) -> None:
    """The other side says for good that it takes nothing more (410)."""
    found = _of(row.contact_id)
    if found is not None:
        end(found, "gone", now, why)


def failed(row: models.Delivery, why: str, now: datetime) -> None:
    """A message was given up. After several in a row nothing is sent until somebody has looked."""
    if row.cls != "message" or not row.contact_id:
        return
    of_bulk((), [(row.contact_id, why)])


def of_bulk(taken: Sequence[str], given_up: Sequence[tuple[str, str]]) -> None:
    """The same of mails to many: those taken, and those given up with the reason."""
    models.Subscriber.objects.filter(id__in=taken, failures__gt=0).update(failures=0, reason="")
    for ident, why in given_up:
        rows = models.Subscriber.objects.filter(id=ident, state="active")
        if rows.update(failures=F("failures") + 1, reason=line(why, 300)):
            rows.filter(failures__gte=MOST_FAILURES).update(state="quarantined")


def sent(row: models.Delivery, told: Mapping[str, Any] | None, now: datetime) -> None:
    """It was taken: a webhook that answered its challenge is confirmed, and failures before are forgotten."""
    if row.cls != "message" or not row.contact_id:
        return
    models.Subscriber.objects.filter(id=row.contact_id, failures__gt=0).update(failures=0, reason="")
    if told and "challenge" in told:
        from . import subscribe_letters, subscribers  # they stand above: they end subscribers, too

        digest = subscribe_letters.hashed(str(told["challenge"]))
        found = models.Subscriber.objects.filter(
            id=row.contact_id, state="pending", confirm_hash=digest
        ).first()
        if found is not None:
            subscribers.confirmed(found, now)
            found.save()


# -- the list of addresses nothing is sent to


def suppressed(channel: str, address: str, reason: str, detail: str, now: datetime) -> None:
    """An address came onto that list: those who said so are ended, those whose mail bounced are kept back."""
    kind = _KIND.get(channel)
    rows = models.Subscriber.objects.filter(kind=kind, address=address) if kind else None
    if rows is None:
        return
    if reason == "unsubscribe":
        for row in rows.filter(state__in=_OPEN):
            end(row, "message", now)
        return
    rows.filter(state__in=("pending", "active")).update(state="quarantined", reason=_why(reason, detail))


def lifted(channel: str, address: str) -> None:
    """It was taken off that list."""
    kind = _KIND.get(channel)
    if kind:
        rows = models.Subscriber.objects.filter(kind=kind, address=address, state="quarantined")
        rows.filter(confirmed_at=None).update(state="pending")
        rows.exclude(confirmed_at=None).update(state="active", reason="", failures=0)


def hold_if_suppressed(rows: Sequence[models.Subscriber]) -> None:
    """Those just added whose address is on that list are kept back at once."""
    for row in rows:
        for s in models.Suppression.objects.filter(
            channel__in=_CHANNEL.get(row.kind, ()), address=row.address
        )[:1]:
            models.Subscriber.objects.filter(id=row.id).update(
                state="quarantined", reason=_why(s.reason, s.detail)
            )


def _why(reason: str, detail: str) -> str:
    said = {"bounce": "It bounced for good", "complaint": "They complained", "manual": "On the list by hand"}
    return line(f"{said.get(reason, 'They unsubscribed')}. {detail}".strip(), 300)
