"""All events that only the Incident Command System knows."""

from __future__ import annotations

from .ics_forms import FormEvent
from .ics_plan import LayoutEvent, MeetingEvent, PeriodEvent, SafetyEvent
from .ics_resources import RequestEvent, ResourceEvent

IcsEvent = PeriodEvent | MeetingEvent | SafetyEvent | LayoutEvent | ResourceEvent | RequestEvent | FormEvent
