"""Typed lines of the business in emergency mode, carried out: halts, resumes, areas."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from quarterdeck.core.incidents import areas
from quarterdeck.core.incidents.authority import held
from quarterdeck.core.incidents.typed import Typed
from quarterdeck.core.kernel.refused import bad

from .. import casebook
from ..act import Act
from ..response import switches


def _halt(act: Act, incident_id: str, asked: Typed) -> str:
    switches.halt(act, incident_id, asked.key, act.at + timedelta(minutes=asked.number))
    return f"To stand still within {asked.number} min."


def _halted(act: Act, incident_id: str, asked: Typed) -> str:
    switches.halted(act, incident_id, asked.key, asked.text)
    return "It stands still."


def _resume(act: Act, incident_id: str, asked: Typed) -> str:
    switches.resume(act, incident_id, asked.key)
    return "To run again."


def _resumed(act: Act, incident_id: str, asked: Typed) -> str:
    switches.resumed(act, incident_id, asked.key, asked.text)
    return "It runs again."


def _area(act: Act, incident_id: str, asked: Typed) -> str:
    case = casebook.load(incident_id, act.who)
    asked_for = areas.roles(case.incident, case.template)
    mine = [role for role, person in held(case.incident) if person == act.person and role in asked_for]
    if len(mine) != 1:
        message = "Say it on the page under Emergency mode, beside the area you mean."
        raise bad("area.which", message, text=message)
    switches.report_area(act, incident_id, mine[0], asked.key, asked.text)
    return "Noted."


def _areas(act: Act, incident_id: str, asked: Typed) -> str:
    switches.ask_areas(act, incident_id)
    return "Asked every role how its area does."


ACTS: dict[str, Callable[[Act, str, Typed], str]] = {
    "halt": _halt, "halted": _halted, "resume": _resume, "resumed": _resumed, "area": _area, "areas": _areas,
}  # fmt: skip
