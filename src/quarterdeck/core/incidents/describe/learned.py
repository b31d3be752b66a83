"""Sentences of structured causes and of the handoff to problem management."""

from __future__ import annotations

from typing import assert_never

from ..events.learned import CausesSet, LearnedEvent, ProblemHandedOver
from .line import Said, Teller, quoted


def learned(event: LearnedEvent, tell: Teller) -> Said:
    match event:
        case CausesSet():
            told = [
                f"{label}: {text}"
                for label, text in (
                    ("Cause", tell.titles(event.category) if event.category else ""),
                    ("Factors", ", ".join(tell.titles(f) for f in event.factors)),
                    ("Change", tell.titles(event.change) if event.change else ""),
                )
                if text
            ]
            return Said("review", "entry", f"{tell.who} sorted the causes", "\n".join(told))
        case ProblemHandedOver():
            title = f"{tell.who} handed the cause to problem management: {quoted(event.title)}"
            return Said("review", "key", title, f"{tell.name(event.owner)} owns the fix, by {event.fix_on}")
        case _:
            assert_never(event)
