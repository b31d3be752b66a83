"""The sentences of what passed between executives and an incident.

Everybody who responds reads these: they say that something came, never what was asked and never whose it was, so that
no question of an executive reaches a responder but by the executive liaison's own hand.
"""

from __future__ import annotations

from typing import assert_never

from ..events import boundary as ev
from .line import Said, Teller, of

_CROSSED = {
    "attempt": "An act outside the executive boundary was refused",
    "not_taken": "Command was offered to an executive and not taken",
    "off_channel": "A request that came past the executive liaison was written down",
}
_ANSWERED = {
    "answered": "was answered",
    "deferred": "will be answered by the next brief",
    "decision": "needs a decision",
    "declined": "was declined with a reason",
}
_KINDS = {
    "objective": "objective",
    "priority": "priority",
    "constraint": "constraint",
    "risk_appetite": "risk appetite",
}


def boundary(event: ev.BoundaryRecord, tell: Teller) -> Said:
    match event:
        case ev.ExecQuestionAsked():
            where = (
                "waits for the end of the quiet period" if event.held_until else "is in the liaison’s queue"
            )
            return _aside(f"A question of an executive {where}")
        case ev.StatusDemanded():
            return _aside("An executive asked how it stands and was answered with the latest brief")
        case ev.ExecQuestionJoined() | ev.ExecQuestionMerged():
            return _aside("Two questions of executives are one")
        case ev.ExecQuestionsDelivered():
            n = len(event.question_ids)
            return _aside(
                f"The quiet period is over: {n} question{'' if n == 1 else 's'} in the liaison’s queue"
            )
        case ev.ExecQuestionAnswered():
            return _aside(f"A question of an executive {_ANSWERED.get(event.state, 'was answered')}")
        case ev.ExecQuestionPassedOn():
            title = f"{tell.who} passed a question of an executive on to {tell.name(event.person)}"
            return Said("executive", "entry", title, "\n".join(t for t in (event.text, event.note) if t))
        case ev.BoundaryCrossed():
            return _aside(_CROSSED.get(event.kind, _CROSSED["attempt"]) + of(event.what))
        case _:
            return _strategic(event, tell)


def _strategic(
    event: ev.GuidanceGiven | ev.GuidanceAnswered | ev.ExecutiveNoted | ev.CommandSought, tell: Teller
) -> Said:
    match event:
        case ev.GuidanceGiven():
            kind = _KINDS.get(event.kind, event.kind)
            return Said("executive", "entry", f"Strategic guidance from {tell.who}, {kind}", event.text)
        case ev.GuidanceAnswered():
            how = "accepted" if event.accepted else "declined"
            return Said("executive", "entry", f"{tell.who} {how} the strategic guidance", event.reason)
        case ev.ExecutiveNoted():
            return _aside("An executive left a note for the review")
        case ev.CommandSought():
            title = f"{tell.who} takes command formally from {tell.name(event.from_person)}: brief them"
            return Said("handover", "key", title, event.note)
        case _:
            assert_never(event)


def _aside(title: str) -> Said:
    return Said("executive", "system", title)
