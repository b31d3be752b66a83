"""How long the record of an incident is kept: legal holds, files that are taken back, and whether its time is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from quarterdeck.core.access import Who, may
from quarterdeck.core.kernel.refused import Refused, forbidden

from .authority import may as granted
from .authority import must_read
from .events import Event, FileTakenBack, HoldLifted, HoldPlaced
from .guards import filled, known
from .regulatory import NOT_COUNTED
from .state import Incident
from .structure import Template

# The shortest time an installation may keep closed incidents for.
LEAST_DAYS = 30


def place_hold(incident: Incident, template: Template, by: Who, *, hold_id: str, reason: str) -> list[Event]:
    """Nothing of it may be removed until the hold is lifted. By an administrator, or who judges legal duties."""
    _keeps(incident, template, by)
    if hold_id in incident.aftermath.holds:
        return []
    if incident.aftermath.hold is not None:
        raise Refused(
            "hold.placed",
            "There is a hold on this incident already. Lift that one first to change its reason.",
        )
    return [HoldPlaced(hold_id, filled(reason, "reason", "Say why it must be kept; it is recorded."))]


def lift_hold(incident: Incident, template: Template, by: Who, *, reason: str) -> list[Event]:
    """The usual time counts again. [] when there is no hold."""
    _keeps(incident, template, by)
    hold = incident.aftermath.hold
    if hold is None:
        return []
    return [
        HoldLifted(hold.id, filled(reason, "reason", "Say why it need not be kept any more; it is recorded."))
    ]


def take_back_file(
    incident: Incident, template: Template, by: Who, *, file_id: str, reason: str
) -> list[Event]:
    """Removes the content of a file for good; name, size and hash stay in the record with the reason.

    By whoever attached it, the commander or an administrator. Refused under a legal hold. Every file of this incident
    with the same content goes with it.
    """
    must_read(incident, by)
    file = known(incident.attachments.get(file_id), "file.unknown", "file")
    if file.taken_back_at is not None:
        return []
    commands = granted(incident, template, by, "incident.phase") or may(by, "settings.edit")
    if by.person != file.attached_by and not commands:
        raise forbidden(
            "file.not_yours",
            "Only who attached it, the commander or an administrator takes it back. Ask them.",
        )
    if incident.aftermath.hold is not None:
        raise Refused(
            "hold.stands",
            f"{incident.key} is under a legal hold: nothing of it is removed until that is lifted.",
        )
    why = filled(reason, "reason", "Say why it is taken back; it is recorded.")
    return [
        FileTakenBack(a.id, a.name, a.sha256, why)
        for a in incident.attachments.values()
        if a.sha256 == file.sha256 and a.taken_back_at is None
    ]


def may_purge(incident: Incident, *, now: datetime, keep: timedelta) -> str:
    """Empty when the incident may be removed, otherwise what keeps it, in words."""
    ended = ended_at(incident)
    if not incident.has_ended or ended is None:
        return "it is not over"
    if incident.aftermath.hold is not None:
        return "it is under a legal hold"
    if now < ended + keep:
        return "its time is not over"
    if incident.review is not None and not incident.review.is_settled:
        return "its review is not done"
    if any(i.done_at is None for i in incident.action_items.values()):
        return "an action item is open"
    if incident.phase not in NOT_COUNTED and incident.business.running_clocks():
        return "a legal deadline is not judged"
    return ""


def ended_at(incident: Incident) -> datetime | None:
    """When it came to its end: closed, dismissed or merged."""
    return incident.phase_since if incident.has_ended else None


def _keeps(incident: Incident, template: Template, by: Who) -> None:
    must_read(incident, by)
    known(incident.declared_at, "incident.unknown", "record")
    if not may(by, "settings.edit") and not granted(incident, template, by, "legal.review"):
        raise forbidden(
            "hold.not_yours",
            "Only an administrator, or who judges legal duties here, decides on a hold. Ask them.",
        )
