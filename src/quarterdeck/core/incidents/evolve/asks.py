"""How what is asked of executives changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import assert_never

from .. import asks as parts
from ..events import Stamped
from ..events import asks as ev
from ..events.exec_work import ExecWorkEvent
from ..state import Incident
from .exec_work import exec_work
from .fold import change, put

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
_Decision = ev.DecisionAsked | ev.DecisionAnswered | ev.DecisionDefaulted
_Briefing = (
    ev.BriefingPlanned | ev.BriefingReminded | ev.BriefingMissed | ev.BriefingHeld | ev.BriefingCancelled
)


def asks(state: Incident, stamped: Stamped, event: ev.AskEvent) -> Incident:
    now = state.asks
    if isinstance(event, ExecWorkEvent):
        return replace(state, asks=replace(now, work=exec_work(now.work, stamped, event)))
    if isinstance(event, _Help):
        return replace(state, asks=_help(now, stamped, event))
    if isinstance(event, _Decision):
        return replace(state, asks=_decision(now, stamped, event))
    if isinstance(event, _Briefing):
        return replace(state, asks=_briefing(now, stamped, event))
    match event:
        case ev.ExecutivesEngaged():
            found = parts.Engagement(
                event.rule, event.title, event.measure, stamped.at, event.liaison, event.briefing_minutes
            )
            return replace(state, asks=replace(now, engaged=put(now.engaged, event.rule, found)))
        case ev.ExecutiveCalled():
            return state
        case ev.BriefSent():
            brief = parts.WrittenBrief(
                event.message_id, event.what, event.whom, event.doing, event.help_wanted, event.next_at,
                stamped.actor, stamped.at,
            )  # fmt: skip
            return replace(state, asks=replace(now, briefs=put(now.briefs, brief.id, brief)))
        case _:
            assert_never(event)


def _help(now: parts.Asks, stamped: Stamped, event: _Help) -> parts.Asks:
    match event:
        case ev.HelpAsked():
            asked = parts.HelpRequest(
                event.help_id, event.kind, event.text, event.need_by, event.chain,
                event.chain[0] if event.chain else "", stamped.actor, stamped.at,
            )  # fmt: skip
            return replace(now, help=put(now.help, asked.id, asked))
        case ev.HelpAccepted():
            said = {"state": "accepted", "accepted_by": stamped.actor, "accepted_at": stamped.at}
            return replace(now, help=change(now.help, event.help_id, reply=event.note, **said))
        case ev.HelpDeclined():
            return replace(now, help=_ended(now, stamped, event.help_id, "declined", event.reason))
        case ev.HelpDone():
            return replace(now, help=_ended(now, stamped, event.help_id, "done", event.note))
        case ev.HelpPassedOn():
            return replace(now, help=change(now.help, event.help_id, person=event.person, level=event.level))
        case ev.HelpLate():
            return replace(now, help=change(now.help, event.help_id, late=True))
        case ev.HelpOffered():
            offer = parts.Offer(event.offer_id, event.kind, event.text, stamped.actor, stamped.at)
            return replace(now, offers=put(now.offers, offer.id, offer))
        case ev.OfferAnswered():
            state = "taken" if event.help_id else "declined"
            told = {"state": state, "help": event.help_id, "reason": event.reason}
            return replace(now, offers=change(now.offers, event.offer_id, **told))
        case _:
            assert_never(event)


def _ended(
    now: parts.Asks, stamped: Stamped, key: str, state: str, reply: str
) -> Mapping[str, parts.HelpRequest]:
    found = now.help.get(key)
    kept = reply or (found.reply if found else "")
    return change(now.help, key, state=state, reply=kept, ended_by=stamped.actor, ended_at=stamped.at)


def _decision(now: parts.Asks, stamped: Stamped, event: _Decision) -> parts.Asks:
    match event:
        case ev.DecisionAsked():
            asked = parts.DecisionRequest(
                event.request_id, event.question, event.options, event.consequences, event.recommendation,
                event.fallback, event.deadline, event.chain, stamped.actor, stamped.at, event.act, event.minor,
                event.currency,
            )  # fmt: skip
            return replace(now, decisions=put(now.decisions, asked.id, asked))
        case ev.DecisionAnswered():
            said: dict[str, object] = {"chosen": event.chosen, "note": event.note}
        case ev.DecisionDefaulted():
            said = {"chosen": event.chosen, "by_default": True}
        case _:
            assert_never(event)
    told = said | {"decided_by": stamped.actor, "decided_at": stamped.at}
    return replace(now, decisions=change(now.decisions, event.request_id, **told))


def _briefing(now: parts.Asks, stamped: Stamped, event: _Briefing) -> parts.Asks:
    ended = {"ended_by": stamped.actor, "ended_at": stamped.at}
    match event:
        case ev.BriefingPlanned():
            planned = parts.Briefing(
                event.briefing_id, event.starts_at, event.presenter, event.people, event.link, event.every_minutes,
                stamped.actor,
            )  # fmt: skip
            return replace(now, briefings=put(now.briefings, planned.id, planned))
        case ev.BriefingReminded():
            said: dict[str, object] = {"reminded": True}
        case ev.BriefingMissed():
            said = {"state": "missed", **ended}
        case ev.BriefingHeld():
            said = {"state": "held", "present": event.present, "notes": event.notes, **ended}
        case ev.BriefingCancelled():
            said = {"state": "cancelled", "notes": event.reason, **ended}
        case _:
            assert_never(event)
    return replace(now, briefings=change(now.briefings, event.briefing_id, **said))
