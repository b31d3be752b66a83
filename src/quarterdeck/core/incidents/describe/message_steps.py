"""Sentences about a second look at a text and what was carried out after release."""

from __future__ import annotations

from typing import assert_never

from ..events.message_steps import (
    MessageStepDone,
    MessageStepEvent,
    MessageStillRight,
    PromptsTicked,
)
from .line import Said, Teller


def message_step(event: MessageStepEvent, tell: Teller) -> Said:
    match event:
        case MessageStillRight():
            title = (
                f"{tell.who} looked at the message to {_whom(event.audience, tell)} again: it is still right"
            )
            return Said("message", "entry", title, event.reason)
        case PromptsTicked():
            title = f"{tell.who} went through the questions of the message to {_whom(event.audience, tell)}"
            return Said("message", "system", title, event.headline)
        case MessageStepDone():
            did = "carried out" if event.step == "distribute" else "confirmed"
            title = (
                f"{tell.who} ({tell.titles(event.role)}) {did} the message to {_whom(event.audience, tell)}"
            )
            return Said("message", "entry", title, event.proof)
        case _:
            assert_never(event)


def _whom(audience: str, tell: Teller) -> str:
    return tell.titles(audience) if audience else "its audience"
