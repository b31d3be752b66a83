"""The one-page playbook, made from what is configured now: matrix, who is on call, who is in charge, structures.

Reads only. Restricted incidents and drills are left out for everybody: the page is printed and passed on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from quarterdeck.core.incidents import command_line
from quarterdeck.core.incidents.state import COMMANDER, OPEN_PHASES
from quarterdeck.core.incidents.structure import Catalog, Template
from quarterdeck.core.kernel.text import counted, cut
from quarterdeck.store import models

from .. import casebook
from ..act import Act, need
from ..catalog.catalogue import current
from ..incidents.briefing import utc_clock
from ..oncall import roster
from ..paging.paging import phone_list

# As many rows as one page holds; what is more is counted.
MOST_INCIDENTS, MOST_DUTIES, MOST_PHONES, MOST_STRUCTURES = 6, 10, 6, 6


@dataclass(frozen=True, slots=True)
class Level:
    rank: int
    label: str
    criteria: str
    asks: str


@dataclass(frozen=True, slots=True)
class Contact:
    name: str
    detail: str
    phone: str


@dataclass(frozen=True, slots=True)
class Structure:
    title: str
    types: str
    roles: str
    first: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InCharge:
    key: str
    title: str
    severity: str
    line: str


@dataclass(frozen=True, slots=True)
class Playbook:
    """`matrix` is impact -> one severity (rank, label) for each of `urgencies`, the worst impact first."""

    url: str
    made_at: datetime
    urgencies: tuple[str, ...]
    matrix: Mapping[str, tuple[tuple[int, str], ...]]
    unknown: str
    levels: tuple[Level, ...]
    in_charge: tuple[InCharge, ...]
    more_incidents: int
    on_duty: tuple[Contact, ...]
    more_duties: int
    phones: tuple[Contact, ...]
    structures: tuple[Structure, ...]


def playbook(act: Act) -> Playbook:
    """The page as it is this moment."""
    need(act, "person.read")
    catalog = current()
    duties = [_duty(d) for d in roster.duties(act.at)]
    known = models.IncidentRow.objects.filter(phase__in=OPEN_PHASES, restricted=False, drill=False)
    rows = list(known.order_by("severity", "declared_at", "number")[: MOST_INCIDENTS + 1])
    return Playbook(
        url=f"{settings.QUARTERDECK_PUBLIC_URL}/playbook",
        made_at=act.at,
        urgencies=catalog.urgencies,
        matrix=_matrix(catalog),
        unknown=_label(catalog, catalog.matrix.get(catalog.unknown, 2)),
        levels=tuple(_level(s.rank, catalog) for s in catalog.severities),
        in_charge=tuple(_in_charge(r.id, catalog, act.at) for r in rows[:MOST_INCIDENTS]),
        more_incidents=max(0, known.count() - MOST_INCIDENTS),
        on_duty=tuple(duties[:MOST_DUTIES]),
        more_duties=max(0, len(duties) - MOST_DUTIES),
        phones=tuple(
            Contact(p["name"], p["title"], p["phone"] or p["email"]) for p in phone_list(act.at)[:MOST_PHONES]
        ),
        structures=tuple(_structure(t, catalog) for t in catalog.templates[:MOST_STRUCTURES]),
    )


def _matrix(catalog: Catalog) -> dict[str, tuple[tuple[int, str], ...]]:
    found = {}
    for impact in reversed(catalog.impacts):
        ranks = [catalog.matrix.get((impact, urgency), 0) for urgency in catalog.urgencies]
        found[impact] = tuple((rank, _label(catalog, rank)) for rank in ranks)
    return found


def _label(catalog: Catalog, rank: int) -> str:
    return next((s.label for s in catalog.severities if s.rank == rank), "–")


def _level(rank: int, catalog: Catalog) -> Level:
    level = catalog.severity(rank)
    pages = "pages loudly" if level.page_urgency == "high" else "pages quietly"
    review = f", review within {counted(level.review_days, 'day')}" if level.review_required else ""
    return Level(rank, level.label, cut(level.criteria, 150), f"{pages}{review}")


def _in_charge(incident_id: str, catalog: Catalog, at: datetime) -> InCharge:
    case = casebook.load(incident_id)
    role = case.template.role(COMMANDER)
    line = command_line(
        case.incident, case.directory(at).name, utc_clock, role.title if role else "Commander"
    )
    return InCharge(incident_id, cut(case.incident.title, 70), _label(catalog, case.incident.severity), line)


def _duty(duty: roster.Duty) -> Contact:
    names = ", ".join(p.name for p in duty.people[:2]) or "nobody"
    phone = next((p.phone for p in duty.people if p.phone), "")
    return Contact(duty.schedule.name, names, phone)


def _structure(template: Template, catalog: Catalog) -> Structure:
    types = ", ".join(t.title for t in catalog.types if t.template == template.key)
    needed = [r for r in template.roles if r.required_when]
    lead = next((r for r in template.roles if r.exclusive), None)
    first = lead.checklist.get("triage", ()) if lead else ()
    return Structure(
        template.title,
        types or "chosen by hand",
        ", ".join(r.title for r in needed),
        tuple(i.text for i in first[:5]),
    )
