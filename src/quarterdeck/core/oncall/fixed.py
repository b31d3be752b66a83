"""Shifts that were written down one by one: who holds them at an instant, several at once in their order."""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime
from functools import lru_cache

from .schedule import Layer

People = tuple[str, ...]
Stretch = tuple[datetime, datetime, People, str]


class Roster:
    """The fixed shifts of a layer as a line of stretches. One of several at once gives it its ref: the first."""

    __slots__ = ("begins", "line")

    def __init__(self, layer: Layer) -> None:
        self.line = _line(layer)
        self.begins = [stretch[0] for stretch in self.line]

    def at(self, at: datetime) -> Stretch | None:
        place = bisect_right(self.begins, at) - 1
        return self.line[place] if place >= 0 and at < self.line[place][1] else None

    def next_change(self, at: datetime) -> datetime | None:
        place = bisect_right(self.begins, at)
        if place and at < self.line[place - 1][1]:
            return self.line[place - 1][1]
        return self.begins[place] if place < len(self.begins) else None

    def between(self, low: datetime, high: datetime) -> list[Stretch]:
        """In order, cut to the two instants."""
        place = max(bisect_right(self.begins, low) - 1, 0)
        found = []
        for begins, ends, people, ref in self.line[place:]:
            if begins >= high:
                break
            if ends > low:
                found.append((max(begins, low), min(ends, high), people, ref))
        return found


@lru_cache(maxsize=1024)
def roster(layer: Layer) -> Roster:
    return Roster(layer)


def _line(layer: Layer) -> list[Stretch]:
    changes: list[tuple[datetime, int, int]] = []
    for place, shift in enumerate(layer.fixed):
        if shift.starts_at < shift.ends_at:
            changes += [(shift.starts_at, 1, place), (shift.ends_at, 0, place)]
    changes.sort()
    found: list[Stretch] = []
    active: set[int] = set()
    for number, (at, begins, place) in enumerate(changes):
        if begins:
            active.add(place)
        else:
            active.remove(place)
        until = changes[number + 1][0] if number + 1 < len(changes) else at
        if active and at < until:
            held = [layer.fixed[n] for n in sorted(active)]
            found.append((at, until, tuple(dict.fromkeys(s.person for s in held)), held[0].ref))
    return found
