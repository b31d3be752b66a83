"""Another structure for a running incident, or the later version of its own: what it would change, and doing it.

A template that is edited changes nothing for incidents that run on it until their commander says so here.
"""

from __future__ import annotations

from dataclasses import dataclass

from quarterdeck.core.incidents import clocks
from quarterdeck.core.incidents.declare import Declaration, template_for
from quarterdeck.core.incidents.own_roles import effective
from quarterdeck.core.incidents.restructure import Change, plan, restructure
from quarterdeck.core.incidents.state import COMMANDER
from quarterdeck.core.incidents.structure import Template
from quarterdeck.core.incidents.structure_diff import Difference, difference
from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.kernel.text import line
from quarterdeck.store import log, tx

from .. import casebook
from ..act import Act
from ..casebook import Case
from ..catalog.catalogue import current
from . import pins


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change of structure would do. `same`: nothing; `later`: it is a later version of the same structure."""

    new: Template
    change: Change
    differences: tuple[Difference, ...]
    same: bool
    later: bool


def choices(case: Case) -> tuple[tuple[str, str], ...]:
    """Structures an incident can take, (key, title): those that have a commander."""
    return tuple((t.key, t.title) for t in current().templates if t.role(COMMANDER))


def newer(case: Case) -> bool:
    """Whether the structure of the incident has been edited since it was pinned."""
    found = current().template(case.incident.template)
    return found is not None and found.version != case.incident.template_version


def preview(case: Case, key: str) -> Preview:
    """What it would mean to take the structure `key`. Changes nothing."""
    incident, old = case.incident, pins.own(case.incident.key)
    new = _wanted(case, key)
    change = plan(incident, old, new, current().mapping(old.key, new.key))
    return Preview(new, change, difference(old, change.template), change.template == old, new.key == old.key)


@tx.again
def change(act: Act, incident_id: str, key: str, reason: str) -> Case:
    """Take a structure: roles go on as the mapping says, everybody keeps what they hold, items and clocks are added."""
    with tx.write("engine", "web"):
        log.lock_incident(incident_id)
        case = casebook.load(incident_id, act.who)
        return within(act, case, key, reason)


def within(act: Act, case: Case, key: str, reason: str) -> Case:
    """As `change`, inside the caller's transaction, the incident locked and loaded."""
    incident, old = case.incident, pins.own(case.incident.key)
    new = _wanted(case, key)
    changed, events = restructure(
        incident, old, new, current().mapping(old.key, new.key), act.who, reason=line(reason, 500)
    )
    if not events:
        return case
    fresh = effective(changed.template, incident)
    pins.replace(incident.key, changed.template, incident.seq + 1, act.at)
    started = [
        e for e in clocks.starting(changed.template, incident.severity, act.at)
        if incident.is_open and e.audience not in incident.clocks
    ]  # fmt: skip
    return casebook.append(act, Case(incident, fresh), incident.key, [*events, *started])


def _wanted(case: Case, key: str) -> Template:
    catalog = current()
    found = catalog.template(key)
    if found is None or found.role(COMMANDER) is None:
        known = ", ".join(k for k, _ in choices(case))
        text = f"There is no structure {key!r} that an incident can take. Choose one of: {known}."
        raise bad("structure.unknown", text, template=text)
    kind = case.incident.type if catalog.type(case.incident.type) else ""
    return template_for(catalog, Declaration(title="", template=key, type=kind))
