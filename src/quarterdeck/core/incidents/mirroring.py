"""What a business incident shows of the technical one, and what each change there does here (R-101, R-119)."""

from __future__ import annotations

from .events import Event, PhaseChanged
from .events.response import ParentMoved
from .phases import superseding
from .response import LIAISON
from .state import OPEN_PHASES, Incident

FACTS = (
    "summary",
    "what_we_know",
    "customer_effect",
    "workaround",
    "cause",
    "next_step",
    "fix",
    "customers_affected",
    "impact",
    "resolution_summary",
)


def state_of(parent: Incident, *, new_phase: bool) -> ParentMoved:
    """The technical incident as it is mirrored."""
    commander, liaison = parent.commander, parent.holder(LIAISON)
    facts = {name: value for name in FACTS if (value := getattr(parent, name))}
    facts |= {f"impact.{d}": level for d, level in parent.dimensions.items() if level != "none"}
    return ParentMoved(
        parent.key,
        parent.phase,
        parent.severity,
        parent.title,
        commander.person if commander else "",
        liaison.person if liaison else "",
        facts,
        new_phase,
    )


def follow(child: Incident, parent: Incident) -> list[Event]:
    """What a change of the technical incident does in the business one: the mirror, on a new phase a row of the message
    grid, and drafts that speak of the phase before are dropped. [] when nothing that is mirrored has changed.
    """
    known = child.response.mirror
    if known is None or child.has_ended or child.response.parent != parent.key:
        return []
    moved = state_of(parent, new_phase=known.phase != parent.phase)
    before = ParentMoved(
        parent.key,
        known.phase,
        known.severity,
        known.title,
        known.commander,
        known.liaison,
        dict(known.facts),
    )
    if moved == before:
        return []
    if not moved.new_phase or (known.is_over and not parent.is_open):
        # What says that it is over stays true while the technical incident is written up.
        return [moved]
    return [
        moved,
        *_phase(child, parent),
        *superseding(child, f"{parent.key} is {parent.phase.replace('_', ' ')} now"),
    ]


def _phase(child: Incident, parent: Incident) -> list[Event]:
    """The phase of a business incident is that of the technical one, until its own end."""
    if not child.is_open or parent.phase not in OPEN_PHASES or child.phase == parent.phase:
        return []
    return [PhaseChanged(child.phase, parent.phase, f"{parent.key} is in this phase")]
