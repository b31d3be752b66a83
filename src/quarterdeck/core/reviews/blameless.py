"""Calling people by what they did in the incident, so that a report can travel without names (R-292). Never changes
what people wrote.
"""

from __future__ import annotations

from collections import Counter

from quarterdeck.core.incidents import Incident
from quarterdeck.core.incidents.describe.line import PRODUCT
from quarterdeck.core.incidents.state import PASSIVE_ROLES

from .shapes import Lookup

_MACHINES = ("engine", "system", "")


def role_names(incident: Incident, titles: Lookup) -> Lookup:
    """A name for every person: the first acting role they held, numbered where several held it; others are
    "Participant 1", 2 … in the order they are asked for, so one lookup must serve a whole report.
    """
    first: dict[str, str] = {}
    for a in incident.assignments.values():
        if a.role not in PASSIVE_ROLES:
            first.setdefault(a.person, titles(a.role))
    shared = Counter(first.values())
    seen: Counter[str] = Counter()
    called: dict[str, str] = {}
    for person, title in first.items():
        seen[title] += 1
        called[person] = f"{title} {seen[title]}" if shared[title] > 1 else title
    others: dict[str, str] = {}

    def name(person: str) -> str:
        if person in _MACHINES:
            return PRODUCT
        if person in called:
            return called[person]
        return others.setdefault(person, f"Participant {len(others) + 1}")

    return name
