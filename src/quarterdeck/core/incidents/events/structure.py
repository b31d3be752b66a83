"""Events of an incident's structure: it took another one, or a later version of its own."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class StructureChanged:
    """Each by its assignment: `moved` is the role it goes on as, `under` whom it reports to, `was` the role before and
    `people` who holds it, all only where something changes. `replaced` says for each role
    nobody takes any more which role goes on with it; `clock_owners` who keeps the clock of each audience now. The
    structures themselves stand beside the log, one for each stretch of it.
    """

    template: str
    version: int
    title: str
    previous: str
    previous_version: int
    moved: dict[str, str] = field(default_factory=dict)
    under: dict[str, str] = field(default_factory=dict)
    was: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    replaced: dict[str, str] = field(default_factory=dict)
    clock_owners: dict[str, str] = field(default_factory=dict)
    reason: str = ""


StructureEvent = StructureChanged
