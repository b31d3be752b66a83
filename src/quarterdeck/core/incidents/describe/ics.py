"""Sentences of the Incident Command System for the timeline."""

from __future__ import annotations

from typing import assert_never

from ..events import IcsEvent
from ..events import ics_forms as f
from ..events import ics_plan as p
from ..events import ics_resources as r
from .line import Said, Teller, because, of, quoted


def ics(event: IcsEvent, tell: Teller) -> Said:
    if isinstance(event, p.PeriodEvent):
        return _period(event, tell)
    if isinstance(event, p.MeetingEvent):
        return _meeting(event, tell)
    if isinstance(event, p.SafetyEvent):
        return _safety(event, tell)
    if isinstance(event, p.LayoutEvent):
        return _layout(event, tell)
    if isinstance(event, r.ResourceEvent):
        return _resource(event, tell)
    if isinstance(event, r.RequestEvent):
        return _request(event, tell)
    if isinstance(event, f.FormEvent):
        return _form(event, tell)
    assert_never(event)


def _period(event: p.PeriodEvent, tell: Teller) -> Said:
    match event:
        case p.PeriodPrepared():
            return Said("plan", "entry", f"{tell.who} prepared operational period {event.number}")
        case p.PeriodMoved():
            until = f"{event.ends_at:%Y-%m-%d %H:%M} UTC"
            said = f"Operational period {event.number} now ends {until}{because(event.reason)}"
            return Said("plan", "entry", said)
        case p.PeriodStarted():
            return Said("plan", "key", f"Operational period {event.number} started{because(event.reason)}")
        case p.PeriodEnded():
            return Said("plan", "entry", f"Operational period {event.number} ended")
        case p.ObjectiveSet(carried_from=""):
            return Said(
                "plan", "entry", f"{tell.who} set objective {event.priority}: {event.text}", event.measure
            )
        case p.ObjectiveSet():
            return Said("plan", "system", f"Objective carried over: {event.text}")
        case p.ObjectiveJudged():
            what = {"met": "is met", "dropped": "was dropped"}.get(event.state, "is open again")
            return Said("plan", "entry", f"Objective {quoted(event.text)} {what}", event.note)
        case _:
            assert_never(event)


def _meeting(event: p.MeetingEvent, tell: Teller) -> Said:
    match event:
        case p.MeetingSet():
            return Said("meeting", "system", f"{event.title} is set for {event.starts_at:%H:%M} UTC")
        case p.MeetingHeld():
            return Said("meeting", "entry", f"{tell.who} held the {event.title}", event.notes)
        case p.MeetingMissed():
            return Said("meeting", "entry", f"The {event.title} was not held in its time")
        case p.MeetingCancelled():
            return Said("meeting", "system", f"{tell.who} called off the {event.title}", event.reason)
        case _:
            assert_never(event)


def _safety(event: p.SafetyEvent, tell: Teller) -> Said:
    match event:
        case p.HazardSet():
            title = f"{tell.who} recorded a hazard in {event.area}: {event.hazard}"
            text = f"Risk {event.risk}, after mitigation {event.residual}. {event.mitigation}"
            return Said("safety", "key" if event.residual in ("high", "extreme") else "entry", title, text)
        case p.HazardSigned():
            return Said(
                "safety",
                "system",
                f"{tell.who} signed the hazard {quoted(event.hazard)} for {event.position}",
            )
        case p.HazardCleared():
            return Said(
                "safety", "entry", f"{tell.who} cleared the hazard {quoted(event.hazard)}", event.reason
            )
        case _:
            assert_never(event)


def _layout(event: p.LayoutEvent, tell: Teller) -> Said:
    match event:
        case p.DivisionSet():
            led = f", led by {tell.name(event.leader)}" if event.leader else ""
            return Said(
                "plan", "entry", f"{tell.who} set the {event.kind} {event.name}{led}", event.assignment
            )
        case p.DivisionClosed():
            return Said("plan", "entry", f"{tell.who} closed {event.name}", event.reason)
        case p.ChannelSet():
            return Said("plan", "system", f"{tell.who} set the channel {event.name}{of(event.function)}")
        case p.ChannelDropped():
            return Said("plan", "system", f"{tell.who} took the channel {event.name} out of the plan")
        case _:
            assert_never(event)


def _resource(event: r.ResourceEvent, tell: Teller) -> Said:
    match event:
        case r.ResourceSet():
            return Said("resource", "system", f"{tell.who} recorded the resource {event.name} ({event.kind})")
        case r.ResourceMoved():
            now = tell.titles(event.status)
            return Said("resource", "entry", f"{event.name} is {now}{because(event.reason)}")
        case r.ResourceCheckedIn():
            return Said("resource", "entry", f"{event.name} checked in at {event.place}")
        case r.ResourceReleasePlanned():
            return Said("resource", "entry", f"{tell.who} planned the release of {event.name}", event.remarks)
        case r.ResourceReleaseSigned():
            title = f"{tell.who} signed {event.name} off for {tell.titles(event.unit)}"
            return Said("resource", "system", title, event.override)
        case _:
            assert_never(event)


def _request(event: r.RequestEvent, tell: Teller) -> Said:
    match event:
        case r.ResourceRequested():
            title = f"{tell.who} requested {event.quantity} × {event.kind} (request {event.number})"
            return Said("resource", "entry", title, event.item)
        case r.RequestApproved():
            return Said("resource", "system", f"{tell.who} approved request {event.number}")
        case r.RequestOrdered():
            title = f"{tell.who} ordered request {event.number} from {event.supplier}"
            return Said("resource", "entry", title, f"Order {event.order_number}")
        case r.RequestDispatched():
            eta = f", expected at {event.eta:%H:%M} UTC" if event.eta else ""
            return Said("resource", "entry", f"Request {event.number} is on the way{eta}")
        case r.RequestReleased():
            return Said("resource", "entry", f"{tell.who} released request {event.number}", event.note)
        case r.RequestFunded():
            return Said("resource", "system", f"{tell.who} confirmed the cost of request {event.number}")
        case r.RequestDelivered():
            return Said("resource", "entry", f"Request {event.number} was delivered", event.note)
        case r.RequestEnded():
            return Said("resource", "entry", f"{tell.who} {event.state} request {event.number}", event.reason)
        case _:
            assert_never(event)


def _form(event: f.FormEvent, tell: Teller) -> Said:
    match event:
        case f.FormFilled():
            return Said(
                "form", "system", f"{tell.who} wrote {event.label or event.block} of ICS {event.form}"
            )
        case f.FormApproved():
            return Said("form", "entry", f"{tell.who} approved ICS {event.form}, version {event.version}")
        case f.PlanApproved():
            title = f"{tell.who} approved the Incident Action Plan of period {event.number}"
            return Said("form", "key", f"{title}, version {event.version}")
        case _:
            assert_never(event)
