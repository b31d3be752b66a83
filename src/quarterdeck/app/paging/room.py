"""How many sends may start on each channel: one whose provider hangs must never hold all workers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Room:
    """At most `most` at a time on one channel, of which `taken` are under way. `most` 0: as many as there are."""

    most: int = 0
    taken: Mapping[str, int] = field(default_factory=dict)

    @property
    def full(self) -> list[str]:
        """Channels on which nothing more may start now."""
        return sorted(kind for kind, n in self.taken.items() if self.most and n >= self.most)

    def left_to_others(self, kinds: Mapping[str, bool]) -> Room:
        """Without these channels, which another engine serves; on one that may be tried (True) a single send starts."""
        return Room(
            self.most, {**self.taken, **{kind: self.most - may_try for kind, may_try in kinds.items()}}
        )

    def with_more(self, kinds: Iterable[str]) -> Room:
        """What is left once these have started."""
        return Room(self.most, Counter(self.taken) + Counter(kinds)) if self.most else self

    def within(self, sends: Iterable[tuple[str, T]], limit: int) -> list[T]:
        """The first `limit` of these (channel, send) that there is room for on their channels."""
        left = dict(self.taken)
        found: list[T] = []
        for kind, send in sends:
            if len(found) == limit:
                break
            if self.most and left.get(kind, 0) >= self.most:
                continue
            left[kind] = left.get(kind, 0) + 1
            found.append(send)
        return found


ANY = Room()
