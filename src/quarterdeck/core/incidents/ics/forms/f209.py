"""ICS 209, Incident Status Summary. Blocks on places stay with the writer; figures come from the incident."""

from __future__ import annotations

from collections import Counter

from ..requests import cost_so_far
from .shapes import Block, Column, Form, Row, Sheet, at, name_block, number_block, span

_HOURS = ("12 hours", "24 hours", "48 hours", "72 hours", "Anticipated after 72 hours")
_THREAT = (
    "No Likely Threat", "Potential Future Threat", "Mass Notifications in Progress", "Mass Notifications Completed",
    "No Evacuation(s) Imminent", "Planning for Evacuation", "Planning for Shelter-in-Place",
    "Evacuation(s) in Progress", "Shelter-in-Place in Progress", "Repopulation in Progress",
    "Mass Immunization in Progress", "Mass Immunization Complete", "Quarantine in Progress",
    "Area Restriction in Effect",
)  # fmt: skip


def version(s: Sheet) -> list[str]:
    if s.incident.resolved_at is not None:
        return ["Final"]
    before = [a for a in s.ics.approvals.values() if a.form == "209"]
    return ["Update" if before else "Initial"]


def size(s: Sheet) -> str:
    i = s.incident
    return "; ".join(filter(None, (i.customers_affected, ", ".join(s.services))))


def percent(s: Sheet) -> str:
    checks = s.incident.checks.values()
    if not checks:
        return ""
    passed = sum(c.state == "passed" for c in checks)
    return f"{100 * passed // len(checks)} % ({passed} of {len(checks)} checks passed)"


def events(s: Sheet) -> str:
    told = [f"{at(line.happened_at)} {line.title}" for _, line in s.in_period() if line.weight == "key"]
    return "\n".join(told[-20:])


def hazards(s: Sheet) -> str:
    return "\n".join(f"{h.area}: {h.hazard} ({h.residual})" for h in s.ics.open_hazards())


def impact(s: Sheet) -> list[Row]:
    return [(key.replace("_", " ").capitalize(), level) for key, level in s.incident.dimensions.items()]


def needs(s: Sheet) -> list[Row]:
    """What is ordered and not here, by when it is needed counted from the start of the period."""
    start = s.period.starts_at if s.period else s.incident.declared_at
    found: dict[str, list[str]] = {label: [] for label in _HOURS}
    for r in s.ics.requests.values():
        if r.state not in ("requested", "approved", "ordered", "funded"):
            continue
        wait_hours = (r.needed_at - start).total_seconds() / 3600 if r.needed_at and start else 0
        limits = (12, 24, 48, 72)
        label = next((h for h, most in zip(_HOURS, limits, strict=False) if wait_hours <= most), _HOURS[-1])
        found[label].append(f"{r.quantity} × {r.kind} ({r.priority})")
    return [(label, "; ".join(what)) for label, what in found.items() if what]


def planned(s: Sheet) -> str:
    told = [t.title for t in s.incident.tasks.values() if t.is_open]
    return "\n".join(filter(None, (s.incident.next_step, *told)))


def objectives(s: Sheet) -> str:
    return "\n".join(f"{o.priority}. {o.text} ({o.state})" for o in s.ics.of_period(s.period_id))


def release_start(s: Sheet) -> str:
    first = min((r.planned_at for r in s.ics.releases.values()), default=None)
    return at(first)


def agencies(s: Sheet) -> list[Row]:
    """A line an organisation and kind: how many resources, how many people (blocks 48 to 51)."""
    here = [r for r in s.ics.resources.values() if r.status in ("available", "assigned", "out_of_service")]
    count: Counter[tuple[str, str]] = Counter()
    people: Counter[tuple[str, str]] = Counter()
    for r in here:
        key = (r.home_unit or s.organisation, f"{r.kind} {r.type}".strip())
        count[key] += 1
        people[key] += r.people
    return [(who, kind, str(n), str(people[who, kind])) for (who, kind), n in count.items()]


def total_people(s: Sheet) -> str:
    present = ("available", "assigned", "out_of_service")
    listed = sum(r.people for r in s.ics.resources.values() if r.status in present)
    held = {a.person for a in s.incident.open_assignments() if a.role != "observer"}
    held -= {r.person for r in s.ics.resources.values()}
    return str(listed + len(held))


def additional(s: Sheet) -> str:
    held = {a.person for a in s.incident.open_assignments() if a.role != "observer"}
    return str(len(held - {r.person for r in s.ics.resources.values()}))


def total_resources(s: Sheet) -> str:
    present = ("available", "assigned", "out_of_service")
    return str(sum(r.status in present for r in s.ics.resources.values()))


_STATUS = (Column("Status", 4), Column("# This Reporting Period", 2), Column("Total # to Date", 2))
_TIMES = (Column("Time frame", 2), Column("Summary", 8))
_WRITE_TIMES = "12 hours | …, one line each for 12, 24, 48, 72 hours and after 72 hours"


def _text(number: str, label: str, width: int = 12, **rest: object) -> Block:
    return Block(number, label, text=True, width=width, **rest)  # type: ignore[arg-type]


FORM = Form(
    key="209",
    name="Incident Status Summary",
    blocks=(
        name_block(5),
        number_block(3),
        Block("3", "Report Version", "ticks", auto=version, options=("Initial", "Update", "Final"), width=4),
        Block("4", "Incident Commander(s) & Agency or Organization", auto=lambda s: s.who("commander"), width=5,
              required=True, people=True),
        Block("5", "Incident Management Organization", auto=lambda s: s.organisation, text=True, width=4),
        Block("6", "Incident Start Date/Time", auto=lambda s: f"{at(s.incident.declared_at)} UTC", width=3),
        Block("7", "Current Incident Size or Area Involved", auto=size, text=True, width=4),
        Block("8", "Percent (%) Contained/Completed", auto=percent, text=True, width=4),
        Block("9", "Incident Definition", auto=lambda s: s.incident.type.replace("_", " "), text=True, width=4),
        Block("10", "Incident Complexity Level", auto=lambda s: s.severity, text=True, width=4),
        Block("11", "For Time Period", auto=lambda s: span(s.period), width=8),
        _text("13", "Date/Time Submitted", 4),
        _text("15", "Primary Location, Organization, or Agency Sent To", 8),
        _text("16", "State", 3), _text("17", "County/Parish/Borough", 3), _text("18", "City", 3),
        _text("19", "Unit or Other", 3), _text("20", "Incident Jurisdiction", 6),
        _text("21", "Incident Location Ownership (if different than jurisdiction)", 6),
        _text("22", "Longitude and Latitude", 4), _text("23", "US National Grid Reference", 4),
        _text("24", "Legal Description (township, section, range)", 4),
        _text("25", "Short Location or Area Description"), _text("26", "UTM Coordinates", 4),
        _text("27", "Note any electronic geospatial data included or attached", 8),
        Block("28", "Significant Events for the Time Period Reported", auto=events, text=True, required=True,
              people=True),
        Block("29", "Primary Materials or Hazards Involved", auto=hazards, text=True),
        Block("30", "Damage Assessment Information", "grid", auto=impact, text=True,
              columns=(Column("What", 4), Column("Level or numbers", 6)), hint="What | level or numbers"),
        Block("31", "Public Status Summary", "grid", text=True, columns=_STATUS, width=6,
              hint="Status | this period | total"),
        Block("32", "Responder Status Summary", "grid", text=True, columns=_STATUS, width=6,
              hint="Status | this period | total"),
        _text("33", "Life, Safety, and Health Status/Threat Remarks"),
        Block("34", "Life, Safety, and Health Threat Management", "ticks", text=True, options=_THREAT,
              hint="One line for each that applies, as written on the form."),
        _text("35", "Weather Concerns"),
        Block("36", "Projected Incident Activity, Potential, Movement, Escalation, or Spread", "grid", text=True,
              columns=_TIMES, hint=_WRITE_TIMES),
        Block("37", "Strategic Objectives", auto=objectives, text=True),
        Block("38", "Current Incident Threat Summary and Risk Information", "grid", text=True, columns=_TIMES,
              hint=_WRITE_TIMES),
        Block("39", "Critical Resource Needs", "grid", auto=needs, text=True, columns=_TIMES, hint=_WRITE_TIMES),
        _text("40", "Strategic Discussion"),
        Block("41", "Planned Actions for Next Operational Period", auto=planned, text=True),
        _text("42", "Projected Final Incident Size/Area", 6),
        _text("43", "Anticipated Incident Management Completion Date", 6),
        Block("44", "Projected Significant Resource Demobilization Start Date", auto=release_start, text=True, width=4),
        Block("45", "Estimated Incident Costs to Date", auto=lambda s: str(cost_so_far(s.ics)), text=True, width=4),
        _text("46", "Projected Final Incident Cost Estimate", 4),
        _text("47", "Remarks"),
        Block("49", "Resources by Agency or Organization (48), with Personnel", "grid", auto=agencies,
              columns=(Column("48. Agency or Organization", 4), Column("Kind and type", 4),
                       Column("Resources", 1.4), Column("Personnel", 1.4))),
        Block("50", "Additional Personnel not assigned to a resource", auto=additional, width=4),
        Block("51", "Total Personnel", auto=total_people, width=4),
        Block("52", "Total Resources", auto=total_resources, width=4),
        _text("53", "Additional Cooperating and Assisting Organizations Not Listed Above"),
    ),
    preparers=("situation_unit_leader", "planning_section_chief", "commander"),
    prepared_number="12",
    approved_number="14",
    approved_label="Approved By",
)  # fmt: skip
