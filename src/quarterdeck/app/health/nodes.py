"""Which processes of this installation are alive, and how far behind its work is. Any of them may look (L2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from quarterdeck import __version__
from quarterdeck.core.kernel.moments import spoken
from quarterdeck.store import models, tx
from quarterdeck.store.journal_reader import JournalReader

from ..paging import pause
from . import alarms

KIND = "engine-late"
SILENT = timedelta(seconds=30)
# Only a process that was heard from this lately is trusted to serve what another cannot.
SERVES = timedelta(seconds=15)
LATE = timedelta(seconds=60)
# A node that came back with another name, or was taken away for good, is not missed for longer than this.
MISSED = timedelta(hours=1)
KEEP = timedelta(days=7)
# Processes of former days among which a machine finds its own.
LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Lateness:
    """How long the oldest timer, page and accepted body have been waiting beyond their time, in seconds."""

    timer_seconds: float = 0.0
    page_seconds: float = 0.0
    journal_seconds: float = 0.0

    @property
    def worst_seconds(self) -> float:
        return max(self.timer_seconds, self.page_seconds, self.journal_seconds)


def beat(name: str, kind: str, now: datetime, **detail: Any) -> None:
    """This process is alive at `now`."""
    said = {"kind": kind, "heartbeat_at": now, "version": __version__, "detail": detail}
    # One statement for all beats but the first: update_or_create would be a transaction of several.
    if not models.Node.objects.filter(name=name[:100]).update(**said):
        models.Node.objects.update_or_create(
            name=name[:100], defaults=said, create_defaults=said | {"started_at": now}
        )


def leave(name: str) -> None:
    """This process ends as it should: nobody is to miss it."""
    models.Node.objects.filter(name=name[:100]).delete()


def newest(kind: str) -> models.Node | None:
    return models.Node.objects.filter(kind=kind).order_by("-heartbeat_at").first()


def channels_of_others(kind: str, me: str, now: datetime) -> list[set[str]]:
    """For each other process of this kind that is alive, the channels that fail there (`failing` of its beat)."""
    rows = models.Node.objects.filter(kind=kind, heartbeat_at__gt=now - SERVES).exclude(name=me[:100])
    return [set(n.detail.get("failing", ())) for n in rows]


def come_to(kind: str, boot: str, counter_seconds: float) -> datetime | None:
    """How far the clocks of these processes have come, for one that starts: the heartbeat furthest ahead. One of this
    machine (`boot`, by its counter) has gone on since, however long nobody ran and however the wall was set.

    A beat says of which boot it is and what the counter said (`boot`, `counter_seconds`), where it can.
    """
    rows = list(models.Node.objects.filter(kind=kind).order_by("-heartbeat_at")[:LOOKED_AT])
    if not rows:
        return None
    furthest: datetime = rows[0].heartbeat_at
    here = [n for n in rows if boot and n.detail.get("boot") == boot]
    if not here:
        return furthest
    last = max(here, key=lambda n: float(n.detail["counter_seconds"]))
    passed = max(counter_seconds - float(last.detail["counter_seconds"]), 0.0)
    return max(furthest, last.heartbeat_at + timedelta(seconds=passed))


def lateness(now: datetime) -> Lateness:
    """The three ends of the pipe, each by the first row of an index."""
    timer = models.Due.objects.filter(state="waiting").order_by("due_at").values_list("due_at", flat=True)
    page = models.Delivery.objects.filter(state="queued", cls="page").order_by("next_at")
    reader = JournalReader()
    _, oldest = reader.lag()
    reader.close()
    return Lateness(
        _behind(timer.first(), now), _behind(page.values_list("next_at", flat=True).first(), now), _behind(oldest, now)
    )  # fmt: skip


def _behind(due: datetime | None, now: datetime) -> float:
    return 0.0 if due is None else max(0.0, (now - due).total_seconds())


def watch(now: datetime, me: str = "") -> None:
    """Raise `engine-late` for work more than 60 s late and for peers silent for more than 30 s; clear what is over.

    Leaderless: whoever is alive takes the work by itself, so that an alarm is all there is to do.
    """
    late = lateness(now)
    wanted = {f"node:{n.name}"[:100]: _silent_text(n, now) for n in silent_peers(now, me)}
    if late.worst_seconds > LATE.total_seconds() and pause.standing() is None:
        wanted["lateness"] = _late_text(late)
    standing = models.Alarm.objects.filter(kind=KIND, cleared_at=None).exclude(subject="synthetic")
    over = [s for s in standing.values_list("subject", flat=True) if s not in wanted]
    forgotten = models.Node.objects.filter(heartbeat_at__lt=now - KEEP)
    if not wanted and not over and not forgotten.exists():
        return
    with tx.write("web"):
        for subject in over:
            alarms.clear_alarm(KIND, subject, now)
        for subject, text in wanted.items():
            alarms.raise_alarm(KIND, subject, text, now)
        forgotten.delete()


def silent_peers(now: datetime, me: str = "") -> list[models.Node]:
    """Processes that should show life and do not. One started after another fell silent has taken its place."""
    rows = list(models.Node.objects.filter(heartbeat_at__gt=now - MISSED).order_by("heartbeat_at"))
    silent: list[models.Node] = []
    for kind in {n.kind for n in rows}:
        silent += _unreplaced([n for n in rows if n.kind == kind], now)
    return [n for n in silent if n.name != me]


def _unreplaced(rows: Sequence[models.Node], now: datetime) -> list[models.Node]:
    """Those silent ones, oldest first, that none started afterwards can be the successor of."""
    started = sorted(n.started_at for n in rows)
    left = []
    for node in (n for n in rows if n.heartbeat_at < now - SILENT):
        successor = next((at for at in started if at > node.heartbeat_at), None)
        if successor is None:
            left.append(node)
        else:
            started.remove(successor)
    return left


def _silent_text(node: models.Node, now: datetime) -> str:
    age = spoken(now - node.heartbeat_at)
    return f"The {node.kind} {node.name.partition('@')[2] or node.name} has shown no life for {age}."


def _late_text(late: Lateness) -> str:
    ends = (
        (late.timer_seconds, "a timer is overdue"),
        (late.page_seconds, "a page waits to be sent"),
        (late.journal_seconds, "an accepted alert waits to be worked on"),
    )
    seconds, what = max(ends)
    return f"Paging is late: {what} for {spoken(timedelta(seconds=round(seconds)))}."
