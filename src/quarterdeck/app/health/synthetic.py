"""The synthetic page: a real body through the whole path each minute, and how long it took to come back (L4).

It goes journal → timer → outbox → loopback and leaves no alert, no callout and no person behind; nobody is paged.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from quarterdeck.channels.loopback import NAME_IN_OUTBOX
from quarterdeck.core.kernel.moments import spoken
from quarterdeck.store import models, tx
from quarterdeck.store.ids import new_id
from quarterdeck.store.journal_reader import JournalReader

from .. import due
from ..paging.directory import Directory
from ..people import keys
from ..people.keys import SYNTHETIC
from . import alarms
from .nodes import KIND as LATE_ALARM

KIND = SYNTHETIC
LATE = timedelta(seconds=60)
AGAIN = timedelta(seconds=1)
KEEP = timedelta(days=30)
# Rows of its way are of no use once it is back; a little while, for whoever looks into a failure.
TRACE = timedelta(minutes=10)


def ensure(now: datetime) -> None:
    """The integration it comes in by, with the key this installation has now. No list shows it."""
    digest = keys.digest(keys.own(KIND))
    if models.Integration.objects.filter(id=KIND, key_hash=digest).exists():
        return
    with tx.write():
        models.Integration.objects.update_or_create(
            id=KIND,
            defaults={"key_hash": digest},
            create_defaults={
                "name": "Synthetic page", "kind": "webhook", "key_hash": digest, "hint": "built in",
                "mapping": {"items": "alerts"}, "created_at": now,
            },
        )  # fmt: skip


def begin(now: datetime) -> str:
    """The id of a new one, written down before it leaves."""
    with tx.write():
        return models.ProbeRun.objects.create(id=new_id(), kind=KIND, started_at=now).id


def body(ref: str) -> bytes:
    """What is sent to our own intake address: a list of no alerts."""
    return json.dumps({"synthetic": ref, "alerts": []}).encode()


def accepted(ref: str, now: datetime) -> None:
    """Our own intake answered 2xx: from now on it is the engine's."""
    with tx.write("engine"):
        due.arm(KIND, ref, now, now)


def fire(ref: str, directory: Directory) -> None:
    """Its timer: once the engine has worked through the journal, a delivery like any other goes out (T1)."""
    now = directory.now
    run = models.ProbeRun.objects.filter(id=ref, ended_at=None).first()
    if run is None:
        return
    reader = JournalReader()
    waits = reader.waits_from(SYNTHETIC)
    reader.close()
    if waits:
        due.arm(KIND, ref, now + AGAIN, now)
        return
    models.Delivery.objects.create(
        id=_delivery(ref), key=f"synthetic/{ref}", cls="page", channel=NAME_IN_OUTBOX, address=NAME_IN_OUTBOX,
        body={"subject": "Synthetic page", "text": "", "kind": "test"}, next_at=now, not_after=run.started_at + LATE,
        created_at=now,
    )  # fmt: skip


def _delivery(ref: str) -> str:
    return f"syn-{ref}"


def collect(now: datetime) -> None:
    """What came back, and what should have: raises `engine-late` for one that is not back within a minute."""
    for run in models.ProbeRun.objects.filter(kind=KIND, ended_at=None).order_by("started_at")[:20]:
        row = models.Delivery.objects.filter(id=_delivery(run.id)).first()
        if row is not None and row.state == "sent" and row.finished_at is not None:
            took = max((row.finished_at - run.started_at).total_seconds(), 0.0)
            _end(run, now, True, f"Came back in {took:.1f} s.", took * 1000)
        elif now - run.started_at > LATE:
            _end(run, now, False, f"Not back after {spoken(LATE)}: {_where(run, row)}.")
    _tidy(now)


def failed(ref: str, why: str, now: datetime) -> None:
    """It could not even be sent."""
    run = models.ProbeRun.objects.filter(id=ref, ended_at=None).first()
    if run is not None:
        _end(run, now, False, why)


def _where(run: models.ProbeRun, row: models.Delivery | None) -> str:
    """How far it came."""
    if row is not None:
        return f"it is in the outbox, {row.state}"
    reader = JournalReader()
    waits = reader.waits_from(SYNTHETIC)
    reader.close()
    return "it waits in the journal" if waits else "its timer has not fired"


def _end(run: models.ProbeRun, now: datetime, well: bool, text: str, late_ms: float | None = None) -> None:
    with tx.write("web"):
        ended = models.ProbeRun.objects.filter(id=run.id, ended_at=None).update(
            ended_at=now, well=well, text=text[:300], late_ms=late_ms
        )
        if not ended:
            return
        if well:
            alarms.clear_alarm(LATE_ALARM, KIND, now)
        else:
            alarms.raise_alarm(
                LATE_ALARM, KIND, f"Paging does not work: the synthetic page failed. {text}", now
            )


def _tidy(now: datetime) -> None:
    """Take away what old ones left on their way."""
    old = models.ProbeRun.objects.filter(
        kind=KIND, started_at__gt=now - 6 * TRACE, ended_at__lt=now - TRACE, detail={}
    )
    refs = list(old.values_list("id", flat=True)[:50])
    if not refs:
        return
    ids = [_delivery(r) for r in refs]
    with tx.write():
        models.Attempt.objects.filter(delivery_id__in=ids).delete()
        models.Delivery.objects.filter(id__in=ids).delete()
        models.Due.objects.filter(kind=KIND, ref__in=refs).delete()
        models.ProbeRun.objects.filter(id__in=refs).update(detail={"tidy": True})
        models.ProbeRun.objects.filter(started_at__lt=now - KEEP).exclude(kind="selftest").delete()


def last_well() -> models.ProbeRun | None:
    """The last one that came back in time."""
    return models.ProbeRun.objects.filter(kind=KIND, well=True).order_by("-started_at").first()


def newest() -> models.ProbeRun | None:
    """The last one that came to an end, well or not."""
    return models.ProbeRun.objects.filter(kind=KIND).exclude(ended_at=None).order_by("-started_at").first()
