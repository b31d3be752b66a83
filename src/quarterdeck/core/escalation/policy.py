"""An escalation policy as data. A run pins the snapshot it started with; what a snapshot leaves out has its default."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Literal

TargetKind = Literal["person", "schedule", "team", "role"]
Mode = Literal["all", "one_of"]
Urgency = Literal["", "high", "low"]
# Those of alerts, the most severe first.
SEVERITIES = ("critical", "error", "warning", "info")


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a step names: a person by id, whoever is on call in a schedule, every member of a team, or whoever holds a
    role (its key) of the incident that the alert belongs to, else whoever the policy of that role calls first.
    """

    kind: TargetKind
    ref: str


@dataclass(frozen=True, slots=True)
class Window:
    """A time of day on the weekdays (0 Monday to 6; none: all) of a zone, from `start` to before `end`.

    An end at or before the start is on the next day: the weekday is that of the start. The same time twice is a whole
    day.
    """

    start: time
    end: time
    weekdays: tuple[int, ...] = ()
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Step:
    """`wait` is how long an unanswered step lasts before the next one.

    `severities` and `windows` are conditions, empty for none: the step applies when the alert has one of these
    severities and one of these windows is open. A step that does not apply is skipped at once, and the reason is shown.

    `mode` "all" pages everybody the step stands for. "one_of" pages one of them, and the others not at all by this
    step: a number of the run says where to begin, each round goes on by one, so that runs spread evenly over the people
    and every node chooses the same person. `urgency` "" is the run's own.
    """

    targets: tuple[Target, ...]
    wait: timedelta = timedelta(minutes=5)
    severities: tuple[str, ...] = ()
    windows: tuple[Window, ...] = ()
    mode: Mode = "all"
    urgency: Urgency = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """`repeats` is how often the steps run again after the first time; then the catch-all is called once.

    `ack_timeout` is how long an acknowledged alert may go on firing before paging starts again; 0 is for ever.
    """

    key: str
    name: str
    steps: tuple[Step, ...]
    repeats: int = 0
    catch_all: tuple[Target, ...] = ()
    ack_timeout: timedelta = timedelta(0)
