"""Sentences of structured causes and of the handoff to problem management."""

from __future__ import annotations

from datetime import timedelta
from typing import assert_never

from quarterdeck.core.kernel.moments import spoken

from ..events.learned import CausesSet, LearnedEvent, ProblemHandedOver
from ..events.targets import TargetEvent, TargetMissed
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
        case _ if isinstance(event, TargetEvent):
            return _target(event, tell)
        case _:
            assert_never(event)


def _target(event: TargetEvent, tell: Teller) -> Said:
    if isinstance(event, TargetMissed):
        hours = " in business hours" if event.business else ""
        limit = spoken(timedelta(seconds=event.at_most_seconds))
        title = f"A target was missed: {event.title.lower()}"
        return Said("target", "key", title, f"It was to be at most {limit}{hours}.")
    count = "1 support ticket" if event.tickets == 1 else f"{event.tickets} support tickets"
    return Said("impact", "entry", f"{tell.who} counted {count}")
