"""The engine's side of targets: which of them want the newest publication, who brings it there, and how it went.

One node looks after a target at a time, so that two do not overwrite each other. What fails is tried again, each time
a little later; one that stays behind is an alarm.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from quarterdeck.channels.status_targets import kind as kind_of
from quarterdeck.core.kernel.moments import spoken
from quarterdeck.core.kernel.text import line
from quarterdeck.store import log, models, tx
from quarterdeck.store.models.publish_targets import LEAVING

from ..health import alarms
from .publish_targets import ALARM, SOMETHING, label

# Longer than any push takes: whoever holds a target longer is dead.
HOLD, STICKY = timedelta(minutes=15), timedelta(minutes=5)
FIRST_AGAIN, LAST_AGAIN = timedelta(seconds=10), timedelta(minutes=10)
BEHIND = timedelta(minutes=5)
# Those that may still show a page that is public no more, and with them all that there is something to do for.
LEFT = Q(page__public=False, version__gt="")
AT_WORK = Q(enabled=True) | LEFT | Q(version=LEAVING)


@dataclass(frozen=True, slots=True)
class Out:
    """What this node shows of a page: the version's name and the page's revision. `withdrawn`: it takes the page's
    place where that is public no more.
    """

    version: str
    revision: int
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """`pushes`: the newest publication is to be brought there. `tries`: somebody asked whether it works."""

    target: models.PublishTarget
    out: Out
    pushes: bool
    tries: bool

    @property
    def leaves(self) -> bool:
        """The target is removed: what is there is taken away."""
        return self.target.leaving


def claim(out: Mapping[str, Out], busy: set[str], node: str, most: int, now: datetime) -> list[Work]:
    """What is to be done now by this node, by the pages' ids that it shows; it holds these targets then."""
    found = []
    rows = models.PublishTarget.objects.filter(AT_WORK, page_id__in=list(out)).exclude(id__in=busy)
    for row in rows.select_related("page"):
        here = out[row.page_id]
        work = Work(row, here, _wants(row, here, now), row.test_asked_at is not None)
        if len(found) < most and (work.pushes or work.tries) and _hold(row, node, now, work=work):
            found.append(work)
        elif row.node == node and row.held_until is not None and row.held_until < now + STICKY / 2:
            _hold(row, node, now, STICKY)
    return found


def _wants(row: models.PublishTarget, here: Out, now: datetime) -> bool:
    if row.next_try_at is not None and now < row.next_try_at <= now + LAST_AGAIN * 2:
        return False
    if here.withdrawn or row.leaving:
        return bool(row.version)
    if here.version == row.version or here.revision < row.revision:
        return False
    known = row.version not in ("", SOMETHING)
    refreshed_only = here.revision == row.revision and row.succeeded_at is not None and known
    return not refreshed_only or abs(now - row.succeeded_at) >= kind_of(row.kind).REFRESH


def _hold(
    row: models.PublishTarget, node: str, now: datetime, span: timedelta = HOLD, work: Work | None = None
) -> bool:
    """Whether this node has it. Before the page is first brought there it is noted that something may be there."""
    free = (
        Q(node__in=["", node]) | Q(held_until=None) | Q(held_until__lt=now) | Q(held_until__gt=now + HOLD * 2)
    )
    behind = row.behind_since or now if span == HOLD else row.behind_since
    # Noted by a clock that was ahead: what is late is late by the present one.
    behind = min(behind, now) if behind else None
    with tx.write():
        # Of this row alone: what another node changes at the same moment is seen only so.
        able = Q(version__gt="") if work is not None and work.out.withdrawn else Q(enabled=True)
        able = Q(version=LEAVING) if row.leaving else able & ~Q(version=LEAVING)
        rows = models.PublishTarget.objects.filter(free, able, id=row.id)
        held = rows.update(node=node, held_until=now + span, behind_since=behind) == 1
        if held and work is not None and work.pushes and not work.out.withdrawn:
            _something(row)
        return held


def _something(row: models.PublishTarget) -> None:
    """It is noted that something of the page may be there, until it is taken away."""
    models.PublishTarget.objects.filter(id=row.id, version="").update(version=SOMETHING)


def done(work: Work, changes: int, now: datetime) -> None:
    """The publication is there; where it took the place of a page that is public no more, nothing of that is left."""
    version = "" if work.out.withdrawn else work.out.version
    with tx.write("web"):
        _as_it_was(work).update(
            version=version, revision=work.out.revision, changes=changes, succeeded_at=now, failure="",
            failures=0, behind_since=None, next_try_at=None, held_until=now + STICKY,
        )  # fmt: skip
        if not work.out.withdrawn:
            _something(work.target)
        alarms.clear_alarm(ALARM, work.target.id, now)


def _as_it_was(work: Work) -> QuerySet[models.PublishTarget]:
    """The target, unless somebody changed its place or removed it meanwhile."""
    rows = models.PublishTarget.objects.filter(id=work.target.id, settings=work.target.settings)
    return rows.filter(version=LEAVING) if work.leaves else rows.exclude(version=LEAVING)


def taken_away(work: Work, changes: int, now: datetime) -> None:
    """Nothing of the page is left there: the target is removed."""
    row = work.target
    with tx.write("web"):
        if not _as_it_was(work).exists():
            return
        alarms.clear_alarm(ALARM, row.id, now)
        told = {"page": row.page_id, "target": row.id, "kind": row.kind, "name": row.name, "files": changes}
        log.audit("PublishTargetTakenAway", told, at=now, actor="")
        row.delete()


def failed(work: Work, why: str, retry_after_seconds: float | None, now: datetime) -> None:
    """It is not there; it is tried again."""
    times = work.target.failures + 1
    wait = min(FIRST_AGAIN * 2 ** min(times - 1, 10), LAST_AGAIN)
    if retry_after_seconds:
        wait = min(max(wait, timedelta(seconds=retry_after_seconds)), LAST_AGAIN)
    with tx.write("web"):
        _as_it_was(work).update(
            failed_at=now, failure=line(why, 400), failures=times, held_until=now + STICKY,
            next_try_at=now + wait * random.uniform(0.8, 1.0),
        )  # fmt: skip
        if not work.out.withdrawn:
            _something(work.target)


def tried(work: Work, why: str, now: datetime) -> None:
    """Whether it works; `why` it does not, "" when it does."""
    with tx.write("web"):
        rows = models.PublishTarget.objects.filter(id=work.target.id, test_asked_at=work.target.test_asked_at)
        rows.update(test_asked_at=None, tested_at=now, test_failure=line(why, 400), held_until=now + STICKY)


def watch(now: datetime) -> None:
    """An alarm for each target that has been behind for minutes."""
    late = models.PublishTarget.objects.filter(AT_WORK, behind_since__lte=now - BEHIND)
    standing = models.Alarm.objects.filter(kind=ALARM, cleared_at=None).values_list("subject", flat=True)
    known = set(standing)
    fresh = [row for row in late.select_related("page") if row.id not in known]
    wanted = set(models.PublishTarget.objects.filter(AT_WORK, id__in=known).values_list("id", flat=True))
    if not fresh and known == wanted:
        return
    with tx.write("web"):
        for row in fresh:
            alarms.raise_alarm(ALARM, row.id, behind_text(row, now), now)
        for gone in known - wanted:
            alarms.clear_alarm(ALARM, gone, now)


def last_text(row: models.PublishTarget, now: datetime) -> str:
    """When the page was last brought there; the page that is shown there is of that time."""
    if row.succeeded_at is None:
        return "Nothing was brought there yet."
    return f"It was last brought there {spoken(max(now - row.succeeded_at, timedelta(0)))} ago."


def behind_text(row: models.PublishTarget, now: datetime) -> str:
    since = spoken(now - row.behind_since) if row.behind_since else "a while"
    why = f"{row.failure or 'It has not answered yet.'} {last_text(row, now)}"
    if row.leaving:
        return f"The status page {label(row)} could not be taken away from there for {since}: {why}"
    return f"The status page {label(row)} has not been brought up to date for {since}: {why}"
