"""Rules of automation: what may set one off, what it asks, what it may do. Pure; never acts and never sends."""

from .caps import MOST_DEEP, Counts, Standing, may_run
from .deeds import DEEDS, GRANTS, Deed
from .explain import Part, explain
from .rule import Action, Finding, Rule, check, plain, read, texts
from .triggers import TRIGGERS, Occurrence, Trigger, names, occurrences

__all__ = [
    "DEEDS",
    "GRANTS",
    "MOST_DEEP",
    "TRIGGERS",
    "Action",
    "Counts",
    "Deed",
    "Finding",
    "Occurrence",
    "Part",
    "Rule",
    "Standing",
    "Trigger",
    "check",
    "explain",
    "may_run",
    "names",
    "occurrences",
    "plain",
    "read",
    "texts",
]
