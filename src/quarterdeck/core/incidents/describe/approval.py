"""Sentences about the way of a message to its release."""

from __future__ import annotations

from typing import assert_never

from ..events.approval import (
    ApprovalEvent,
    CountersignLate,
    MessageCountersigned,
    MessageJudged,
    MessageStepLate,
    MessageStepPassed,
    MessageSubmitted,
)
from .line import Said, Teller


def approval(event: ApprovalEvent, tell: Teller) -> Said:
    to = f"the message to {tell.titles(event.audience)}" if event.audience else "a message"
    match event:
        case MessageSubmitted():
            return Said("message", "system", f"{tell.who} handed in {to} for review", event.headline)
        case MessageJudged():
            return _judged(event, tell, to)
        case MessageStepLate(level=1):
            return Said(
                "message", "system", f"The {tell.titles(event.role)} is reminded of {to}", event.headline
            )
        case MessageStepLate():
            title = f"The {tell.titles(event.role)} is silent about {to}; a backup is called"
            return Said("message", "entry", title, event.headline)
        case MessageStepPassed():
            title = f"{tell.name(event.person)} may answer as {tell.titles(event.role)} for {to}"
            return Said("message", "system", title, event.reason)
        case MessageCountersigned(verdict="ok"):
            return Said("message", "entry", f"{tell.who} countersigned {to}", event.headline)
        case MessageCountersigned():
            return Said("message", "key", f"{tell.who} wants {to} corrected", event.text)
        case CountersignLate():
            title = f"Nobody has countersigned {to}, which went out past its reviews"
            return Said("message", "entry", title, event.headline)
        case _:
            assert_never(event)


def _judged(event: MessageJudged, tell: Teller, to: str) -> Said:
    role = tell.titles(event.role)
    match event.verdict:
        case "objection":
            return Said("message", "key", f"{tell.who} ({role}) strongly objects to {to}", event.text)
        case "suggestion":
            return Said(
                "message", "entry", f"{tell.who} ({role}) agrees to {to}, with a suggestion", event.text
            )
    verb = "approved" if event.step == "approve" else "agreed to"
    return Said("message", "entry", f"{tell.who} ({role}) {verb} {to}", event.headline)
