"""Which facts a text was written from, and which changed since. The facts panel is the one source (R-057)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .parts import Message

if TYPE_CHECKING:
    from .state import Incident

# Key of the fact -> how it is called in a sentence.
FACTS: Mapping[str, str] = {
    "customer_effect": "what customers notice",
    "workaround": "the workaround",
    "customers_affected": "how many are affected",
    "services": "the services",
    "scope": "the scope",
    "cause": "the cause",
    "next_step": "what we do next",
    "what_we_know": "what we know",
}
UNSENT = ("draft", "in_review", "released")
SHOWN = 120


@dataclass(frozen=True, slots=True)
class Change:
    """One fact: as it was when the text was written, and as it is. "" where there was or is none."""

    fact: str
    was: str
    now: str

    def __str__(self) -> str:
        name = FACTS[self.fact]
        name = name[0].upper() + name[1:]
        now = f"is “{_short(self.now)}” now" if self.now else "is gone"
        return f"{name} {now}; it was {f'“{_short(self.was)}”' if self.was else 'not known'}."


def snapshot(incident: Incident) -> dict[str, str]:
    """The facts as they stand, empty ones left out."""
    found = {name: getattr(incident, name) for name in FACTS if name != "services"}
    found["services"] = ", ".join(incident.services)
    return {name: value for name, value in found.items() if value}


def changes(incident: Incident, message: Message) -> tuple[Change, ...]:
    """What an unsent text does not know of yet."""
    if message.state not in UNSENT:
        return ()
    now = snapshot(incident)
    return tuple(
        Change(name, message.facts.get(name, ""), now.get(name, ""))
        for name in FACTS
        if message.facts.get(name, "") != now.get(name, "")
    )


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"
