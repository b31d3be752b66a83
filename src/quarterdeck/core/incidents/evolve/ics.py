"""How events of the Incident Command System change an incident: each goes to the fold of its kind."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from ..events import IcsEvent, Stamped
from ..events.ics_forms import FormEvent
from ..events.ics_plan import LayoutEvent, MeetingEvent, PeriodEvent, SafetyEvent
from ..events.ics_resources import RequestEvent, ResourceEvent
from ..ics.parts import Ics
from ..state import Incident
from .ics_forms import form
from .ics_plan import layout, meeting, period, safety
from .ics_resources import request, resource


def ics(state: Incident, stamped: Stamped, event: IcsEvent) -> Incident:
    return replace(state, ics=_ics(state.ics, stamped, event))


def _ics(state: Ics, stamped: Stamped, event: IcsEvent) -> Ics:
    if isinstance(event, PeriodEvent):
        return period(state, stamped, event)
    if isinstance(event, MeetingEvent):
        return meeting(state, stamped, event)
    if isinstance(event, SafetyEvent):
        return safety(state, stamped, event)
    if isinstance(event, LayoutEvent):
        return layout(state, stamped, event)
    if isinstance(event, ResourceEvent):
        return resource(state, stamped, event)
    if isinstance(event, RequestEvent):
        return request(state, stamped, event)
    if isinstance(event, FormEvent):
        return form(state, stamped, event)
    assert_never(event)
