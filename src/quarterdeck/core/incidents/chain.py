"""The way of a message from draft to release: who is asked now, what is still missing, and the acts on that way.

Reviews run side by side, then somebody approves, then the releaser lets it go (R-110, R-113, R-120). Every word
counts for exactly the text it was said about. Nothing here sends.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused, bad, forbidden

from .approval import Verdict
from .authority import may, must_be_inside, stands_for
from .closing import may_speak, speaking
from .content import content_hash, incomplete, must_promise
from .events import Event
from .events.approval import (
    CountersignLate,
    MessageCountersigned,
    MessageJudged,
    MessageStepLate,
    MessageStepPassed,
    MessageSubmitted,
)
from .expressions import evaluate
from .guards import filled, known
from .message_authority import may_draft, without_agreed
from .parts import Message
from .staffing import values
from .state import Incident
from .structure import ChainStep, Template

REVIEW, APPROVE = "review", "approve"
ASKING = (REVIEW, APPROVE)
OK, SUGGESTION, OBJECTION = "ok", "suggestion", "objection"
VERDICTS = (OK, SUGGESTION, OBJECTION)
TEXT_LIMIT = 2000
COUNTERSIGN = timedelta(hours=1)
# Nobody is called for ever: after so many backups the commander has been told, and decides.
MOST_LEVELS = 6


@dataclass(frozen=True, slots=True)
class Asked:
    """A role that is asked about a message: since when, until when, and how far it was pressed already.

    `verdict` is what it said about this very text, None while it is silent.
    """

    step: ChainStep
    role: str
    since: datetime | None
    due: datetime | None
    level: int
    verdict: Verdict | None

    @property
    def open(self) -> bool:
        return self.verdict is None and self.since is not None

    @property
    def blocks(self) -> bool:
        return self.verdict is not None and self.verdict.verdict == OBJECTION


def asking(incident: Incident, template: Template, message: Message, now: datetime) -> tuple[ChainStep, ...]:
    """The steps of this message's chain that ask somebody; those whose condition does not hold are left out."""
    facts = values(incident, template, now)
    steps = (
        without_agreed(s, message.agreed)
        for s in template.chains.get(message.audience, ())
        if s.step in ASKING and evaluate(s.when, facts)
    )
    return tuple(s for s in steps if s.roles)


def way(incident: Incident, template: Template, message: Message, now: datetime) -> tuple[Asked, ...]:
    """Every role on the way to release, in order. A step begins when all before it have said yes.

    An approval names its roles in order of preference: one of them is enough, and only the first is asked.
    """
    text = content_hash(message)
    begins = message.submitted_at
    found: list[Asked] = []
    for step in asking(incident, template, message, now):
        ends: list[datetime | None] = []
        since = begins
        for role in _asked_roles(incident, message, step, text):
            verdict = _counting(incident, message, step, role, text)
            found.append(_asked(incident, message, step, role, since, verdict))
            said_yes = verdict is not None and verdict.verdict != OBJECTION
            ends.append(verdict.at if said_yes and verdict is not None else None)
            if not step.parallel:
                since = ends[-1]
        begins = None if begins is None or None in ends else max((e for e in ends if e), default=begins)
    return tuple(found)


def missing(incident: Incident, template: Template, message: Message, now: datetime) -> tuple[str, ...]:
    """What keeps it from being released, in words; nothing where the chain asks nobody or all said yes."""
    return tuple(_missing(incident, template, message, now))


def _missing(incident: Incident, template: Template, message: Message, now: datetime) -> Iterator[str]:
    steps = way(incident, template, message, now)
    if steps and message.state == "draft":
        yield "It was not handed in for review."
        return
    for asked in steps:
        title = _title(template, asked.role)
        if asked.verdict is None:
            yield f"The {title} has not {'approved' if asked.step.step == APPROVE else 'reviewed'} this text."
        elif asked.blocks:
            yield f"The {title} objects: {asked.verdict.text}"


def submit(
    incident: Incident, template: Template, by: Who, *, message_id: str, text_hash: str, at: datetime
) -> list[Event]:
    """Hand exactly this text in; its reviewers are asked now. Refused where its chain asks nobody."""
    incident = may_speak(incident, incident.messages.get(message_id))
    message = known(incident.messages.get(message_id), "message.unknown", "message")
    may_draft(incident, template, by, message.audience)
    if message.state == "in_review" and content_hash(message) == text_hash:
        return []
    _must_be(message, "draft")
    _must_be_read(message, text_hash)
    if not asking(incident, template, message, at):
        raise Refused("message.no_review", "Nobody reviews messages to this audience. Release it.")
    must_promise(message, at)
    lacking = incomplete(template, message)
    if lacking:
        raise bad("message.incomplete", " ".join(lacking.values()), **lacking)
    return [MessageSubmitted(message.id, text_hash, message.audience, message.headline)]


def judge(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    message_id: str,
    step: str,
    role: str,
    verdict: str,
    text_hash: str,
    at: datetime,
    text: str = "",
    ticked: tuple[str, ...] = (),
) -> list[Event]:
    """What a role says about exactly this text. An objection says why, and nobody judges their own words."""
    incident = may_speak(incident, incident.messages.get(message_id))
    message = known(incident.messages.get(message_id), "message.unknown", "message")
    _must_be(message, "in_review")
    asked = _place(incident, template, message, step, role, at)
    _may_answer(incident, template, by, message, asked)
    _must_be_read(message, text_hash)
    if verdict not in VERDICTS:
        raise bad("verdict.unknown", f"Answer with one of: {', '.join(VERDICTS)}.", verdict="unknown")
    words = text.strip()
    if verdict != OK:
        words = filled(words, "text", "Say what you object to or suggest; the author reads it.")
    if len(words) > TEXT_LIMIT:
        why = f"The text has {len(words)} characters; {TEXT_LIMIT} fit. Shorten it."
        raise bad("text.long", why, text=why)
    strange = [t for t in ticked if t not in asked.step.guidelines]
    if strange:
        raise bad("guideline.unknown", f"There is no guideline {strange[0]!r}.", ticked="unknown")
    before = asked.verdict
    if before and (before.person, before.verdict, before.text) == (by.person, verdict, words):
        return []
    return [
        MessageJudged(
            message.id, step, role, verdict, text_hash, words, ticked, message.audience, message.headline
        )
    ]


def pass_on(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    message_id: str,
    step: str,
    role: str,
    person: str,
    at: datetime,
    reason: str = "",
) -> list[Event]:
    """Let somebody else answer in one's role for this message (X-18)."""
    incident = may_speak(incident, incident.messages.get(message_id))
    message = known(incident.messages.get(message_id), "message.unknown", "message")
    _must_be(message, "in_review")
    asked = _place(incident, template, message, step, role, at)
    if not by.is_system:
        _may_answer(incident, template, by, message, asked)
    if person in (message.author, ""):
        raise bad("person.author", "Whoever wrote it cannot judge it. Name somebody else.", person="author")
    must_be_inside(incident, person, "person")
    if incident.approval.may_answer(message.id, step, role, person):
        return []
    return [
        MessageStepPassed(message.id, step, role, person, reason.strip(), message.audience, message.headline)
    ]


def countersign(
    incident: Incident, template: Template, by: Who, *, message_id: str, verdict: str, text: str = ""
) -> list[Event]:
    """A second person looks at what was released past its chain: ok, or what is to be corrected."""
    incident = speaking(incident)
    message = known(incident.messages.get(message_id), "message.unknown", "message")
    if not message.broke_glass:
        raise Refused("message.no_countersign", "This message went its whole way. Nothing is to be signed.")
    if message.countersigned_by:
        return []
    if by.is_system or by.person == message.released_by:
        raise forbidden(
            "message.countersign", "Somebody else than who released it signs. Ask a second person."
        )
    if by.person == message.author:
        raise forbidden("step.author", "You wrote this text. Somebody else has to look at it.")
    roles = {r for s in template.chains.get(message.audience, ()) for r in s.roles}
    holds = stands_for(incident, template, by)
    if roles.isdisjoint(holds) and not may(incident, template, by, "message.release", "message.draft"):
        raise forbidden("message.countersign", "Only a role of this message's chain signs. Ask one of them.")
    if verdict not in (OK, OBJECTION):
        raise bad("verdict.unknown", "Answer with one of: ok, objection.", verdict="unknown")
    words = text.strip()
    if verdict == OBJECTION:
        words = filled(words, "text", "Say what has to be corrected.")
    said = content_hash(message)
    return [MessageCountersigned(message.id, said, verdict, words, message.audience, message.headline)]


def due_events(incident: Incident, template: Template, now: datetime) -> list[Event]:
    """Steps that are silent for longer than agreed, each level once; and what nobody countersigned."""
    events: list[Event] = []
    for message, asked in _silent(incident, template, now):
        level = _level_at(asked, now)
        if level > asked.level:
            events.append(
                MessageStepLate(
                    message.id, asked.step.step, asked.role, level, message.audience, message.headline
                )
            )
    events += [CountersignLate(m.id, m.audience, m.headline) for m, at in _unsigned(incident) if at <= now]
    return events


def wake_at(incident: Incident, template: Template, now: datetime) -> datetime | None:
    moments = [at for _, at in _unsigned(incident)]
    for _, asked in _silent(incident, template, now):
        if asked.level < MOST_LEVELS and asked.due is not None:
            moments.append(asked.due + (asked.step.check_back or asked.step.eta or COUNTERSIGN) * asked.level)
    return min(moments, default=None)


def _level_at(asked: Asked, now: datetime) -> int:
    if asked.due is None or now < asked.due:
        return 0
    every = asked.step.check_back or asked.step.eta or COUNTERSIGN
    return min(1 + (now - asked.due) // every, MOST_LEVELS)


def _silent(incident: Incident, template: Template, now: datetime) -> Iterator[tuple[Message, Asked]]:
    incident = speaking(incident)
    if incident.has_ended:
        return
    for message in incident.messages.values():
        if message.state == "in_review":
            for asked in way(incident, template, message, now):
                if asked.open and asked.due is not None:
                    yield message, asked


def _unsigned(incident: Incident) -> list[tuple[Message, datetime]]:
    return [
        (m, m.released_at + COUNTERSIGN)
        for m in incident.messages.values()
        if m.broke_glass and m.released_at and not m.countersigned_by and not m.countersign_late
    ]


def _asked(
    incident: Incident,
    message: Message,
    step: ChainStep,
    role: str,
    since: datetime | None,
    verdict: Verdict | None,
) -> Asked:
    due = since + step.eta if since is not None and step.eta is not None else None
    return Asked(step, role, since, due, incident.approval.level(message.id, step.step, role), verdict)


def _asked_roles(incident: Incident, message: Message, step: ChainStep, text: str) -> tuple[str, ...]:
    if step.step == REVIEW:
        return step.roles
    found = {r: v for r in step.roles if (v := _counting(incident, message, step, r, text))}
    # Nobody's yes takes back what another of them objects to.
    objecting = [r for r, v in found.items() if v.verdict == OBJECTION]
    return tuple((objecting or list(found))[:1]) or step.roles[:1]


def _counting(incident: Incident, message: Message, step: ChainStep, role: str, text: str) -> Verdict | None:
    """A verdict about this very text, given since it was handed in."""
    found = incident.approval.verdict(message.id, step.step, role)
    asked_at = message.submitted_at
    fits = found is not None and asked_at is not None and found.content_hash == text and found.at >= asked_at
    return found if fits else None


def _place(
    incident: Incident, template: Template, message: Message, step: str, role: str, at: datetime
) -> Asked:
    """The step that is asked. Refused before its turn: an approver reads what the reviewers agreed on."""
    steps = way(incident, template, message, at)
    found = next((a for a in steps if (a.step.step, a.role) == (step, role)), None)
    if found is None:
        others = [s for s in asking(incident, template, message, at) if s.step == step and role in s.roles]
        first = next((a for a in steps if a.step in others), None)
        if first is None:
            raise bad("step.unknown", "This message has no such step. Reload it.", step="unknown")
        found = _asked(incident, message, first.step, role, first.since, None)
    if found.since is None:
        raise Refused("step.early", "Those before have not all said yes. Wait for them, or talk to them.")
    return found


def _may_answer(incident: Incident, template: Template, by: Who, message: Message, asked: Asked) -> None:
    title = _title(template, asked.role)
    if by.is_system:
        raise forbidden("step.role", f"Only a person answers as {title}.")
    if by.person == message.author:
        raise forbidden("step.author", "You wrote this text. Somebody else has to judge it.")
    if asked.role in stands_for(incident, template, by):
        return
    if incident.approval.may_answer(message.id, asked.step.step, asked.role, by.person):
        return
    raise forbidden(
        "step.role", f"Only the {title} answers here. Ask them, or the commander to fill the role."
    )


def _must_be(message: Message, state: str) -> None:
    if message.state == state:
        return
    if state == "in_review" and message.state == "draft":
        raise Refused("message.not_in_review", "Its author is writing on it. It must be handed in first.")
    raise Refused("message.not_draft", f"This message is {message.state}. Draft a new one with the new text.")


def _must_be_read(message: Message, text_hash: str) -> None:
    current = content_hash(message)
    if text_hash != current:
        raise Refused(
            "message.changed",
            "The text was changed after you read it. Read it again, then answer.",
            details={"content_hash": current},
        )


def _title(template: Template, role: str) -> str:
    found = template.role(role)
    return found.title if found else role.replace("_", " ")
