"""Self-tests of the running installation: when one is due, what came of it, and the alarm when none succeeds.

Never runs one: that is a process of its own (`boot.selftest_job`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings

from quarterdeck.core.kernel.moments import spoken
from quarterdeck.core.kernel.text import line
from quarterdeck.store import models, tx
from quarterdeck.store.ids import made_at, new_id

from ..upkeep import installation
from . import alarms
from .health_finding import Finding, fault, ok, warning

KIND = "selftest"
FAILED, MISSING = "failed", "missing"
# A store this young has other worries, and tests and demos never get so old.
YOUNG = timedelta(days=1)
MISSED = timedelta(days=15)
# One that was begun and of which nothing was heard (the machine was switched off) is over.
ABANDONED = timedelta(minutes=10)


def is_wanted() -> bool:
    """Whether this installation tests itself."""
    return bool(settings.QUARTERDECK.selftest.every_days) and not settings.QUARTERDECK_DEMO


def claim(now: datetime) -> str:
    """The id of a self-test that is due at this hour and that nobody else runs; "" otherwise.

    While an escalation is under way nothing is tested: the machine has more important things to do.
    """
    if not is_wanted() or now.astimezone(UTC).hour != settings.QUARTERDECK.selftest.hour or not _due(now):
        return ""
    if models.Run.objects.filter(state="running").exists():
        return ""
    with tx.write("web"):
        tx.lock("selftest")
        if not _due(now):
            return ""
        return models.ProbeRun.objects.create(id=new_id(), kind=KIND, started_at=now).id


def _due(now: datetime) -> bool:
    if now - _began() < YOUNG:
        return False
    last = newest()
    # Twelve hours less, so that it stays at its hour whenever within it the last one began.
    every = timedelta(days=settings.QUARTERDECK.selftest.every_days) - timedelta(hours=12)
    return last is None or now - last.started_at >= every


def _began() -> datetime:
    """When this installation was made."""
    return made_at(installation.row().installation_id)


def newest() -> models.ProbeRun | None:
    """The last one, under way or not."""
    return models.ProbeRun.objects.filter(kind=KIND).order_by("-started_at").first()


def ended(run_id: str, told: Mapping[str, Any], now: datetime) -> None:
    """What came of it, as `quarterdeck selftest --json` says it. `well` None: it could not be carried out."""
    well = told.get("well") is True
    wrong = [str(w) for w in told.get("wrong") or ["It said nothing."]] if not well else []
    seconds = float(told.get("seconds") or 0.0)
    with tx.write("web"):
        models.ProbeRun.objects.filter(id=run_id, ended_at=None).update(
            ended_at=now, well=well, late_ms=seconds * 1000, detail=dict(told),
            text=line(wrong[0] if wrong else "Every promise held.", 300),
        )  # fmt: skip
        if well:
            alarms.clear_alarm(KIND, FAILED, now)
            alarms.clear_alarm(KIND, MISSING, now)
        else:
            what = "could not be carried out" if told.get("well") is None else "found a promise broken"
            text = (
                f"The self-test {what}: {wrong[0]} Run quarterdeck selftest on the server to see all of it."
            )
            alarms.raise_alarm(KIND, FAILED, text, now)


def watch(now: datetime) -> None:
    """An alarm when none has succeeded for 15 days; one that was cut off counts as failed."""
    if not is_wanted():
        return
    for run in models.ProbeRun.objects.filter(kind=KIND, ended_at=None, started_at__lt=now - ABANDONED):
        ended(run.id, {"well": None, "wrong": ["It was cut off."]}, now)
    well = models.ProbeRun.objects.filter(kind=KIND, well=True).order_by("-started_at").first()
    since = well.started_at if well is not None else _began()
    if now - since <= max(MISSED, timedelta(days=2 * settings.QUARTERDECK.selftest.every_days + 1)):
        return
    with tx.write("web"):
        text = (
            f"No self-test has succeeded for {spoken(now - since)}. Run quarterdeck selftest on the server."
        )
        alarms.raise_alarm(KIND, MISSING, text, now)


def look(now: datetime) -> Iterator[Finding]:
    """For Health."""
    if not is_wanted():
        return
    last = models.ProbeRun.objects.filter(kind=KIND).exclude(ended_at=None).order_by("-started_at").first()
    if last is None:
        if now - _began() > MISSED:
            yield warning("self-test", "None was ever made.", "Run: quarterdeck selftest")
        else:
            hour = settings.QUARTERDECK.selftest.hour
            yield ok("self-test", f"The first is made at {hour}:00 UTC, once this installation is a day old.")
        return
    ago = spoken(now - last.started_at)
    if last.well:
        figures = last.detail.get("figures") or {}
        text = f"A shadow of this installation was broken {ago} ago; {figures.get('accepted', '?')} alerts, none lost."
        yield ok("self-test", text)
    else:
        yield fault("self-test", f"The one {ago} ago failed: {last.text}", "Run: quarterdeck selftest")
