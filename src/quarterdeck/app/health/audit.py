"""The auditor's look: every invariant asked of the live store. What is broken is an alarm until it is mended.

It mends one thing only: an escalation that nobody watches any more is started again, once.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from quarterdeck.store import models, tx
from quarterdeck.store.reading import read_only

from .. import due
from ..alerts import snooze_rows
from ..paging import escalations, pause
from . import alarms
from .audit_questions import ATTEMPTS_AT_ONCE, QUESTIONS, Finding, Span, ask, journal, last_attempt

__all__ = ["KIND", "Finding", "Look", "look", "newest", "run"]

KIND = "audit"
# What happened once too often stays true; it is shown for as long as this.
SHOWN = timedelta(hours=1)
KEEP = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Look:
    """What one look found, and the milliseconds of each question."""

    found: list[Finding]
    ms: dict[str, float] = field(default_factory=dict)
    attempt_id: int = 0


@dataclass(slots=True)
class _Orphan:
    """An alert as the start of an escalation wants to know it."""

    id: str
    severity: str
    summary: str
    policy_id: str | None


def look(now: datetime) -> list[Finding]:
    """Ask every question, raise and clear alarms, and re-arm what nobody watches any more."""
    asked = ask_all(now)
    _settle(asked.found, now)
    return asked.found


def run(now: datetime, node: str, others: int = 0) -> models.AuditRun:
    """A look that is written down. `others` are findings of other kinds, which break no invariant."""
    began = time.perf_counter()
    asked = ask_all(now)
    _settle(asked.found, now)
    took = timedelta(seconds=time.perf_counter() - began)
    with tx.write("web"):
        models.AuditRun.objects.filter(started_at__lt=now - KEEP).delete()
        return models.AuditRun.objects.create(
            node=node[:100], started_at=now, ended_at=now + took, ms=round(sum(asked.ms.values()), 2),
            findings=len(asked.found) + others, broken=len(asked.found), attempt_id=asked.attempt_id,
            detail={name: round(ms, 2) for name, ms in asked.ms.items()},
        )  # fmt: skip


def newest() -> models.AuditRun | None:
    """The last look that came to its end."""
    return models.AuditRun.objects.order_by("-started_at").first()


def ask_all(now: datetime) -> Look:
    """Every question, on a connection that cannot write. Changes nothing."""
    found: list[Finding] = []
    ms: dict[str, float] = {}
    with read_only():
        last = last_attempt()
        before = newest()
        known = min(before.attempt_id if before else 0, last)
        span = Span(now, max(known, last - ATTEMPTS_AT_ONCE))
        held = pause.standing() is not None
        for question in QUESTIONS:
            if held and question.held:
                continue
            began = time.perf_counter()
            found += ask(question, span)
            ms[question.name] = (time.perf_counter() - began) * 1000
        began = time.perf_counter()
        found += journal(span)
        ms["journal"] = (time.perf_counter() - began) * 1000
    return Look(found, ms, last)


def _settle(found: Sequence[Finding], now: datetime) -> None:
    standing = {_subject(f) for f in found}
    over = [a for a in models.Alarm.objects.filter(kind=KIND, cleared_at=None) if _is_over(a, standing, now)]
    if not found and not over:
        return
    with tx.write("engine", "web"):
        for alarm in over:
            alarms.clear_alarm(KIND, alarm.subject, now)
        for f in found:
            known = models.Alarm.objects.filter(kind=KIND, subject=_subject(f)).exists()
            if alarms.raise_alarm(KIND, _subject(f), f.text, now) and not known:
                _mend(f, now)


def _subject(f: Finding) -> str:
    return f"{f.invariant}:{f.subject}"[:100]


def _is_over(alarm: models.Alarm, standing: set[str], now: datetime) -> bool:
    if alarm.subject.startswith("I4:"):
        return alarm.raised_at < now - SHOWN
    return alarm.subject not in standing


def _mend(f: Finding, now: datetime) -> None:
    """Once and only once: whoever is orphaned a second time needs a person, and the alarm says so.

    Looked at again under its lock: an answer may have come since the question.
    """
    if f.mend == "run":
        row = models.Run.objects.select_for_update().filter(id=f.subject, state="running").first()
        waiting = models.Due.objects.filter(kind=escalations.KIND, ref=f.subject, state="waiting")
        if row is not None and not waiting.exists():
            due.arm(escalations.KIND, row.id, now, now)
    elif f.mend == "snooze":
        asleep = models.Snooze.objects.select_for_update().filter(id=f.subject, ended_at=None).first()
        waiting = models.Due.objects.filter(kind=snooze_rows.KIND, ref=f.subject, state="waiting")
        if asleep is not None and not waiting.exists():
            due.arm(snooze_rows.KIND, asleep.id, max(asleep.until, now), now)
    elif f.mend == "alert":
        rows = models.Alert.objects.select_for_update(of=("self",)).select_related("service", "integration")
        alert = rows.filter(id=f.subject, status="open").first()
        live = models.Run.objects.filter(alert_id=f.subject, state__in=("running", "exhausted"))
        if alert is not None and not live.exists():
            service = alert.service
            policy = (service.policy_id if service else None) or alert.integration.policy_id
            escalations.start_runs([_Orphan(alert.id, alert.severity, alert.summary, policy)], now)
