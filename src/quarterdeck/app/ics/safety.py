"""Hazards of an incident: recorded, signed by two people, cleared."""

from __future__ import annotations

from quarterdeck.app import casebook
from quarterdeck.app.act import Act
from quarterdeck.app.casebook import Case
from quarterdeck.core.incidents.ics import hazards
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store.ids import new_id


def set_hazard(
    act: Act,
    incident_id: str,
    area: str,
    hazard: str,
    risk: str,
    mitigation: str,
    residual: str,
    *,
    owner: str = "",
    hazard_id: str = "",
) -> Case:
    """The commander hears of one whose risk stays high."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: hazards.set_hazard(
            i, t, act.who, hazard_id=hazard_id or new_id(), area=line(area, 121), hazard=line(hazard, 301),
            risk=risk, mitigation=clean(mitigation, 2000), residual=residual, owner=line(owner, 40),
        ),
    )  # fmt: skip


def sign_hazard(act: Act, incident_id: str, hazard_id: str, position: str) -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: hazards.sign_hazard(i, t, act.who, hazard_id=hazard_id, position=position),
    )


def clear_hazard(act: Act, incident_id: str, hazard_id: str, reason: str) -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: hazards.clear_hazard(i, t, act.who, hazard_id=hazard_id, reason=line(reason, 300)),
    )
