"""What the linter says of a message, what is done with it after release, and its versions."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

from quarterdeck.app.casebook import Case, load
from quarterdeck.app.comms import linting, previews, sending
from quarterdeck.app.comms import message_steps as acts
from quarterdeck.core.comms.finding import Finding
from quarterdeck.core.comms.sms import segments
from quarterdeck.core.incidents import Content, distribution
from quarterdeck.core.incidents.parts import Message
from quarterdeck.core.kernel.refused import missing

from .doors import Request
from .fields import Id, IncidentId, Moment, Named, Prose, Read, Text, When, Word, Write, Yes
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Messages", "/incidents/{incident}/messages/{message}")
CHECKS = Noun("Messages", "/incidents/{incident}/message-checks")


class MessageFinding(Read):
    """`level`: error or warning. `start` and `end` count characters of `field`; both 0 where something is missing."""

    code: str
    level: str
    field: str
    start: int
    end: int
    text: str
    suggestion: str


class MessagePreview(Read):
    """The message as one channel shows it. `used`: its audience is reached this way; `rich`: with headings and links,
    else bare text. `length` of `limit` (0: none) in `unit`; `cut`: not all of it is shown there.
    """

    channel: str
    title: str
    used: bool
    rich: bool
    length: int
    limit: int
    unit: str
    cut: bool
    sender: str
    subject: str
    text: str


class MessageCheck(Read):
    """`blocks`: a release asks for a reason to go with these errors. `sms_parts` and `sms_alphabet` (GSM-7, UCS-2) say
    how long it is as a text message.
    """

    blocks: bool
    characters: int
    sms_parts: int
    sms_alphabet: str
    findings: list[MessageFinding]


class MessageCheckWrite(Write):
    """A text as it is typed. Nothing of it is saved."""

    audience: Word
    headline: Annotated[str, Text(400)] = ""
    body: Prose = ""
    customer_effect: Annotated[str, Text(4000)] = ""
    action: Annotated[str, Text(4000)] = ""
    next_update_at: When | None = None
    final: Yes = False
    status_word: Annotated[str, Text(30)] = ""


class MessageAfter(Read):
    """A step after release. `since` is null before its turn; `records`: the product carried it out by itself."""

    step: str
    role: str
    since: Moment | None
    due: Moment | None
    done: bool
    records: bool
    by: Named | None
    at: Moment | None
    proof: str


class MessageProofWrite(Write):
    """Where it can be seen; needed where there are no delivery records."""

    proof: Annotated[str, Text(distribution.PROOF_LIMIT)] = ""


class MessageLookWrite(Write):
    reason: Annotated[str, Text(300, least=1)]


class MessageVersion(Read):
    number: int
    by: Named | None
    at: Moment
    headline: str
    body: str
    customer_effect: str
    action: str
    content_hash: str


@CHECKS.post("", "incident.act", MessageCheck)
def check_message(request: Request, incident: IncidentId, body: MessageCheckWrite) -> MessageCheck:
    """Read a text as its readers will: hosts, names, promised times, jargon, contradictions, what is missing."""
    case = load(incident, request.act.who)
    said = Content(
        body.audience, body.headline, body.body, body.customer_effect, body.action, body.next_update_at, body.final,
        body.status_word,
    )  # fmt: skip
    return _check(request, case, said)


@NOUN.get("/check", "incident.read", MessageCheck)
def get_check(request: Request, incident: IncidentId, message: Id) -> MessageCheck:
    """What the linter says of a message as it stands."""
    case = load(incident, request.act.who)
    return _check(request, case, _found(case, message))


@NOUN.get("/previews", "incident.read", Page[MessagePreview])
def list_previews(request: Request, incident: IncidentId, message: Id) -> Page[MessagePreview]:
    """The message as e-mail, text message, Slack, Teams and status page would show it: the very words they send."""
    case = load(incident, request.act.who)
    found = previews.of(case, _found(case, message), request.act.at)
    return whole(MessagePreview(**asdict(p)) for p in found)


@NOUN.get("/after", "incident.read", Page[MessageAfter])
def list_after(request: Request, incident: IncidentId, message: Id) -> Page[MessageAfter]:
    """Who carries the message to its audience, who confirms it, and what they showed for it."""
    return _after(request, load(incident, request.act.who), message)


@NOUN.put("/after/{step}", "incident.act", Page[MessageAfter])
def carry_out(
    request: Request,
    incident: IncidentId,
    message: Id,
    step: Literal["distribute", "confirm"],
    body: MessageProofWrite,
) -> Page[MessageAfter]:
    """Say that a step after release is done. A message that the product sent to nobody counts as sent by this."""
    return _after(request, acts.carry_out(request.act, incident, message, step, body.proof), message)


@NOUN.put("/still-right", "incident.act", MessageCheck)
def look_again(request: Request, incident: IncidentId, message: Id, body: MessageLookWrite) -> MessageCheck:
    """Facts have changed since it was written, and it is right all the same."""
    case = acts.still_right(request.act, incident, message, body.reason)
    return _check(request, case, _found(case, message))


@NOUN.get("/versions", "incident.read", Page[MessageVersion])
def list_versions(request: Request, incident: IncidentId, message: Id) -> Page[MessageVersion]:
    """Every text this message had, oldest first."""
    case = load(incident, request.act.who)
    found = acts.versions(incident, _found(case, message).id)
    names = request.names.load(tuple(v.person for v in found))
    return whole(
        MessageVersion(
            number=v.number,
            by=names.maybe(v.person),
            at=v.at,
            headline=v.content.headline,
            body=v.content.body,
            customer_effect=v.content.customer_effect,
            action=v.content.action,
            content_hash=v.content_hash,
        )
        for v in found
    )


def _found(case: Case, message_id: str) -> Message:
    found = case.incident.messages.get(message_id)
    if found is None:
        raise missing("message.unknown", "There is no such message in this incident. Reload the list.")
    return found


def _check(request: Request, case: Case, said: Content | Message) -> MessageCheck:
    found = linting.findings(case, said, request.act.at)
    outside = linting.reader_of(case.template, said.audience).outside
    body = sending.public_body(said)
    sms = segments(body)
    return MessageCheck(
        blocks=outside and any(f.level == "error" for f in found),
        characters=len(body),
        sms_parts=sms.count,
        sms_alphabet=sms.alphabet,
        findings=[_finding(f) for f in found],
    )


def _finding(f: Finding) -> MessageFinding:
    return MessageFinding(
        code=f.code,
        level=f.level,
        field=f.field,
        start=f.start,
        end=f.end,
        text=f.text,
        suggestion=f.suggestion,
    )


def _after(request: Request, case: Case, message_id: str) -> Page[MessageAfter]:
    steps = distribution.way(case.incident, case.template, _found(case, message_id))
    names = request.names.load(tuple(h.done.person for h in steps if h.done))
    return whole(
        MessageAfter(
            step=h.step.step,
            role=h.role,
            since=h.since,
            due=h.due,
            done=bool(h.done) or h.records,
            records=h.records,
            by=names.of(h.done.person) if h.done else None,
            at=h.done.at if h.done else None,
            proof=h.done.proof if h.done else "",
        )
        for h in steps
    )
