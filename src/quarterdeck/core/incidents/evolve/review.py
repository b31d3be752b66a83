"""How the review and its action items change."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from ..events import (
    ActionItemAdded,
    ActionItemDone,
    ReviewEdited,
    ReviewEvent,
    ReviewOpened,
    ReviewPublished,
    ReviewWaived,
    Stamped,
)
from ..parts import ActionItem, Review
from ..state import Incident
from .fold import change, put


def review(state: Incident, stamped: Stamped, event: ReviewEvent) -> Incident:
    match event:
        case ReviewOpened():
            led_by = event.facilitator or event.owner
            opened = Review(event.review_id, event.owner, event.due_on, stamped.at, facilitator=led_by)
            if state.review is not None and state.review.id == event.review_id:
                # The incident was reopened and has ended again: what was written stays.
                opened = replace(state.review, due_on=event.due_on, late=0)
            return replace(state, review=opened)
        case ReviewEdited():
            return _edited(state, event)
        case ActionItemAdded():
            return replace(state, action_items=put(state.action_items, event.item_id, _item(stamped, event)))
        case ActionItemDone():
            done = change(state.action_items, event.item_id, done_by=stamped.actor, done_at=stamped.at)
            return replace(state, action_items=done)
        case ReviewWaived():
            return _waived(state, stamped, event)
        case ReviewPublished():
            if state.review is None:
                return state
            return replace(state, review=replace(state.review, state="reviewed", published_at=stamped.at))
        case _:
            assert_never(event)


def _edited(state: Incident, event: ReviewEdited) -> Incident:
    if state.review is None:
        return state
    sections = {**state.review.sections, event.section: event.text}
    return replace(state, review=replace(state.review, sections=sections))


def _waived(state: Incident, stamped: Stamped, event: ReviewWaived) -> Incident:
    if state.review is None:
        return state
    return replace(state, review=replace(state.review, state="waived", waived_reason=event.reason))


def _item(stamped: Stamped, event: ActionItemAdded) -> ActionItem:
    return ActionItem(
        id=event.item_id,
        title=event.title,
        owner=event.owner,
        due_on=event.due_on,
        kind=event.kind,
        added_by=stamped.actor,
        added_at=stamped.at,
    )
