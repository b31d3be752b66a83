"""What an hour on call and a callout are worth in this installation, and whose hours somebody may see.

Hours are payroll data: administrators see all, the lead of a team those in its schedules, everybody their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from quarterdeck.core.access import may
from quarterdeck.core.kernel.refused import forbidden
from quarterdeck.core.oncall.pay import PayRules, Worth, check_rules, rules_data, rules_of, worth
from quarterdeck.core.oncall.payroll import PayRow, payroll
from quarterdeck.core.oncall.wall import zone
from quarterdeck.store import log, models, tx

from ..act import Act, need
from . import fairness

OWN = "/on-call/mine/hours.csv"


@dataclass(frozen=True, slots=True)
class Paid:
    """One person on one local day: the hours, how often they were called, and what that is worth."""

    row: PayRow
    callouts: int
    worth: Worth


def rules() -> PayRules:
    """Those in force; the usual ones where nobody has said any."""
    row = models.PayRules.objects.filter(id=1).first()
    return rules_of(row.rules) if row else PayRules()


def set_rules(act: Act, wanted: PayRules) -> None:
    """From now on every table of hours is reckoned by these, earlier times too. Audited with before and after."""
    need(act, "settings.edit")
    check_rules(wanted)
    with tx.write("web"):
        tx.lock("pay rules")
        before = rules()
        if before == wanted:
            return
        models.PayRules.objects.update_or_create(
            id=1, defaults={"rules": rules_data(wanted), "changed_at": act.at}
        )
        told = {"before": rules_data(before), "after": rules_data(wanted)}
        log.audit("PayRulesSet", told, at=act.at, actor=act.person)


def schedules_seen(act: Act) -> set[str] | None:
    """The ids of the schedules whose hours this person may see of everybody; None for all."""
    if may(act.who, "payroll.read"):
        return None
    led = models.Membership.objects.filter(person_id=act.person, lead=True).values_list("team_id", flat=True)
    return set(models.Schedule.objects.filter(team_id__in=list(led)).values_list("id", flat=True))


def hours(
    act: Act, since: datetime, until: datetime, schedule: str = "", *, mine: bool = False
) -> list[Paid]:
    """A row for each person and local day with time on call; the hours are those of the schedules, exactly.

    `mine`: one's own alone. Else refused without the permission for all of the schedules asked for.
    """
    rows, people, homes = fairness.asked(since, until, schedule)
    if not mine:
        seen = schedules_seen(act)
        if seen is not None and (not rows or not {row.id for row in rows} <= seen):
            what = "of this schedule" if schedule else "of all schedules"
            text = (
                f"Everybody's hours {what} are for administrators, and for the lead of the team of a schedule. "
                f"Your own are at {OWN}."
            )
            raise forbidden("payroll.forbidden", text)
    found = fairness.shifts_of(rows, since, until)
    if mine:
        found = [s._replace(people=(act.person,)) for s in found if act.person in s.people]
        people = people & {act.person}
    in_force = rules()
    calls = _calls(people, homes, since, until)
    table = payroll(found, homes)
    table += _called_only(table, calls)
    return [
        Paid(row, calls[row.person, row.day], worth(row, in_force, calls[row.person, row.day]))
        for row in sorted(table, key=lambda r: (r.person, r.day))
    ]


def _calls(
    people: set[str], homes: fairness.Homes, since: datetime, until: datetime
) -> Counter[tuple[str, date]]:
    found: Counter[tuple[str, date]] = Counter()
    for person, moments in fairness.calls(people, since, until).items():
        tz = zone(homes[person].zone)
        found.update((person, at.astimezone(tz).date()) for at in moments)
    return found


def _called_only(table: Sequence[PayRow], calls: Counter[tuple[str, date]]) -> list[PayRow]:
    """Days on which somebody was called without being on call: paid all the same."""
    there = {(row.person, row.day) for row in table}
    return [PayRow(*key) for key in calls if key not in there]
