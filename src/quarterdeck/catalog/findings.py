"""What the linter says: one finding, where it is, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """`severity` is fault (an incident would go wrong) or warning. `where` is the file in the catalogue, `line` where
    in it (from 1; 0: the file as a whole).
    """

    severity: str
    where: str
    text: str
    suggestion: str
    line: int = 0

    def __str__(self) -> str:
        place = f"{self.where} line {self.line}" if self.line else self.where
        return f"{place}: {self.text}. {self.suggestion}".rstrip()


def fault(where: str, text: str, suggestion: str) -> Finding:
    return Finding("fault", where, text.rstrip("."), suggestion)


def warning(where: str, text: str, suggestion: str) -> Finding:
    return Finding("warning", where, text.rstrip("."), suggestion)
