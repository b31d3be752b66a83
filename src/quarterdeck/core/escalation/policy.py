"""An escalation policy as data. A run pins the snapshot it started with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

TargetKind = Literal["person", "schedule", "team"]


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a step names: a person by id, whoever is on call in a schedule, or every member of a team."""

    kind: TargetKind
    ref: str


@dataclass(frozen=True, slots=True)
class Step:
    """`wait` is how long an unanswered step lasts before the next one."""

    targets: tuple[Target, ...]
    wait: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Policy:
    """`repeats` is how often the steps run again after the first time; then the catch-all is called once."""

    key: str
    name: str
    steps: tuple[Step, ...]
    repeats: int = 0
    catch_all: tuple[Target, ...] = ()
