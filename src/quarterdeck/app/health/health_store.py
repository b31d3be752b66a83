"""Whether what is stored would survive: pause, age of the last backup, which copy this is. Reads only.

Beside `health`, which asks the processes and the machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings

from quarterdeck.core.kernel.moments import spoken
from quarterdeck.core.kernel.text import counted
from quarterdeck.store import fence, models

from ..paging import pause
from ..paging.directory import Directory
from ..upkeep import installation, standby
from .health_finding import Finding, fault, ok, warning

# A store this young has no backup yet, and that is no fault.
YOUNG = timedelta(hours=1)


def look(now: datetime) -> list[Finding]:
    """The checks, in the order to read them."""
    found = installation.row()
    return [*_pause(now), *_copy(found), *_standby(found, now), *_backup(found, now)]


def _pause(now: datetime) -> Iterator[Finding]:
    held = pause.standing()
    if held is None:
        return
    who = "somebody on the server" if held.by == "operator" else Directory(now).name(held.by)
    yield fault(
        "engine: pause",
        f"The engine is paused for {spoken(now - held.at)}, by {who}: {held.reason}. Nobody is paged.",
        "Look at what waits (quarterdeck engine show), then: quarterdeck engine resume",
    )


def _copy(found: models.Installation) -> Iterator[Finding]:
    if found.moved_to:
        yield fault(
            "copy",
            f"This store was moved to {found.moved_to} and takes no more changes.",
            "Start Quarterdeck with that store.",
        )
    elif found.cluster_epoch < fence.seen(found.installation_id):
        yield fault(
            "copy",
            f"This is an old copy of the store (epoch {found.cluster_epoch}). Nobody is paged from it.",
            "Connect to the present one, or: quarterdeck engine epoch raise",
        )


def _standby(found: models.Installation, now: datetime) -> Iterator[Finding]:
    state, mode = standby.standing(), settings.QUARTERDECK.store.synchronous
    if state is None or (mode == "off" and not state.named):
        return
    if state.safe:
        yield ok(
            "standby",
            f"{counted(state.in_step, 'synchronous standby is', 'synchronous standbys are')} in step.",
        )
    elif mode == "required":
        yield fault("standby", f"{state.why} No alert is accepted.", "Bring a standby back, or name one.")
    elif mode == "degrade":
        since = f" for {spoken(now - found.degraded_at)}" if found.degraded_at else ""
        text = f"{state.why} What is accepted is on one machine alone{since}."
        yield fault("standby", text, "Bring a standby back.")
    else:
        yield fault("standby", f"{state.why} Commits wait for one.", "Bring a standby back.")


def _backup(found: models.Installation, now: datetime) -> Iterator[Finding]:
    config = settings.QUARTERDECK
    every = timedelta(minutes=config.backup.every_minutes)
    last = installation.last_backup(found)
    if config.demo:
        return
    if last is None:
        if not every:
            yield warning(
                "backup",
                "There has never been a backup.",
                "Set [backup] every_minutes, or run: quarterdeck backup",
            )
        elif _age(now) > max(YOUNG, every * 3):
            yield fault(
                "backup", "There has never been a backup.", "Run quarterdeck backup and read what it says."
            )
        else:
            yield ok("backup", "The first backup is made soon after the start.")
        return
    place, size = found.backup.get("place", "?"), found.backup.get("bytes", 0) / 1e6
    text = f"The last backup was made {spoken(now - last)} ago and restored to prove it ({size:.1f} MB, {place})."
    if every and now - last > every * 3 + timedelta(minutes=5):
        why = found.backup.get("error", "")
        yield fault("backup", f"{text} {why}".strip(), "Run quarterdeck backup and read what it says.")
    elif not every and now - last > timedelta(days=2):
        yield warning("backup", text, "Run quarterdeck backup every day, or set [backup] every_minutes.")
    else:
        yield ok("backup", text)


def _age(now: datetime) -> timedelta:
    first = models.Event.objects.order_by("id").values_list("at", flat=True).first()
    return now - first if first else timedelta()
