"""What the public form takes: checked, counted, written down, and answered by the engine.

The form itself never looks whether an address is known here, so neither its words nor its time tell. Whoever subscribes
already is sent a link to change that; a stranger who tries addresses learns nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime

from quarterdeck.core.comms.subscribing import Offer, Wishes, wishes
from quarterdeck.core.kernel.refused import missing
from quarterdeck.store import models, tx
from quarterdeck.store.ids import new_id

from .. import due
from ..paging.directory import Directory
from ..paging.push_devices import Offered
from . import subscribe_addresses, subscribe_letters, subscribe_limits, subscribers
from .subscribe_addresses import Reached

KIND = "subscription"


def page_of(key: str, *, closed: bool = False) -> models.StatusPage:
    """A page that may be subscribed to; one that is not public looks like none.

    `closed`: for who subscribes to it already.
    """
    row = models.StatusPage.objects.filter(key=key[:60]).first()
    if row is None or not (row.public or closed):
        raise missing("page.unknown", "There is no such page.")
    return row


def offer(page: models.StatusPage) -> Offer:
    return subscribers.offer(page)


def subscribe(page: models.StatusPage, kind: str, given: str, said: Wishes, ip: str, now: datetime) -> None:
    """Raises Refused for what no address and no wish can be, and where one network asks too often."""
    _ask(page, "subscribe", lambda: subscribe_addresses.check(kind, given), said, ip, now)


def subscribe_browser(
    page: models.StatusPage, offered: Offered, said: Wishes, ip: str, now: datetime
) -> None:
    """The browser's own question was the consent; that it answers what is pushed to it is the proof."""
    _ask(page, "subscribe", lambda: subscribe_addresses.browser(offered), said, ip, now)


def ask_for_link(page: models.StatusPage, kind: str, given: str, ip: str, now: datetime) -> None:
    """A link to change a subscription, sent to the address itself."""
    _ask(page, "manage", lambda: subscribe_addresses.check(kind, given), Wishes(), ip, now)


def send_link(row: models.Subscriber, now: datetime) -> None:
    """The same for whoever came by the link in one of their messages, of a page that is not public, too."""
    mark = f"to/{subscribe_limits.address_mark(row.kind, row.address)}"
    if row.state not in ("active", "quarantined"):
        return
    if not subscribe_limits.passes(mark, subscribe_limits.MOST_OF_ADDRESS, now):
        return
    with tx.write("engine"):
        subscribe_limits.count(mark, now)
        subscribe_letters.send_link(row, now)


def _ask(
    page: models.StatusPage, what: str, reached: Callable[[], Reached], said: Wishes, ip: str, now: datetime
) -> None:
    network = subscribe_limits.network(ip)
    if not subscribe_limits.passes(f"ip/{network}", subscribe_limits.MOST_OF_NETWORK, now):
        raise subscribe_limits.refuse()
    if not subscribe_limits.passes(f"page/{page.id}", subscribe_limits.MOST_OF_PAGE, now):
        raise subscribe_limits.busy()
    to, wanted = reached(), wishes(said, offer(page))
    mark = f"to/{subscribe_limits.address_mark(to.kind, to.address)}"
    with tx.write("engine"):
        for key in (f"ip/{network}", f"page/{page.id}"):
            subscribe_limits.count(key, now)
        # The same answer, and nothing more: who else asked for this address is nobody's business.
        if not subscribe_limits.passes(mark, subscribe_limits.MOST_OF_ADDRESS, now):
            return
        subscribe_limits.count(mark, now)
        row = models.SubscriptionRequest.objects.create(
            id=new_id(), page_id=page.id, what=what, kind=to.kind, address=to.address, target=to.target,
            shown=to.shown, wishes=asdict(wanted), ip_hash=network, at=now,
        )  # fmt: skip
        due.arm(KIND, row.id, now, now)


def fire(request_id: str, directory: Directory) -> None:
    """Answer one of them, inside the caller's transaction."""
    asked = models.SubscriptionRequest.objects.filter(id=request_id).first()
    page = models.StatusPage.objects.filter(id=asked.page_id).first() if asked else None
    if asked is None or page is None:
        return
    now = directory.now
    if not page.public:
        asked.delete()
        return
    subscribers.lock_address(page, asked.kind, asked.address)
    row = models.Subscriber.objects.select_related("page").filter(
        page=page, kind=asked.kind, address=asked.address
    )  # fmt: skip
    known = row.select_for_update(of=("self",)).first()
    if asked.what == "subscribe" and known is not None and _waits(known, now):
        _again(known, asked, now)
        return
    asked.delete()
    if asked.what == "manage":
        if known is not None and known.state in ("active", "quarantined"):
            subscribe_letters.send_link(known, now)
        return
    if known is not None and known.kind == "push" and known.state == "active":
        subscribers.wish(known, subscribers.wishes_of(asked.wishes))
        known.save()
        return
    if known is not None and known.state in ("active", "quarantined") and known.kind != "push":
        if known.state == "active" or not subscribe_letters.mail_is_dead(known):
            subscribe_letters.send_link(known, now, known=True)
        return
    _pending(known or models.Subscriber(id=new_id(), page=page), asked, now)


def _waits(row: models.Subscriber, now: datetime) -> bool:
    live = row.confirm_until is not None and row.confirm_until > now
    return row.kind != "push" and row.state == "pending" and live


def _again(row: models.Subscriber, asked: models.SubscriptionRequest, now: datetime) -> None:
    """Asked once more before it was confirmed: what waits stays, and a link of its own brings these wishes.

    A code stays the one there is; a webhook is challenged again.
    """
    if row.kind in ("sms", "webhook") or subscribe_letters.mail_is_dead(row):
        asked.delete()
        if row.kind == "webhook":
            subscribe_letters.ask_to_confirm(row, now)
        return
    subscribe_letters.ask_again(row, asked, now)


def _pending(row: models.Subscriber, asked: models.SubscriptionRequest, now: datetime) -> None:
    """Somebody new, or back again: nothing is sent before they confirm; a browser does so by itself."""
    row.kind, row.address, row.target, row.shown = asked.kind, asked.address, asked.target, asked.shown
    subscribers.wish(row, subscribers.wishes_of(asked.wishes))
    row.source, row.ip_hash, row.asked_at, row.state = "page", asked.ip_hash, now, "pending"
    row.confirmed_at, row.reason, row.by = None, "", ""
    if row.kind in ("email", "sms") and subscribe_letters.mail_is_dead(row):
        row.confirm_until = now + subscribe_letters.CONFIRM_WITHIN
        row.save()
        return
    row.save()
    subscribe_letters.ask_to_confirm(row, now)
