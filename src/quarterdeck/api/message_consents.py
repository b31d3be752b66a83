"""Messages in somebody's name: who that is, asking for it, lending it, taking it back. By that person alone (X-15)."""

from __future__ import annotations

from typing import Annotated

from ninja import Query

from quarterdeck.app.casebook import Case, load
from quarterdeck.app.comms import consents as acts
from quarterdeck.app.comms import sending
from quarterdeck.core.access import may
from quarterdeck.core.kernel.refused import missing

from .doors import Request
from .fields import Asked, Id, IncidentId, Moment, Named, Read, Text, Write
from .operations import Noun

NOUN = Noun("Messages", "/incidents/{incident}/messages/{message}/consent")
WAITING = Noun("Messages", "/consents")


class MessageConsent(Read):
    """`person` is whose name it would be now, null where nobody holds the role. `state`: none, asked, given, withdrawn;
    `counts`: it was given by that person for the text with this `content_hash`. The text is what they agree to.
    """

    sender_identity: str
    title: str
    person: Named | None
    state: str
    counts: bool
    at: Moment | None
    reason: str
    content_hash: str
    headline: str
    text: str


class MessageConsentWrite(Write):
    """The hash of exactly the text that was read."""

    content_hash: Annotated[str, Text(64, pattern="^[0-9a-f]{64}$")]


class MessageConsentAsked(Asked):
    reason: Annotated[str, Text(300)] = ""


class WaitingConsent(Read):
    """A text that waits for one's own word; `content_hash` is given back with it."""

    incident: str
    message: str
    title: str
    content_hash: str
    headline: str
    text: str


@WAITING.get("", "brief.read", list[WaitingConsent])
def list_waiting_consents(request: Request) -> list[WaitingConsent]:
    """The texts that ask for one's own name, in every open incident."""
    return [
        WaitingConsent(
            incident=w.incident_id, message=w.standing.message.id, title=w.standing.title,
            content_hash=w.standing.content_hash, headline=w.standing.message.headline, text=w.text,
        )
        for w in acts.waiting(request.act.who)
    ]  # fmt: skip


@NOUN.get("", "brief.read", MessageConsent)
def get_consent(request: Request, incident: IncidentId, message: Id) -> MessageConsent:
    """In whose name the message goes, and whether they agreed. For that person, and whoever sees the incident."""
    return _told(request, load(incident, request.act.who), message)


@NOUN.post("/request", "incident.act", MessageConsent)
def ask_for_consent(request: Request, incident: IncidentId, message: Id) -> MessageConsent:
    """Ask them; they get a message with a link. Handing the message in for review asks by itself."""
    return _told(request, acts.ask(request.act, incident, message), message)


@NOUN.put("", "brief.read", MessageConsent)
def give_consent(
    request: Request, incident: IncidentId, message: Id, body: MessageConsentWrite
) -> MessageConsent:
    """Agree that exactly this text goes out in one's own name. Any change of the text ends it."""
    return _told(request, acts.give(request.act, incident, message, body.content_hash), message)


@NOUN.delete("", "brief.read", MessageConsent)
def withdraw_consent(
    request: Request, incident: IncidentId, message: Id, asked: Query[MessageConsentAsked]
) -> MessageConsent:
    """Take one's name back. A message on its way stops: whoever has not got it does not."""
    return _told(request, acts.withdraw(request.act, incident, message, asked.reason), message)


def _told(request: Request, case: Case, message_id: str) -> MessageConsent:
    found = acts.standing(case, message_id)
    who = request.act.who
    own = found is not None and who.person in (found.person, found.consent.person if found.consent else "")
    if found is None or not (own or may(who, "incident.read")):
        raise missing(
            "consent.none", "This message speaks for the organisation. Nobody lends their name to it."
        )
    given = found.consent
    names = request.names.load((found.person,))
    return MessageConsent(
        sender_identity=found.message.sender_identity, title=found.title,
        person=names.of(found.person) if found.person else None, state=given.state if given else "none",
        counts=found.counts, at=given.at if given else None, reason=given.reason if given else "",
        content_hash=found.content_hash, headline=found.message.headline, text=sending.public_body(found.message),
    )  # fmt: skip
