"""Giving a running incident another structure, or a later version of its own: who goes on as what, and what is added.

Nothing is taken away: people keep what they hold, their checklists and ticks stay, audiences keep their clocks. What
the old structure had and the new one has not is kept beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused

from .authority import authorise
from .events.structure import StructureChanged
from .guards import filled, not_ended
from .liaison import must_stay_known
from .state import COMMANDER, Incident
from .structure import Audience, ChainStep, ChecklistItem, RoleDefinition, RoleMapping, Switch, Template
from .switches import switches_missing

# The checklist of one role in one phase never grows beyond this, however often structures change.
MOST_ITEMS = 200


@dataclass(frozen=True, slots=True)
class Move:
    """One person: from which role to which (the same: they keep it), and under which role they work."""

    assignment_id: str
    person: str
    role: str
    to: str
    reports_to: str


@dataclass(frozen=True, slots=True)
class Change:
    """What a change of structure does. `template` is the structure from then on, the kept parts of the old one in it;
    `moves` has everybody who holds a role; `stay` are roles that go on although the new structure does not have them.
    """

    template: Template
    moves: tuple[Move, ...]
    stay: tuple[str, ...]


def plan(incident: Incident, old: Template, new: Template, mapping: RoleMapping) -> Change:
    """What would happen if the incident, on `old`, took `new`. Decides nothing."""
    held = {a.role for a in incident.open_assignments()}
    goes_to = _destinations(incident, old, new, mapping)
    stay = tuple(r.key for r in old.roles if r.key in held and r.key not in goes_to and not new.role(r.key))
    roles = (*(_joined(r, old.role(r.key)) for r in new.roles), *_left(old, new, goes_to, stay, mapping))
    merged = replace(
        new,
        roles=roles,
        audiences=(*new.audiences, *_audiences(old, new, goes_to)),
        clocks={**{k: v for k, v in old.clocks.items() if not new.audience(k)}, **new.clocks},
        chains={**_chains(old, new, goes_to), **new.chains},
        rates=old.rates,
        switches=(*new.switches, *_standing(incident, old, new, goes_to)),
    )
    return Change(merged, _moves(incident, merged, goes_to), stay)


def restructure(
    incident: Incident, old: Template, new: Template, mapping: RoleMapping, by: Who, *, reason: str
) -> tuple[Change, list[StructureChanged]]:
    """The change and its event; no event when the structure is the same already. Commander only, with a reason."""
    not_ended(incident)
    authorise(incident, old, by, "incident.phase")
    if incident.crew.unified and not new.unified_command:
        raise Refused(
            "structure.unified",
            f"Command is unified, and the structure {new.title!r} has one commander. End unified command first.",
        )
    change = plan(incident, old, new, mapping)
    if change.template == old:
        return change, []
    must_stay_known(incident, {m.role: m.to for m in change.moves})
    why = filled(reason, "reason", "Say why the structure changes.")
    gone = {r.key: _destination(r.key, change.template) for r in change.template.roles if r.retired}
    touched = [
        m
        for m in change.moves
        if m.to != m.role or incident.assignments[m.assignment_id].reports_to != m.reports_to
    ]
    event = StructureChanged(
        template=new.key,
        version=new.version,
        title=new.title,
        previous=old.key,
        previous_version=old.version,
        moved={m.assignment_id: m.to for m in touched if m.to != m.role},
        under={m.assignment_id: m.reports_to for m in touched},
        was={m.assignment_id: m.role for m in touched if m.to != m.role},
        people={m.assignment_id: m.person for m in touched if m.to != m.role},
        replaced={k: v for k, v in gone.items() if v},
        clock_owners={a.key: a.clock_owner for a in change.template.audiences if a.key in incident.clocks},
        reason=why,
    )
    return change, [event]


def _destination(role: str, template: Template) -> str:
    found = template.role(role)
    return (found.reports_to if found else None) or COMMANDER


def _destinations(incident: Incident, old: Template, new: Template, mapping: RoleMapping) -> dict[str, str]:
    """Role of the old structure -> role of the new one that goes on with it. A role that fewer may hold than would
    come together in it takes no second one in: those stay what they are.
    """
    found: dict[str, str] = {}
    count = {r.key: len(incident.holders(r.key)) for r in (*old.roles, *new.roles)}
    for role in old.roles:
        if new.role(role.key):
            continue
        to = mapping.roles.get(role.key, "")
        target = new.role(to)
        if target is None:
            continue
        together = count.get(to, 0) + count[role.key]
        if count[role.key] and target.max is not None and together > target.max:
            continue
        count[to] = together
        found[role.key] = to
    return found


def _joined(role: RoleDefinition, before: RoleDefinition | None) -> RoleDefinition:
    """The new card with the items of the old one before its own: what was ticked stands where it stood."""
    if before is None:
        return role
    phases = dict.fromkeys([*before.checklist, *role.checklist])
    both = {p: _items(before.checklist.get(p, ()), role.checklist.get(p, ())) for p in phases}
    return replace(role, checklist=both)


def _items(first: tuple[ChecklistItem, ...], then: tuple[ChecklistItem, ...]) -> tuple[ChecklistItem, ...]:
    known = {item.text for item in first}
    return (*first, *(item for item in then if item.text not in known))[: max(MOST_ITEMS, len(first))]


def _left(
    old: Template, new: Template, goes_to: Mapping[str, str], stay: tuple[str, ...], mapping: RoleMapping
) -> list[RoleDefinition]:
    """The roles of the old structure that the new one does not have: held ones go on, the rest keep their items."""
    found = []
    for role in old.roles:
        if new.role(role.key):
            continue
        above = goes_to.get(role.key) or mapping.under.get(role.key, "") or _above(role, new, goes_to, stay)
        above = above if new.role(above) or above in stay else COMMANDER
        excludes = tuple(x for x in role.excludes if x in stay or new.role(x))
        kept = replace(role, reports_to=above, required_when="", min=0, excludes=excludes, exclusive=False)
        found.append(replace(kept, retired=role.key not in stay))
    return found


def _above(role: RoleDefinition, new: Template, goes_to: Mapping[str, str], stay: tuple[str, ...]) -> str:
    """Whom the role reported to, as that is called now."""
    up = role.reports_to or ""
    return up if new.role(up) or up in stay else goes_to.get(up, COMMANDER)


def _audiences(old: Template, new: Template, goes_to: Mapping[str, str]) -> list[Audience]:
    return [
        replace(a, clock_owner=goes_to.get(a.clock_owner, a.clock_owner))
        for a in old.audiences
        if not new.audience(a.key)
    ]


def _standing(incident: Incident, old: Template, new: Template, goes_to: Mapping[str, str]) -> list[Switch]:
    """What stands still goes with the incident: somebody has to resume it."""
    known = {s.key for s in new.switches}
    unsettled = {s.key for s in switches_missing(incident)} - known
    return [replace(s, owner=goes_to.get(s.owner, s.owner)) for s in old.switches if s.key in unsettled]


def _chains(old: Template, new: Template, goes_to: Mapping[str, str]) -> dict[str, tuple[ChainStep, ...]]:
    def mapped(roles: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(goes_to.get(r, r) for r in roles))

    return {
        key: tuple(replace(s, roles=mapped(s.roles), backup=mapped(s.backup)) for s in steps)
        for key, steps in old.chains.items()
        if not new.audience(key)
    }


def _moves(incident: Incident, merged: Template, goes_to: Mapping[str, str]) -> tuple[Move, ...]:
    moves = []
    for a in incident.open_assignments():
        to = goes_to.get(a.role, a.role)
        card = merged.role(to)
        above = (card.reports_to or "") if card else goes_to.get(a.reports_to, a.reports_to)
        moves.append(Move(a.id, a.person, a.role, to, above))
    return tuple(moves)
