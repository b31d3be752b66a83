"""What readers notice stands there, and stands first; and when they hear again (R-044, R-144)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..finding import ACTION, BODY, EFFECT, ERROR, WARNING, Finding, Known, Reader, Text

_ABOUT_US = re.compile(
    r"\s*(?:we|our|us|the\s+(?:team|engineers?)|engineers?|due\s+to|because|following|during)\b",
    re.IGNORECASE,
)
_NOTICED = re.compile(
    r"\b(?:fail|slow|down|unavailable|cannot|can(?:'|’)t|could\s+not|unable|delay|error|lost|wrong|affect|interrupt|"
    r"stopp?|not\s+(?:work|load|arriv|possible|available)|timeout|time\s+out|notice|impact|works?\s+(?:again|normally))",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.!?\n]+")


def findings(text: Text, reader: Reader, known: Known) -> Iterator[Finding]:
    if reader.technical:
        return
    if not text.customer_effect.strip():
        yield from _no_effect(text, reader)
    else:
        yield from _first(EFFECT, text.customer_effect)
    if not text.action.strip() and not text.final and reader.outside:
        why = "It does not say what you are doing."
        yield Finding("action.missing", ERROR, ACTION, 0, 0, why, "Say in one sentence what is done now.")
    if text.next_update_at is None and not text.final:
        why = "It does not say when the next update comes."
        yield Finding(
            "next_update.missing", ERROR, "next_update_at", 0, 0, why, "Set the time, or mark it as the last."
        )


def _no_effect(text: Text, reader: Reader) -> Iterator[Finding]:
    said = f"{text.headline}\n{text.body}"
    if reader.outside or not _NOTICED.search(said):
        why = "It does not say what these readers notice."
        yield Finding("impact.missing", reader.level, EFFECT, 0, 0, why, "Say the effect in their words.")
    if text.body.strip():
        yield from _first(BODY, text.body)


def _first(field: str, said: str) -> Iterator[Finding]:
    """The first sentence is about the readers, not about us."""
    first = _SENTENCE.search(said)
    if first and _ABOUT_US.match(first[0]):
        why = "It begins with us, not with what the readers notice."
        start = first.start() + len(first[0]) - len(first[0].lstrip())
        yield Finding(
            "impact.first", WARNING, field, start, first.end(), why, "Begin with the effect on them."
        )
