"""Sentences of the review and its action items."""

from __future__ import annotations

from typing import assert_never

from ..events import (
    ActionItemAdded,
    ActionItemDone,
    ReviewEdited,
    ReviewEvent,
    ReviewOpened,
    ReviewPublished,
    ReviewWaived,
)
from .line import Said, Teller, day, quoted


def review(event: ReviewEvent, tell: Teller) -> Said:
    match event:
        case ReviewOpened():
            title = f"A review was opened; {tell.name(event.owner)} owns it, due on {day(event.due_on)}"
            return Said("review", "entry", title, event.reason)
        case ReviewEdited():
            return Said(
                "review", "system", f"{tell.who} wrote the review part {quoted(tell.titles(event.section))}"
            )
        case ActionItemAdded():
            title = f"{tell.who} gave {tell.name(event.owner)} the action item {quoted(event.title)}"
            return Said("review", "entry", f"{title}, due on {day(event.due_on)}")
        case ActionItemDone():
            what = f"the action item {quoted(event.title)}" if event.title else "an action item"
            return Said("review", "entry", f"{tell.who} finished {what}")
        case ReviewWaived():
            return Said("review", "entry", f"{tell.who} waived the review", event.reason)
        case ReviewPublished():
            return Said("review", "key", f"{tell.who} published the review", event.note)
        case _:
            assert_never(event)
