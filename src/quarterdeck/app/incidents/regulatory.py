"""Legal deadlines of an incident: started by hand or by what it is, met, or judged not to apply."""

from __future__ import annotations

from datetime import datetime

from quarterdeck.core.incidents import regulatory
from quarterdeck.core.kernel.text import clean, line

from .. import casebook
from ..act import Act
from ..casebook import Case
from ..response.business_rules import rules


def start(act: Act, incident_id: str, key: str, aware_at: datetime | None = None, why: str = "") -> Case:
    """Start a clock of the library from the moment people became aware."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: regulatory.start_clock(
            i, t, act.who, rule=rules().clock(key), aware_at=aware_at, why=line(why, 501), now=act.at
        ),
    )


def end(act: Act, incident_id: str, key: str, state: str, note: str) -> Case:
    """Met, or not applicable, with the reason."""
    return casebook.change(
        act,
        incident_id,
        lambda i, t: regulatory.end_clock(
            i, t, act.who, key=key, state=state, note=clean(note, 2001), now=act.at
        ),
    )
