"""What an incident has to do with other organisations: which are there with what, what they were asked, and which
entries of the record are shown to them. Parts only; what may change them is decided in `agencies`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Agency:
    """An organisation beside one's own. `limits` is what it cannot or may not do."""

    id: str
    name: str
    representative: str
    contact: str
    offers: str
    limits: str
    listed_at: datetime
    left_at: datetime | None = None
    left_reason: str = ""

    @property
    def is_here(self) -> bool:
        return self.left_at is None

    def is_called(self, organisation: str) -> bool:
        """Whether a guest who names this organisation is of it."""
        return self.name.casefold() == organisation.strip().casefold()


@dataclass(frozen=True, slots=True)
class AgencyRequest:
    """Something an agency was asked for. `answer` is "", yes, partly or no."""

    id: str
    agency: str
    text: str
    asked_by: str
    asked_at: datetime
    answer: str = ""
    reply: str = ""
    answered_by: str = ""
    answered_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.answered_at is None


@dataclass(frozen=True, slots=True)
class Outside:
    """`shared` has the ids of the entries that guests are shown."""

    shared: frozenset[str] = frozenset()
    agencies: Mapping[str, Agency] = field(default_factory=dict)
    requests: Mapping[str, AgencyRequest] = field(default_factory=dict)
