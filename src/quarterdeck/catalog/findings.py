"""What the linter says: one finding, where it is, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """`severity` is fault (an incident would go wrong) or warning. `where` is the file in the catalogue."""

    severity: str
    where: str
    text: str
    suggestion: str

    def __str__(self) -> str:
        return f"{self.where}: {self.text}. {self.suggestion}"


def fault(where: str, text: str, suggestion: str) -> Finding:
    return Finding("fault", where, text.rstrip("."), suggestion)


def warning(where: str, text: str, suggestion: str) -> Finding:
    return Finding("warning", where, text.rstrip("."), suggestion)
