"""Asking for somebody's name, lending it, taking it back; and the signed link by which they do. Rules: core consent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from quarterdeck.core.access import Who
from quarterdeck.core.incidents import Event, Incident, consent, content_hash
from quarterdeck.core.incidents.approval import Consent
from quarterdeck.core.incidents.parts import Message
from quarterdeck.core.kernel.refused import missing
from quarterdeck.core.kernel.text import line
from quarterdeck.store import log, models, tx

from .. import casebook
from ..act import Act, act_of
from ..casebook import Case
from ..visibility import visible_incidents
from . import links, mailings, speaking
from .consent_notices import PURPOSE
from .sending import public_body

MOST = 40


@dataclass(frozen=True, slots=True)
class Standing:
    """A message in somebody's name: who that is now, what they were asked and said, and whether it counts."""

    message: Message
    person: str
    title: str
    consent: Consent | None
    counts: bool
    content_hash: str


def ask(act: Act, incident_id: str, message_id: str) -> Case:
    """Ask the person whose name it would be, by a message with a signed link."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: consent.ask(i, t, act.who, message_id=message_id, executives=_of(i, message_id)),
    )


def give(act: Act, incident_id: str, message_id: str, text_hash: str) -> Case:
    """Agree that exactly this text goes out in one's own name."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: consent.give(
            i,
            t,
            act.who,
            message_id=message_id,
            text_hash=text_hash,
            executives=_of(i, message_id),
            via=act.via,
        ),
    )


def withdraw(act: Act, incident_id: str, message_id: str, reason: str = "") -> Case:
    """Take one's name back; whoever has not got the message by then does not."""
    with tx.write("engine", "web"):
        log.lock_incident(incident_id)  # no release in between
        under_way = mailings.unfinished(message_id)

        def decide(incident: Incident, _: object) -> list[Event]:
            return consent.withdraw(
                incident, act.who, message_id=message_id, reason=line(reason, 300), on_its_way=under_way
            )

        case = casebook.change_within(act, incident_id, decide)
        if under_way:
            mailings.call_off(act, message_id, "Whoever it spoke for took their name back.")
    return case


def standing(case: Case, message_id: str) -> Standing | None:
    """How it stands with the name under a message; None where the organisation speaks."""
    message = case.incident.messages.get(message_id)
    if message is None:
        raise missing("message.unknown", "There is no such message in this incident. Reload the list.")
    if not message.sender_identity:
        return None
    named = speaking.executives_of([message])
    person = speaking.speaker(case.incident, message)
    given = case.incident.approval.consents.get(message.id)
    stands = bool(message.spoken_by) or consent.standing(case.incident, message, named) is not None
    counts = stands and given is not None and given.state == consent.GIVEN
    return Standing(
        message, person, speaking.office(case.template, message, person),
        given, counts, content_hash(message),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Waiting:
    """A text that asks for somebody's name, or has it; `text` is what readers will see."""

    incident_id: str
    standing: Standing
    text: str


def waiting(who: Who, incident_id: str = "") -> list[Waiting]:
    """The texts that wait for this person's word, in one incident or in every open one they may know of."""
    rows = models.MessageConsentRow.objects.filter(person=who.person, state=consent.ASKED)
    if incident_id:
        rows = rows.filter(incident_id=incident_id)
    seen = visible_incidents(who).filter(is_open=True).values("id")
    keys = rows.filter(incident_id__in=seen).order_by("incident_id").values_list("incident_id", flat=True)
    found = [w for key in list(keys.distinct()[:MOST]) for w in mine(who, key)]
    return [
        w
        for w in found
        if (said := w.standing.consent) is not None
        and said.state == consent.ASKED
        and not w.standing.message.spoken_by
    ]


def mine(who: Who, incident_id: str) -> list[Waiting]:
    """Every text of one incident that was put to this person and is not superseded."""
    case = casebook.load(incident_id, who)
    found = []
    for given in case.incident.approval.consents.values():
        if given.person == who.person and case.incident.messages[given.message].state != "superseded":
            stands = standing(case, given.message)
            if stands is not None and who.person in (stands.person, given.person):
                found.append(Waiting(incident_id, stands, public_body(stands.message)))
    return found


def lacking(case: Case, message: Message) -> str:
    """What keeps it from speaking in its name, in words."""
    return consent.missing(case.incident, case.template, message, speaking.executives_of([message]))


def _of(incident: Incident, message_id: str) -> frozenset[str]:
    found = incident.messages.get(message_id)
    return speaking.executives_of([found] if found else [])


# -- the signed link


def by_link(
    incident_id: str, message_id: str, person: str, text_hash: str, token: str, at: datetime
) -> Act | None:
    """The act of the person the link was made for; None for a wrong token or somebody who is no longer here."""
    if not links.holds(PURPOSE, f"{incident_id}/{message_id}/{person}/{text_hash}", token):
        return None
    row = models.Person.objects.filter(id=person, is_active=True).first()
    return act_of(row.id, row.role, at, "link") if row else None
