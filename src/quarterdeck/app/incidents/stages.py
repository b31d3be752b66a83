"""The phase strip of an incident: where it stands, and what each further phase still misses (R-020)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from quarterdeck.core.incidents import Condition, conditions
from quarterdeck.core.incidents.gates import CONDITIONS
from quarterdeck.core.incidents.structure import NEXT_PHASES

from ..casebook import Case
from ..reactions import triage_minutes

# What makes an incident categorised and prioritised, whatever the structure asks for later.
_TRIAGE = ("severity_set", "type_set", "services_set")


@dataclass(frozen=True, slots=True)
class Stage:
    """`state` is done, current, next (may follow now) or later. `conditions` are met or not, in order."""

    phase: str
    state: str
    conditions: tuple[Condition, ...]

    @property
    def missing(self) -> tuple[Condition, ...]:
        return tuple(c for c in self.conditions if not c.met)


def strip(case: Case) -> tuple[Stage, ...]:
    """Every phase of the structure, in order."""
    incident, phases = case.incident, case.template.phases
    here = phases.index(incident.phase) if incident.phase in phases else -1
    following = NEXT_PHASES.get(incident.phase, ())
    found = []
    for place, phase in enumerate(phases):
        if place == here:
            state = "current"
        elif phase in following:
            state = "next"
        else:
            state = "done" if place < here else "later"
        found.append(Stage(phase, state, tuple(conditions(incident, case.template, phase))))
    return tuple(found)


def untriaged(case: Case) -> tuple[Condition, ...]:
    """What triage still owes: severity, type, services."""
    asked = [(key, *CONDITIONS[key]) for key in _TRIAGE]
    return tuple(Condition(key, text, False) for key, text, met in asked if not met(case.incident))


@dataclass(frozen=True, slots=True)
class Triage:
    """What keeps an open incident untriaged, and when its commander is alarmed; `late`: that has happened (R-224)."""

    severity: bool
    type: bool
    alarm_at: datetime
    late: bool


def triage(case: Case) -> Triage | None:
    """None for an incident whose severity somebody judged and whose type is set."""
    incident = case.incident
    if not incident.is_untriaged or incident.declared_at is None:
        return None
    wait = timedelta(minutes=triage_minutes(incident, case.template))
    return Triage(
        incident.severity_unknown, not incident.type, incident.declared_at + wait, incident.triage_overdue
    )
