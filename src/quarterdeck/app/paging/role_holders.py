"""Who a role of an incident stands for as a target of a policy: its holders, else whom the role's policy calls first.

Reads only. Policies of roles name no role themselves, so that asking never goes in a circle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from quarterdeck.core.escalation.lint import COMMANDER, ROLE
from quarterdeck.core.escalation.policy import Target
from quarterdeck.store import models

from .policy_rows import policy_from


class RoleHolders:
    """Answers for one transaction. Who holds a role is asked once for each incident, policies once for all."""

    def __init__(self) -> None:
        self._held: dict[str, dict[str, list[str]]] = {}
        self._steps: dict[str, list[tuple[Target, ...]]] | None = None

    def load(self, incidents: Iterable[str]) -> None:
        """Fetch the holders of many incidents at once."""
        wanted = {i for i in incidents if i} - self._held.keys()
        if not wanted:
            return
        self._held |= {i: {} for i in wanted}
        rows = models.RoleAssignmentRow.objects.filter(incident_id__in=wanted, ended_at=None).order_by("id")
        for incident, role, person in rows.values_list("incident_id", "role", "person_id"):
            self._held[incident].setdefault(role, []).append(person)

    def holders(self, role: str, incident: str) -> list[str]:
        """Whoever holds the role of this incident now; "" is no incident."""
        if not incident:
            return []
        self.load([incident])
        return self._held[incident].get(role, [])

    def called(self, role: str) -> list[tuple[Target, ...]]:
        """The targets of each step by which the role is filled, and of its catch-all, in turn."""
        if self._steps is None:
            named = models.EscalationPolicy.objects.filter(key__startswith=ROLE)
            rows = named | models.EscalationPolicy.objects.filter(key=COMMANDER)
            self._steps = {r.key: list(_steps(r)) for r in rows}
        if f"{ROLE}{role}" in self._steps:
            return self._steps[f"{ROLE}{role}"]
        return self._steps.get(COMMANDER, []) if role == COMMANDER else []


def _steps(row: models.EscalationPolicy) -> Iterator[tuple[Target, ...]]:
    policy = policy_from(row.definition)
    for targets in (*(s.targets for s in policy.steps), policy.catch_all):
        yield tuple(t for t in targets if t.kind != "role")


def spoken(role: str) -> str:
    """A role's key as words, where no incident's structure says its title."""
    return role.replace("_", " ").replace("-", " ").capitalize()
