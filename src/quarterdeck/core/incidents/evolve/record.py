"""What the record leaves in the state: decisions, and of every entry just enough to correct or pin it."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from ..events import (
    DecisionMade,
    EntryCorrected,
    EntryFlagged,
    EntryPinned,
    EntryWritten,
    FileAttached,
    RecordEvent,
    Stamped,
)
from ..parts import Attachment, Decision, EntryRef
from ..state import Incident
from .fold import change, put


def record(state: Incident, stamped: Stamped, event: RecordEvent) -> Incident:
    match event:
        case DecisionMade():
            return _decided(state, stamped, event)
        case EntryWritten():
            author = event.by or stamped.actor
            entry = EntryRef(event.kind, author, pinned=event.pinned, followup=event.followup)
            return replace(state, entries=put(state.entries, event.entry_id, entry))
        case EntryCorrected():
            return _corrected(state, stamped, event)
        case EntryPinned():
            return replace(state, entries=change(state.entries, event.entry_id, pinned=event.pinned))
        case EntryFlagged():
            return replace(state, entries=change(state.entries, event.entry_id, followup=event.followup))
        case FileAttached():
            return _attached(state, stamped, event)
        case _:
            assert_never(event)


def _attached(state: Incident, stamped: Stamped, event: FileAttached) -> Incident:
    file = Attachment(
        id=event.entry_id,
        name=event.name,
        media_type=event.media_type,
        size_bytes=event.size_bytes,
        sha256=event.sha256,
        text=event.text,
        attached_by=stamped.actor,
        attached_at=stamped.at,
    )
    return replace(
        state,
        attachments=put(state.attachments, event.entry_id, file),
        entries=put(state.entries, event.entry_id, EntryRef("file", stamped.actor)),
    )


def _decided(state: Incident, stamped: Stamped, event: DecisionMade) -> Incident:
    decision = Decision(
        id=event.decision_id,
        question=event.question,
        options=event.options,
        chosen=event.chosen,
        reason=event.reason,
        objections=event.objections,
        decided_by=event.by or stamped.actor,
        decided_at=stamped.at,
        kind=event.kind,
    )
    entry = EntryRef("decision", event.by or stamped.actor)
    return replace(
        state,
        decisions=put(state.decisions, event.decision_id, decision),
        entries=put(state.entries, event.decision_id, entry),
    )


def _corrected(state: Incident, stamped: Stamped, event: EntryCorrected) -> Incident:
    """The correction takes over kind, pin, follow-up mark and whether guests see it of what it supersedes."""
    old = state.entries.get(event.supersedes, EntryRef("note", stamped.actor))
    new = replace(old, author=stamped.actor, superseded_by="")
    entries = change(
        state.entries, event.supersedes, superseded_by=event.entry_id, pinned=False, followup=False
    )
    outside = state.outside
    if event.supersedes in outside.shared:
        outside = replace(outside, shared=outside.shared | {event.entry_id})
    return replace(state, entries=put(entries, event.entry_id, new), outside=outside)
