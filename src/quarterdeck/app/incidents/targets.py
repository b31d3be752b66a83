"""Setting targets for the figures, and what was in force when. A target is never changed: a new one follows it.

Reads and writes the history alone; how incidents fare against it stands in `target_figures`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from quarterdeck.core.access import Who, require
from quarterdeck.core.kernel.moments import micros, spoken
from quarterdeck.core.kernel.refused import Refused, bad, missing
from quarterdeck.core.kernel.text import line
from quarterdeck.core.metrics import targets as core
from quarterdeck.core.metrics.definitions import METRICS
from quarterdeck.core.metrics.hours import ALWAYS, HOURS
from quarterdeck.store import log, models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need

EDIT, READ = "settings.edit", "insight.read"
REASON_LIMIT = 300
RANKS = range(1, 6)
FURTHEST = timedelta(days=366)


def set_target(
    act: Act, *, metric: str, at_most: timedelta, reason: str, severity: int | None = None, team: str = "",
    hours: str = ALWAYS, since: datetime | None = None,
) -> models.Target:  # fmt: skip
    """From `since` on (None: now) incidents are judged by it. What was reported before keeps the target of its time."""
    need(act, EDIT)
    _known(metric, severity, team, hours)
    if not core.SHORTEST <= at_most <= core.LONGEST:
        message = f"Give a time from {spoken(core.SHORTEST)} to {spoken(core.LONGEST)}."
        raise bad("target.length", message, at_most=message)
    return _write(
        act, metric, severity, team, at_most=at_most, hours=hours, since=since, reason=reason, withdrawn=False
    )


def withdraw(act: Act, target_id: str, *, reason: str) -> models.Target:
    """From now on there is no such target; the row that says so."""
    need(act, EDIT)
    row = find(target_id, act.who)
    if row.id not in {r.id for r in standing(act.at)} and row.since <= act.at:
        raise Refused("target.over", "This target is not in force any more. Look at the list of targets.")
    since = max(row.since, act.at)
    return _write(
        act, row.metric, row.severity, row.team, at_most=timedelta(seconds=row.at_most_seconds),
        hours=row.hours, since=since, reason=reason, withdrawn=True,
    )  # fmt: skip


def find(target_id: str, who: Who) -> models.Target:
    require(who, READ)
    found = models.Target.objects.filter(id=target_id).first()
    if found is None:
        raise missing("target.unknown", "There is no such target. Look it up in the list of targets.")
    return found


def history() -> list[models.Target]:
    """Every row there has been, the first in force first."""
    return list(models.Target.objects.order_by("since", "id"))


def known(rows: Sequence[models.Target] | None = None) -> core.Targets:
    return core.Targets(map(plain, history() if rows is None else rows))


def plain(row: models.Target) -> core.Target:
    return core.Target(
        row.metric, timedelta(seconds=row.at_most_seconds), row.severity, row.team, row.hours, row.since, row.withdrawn
    )  # fmt: skip


def standing(at: datetime, rows: Sequence[models.Target] | None = None) -> list[models.Target]:
    """What is in force at an instant, and what will be: by metric, severity, team."""
    given = history() if rows is None else rows
    newest: dict[tuple[str, int | None, str], models.Target] = {}
    ahead = []
    for row in given:
        if row.since <= at:
            newest[row.metric, row.severity, row.team] = row
        else:
            ahead.append(row)
    found = [r for r in (*newest.values(), *ahead) if not r.withdrawn]
    order = list(METRICS)
    return sorted(found, key=lambda r: (order.index(r.metric), r.severity or 9, r.team, micros(r.since)))


def _write(
    act: Act, metric: str, severity: int | None, team: str, *, at_most: timedelta, hours: str,
    since: datetime | None, reason: str, withdrawn: bool,
) -> models.Target:  # fmt: skip
    reason = line(reason, REASON_LIMIT)
    if not reason:
        message = "Say why; whoever reads the figures later will ask."
        raise bad("target.reason", message, reason=message)
    since = act.at if since is None else since
    if since < act.at:
        message = "A target counts from now on or later: what is over was judged by what was in force then."
        raise bad("target.past", message, since=message)
    if since > act.at + FURTHEST:
        message = "A target may begin within a year from now."
        raise bad("target.far", message, since=message)
    with tx.write("web"):
        tx.lock("targets")
        row = models.Target.objects.create(
            id=new_id(), metric=metric, severity=severity, team=team, since=since, withdrawn=withdrawn, reason=reason,
            at_most_seconds=int(at_most.total_seconds()), hours=hours, set_by=act.person, set_at=act.at,
        )  # fmt: skip
        told = {"target": row.id, "metric": metric, "severity": severity or 0, "team": team, "reason": reason}
        told |= {"at_most_seconds": row.at_most_seconds, "hours": hours, "since": since.isoformat()}
        log.audit("TargetWithdrawn" if withdrawn else "TargetSet", told, at=act.at, actor=act.person)
    return row


def _known(metric: str, severity: int | None, team: str, hours: str) -> None:
    if metric not in METRICS:
        message = f"There is no such figure. Choose one of: {', '.join(METRICS)}."
        raise bad("target.metric", message, metric=message)
    if severity is not None and severity not in RANKS:
        message = "Choose a severity from 1 to 5, or none for all of them."
        raise bad("target.severity", message, severity=message)
    if team and not models.Team.objects.filter(key=team).exists():
        message = "There is no team with this key. Look it up under Catalog, Teams."
        raise bad("target.team", message, team=message)
    if hours not in HOURS:
        message = f"Choose one of: {', '.join(HOURS)}."
        raise bad("target.hours", message, hours=message)
