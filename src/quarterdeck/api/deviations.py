"""The deviation log of an incident: mandatory items that were skipped, who went on without them, and why."""

from __future__ import annotations

from quarterdeck.app.incidents import deviations as log

from .doors import Request
from .fields import IncidentId, Moment, Named, Read
from .operations import Noun
from .pages import Page, whole

NOUN = Noun("Incidents", "/incidents/{incident}")


class Deviation(Read):
    """`key` names the condition of the gate, or review_waived; `step` is what was done without it."""

    at: Moment
    by: Named
    key: str
    step: str
    skipped: str
    reason: str


@NOUN.get("/deviations", "incident.read", Page[Deviation])
def list_deviations(request: Request, incident: IncidentId) -> Page[Deviation]:
    """Every mandatory item that was skipped, in the order it happened."""
    found = log.listed(request.act, incident)
    names = request.names.load(d.by for d in found)
    return whole(
        Deviation(at=d.at, by=names.of(d.by), key=d.key, step=d.step, skipped=d.skipped, reason=d.reason)
        for d in found
    )
