"""Each channel tried once a day, to a test contact of the operator's choice: does it still send, and for how long (L4).

A channel without a test contact is not probed, and Health says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings

from quarterdeck.channels import channels
from quarterdeck.core.kernel.moments import parse, text
from quarterdeck.core.kernel.text import line
from quarterdeck.store import models, tx
from quarterdeck.store.ids import new_id

from .. import due
from ..paging.directory import Directory
from . import alarms

KIND = "probe"
DOWN, EXPIRY = "channel-down", "expiry"
EVERY = timedelta(hours=24)
# A channel that is down is tried more often, so that its alarm goes away soon after it was mended.
EVERY_WHILE_DOWN = timedelta(minutes=15)
PATIENCE = timedelta(minutes=10)
WARN_DAYS = (1, 3, 14)
_UNTIL = re.compile(r"certificate valid until (\S+Z)")


def contacts() -> Mapping[str, str]:
    """Channel → address, as configured. Channels this installation does not have are left out."""
    wanted: Mapping[str, str] = settings.QUARTERDECK.probe
    return {kind: address for kind, address in wanted.items() if kind in channels()}


def arm(now: datetime) -> None:
    """Let the engine try what has not been tried for a day."""
    for kind in contacts():
        last = newest(kind)
        every = EVERY_WHILE_DOWN if last is not None and last.well is False else EVERY
        if last is not None and now - last.started_at < every:
            continue
        with tx.write("engine"):
            tx.lock("probes")
            again = newest(kind)
            if again is None or last is None or again.id == last.id:
                run = models.ProbeRun.objects.create(id=new_id(), kind=kind, started_at=now)
                due.arm(KIND, run.id, now, now)


def newest(kind: str) -> models.ProbeRun | None:
    """The last probe of a channel, under way or not."""
    return models.ProbeRun.objects.filter(kind=kind).order_by("-started_at").first()


def fire(ref: str, directory: Directory) -> None:
    """Its timer: one test message into the outbox (T1)."""
    now = directory.now
    run = models.ProbeRun.objects.filter(id=ref, ended_at=None).first()
    address = contacts().get(run.kind, "") if run is not None else ""
    if run is None or not address:
        return
    name = settings.QUARTERDECK.name
    models.Delivery.objects.create(
        id=new_id(), key=f"probe/{ref}", cls="message", channel=run.kind, address=address, next_at=now,
        body={
            "subject": f"Test of {channels()[run.kind].NAME} by {name}",
            "text": f"{name} sends this once a day, to know that it can. There is nothing to do.",
            "kind": "test", "urgency": "low", "thread": "probe",
        },
        not_after=run.started_at + PATIENCE, created_at=now,
    )  # fmt: skip


def collect(now: datetime) -> None:
    """What came of those under way: `channel-down` for one that failed, `expiry` for a certificate that soon ends."""
    known = contacts()
    open_ = models.ProbeRun.objects.filter(ended_at=None, kind__in=list(channels())).order_by("started_at")
    for run in open_[:20]:
        row = models.Delivery.objects.filter(key=f"probe/{run.id}").first()
        if row is not None and row.state == "sent":
            _sent(run, row, now)
        elif row is not None and row.state in ("failed", "cancelled"):
            _failed(run, row.error, now)
        elif now - run.started_at > PATIENCE + timedelta(minutes=1):
            _failed(run, row.error if row and row.error else "It was not sent within ten minutes.", now)
    stale = models.Alarm.objects.filter(kind__in=(DOWN, EXPIRY), cleared_at=None)
    for alarm in stale:
        if alarm.subject.partition(":")[0] not in known:
            with tx.write("web"):
                alarms.clear_alarm(alarm.kind, alarm.subject, now)


def _sent(run: models.ProbeRun, row: models.Delivery, now: datetime) -> None:
    accepted = models.Attempt.objects.filter(delivery_id=row.id, phase="ended", outcome="accepted").first()
    found = _UNTIL.search(accepted.detail) if accepted else None
    until = parse(found[1]) if found else None
    detail = {"certificate_until": text(until)} if until else {}
    late_ms = (row.finished_at - run.started_at).total_seconds() * 1000 if row.finished_at else None
    with tx.write("web"):
        models.ProbeRun.objects.filter(id=run.id).update(
            ended_at=now, well=True, late_ms=late_ms, text="The provider took it.", detail=detail
        )
        alarms.clear_alarm(DOWN, run.kind, now)
        _warn_of_expiry(run.kind, until, now)


def _failed(run: models.ProbeRun, why: str, now: datetime) -> None:
    name = channels()[run.kind].NAME if run.kind in channels() else run.kind
    with tx.write("web"):
        models.ProbeRun.objects.filter(id=run.id).update(ended_at=now, well=False, text=line(why, 300))
        alarms.raise_alarm(DOWN, run.kind, f"{name} does not work: the daily test failed. {why}", now)


def _warn_of_expiry(kind: str, until: datetime | None, now: datetime) -> None:
    """One alarm for each of 14, 3 and 1 days, so that each is told anew."""
    left = days_left(until, now)
    mark = next((d for d in WARN_DAYS if left is not None and left <= d), None)
    for days in WARN_DAYS:
        if days != mark:
            alarms.clear_alarm(EXPIRY, f"{kind}:{days}", now)
    if mark is not None and until is not None:
        name = channels()[kind].NAME
        text_ = f"The certificate of the server behind {name} ends on {until:%d %b %Y}. Renew it: then nothing is sent."
        alarms.raise_alarm(EXPIRY, f"{kind}:{mark}", text_, now)


def days_left(until: datetime | None, now: datetime) -> int | None:
    """Whole days; 0 for what ends today or has ended."""
    return None if until is None else max((until - now).days, 0)
