"""The feed of changes: deployments, flags and configuration as tools report them, and which of them an incident should
look at first (R-061).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from quarterdeck.core.incidents import changes as core
from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.kernel.text import line
from quarterdeck.store import models, tx
from quarterdeck.store.ids import new_id

from ..act import Act, need
from ..casebook import Case
from ..technical.technical import link

MOST_SHOWN = 50
# What lies further ahead than this is no change that was made.
AHEAD = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Told:
    """A change as it is reported. `external_id` makes a repeat of the same report safe."""

    source: str
    title: str
    kind: str = "deployment"
    service: str = ""
    at: datetime | None = None
    url: str = ""
    by: str = ""
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A change beside the timeline; a suspect one lies in the window before the incident began."""

    row: models.Change
    suspect: bool


@tx.again
def report(act: Act, told: Told) -> models.Change:
    """Keep a change. The same report of the same source is kept once."""
    need(act, "service.edit")
    if told.kind not in core.KINDS:
        message = f"Choose one of: {', '.join(core.KINDS)}."
        raise bad("kind.unknown", message, kind=message)
    if told.at and told.at > act.at + AHEAD:
        message = "A change is reported when it was made. Give a time that has passed."
        raise bad("at.future", message, at=message)
    source, title = line(told.source, 60), line(told.title, 300)
    for name, text in (("source", source), ("title", title)):
        if not text:
            message = "Say which tool reports it." if name == "source" else "Say what was changed."
            raise bad(f"{name}.missing", message, **{name: message})
    with tx.write("engine", "web"):
        if told.external_id:
            tx.lock("change")
            known = models.Change.objects.filter(source=source, external_id=told.external_id).first()
            if known is not None:
                return known
        return models.Change.objects.create(
            id=new_id(), source=source, external_id=told.external_id, kind=told.kind, service=told.service,
            title=title, link=link(told.url), by=line(told.by, 200), changed_at=told.at or act.at,
            received_at=act.at, sent_by=act.person,
        )  # fmt: skip


def beside(case: Case, now: datetime) -> list[Shown]:
    """Changes of the incident's services, and of none, from a day before it began until now; suspects first."""
    began = began_at(case)
    incident = case.incident
    ours = Q(service__in=incident.services) | Q(service="") if incident.services else Q()
    until = incident.resolved_at or now
    rows = models.Change.objects.filter(
        ours, changed_at__gte=began - core.SHOWN_BEFORE, changed_at__lte=until
    ).order_by("-changed_at")[:MOST_SHOWN]
    found = [Shown(r, core.is_suspect(r.changed_at, began)) for r in rows]
    return sorted(found, key=lambda s: not s.suspect)


def began_at(case: Case) -> datetime:
    """When the first of its alerts fired, or when it was declared."""
    declared = case.incident.declared_at
    assert declared is not None
    ids = list(case.incident.alerts)
    first = (
        models.Alert.objects.filter(id__in=ids)
        .order_by("first_seen_at")
        .values_list("first_seen_at", flat=True)
    )
    return min([declared, *first[:1]])
