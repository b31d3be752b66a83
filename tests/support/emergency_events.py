"""Every event of the business in emergency mode, in an order that can happen."""

from __future__ import annotations

from datetime import timedelta

from quarterdeck.core.incidents.events import Event
from quarterdeck.core.incidents.events import emergency as ev
from support.incident_case import START

_LATER = START + timedelta(minutes=20)

EMERGENCY_STORY: list[Event] = [
    ev.SwitchHaltRequested("paid_ads", "Paid advertising", _LATER, 2),
    ev.SwitchLate("paid_ads", "Paid advertising", "ben", 1),
    ev.SwitchLate("paid_ads", "Paid advertising", "ana", 2),
    ev.SwitchHalted("paid_ads", "Paid advertising", "Account shows paused", 2),
    ev.SwitchExcused("scheduled_posts", "Scheduled posts", "None is scheduled", 2),
    ev.SwitchResumeRequested("paid_ads", "Paid advertising", 2),
    ev.SwitchResumed("paid_ads", "Paid advertising", "First ad shown", 2),
    ev.AreasAsked(("technical_lead", "scribe"), ("ben", "")),
    ev.AreaReported("technical_lead", "affected", "One hall runs by hand"),
    ev.SentimentReported("se-1", "Mastodon", 0, 20, "Somebody asks", _LATER),
    ev.SentimentDue("ben"),
    ev.SentimentReported("se-2", "Mastodon", -2, 900, "@ferries: closed again", None, True),
    ev.MeetingCapacitySet(1),
    ev.MeetingOffered("of-1", "Halden Ferries", "Their board asks"),
    ev.MeetingOffered("of-2", "Nordic Rail", "", True),
    ev.MeetingEnded("of-1", "held", "Halden Ferries"),
]
