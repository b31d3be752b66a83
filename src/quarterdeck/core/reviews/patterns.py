"""What keeps coming back: a service, a cause, a factor or a kind of change that several incidents share (R-080)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

LEAST = 2
KINDS = ("factor", "cause", "change", "service")


@dataclass(frozen=True, slots=True)
class Seen:
    """What one incident shares with others. The keys are the catalogue's; "" and () were not stated."""

    incident: str
    at: datetime
    services: tuple[str, ...] = ()
    cause: str = ""
    factors: tuple[str, ...] = ()
    change: str = ""


@dataclass(frozen=True, slots=True)
class Pattern:
    """`incidents` are ids, the newest first. `kind` is one of `KINDS`."""

    kind: str
    key: str
    incidents: tuple[str, ...]
    first_at: datetime
    last_at: datetime

    @property
    def times(self) -> int:
        return len(self.incidents)


def patterns(seen: Iterable[Seen], least: int = LEAST) -> list[Pattern]:
    """Everything that at least so many incidents share; kind by kind, what came most often and last first."""
    shared: dict[tuple[str, str], list[Seen]] = {}
    for one in seen:
        for mark in _marks(one):
            shared.setdefault(mark, []).append(one)
    found = [_pattern(kind, key, all_) for (kind, key), all_ in shared.items() if len(all_) >= least]
    return sorted(found, key=lambda p: (KINDS.index(p.kind), -p.times, -p.last_at.timestamp(), p.key))


def _marks(one: Seen) -> Iterator[tuple[str, str]]:
    said = {
        "factor": one.factors,
        "cause": (one.cause,),
        "change": (one.change,),
        "service": one.services,
    }
    for kind, keys in said.items():
        for key in dict.fromkeys(keys):
            if key:
                yield kind, key


def _pattern(kind: str, key: str, seen: list[Seen]) -> Pattern:
    newest = sorted(seen, key=lambda s: (s.at, s.incident), reverse=True)
    return Pattern(kind, key, tuple(s.incident for s in newest), newest[-1].at, newest[0].at)
