"""Telling the subscribers of a status page what was posted on it: one call for each post, in its transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Event = Literal[
    "opened", "updated", "resolved", "corrected", "summary",
    "planned", "reminded", "started", "extended", "finished", "cancelled",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Posted:
    """What was posted. `post_id` is of a PagePost or a PageUpdateRow, `ref` the incident or maintenance in public.

    `components` are ids and the states they were put in. `words` are translations: language to title and body.
    """

    page_id: str
    post_id: str
    ref: str
    event: Event
    title: str
    body: str
    status_word: str
    at: datetime
    components: Mapping[str, str] = field(default_factory=dict)
    language: str = ""
    words: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    scheduled_for: datetime | None = None
    scheduled_until: datetime | None = None
    next_update_at: datetime | None = None


def tell(posted: Posted) -> None:
    """Have the subscribers told, once for each post and event, inside the caller's transaction."""
