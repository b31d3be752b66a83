"""Quiet hours of people: kept, taken away, and read for many at once. Until when a page waits is the core's to say."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from quarterdeck.core.escalation.quiet import USUAL_THROUGH, Quiet, quiet_hours
from quarterdeck.core.kernel.text import line
from quarterdeck.core.oncall.wall import check_zone
from quarterdeck.store import log, models, tx

from ..act import Act, need_own
from ..people.people import find


def put(
    act: Act,
    person_id: str,
    starts: str,
    ends: str,
    days: Iterable[int],
    *,
    zone: str = "",
    through: Iterable[str] = USUAL_THROUGH,
) -> Quiet:
    """Pages of low urgency to this person wait in these hours from now on. `zone` "" is the person's own."""
    need_own(act, person_id)
    zone = line(zone, 60)
    if zone:
        check_zone(zone)
    wanted = quiet_hours(zone, starts, ends, days, through)
    kept = {
        "zone": zone, "starts": f"{wanted.starts:%H:%M}", "ends": f"{wanted.ends:%H:%M}",
        "days": sorted(wanted.days), "through": sorted(wanted.through),
    }  # fmt: skip
    with tx.write("engine", "web"):
        person = find(person_id, lock=True)
        models.QuietHours.objects.update_or_create(person=person, defaults=kept)
        log.audit("QuietHoursSet", {"person": person.id, "after": kept}, at=act.at, actor=act.person)
    return hours([person_id])[person_id]


def clear(act: Act, person_id: str) -> None:
    """Every page rings at once again. What waits already goes out at its time."""
    need_own(act, person_id)
    with tx.write("engine", "web"):
        gone, _ = models.QuietHours.objects.filter(person=find(person_id, lock=True)).delete()
        if gone:
            log.audit("QuietHoursCleared", {"person": person_id}, at=act.at, actor=act.person)


def hours(people: Collection[str]) -> dict[str, Quiet]:
    """The quiet hours of those of these people who have some."""
    rows = models.QuietHours.objects.select_related("person").filter(person_id__in=people)
    return {
        r.person_id: quiet_hours(r.zone or r.person.timezone, r.starts, r.ends, r.days, r.through)
        for r in rows
    }
