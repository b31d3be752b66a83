"""What a line of the timeline is made of, and the words the sentences share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from ..events import Stamped

Names = Callable[[str], str]
Weight = Literal["system", "entry", "key"]
PRODUCT = "Quarterdeck"
_MACHINES = ("engine", "system", "")


def day(iso: str) -> str:
    """2026-11-25 as a reader says it: 25 Nov 2026."""
    try:
        return f"{date.fromisoformat(iso):%-d %b %Y}"
    except ValueError:
        return iso


@dataclass(frozen=True, slots=True)
class Said:
    """`kind` groups lines for filters and icons; `happened_at` is set when it is not the recorded time."""

    kind: str
    weight: Weight
    title: str
    text: str = ""
    happened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the timeline. `weight`: system is background, entry is work, key is a turning point.

    `title` is one whole sentence; `text` what was written, if anything. Sort by `happened_at`.
    """

    kind: str
    weight: Weight
    who: str
    title: str
    text: str
    happened_at: datetime
    entered_at: datetime
    backdated: bool

    @classmethod
    def of(cls, stamped: Stamped, said: Said, names: Names) -> Line:
        happened = said.happened_at or stamped.at
        who = PRODUCT if stamped.actor in _MACHINES else names(stamped.actor)
        back = happened < stamped.at and said.happened_at is not None
        return cls(said.kind, said.weight, who, said.title, said.text, happened, stamped.at, back)


@dataclass(frozen=True, slots=True)
class Teller:
    """Who acts, and how to call people and things."""

    actor: str
    names: Names
    titles: Names

    @property
    def who(self) -> str:
        return self.name(self.actor)

    def name(self, person: str) -> str:
        return PRODUCT if person in _MACHINES else self.names(person)

    def role(self, key: str) -> str:
        return "command" if key == "commander" else f"the role {self.titles(key)}"

    def is_actor(self, person: str) -> bool:
        return person == self.actor


def words(key: str) -> str:
    """A key as plain words: communications_lead -> communications lead; a severity rank -> SEV2."""
    return f"SEV{key}" if key.isdigit() else key.replace("_", " ")


def quoted(text: str) -> str:
    return f"“{text}”" if text else ""


def of(text: str) -> str:
    """ ": text" or nothing."""
    return f": {text}" if text else ""


def because(reason: str) -> str:
    """The reason as its own sentence, with the stop of the one before."""
    return f". {reason[0].upper()}{reason[1:]}" if reason else ""
