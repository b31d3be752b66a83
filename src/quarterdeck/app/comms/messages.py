"""Messages to audiences: draft, edit, release, drop; and their clocks. Releasing sends."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from quarterdeck.core.comms import substitute
from quarterdeck.core.incidents import Content, Event, Incident, Template, clocks, closing
from quarterdeck.core.incidents import messages as core
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.core.status.words import COMPONENT_STATES
from quarterdeck.store import models
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act
from ..casebook import Case
from . import linting, message_wording, speaking


def draft(act: Act, incident_id: str, content: Content, message_id: str = "") -> tuple[Case, str]:
    """A draft; returns its id as well. The same `message_id` twice drafts once."""
    message_id = message_id or new_id()
    tamed = _tamed(content)

    def decide(i: Incident, t: Template) -> list[Event]:
        said = _agreed(i, t, tamed)
        if models.MessageRow.objects.filter(id=message_id).exclude(incident_id=incident_id).exists():
            raise Refused(
                "message.id_taken", "Another message has this id. Send the draft again with a fresh one.",
                kind="conflict",
            )  # fmt: skip
        return core.draft_message(i, t, act.who, message_id=message_id, content=said, at=act.at)

    return casebook.change(act, incident_id, decide), message_id


def draft_within(act: Act, incident_id: str, content: Content) -> str:
    """A draft inside the caller's transaction; its id."""
    message_id, tamed = new_id(), _tamed(content)
    casebook.change_within(
        act,
        incident_id,
        lambda i, t: core.draft_message(
            i, t, act.who, message_id=message_id, content=_agreed(i, t, tamed), at=act.at
        ),
    )
    return message_id


def edit(act: Act, incident_id: str, message_id: str, content: Content, read_hash: str = "") -> Case:
    """Another text. `read_hash` is of the text that was changed: what somebody else wrote meanwhile is not lost."""
    tamed = _tamed(content)
    return casebook.change(
        act,
        incident_id,
        lambda i, t: core.edit_message(
            i, t, act.who, message_id=message_id, content=_agreed(i, t, tamed), at=act.at, read_hash=read_hash
        ),
    )


def release(
    act: Act, incident_id: str, message_id: str, content_hash: str, break_glass: str = "", override: str = ""
) -> Case:
    """Let exactly this text go out, now, to everybody of its audience and onto its pages.

    `break_glass` is the reason to send it past reviews that are still out, `override` to send it with errors that the
    linter found, or though facts have changed since.

    Refused while a fact of its wording is missing: nobody outside reads "[field?]".
    """

    def decide(i: Incident, t: Template) -> list[Event]:
        found = i.messages.get(message_id)
        unsent = found is not None and found.state in ("draft", "in_review")
        faults = linting.faults(Case(i, t), found, act.at) if found is not None and unsent else ()
        events = core.release_message(
            i, t, act.who, message_id=message_id, content_hash=content_hash, at=act.at,
            break_glass=line(break_glass, 300), faults=faults, override=line(override, 300),
            executives=speaking.executives_of([found] if found else []),
        )  # fmt: skip
        message = i.messages[message_id]
        gaps = substitute.left_open(f"{message.headline}\n{message.body}")
        if events and gaps:
            raise bad(
                "message.unfilled",
                f"The text still lacks: {', '.join(gaps)}. Write what belongs there, or take the sentence out.",
                body="a fact is missing",
            )
        return events

    return casebook.change(act, incident_id, decide)


def drop(act: Act, incident_id: str, message_id: str, reason: str) -> Case:
    """A draft that will not be sent."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: core.supersede_message(i, t, act.who, message_id=message_id, reason=line(reason, 300)),
    )


def set_clock(act: Act, incident_id: str, audience: str, every: timedelta) -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: clocks.set_clock(i, t, act.who, audience=audience, every=every, at=act.at),
    )


def pace(act: Act, incident_id: str, audience: str, *, slow: bool, reason: str = "") -> Case:
    """Long-incident mode for an audience, or back in step."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: clocks.pace(
            i, t, act.who, audience=audience, slow=slow, at=act.at, reason=line(reason, 300)
        ),
    )


def _agreed(incident: Incident, template: Template, content: Content) -> Content:
    """Whether its locked wording stands is found here, never taken from outside."""
    case = Case(closing.speaking(incident), template)
    stands = message_wording.stands(case, content.audience, content.headline, content.body)
    return replace(content, agreed=stands)


def _tamed(content: Content) -> Content:
    """Safe text, and only pages, components and executives that exist."""
    speaking.must_be_executive(content)
    pages = set(models.StatusPage.objects.filter(id__in=content.pages).values_list("id", flat=True))
    known = set(models.Component.objects.filter(id__in=list(content.components)).values_list("id", flat=True))
    strange = [s for s in content.components.values() if s not in COMPONENT_STATES]
    if strange:
        words = ", ".join(COMPONENT_STATES)
        raise bad(
            "component.state",
            f"There is no component state {strange[0]!r}. Choose one of: {words}.",
            components="unknown",
        )
    return replace(
        content,
        headline=line(content.headline, 400),
        body=clean(content.body, 20_000),
        customer_effect=clean(content.customer_effect, 4000),
        action=clean(content.action, 4000),
        components={k: v for k, v in content.components.items() if k in known},
        pages=tuple(p for p in content.pages if p in pages),
    )
