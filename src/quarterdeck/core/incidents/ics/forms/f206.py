"""ICS 206, Medical Plan: where the injured are helped. All of it is written by people."""

from __future__ import annotations

from .shapes import Block, Column, Form, name_block, period_block

FORM = Form(
    key="206",
    name="Medical Plan",
    blocks=(
        name_block(5, "1"),
        period_block(7, "2"),
        Block("3", "Medical Aid Stations", "grid", text=True, hint="Name | location | contact | paramedics yes or no",
              columns=(Column("Name", 3), Column("Location", 3), Column("Contact Number(s)/Frequency", 3),
                       Column("Paramedics on Site?", 1.4)), contact=True),
        Block("4", "Transportation", "grid", text=True, contact=True,
              hint="Ambulance service | location | contact | advanced or basic life support",
              columns=(Column("Ambulance Service", 3), Column("Location", 3),
                       Column("Contact Number(s)/Frequency", 3), Column("Level of Service", 1.4))),
        Block("5", "Hospitals", "grid", text=True, contact=True,
              hint="Name | address | contact | travel air | travel ground | trauma | burn | helipad",
              columns=(Column("Hospital Name", 2.6), Column("Address, Latitude & Longitude", 3),
                       Column("Contact", 2.2), Column("Air", 0.9), Column("Ground", 1.1),
                       Column("Trauma Center", 1.2), Column("Burn Center", 1.2), Column("Helipad", 1.2))),
        Block("6", "Special Medical Emergency Procedures", text=True, required=True,
              hint="Whom to call first, how to name the place, who goes along."),
    ),
    preparers=("medical_unit_leader", "safety_officer", "logistics_section_chief", "commander"),
    approvers=("safety_officer",),
    prepared_number="7",
    prepared_label="Prepared by (Medical Unit Leader)",
    approved_number="8",
    approved_label="Approved by (Safety Officer)",
)  # fmt: skip
