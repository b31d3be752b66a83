"""Events of the record: decisions and what people wrote. Nothing is edited, corrections supersede."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DecisionMade:
    """`kind`: prioritise, act, stand_down, or empty. `by` is who decided, where the engine recorded it."""

    decision_id: str
    question: str
    options: tuple[str, ...]
    chosen: str
    reason: str = ""
    objections: str = ""
    kind: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class EntryWritten:
    """`happened_at` is set only when the entry is back-dated.

    `kind`: note, finding, hypothesis, impact_pulse, followup, broadcast. Of what was said in a chat, `place` is where,
    `by` who said it, or `guest` the name of somebody who has no account here; the actor is whoever noted it.
    """

    entry_id: str
    kind: str
    text: str
    happened_at: datetime | None = None
    pinned: bool = False
    followup: bool = False
    by: str = ""
    guest: str = ""
    place: str = ""


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


@dataclass(frozen=True, slots=True)
class EntryFlagged:
    """Marks an entry for follow-up after the incident, or takes the mark away (R-081)."""

    entry_id: str
    followup: bool = True


@dataclass(frozen=True, slots=True)
class FileAttached:
    """A file in the record. Its content is kept elsewhere, under its SHA-256; the chain holds that hash for ever."""

    entry_id: str
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    text: str = ""


RecordEvent = DecisionMade | EntryWritten | EntryCorrected | EntryPinned | EntryFlagged | FileAttached
