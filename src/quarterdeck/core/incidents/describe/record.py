"""Sentences of the record. What people wrote is the text; the sentence says who wrote what kind of thing."""

from __future__ import annotations

from typing import assert_never

from ..events import (
    DecisionMade,
    EntryCorrected,
    EntryFlagged,
    EntryPinned,
    EntryWritten,
    FileAttached,
    RecordEvent,
)
from .line import Said, Teller, quoted

_WROTE = {
    "note": "wrote a note",
    "finding": "reported a finding",
    "hypothesis": "stated a hypothesis",
    "impact_pulse": "reported the impact on customers",
    "followup": "marked a follow-up",
    "broadcast": "told all responders",
    "abnormal": "reported abnormal operations",
}


def record(event: RecordEvent, tell: Teller) -> Said:
    match event:
        case DecisionMade():
            who = tell.name(event.by) if event.by else tell.who
            title = f"{who} decided {quoted(event.question)}: {event.chosen}"
            return Said("decision", "key", title, _grounds(event))
        case EntryWritten():
            if event.place:
                return Said(event.kind, "entry", _from_chat(event, tell), event.text, event.happened_at)
            wrote = _WROTE.get(event.kind, "wrote an entry")
            return Said(event.kind, "entry", f"{tell.who} {wrote}", event.text, event.happened_at)
        case EntryCorrected():
            reason = f" ({event.reason})" if event.reason else ""
            return Said("correction", "entry", f"{tell.who} corrected an entry{reason}", event.text)
        case EntryPinned():
            return Said("pin", "system", f"{tell.who} {'pinned' if event.pinned else 'unpinned'} an entry")
        case EntryFlagged():
            did = "marked an entry for follow-up" if event.followup else "took a follow-up mark away"
            return Said("flag", "system", f"{tell.who} {did}")
        case FileAttached():
            title = f"{tell.who} attached {quoted(event.name)} ({_size(event.size_bytes)})"
            return Said("file", "entry", title, event.text)
        case _:
            assert_never(event)


def _from_chat(event: EntryWritten, tell: Teller) -> str:
    who = tell.name(event.by) if event.by else f"{event.guest or 'Somebody'} (guest)"
    noted = "" if event.by and tell.is_actor(event.by) else f", noted by {tell.who}"
    return f"{who} wrote in {event.place}{noted}"


def _size(size_bytes: int) -> str:
    """1.4 MB, 312 kB, 80 bytes."""
    if size_bytes >= 1_000_000:
        return f"{size_bytes / 1_000_000:.1f} MB"
    return f"{size_bytes // 1000} kB" if size_bytes >= 1000 else f"{size_bytes} bytes"


def _grounds(event: DecisionMade) -> str:
    lines = []
    if event.reason:
        lines.append(f"Reason: {event.reason}")
    if event.options:
        lines.append(f"Options: {'; '.join(event.options)}")
    if event.objections:
        lines.append(f"Objections: {event.objections}")
    return "\n".join(lines)
