"""What executives work on themselves, apart from the technical work (X-16): parts only; what may change them is decided
in `exec_streams`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

# The workstreams that every incident has for its executives.
STREAMS: Mapping[str, str] = {
    "continuity": "Business continuity",
    "legal": "Legal",
    "pr": "Public relations",
    "people": "People",
}


@dataclass(frozen=True, slots=True)
class ExecLine:
    """How a workstream stands, in one line."""

    stream: str
    text: str
    set_by: str
    set_at: datetime


@dataclass(frozen=True, slots=True)
class ExecTask:
    """`state`: open, done, dropped."""

    id: str
    stream: str
    title: str
    owner: str
    due_at: datetime | None
    set_by: str
    set_at: datetime
    state: str = "open"
    result: str = ""
    ended_by: str = ""
    ended_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.ended_at is None


@dataclass(frozen=True, slots=True)
class ExecWord:
    id: str
    text: str
    said_by: str
    said_at: datetime


@dataclass(frozen=True, slots=True)
class ExecWork:
    """Lines by workstream, tasks and words by id."""

    lines: Mapping[str, ExecLine] = field(default_factory=dict)
    tasks: Mapping[str, ExecTask] = field(default_factory=dict)
    words: Mapping[str, ExecWord] = field(default_factory=dict)

    def of(self, stream: str) -> tuple[ExecTask, ...]:
        """Its tasks, open ones first, the next due at the top."""
        mine = [t for t in self.tasks.values() if t.stream == stream]
        return tuple(sorted(mine, key=lambda t: (not t.is_open, t.due_at is None, t.due_at or t.set_at)))
