"""What the record leaves in the state: decisions, and of every entry just enough to correct or pin it."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from ..events import DecisionMade, EntryCorrected, EntryPinned, EntryWritten, RecordEvent, Stamped
from ..parts import Decision, EntryRef
from ..state import Incident
from .fold import change, put


def record(state: Incident, stamped: Stamped, event: RecordEvent) -> Incident:
    match event:
        case DecisionMade():
            return _decided(state, stamped, event)
        case EntryWritten():
            entry = EntryRef(event.kind, stamped.actor, pinned=event.pinned, followup=event.followup)
            return replace(state, entries=put(state.entries, event.entry_id, entry))
        case EntryCorrected():
            return _corrected(state, stamped, event)
        case EntryPinned():
            return replace(state, entries=change(state.entries, event.entry_id, pinned=event.pinned))
        case _:
            assert_never(event)


def _decided(state: Incident, stamped: Stamped, event: DecisionMade) -> Incident:
    decision = Decision(
        id=event.decision_id,
        question=event.question,
        options=event.options,
        chosen=event.chosen,
        reason=event.reason,
        objections=event.objections,
        decided_by=stamped.actor,
        decided_at=stamped.at,
    )
    entry = EntryRef("decision", stamped.actor)
    return replace(
        state,
        decisions=put(state.decisions, event.decision_id, decision),
        entries=put(state.entries, event.decision_id, entry),
    )


def _corrected(state: Incident, stamped: Stamped, event: EntryCorrected) -> Incident:
    """The correction takes over kind, pin and follow-up mark of what it supersedes."""
    old = state.entries.get(event.supersedes, EntryRef("note", stamped.actor))
    new = replace(old, author=stamped.actor, superseded_by="")
    entries = change(
        state.entries, event.supersedes, superseded_by=event.entry_id, pinned=False, followup=False
    )
    return replace(state, entries=put(entries, event.entry_id, new))
