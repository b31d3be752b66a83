"""What another product's status page holds, in our words: components, incidents with their updates, subscribers; and
what cannot be taken over, with the reason. Reads defensively: nothing of what comes in is trusted to have a shape.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from quarterdeck.core.kernel.moments import parse
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.core.status.words import COMPONENT_STATES

MOST_COMPONENTS, MOST_INCIDENTS, MOST_UPDATES, MOST_SUBSCRIBERS = 2_000, 10_000, 500, 200_000
NAME, TITLE, BODY = 120, 300, 10_000
_TAGS = re.compile(r"<(?:br|/p|/div|/li)\s*/?>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,2000}>")
_BARE = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(:\d\d)?(\.\d+)?")


@dataclass(frozen=True, slots=True)
class FoundComponent:
    """`source` is its id over there."""

    source: str
    name: str
    group: str = ""
    description: str = ""
    state: str = "operational"


@dataclass(frozen=True, slots=True)
class FoundUpdate:
    """`states` are by the source ids of components."""

    source: str
    word: str
    body: str
    at: datetime
    states: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FoundIncident:
    """An incident or, with `planned`, a maintenance; updates oldest first, never none."""

    source: str
    title: str
    updates: tuple[FoundUpdate, ...]
    impact: str = ""
    planned: bool = False
    scheduled_for: datetime | None = None
    scheduled_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """Something that is taken over otherwise than it was ("changes"), or not at all ("cannot"), and why."""

    kind: str
    name: str
    verdict: str
    why: str


@dataclass
class Found:
    components: list[FoundComponent] = field(default_factory=list)
    incidents: list[FoundIncident] = field(default_factory=list)
    subscribers: int = 0
    notes: list[Note] = field(default_factory=list)

    def note(self, kind: str, name: str, verdict: str, why: str) -> None:
        self.notes.append(Note(kind, line(name, 120) or "without a name", verdict, why))

    def component(self, made: FoundComponent) -> None:
        if not made.name:
            self.note("component", made.source, "cannot", "It has no name.")
        elif len(self.components) >= MOST_COMPONENTS:
            self.note("component", made.name, "cannot", f"A page takes {MOST_COMPONENTS} components at once.")
        else:
            self.components.append(made)

    def incident(self, made: FoundIncident) -> None:
        kind = "maintenance" if made.planned else "incident"
        if not made.updates:
            self.note(
                kind, made.title, "cannot", "It has no update with a time, so nothing can be told of it."
            )
        elif len(self.incidents) >= MOST_INCIDENTS:
            self.note(kind, made.title, "cannot", f"A page takes {MOST_INCIDENTS} incidents at once.")
        else:
            self.incidents.append(made)


def items(value: Any) -> Iterator[Mapping[str, Any]]:
    """The objects of a list, or of the `data` that wraps it; nothing for what is no list."""
    if isinstance(value, Mapping):
        value = value.get("data")
    if isinstance(value, list):
        yield from (v for v in value if isinstance(v, Mapping))


def text(value: Any, limit: int = TITLE) -> str:
    """One line of what should be a text or a number."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return line(str(value)[: limit * 8], limit)


def prose(value: Any) -> str:
    """A text of several lines. Markup of other products is HTML: its tags go, its words stay."""
    if not isinstance(value, str):
        return ""
    plain = _TAG.sub("", _TAGS.sub("\n", value[: BODY * 4])) if "<" in value else value[: BODY * 4]
    return clean(plain, BODY).strip()


def moment(value: Any) -> datetime | None:
    """A time as aware UTC, in the forms that these products write; None for what is none."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    bare = _BARE.fullmatch(value.strip())
    if bare:
        value = f"{bare[1]}T{bare[2]}{bare[3] or ':00'}Z"
    try:
        return parse(value)
    except ValueError:
        return None


def latest(*found: datetime | None) -> datetime:
    """The latest of these that is known; the beginning of time where none is."""
    return max((f for f in found if f is not None), default=datetime(1971, 1, 2, tzinfo=UTC))


def state(value: Any, words: Mapping[str, str]) -> str:
    """A component's state in our words: by this product's own, or as it is where it is one of ours; else ""."""
    spoken = text(value, 60)
    found = words.get(spoken) or words.get(spoken.upper()) or spoken.lower().replace(" ", "_")
    return found if found in COMPONENT_STATES else ""
