"""ICS 210, Resource Status Change, and ICS 211, Incident Check-In List: what the resources' states say."""

from __future__ import annotations

from .shapes import Block, Column, Form, Row, Sheet, at, name_block, number_block, period_block


def places(s: Sheet) -> str:
    return ", ".join(dict.fromkeys(c.place for c in s.ics.checkins.values()))


def arrivals(s: Sheet) -> list[Row]:
    kinds = {r.id: r for r in s.ics.resources.values()}
    found: list[Row] = []
    for c in sorted(s.ics.checkins.values(), key=lambda c: c.arrived_at):
        r = kinds.get(c.resource_id)
        what = f"{c.name} ({r.kind} {r.type})".replace(" )", ")") if r else c.name
        found.append(
            (what, c.order_number, at(c.arrived_at), s.name(c.leader), str(c.people), c.contact, c.home_unit,
             c.departure, c.travel, c.assignment, c.qualifications, at(c.arrived_at))
        )  # fmt: skip
    return found


FORM = Form(
    key="211",
    name="Incident Check-In List",
    wide=True,
    by_period=False,
    blocks=(
        name_block(4),
        number_block(2),
        Block("3", "Check-In Location", auto=places, width=3),
        Block("4", "Start Date/Time", auto=lambda s: f"{at(s.incident.declared_at)} UTC", width=3),
        Block("5", "Check-In Information", "grid", auto=arrivals, required=True, contact=True, people=True,
              columns=(Column("5. Resource: Kind, Type, Name", 2), Column("6. Order Request #", 1),
                       Column("7. Date/Time Check-In", 1.2), Column("8. Leader's Name", 1.2),
                       Column("9. Total Personnel", 0.9), Column("10. Incident Contact", 1.5),
                       Column("11. Home Unit or Agency", 1.2), Column("12. Departure Point, Date and Time", 1.4),
                       Column("13. Method of Travel", 1), Column("14. Incident Assignment", 1.3),
                       Column("15. Other Qualifications", 1.3), Column("16. Data to Resources Unit", 1.2))),
    ),
    preparers=("resources_unit_leader", "planning_section_chief", "commander"),
    approvers=("planning_section_chief", "commander"),
    prepared_number="17",
    sensitive=False,
)  # fmt: skip


def changes(s: Sheet) -> list[Row]:
    streams = s.ics.divisions
    return [
        (r.name, r.status.replace("_", " ") + (f" ({r.status_reason})" if r.status_reason else ""),
         r.status_before.replace("_", " "), streams[r.division_id].name if r.division_id in streams else r.place,
         at(r.status_at), s.name(r.status_by))
        for r in s.ics.resources.values()
    ]  # fmt: skip


STATUS = Form(
    key="210",
    name="Resource Status Change",
    blocks=(
        name_block(5, "1"),
        period_block(7, "2"),
        Block("3", "Resource Status", "grid", auto=changes, required=True, people=True,
              columns=(Column("3. Resource Number", 3), Column("4. New Status", 2),
                       Column("5. From (Assignment and Status)", 2), Column("6. To (Assignment and Status)", 2.4),
                       Column("7. Time and Date of Change", 2), Column("Changed by", 2))),
        Block("8", "Comments", text=True),
    ),
    preparers=("resources_unit_leader", "planning_section_chief", "commander"),
    approvers=("planning_section_chief", "commander"),
    prepared_number="9",
)  # fmt: skip
