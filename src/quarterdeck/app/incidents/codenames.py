"""Codenames of restricted incidents: which are taken, another one, and what an incident is called outside its circle.

Every text that leaves the product for a screen others may see takes its words for an incident from here.
"""

from __future__ import annotations

from collections.abc import Iterable

from quarterdeck.core.incidents import codename as core
from quarterdeck.core.incidents.state import ENDED_PHASES
from quarterdeck.core.kernel.text import line
from quarterdeck.store import models, tx

from .. import casebook
from ..act import Act
from ..casebook import Case


def taken(but: str = "") -> tuple[str, ...]:
    """What the restricted incidents that have not ended are called."""
    rows = models.IncidentRow.objects.filter(restricted=True).exclude(phase__in=ENDED_PHASES).exclude(id=but)
    return tuple(
        core.outside(r) for r in rows.only("number", "title", "restricted", "codename").order_by("number")
    )


@tx.again
def rename(act: Act, incident_id: str, codename: str) -> Case:
    """Another codename; empty: one is made. What was sent before keeps the words it had."""
    with tx.write("engine", "web"):
        tx.lock("incident-number")  # as declaring does: two of them never take the same name at once
        others = taken(but=incident_id)
        return casebook.change(
            act,
            incident_id,
            lambda i, t: core.rename(i, t, act.who, codename=line(codename, 200), taken=others),
        )


def called(incident_ids: Iterable[str]) -> dict[str, str]:
    """The restricted ones of these with their codenames, as “INC-7 Amber Heron”."""
    rows = models.IncidentRow.objects.filter(id__in=set(incident_ids), restricted=True)
    return {r.id: f"{r.id} {core.outside(r)}" for r in rows}
