"""Events of the review: opened with an owner and a date, written, published or waived; its action items."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReviewOpened:
    """`due_on` is a calendar date, ISO 8601. `facilitator` leads the talk about it; "" is the owner."""

    review_id: str
    owner: str
    due_on: str
    reason: str = ""
    facilitator: str = ""


@dataclass(frozen=True, slots=True)
class ReviewEdited:
    section: str
    text: str


@dataclass(frozen=True, slots=True)
class ActionItemAdded:
    item_id: str
    title: str
    owner: str
    due_on: str
    kind: str = "prevent"


@dataclass(frozen=True, slots=True)
class ActionItemDone:
    item_id: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class ReviewWaived:
    reason: str


@dataclass(frozen=True, slots=True)
class ReviewPublished:
    """The review is finished and open to all who may read reviews."""

    note: str = ""


ReviewEvent = ReviewOpened | ReviewEdited | ActionItemAdded | ActionItemDone | ReviewWaived | ReviewPublished
