"""The timer of targets: a target that an incident has missed is written to its record, once."""

from __future__ import annotations

from django.conf import settings

from quarterdeck.core.incidents import targets as core
from quarterdeck.core.metrics.hours import BUSINESS
from quarterdeck.core.metrics.targets import run_out
from quarterdeck.store import log, models

from .. import casebook
from ..act import engine_act
from ..paging.directory import Directory
from . import target_clock, targets


def fire(incident_id: str, directory: Directory) -> None:
    """Judged by what happened until now, however late the timer is: who was in time is not blamed for that."""
    now = directory.now
    log.lock_incident_at_once(incident_id)
    found = target_clock.courses(models.IncidentRow.objects.filter(id=incident_id))
    if not found:
        return
    goals = [
        core.Goal(metric.key, metric.title, int(target.at_most.total_seconds()), by, target.hours == BUSINESS)
        for metric, target, by in run_out(found[0], targets.known(), settings.TIME_ZONE, now)
    ]
    case = casebook.change_within(engine_act(now), incident_id, lambda i, t: core.missed(i, goals))
    target_clock.arm(case.incident, now)
