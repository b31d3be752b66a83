"""The closed word lists of the catalogue's files that the core has no list for."""

from __future__ import annotations

STEPS = ("draft", "review", "approve", "release", "distribute", "confirm")
HOWS = ("callout", "heads_up")
URGENCIES_OF_PAGES = ("high", "low")
# Gates may be named after the act instead of the phase.
GATE_VERBS = ("resolve", "close")
