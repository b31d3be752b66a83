"""One result of a health check."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """`level` is ok, warning or fault; `next` says what to do, and is empty when nothing is to be done."""

    name: str
    level: str
    text: str
    next: str = ""


def ok(name: str, text: str) -> Finding:
    return Finding(name, "ok", text)


def warning(name: str, text: str, next_: str) -> Finding:
    return Finding(name, "warning", text, next_)


def fault(name: str, text: str, next_: str) -> Finding:
    return Finding(name, "fault", text, next_)


def some(names: list[str], most: int = 5) -> str:
    """The first of many names, and how many more there are."""
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")
