"""An incident as it looked at an instant: the fold of what had been recorded by then, and of nothing else.

What was recorded later about an earlier time (a back-dated entry) was not known then, so it is not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from .describe import describe
from .describe.line import Line, Names, words
from .events import EntryCorrected, EntryFlagged, EntryPinned, EntryWritten, FileAttached, Stamped
from .evolve import replay
from .state import Incident

# What changed the course of an incident: where a slider has its marks.
TURNS = (
    "Declared", "SeveritySet", "PhaseChanged", "HandoverEffective", "DecisionMade", "MessageReleased", "Resolved",
    "Reopened", "Closed", "Dismissed",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """A line of the timeline with the marks it had then."""

    seq: int
    line: Line
    entry_id: str = ""
    pinned: bool = False
    followup: bool = False
    superseded: bool = False


def until(log: Sequence[Stamped], instant: datetime) -> Sequence[Stamped]:
    """The beginning of a log up to the last event that was recorded at `instant` or before."""
    last = max((n for n, s in enumerate(log, 1) if s.at <= instant), default=0)
    return log[:last]


def at(log: Sequence[Stamped], instant: datetime) -> Incident:
    """The incident as it was known at `instant`."""
    return replay(until(log, instant))


def turns(log: Sequence[Stamped]) -> Iterator[Stamped]:
    """The events between which the incident stayed on its course."""
    return (s for s in log if type(s.event).__name__ in TURNS)


def told(known: Incident, log: Sequence[Stamped], names: Names, titles: Names = words) -> list[Told]:
    """These events as lines, newest first, with the pins, marks and corrections of `known`, the incident then."""
    found = [_told(known, s, describe(s, names, titles)) for s in log]
    return sorted(found, key=lambda t: (t.line.happened_at, t.seq), reverse=True)


def _told(known: Incident, stamped: Stamped, line: Line) -> Told:
    match stamped.event:
        case EntryPinned() | EntryFlagged():
            return Told(stamped.seq, line)
        case EntryWritten(entry_id=key) | EntryCorrected(entry_id=key) | FileAttached(entry_id=key):
            entry = known.entries.get(key)
            if entry is None:
                return Told(stamped.seq, line)
            return Told(
                stamped.seq, line, key, entry.pinned, entry.followup, superseded=bool(entry.superseded_by)
            )
        case _:
            return Told(stamped.seq, line)
