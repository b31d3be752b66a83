"""Sentences of communication: update clocks, messages, posts on status pages."""

from __future__ import annotations

from datetime import timedelta
from typing import assert_never

from quarterdeck.core.kernel.moments import spoken
from quarterdeck.core.kernel.text import counted

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
)
from .line import Said, Teller, quoted


def clock(event: ClockEvent, tell: Teller) -> Said:
    whom = tell.titles(event.audience)
    match event:
        case ClockStarted():
            every = spoken(timedelta(seconds=event.every_seconds))
            if event.stage == "long":
                title = f"{tell.who} set long-incident mode for {whom}: an update every {every}"
                return Said("clock", "entry", title, event.reason)
            return Said("clock", "system", f"The update clock for {whom} runs every {every}", event.reason)
        case ClockReset():
            return Said("clock", "system", f"The next update for {whom} is due at {event.next_due:%H:%M} UTC")
        case ClockReminded():
            return Said(
                "clock",
                "system",
                f"The update for {whom} is due at {event.due:%H:%M} UTC; its owner is reminded",
            )
        case ClockOverdue():
            told = "its owner is told" if event.level == 1 else "the commander is told"
            return Said("clock", "entry", f"The update for {whom} is overdue; {told}")
        case ClockStopped():
            return Said("clock", "system", f"Updates for {whom} stopped", event.reason)
        case _:
            assert_never(event)


def message(event: MessageEvent, tell: Teller) -> Said:
    match event:
        case MessageDrafted():
            title = f"{tell.who} drafted a message to {tell.titles(event.audience)}"
            return Said("message", "system", title, _content(event))
        case MessageEdited():
            title = f"{tell.who} edited the message to {tell.titles(event.audience)}"
            return Said("message", "system", title, _content(event))
        case MessageReleased():
            past = " past its reviews" if event.broke_glass else ""
            name = f" in the name of {tell.name(event.spoken_by)}" if event.spoken_by else ""
            title = f"{tell.who} released the message to {_whom(event.audience, tell)}{name}{past}"
            if event.preapproved:
                return Said(
                    "message",
                    "key",
                    f"{tell.who} sent the agreed first word to {_whom(event.audience, tell)}",
                    event.headline,
                )
            why = f"{event.headline}\nReason: {event.broke_glass}" if event.broke_glass else event.headline
            return Said("message", "key" if event.broke_glass else "entry", title, why)
        case MessageSent():
            reach = f"{counted(event.recipients, 'recipient')}, {counted(event.pages, 'status page')}"
            title = f"The message to {_whom(event.audience, tell)} was sent ({reach})"
            return Said("message", "key", title, event.headline)
        case MessageSuperseded():
            title = f"The draft to {_whom(event.audience, tell)} {quoted(event.headline)} will not be sent"
            return Said("message", "system", " ".join(title.split()), event.reason)
        case PageUpdatePosted():
            title = f"{tell.who} posted on the status page: {tell.titles(event.status_word)}"
            return Said("page_update", "key", title, event.body)
        case _:
            assert_never(event)


def _whom(audience: str, tell: Teller) -> str:
    return tell.titles(audience) if audience else "its audience"


def _content(event: MessageDrafted | MessageEdited) -> str:
    return "\n".join(t for t in (event.headline, event.customer_effect, event.action, event.body) if t)
