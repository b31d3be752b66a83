"""Whom a rule means by role:, person:, schedule: or team:, now. Ids and keys both name them. Reads only."""

from __future__ import annotations

from django.db.models import Q

from quarterdeck.app.paging.directory import Directory
from quarterdeck.core.escalation.policy import Target
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models


def target_of(text: str) -> Target:
    """The target with its id. Refused for somebody or something that is gone."""
    kind, _, ref = text.partition(":")
    if kind == "role":
        return Target("role", ref)
    found: str | None = None
    if kind == "person":
        rows = models.Person.objects.filter(Q(id=ref) | Q(handle=ref))
        found = rows.values_list("id", flat=True).first()
    elif kind == "schedule":
        found = models.Schedule.objects.filter(Q(id=ref) | Q(key=ref)).values_list("id", flat=True).first()
    elif kind == "team":
        found = models.Team.objects.filter(Q(id=ref) | Q(key=ref)).values_list("id", flat=True).first()
    if not found or kind not in ("person", "schedule", "team"):
        raise Refused("target.gone", f"{text!r} is not there any more. Change the rule.", kind="bad")
    return Target("person" if kind == "person" else "schedule" if kind == "schedule" else "team", found)


def people(text: str, incident_id: str, directory: Directory) -> tuple[str, ...]:
    """Who that is now. Refused, as something that may pass, where it is nobody."""
    found = directory.on_call(target_of(text), incident_id)
    if not found.people:
        raise Refused(
            "target.nobody",
            f"{found.nobody_because or 'That is nobody now'}.".replace("..", "."),
            kind="conflict",
        )
    return found.people


def label(text: str, directory: Directory) -> str:
    try:
        return directory.label(target_of(text))
    except Refused:
        return text
