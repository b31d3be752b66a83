"""Reports that go out by themselves: a pack, who gets it, when. Each period is sent once, late if it must be (R-234).

A timer stands for the next one; taking it, noting the period as sent and putting the mails into the outbox is one
transaction, so that neither a crash nor a second engine sends a period again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.conf import settings

from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.core.metrics.periods import Period, before, last_complete, next_due
from quarterdeck.core.oncall.wall import check_zone
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from .. import due
from ..act import Act, engine_act, need
from ..oncall.duty_notes import tell
from ..paging.directory import Directory
from ..response import switch_calls
from . import packs

KIND = "report"
EDIT, READ = "settings.edit", "insight.read"
TITLE_LIMIT = 120
MOST_READERS, MOST_PLANS = 200, 100
# After a long absence so many reports come late, the newest; those before are on their pages.
MOST_LATE = 6
# The mail that is due next, read before the transaction that sends it.
_ready: dict[str, tuple[str, str]] = {}


def plans() -> list[models.ReportPlan]:
    """Those that go on."""
    return list(models.ReportPlan.objects.filter(stopped_at=None).order_by("created_at", "id"))


def find(plan_id: str) -> models.ReportPlan:
    found = models.ReportPlan.objects.filter(id=plan_id, stopped_at=None).first()
    if found is None:
        raise missing("report.unknown", "There is no such report. Look it up in the list of reports.")
    return found


def readers(plan_ids: Iterable[str]) -> dict[str, list[str]]:
    """Plan -> the people who get it, the first added first."""
    found: dict[str, list[str]] = {}
    rows = models.ReportReader.objects.filter(plan_id__in=list(plan_ids), left_at=None).order_by(
        "added_at", "id"
    )
    for plan, person in rows.values_list("plan_id", "person_id"):
        found.setdefault(plan, []).append(person)
    return found


def make(
    act: Act, *, pack: str, zone: str, hour: int, people: Collection[str], title: str = ""
) -> models.ReportPlan:
    """The first one goes out at the end of the period that runs now."""
    need(act, EDIT)
    packs.pack(pack)
    _timed(zone, hour)
    with tx.write("engine", "web"):
        tx.lock("report plans")
        if models.ReportPlan.objects.filter(stopped_at=None).count() >= MOST_PLANS:
            raise Refused(
                "report.many", f"There are {MOST_PLANS} reports already. Stop one, or add readers to it."
            )
        row = models.ReportPlan.objects.create(
            id=new_id(), pack=pack, title=line(title, TITLE_LIMIT) or packs.pack(pack).title, timezone=zone, hour=hour,
            next_at=next_due(packs.pack(pack).every, act.at, zone, hour), created_by=act.person, created_at=act.at,
            changed_at=act.at,
        )  # fmt: skip
        _write_readers(act, row.id, people)
        due.rearm(KIND, row.id, row.next_at, act.at)
        _audit(act, "ReportPlanMade", row, {"people": sorted(people)})
    return row


def change(
    act: Act, plan_id: str, *, title: str | None = None, zone: str | None = None, hour: int | None = None,
    people: Collection[str] | None = None,
) -> models.ReportPlan:  # fmt: skip
    """None leaves a value as it is. What is due already still goes out."""
    need(act, EDIT)
    with tx.write("engine", "web"):
        row = _locked(plan_id)
        row.title = row.title if title is None else (line(title, TITLE_LIMIT) or row.title)
        row.timezone, row.hour = zone or row.timezone, row.hour if hour is None else hour
        _timed(row.timezone, row.hour)
        if (zone or hour is not None) and row.next_at > act.at:
            row.next_at = next_due(packs.pack(row.pack).every, act.at, row.timezone, row.hour)
        row.changed_at = act.at
        if models.Person.objects.filter(id=row.created_by, is_active=False).exists():
            row.created_by = act.person  # whoever keeps it now
        row.save()
        if people is not None:
            _write_readers(act, row.id, people)
        due.rearm(KIND, row.id, row.next_at, act.at)
        _audit(act, "ReportPlanChanged", row, {"people": sorted(readers([row.id]).get(row.id, []))})
    return row


def stop(act: Act, plan_id: str) -> None:
    """Nothing is sent any more."""
    need(act, EDIT)
    with tx.write("engine", "web"):
        row = _locked(plan_id)
        row.stopped_at = row.changed_at = act.at
        row.save()
        due.disarm(KIND, [row.id], act.at)
        _audit(act, "ReportPlanStopped", row, {})


def subscribe(act: Act, plan_id: str) -> None:
    """For oneself; whoever left by themselves comes back this way."""
    need(act, READ)
    with tx.write("web"):
        row = _locked(plan_id)
        models.ReportReader.objects.update_or_create(
            id=f"{row.id}/{act.person}",
            defaults={"plan_id": row.id, "person_id": act.person, "added_by": act.person, "added_at": act.at,
                      "left_at": None},
        )  # fmt: skip
        _audit(act, "ReportSubscribed", row, {"person": act.person})


def unsubscribe(act: Act, plan_id: str) -> None:
    """For oneself. Nobody can be added again by others after that."""
    with tx.write("web"):
        row = _locked(plan_id)
        gone = models.ReportReader.objects.filter(plan_id=row.id, person_id=act.person, left_at=None)
        if gone.update(left_at=act.at):
            _audit(act, "ReportUnsubscribed", row, {"person": act.person})


def preview(row: models.ReportPlan, now: datetime) -> tuple[str, str]:
    """Subject and text of the mail about the last period that is over, as it would go out now."""
    return _mail(row, last_complete(packs.pack(row.pack).every, now, row.timezone), now)


def prepare(plan_id: str, directory: Directory) -> None:
    """Read what `fire` sends next, in no transaction: nobody who writes waits for the figures."""
    row = models.ReportPlan.objects.filter(id=plan_id, stopped_at=None).first()
    _ready.clear()
    if row is None or row.next_at > directory.now or switch_calls.holding(row.switch):
        return
    _catch_up(row, directory.now)
    period = last_complete(packs.pack(row.pack).every, row.next_at, row.timezone)
    _ready[_mark(row, period)] = _mail(row, period, directory.now)


def _mark(row: models.ReportPlan, period: Period) -> str:
    return f"{row.id}/{row.pack}/{period.name}/{row.timezone}/{row.title}"


def _catch_up(row: models.ReportPlan, now: datetime) -> None:
    every, waiting = packs.pack(row.pack).every, [row.next_at]
    while (following := next_due(every, waiting[-1], row.timezone, row.hour)) <= now:
        waiting.append(following)
    row.next_at = waiting[-MOST_LATE:][0]


def fire(plan_id: str, directory: Directory) -> None:
    """Its timer. After a long absence the last periods that were missed are sent, one transaction each."""
    row = models.ReportPlan.objects.select_for_update().filter(id=plan_id, stopped_at=None).first()
    if row is None:
        return
    now = directory.now
    if row.next_at <= now and _held(row, now):
        return
    if row.next_at <= now:
        _catch_up(row, now)
        every = packs.pack(row.pack).every
        _send(row, last_complete(every, row.next_at, row.timezone), now)
        row.next_at = next_due(every, row.next_at, row.timezone, row.hour)
        row.save(update_fields=["next_at"])
    due.rearm(KIND, row.id, max(row.next_at, now), now)


def _held(row: models.ReportPlan, now: datetime) -> bool:
    """Whether it waits for a switch that stands still; it is looked at again, and at once when that resumes."""
    waits = bool(switch_calls.holding(row.switch))
    if waits != (row.held_at is not None):
        row.held_at = now if waits else None
        row.save(update_fields=["held_at"])
        _audit(engine_act(now), "ReportHeld" if waits else "ReportReleased", row, {"switch": row.switch})
    if waits:
        due.rearm(KIND, row.id, now + switch_calls.LOOK_AGAIN, now)
    return waits


def hold_by(act: Act, plan_id: str, switch: str) -> models.ReportPlan:
    """Name the switch of a structure while whose halt this report is not sent; "" for none (R-104)."""
    need(act, EDIT)
    if switch and switch not in switch_calls.choices():
        message = "No response structure has this switch. Choose one of the list."
        raise bad("switch.unknown", message, switch=message)
    with tx.write("engine", "web"):
        row = _locked(plan_id)
        row.switch, row.changed_at = switch, act.at
        row.save()
        due.rearm(KIND, row.id, max(row.next_at, act.at), act.at)
        _audit(act, "ReportHeldBy", row, {"switch": switch})
    return row


def _send(row: models.ReportPlan, period: Period, now: datetime) -> None:
    key = f"{row.id}/{period.name}"
    if models.ReportSent.objects.filter(id=key).exists():
        return
    people = readers([row.id]).get(row.id, [])
    told = 0
    if people:
        subject, text = _ready.pop(_mark(row, period), None) or _mail(row, period, now)
        told = tell(people, subject, text, pack_path(row, period), now, key=f"report/{key}")
    models.ReportSent.objects.create(
        id=key, plan_id=row.id, period=period.name, due_at=row.next_at, sent_at=now, people=told
    )


def _mail(row: models.ReportPlan, period: Period, now: datetime) -> tuple[str, str]:
    text = packs.plain(packs.contents(row.pack, period, row.timezone, now))
    leave = f"{settings.QUARTERDECK_PUBLIC_URL}/insights/reports/{row.id}"
    return (
        f"{row.title}: {period.name}",
        f"{text}\n\nYou get this report because you are one of its readers. To stop it: {leave}",
    )


def pack_path(row: models.ReportPlan, period: Period) -> str:
    """The page with the same figures."""
    return f"/insights/packs/{row.pack}?period={period.name}&zone={row.timezone}"


def latest(row: models.ReportPlan, now: datetime) -> Period:
    return last_complete(packs.pack(row.pack).every, now, row.timezone)


def periods(pack: str, now: datetime, zone: str, count: int) -> list[Period]:
    """The last periods that are over, the newest first."""
    found = [last_complete(packs.pack(pack).every, now, zone)]
    while len(found) < count:
        found.append(before(found[-1]))
    return found


def _write_readers(act: Act, plan_id: str, people: Collection[str]) -> None:
    wanted = set(people)
    if len(wanted) > MOST_READERS:
        message = (
            f"A report goes to {MOST_READERS} people at most. Send a larger circle the link to the page."
        )
        raise bad("people.many", message, people=message)
    able = models.Person.objects.filter(id__in=wanted, is_active=True).exclude(role="guest")
    if set(able.values_list("id", flat=True)) != wanted:
        message = "One of them is not an active person here. Choose from the list."
        raise bad("people.unknown", message, people=message)
    known = {r.person_id: r for r in models.ReportReader.objects.filter(plan_id=plan_id)}
    left = [p for p in wanted if p in known and known[p].left_at is not None and p != act.person]
    if left:
        name = Directory(act.at).name(left[0])
        raise Refused(
            "people.left", f"{name} stopped this report for themselves. Only they can take it up again."
        )
    models.ReportReader.objects.filter(plan_id=plan_id, left_at=None).exclude(person_id__in=wanted).delete()
    models.ReportReader.objects.bulk_create([
        models.ReportReader(id=f"{plan_id}/{p}", plan_id=plan_id, person_id=p, added_by=act.person, added_at=act.at)
        for p in sorted(wanted - set(known))
    ])  # fmt: skip


def _timed(zone: str, hour: int) -> None:
    check_zone(zone)
    if not 0 <= hour <= 23:
        message = "Give an hour from 0 to 23."
        raise bad("hour.number", message, hour=message)


def _locked(plan_id: str) -> models.ReportPlan:
    return models.ReportPlan.objects.select_for_update().get(id=find(plan_id).id)


def _audit(act: Act, event: str, row: models.ReportPlan, told: dict[str, object]) -> None:
    said = {"report": row.id, "pack": row.pack, "title": row.title, "zone": row.timezone, "hour": row.hour}
    log.audit(event, said | told, at=act.at, actor=act.person)
