"""Every event of a business response, of both its sides, in an order that can happen."""

from __future__ import annotations

from quarterdeck.core.incidents.events import Event
from quarterdeck.core.incidents.events import response as ev

_FACTS = {"cause": "A failed node", "impact.brand": "high"}

RESPONSE_STORY: list[Event] = [
    ev.SevereRated("sr-1", "public", "high", "open", "low", 90, 70, "It is in the news"),
    ev.SevereRecommended("Customers ask us on stage"),
    ev.EscalatedSevere("INC-2", "It will last", 90),
    ev.LiaisonForced("ho-9", "dag", "ben", "The briefing cannot wait"),
    ev.ResponseBegan("INC-1", "Checkout fails"),
    ev.ParentMoved("INC-1", "investigating", 1, "Checkout fails", "ana", "dag", {}, True),
    ev.ParentMoved("INC-1", "identified", 1, "Checkout fails", "ana", "ben", _FACTS, True),
    ev.InitialAccepted("commander", "cho"),
    ev.StepChanged("declared", "ready", "The initial group has accepted."),
    ev.BriefingOpened("dag"),
    ev.QuestionAnswered("start", "At 14:02"),
    ev.BriefingConfirmed(("else",)),
    ev.StepChanged("briefing", "emergency_ops", "Go", ("briefing_confirmed",)),
    ev.PreliminaryWritten("A node failed."),
]
