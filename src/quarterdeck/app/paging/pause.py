"""The engine on hold: no timer fires and nothing is sent, while alerts still come in and are shown.

A store that was restored starts like this, so that a person sees what would go out before it does. Whoever pauses
and resumes is audited.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, QuerySet

from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.core.kernel.text import line
from quarterdeck.store import log, models, tx

from ..act import Act, need
from ..automation.queue import WAITING
from ..health import alarms
from ..visibility import unless_restricted
from . import backlog
from .escalations import KIND, end_runs


@dataclass(frozen=True, slots=True)
class Pause:
    """Since when, by whom (a person's id, or "operator"), and why."""

    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """What of one kind would happen at once: how much, the oldest, and how much of it is older than an hour."""

    kind: str
    count: int
    oldest: datetime
    stale: int


@dataclass(frozen=True, slots=True)
class Pending:
    """What resuming sets off: timers by kind, deliveries by class, and the people they go to with how many each."""

    timers: list[Waiting]
    deliveries: list[Waiting]
    people: list[tuple[str, int]]


def standing() -> Pause | None:
    """The pause that stands; None while the engine works."""
    found = (
        models.Installation.objects.filter(id=1)
        .values_list("paused_at", "paused_by", "paused_reason")
        .first()
    )
    return None if found is None or found[0] is None else Pause(*found)


def pause(act: Act, reason: str) -> Pause:
    """Hold the engine. What was handed to a provider already cannot be called back."""
    need(act, "settings.edit")
    why = line(reason, 300)
    if not why:
        raise bad(
            "engine.reason_missing", "Say why the engine is paused: everybody reads it.", reason="missing"
        )
    with tx.write("engine", "web"):
        found = models.Installation.objects.select_for_update().get(id=1)
        if found.paused_at is not None:
            raise Refused(
                "engine.paused", f"The engine is paused already: {found.paused_reason}", kind="conflict"
            )
        models.Installation.objects.filter(id=1).update(
            paused_at=act.at, paused_by=act.person, paused_reason=why
        )
        log.audit("EnginePaused", {"reason": why}, at=act.at, actor=act.person)
    return Pause(act.at, act.person, why)


def hold_restored(act: Act, told: str) -> None:
    """A store that was put back starts on hold, however it stood when copied. Inside the caller's transaction."""
    models.Installation.objects.filter(id=1).update(
        paused_at=act.at, paused_by=act.person, paused_reason=line(told, 300)
    )
    log.audit("EnginePaused", {"reason": line(told, 300)}, at=act.at, actor=act.person)


def resume(act: Act, cancel_older_than: timedelta | None = None) -> dict[str, int]:
    """Let the engine go on. What is older than `cancel_older_than` is dropped first, and said where it belongs;
    returns how many escalations, deliveries and runs of rules that were. Pages older than an hour become one summary a
    person.
    """
    need(act, "settings.edit")
    with tx.write("engine", "web"):
        found = models.Installation.objects.select_for_update().get(id=1)
        if found.paused_at is None:
            raise Refused("engine.not_paused", "The engine is not paused.", kind="conflict")
        dropped = {"escalations": 0, "deliveries": 0, "rules": 0}
        if cancel_older_than is not None:
            dropped = _drop(act.at - cancel_older_than, act.at)
        models.Installation.objects.filter(id=1).update(paused_at=None, paused_by="", paused_reason="")
        log.audit(
            "EngineResumed",
            {"paused_at": found.paused_at.isoformat(), "reason": found.paused_reason, **dropped},
            at=act.at,
            actor=act.person,
        )
        backlog.collapse_within(act.at)
    return dropped


def _drop(before: datetime, now: datetime) -> dict[str, int]:
    """Escalations and deliveries that were due before then end here, with the reason on each, and an alarm for each
    thing that nobody is called for any more. Timers of incidents stay: without them its clocks would stand still.
    """
    why = "The engine was resumed without what had waited since before the pause."
    due = models.Due.objects.filter(kind=KIND, state="waiting", due_at__lt=before)
    runs = list(models.Run.objects.filter(id__in=due.values("ref"), state="running"))
    models.AlertEntry.objects.bulk_create(
        models.AlertEntry(alert_id=r.alert_id, at=now, kind="not_paged", text=why) for r in runs if r.alert_id
    )
    end_runs([r.id for r in runs], now, "exhausted")
    for run in runs:
        what = unless_restricted(run.subject, run.incident_id)
        alarms.raise_alarm("exhausted", run.id, f"Nobody is called any more for “{what}”. {why}", now)
    old = models.Delivery.objects.filter(state__in=("queued", "sending"), next_at__lt=before)
    called = set(old.exclude(callout_id="").values_list("callout_id", flat=True))
    gone = old.update(state="cancelled", finished_at=now, lease_until=None, error=why)
    left = models.Delivery.objects.filter(callout_id__in=called, state__in=("queued", "sending", "sent"))
    models.Callout.objects.filter(id__in=called, state="waiting").exclude(
        id__in=left.values("callout_id")
    ).update(state="cancelled", note=why)
    ruled = models.AutomationRun.objects.filter(state__in=WAITING, due_at__lt=before)
    skipped = ruled.update(state="skipped", reason=why, ended_at=now)
    return {"escalations": len(runs), "deliveries": gone, "rules": skipped}


def pending(now: datetime) -> Pending:
    """What would happen at once if the engine went on now. Changes nothing."""
    due = models.Due.objects.filter(state="waiting", due_at__lte=now)
    out = models.Delivery.objects.filter(state__in=("queued", "sending"), next_at__lte=now)
    return Pending(
        [
            Waiting(kind, n, first, due.filter(kind=kind, due_at__lt=now - backlog.STALE).count())
            for kind, n, first in due.order_by()
            .values_list("kind")
            .annotate(n=Count("pk"), first=Min("due_at"))
        ]
        + _rules(now),
        [
            Waiting(cls, n, first, out.filter(cls=cls, next_at__lt=now - backlog.STALE).count())
            for cls, n, first in out.order_by()
            .values_list("cls")
            .annotate(n=Count("pk"), first=Min("next_at"))
        ],
        _people(out.filter(cls="page")),
    )


def _rules(now: datetime) -> list[Waiting]:
    """Rules that wait for their turn: they page and write as people do."""
    rows = models.AutomationRun.objects.filter(state__in=WAITING, due_at__lte=now)
    found = rows.aggregate(n=Count("pk"), first=Min("due_at"))
    stale = rows.filter(due_at__lt=now - backlog.STALE).count()
    return [Waiting("automation", found["n"], found["first"], stale)] if found["n"] else []


def _people(out: QuerySet[models.Delivery]) -> list[tuple[str, int]]:
    found = dict(out.exclude(person_id="").order_by().values_list("person_id").annotate(n=Count("pk")))
    names = dict(models.Person.objects.filter(id__in=found).values_list("id", "name"))
    return sorted(((names.get(i, i), n) for i, n in found.items()), key=lambda p: (-p[1], p[0]))
