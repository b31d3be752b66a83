"""Answers that come by telephone, text message or chat: acknowledge a callout, or pass it on to the next step.

Only the recipient answers; who that is, the caller has shown by a signed request. A restricted incident is answered by
nobody who is not logged in.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime, timedelta

from django.db.models import F, Q

from quarterdeck.channels.answering import CODE_DIGITS, short_code
from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.kernel.text import line
from quarterdeck.store import models, tx
from quarterdeck.store.ids import new_id

from ..act import Act
from ..alerts.alerts import acknowledge as acknowledge_alert
from ..comms import links
from ..visibility import about_restricted
from . import bundles, escalations, paging, proofs

_CODE = re.compile(rf"(?<!\d)(\d{{{CODE_DIGITS}}})(?!\d)")
_PASSED = "Passed on"
MOST_TEXTS = 200
# An address to answer to is good for half an hour.
_TELL_WITHIN = timedelta(minutes=25)


def must_be_proved(delivery: models.Delivery) -> None:
    """Refuse what is answered from an address that nobody has shown to be the recipient's: it may be a colleague's."""
    if not proofs.may_answer(delivery):
        raise Refused(
            "reply.unconfirmed", "This address is not confirmed. Open the link in the message, or log in.",
            kind="forbidden",
        )  # fmt: skip


def all_must_be_proved(callout_id: str, channel: str) -> None:
    """Refuse an answer that may come from any address on this channel to which the page went, where one of them is not
    confirmed.
    """
    sent = models.Delivery.objects.filter(callout_id=callout_id, channel=channel, cls="page")
    for delivery in sent.filter(state__in=("sending", "sent")):
        must_be_proved(delivery)


def acknowledge(callout_id: str, at: datetime, via: str) -> models.Callout:
    """The recipient takes it, with all that went out on the same page. Raises Refused."""
    return paging.acknowledge_by_link(callout_id, at, bundle=True, via=via)


def acknowledge_for(callout_id: str, person: models.Person, at: datetime, via: str) -> str:
    """Whoever pressed the button in a room takes it: their own callout, or the alert another was called for.

    Returns the name of whoever has it now. Raises Refused.
    """
    callout = paging.find_callout(callout_id)
    if callout.person_id == person.id:
        acknowledge(callout_id, at, via)
        return person.name
    if about_restricted(callout):
        raise Refused("callout.restricted", "Nothing is answered here. Log in first.", kind="forbidden")
    if not callout.alert_id:
        raise Refused(
            "callout.not_yours",
            f"This asks {callout.person.name}. Only they can answer it.",
            kind="forbidden",
        )
    alert = acknowledge_alert(Act(Who(person.id, frozenset({person.role})), at, via), callout.alert_id)
    holder = models.Person.objects.filter(id=alert.acknowledged_by).first()
    return holder.name if holder else person.name


def pass_on(callout_id: str, at: datetime, via: str) -> bool:
    """The recipient cannot take it: the next step fires now, for all that went out on the same page. False where no
    step is left. Once for each callout, which stays open: whoever passed it on may still answer it. Raises Refused.
    """
    callout = paging.find_callout(callout_id)
    paging.must_be_here(callout)
    if about_restricted(callout):
        raise Refused("callout.restricted", "Nothing is answered here. Log in first.", kind="forbidden")
    others = bundles.carried_with(callout_id, outside=True)[: bundles.ANSWERED_AT_ONCE]
    passed = _pass_on(callout, at, via)
    for other in models.Callout.objects.filter(id__in=others, person_id=callout.person_id).order_by("id"):
        with suppress(Refused):
            passed = _pass_on(other, at, via) or passed
    return passed


@tx.again
def _pass_on(callout: models.Callout, at: datetime, via: str) -> bool:
    with tx.write("engine", "web"):
        if callout.run_id:
            escalations.hold([callout.run_id])
        row = models.Callout.objects.select_for_update().get(id=callout.id)
        if row.state != "waiting":
            raise Refused("callout.over", "This is answered or over already.", kind="conflict")
        if row.expires_at < at:
            raise Refused("callout.expired", "This is too old to be passed on.", kind="conflict")
        run = models.Run.objects.filter(id=row.run_id, state="running").first() if row.run_id else None
        if run is None or run.position is None:
            return False
        if row.note.startswith(_PASSED):
            return True
        text = f"{_PASSED} by {row.person.name} ({via})."
        models.Callout.objects.filter(id=row.id).update(note=line(text, 300))
        if row.alert_id:
            models.AlertEntry.objects.create(
                alert_id=row.alert_id, at=at, kind="passed_on", actor=row.person_id, text=text
            )
        escalations.hurry(row.run_id, at)
        return True


def by_code(number: str, text: str, channels: Collection[str], at: datetime) -> models.Callout:
    """The callout whose code this number sent, acknowledged. Raises Refused with what to answer to the sender.

    A code counts for callouts of people who are reached by that very number and have confirmed it.
    """
    found = _CODE.search(text)
    people = models.ContactMethod.objects.filter(kind__in=channels, address=number, disabled=False)
    people = people.exclude(verified_at=None)
    ids = list(people.order_by().values_list("person_id", flat=True).distinct()[:20])
    if found is None or not ids:
        raise Refused("reply.unknown", "Not understood. Answer ACK and the digits at the end of the message.")
    for callout_id in _texted(number, channels, ids):
        if short_code(links.token("callout", callout_id)) == found[1]:
            return acknowledge(callout_id, at, "sms")
    raise Refused(
        "reply.no_callout", "No open page has this code. Open the link in the message.", kind="missing"
    )


def _texted(number: str, channels: Collection[str], people: Collection[str]) -> list[str]:
    """The callouts whose codes stood in the newest texts to this number: in a storm one text stands for many, and its
    code may be that of the oldest.
    """
    texts = models.Delivery.objects.filter(
        Q(bundle_id="") | Q(bundle_id=F("id")), channel__in=channels, address=number, cls="page",
        person_id__in=people, state__in=("sending", "sent"),
    )  # fmt: skip
    return [c for c in texts.order_by("-id").values_list("callout_id", flat=True)[:MOST_TEXTS] if c]


def person_of(kind: str, address: str, callout_id: str) -> models.Person | None:
    """Who has confirmed this address as theirs: whoever the callout asks, if they have; else the only one there is."""
    rows = models.ContactMethod.objects.filter(kind=kind, address=address, disabled=False)
    rows = rows.exclude(verified_at=None)
    people = {c.person_id: c.person for c in rows.select_related("person") if c.person.is_active}
    callout = models.Callout.objects.filter(id=callout_id).first()
    if callout is not None and callout.person_id in people:
        return people[callout.person_id]
    return next(iter(people.values())) if len(people) == 1 else None


def tell(channel: str, address: str, text: str, answer_to: str, at: datetime) -> None:
    """Have the engine say what became of a press, at the address that came with it; `answer_to` is "all" or "one"."""
    key = new_id()
    body = {"subject": line(text, 300), "text": text, "kind": "message", "data": {"answer_to": answer_to}}
    with tx.write("engine"):
        models.Delivery.objects.create(
            id=key, key=f"answer/{key}", cls="message", channel=channel, address=address, body=body, next_at=at,
            not_after=at + _TELL_WITHIN, created_at=at,
        )  # fmt: skip
