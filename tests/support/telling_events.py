"""Every event of those outside an incident and of its clocks' newer steps, in an order that can happen."""

from __future__ import annotations

from datetime import timedelta

from quarterdeck.core.incidents import events as root
from quarterdeck.core.incidents.events import Event
from quarterdeck.core.incidents.events import telling as ev
from support.incident_case import START

TELLING_STORY: list[Event] = [
    root.ClockStarted("responders", 900, START + timedelta(minutes=5), "commander", "first", 300, 300),
    root.ClockReminded("responders", START + timedelta(minutes=5), "commander"),
    root.ClockStarted("responders", 3600, START, "commander", "long", 300, 300, "Hours to go"),
    ev.MentionRecorded(
        "mn-1", "A customer", "a forum", START, "https://forum.example/1", "Nothing works", True
    ),
    ev.CustomersListed({"cu-1": "Northwind", "cu-2": "Contoso"}, {"cu-1": "C-1"}),
    ev.CustomerMoved("cu-1", "done", "Since 14:10", "Northwind"),
    ev.PulseLate(START + timedelta(minutes=30), 1),
    ev.PulseTaken("pu-1", 1200, 4000, "Two shops more"),
]
