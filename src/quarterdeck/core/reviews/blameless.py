"""Calling people by what they did in the incident, so that a report can travel without names (R-292). Never changes
what people wrote.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from quarterdeck.core.incidents import Incident, Stamped
from quarterdeck.core.incidents.describe.line import PRODUCT
from quarterdeck.core.incidents.state import PASSIVE_ROLES

from .shapes import Lookup

_MACHINES = ("engine", "system", "")
STRANGER = "Somebody else"


def role_names(incident: Incident, log: Sequence[Stamped], titles: Lookup) -> Lookup:
    """A name for every person: the first acting role they held, numbered where several held it; the others are
    "Participant 1", 2 … in the order they appear.
    """
    first: dict[str, str] = {}
    for a in incident.assignments.values():
        if a.role not in PASSIVE_ROLES:
            first.setdefault(a.person, titles(a.role))
    shared = Counter(first.values())
    seen: Counter[str] = Counter()
    called = dict.fromkeys(_MACHINES, PRODUCT)
    for person, title in first.items():
        seen[title] += 1
        called[person] = f"{title} {seen[title]}" if shared[title] > 1 else title
    others = [p for p in dict.fromkeys(_people(incident, log)) if p not in called]
    called |= {person: f"Participant {n}" for n, person in enumerate(others, 1)}
    return lambda person: called.get(person, STRANGER)


def _people(incident: Incident, log: Sequence[Stamped]) -> Iterator[str]:
    """Everybody who acted, was called, was asked or owns something."""
    yield incident.declared_by
    for stamped in log:
        yield stamped.actor
    yield from (a.person for a in incident.assignments.values())
    yield from (c.person for c in incident.callouts.values())
    yield from (h.to_person for h in incident.handovers.values())
    yield from (t.assignee for t in incident.tasks.values())
    if incident.review:
        yield from (incident.review.owner, incident.review.facilitator, *incident.review.invited)
    yield from (i.owner for i in incident.action_items.values())
    yield from (c.person for c in incident.aftermath.contributions.values())
    yield from (p for d in incident.aftermath.debriefs.values() for p in d.attendees)
