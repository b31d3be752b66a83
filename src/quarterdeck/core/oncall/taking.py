"""Taking over at once: somebody is on call from now instead of whoever is, until the shift they step into ends."""

from __future__ import annotations

from datetime import datetime

from quarterdeck.core.kernel.refused import Refused, bad

from .schedule import Override, Schedule
from .shifts import on_call


def take_now(
    schedule: Schedule,
    person: str,
    now: datetime,
    override_id: str,
    *,
    instead_of: str = "",
    until: datetime | None = None,
    reason: str = "",
) -> Override:
    """The override by which `person` takes the shift that runs: of `instead_of`, or of the first on call.

    In a gap they are on call until it ends. Refuses: who is on call already, an `instead_of` who is not, a
    shift without an end where `until` is not given, and an end that has passed.
    """
    held = on_call(schedule, now)
    if person in held.people:
        raise Refused("take.already", "This person is on call already. There is nothing to take over.")
    if instead_of and instead_of not in held.people:
        raise Refused("take.not_on_call", "The person to relieve is not on call now. Reload the schedule.")
    ends = until or held.until
    if ends is None:
        raise bad("take.until", "This shift has no end in sight. Say until when.", until="missing")
    if ends <= now:
        raise bad("take.until", "This end has passed. Choose a later one.", until="past")
    relieved = instead_of or held.person or ""
    if not relieved:
        return Override(override_id, person, now, ends, reason)
    return Override(override_id, person, now, ends, reason, "one", relieved)
