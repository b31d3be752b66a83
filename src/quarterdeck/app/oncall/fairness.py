"""How on-call duty was and will be spread: load per person, one score, and who needs rest.

Reads, but for the rest it gives. Calls are counted wherever they came from: a page says whom it woke, not for which
schedule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from quarterdeck.core.access import SYSTEM, Who
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.core.oncall import Shift, shifts
from quarterdeck.core.oncall.fairness import Load, balance, burden, loads
from quarterdeck.core.oncall.hours import Home, is_night
from quarterdeck.core.oncall.limits import Exceeded, Limits, exceeded
from quarterdeck.core.oncall.rest import Relief, reliefs
from quarterdeck.store import models

from ..act import Act
from ..paging.directory import people_of, schedule_from
from ..visibility import hidden_incidents
from . import absences, holidays
from .schedules import find

LONGEST = timedelta(days=400)
LIMITS_AHEAD = timedelta(days=56)
# A turn of a week touches eight days: both days of its handover count.
LIMITS = Limits(consecutive_days=8)
LATELY = timedelta(days=2)
Homes = Mapping[str, Home]


@dataclass(frozen=True, slots=True)
class Spread:
    """`loads` by burden, the heaviest first; `burdens` in hours; `reliefs` that have not ended."""

    loads: tuple[Load, ...]
    burdens: Mapping[str, float]
    score: int
    exceeded: tuple[Exceeded, ...]
    reliefs: tuple[Relief, ...]


def read(since: datetime, until: datetime, now: datetime, schedule: str = "", who: Who = SYSTEM) -> Spread:
    """The duty between two instants in one schedule (id or key), or in all. Refuses more than 400 days.

    Pages about restricted incidents that do not exist for `who` are not counted; `relieve` counts them all.
    """
    rows, people, homes = asked(since, until, schedule)
    found = shifts_of(rows, since, until)
    called = calls(people, since, until, who)
    spread = loads(found, sorted(people), homes, called)
    burdens = {p: burden(load) for p, load in spread.items()}
    ahead = exceeded(shifts_of(rows, now, now + LIMITS_AHEAD), homes, LIMITS)
    resting = set(
        absences.standing(now, people).filter(starts_at__lte=now).values_list("person_id", flat=True)
    )
    rest = _reliefs(people - resting, homes, now, who)
    return Spread(
        tuple(sorted(spread.values(), key=lambda load: (-burdens[load.person], load.person))),
        burdens,
        balance(spread),
        tuple(ahead),
        tuple(r for r in rest if r.ends_at > now),
    )


def relieve(act: Act, person_id: str) -> models.Absence:
    """Let somebody who was woken too often rest: away from now until the rest is over. Layers that pass the absent
    over have the next one on call; others warn. Refused where nobody needs it.
    """
    home = homes_of([person_id]).get(person_id, Home())
    found = [r for r in _reliefs({person_id}, {person_id: home}, act.at) if r.ends_at > act.at]
    if not found:
        text = "This person was not woken so often that they need rest. Say that they are away instead."
        raise Refused("relief.none", text)
    until = max(r.ends_at for r in found)
    return absences.add(act, person_id, act.at, until, f"rests: {found[-1].reason}")


def _reliefs(people: set[str], homes: Mapping[str, Home], now: datetime, who: Who = SYSTEM) -> list[Relief]:
    lately = calls(people, now - LATELY, now, who)
    return [r for p, moments in lately.items() for r in reliefs(p, _nights(moments, homes[p]), homes[p])]


def asked(
    since: datetime, until: datetime, schedule: str
) -> tuple[list[models.Schedule], set[str], dict[str, Home]]:
    if not timedelta(0) < until - since <= LONGEST:
        raise bad("fairness.window", "Ask for a time between a day and 400 days.", until="out of range")
    rows = models.Schedule.objects.prefetch_related("layers", "overrides")
    found = list(rows.filter(id=find(schedule).id) if schedule else rows)
    people = {p for row in found for p in people_of(schedule_from(row))}
    homes = homes_of(people)
    return found, set(homes), homes


def homes_of(people: Iterable[str]) -> dict[str, Home]:
    """Where these people live: the zone of their nights, and their public holidays."""
    rows = models.Person.objects.filter(id__in=people).values_list("id", "timezone", "holiday_region")
    return {p: Home(zone or "UTC", holidays.days(region)) for p, zone, region in rows}


def shifts_of(rows: Sequence[models.Schedule], since: datetime, until: datetime) -> list[Shift]:
    return [s for row in rows for s in shifts(schedule_from(row), since, until) if s.people]


def calls(people: set[str], since: datetime, until: datetime, who: Who = SYSTEM) -> dict[str, list[datetime]]:
    """When each of them was called. Found by time: by person, the database would read all of the past."""
    rows = models.Callout.objects.filter(
        kind="callout", drill=False, created_at__gte=since, created_at__lt=until
    ).exclude(incident_id__in=hidden_incidents(who).values("id"))
    found: dict[str, list[datetime]] = {}
    for person, at in rows.order_by("created_at").values_list("person_id", "created_at"):
        if person in people:
            found.setdefault(person, []).append(at)
    return found


def _nights(moments: Sequence[datetime], home: Home) -> list[datetime]:
    return [at for at in moments if is_night(at, home)]
