"""Small values that templates show again and again: a state with its sign and colour, a moment in time."""

from __future__ import annotations

from datetime import UTC, datetime

from .filling import Fields
from .icons import icon, tone
from .words import Words, utc_text


def state(status: str, words: Words) -> Fields:
    """Sign, word and colour of a state, always together."""
    return {"tone": tone(status), "icon": icon(status), "word": words.state(status)}


def time(at: datetime, text: str) -> Fields:
    """A moment for a `<time>` element: machine form, tooltip in UTC, text."""
    return {"iso": iso(at), "utc": utc_text(at), "text": text}


def iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
