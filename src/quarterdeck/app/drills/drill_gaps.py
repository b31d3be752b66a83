"""Gaps that a drill found become work: a confirmed one is an action item of the drill's incident, with an owner and a
date, on the same list as those of reviews.
"""

from __future__ import annotations

from quarterdeck.core.drills.scoring import Gap
from quarterdeck.core.incidents import add_action_item
from quarterdeck.core.incidents.guards import filled
from quarterdeck.core.kernel.refused import Refused, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.store import models, tx
from quarterdeck.store.ids import new_id

from .. import casebook
from ..act import Act
from ..paging.directory import must_be_active
from . import drill_scores

CONFIRMED, DROPPED = "confirmed", "dropped"
KIND = "process"


def confirm(
    act: Act, drill_id: str, key: str, *, owner: str, due_on: str, title: str = ""
) -> models.DrillGap:
    """It is a gap: it becomes an action item. Refused without an owner and a date."""
    must_be_active(owner, "owner")
    with tx.write("engine", "web"):
        drill, gap = _open(act, drill_id, key)
        said, item_id = line(title, 300) or gap.title, new_id()
        casebook.change_within(
            act,
            drill.incident_id,
            lambda i, t: add_action_item(
                i, act.who, item_id=item_id, title=said, owner=owner, due_on=due_on, kind=KIND
            ),
        )
        return _decide(act, drill, gap, said, CONFIRMED, item_id=item_id)


def drop(act: Act, drill_id: str, key: str, reason: str) -> models.DrillGap:
    """It is none, for a reason that is kept."""
    why = filled(line(reason, 300), "reason", "Say why it is no gap; it is kept.")
    with tx.write("engine", "web"):
        drill, gap = _open(act, drill_id, key)
        return _decide(act, drill, gap, gap.title, DROPPED, reason=why)


def _open(act: Act, drill_id: str, key: str) -> tuple[models.Drill, Gap]:
    """A proposal nobody has decided, of a drill that is over."""
    drill = drill_scores.led(act, drill_id)
    if drill.state != "ended":
        raise Refused("drill.running", "Gaps are decided after the end. End the drill first.")
    found = drill_scores.sheet(drill, act.at, all_roles=True)
    if key in found.kept:
        raise Refused("gap.decided", f"This gap is {found.kept[key].state} already.")
    gap = next((g for g in found.gaps if g.key == key), None)
    if gap is None:
        raise missing("gap.unknown", "This drill shows no such gap. Look at its results.")
    return drill, gap


def _decide(act: Act, drill: models.Drill, gap: Gap, title: str, state: str, **more: str) -> models.DrillGap:
    return models.DrillGap.objects.create(
        id=new_id(), drill_id=drill.id, key=gap.key, kind=gap.kind, role=gap.role, title=title, state=state,
        repeated=gap.repeated, decided_by=act.person, decided_at=act.at, **more,
    )  # fmt: skip
