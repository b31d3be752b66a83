"""Plans by which drills come round: who, what, on which weekday, how often; and the drills made of them (R-189, R-198).

A durable timer makes the next drill some days ahead. What was missed while nothing ran makes one drill, not many.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet

from quarterdeck.core.access import GUEST, Who, may
from quarterdeck.core.drills import cadence
from quarterdeck.core.drills.scenario import Scenario
from quarterdeck.core.escalation.policy import Target
from quarterdeck.core.kernel.refused import Refused, bad, forbidden, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.core.oncall.wall import check_zone, wall, zone
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from .. import due
from ..act import Act, engine_act, need
from ..health import alarms
from ..paging.directory import Directory, must_be_active
from . import drill_scenarios, drills

KIND = "drill_plan"
ALARM = "drill_plan"
ACTIVE, PAUSED, OVER = "active", "paused", "ended"
MOST_WEEKS = 52
TITLE_LIMIT = 120
FIELDS = (
    "title", "team", "schedule", "scenario", "kind", "weekday", "at", "zone", "every_weeks", "since", "facilitator",
    "participants", "announced",
)  # fmt: skip
_WHEN = frozenset({"weekday", "at", "zone", "every_weeks", "since"})


def plans(who: Who) -> QuerySet[models.DrillPlan]:
    """Every plan `who` may know of: one of surprises is known to those who run it. Unordered."""
    if GUEST in who.roles:
        return models.DrillPlan.objects.none()
    mine = Q(facilitator=who.person) | Q(created_by=who.person)
    return models.DrillPlan.objects.filter(
        Q() if may(who, "drill.steer") else mine | Q(announced=True)
    ).exclude(state=OVER)


def find(plan_id: str, who: Who) -> models.DrillPlan:
    found = plans(who).filter(id=plan_id).first()
    if found is None:
        raise missing("drill_plan.unknown", "There is no such plan. Look it up in the list of drills.")
    return found


def may_change(row: models.DrillPlan, who: Who) -> bool:
    """Whoever may change a plan also knows which scenario it plays."""
    return who.person in (row.facilitator, row.created_by) or may(who, "drill.steer")


def create(act: Act, **said: object) -> models.DrillPlan:
    """`said` as `FIELDS`; the first drill is made when its notice begins. Refused naming each field that cannot be."""
    need(act, "drill.plan")
    with tx.write("engine", "web"):
        row = models.DrillPlan(
            id=new_id(), facilitator=act.person, zone="UTC", created_by=act.person, created_at=act.at,
            since=act.at.date().isoformat(), weekday=0, kind="tabletop", at="10:00",
        )  # fmt: skip
        _take(row, said, act)
        row.save(force_insert=True)
        _arm(row, act.at)
        _audit(act, "DrillPlanMade", row, {"kind": row.kind})
    return row


def change(act: Act, plan_id: str, **said: object) -> models.DrillPlan:
    """What is left out stays. Drills that are made already stay as they are."""
    with tx.write("engine", "web"):
        row = _mine(act, plan_id)
        before = {n: getattr(row, n) for n in FIELDS}
        _take(row, said, act)
        changed = [n for n in FIELDS if getattr(row, n) != before[n]]
        if _WHEN.intersection(changed):
            _from_now(row, act.at)
        row.changed_at = act.at
        row.save()
        _arm(row, act.at)
        if changed:
            alarms.clear_alarm(ALARM, row.id, act.at)
            _audit(act, "DrillPlanChanged", row, {"fields": ", ".join(changed)})
    return row


def move(act: Act, plan_id: str, state: str, reason: str = "") -> models.DrillPlan:
    """`paused` (with a reason), `active` again, or `ended` for good."""
    if state not in (ACTIVE, PAUSED, OVER):
        message = f"Choose one of: {ACTIVE}, {PAUSED}, {OVER}."
        raise bad("state.unknown", message, state=message)
    why = line(reason, 300)
    if state != ACTIVE and not why:
        message = "Say why in one line; it is kept."
        raise bad("reason.missing", message, reason=message)
    with tx.write("engine", "web"):
        row = _mine(act, plan_id)
        if row.state == state:
            return row
        row.state, row.reason, row.changed_at = state, why, act.at
        if state == ACTIVE:
            _from_now(row, act.at)
        row.save(update_fields=["state", "reason", "changed_at", "made_for"])
        _arm(row, act.at)
        alarms.clear_alarm(ALARM, row.id, act.at)
        _audit(act, "DrillPlanMoved", row, {"state": state, "reason": why})
    return row


def people_of(row: models.DrillPlan, facilitator: str, now: datetime) -> list[str]:
    """Who takes part: those named, the team's members, whoever is on call in the schedule; without the facilitator."""
    directory = Directory(now)
    targets = []
    if row.team and (team := models.Team.objects.filter(key=row.team).first()):
        targets.append(Target("team", team.id))
    if row.schedule and (found := models.Schedule.objects.filter(key=row.schedule).first()):
        targets.append(Target("schedule", found.id))
    called = [p for t in targets for p in directory.on_call(t).people]
    active = models.Person.objects.filter(id__in=row.participants, is_active=True).values_list(
        "id", flat=True
    )
    known = set(active)
    named = [p for p in row.participants if p in known]
    return [p for p in dict.fromkeys([*named, *called]) if p != facilitator][: drills.MOST_PEOPLE]


def cadence_of(row: models.DrillPlan) -> cadence.Cadence:
    return cadence.Cadence(
        row.weekday, time.fromisoformat(row.at), row.zone, row.every_weeks, date.fromisoformat(row.since)
    )


def upcoming(row: models.DrillPlan, now: datetime) -> datetime | None:
    """The next run that no drill was made for; None while the plan does not run."""
    if row.state != ACTIVE:
        return None
    return cadence.first_after(cadence_of(row), max(row.made_for or now, now))


def fire(plan_id: str, directory: Directory) -> None:
    """Its timer: makes the drill whose notice has begun, and waits for the next (T1)."""
    row = models.DrillPlan.objects.select_for_update().filter(id=plan_id).first()
    if row is None or row.state != ACTIVE:
        return
    now = directory.now
    at = cadence.to_make(cadence_of(row), row.made_for or row.created_at, now)
    if at is not None:
        _make(row, at, now)
    row.save(update_fields=["made_for"])
    _arm(row, now)


def _make(row: models.DrillPlan, at: datetime, now: datetime) -> None:
    """One drill of the plan, and an alarm where it cannot be made: nobody is there to read a refusal."""
    row.made_for = at
    scenario = _next(row)
    person = models.Person.objects.filter(id=row.facilitator, is_active=True).first()
    fit = person is not None and may(Who(person.id, frozenset({person.role})), "drill.plan")
    if scenario is None or not fit:
        what = "its facilitator has left or may not run drills" if scenario else "there is no scenario for it"
        # Everybody reads alarms, and those in a surprise are not to know of it.
        which = f"the plan {row.title!r}" if row.announced else "a plan"
        text = f"No drill was made of {which}: {what}. Change the plan under Drills."
        alarms.raise_alarm(ALARM, row.id, text, now)
        return
    alarms.clear_alarm(ALARM, row.id, now)
    drills.make(
        engine_act(now), scenario, kind=row.kind, at=at, facilitator=row.facilitator,
        participants=people_of(row, row.facilitator, now), title=row.title,
        announced=row.announced, plan=row,
    )  # fmt: skip


def _next(row: models.DrillPlan) -> Scenario | None:
    """The scenario of the plan, or the one of its kind that was not played for longest."""
    library = {s.key: s for s in drill_scenarios.library()}
    if row.scenario:
        return library.get(row.scenario)
    fit = [k for k, s in library.items() if row.kind in s.kinds]
    before = (
        models.Drill.objects.filter(plan_id=row.id).exclude(state=drills.CANCELLED).order_by("-planned_for")
    )
    played = list(before.values_list("scenario", flat=True)[:200])
    return library.get(cadence.next_scenario(fit, played))


def _from_now(row: models.DrillPlan, now: datetime) -> None:
    """What would have been before now, by other days or while it was paused, was never missed."""
    row.made_for = max(row.made_for or now, now)


def _arm(row: models.DrillPlan, now: datetime) -> None:
    row.next_at = upcoming(row, now)
    models.DrillPlan.objects.filter(id=row.id).update(next_at=row.next_at)
    if row.state != ACTIVE:
        due.disarm(KIND, [row.id], now)
        return
    at = cadence.wake_at(cadence_of(row), row.made_for, now)
    due.rearm(KIND, row.id, max(at, now + timedelta(seconds=1)), now)


def _take(row: models.DrillPlan, said: dict[str, object], act: Act) -> None:
    for name, value in said.items():
        if name in FIELDS and value is not None:
            setattr(row, name, value)
    row.title = line(row.title, TITLE_LIMIT)
    wrong = _wrong_with(row, said)
    if wrong:
        field, message = next(iter(wrong.items()))
        raise bad(f"drill_plan.{field}", message, **wrong)
    row.participants = list(dict.fromkeys(row.participants))
    for person in row.participants if "participants" in said else ():
        must_be_active(person, "participants")
    drills.can_facilitate(row.facilitator)
    if "since" not in said and not row.changed_at:
        row.since = wall(act.at, zone(row.zone)).date().isoformat()
    row.changed_at = act.at


def _wrong_with(row: models.DrillPlan, said: dict[str, object]) -> dict[str, str]:
    """Each field that cannot be used, with what to do."""
    wrong = {}
    if not row.title:
        wrong["title"] = "Give the plan a name, such as Weekly drill of the platform team."
    if not isinstance(row.weekday, int) or not 0 <= row.weekday <= 6:
        wrong["weekday"] = "Choose a day of the week."
    if not isinstance(row.every_weeks, int) or not 1 <= row.every_weeks <= MOST_WEEKS:
        wrong["every_weeks"] = f"Give 1 to {MOST_WEEKS} weeks."
    wrong |= _wrong_times(row)
    if row.kind not in drills.KINDS:
        wrong["kind"] = f"Choose one of: {', '.join(drills.KINDS)}."
    if said.get("scenario") and row.scenario not in {s.key for s in drill_scenarios.library()}:
        wrong["scenario"] = "Choose a scenario of the library, or leave it to the rotation."
    if said.get("team") and not models.Team.objects.filter(key=row.team).exists():
        wrong["team"] = "There is no such team. Choose one from the list."
    if said.get("schedule") and not models.Schedule.objects.filter(key=row.schedule).exists():
        wrong["schedule"] = "There is no such schedule. Choose one from the list."
    if not (row.team or row.schedule or row.participants):
        wrong["participants"] = "Say who takes part: a team, a schedule or people."
    return wrong


def _wrong_times(row: models.DrillPlan) -> dict[str, str]:
    wrong = {}
    try:
        row.at = f"{time.fromisoformat(row.at):%H:%M}"
    except (ValueError, TypeError):
        wrong["at"] = "Give a time such as 10:00."
    try:
        found = date.fromisoformat(row.since)
        if not 2000 <= found.year <= 2200:
            wrong["since"] = "Give a date of this century."
    except (ValueError, TypeError):
        wrong["since"] = "Give a date such as 2026-12-01."
    try:
        check_zone(row.zone)
    except Refused as refused:
        wrong["zone"] = refused.message
    return wrong


def _mine(act: Act, plan_id: str) -> models.DrillPlan:
    row = find(plan_id, act.who)
    row = models.DrillPlan.objects.select_for_update().get(id=row.id)
    if not may_change(row, act.who):
        raise forbidden("drill_plan.facilitator", "Only its facilitator changes a plan. Ask them.")
    return row


def _audit(act: Act, event: str, row: models.DrillPlan, told: dict[str, str]) -> None:
    title = row.title if row.announced else ""
    log.audit(event, {"plan": row.id, "title": title} | told, at=act.at, actor=act.person)
