"""Events of what comes after: the debrief, lessons, the course of the review, contributions, legal holds, files that
are taken back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .executive_review import ExecutiveReviewEvent
from .learned import LearnedEvent


@dataclass(frozen=True, slots=True)
class DebriefHeld:
    debrief_id: str
    went_well: str
    went_badly: str
    attendees: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LessonRecorded:
    """`kind`: keep, change, surprise."""

    lesson_id: str
    text: str
    kind: str = "change"


LessonEvent = DebriefHeld | LessonRecorded

# -- the course of the review


@dataclass(frozen=True, slots=True)
class ReviewSubmitted:
    """The review is given to be read; everybody has until `read_until`."""

    read_until: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReviewMeetingSet:
    """When the review is talked over and who is invited. `reason` says why they have less than a day to read."""

    meets_at: datetime
    place: str = ""
    invited: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReviewReturned:
    """Back to its writers."""

    reason: str


@dataclass(frozen=True, slots=True)
class ReviewAssigned:
    """Who writes the review and who leads the talk about it."""

    owner: str
    facilitator: str
    previous: str = ""


@dataclass(frozen=True, slots=True)
class ReviewLate:
    """`level` 1 tells its owner, 2 those above."""

    level: int
    due_on: str
    owner: str = ""


@dataclass(frozen=True, slots=True)
class ReviewClosed:
    """Nothing more comes of the review itself. Action items go on with their owners. `untold`: audiences without a
    closing summary, and why none comes.
    """

    open_items: int = 0
    note: str = ""
    untold: tuple[str, ...] = ()
    untold_reason: str = ""


CourseOfReviewEvent = (
    ReviewSubmitted | ReviewMeetingSet | ReviewReturned | ReviewAssigned | ReviewLate | ReviewClosed
)

# -- what others add to it


@dataclass(frozen=True, slots=True)
class ContributionAsked:
    ask_id: str
    person: str
    section: str
    due_on: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class ContributionGiven:
    ask_id: str
    text: str
    article: str = ""
    section: str = ""


@dataclass(frozen=True, slots=True)
class ContributionReminded:
    """`level` 1 on the day it is due, 2 when that day is over."""

    ask_id: str
    person: str
    section: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class EntryPromoted:
    """What somebody wrote in this incident became an article of the knowledge of all."""

    entry_id: str
    article_id: str
    title: str
    author: str


ContributionEvent = ContributionAsked | ContributionGiven | ContributionReminded | EntryPromoted

# -- how long it is kept


@dataclass(frozen=True, slots=True)
class HoldPlaced:
    hold_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class HoldLifted:
    hold_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class FileTakenBack:
    """The content of a file is removed for good. Its hash stays, so that the chain still proves what it was."""

    entry_id: str
    name: str
    sha256: str
    reason: str


KeepingEvent = HoldPlaced | HoldLifted | FileTakenBack
AftermathEvent = (
    LessonEvent | CourseOfReviewEvent | ContributionEvent | KeepingEvent | LearnedEvent | ExecutiveReviewEvent
)
