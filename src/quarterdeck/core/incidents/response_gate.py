"""What a business incident lacks before it may be resolved or closed: one list, to which other parts add theirs."""

from __future__ import annotations

from collections.abc import Callable

from .events import Event
from .events.response import StepChanged
from .state import Incident

# (key, what must be done, whether it is done)
Asked = tuple[str, str, bool]
# Never overridden: there is nothing to close while the technical incident runs.
FIRM = ("parent_resolved",)


def _parent_resolved(i: Incident) -> Asked:
    mirror = i.response.mirror
    over = mirror is None or mirror.is_over
    return "parent_resolved", f"Wait until {i.response.parent} is resolved.", over


def _messages_settled(i: Incident) -> Asked:
    waiting = sum(m.state in ("draft", "in_review", "released") for m in i.messages.values())
    left = f" ({waiting} left)" if waiting else ""
    return "messages_settled", f"Send or drop every message{left}.", not waiting


def _follow_ups_owned(i: Incident) -> Asked:
    flagged = sum(e.followup and not e.superseded_by for e in i.entries.values())
    # There is no review yet to hold action items; a task is given to one person, so it has an owner.
    owned = len(i.action_items) + sum(t.state != "cancelled" for t in i.tasks.values())
    text = "Give each entry that is marked for follow-up an owner: a task, or an action item."
    return "follow_ups_owned", text, owned >= flagged


RESOLVE: list[Callable[[Incident], Asked]] = [_parent_resolved, _messages_settled, _follow_ups_owned]


def child_gate(incident: Incident) -> tuple[Asked, ...]:
    """Every condition of resolving a business incident, met or not; none for any other. Further parts of a business
    response put their condition into `RESOLVE`.
    """
    return tuple(ask(incident) for ask in RESOLVE) if incident.response.parent else ()


def missing(incident: Incident) -> tuple[Asked, ...]:
    return tuple(a for a in child_gate(incident) if not a[2])


def resolving(incident: Incident) -> list[Event]:
    """The last step of a business incident comes with its resolution."""
    known = incident.response
    return [StepChanged(known.step, "resolved")] if known.parent and known.step != "resolved" else []


def closing_gate(incident: Incident) -> tuple[Asked, ...]:
    """What a business incident lacks before it is closed."""
    if not incident.response.parent:
        return ()
    done = incident.response.preliminary_at is not None
    return (("preliminary_written", "Write the preliminary analysis.", done),)
