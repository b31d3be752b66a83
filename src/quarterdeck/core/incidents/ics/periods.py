"""Operational periods: prepared while the one before runs, started, extended, ended. One runs at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused, missing

from ..events import Event
from ..events.ics_forms import FormFilled
from ..events.ics_plan import ObjectiveSet, PeriodEnded, PeriodMoved, PeriodPrepared, PeriodStarted
from ..guards import filled, not_ended, unfit
from ..state import Incident
from ..structure import Template
from . import rights
from .meetings import schedule
from .parts import Ics, Period

DEFAULT_LENGTH = timedelta(hours=12)
SHORTEST, LONGEST = timedelta(hours=1), timedelta(hours=168)
NewId = Callable[[], str]
# Words of these forms hold on from period to period until somebody changes them.
CLONED = ("202", "204", "205", "206", "208")


def prepare_period(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    new_id: NewId,
    at: datetime,
    starts_at: datetime | None = None,
    length: timedelta = DEFAULT_LENGTH,
) -> list[Event]:
    """The first period, or the next one while the present one runs.

    Unmet objectives and the words of the plan are carried over (R-163, R-164); its meetings are scheduled (R-177).
    [] when the next one is prepared already.
    """
    not_ended(incident)
    rights.plan(incident, template, by)
    ics = incident.ics
    if ics.prepared is not None:
        return []
    if not SHORTEST <= length <= LONGEST:
        raise unfit("hours.length", "hours", "A period lasts from 1 to 168 hours. 12 hours are usual.")
    before = ics.newest
    start = starts_at or (before.ends_at if before else at)
    if before is not None and start < before.starts_at:
        raise unfit("starts_at.early", "starts_at", "The next period starts after the one before it.")
    number = len(ics.periods) + 1
    period_id = new_id()
    made = PeriodPrepared(period_id, number, start, start + length, before.id if before else "")
    meetings = schedule(period_id, number, start, length, new_id)
    return [made, *_carried(ics, before, period_id, new_id), *meetings]


def _carried(ics: Ics, before: Period | None, period_id: str, new_id: NewId) -> list[Event]:
    if before is None:
        return []
    unmet = [o for o in ics.of_period(before.id) if o.state == "open"]
    aims = [
        ObjectiveSet(new_id(), period_id, place, o.text, o.measure, o.id)
        for place, o in enumerate(unmet, start=1)
    ]
    words = [
        FormFilled(f.form, period_id, f.subject, f.block, f.text)
        for f in ics.fills.values()
        if f.period_id == before.id and f.form in CLONED and f.text
    ]
    return [*aims, *words]


def move_period(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    period_id: str,
    ends_at: datetime,
    reason: str,
    at: datetime,
) -> list[Event]:
    """Extend or shorten a period. What is prepared after a running one moves with its end."""
    period = must_exist(incident, period_id)
    rights.plan(incident, template, by)
    if period.state == "ended":
        raise Refused("period.ended", f"Period {period.number} has ended. Move the one that runs.")
    if ends_at == period.ends_at:
        return []
    if not SHORTEST <= ends_at - period.starts_at <= LONGEST:
        raise unfit("ends_at.length", "ends_at", "A period lasts from 1 to 168 hours. Choose another end.")
    if ends_at <= at and period.state == "running":
        raise unfit("ends_at.past", "ends_at", "That time has passed. Start the next period instead.")
    why = filled(reason, "reason", "Say why the period is moved.")
    events: list[Event] = [PeriodMoved(period.id, period.starts_at, ends_at, why, period.number)]
    following = incident.ics.prepared
    if period.state == "running" and following is not None and following.starts_at == period.ends_at:
        end = ends_at + (following.ends_at - following.starts_at)
        events.append(PeriodMoved(following.id, ends_at, end, why, following.number))
    return events


def start_period(
    incident: Incident, template: Template, by: Who, *, period_id: str, reason: str = "", new_id: NewId
) -> list[Event]:
    """The prepared period becomes the running one. Without an approved plan it takes a reason.

    The first needs none: in the initial response the briefing (ICS 201) is the plan.
    """
    period = must_exist(incident, period_id)
    rights.plan(incident, template, by)
    if period.state == "running":
        return []
    if period.state == "ended":
        raise Refused("period.ended", f"Period {period.number} has ended. Prepare the next one.")
    ics = incident.ics
    if period.number > 1 and ics.plan_of(period.id) is None and not reason.strip():
        raise Refused(
            "plan.unapproved",
            f"The plan of period {period.number} is not approved. Have the commander approve it, or give a reason.",
        )
    before = ics.running
    events: list[Event] = []
    if before is not None:
        events += [*_left_over(ics, before, period, new_id), PeriodEnded(before.id, before.number)]
    return [*events, PeriodStarted(period.id, period.number, reason.strip())]


def _left_over(ics: Ics, before: Period, period: Period, new_id: NewId) -> list[Event]:
    """Objectives set after the next period was prepared, and still unmet."""
    known = {o.carried_from for o in ics.objectives.values() if o.period_id == period.id}
    late = [o for o in ics.of_period(before.id) if o.state == "open" and o.id not in known]
    place = len(ics.of_period(period.id))
    return [
        ObjectiveSet(new_id(), period.id, place + n, o.text, o.measure, o.id)
        for n, o in enumerate(late, start=1)
    ]


def must_exist(incident: Incident, period_id: str) -> Period:
    """The period. Refuses an unknown one, and any on an incident that has ended."""
    not_ended(incident)
    found = incident.ics.periods.get(period_id)
    if found is None:
        raise missing("period.unknown", "There is no such operational period. Prepare one on the ICS page.")
    return found
