"""What the alerts of an installation must be, from nothing but what was journalled and who answered: a dict, no SQL.

It is told of each journal row when the engine's place passes it, and of each answer when it commits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

Place = tuple[str, str]  # integration, key


@dataclass(frozen=True, slots=True)
class Said:
    """One thing a source said: about which key, what (trigger, acknowledge, resolve), of which beginning."""

    key: str
    action: str
    began: float | None


@dataclass(slots=True)
class Episode:
    status: str
    count: int
    began: float | None


class Reference:
    """`live` has the episode of each key that is not over; `over` counts those that are, by their number of reports."""

    def __init__(self) -> None:
        self.bodies: dict[str, tuple[str, Sequence[Said]]] = {}  # event id → integration, what it said
        self.live: dict[Place, Episode] = {}
        self.over: Counter[tuple[str, str, int]] = Counter()

    def expand(self, event_id: str) -> None:
        """The engine has taken this body."""
        integration, said = self.bodies[event_id]
        for one in said:
            self._hear((integration, one.key), one)

    def _hear(self, place: Place, said: Said) -> None:
        live = self.live.get(place)
        if said.action == "trigger":
            if live is None:
                self.live[place] = Episode("open", 1, said.began)
            else:
                live.count += 1
                if said.began is not None:
                    live.began = said.began if live.began is None else max(live.began, said.began)
        elif live is None or (said.began is not None and live.began is not None and said.began < live.began):
            return
        elif said.action == "resolve":
            self.over[*place, live.count] += 1
            del self.live[place]
        elif live.status == "open":
            live.status = "acknowledged"

    def acknowledge(self, place: Place) -> None:
        live = self.live.get(place)
        if live is not None:
            live.status = "acknowledged"

    def reopen(self, place: Place) -> None:
        """Its answer has run out, or somebody passed it on."""
        live = self.live.get(place)
        if live is not None:
            live.status = "open"

    def open(self) -> set[Place]:
        return {place for place, live in self.live.items() if live.status == "open"}
