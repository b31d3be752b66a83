"""Sentences of comments on the strategic part of a review, and of who has read it."""

from __future__ import annotations

from typing import assert_never

from quarterdeck.core.kernel.moments import text as moment_text

from ..events import executive_review as ev
from .line import Said, Teller, day, quoted


def executive_review(event: ev.ExecutiveReviewEvent, tell: Teller) -> Said:
    match event:
        case ev.StrategicCommented():
            part = quoted(tell.titles(event.section))
            return Said(
                "review", "entry", f"{tell.who} commented on the part {part} of the review", event.text
            )
        case ev.ReadingAsked():
            until = day(moment_text(event.due_at)[:10])
            return Said(
                "review",
                "entry",
                f"By {until} {_number(event.people)} must confirm to have read the review",
            )
        case ev.ReadingReminded():
            how = "did not confirm in time" if event.level > 1 else "were reminded"
            count = _number(event.people)
            return Said("review", "system", f"Of those to read the review, {count} {how}")
        case ev.ReadingConfirmed():
            return Said("review", "entry", "An executive confirmed that they read the review")
        case _:
            assert_never(event)


def _number(people: tuple[str, ...]) -> str:
    return "1 executive" if len(people) == 1 else f"{len(people)} executives"
