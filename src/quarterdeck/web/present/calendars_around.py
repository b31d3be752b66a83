"""What stands beside the shifts of a schedule in its calendar: public holidays, and who in it is away. Reads only."""

from __future__ import annotations

from datetime import date, datetime

from quarterdeck.app.oncall.holidays import between
from quarterdeck.app.paging.directory import people_of
from quarterdeck.core.oncall import Absence, Schedule
from quarterdeck.store import models

MOST = 500


def holidays(schedule: Schedule, first: date, last: date) -> dict[date, str]:
    """The holidays of the regions that its layers name, and of those where its people live."""
    people = models.Person.objects.filter(id__in=people_of(schedule)).exclude(holiday_region="")
    regions = {layer.region for layer in schedule.layers} | set(
        people.values_list("holiday_region", flat=True)
    )
    return between(sorted(regions - {""}), first, last)


def absences(schedule: Schedule, since: datetime, until: datetime) -> tuple[Absence, ...]:
    """The absences between two instants of everybody whom the schedule may put on call."""
    rows = models.Absence.objects.filter(
        person_id__in=people_of(schedule), removed_at=None, starts_at__lt=until, ends_at__gt=since
    )
    return tuple(Absence(a.person_id, a.starts_at, a.ends_at, a.reason) for a in rows[:MOST])
