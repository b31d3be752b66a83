"""When an incident goes over to problem management: what must be true first, and the handoff itself (R-194)."""

from __future__ import annotations

from dataclasses import dataclass

from quarterdeck.core.access import Who, may, require
from quarterdeck.core.kernel.refused import Refused

from .authority import may as granted
from .authority import must_read
from .events import Event
from .events.learned import ProblemHandedOver
from .guards import known
from .parts import ActionItem
from .state import OPEN_PHASES, Incident
from .structure import Template


@dataclass(frozen=True, slots=True)
class Criterion:
    """`lacking` says what to do while it is not met."""

    key: str
    title: str
    met: bool
    lacking: str


def criteria(incident: Incident) -> tuple[Criterion, ...]:
    """The checklist of the handoff. It is read off the incident: nobody ticks it."""
    return (
        Criterion(
            "restored",
            "The service is restored",
            incident.phase not in OPEN_PHASES,
            "resolve the incident",
        ),
        Criterion(
            "root_cause",
            "The root cause is found",
            bool(root_cause(incident)),
            "write the root cause in the review, or the cause in the facts",
        ),
        Criterion(
            "fix",
            "The permanent fix is scheduled",
            fix(incident) is not None,
            "add an action item of the kind “prevent”, with its owner and date",
        ),
    )


def root_cause(incident: Incident) -> str:
    """As the review says it, or as it was known during the incident."""
    review = incident.review
    written = review.sections.get("root_cause", "") if review else ""
    return written.strip() or incident.cause.strip()


def fix(incident: Incident) -> ActionItem | None:
    """The action item that prevents a repeat: the first that is open, else one that is done."""
    items = [i for i in incident.action_items.values() if i.kind == "prevent"]
    return next((i for i in items if i.done_at is None), items[0] if items else None)


def may_hand_over(incident: Incident, template: Template, by: Who) -> bool:
    return granted(incident, template, by, "incident.phase") or may(by, "review.edit")


def hand_over(
    incident: Incident, template: Template, by: Who, *, problem_id: str, title: str, owner: str, fix_on: str
) -> list[Event]:
    """Refuses, naming everything that is missing, until each criterion is met. The same problem twice is kept once."""
    must_read(incident, by)
    known(incident.declared_at, "incident.unknown", "problem")
    if not may_hand_over(incident, template, by):
        require(by, "review.edit")
    lacking = [c for c in criteria(incident) if not c.met]
    if lacking:
        todo = "; ".join(c.lacking for c in lacking)
        raise Refused("problem.criteria", f"It is not ready for problem management. First {todo}.")
    if problem_id in incident.aftermath.problems:
        return []
    return [ProblemHandedOver(problem_id, title, owner, fix_on)]
