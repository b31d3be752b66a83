"""Sentences of the record. What people wrote is the text; the sentence says who wrote what kind of thing."""

from __future__ import annotations

from typing import assert_never

from ..events import DecisionMade, EntryCorrected, EntryPinned, EntryWritten, RecordEvent
from .line import Said, Teller, quoted

_WROTE = {
    "note": "wrote a note",
    "finding": "reported a finding",
    "hypothesis": "stated a hypothesis",
    "impact_pulse": "reported the impact on customers",
    "followup": "marked a follow-up",
    "broadcast": "told all responders",
}


def record(event: RecordEvent, tell: Teller) -> Said:
    match event:
        case DecisionMade():
            title = f"{tell.who} decided {quoted(event.question)}: {event.chosen}"
            return Said("decision", "key", title, _grounds(event))
        case EntryWritten():
            wrote = _WROTE.get(event.kind, "wrote an entry")
            return Said(event.kind, "entry", f"{tell.who} {wrote}", event.text, event.happened_at)
        case EntryCorrected():
            reason = f" ({event.reason})" if event.reason else ""
            return Said("correction", "entry", f"{tell.who} corrected an entry{reason}", event.text)
        case EntryPinned():
            return Said("pin", "system", f"{tell.who} {'pinned' if event.pinned else 'unpinned'} an entry")
        case _:
            assert_never(event)


def _grounds(event: DecisionMade) -> str:
    lines = []
    if event.reason:
        lines.append(f"Reason: {event.reason}")
    if event.options:
        lines.append(f"Options: {'; '.join(event.options)}")
    if event.objections:
        lines.append(f"Objections: {event.objections}")
    return "\n".join(lines)
