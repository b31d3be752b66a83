"""Subscribers of a status page: confirmed, changed, ended by themselves; added, found and ended by who keeps the page.

Nobody who ended it comes back by a list or by hand: only by asking for it and confirming.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from quarterdeck.channels.status_site.subscribing import LANGUAGES
from quarterdeck.core.comms.subscribing import KINDS, STATES, Offer, Wishes, wishes
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need
from ..status import audience_pages, page_invited, status_pages
from . import subscribe_addresses, subscribe_letters, subscribe_limits, subscriber_ends

_WISHES = tuple(Wishes.__dataclass_fields__)


def offer(page: models.StatusPage) -> Offer:
    """What of this page may be chosen."""
    return Offer({c.id: c.group for c in audience_pages.components(page)}, set(LANGUAGES))


def wishes_of(told: Mapping[str, Any]) -> Wishes:
    """Wishes as they were kept."""
    kept: dict[str, Any] = {
        k: tuple(v) if isinstance(v, list) else v for k, v in told.items() if k in _WISHES
    }
    return Wishes(**kept)


def wish(row: models.Subscriber, wanted: Wishes) -> None:
    for field, value in asdict(wanted).items():
        setattr(row, field, list(value) if isinstance(value, tuple) else value)


def wishes_in(row: models.Subscriber) -> Wishes:
    return wishes_of({name: getattr(row, name) for name in _WISHES})


def lock_address(page: models.StatusPage, kind: str, address: str) -> None:
    """One at a time brings an address to a page, so that it is never there twice. Inside the transaction."""
    tx.lock(f"subscriber {page.id} {kind} {address}")


# -- by themselves


def confirmed(row: models.Subscriber, now: datetime) -> None:
    """They said yes at the address itself; not saved here. An earlier no of theirs is over for this page alone."""
    row.state, row.confirmed_at, row.ended_at, row.ended_via, row.reason = "active", now, None, "", ""
    row.confirm_hash, row.confirm_until, row.tries, row.failures = "", None, 0, 0


def waiting(page: models.StatusPage, token: str, now: datetime) -> models.Subscriber | None:
    """Who this link asks to confirm; None where it is no longer good, or the page tells them nothing."""
    row = _waiting(page, token, now)
    return row if row and page_invited.following(page, [row]) else None


def _waiting(page: models.StatusPage, token: str, now: datetime) -> models.Subscriber | None:
    rows = models.Subscriber.objects.filter(
        page=page, confirm_hash=subscribe_letters.hashed(token), state="pending", confirm_until__gt=now
    )
    found = rows.exclude(kind="sms").first() if token else None
    asked = None if found else subscribe_letters.asked_by(page, token, now)
    if asked is None:
        return found
    return models.Subscriber.objects.filter(
        page=page, kind=asked.kind, address=asked.address, state="pending"
    ).first()


def confirm(page: models.StatusPage, token: str, now: datetime) -> models.Subscriber | None:
    """By the link; a second time finds nothing."""
    with tx.write("engine"):
        found = waiting(page, token, now)
        if found is None:
            return None
        asked = subscribe_letters.asked_by(page, token, now)
        row = _confirm(found.id, now)
        if row is not None and asked is not None:
            wish(row, wishes_of(asked.wishes))
            row.save(update_fields=list(_WISHES))
            asked.delete()
        return row


def confirm_by_code(
    page: models.StatusPage, given: str, code: str, ip: str, now: datetime
) -> models.Subscriber | None:  # fmt: skip
    """By what a text message said. None for a wrong code, an unknown number and one that had too many tries alike."""
    key = f"code/{subscribe_limits.network(ip)}"
    if not subscribe_limits.passes(key, subscribe_limits.MOST_CODES, now):
        raise subscribe_limits.refuse()
    number = subscribe_addresses.check("sms", given).address
    with tx.write("engine"):
        subscribe_limits.count(key, now)
        rows = models.Subscriber.objects.select_for_update().filter(page=page, kind="sms", address=number)
        row = rows.filter(
            state="pending", confirm_until__gt=now, tries__lt=subscribe_letters.MOST_TRIES
        ).first()
        wanted = subscribe_letters.code_hash(row.id if row else "", line(code, 20).replace(" ", ""))
        if row is None or not hmac.compare_digest(row.confirm_hash, wanted):
            known = models.Subscriber.objects.filter(id=row.id if row else "")
            known.update(tries=F("tries") + 1)
            subscribe_limits.code_was_wrong(now)
            return None
        return _confirm(row.id, now)


def _confirm(subscriber_id: str, now: datetime) -> models.Subscriber | None:
    rows = models.Subscriber.objects.select_related("page").select_for_update(of=("self",))
    # Asked of the row that is held: whoever came first by the same link, or ended it, is known by then.
    row = rows.filter(id=subscriber_id, state="pending").first()
    if row is None:
        return None
    confirmed(row, now)
    row.save()
    told = {"subscriber": row.id, "page": row.page_id, "kind": row.kind}
    log.audit("SubscriberConfirmed", told, at=now, actor="subscriber")
    return row


def by_link(page: models.StatusPage, token: str, now: datetime) -> models.Subscriber | None:
    """Whose subscription this one-time link opens."""
    digest = subscribe_letters.hashed(token)
    return models.Subscriber.objects.filter(page=page, manage_hash=digest, manage_until__gt=now).first()


def open_once(page: models.StatusPage, token: str, now: datetime) -> models.Subscriber | None:
    """As `by_link`, and the link is used up."""
    with tx.write():
        found = by_link(page, token, now)
        if found is None:
            return None
        # Of two at the same moment one finds it unused.
        unused = models.Subscriber.objects.filter(id=found.id, manage_hash=found.manage_hash)
        return found if unused.update(manage_hash="", manage_until=None) else None


def change(row: models.Subscriber, said: Wishes) -> models.Subscriber:
    """What they want to hear from now on."""
    wanted = wishes(said, offer(row.page))
    with tx.write("engine"):
        held = models.Subscriber.objects.select_for_update().filter(id=row.id).first()
        if held is None:
            raise missing("subscriber.unknown", "This subscription is no more. Subscribe again on the page.")
        wish(held, wanted)
        held.save(update_fields=list(_WISHES))
    return held


def end_browser(page: models.StatusPage, endpoint: str, now: datetime) -> None:
    """By the browser itself; one that is unknown looks the same."""
    name = subscribe_addresses.sealed_name(endpoint[:2000])
    with tx.write("engine"):
        for row in models.Subscriber.objects.filter(page=page, kind="push", address=name):
            subscriber_ends.end(row, "browser", now)


# -- by who keeps the page


def of(
    page: models.StatusPage, *, words: str = "", state: str = "", kind: str = ""
) -> QuerySet[models.Subscriber]:
    """Those of a page, by a part of their address, their state and their kind. Unordered."""
    rows = models.Subscriber.objects.filter(page=page)
    if words:
        rows = rows.filter(Q(shown__icontains=line(words, 100)) | Q(address=line(words, 320)))
    if state:
        _known(state, STATES, "state")
        rows = rows.filter(state=state)
    if kind:
        _known(kind, KINDS, "kind")
        rows = rows.filter(kind=kind)
    return rows


def _known(value: str, values: tuple[str, ...], field: str) -> None:
    if value not in values:
        text = f"Choose one of: {', '.join(values)}."
        raise bad(f"subscriber.{field}", text, **{field: text})


def find(page: models.StatusPage, subscriber_id: str) -> models.Subscriber:
    row = models.Subscriber.objects.filter(page=page, id=subscriber_id).first()
    if row is None:
        raise missing("subscriber.unknown", "This page has no such subscriber. Reload the list.")
    return row


def add(
    act: Act, page_key: str, kind: str, given: str, source: str, said: Wishes | None = None
) -> models.Subscriber:
    """By hand, for somebody who agreed some other way: `source` says how."""
    need(act, "status.edit")
    page = status_pages.find_page(page_key)
    if not page.public:
        text = (
            "This page is not public, so nobody can subscribe to it. Invite people, or make it public first."
        )
        raise Refused("subscriber.page", text)
    where = line(source, 120)
    if len(where) < 3:
        text = "Say where they agreed, such as: asked for it by mail on Monday."
        raise bad("subscriber.source", text, source=text)
    reached = subscribe_addresses.check(kind, given)
    wanted = wishes(said or Wishes(), offer(page))
    with tx.write("engine"):
        lock_address(page, kind, reached.address)
        rows = models.Subscriber.objects.select_for_update().filter(
            page=page, kind=kind, address=reached.address
        )
        row = rows.first() or models.Subscriber(id=new_id(), page=page, kind=kind, address=reached.address)
        if row.state == "ended":
            text = "They ended their subscription. Only they themselves can take it up again, on the page."
            raise Refused("subscriber.ended", text)
        if row.state in ("active", "quarantined"):
            raise Refused("subscriber.exists", "This address subscribes to the page already.")
        row.target, row.shown, row.asked_at = reached.target, reached.shown, act.at
        wish(row, wanted)
        row.source, row.by, row.state, row.confirmed_at = where, act.person, "active", act.at
        row.confirm_hash, row.confirm_until = "", None
        row.save()
        if kind == "webhook":  # it learns its secret by the challenge, and answers it
            row.state, row.confirmed_at = "pending", None
            subscribe_letters.ask_to_confirm(row, act.at)
        subscriber_ends.hold_if_suppressed([row])
        told = {"subscriber": row.id, "page": page.id, "kind": kind, "source": where}
        log.audit("SubscriberAdded", told, at=act.at, actor=act.person)
    return find(page, row.id)


def end(act: Act, page_key: str, subscriber_id: str) -> models.Subscriber:
    """Nothing more is sent. Twice changes nothing."""
    need(act, "status.edit")
    row = find(status_pages.find_page(page_key), subscriber_id)
    with tx.write("engine"):
        if subscriber_ends.end(row, "manager", act.at):
            told = {"subscriber": row.id, "page": row.page_id, "kind": row.kind}
            log.audit("SubscriberEnded", told, at=act.at, actor=act.person)
    return find(row.page, row.id)


def resume(act: Act, page_key: str, subscriber_id: str) -> models.Subscriber:
    """Try one again that failed too often, such as a webhook that is mended."""
    need(act, "status.edit")
    row = find(status_pages.find_page(page_key), subscriber_id)
    with tx.write("engine"):
        changed = models.Subscriber.objects.filter(id=row.id, state="quarantined")
        if changed.update(state="active", reason="", failures=0):
            subscriber_ends.hold_if_suppressed([find(row.page, row.id)])
            told = {"subscriber": row.id, "page": row.page_id, "kind": row.kind}
            log.audit("SubscriberResumed", told, at=act.at, actor=act.person)
    return find(row.page, row.id)


def counts(page: models.StatusPage) -> dict[str, dict[str, int]]:
    """How many of each kind are in which state."""
    rows = models.Subscriber.objects.filter(page=page).order_by().values_list("kind", "state")
    found: dict[str, dict[str, int]] = {k: dict.fromkeys(STATES, 0) for k in KINDS}
    for kind, state, n in rows.annotate(n=Count("id")):
        found[kind][state] = n
    return found


def tidy(now: datetime) -> int:
    """Forget whoever never confirmed, and counts of hours that are over. An earlier no is kept."""
    late = models.Subscriber.objects.filter(state="pending", confirm_until__lt=now)[:500]
    ids = list(late.values_list("id", flat=True))
    models.SubscriptionRequest.objects.filter(at__lt=now - subscribe_letters.CONFIRM_WITHIN).delete()
    if not ids and not subscribe_limits.is_over(now):
        return 0
    with tx.write("web"):
        rows = models.Subscriber.objects.filter(id__in=ids, state="pending")
        rows.exclude(ended_at=None).update(state="ended", confirm_hash="", confirm_until=None)
        gone, _ = rows.filter(ended_at=None).delete()
        return gone + subscribe_limits.tidy(now)
