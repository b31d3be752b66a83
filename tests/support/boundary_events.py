"""Every event at the executive boundary, in an order that can happen."""

from __future__ import annotations

from datetime import UTC, datetime

from quarterdeck.core.incidents.events import Event
from quarterdeck.core.incidents.events import boundary as ev

AT = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)
BOUNDARY_STORY: list[Event] = [
    ev.ExecQuestionAsked("xq-1", "Was anybody charged twice?", held_until=AT),
    ev.ExecQuestionJoined("xq-1", "eva"),
    ev.ExecQuestionsDelivered(("xq-1",)),
    ev.ExecQuestionAsked("xq-2", "Charged twice?", critical=True, reason="The regulator is on the phone"),
    ev.ExecQuestionMerged("xq-2", "xq-1"),
    ev.ExecQuestionPassedOn("xq-1", "ben", "Was anybody charged twice?", "By noon, please"),
    ev.ExecQuestionAnswered("xq-1", "answered", "None found."),
    ev.StatusDemanded("xq-3", "status?", "Payments fail", AT),
    ev.BoundaryCrossed("bc-1", "attempt", "change severity", "", "eva"),
    ev.BoundaryCrossed("bc-2", "off_channel", "asked for a restart", "Just restart it", "eva"),
    ev.GuidanceGiven("sg-1", "constraint", "No data is lost"),
    ev.GuidanceAnswered("sg-1", False, "constraint", "It may be"),
    ev.ExecutiveNoted("xn-1", "severity", "It was never a SEV1", "SEV1"),
    ev.CommandSought("h-x", "a-4", "commander", "cho", "eva", "The press"),
]
