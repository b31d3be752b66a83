"""Drills on real processes: each breaks something while alerts come in, and tells what it saw and what was wrong.

Tests run them with small budgets, `tools/drills.py` with large ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

SENDER = "pager@example.com"


@dataclass
class Told:
    """`figures` in the order they were taken; `wrong` is empty when everything held."""

    name: str
    figures: dict[str, Any] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        said = "; ".join(f"{name} {value}" for name, value in self.figures.items())
        return f"{self.name}: {said}" + "".join(f"\n  WRONG {text}" for text in self.wrong)


def mail_settings(port: int) -> dict[str, str]:
    """What makes an installation send its mails to a server of the drill."""
    return {
        "QUARTERDECK_EMAIL_HOST": "127.0.0.1",
        "QUARTERDECK_EMAIL_PORT": str(port),
        "QUARTERDECK_EMAIL_TLS": "none",
        "QUARTERDECK_EMAIL_FROM": SENDER,
    }


def share(values: list[float], part: float) -> float:
    """The value below which this part of the values lies; 0.0 where there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else 0.0
