"""Authority lent, money planned and spent, and the harm of an incident. Each act appends or refuses."""

from __future__ import annotations

from datetime import datetime

from quarterdeck.core.incidents import costing, delegations, office, spending
from quarterdeck.core.incidents.costing import Costs
from quarterdeck.core.kernel.text import clean, line
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act
from ..casebook import Case
from ..paging.directory import must_be_active
from ..response.business_rules import rules


def delegate(
    act: Act,
    incident_id: str,
    person_id: str,
    acts: tuple[str, ...],
    *,
    limit_minor: int = 0,
    currency: str = "",
    until: datetime | None = None,
    note: str = "",
    window_hours: int = 0,
) -> Case:
    """Let somebody do something, up to an amount in all or in so many hours, until a time. The new one is the last."""
    must_be_active(person_id, "person")
    return casebook.change(
        act,
        incident_id,
        lambda i, t: delegations.delegate(
            i, t, act.who, delegation_id=new_id(), to=person_id, acts=acts, limit_minor=limit_minor,
            currency=currency or rules().rates.currency, until=until, note=line(note, 301),
            window_hours=window_hours, now=act.at,
        ),
    )  # fmt: skip


def confirm(act: Act, incident_id: str, delegation_id: str) -> Case:
    """Lend again what lapsed when command passed on. The id of the new one is the last."""
    key = new_id()
    return casebook.change(
        act,
        incident_id,
        lambda i, t: office.confirm(i, t, act.who, delegation_id=delegation_id, new_id=key, now=act.at),
    )


def revoke(act: Act, incident_id: str, delegation_id: str, reason: str = "") -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: delegations.revoke(i, t, act.who, delegation_id=delegation_id, reason=line(reason, 301)),
    )


def enter(
    act: Act, incident_id: str, kind: str, what: str, minor: int, currency: str = "", *, entry_id: str = ""
) -> Case:
    """Money planned (`kind` budget) or spent (cost). `entry_id` makes a retry safe."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: spending.enter_money(
            i, t, act.who, entry_id=entry_id or new_id(), kind=kind, what=line(what, 301), minor=minor,
            currency=currency or rules().rates.currency, now=act.at,
        ),
    )  # fmt: skip


def strike(act: Act, incident_id: str, entry_id: str, reason: str) -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: spending.strike_money(
            i, t, act.who, entry_id=entry_id, reason=line(reason, 301), now=act.at
        ),
    )


def assess(
    act: Act,
    incident_id: str,
    dimension: str,
    level: str,
    *,
    note: str = "",
    hour_minor: int = 0,
    once_minor: int = 0,
    currency: str = "",
    from_start: bool = False,
    reason: str = "",
) -> Case:
    """The harm in one dimension: level, note, and what it costs."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: spending.assess_impact(
            i, t, act.who, dimension=dimension, level=level, note=clean(note, 2001), hour_minor=hour_minor,
            once_minor=once_minor, currency=currency or rules().rates.currency, from_start=from_start,
            reason=line(reason, 500),
        ),
    )  # fmt: skip


def set_impact_start(act: Act, incident_id: str, began_at: datetime, reason: str = "") -> Case:
    return casebook.change(
        act,
        incident_id,
        lambda i, t: spending.set_impact_start(
            i, t, act.who, began_at=began_at, now=act.at, reason=line(reason, 500)
        ),
    )


def so_far(case: Case, now: datetime) -> Costs:
    """What the incident costs by now, at the rates it was declared with."""
    return costing.so_far(case.incident, case.template.rates or rules().rates, now)
