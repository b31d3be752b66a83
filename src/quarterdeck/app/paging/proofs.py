"""Proving that an address is one's own: a code goes out through that very channel and is entered by its owner.

Nobody proves an address for somebody else, administrators neither. Never says whether a code was wrong, too old or used
up, and never whose an address is.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F

from quarterdeck.core.kernel.refused import Refused, bad, forbidden, missing
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act

GOOD_FOR = timedelta(minutes=15)
MOST_TRIES = 5
# Codes to one address, whoever asks for them, and by one person: nobody is to be pestered with them.
MOST_SENDS, MOST_BY_ONE = 5, 15
WINDOW = timedelta(hours=1)
APART = timedelta(seconds=30)

# A telephone number is one address however it is used: a text and a call reach the same person.
_NUMBERS = frozenset({"sms_twilio", "sms_gateway", "voice_twilio", "voice_gateway"})
# Channels on which an answer counts as its person's. E-mail answers by reply.
ANSWERING = frozenset({"slack", "telegram", "email", *_NUMBERS})


def send(act: Act, contact_id: str) -> models.ContactProof:
    """Send a new code to one's own address; the one before is no longer good. Refuses too many."""
    with tx.write("engine", "web"):
        contact = _own(act, contact_id)
        if contact.verified_at is not None:
            raise Refused("contact.verified", "This address is confirmed already.", kind="conflict")
        _not_too_often(contact, act.at)
        models.ContactProof.objects.filter(contact=contact, ended_at=None).update(ended_at=act.at)
        code = f"{secrets.randbelow(1_000_000):06d}"
        proof = models.ContactProof(
            id=new_id(),
            contact=contact,
            address=contact.address,
            sent_at=act.at,
            expires_at=act.at + GOOD_FOR,
        )
        proof.code_hash = _hash(proof.id, code)
        proof.save(force_insert=True)
        models.Delivery.objects.create(
            id=new_id(), key=f"proof/{proof.id}", cls="message", person_id=contact.person_id, contact_id=contact.id,
            channel=contact.kind, address=contact.address, body=_body(code), next_at=act.at,
            not_after=proof.expires_at, created_at=act.at,
        )  # fmt: skip
        told = {"person": contact.person_id, "contact": contact.id, "kind": contact.kind}
        log.audit("ContactCodeSent", told, at=act.at, actor=act.person)
    return proof


def confirm(act: Act, contact_id: str, code: str) -> models.ContactMethod:
    """The code that came to one's own address. A wrong one counts, also where it is refused."""
    refusal: Refused | None = None
    with tx.write("engine", "web"):
        contact = _own(act, contact_id)
        if contact.verified_at is not None:
            return contact
        proof = models.ContactProof.objects.filter(
            contact=contact, address=contact.address, ended_at=None
        ).order_by("-sent_at").first()  # fmt: skip
        given = "".join(c for c in code if c.isascii() and c.isdigit())
        if proof is None or proof.expires_at <= act.at or proof.tries >= MOST_TRIES:
            refusal = _wrong()
        elif not hmac.compare_digest(_hash(proof.id, given), proof.code_hash):
            models.ContactProof.objects.filter(id=proof.id).update(tries=F("tries") + 1)
            refusal = _wrong()
        elif taken(contact):
            refusal = Refused(
                "contact.taken", "This address is confirmed for another account, and can answer for one only. "
                "Give your own, or ask an administrator to remove it there.", kind="conflict",
            )  # fmt: skip
        else:
            models.ContactProof.objects.filter(id=proof.id).update(ended_at=act.at)
            models.ContactMethod.objects.filter(id=contact.id).update(verified_at=act.at)
            told = {"person": contact.person_id, "contact": contact.id, "kind": contact.kind}
            log.audit("ContactVerified", told, at=act.at, actor=act.person)
    # Raised outside: the count of wrong tries must stay.
    if refusal is not None:
        raise refusal
    contact.verified_at = act.at
    return contact


def taken(contact: models.ContactMethod) -> bool:
    """Whether somebody else has proved this address, on a channel where answers count. Holds until the end of the
    transaction: of two who prove it at once the second is refused.
    """
    if contact.kind not in ANSWERING:
        return False
    tx.lock("confirmed addresses")
    kinds = _NUMBERS if contact.kind in _NUMBERS else {contact.kind}
    rows = models.ContactMethod.objects.filter(kind__in=kinds, address__iexact=contact.address)
    return rows.exclude(verified_at=None).exclude(person_id=contact.person_id).exists()


def came_by_mail(person_id: str, now: datetime) -> None:
    """Somebody chose a password by the link in a mail to their login's address: that address is theirs."""
    with tx.write("web", "engine"):
        person = models.Person.objects.filter(id=person_id).first()
        rows = models.ContactMethod.objects.filter(person_id=person_id, kind="email", verified_at=None)
        for contact in rows.filter(address__iexact=person.email) if person is not None else ():
            if not taken(contact):
                models.ContactMethod.objects.filter(id=contact.id).update(verified_at=now)
                told = {"person": person_id, "contact": contact.id, "kind": contact.kind}
                log.audit("ContactVerified", told, at=now, actor=person_id)


def void(contact: models.ContactMethod, now: datetime) -> None:
    """Another address: what was proved of the old one says nothing about it. Inside the caller's transaction."""
    models.ContactProof.objects.filter(contact=contact, ended_at=None).update(ended_at=now)


def answers_for(person_id: str, kinds: Collection[str], address: str) -> bool:
    """Whether an answer from this address counts as this person's."""
    rows = models.ContactMethod.objects.filter(
        person_id=person_id, kind__in=kinds, address__iexact=address, disabled=False
    )
    return rows.exclude(verified_at=None).exists()


def may_answer(delivery: models.Delivery) -> bool:
    """Whether what is pressed in answer to this delivery counts: its address is proved and still its person's."""
    return answers_for(delivery.person_id, [delivery.channel], delivery.address)


def pending(contact_ids: Collection[str], now: datetime) -> dict[str, models.ContactProof]:
    """The codes under way by contact."""
    rows = models.ContactProof.objects.filter(
        contact_id__in=contact_ids, ended_at=None, expires_at__gt=now, tries__lt=MOST_TRIES
    )
    return {p.contact_id: p for p in rows.order_by("sent_at")}


def _own(act: Act, contact_id: str) -> models.ContactMethod:
    contact = models.ContactMethod.objects.select_for_update().filter(id=contact_id).first()
    if contact is None:
        raise missing("contact.unknown", "There is no such contact. Reload the page.")
    if contact.person_id != act.person:
        raise forbidden("contact.not_yours", "Only whoever receives the code can confirm this address.")
    return contact


def _not_too_often(contact: models.ContactMethod, now: datetime) -> None:
    lately = models.ContactProof.objects.filter(sent_at__gt=now - WINDOW)
    to_it = lately.filter(address__iexact=contact.address)
    if to_it.filter(sent_at__gt=now - APART).exists():
        raise bad("contact.code_soon", "A code is on its way. Wait half a minute before you ask for another.")
    by_one = lately.filter(contact__person_id=contact.person_id).count()
    if to_it.count() >= MOST_SENDS or by_one >= MOST_BY_ONE:
        raise bad("contact.codes_many", "Too many codes were sent within an hour. Try again later.")


def _wrong() -> Refused:
    text = "This code does not count: it is wrong or no longer good. Ask for a new one."
    return Refused("contact.code", text, kind="bad", fields={"code": "does not count"})


def _hash(proof_id: str, code: str) -> str:
    """Keyed: six digits alone would be found by trying all of them."""
    key = settings.QUARTERDECK_LINK_KEY.encode()
    return hmac.new(key, f"contact code\n{proof_id}\n{code}".encode(), hashlib.sha256).hexdigest()


def _body(code: str) -> dict[str, object]:
    name = settings.QUARTERDECK.name
    text = (
        f"Your code is {code}. Enter it in {name} within 15 minutes. If you did not ask for it, do nothing."
    )
    return {
        "subject": f"Your code for {name}: {code}", "text": text, "kind": "message", "urgency": "low",
        "link": f"{settings.QUARTERDECK_PUBLIC_URL}/settings/me#contacts", "link_label": "Enter the code",
    }  # fmt: skip
