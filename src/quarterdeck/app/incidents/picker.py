"""Whom to give a role or a task: on call and skilled first, and who carries too much already is said (R-050)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from quarterdeck.core.access import GUEST, SYSTEM, Who
from quarterdeck.core.kernel.text import counted
from quarterdeck.store import models

from ..oncall import fatigue, roster
from ..visibility import hidden_incidents, visible_incidents

BUSY = 3
NIGHT_HOURS = (22, 7)
TIRED_PAGES = 3
_ONLOOKERS = ("executive", "observer", GUEST)


@dataclass(frozen=True, slots=True)
class Candidate:
    """`load` counts open tasks and acting roles in open incidents. `pages` came in the last 24 hours."""

    person: models.Person
    on_call: tuple[str, ...]
    skills: tuple[str, ...]
    load: int
    pages: int
    local: str
    is_night: bool
    strain: fatigue.Strain = field(default_factory=fatigue.Strain)
    lacks: tuple[str, ...] = ()

    @property
    def overloaded(self) -> bool:
        return self.load >= BUSY

    @property
    def tired(self) -> bool:
        return self.pages >= TIRED_PAGES or self.strain.level != ""

    @property
    def note(self) -> str:
        """What to know before choosing, in a few words."""
        words = [f"on call: {', '.join(self.on_call)}"] if self.on_call else []
        words += [", ".join(self.skills)] if self.skills else []
        words += [counted(self.load, "open task or role", "open tasks and roles")] if self.load else []
        words += ["overloaded"] if self.overloaded else []
        words += [f"paged {counted(self.pages, 'time')} in a day"] if self.pages >= TIRED_PAGES else []
        words += [self.strain.note] if self.strain.level else []
        words += [f"not certified: {', '.join(self.lacks)}"] if self.lacks else []
        words.append(f"{self.local} there" + (", night" if self.is_night else ""))
        return "; ".join(words)


def candidates(
    now: datetime,
    wanted: tuple[str, ...] = (),
    services: tuple[str, ...] = (),
    qualification: tuple[str, ...] = (),
    *,
    who: Who = SYSTEM,
) -> list[Candidate]:
    """Active responders, best first. `wanted` are skills or words of the work; `services` whose on-call counts most.
    `qualification` are certificates the work asks for: whoever lacks one is flagged and comes later (R-172). What
    somebody does in restricted incidents that do not exist for `who` counts for nothing.
    """
    names = {w.lower() for w in wanted} | {s.lower() for s in services}
    duty = _duty(now, services)
    load, pages = _load(who), _pages(now, who)
    found = []
    people = list(models.Person.objects.filter(is_active=True).exclude(role__in=_ONLOOKERS))
    strained = fatigue.strains(now, people, who)
    # Where nobody holds a certificate, the organisation keeps none, and nobody is short of one.
    kept = {s for p in people for s in p.skills}
    asked = [q for q in qualification if q in kept]
    for p in people:
        skills = tuple(s for s in p.skills if s.lower() in names or any(s.lower() in n for n in names))
        local, night = _local(p.timezone, now)
        lacks = tuple(q for q in asked if q not in p.skills)
        on_call = tuple(duty.get(p.id, ()))
        found.append(
            Candidate(p, on_call, skills, load[p.id], pages[p.id], local, night, strained[p.id], lacks)
        )
    found.sort(
        key=lambda c: (
            c.overloaded,
            bool(c.lacks),
            c.strain.level == "exhausted",
            -(2 * bool(c.on_call) + bool(c.skills)),
            c.load,
            c.is_night,
            c.person.name,
        )
    )
    return found


def _duty(now: datetime, services: tuple[str, ...]) -> dict[str, list[str]]:
    """Person to the schedules they hold now: those of the services if any are named, else all."""
    found: dict[str, list[str]] = {}
    duties = roster.duties_of(now, services) or roster.duties(now)
    for d in {x.schedule.id: x for x in duties}.values():
        for person in d.people:
            found.setdefault(person.id, []).append(d.schedule.name)
    return found


def _load(who: Who) -> Counter[str]:
    open_ids = list(visible_incidents(who).filter(is_open=True).values_list("id", flat=True))
    tasks = models.TaskRow.objects.filter(incident_id__in=open_ids, state__in=("given", "acknowledged"))
    roles = models.RoleAssignmentRow.objects.filter(incident_id__in=open_ids, ended_at=None)
    acting = roles.exclude(role__in=("observer", "shadow"))
    return Counter([*tasks.values_list("assignee", flat=True), *acting.values_list("person_id", flat=True)])


def _pages(now: datetime, who: Who) -> Counter[str]:
    since = now - timedelta(hours=24)
    rows = models.Callout.objects.filter(created_at__gt=since, kind="callout")
    rows = rows.exclude(incident_id__in=hidden_incidents(who).values("id"))
    return Counter(rows.values_list("person_id", flat=True))


def _local(zone: str, now: datetime) -> tuple[str, bool]:
    try:
        at = now.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        at = now
    return f"{at:%H:%M}", at.hour >= NIGHT_HOURS[0] or at.hour < NIGHT_HOURS[1]
