"""A maintenance as somebody plans it, made safe: what was typed becomes the values of a row, or is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Model, Q

from quarterdeck.core.alerts.signal import SEVERITIES
from quarterdeck.core.incidents.guards import filled, one_line
from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.kernel.text import clean
from quarterdeck.core.oncall.wall import check_zone
from quarterdeck.core.status import maintenance_plan as core
from quarterdeck.store import models

USUAL_ANNOUNCE = 3 * 24 * 60
USUAL_REMINDERS = (24 * 60, 60)


@dataclass(frozen=True, slots=True)
class Draft:
    """`services` and `spared_services` are keys, `pages` keys or ids, `people` ids, `components` ids with the state
    they go into. Leads are minutes before the start. `spared` are severities of alerts that page nevertheless.
    """

    title: str
    starts_at: datetime
    ends_at: datetime
    zone: str = "UTC"
    text: str = ""
    text_started: str = ""
    text_finished: str = ""
    notes: str = ""
    services: Sequence[str] = ()
    components: Mapping[str, str] = field(default_factory=dict)
    pages: Sequence[str] = ()
    people: Sequence[str] = ()
    announce_minutes: int = USUAL_ANNOUNCE
    reminders: Sequence[int] = USUAL_REMINDERS
    auto_start: bool = True
    auto_finish: bool = True
    hold: bool = True
    spared: Sequence[str] = ()
    spared_services: Sequence[str] = ()
    rule: str = ""


def tamed(draft: Draft, now: datetime) -> tuple[dict[str, Any], list[models.Service]]:
    """The columns of a row but its times of a series, and the services it covers."""
    check_zone(draft.zone)
    core.check_times(draft.starts_at, draft.ends_at, now)
    components = core.component_states(draft.components)
    pages = _pages(draft.pages) | _pages_of(components)
    services = _services(draft.services, "services")
    spared = _services(draft.spared_services, "spared_services")
    covered = {s.id for s in services}
    if any(s.id not in covered for s in spared):
        message = "A service that pages nevertheless is one of those covered. Cover it, or leave it out."
        raise bad("maintenance.spared", message, spared_services=message)
    strange = sorted(set(draft.spared) - set(SEVERITIES))
    if strange:
        message = f"{strange[0][:20]!r} is no severity of alerts. Choose of {', '.join(SEVERITIES)}."
        raise bad("maintenance.spared", message, spared=message)
    title = filled(draft.title, "title", "Say what is going to be done, as customers read it.")
    return {
        "title": one_line(title, "title", core.TITLE_LIMIT),
        "text": clean(draft.text, core.TEXT_LIMIT),
        "text_started": clean(draft.text_started, core.TEXT_LIMIT),
        "text_finished": clean(draft.text_finished, core.TEXT_LIMIT),
        "notes": clean(draft.notes, core.TEXT_LIMIT),
        "zone": draft.zone,
        "components": components,
        "pages": sorted(pages),
        "people": _people(draft.people),
        "announce_minutes": draft.announce_minutes,
        "reminders": list(core.leads(draft.announce_minutes, draft.reminders)),
        "auto_start": draft.auto_start,
        "auto_finish": draft.auto_finish,
        "hold": draft.hold,
        "spared": sorted(set(draft.spared), key=SEVERITIES.index),
        "spared_services": sorted(s.id for s in spared),
    }, services


def _services(keys: Sequence[str], name: str) -> list[models.Service]:
    if len(keys) > core.MOST_SERVICES:
        message = f"A maintenance covers at most {core.MOST_SERVICES} services."
        raise bad("maintenance.services", message, **{name: message})
    rows = list(models.Service.objects.filter(key__in=list(keys)).order_by("name"))
    _known(set(keys), {r.key for r in rows}, "service", name)
    return rows


def _pages(wanted: Sequence[str]) -> set[str]:
    asked = list(wanted)
    rows = list(models.StatusPage.objects.filter(Q(key__in=asked) | Q(id__in=asked)))
    _known(set(asked), {r.key for r in rows} | {r.id for r in rows}, "status page", "pages")
    return {r.id for r in rows}


def _pages_of(components: Mapping[str, str]) -> set[str]:
    """A component is shown on its page, so its page is among them."""
    rows = dict(models.Component.objects.filter(id__in=components).values_list("id", "page_id"))
    _known(set(components), set(rows), "component", "components")
    return set(rows.values())


def _people(ids: Sequence[str]) -> list[str]:
    if len(ids) > core.MOST_PEOPLE:
        message = f"At most {core.MOST_PEOPLE} people do it."
        raise bad("maintenance.people", message, people=message)
    rows: type[Model] = models.Person
    active = rows._default_manager.filter(id__in=list(ids), is_active=True)
    _known(set(ids), set(active.values_list("id", flat=True)), "active person", "people")
    return sorted(set(ids))


def _known(wanted: set[str], found: set[str], what: str, name: str) -> None:
    strange = sorted(wanted - found)
    if strange:
        message = f"There is no {what} {strange[0][:60]!r}. Choose from the list."
        raise bad(f"maintenance.{name}", message, **{name: message})


def of_row(row: models.MaintenanceWindow) -> Draft:
    """The plan as it stands, to be changed in part."""
    services = {s.id: s.key for s in row.services.order_by("name")}
    return Draft(
        title=row.title, starts_at=row.starts_at, ends_at=row.ends_at, zone=row.zone, text=row.text,
        text_started=row.text_started, text_finished=row.text_finished, notes=row.notes,
        services=list(services.values()), components=row.components, pages=row.pages, people=row.people,
        announce_minutes=row.announce_minutes, reminders=row.reminders, auto_start=row.auto_start,
        auto_finish=row.auto_finish, hold=row.hold, spared=row.spared,
        spared_services=[services[i] for i in row.spared_services if i in services],
    )  # fmt: skip
