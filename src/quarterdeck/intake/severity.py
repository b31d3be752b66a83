"""The words other tools use for how bad it is, as our four. Never refuses one: what is unknown is "error"."""

from __future__ import annotations

_WORDS = {
    "critical": "critical page emergency emerg fatal disaster alert panic highest urgent p0 p1 sev0 sev1",
    "error": "error err high major severe average p2 sev2",
    "warning": "warning warn minor medium moderate degraded p3 sev3",
    "info": "info information informational none notice low lowest debug ok success p4 p5 sev4 sev5",
}
_OURS = {word: ours for ours, words in _WORDS.items() for word in words.split()}


def severity_of(word: str) -> str:
    """critical, error, warning or info. Empty and unknown words are error: rather one page too many."""
    return _OURS.get(word.strip().lower(), "error")
