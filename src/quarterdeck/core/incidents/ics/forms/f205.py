"""ICS 205, Communications Plan, and ICS 205A, Communications List: channels and people as they are now."""

from __future__ import annotations

from .shapes import Block, Column, Form, Row, Sheet, last_written, name_block, period_block


def channels(s: Sheet) -> list[Row]:
    i = s.incident
    rooms = [
        ("", "", "Command", name, "All responders", link, "", "", "", "", "")
        for name, link in (("Incident call", i.bridge_url), ("Incident chat", i.chat_url))
        if link
    ]
    streams = [
        ("", "", w.kind.replace("_", " "), w.channel, w.name, "", "", "", "", "", "")
        for w in s.ics.open_divisions()
        if w.channel
    ]
    planned = [
        (c.zone, c.number, c.function, c.name, c.assignment, c.receive or c.link, c.receive_tone, c.transmit,
         c.transmit_tone, c.mode, c.remarks)
        for c in s.ics.channels.values()
    ]  # fmt: skip
    return [*rooms, *streams, *planned]


FORM = Form(
    key="205",
    name="Incident Radio Communications Plan",
    wide=True,
    blocks=(
        name_block(4, "1"),
        Block("2", "Date/Time Prepared", auto=lambda s: last_written(s, "205"), width=3),
        period_block(5, "3"),
        Block("4", "Basic Radio Channel Use", "grid", auto=channels, required=True, contact=True,
              columns=(Column("Zone Grp.", 0.8), Column("Ch #", 0.7), Column("Function", 1.4),
                       Column("Channel Name/Trunked Radio System Talkgroup", 2.2), Column("Assignment", 1.7),
                       Column("RX Freq or Link", 2.4), Column("RX Tone/NAC", 1), Column("TX Freq", 1.1),
                       Column("TX Tone/NAC", 1), Column("Mode", 0.9), Column("Remarks", 1.8))),
        Block("5", "Special Instructions", text=True, hint="Who may use which channel, what to do when one fails."),
    ),
    preparers=("communications_unit_leader", "logistics_section_chief", "commander"),
    approvers=("logistics_section_chief", "commander"),
    prepared_number="6",
    prepared_label="Prepared by (Communications Unit Leader)",
)  # fmt: skip


def people(s: Sheet) -> list[Row]:
    return [
        (s.titles(a.role), s.names(a.person), s.contacts.get(a.person, ""))
        for a in s.incident.open_assignments()
        if a.role != "observer"
    ]


LIST = Form(
    key="205A",
    name="Communications List",
    sensitive=True,
    blocks=(
        name_block(5, "1"),
        period_block(7, "2"),
        Block("3", "Basic Local Communications Information", "grid", auto=people, text=True, required=True,
              contact=True, people=True, hint="Position | name | how to reach them",
              columns=(Column("Incident Assigned Position", 3), Column("Name", 3),
                       Column("Method(s) of Contact", 5))),
    ),
    preparers=("communications_unit_leader", "logistics_section_chief", "commander"),
    approvers=("logistics_section_chief", "commander"),
    prepared_number="4",
)  # fmt: skip
