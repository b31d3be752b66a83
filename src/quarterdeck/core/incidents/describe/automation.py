"""Sentences of rules that ran, what they proposed, and what became of it."""

from __future__ import annotations

from typing import assert_never

from ..events.automation import AutomationEvent, ProposalSettled, Proposed, RuleRan
from .line import Said, Teller, quoted


def automation(event: AutomationEvent, tell: Teller) -> Said:
    match event:
        case RuleRan():
            told = [*event.done, *(f"Not done: {f}" for f in event.failed)]
            return Said("automation", "entry", f"The rule {quoted(event.name)} ran", "\n".join(told))
        case Proposed():
            title = f"{tell.who} proposes {_what(event.kind, event.value, tell)}"
            return Said("automation", "key", title, event.reason)
        case ProposalSettled():
            return Said(
                "automation",
                "entry",
                f"{tell.who} {event.outcome} the proposal: {_what(event.kind, event.value, tell)}",
            )
        case _:
            assert_never(event)


def _what(kind: str, value: str, tell: Teller) -> str:
    return tell.titles(value) if kind == "severity" else f"the phase {tell.titles(value)}"
