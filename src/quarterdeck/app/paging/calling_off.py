"""Calls of an incident that nobody needs to answer any more: ended and called off, with the reason.

Only those of the incident itself: a page of an alert is acknowledged, never called off.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from quarterdeck.core.incidents import Incident
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.kernel.text import line
from quarterdeck.store import models

from .directory import Directory
from .escalations import end_runs


def what_it_ends(incident: Incident, event: ev.Event, directory: Directory) -> None:
    """An event after which nobody needs to come any more, or not for this role."""
    if isinstance(event, ev.RoleTaken):
        _stop_calling(incident, event, directory)
    elif isinstance(event, ev.StructureChanged):
        for role in event.replaced:
            _end_calls(
                incident, role, "The structure changed: nobody is called for this role any more.", directory
            )
    elif isinstance(event, ev.PersonReleased):
        _leave_alone(incident, event, directory)


def all_of_it(incident: Incident, directory: Directory, why: str) -> None:
    """The incident is over, or the team stood down: nobody is called for it any more."""
    runs = list(models.Run.objects.filter(incident_id=incident.key, alert_id="").values_list("id", flat=True))
    end_runs(runs, directory.now, "stopped")
    waiting = models.Callout.objects.filter(incident_id=incident.key, alert_id="", state="waiting")
    _call_off(waiting, why, directory.now)


def _stop_calling(incident: Incident, taken: ev.RoleTaken, directory: Directory) -> None:
    """Somebody holds the role now: nobody else is woken for it."""
    _end_calls(incident, taken.role, f"{directory.name(taken.person)} holds the role now.", directory)


def _end_calls(incident: Incident, role: str, why: str, directory: Directory) -> None:
    found = models.Run.objects.filter(incident_id=incident.key, role=role, alert_id="")
    runs = list(found.filter(state__in=("running", "exhausted")).values_list("id", flat=True))
    if not runs:
        return
    end_runs(runs, directory.now, "stopped")
    waiting = models.Callout.objects.filter(run_id__in=runs, state="waiting")
    _call_off(waiting, why, directory.now)


def _leave_alone(incident: Incident, gone: ev.PersonReleased, directory: Directory) -> None:
    """Whoever was let go hears no more of it (R-290)."""
    waiting = models.Callout.objects.filter(
        incident_id=incident.key, alert_id="", person_id=gone.person, state="waiting"
    )
    _call_off(waiting, "They were released.", directory.now)


def _call_off(waiting: QuerySet[models.Callout], why: str, now: datetime) -> None:
    """Nothing is expected any more of those who were called, and nothing more is sent to them."""
    ids = list(waiting.values_list("id", flat=True))
    waiting.update(state="cancelled", note=line(why, 300))
    models.Delivery.objects.filter(callout_id__in=ids, state="queued").update(
        state="cancelled", finished_at=now, error=line(why, 300)
    )
