"""The sentences of what is asked of executives and of what they answer."""

from __future__ import annotations

from typing import assert_never

from ..events import asks as ev
from ..events.exec_work import ExecWorkEvent
from .exec_work import exec_work
from .line import Said, Teller

_MEASURES = {
    "digest": "executives get a digest afterwards",
    "heads_up": "executives are told and briefed on the clock",
    "call": "the duty executive is called",
    "front": "an approver and a spokesperson are called",
}
_OFFERS = {
    "resource": "offered a resource",
    "roadblock": "offered to remove a roadblock",
    "spend": "offered to approve spending",
    "external_contact": "offered to contact someone",
}
_Help = (
    ev.HelpAsked
    | ev.HelpAccepted
    | ev.HelpDeclined
    | ev.HelpDone
    | ev.HelpPassedOn
    | ev.HelpLate
    | ev.HelpOffered
    | ev.OfferAnswered
)
_Briefing = (
    ev.BriefingPlanned | ev.BriefingReminded | ev.BriefingMissed | ev.BriefingHeld | ev.BriefingCancelled
)


def asks(event: ev.AskEvent, tell: Teller) -> Said:
    if isinstance(event, ExecWorkEvent):
        return exec_work(event)
    if isinstance(event, _Help):
        return _help(event, tell)
    if isinstance(event, _Briefing):
        return _briefing(event, tell)
    match event:
        case ev.ExecutivesEngaged():
            what = _MEASURES.get(event.measure, "executives are engaged")
            return Said("executive", "entry", f"By the engagement policy ({event.title}) {what}")
        case ev.ExecutiveCalled():
            return Said("executive", "key", f"{tell.who} called the duty executive", event.reason)
        case ev.BriefSent():
            fields = (
                ("What happened", event.what),
                ("Who is affected", event.whom),
                ("What we do", event.doing),
                ("What you can do", event.help_wanted),
            )
            text = "\n".join(f"{label}: {value}" for label, value in fields)
            return Said("brief", "entry", f"{tell.who} briefed the executives", text)
        case ev.DecisionAsked():
            options = "\n".join(
                f"{o}: {c}" if c else o for o, c in zip(event.options, event.consequences, strict=False)
            )
            text = f"{options}\nRecommended: {event.recommendation}. Without an answer: {event.fallback}."
            return Said(
                "decision_request", "key", f"{tell.who} asked executives to decide: {event.question}", text
            )
        case ev.DecisionAnswered():
            return Said(
                "decision_request",
                "key",
                f"{tell.who} decided “{event.chosen}”: {event.question}",
                event.note,
            )
        case ev.DecisionDefaulted():
            title = f"Nobody decided in time, the default “{event.chosen}” applies: {event.question}"
            return Said("decision_request", "key", title)
        case _:
            assert_never(event)


def _help(event: _Help, tell: Teller) -> Said:
    match event:
        case ev.HelpAsked():
            kind = event.kind.replace("_", " ")
            return Said("help", "entry", f"{tell.who} asked executives for help ({kind})", event.text)
        case ev.HelpAccepted():
            return Said("help", "entry", f"{tell.who} takes on: {event.text}", event.note)
        case ev.HelpDeclined():
            return Said("help", "entry", f"{tell.who} declined: {event.text}", event.reason)
        case ev.HelpDone():
            return Said("help", "entry", f"{tell.who} noted as done: {event.text}", event.note)
        case ev.HelpPassedOn():
            title = f"Nobody answered in time, {tell.name(event.person)} is asked for help next"
            return Said("help", "entry", title, event.text)
        case ev.HelpLate():
            return Said("help", "entry", f"Help of {tell.name(event.person)} is late", event.text)
        case ev.HelpOffered():
            return Said("help", "entry", f"{tell.who} {_OFFERS.get(event.kind, 'offered help')}", event.text)
        case ev.OfferAnswered():
            how = "turned an offer into a request" if event.help_id else "declined an offer"
            return Said("help", "entry", f"{tell.who} {how}", event.reason or event.text)
        case _:
            assert_never(event)


def _briefing(event: _Briefing, tell: Teller) -> Said:
    when = f"{event.starts_at:%H:%M} UTC"
    match event:
        case ev.BriefingPlanned():
            again = f", then every {event.every_minutes} min" if event.every_minutes else ""
            return Said("briefing", "system", f"{tell.who} set the executive briefing for {when}{again}")
        case ev.BriefingReminded():
            return Said("briefing", "system", f"{tell.who} reminded of the executive briefing at {when}")
        case ev.BriefingMissed():
            return Said("briefing", "key", f"The executive briefing at {when} was missed")
        case ev.BriefingHeld():
            return Said("briefing", "entry", f"{tell.who} held the executive briefing of {when}", event.notes)
        case ev.BriefingCancelled():
            title = f"{tell.who} cancelled the executive briefing at {when}"
            return Said("briefing", "system", title, event.reason)
        case _:
            assert_never(event)
