"""Events of the record: decisions and what people wrote. Nothing is edited, corrections supersede."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DecisionMade:
    decision_id: str
    question: str
    options: tuple[str, ...]
    chosen: str
    reason: str = ""
    objections: str = ""


@dataclass(frozen=True, slots=True)
class EntryWritten:
    """`happened_at` is set only when the entry is back-dated.

    `kind`: note, finding, hypothesis, impact_pulse, followup, broadcast.
    """

    entry_id: str
    kind: str
    text: str
    happened_at: datetime | None = None
    pinned: bool = False
    followup: bool = False


@dataclass(frozen=True, slots=True)
class EntryCorrected:
    """`entry_id` is the new entry; `supersedes` the one it corrects. Both stay."""

    entry_id: str
    supersedes: str
    text: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class EntryPinned:
    entry_id: str
    pinned: bool = True


RecordEvent = DecisionMade | EntryWritten | EntryCorrected | EntryPinned
