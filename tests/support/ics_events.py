"""Every event of the Incident Command System once, in an order that makes sense."""

from __future__ import annotations

from datetime import timedelta

from quarterdeck.core.incidents.events import ics_forms as forms
from quarterdeck.core.incidents.events import ics_plan as plan
from quarterdeck.core.incidents.events import ics_resources as resources
from quarterdeck.core.incidents.events.ics import IcsEvent
from support.incident_case import START

_END = START + timedelta(hours=12)
ICS_STORY: list[IcsEvent] = [
    plan.PeriodPrepared("p-1", 1, START, _END),
    plan.PeriodStarted("p-1", 1),
    plan.PeriodMoved("p-1", START, _END + timedelta(hours=1), "relief is late", 1),
    plan.ObjectiveSet("o-1", "p-1", 1, "Everybody is counted", "The list is ticked"),
    plan.ObjectiveJudged("o-1", "met", "41 of 41", "Everybody is counted"),
    plan.MeetingSet("m-1", "p-1", "tactics", "Tactics Meeting", "Choose tactics", START, 60, forms=("215",)),
    plan.MeetingMissed("m-1", "Tactics Meeting"),
    plan.MeetingHeld("m-1", "Pumps first", "Tactics Meeting"),
    plan.MeetingCancelled("m-1", "nothing to choose", "Tactics Meeting"),
    plan.HazardSet("z-1", "North", "Live cables", "extreme", "Power is cut", "medium"),
    plan.HazardSigned("z-1", "safety", "Live cables"),
    plan.HazardSigned("z-1", "operations", "Live cables"),
    plan.HazardCleared("z-1", "measured", "Live cables"),
    plan.DivisionSet("d-1", "division", "North", leader="ben", members=("cho",)),
    plan.DivisionClosed("d-1", "done", "North"),
    plan.ChannelSet("c-1", "Command", "Command 1"),
    plan.ChannelDropped("c-1", "Command 1"),
    resources.ResourceSet("r-1", "Pump crew", "Pump", people=4),
    resources.ResourceMoved("r-1", "en_route", "ordered", name="Pump crew"),
    resources.ResourceCheckedIn("i-1", "r-1", "Pump crew", START, "Gate 3"),
    resources.ResourceRequested("q-1", 1, 3, "Pump", "Submersible pump"),
    resources.RequestApproved("q-1", 1),
    resources.RequestOrdered("q-1", "L-1", "Pumps Ltd", 4000, _END, 1),
    resources.RequestFunded("q-1", "code 77", 1),
    resources.RequestDispatched("q-1", _END, 1),
    resources.RequestDelivered("q-1", "at the gate", 1),
    resources.RequestReleased("q-1", "back to the yard", 1),
    resources.ResourceRequested("q-2", 2, 1, "Boat", "Flat boat"),
    resources.RequestEnded("q-2", "refused", "we have one", 2),
    resources.ResourceReleasePlanned("x-1", "r-1", "Pump crew", _END, ("tasks",)),
    resources.ResourceReleaseSigned("x-1", "tasks", "Pump crew"),
    forms.FormFilled("202", "p-1", "", "4", "People first", "Command Emphasis"),
    forms.FormApproved("a-9", "202", "p-1", "", 1, "0" * 64, '{"form":"202"}', "commander"),
    forms.PlanApproved("b-9", "p-1", 1, "0" * 64, '{"pages":[]}', 1),
    plan.PeriodEnded("p-1", 1),
]
