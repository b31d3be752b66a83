"""How update clocks, messages and page updates change."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from ..events import (
    ClockEvent,
    ClockOverdue,
    ClockReminded,
    ClockReset,
    ClockStarted,
    ClockStopped,
    MessageDrafted,
    MessageEdited,
    MessageEvent,
    MessageReleased,
    MessageSent,
    MessageSuperseded,
    PageUpdatePosted,
    Stamped,
)
from ..parts import Message, PageUpdate, UpdateClock
from ..stale import snapshot
from ..state import Incident
from .fold import change, put


def clock(state: Incident, stamped: Stamped, event: ClockEvent) -> Incident:
    match event:
        case ClockStarted():
            return replace(state, clocks=put(state.clocks, event.audience, _started(state, stamped, event)))
        case ClockReset():
            reset = change(
                state.clocks,
                event.audience,
                next_due=event.next_due,
                overdue_level=0,
                last_message_id=event.message_id,
                last_reset_at=stamped.at,
                stage=event.stage,
            )
            return replace(state, clocks=reset)
        case ClockReminded():
            return replace(state, clocks=change(state.clocks, event.audience, reminded_for=event.due))
        case ClockOverdue():
            return replace(state, clocks=change(state.clocks, event.audience, overdue_level=event.level))
        case ClockStopped():
            stopped = change(state.clocks, event.audience, running=False, stopped_at=stamped.at)
            return replace(state, clocks=stopped)
        case _:
            assert_never(event)


def message(state: Incident, stamped: Stamped, event: MessageEvent) -> Incident:
    match event:
        case MessageDrafted():
            return replace(
                state, messages=put(state.messages, event.message_id, _drafted(state, stamped, event))
            )
        case MessageEdited():
            return _edited(state, stamped, event)
        case MessageReleased():
            return _message(
                state,
                event.message_id,
                state="released",
                content_hash=event.content_hash,
                released_by=stamped.actor,
                released_at=stamped.at,
                broke_glass=event.broke_glass,
                override=event.override,
                overridden=event.overridden,
                preapproved=event.preapproved,
                spoken_by=event.spoken_by,
            )
        case MessageSent():
            return _message(
                state,
                event.message_id,
                state="sent",
                sent_at=stamped.at,
                recipients=event.recipients,
                page_count=event.pages,
            )
        case MessageSuperseded():
            at, reason = stamped.at, event.reason
            return _message(
                state, event.message_id, state="superseded", superseded_at=at, superseded_reason=reason
            )
        case PageUpdatePosted():
            return replace(
                state, page_updates=put(state.page_updates, event.update_id, _posted(stamped, event))
            )
        case _:
            assert_never(event)


def _started(state: Incident, stamped: Stamped, event: ClockStarted) -> UpdateClock:
    """A running clock keeps its history; a due time further off does not forgive what is overdue."""
    before = state.clocks.get(event.audience)
    fresh = UpdateClock(
        event.audience,
        event.every_seconds,
        event.next_due,
        event.owner_role,
        started_at=stamped.at,
        stage=event.stage,
        remind_seconds=event.remind_seconds,
        grace_seconds=event.grace_seconds,
        runs_since=stamped.at,
    )
    if before is None:
        return fresh
    level = before.overdue_level if before.running and event.next_due <= before.next_due else 0
    return replace(
        fresh,
        last_message_id=before.last_message_id,
        last_reset_at=before.last_reset_at,
        overdue_level=level,
        reminded_for=before.reminded_for,
        runs_since=before.runs_since if before.running else stamped.at,
    )


def _drafted(state: Incident, stamped: Stamped, event: MessageDrafted) -> Message:
    """The draft with the facts it was written from."""
    return Message(
        id=event.message_id,
        audience=event.audience,
        phase=event.phase,
        headline=event.headline,
        drafted_by=stamped.actor,
        drafted_at=stamped.at,
        body=event.body,
        customer_effect=event.customer_effect,
        action=event.action,
        next_update_at=event.next_update_at,
        final=event.final,
        status_word=event.status_word,
        components=event.components,
        pages=event.pages,
        agreed=event.agreed,
        corrects=event.corrects,
        prompts=event.prompts,
        sender_identity=event.sender_identity,
        sender_person=event.sender_person,
        facts=snapshot(state),
        author=stamped.actor,
    )


# What a reader will see.
_READ = (
    "audience", "headline", "body", "customer_effect", "action", "next_update_at", "final", "status_word", "components",
    "pages", "sender_identity", "sender_person",
)  # fmt: skip


def _edited(state: Incident, stamped: Stamped, event: MessageEdited) -> Incident:
    before = state.messages.get(event.message_id)
    same = before is not None and all(getattr(before, n) == getattr(event, n) for n in _READ)
    return _message(
        state,
        event.message_id,
        audience=event.audience,
        phase=event.phase,
        headline=event.headline,
        body=event.body,
        customer_effect=event.customer_effect,
        action=event.action,
        next_update_at=event.next_update_at,
        final=event.final,
        status_word=event.status_word,
        components=event.components,
        pages=event.pages,
        agreed=event.agreed,
        corrects=event.corrects,
        prompts=event.prompts,
        sender_identity=event.sender_identity,
        sender_person=event.sender_person,
        facts=snapshot(state),
        author=before.author if same and before is not None else stamped.actor,
        edited_by=stamped.actor,
        edited_at=stamped.at,
        state="draft",
        submitted_at=None,
        submitted_by="",
    )


def _posted(stamped: Stamped, event: PageUpdatePosted) -> PageUpdate:
    return PageUpdate(
        id=event.update_id,
        message_id=event.message_id,
        page=event.page,
        status_word=event.status_word,
        body=event.body,
        posted_at=stamped.at,
        posted_by=stamped.actor,
        components=event.components,
    )


def _message(state: Incident, message_id: str, /, **values: object) -> Incident:
    return replace(state, messages=change(state.messages, message_id, **values))
