"""What was said about messages on their way to release: the parts of an incident that hold it, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """The newest word of a role about a message. `verdict`: ok, suggestion, objection."""

    id: str
    message: str
    step: str
    role: str
    verdict: str
    content_hash: str
    person: str
    at: datetime
    text: str = ""
    ticked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StandIn:
    """Somebody who may answer in a role for one message."""

    id: str
    message: str
    step: str
    role: str
    person: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Reminder:
    """How far a silent step has been pressed: 1 reminded, from 2 on backups called."""

    id: str
    message: str
    level: int
    at: datetime


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step after release that was carried out; `proof` says where it can be seen."""

    id: str
    message: str
    step: str
    role: str
    person: str
    at: datetime
    proof: str = ""


@dataclass(frozen=True, slots=True)
class Consent:
    """What the person says in whose name a message speaks; its id is the message's. `state`: asked, given, withdrawn.
    It counts for the text with this hash alone, and while the name is theirs to lend.
    """

    id: str
    message: str
    person: str
    sender_identity: str
    content_hash: str
    state: str
    at: datetime
    via: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Approval:
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    stand_ins: Mapping[str, StandIn] = field(default_factory=dict)
    reminders: Mapping[str, Reminder] = field(default_factory=dict)
    done: Mapping[str, StepDone] = field(default_factory=dict)
    consents: Mapping[str, Consent] = field(default_factory=dict)

    def verdict(self, message: str, step: str, role: str) -> Verdict | None:
        return self.verdicts.get(place(message, step, role))

    def level(self, message: str, step: str, role: str) -> int:
        found = self.reminders.get(place(message, step, role))
        return found.level if found else 0

    def may_answer(self, message: str, step: str, role: str, person: str) -> bool:
        return f"{place(message, step, role)}:{person}" in self.stand_ins


def place(message: str, step: str, role: str) -> str:
    """Where a step of a message stands in the maps above."""
    return f"{message}:{step}:{role}"
