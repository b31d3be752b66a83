"""Whether a text says the same as the facts panel and as what other audiences are told: numbers, states, times."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..finding import HEADLINE, WARNING, Finding, Known, Reader, Text

_COUNTED = re.compile(
    r"(?<![\w.,:])(\d{1,3}(?:[.,   ]\d{3})+|\d+(?:[.,]\d+)?)\s*(%|percent|per cent|k\b|thousand|million)?"
    r"\s*(?:of\s+)?(?:our\s+|all\s+|affected\s+)*"
    r"(customer|user|client|account|order|payment|booking|transaction|region|country|"
    r"countrie|store|shop|site|branch|branche)?s?\b",
    re.IGNORECASE,
)
_SINCE = re.compile(
    r"\b(?:since|from|began at|started at|starting at)\s+(?:about\s+)?(\d{1,2}[:.]\d{2})\b", re.IGNORECASE
)
_OVER = re.compile(
    r"(?<!not )(?<!not yet )\b(?:is|are|was|were|has\s+been|have\s+been)\s+(?:now\s+|fully\s+)?"
    r"(?:resolved|fixed|solved|restored|repaired)\b",
    re.IGNORECASE,
)
_TIMES = {"k": 1000, "thousand": 1000, "million": 1_000_000}
Said = dict[str, tuple[float, str, int, int]]


def findings(text: Text, reader: Reader, known: Known) -> Iterator[Finding]:
    yield from _over(text, reader, known)
    numbers = {f: _numbers(said) for f, said in text.parts()}
    others = [(o.audience, _numbers(o.whole())) for o in known.others]
    fact = next(iter(_numbers(f"{known.customers_affected} customers").values()), None)
    for field, found in numbers.items():
        for noun, (value, word, start, end) in found.items():
            clash = _clash(noun, value, fact[0] if fact else None, others)
            if clash:
                why = f"“{word}” does not agree with {clash}."
                yield Finding("numbers", WARNING, field, start, end, why, "Say the same number everywhere.")
    yield from _times(text, known)


def _over(text: Text, reader: Reader, known: Known) -> Iterator[Finding]:
    if known.is_over:
        return
    if text.status_word in ("resolved", "postmortem"):
        why = "It is marked as resolved while the incident still runs."
        yield Finding(
            "state", reader.level, HEADLINE, 0, 0, why, "Resolve the incident first, or choose another state."
        )
        return
    for field, said in text.parts():
        found = _OVER.search(said)
        if found:
            why = f"“{found[0]}” says that it is over; the incident still runs."
            yield Finding(
                "state",
                reader.level,
                field,
                *found.span(),
                why,
                "Say what is still open, or resolve it first.",
            )
            return
    words = {o.status_word for o in known.others if o.status_word}
    if text.status_word and words and text.status_word not in words:
        told = ", ".join(sorted(words))
        why = f"It says “{text.status_word}”; other audiences of this phase are told “{told}”."
        yield Finding("state", reader.level, HEADLINE, 0, 0, why, "Choose one state for all.")


def _clash(noun: str, value: float, fact: float | None, others: list[tuple[str, Said]]) -> str:
    if noun == "customer" and fact is not None and value != fact:
        return "the number on the facts panel"
    for audience, said in others:
        if noun in said and said[noun][0] != value:
            return f"“{said[noun][1]}”, told to {audience.replace('_', ' ')}"
    return ""


def _times(text: Text, known: Known) -> Iterator[Finding]:
    told = {t: o.audience for o in known.others for t in _since(o.whole())}
    fact = f"{known.started_at:%H:%M}" if known.started_at else ""
    for field, said in text.parts():
        for found in _SINCE.finditer(said):
            at = found[1].replace(".", ":").zfill(5)
            if (told and at not in told) or (fact and not told and at != fact):
                other = next(iter(told), fact)
                why = f"It began at {at} here, and at {other} elsewhere."
                yield Finding("times", WARNING, field, *found.span(1), why, "Say the same time everywhere.")


def _since(said: str) -> list[str]:
    return [t.replace(".", ":").zfill(5) for t in _SINCE.findall(said)]


def _numbers(said: str) -> Said:
    """What is counted -> how many: the first number of each kind. A bare number says nothing that can disagree."""
    found: Said = {}
    for m in _COUNTED.finditer(said):
        unit = (m[2] or "").casefold()
        noun = "%" if unit in ("%", "percent", "per cent") else (m[3] or "").casefold()
        if noun:
            digits = re.sub(r"[   ]|[.,](?=\d{3}(?!\d))", "", m[1]).replace(",", ".")
            found.setdefault(noun, (float(digits) * _TIMES.get(unit, 1), m[0].strip(), *m.span()))
    return found
