"""Access that was asked for: granting it is a task with a name and a time, and done is arrived (R-141)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused

from .events import Event, Stamped, TaskDone
from .events.ics_resources import RequestDelivered, RequestOrdered
from .guards import known, not_ended
from .ics import rights
from .ics.requests import ORDERED
from .state import Incident
from .structure import Template
from .tasks import give_task

# The kind of a request that asks for access instead of a thing.
KIND = "access"


def is_access(kind: str) -> bool:
    return kind.strip().casefold() == KIND


def grant(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    request_id: str,
    person: str,
    name: str,
    minutes: int,
    now: datetime,
) -> list[Event]:
    """An approved request for access becomes a task of `person`, who can grant it. The task has the request's id, so
    that it is given once.
    """
    not_ended(incident)
    found = known(incident.ics.requests.get(request_id), "request.unknown", "request")
    rights.position(incident, template, by, rights.LOGISTICS)
    if found.state in ORDERED and found.id in incident.tasks:
        return []
    if not is_access(found.kind):
        raise Refused("request.access", f"Request {found.number} asks for {found.kind}. Order it instead.")
    if found.state != "approved":
        raise Refused("request.state", f"Request {found.number} is {found.state}. Have it approved first.")
    task = give_task(
        incident, template, by, task_id=found.id, title=f"Grant access: {found.item}"[:300], assignee=person,
        minutes=minutes,
    )  # fmt: skip
    eta = now + timedelta(minutes=minutes)
    return [*task, RequestOrdered(found.id, f"request {found.number}", name, found.cost, eta, found.number)]


def follow(after: Incident, new: Sequence[Stamped]) -> list[Event]:
    """What was granted has arrived."""
    done = [s.event.task_id for s in new if isinstance(s.event, TaskDone)]
    found = [r for key in done if (r := after.ics.requests.get(key)) is not None and r.state in ORDERED]
    return [RequestDelivered(r.id, "Access is granted.", r.number) for r in found]
