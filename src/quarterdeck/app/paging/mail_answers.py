"""Answers that come by mail: acknowledge, escalate or resolve what one page was about. Whoever answered is told what
came of it, by mail to the address that was paged and to no other.

The address is the proof, as the link of the page is. A machine's reply never answers anything.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from quarterdeck.channels import mail_replies
from quarterdeck.channels.mail_replies import Reply
from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.kernel.text import line
from quarterdeck.store import models, tx
from quarterdeck.store.ids import new_id

from ..act import Act
from ..alerts import alerts
from ..comms import links
from ..visibility import about_restricted
from . import remote_answers

VIA = "mail"
_TELL_WITHIN = timedelta(minutes=25)
_MOST_TOLD = 20
_HOW = "Begin your answer with ack, escalate or resolve, above the quoted text, or open the link in the page."


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a mail: its state in one word, and a sentence about it."""

    state: Literal["ignored", "answered", "refused"]
    text: str


def take(reply: Reply, at: datetime) -> Told:
    """Do what somebody wrote. The same mail once more changes nothing, and is answered once."""
    callout = _callout(reply)
    if callout is None:
        return Told("ignored", "It went to no address that answers a page.")
    if reply.automatic:
        return Told("ignored", f"Nobody wrote it: {reply.automatic}.")
    try:
        told = Told("answered", _done(callout, reply, at))
    except Refused as refused:
        told = Told("refused", refused.message)
    _say(callout, reply, told.text, at)
    return told


def _callout(reply: Reply) -> models.Callout | None:
    for callout_id, sealed in reply.tags:
        wanted = mail_replies.seal(links.token("callout", callout_id))
        if hmac.compare_digest(wanted.encode(), sealed.encode()):
            return models.Callout.objects.select_related("person").filter(id=callout_id).first()
    return None


def _done(callout: models.Callout, reply: Reply, at: datetime) -> str:
    if not reply.word:
        begins = f"It begins with “{line(reply.first_line, 60)}”. " if reply.first_line else "It is empty. "
        raise Refused("reply.unknown", f"Your answer was not understood. {begins}{_HOW}")
    if about_restricted(callout):
        raise Refused("callout.restricted", "This is answered by nobody who is not signed in. Open the link.")
    _must_be_open(callout, at)
    remote_answers.all_must_be_proved(callout.id, "email")
    if reply.word == "escalate":
        passed = remote_answers.pass_on(callout.id, at, VIA)
        return (
            "Passed on: the next step is called now."
            if passed
            else "There is nobody after you. It stays with you."
        )
    remote_answers.acknowledge(callout.id, at, VIA)
    if reply.word == "acknowledge":
        return "Acknowledged. It is yours; nobody else is called."
    if not callout.alert_id:
        return "Acknowledged. It is yours. An incident is resolved on its own page: open the link."
    alerts.resolve(Act(Who(callout.person_id, frozenset({callout.person.role})), at, VIA), callout.alert_id)
    return "Resolved."


def _must_be_open(callout: models.Callout, at: datetime) -> None:
    if callout.kind == "heads_up":
        raise Refused("callout.informed", "No answer is needed: this was for your information.")
    if callout.state == "cancelled":
        raise Refused(
            "callout.late", f"Too late: {callout.note or 'somebody else has it.'} Nothing is expected of you."
        )
    if callout.state != "acknowledged" and callout.expires_at < at:
        raise Refused(
            "callout.expired", "This page is too old to be answered. Open the link to see what is open now."
        )


def _say(callout: models.Callout, reply: Reply, text: str, at: datetime) -> None:
    """Into the outbox: where the page went by mail goes what became of the answer."""
    sent = models.Delivery.objects.filter(callout_id=callout.id, channel="email").exclude(address="")
    page = sent.filter(cls="page").order_by("id").first()
    key = f"mail-answer/{callout.id}/{reply.digest}"
    with tx.write("engine"):
        told = models.Delivery.objects.filter(key__startswith=f"mail-answer/{callout.id}/")
        if page is None or told.filter(key=key).exists() or told.count() >= _MOST_TOLD:
            return
        models.Delivery.objects.create(
            id=new_id(), key=key, cls="message", person_id=callout.person_id, channel="email", address=page.address,
            body={
                "subject": line(f"Re: {page.body.get('subject', '')}", 200), "text": text, "kind": "message",
                "thread": page.body.get("thread", ""), "urgency": "low",
                "recipient_name": page.body.get("recipient_name", ""),
                "link": links.callout_url(callout.id), "link_label": "Open",
            },
            drill=page.drill, next_at=at, not_after=at + _TELL_WITHIN, created_at=at,
        )  # fmt: skip
