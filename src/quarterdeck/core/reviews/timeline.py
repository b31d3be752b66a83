"""The log as the timeline of a report: in the order of what happened, with corrections beside what they correct.
Leaves nothing out; whoever shows it may leave out background.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from quarterdeck.core.incidents import Stamped, describe
from quarterdeck.core.incidents.events import (
    DecisionMade,
    EntryCorrected,
    EntryFlagged,
    EntryWritten,
    FileAttached,
)

from .shapes import Entry, Words


@dataclass(frozen=True, slots=True)
class _Correction:
    at: datetime
    text: str


def timeline(log: Sequence[Stamped], words: Words) -> tuple[Entry, ...]:
    """One entry an event, sorted by when it happened; equal moments keep the order of the log (R-074)."""
    texts, corrections, flags = _texts(log), _corrections(log), _flags(log)
    entries = [replace(_entry(s, words, texts, corrections), followup=_entry_id(s) in flags) for s in log]
    return tuple(sorted(entries, key=lambda e: (e.happened_at, e.seq)))


def _entry(
    stamped: Stamped, words: Words, texts: dict[str, str], corrections: dict[str, _Correction]
) -> Entry:
    line = describe(stamped, words.names, words.titles)
    event = stamped.event
    entry = Entry(
        seq=stamped.seq,
        kind=line.kind,
        weight=line.weight,
        who=line.who,
        title=line.title,
        text=line.text,
        happened_at=line.happened_at,
        entered_at=line.entered_at,
        backdated=line.backdated,
    )
    if isinstance(event, EntryCorrected):
        entry = replace(entry, replaces=texts.get(event.supersedes, ""))
    later = corrections.get(_entry_id(stamped))
    return replace(entry, corrected_at=later.at, corrected_text=later.text) if later else entry


def _entry_id(stamped: Stamped) -> str:
    match stamped.event:
        case (
            EntryWritten(entry_id=entry_id)
            | EntryCorrected(entry_id=entry_id)
            | FileAttached(entry_id=entry_id)
        ):
            return entry_id
        case DecisionMade(decision_id=decision_id):
            return decision_id
        case _:
            return ""


def _flags(log: Sequence[Stamped]) -> set[str]:
    """The entries that are marked for follow-up in the end; a correction takes the mark over (R-081)."""
    found: set[str] = set()
    for stamped in log:
        match stamped.event:
            case (
                EntryWritten(entry_id=entry_id, followup=True)
                | EntryFlagged(entry_id=entry_id, followup=True)
            ):
                found.add(entry_id)
            case EntryFlagged(entry_id=entry_id):
                found.discard(entry_id)
            case EntryCorrected(entry_id=entry_id, supersedes=old) if old in found:
                found = (found - {old}) | {entry_id}
            case _:
                pass
    return found


def _texts(log: Sequence[Stamped]) -> dict[str, str]:
    """What each entry that can be corrected said."""
    found = {}
    for stamped in log:
        match stamped.event:
            case EntryWritten(entry_id=entry_id, text=text) | EntryCorrected(entry_id=entry_id, text=text):
                found[entry_id] = text
            case DecisionMade(decision_id=decision_id, question=question, chosen=chosen):
                found[decision_id] = f"{question}: {chosen}"
            case _:
                pass
    return found


def _corrections(log: Sequence[Stamped]) -> dict[str, _Correction]:
    """By the id of the entry that was corrected."""
    return {
        s.event.supersedes: _Correction(s.at, s.event.text)
        for s in log
        if isinstance(s.event, EntryCorrected)
    }
