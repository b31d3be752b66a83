"""What executives are asked and what they answer: help, offers, decisions, briefings, and the brief itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from quarterdeck.core.incidents import (
    Event,
    Incident,
    Stamped,
    Template,
    briefings,
    content_hash,
    decision_requests,
    engagement,
    help_requests,
    replay,
)
from quarterdeck.core.incidents import messages as message_rules
from quarterdeck.core.incidents.events.asks import BriefSent
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act
from ..casebook import Case
from ..paging.directory import Directory, must_be_active
from .executive_duty import chain, duty


def call_executive(act: Act, incident_id: str, reason: str) -> Case:
    """Pages the executive duty with the brief attached, as its policy says (R-135)."""

    def decide(i: Incident, t: Template) -> list[Event]:
        events = engagement.call_executive(i, t, act.who, reason=line(reason, 600))
        found = duty(Directory(act.at))
        help_requests.must_have(found.chain if found else ())
        return events

    return casebook.change(act, incident_id, decide)


def ask_help(
    act: Act, incident_id: str, kind: str, text: str, minutes: int, key: str = ""
) -> tuple[Case, str]:
    """Ask the executives on duty; returns the id of the request as well."""
    key = key or new_id()
    case = casebook.change(
        act,
        incident_id,
        lambda i, t: help_requests.ask(
            i, t, act.who, help_id=key, kind=line(kind, 20), text=clean(text, 4000), minutes=minutes,
            chain=chain(i, Directory(act.at)), now=act.at,
        ),
    )  # fmt: skip
    return case, key


def accept_help(act: Act, incident_id: str, help_id: str, note: str = "") -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: help_requests.accept(i, act.who, help_id=help_id, note=clean(note, 4000)),
    )


def decline_help(act: Act, incident_id: str, help_id: str, reason: str) -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: help_requests.decline(i, act.who, help_id=help_id, reason=clean(reason, 4000)),
    )


def finish_help(act: Act, incident_id: str, help_id: str, note: str = "") -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: help_requests.finish(i, t, act.who, help_id=help_id, note=clean(note, 4000)),
    )


def offer(act: Act, incident_id: str, kind: str, text: str, key: str = "") -> tuple[Case, str]:
    """An executive offers help: a note to the executive liaison."""
    key = key or new_id()
    case = casebook.change(
        act,
        incident_id,
        lambda i, t: help_requests.offer(
            i, act.who, offer_id=key, kind=line(kind, 20), text=clean(text, 4000)
        ),
    )
    return case, key


def take_offer(act: Act, incident_id: str, offer_id: str, minutes: int, text: str = "") -> Case:
    """The commander turns an offer into a request to whoever made it."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: help_requests.take_offer(
            i, t, act.who, offer_id=offer_id, help_id=new_id(), minutes=minutes, text=clean(text, 4000), now=act.at
        ),
    )  # fmt: skip


def decline_offer(act: Act, incident_id: str, offer_id: str, reason: str) -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: help_requests.decline_offer(
            i, t, act.who, offer_id=offer_id, reason=clean(reason, 4000)
        ),
    )


def ask_decision(
    act: Act,
    incident_id: str,
    question: str,
    options: Sequence[tuple[str, str]],
    *,
    recommendation: str,
    default: str,
    minutes: int,
    key: str = "",
) -> tuple[Case, str]:
    """Put a choice before the executives on duty. `options` are (option, what follows from it)."""
    key = key or new_id()
    given = [(line(o, 400), clean(c, 4000)) for o, c in options if o.strip() or c.strip()]
    case = casebook.change(
        act,
        incident_id,
        lambda i, t: decision_requests.ask(
            i, t, act.who, request_id=key, question=line(question, 600), options=tuple(o for o, _ in given),
            consequences=tuple(c for _, c in given), recommendation=line(recommendation, 400),
            fallback=line(default, 400), minutes=minutes, chain=chain(i, Directory(act.at)), now=act.at,
        ),
    )  # fmt: skip
    return case, key


def answer_decision(act: Act, incident_id: str, request_id: str, chosen: str, note: str = "") -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: decision_requests.answer(
            i, act.who, request_id=request_id, chosen=line(chosen, 400), note=clean(note, 4000)
        ),
    )


def authorise(
    act: Act,
    incident_id: str,
    what: str,
    kind: str,
    *,
    minor: int = 0,
    currency: str = "",
    consequence: str = "",
    minutes: int = 30,
    key: str = "",
) -> tuple[Case, str]:
    """Do something of consequence: at once where it was delegated, else by the word of an executive (X-11)."""
    key = key or new_id()
    case = casebook.change(
        act,
        incident_id,
        lambda i, t: decision_requests.decide_or_ask(
            i, t, act.who, request_id=key, act=line(kind, 20), what=line(what, 400),
            consequence=clean(consequence, 4000), minutes=minutes, chain=chain(i, Directory(act.at)), now=act.at,
            minor=minor, currency=line(currency, 3),
        ),
    )  # fmt: skip
    return case, key


def plan_briefing(
    act: Act,
    incident_id: str,
    starts_at: datetime,
    *,
    presenter: str = "",
    people: Sequence[str] = (),
    link: str = "",
    every_minutes: int = 0,
    key: str = "",
) -> tuple[Case, str]:
    key = key or new_id()
    _active([presenter, *people])
    case = casebook.change(
        act,
        incident_id,
        lambda i, t: briefings.plan(
            i, t, act.who, briefing_id=key, starts_at=starts_at, presenter=presenter, people=tuple(people),
            link=line(link, 600), every_minutes=every_minutes, now=act.at,
        ),
    )  # fmt: skip
    return case, key


def hold_briefing(
    act: Act, incident_id: str, briefing_id: str, notes: str, present: Sequence[str] = ()
) -> Case:
    _active(present)
    return casebook.change(
        act,
        incident_id,
        lambda i, t: briefings.hold(
            i, t, act.who, briefing_id=briefing_id, present=tuple(present), notes=clean(notes, 8000), new_id=new_id,
            now=act.at,
        ),
    )  # fmt: skip


def cancel_briefing(act: Act, incident_id: str, briefing_id: str, reason: str) -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: briefings.cancel(i, t, act.who, briefing_id=briefing_id, reason=line(reason, 600)),
    )


def send_brief(act: Act, incident_id: str, fields: Mapping[str, str], next_at: datetime) -> Case:
    """Write, release and send the brief in one step; the clock of executives runs to `next_at`. Nothing is kept of a
    brief that may not go out.
    """
    key = new_id()
    told = {name: clean(fields.get(name, ""), 2000).strip() for name in briefings.FIELDS}

    def decide(i: Incident, t: Template) -> list[Event]:
        content = briefings.brief_content(told, next_at, act.at)
        drafted = message_rules.draft_message(i, t, act.who, message_id=key, content=content, at=act.at)
        first = i.seq + 1
        known = replay([Stamped(first + n, act.at, act.person, e) for n, e in enumerate(drafted)], i)
        released = message_rules.release_message(
            known, t, act.who, message_id=key, content_hash=content_hash(known.messages[key]), at=act.at
        )
        sent = BriefSent(key, told["what"], told["whom"], told["doing"], told["help"], next_at)
        return [*drafted, *released, sent]

    return casebook.change(act, incident_id, decide)


def _active(people: Sequence[str]) -> None:
    for person in people:
        if person:
            must_be_active(person, "people")
