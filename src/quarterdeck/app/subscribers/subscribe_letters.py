"""What a subscriber is sent about their subscription itself: to confirm it, to change it. One delivery each.

It goes out whatever is on the list of addresses nothing is sent to, but for one that bounced or complained: whoever
unsubscribed may ask again.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from quarterdeck.channels.status_site.subscribing import said
from quarterdeck.store import models
from quarterdeck.store.ids import new_id

from ..comms import links
from . import subscribe_addresses, subscribe_limits

CONFIRM_WITHIN, CODE_WITHIN, MANAGE_WITHIN = timedelta(hours=48), timedelta(minutes=10), timedelta(hours=1)
MOST_TRIES = 5


def home(page: models.StatusPage) -> str:
    return f"{settings.QUARTERDECK_PUBLIC_URL}/subscribe/{page.key}"


def hashed(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def code_hash(subscriber_id: str, code: str) -> str:
    """A code has few digits: it is kept bound to its subscriber."""
    return hashed(f"{subscriber_id}/{code}")


def mail_is_dead(row: models.Subscriber) -> bool:
    gone = models.Suppression.objects.filter(
        channel=subscribe_addresses.channel_of(row.kind), address=row.address
    )
    return gone.exclude(reason="unsubscribe").exists()


def ask_to_confirm(row: models.Subscriber, now: datetime, *, invited: bool = False) -> None:
    """A new link, code or challenge; an older one is no longer good. Inside the caller's transaction.

    `invited`: they did not ask by themselves, and are told so.
    """
    page, language = row.page, row.language
    token = secrets.token_urlsafe(32)
    key = "m_invite" if invited else "m_confirm"
    subject = said(language, key, page=page.title)
    body: dict[str, Any] = {"subject": subject, "text": said(language, f"{key}_text", page=page.title)}
    row.confirm_hash, row.confirm_until, row.tries = hashed(token), now + CONFIRM_WITHIN, 0
    if row.kind == "sms":
        code = f"{secrets.randbelow(10**6):06d}"
        row.confirm_hash, row.confirm_until = code_hash(row.id, code), now + CODE_WITHIN
        body = {"subject": said(language, "m_code", code=code, page=page.title), "text": ""}
        if not subscribe_limits.code_may_leave(row.address, now):
            row.save()
            return
    elif row.kind == "webhook":
        body["data"] = {"challenge": token}
    elif row.kind == "push":
        body = {
            "subject": said(language, "m_welcome", page=page.title), "text": said(language, "m_welcome_text"),
            "link": home(page), "link_label": said(language, "manage"),
            "data": {"proof": {"to": f"/subscribe/{page.key}/push/proof", "token": token}},
        }  # fmt: skip
    else:
        body |= {
            "link": f"{home(page)}/confirm/{token}", "link_label": said(language, "m_confirm_label"),
        }  # fmt: skip
    _send(row, body, row.confirm_until, now)


def ask_again(row: models.Subscriber, asked: models.SubscriptionRequest, now: datetime) -> None:
    """A further link to confirm, with the wishes of this request; earlier links stay good."""
    page, language = row.page, row.language
    row.confirm_until = now + CONFIRM_WITHIN
    token = f"{asked.id}-{links.token('subscription-request', asked.id)}"
    body: dict[str, Any] = {
        "subject": said(language, "m_confirm", page=page.title),
        "text": said(language, "m_confirm_text", page=page.title),
        "link": f"{home(page)}/confirm/{token}", "link_label": said(language, "m_confirm_label"),
    }  # fmt: skip
    _send(row, body, row.confirm_until, now)


def asked_by(page: models.StatusPage, token: str, now: datetime) -> models.SubscriptionRequest | None:
    """The request this link confirms."""
    ident, mark = token[:36], token[37:]
    if not mark or not links.holds("subscription-request", ident, mark):
        return None
    return models.SubscriptionRequest.objects.filter(
        id=ident, page_id=page.id, at__gt=now - CONFIRM_WITHIN
    ).first()


def send_link(row: models.Subscriber, now: datetime, *, known: bool = False) -> None:
    """A link that opens the subscription once. `known`: they asked to subscribe and are subscribed already."""
    page, language = row.page, row.language
    token = secrets.token_urlsafe(32)
    row.manage_hash, row.manage_until = hashed(token), now + MANAGE_WITHIN
    key = "m_known_text" if known else "m_manage_text"
    body = {
        "subject": said(language, "m_manage", page=page.title), "text": said(language, key, page=page.title),
        "link": f"{home(page)}/manage/{token}", "link_label": said(language, "m_manage_label"),
    }  # fmt: skip
    _send(row, body, row.manage_until, now)


def _send(row: models.Subscriber, body: dict[str, Any], until: datetime, now: datetime) -> None:
    row.letters += 1
    row.save()
    body |= {"kind": "message", "urgency": "low"}
    if row.kind == "email" and row.language:
        body["data"] = {"language": row.language}
    if row.kind in ("slack", "teams"):
        body["data"] = {"hook": True}
    models.Delivery.objects.create(
        id=new_id(), key=f"subscription/{row.id}/{row.letters}", cls="message", contact_id=row.id,
        channel=subscribe_addresses.channel_of(row.kind), address=row.address, body=body, next_at=now,
        not_after=until, created_at=now,
    )  # fmt: skip
