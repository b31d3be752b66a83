"""A transfer that is announced to take effect at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class HandoverTimed:
    """The role passes at `effective_at`, once the successor is briefed; None takes the time back."""

    handover_id: str
    effective_at: datetime | None
    role: str = ""
    from_person: str = ""
    to_person: str = ""
