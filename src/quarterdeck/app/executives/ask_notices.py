"""Who hears of what executives are asked: they, the commander and the liaison. Makes requests only, but for a call.

Nobody who works on the incident hears of an executive here but the commander and the liaison.
"""

from __future__ import annotations

from quarterdeck.core.incidents import briefings
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.asks import HelpRequest
from quarterdeck.core.incidents.codename import outside
from quarterdeck.core.incidents.events import asks
from quarterdeck.core.kernel.text import line

from ..incidents.crew_notices import Desk
from ..paging.callouts import Request
from . import executive_duty


def told(desk: Desk, event: ev.Event) -> list[Request]:
    match event:
        case asks.ExecutivesEngaged(measure="heads_up"):
            return [
                desk.tell(p, outside(desk.incident), "For your information; the brief comes on its clock.")
                for p in executive_duty.chain(desk.incident, desk.directory)[:1]
            ]
        case asks.ExecutiveCalled():
            executive_duty.call_duty(desk.incident, desk.directory)
            return []
        case ev.Resolved():
            return _digest(desk)
        case asks.DecisionAsked():
            why = line(f"Recommended: {event.recommendation}. Without an answer: {event.fallback}.", 480)
            until = f"Decide by {event.deadline:%H:%M} UTC: {event.question}"
            return [desk.ask(p, line(until, 300), why) for p in event.chain[:1]]
        case asks.DecisionAnswered():
            title = line(f"Decided, {event.chosen}: {event.question}", 300)
            return _back(desk, title, event.note or "An executive decided.")
        case asks.DecisionDefaulted():
            title = line(f"The default applies, {event.chosen}: {event.question}", 300)
            found = desk.incident.asks.decisions[event.request_id]
            why = "Nobody decided by the deadline."
            return [*_back(desk, title, why), *(desk.tell(p, title, why) for p in found.chain[:1])]
        case _:
            return _help(desk, event) or _briefing(desk, event)


def _help(desk: Desk, event: ev.Event) -> list[Request]:
    match event:
        case asks.HelpAsked():
            why = line(event.text, 480)
            kind = event.kind.replace("_", " ")
            text = f"{desk.incident.key}: your help is needed by {event.need_by:%H:%M} UTC ({kind})"
            return [desk.ask(p, text, why) for p in event.chain[:1]]
        case asks.HelpPassedOn():
            why = f"It was asked before you and not answered in time: {event.text}"
            return [desk.ask(event.person, f"{desk.incident.key}: your help is needed", line(why, 480))]
        case asks.HelpLate():
            title = line(f"Help is late: {event.text}", 300)
            why = "It was accepted and its time is over."
            return [desk.tell(event.person, title, why), *_back(desk, title, why)]
        case asks.HelpAccepted():
            return _back(desk, line(f"An executive takes on: {event.text}", 300), event.note or "Accepted.")
        case asks.HelpDeclined():
            return _back(desk, line(f"Declined: {event.text}", 300), event.reason)
        case asks.HelpDone() if _by_executive(desk, event.help_id):
            return _back(desk, line(f"Done: {event.text}", 300), event.note or "Noted as done.")
        case asks.HelpOffered():
            return _liaison(desk, line(f"An executive offers: {event.text}", 300))
        case asks.OfferAnswered(help_id=""):
            offer = desk.incident.asks.offers[event.offer_id]
            return [desk.tell(offer.offered_by, line(f"Thank you, not now: {event.text}", 300), event.reason)]
        case _:
            return []


def _briefing(desk: Desk, event: ev.Event) -> list[Request]:
    match event:
        case asks.BriefingReminded():
            title = f"Executive briefing at {event.starts_at:%H:%M} UTC"
            mine = [desk.tell(event.presenter, title, "You hold it.")] if event.presenter else []
            people = event.people or executive_duty.chain(desk.incident, desk.directory)
            return [*mine, *(desk.tell(p, title, "You are invited.") for p in people if p != event.presenter)]
        case asks.BriefingMissed():
            title = f"The executive briefing at {event.starts_at:%H:%M} UTC was missed"
            people = dict.fromkeys([event.presenter, desk.commander])
            return [desk.tell(p, title, "Nobody noted it as held.") for p in people if p]
        case asks.BriefingCancelled() if event.reason:
            found = desk.incident.asks.briefings[event.briefing_id]
            title = f"No executive briefing at {event.starts_at:%H:%M} UTC"
            return [desk.tell(p, title, event.reason) for p in found.people if p != desk.act.person]
        case _:
            return []


def _digest(desk: Desk) -> list[Request]:
    """What an executive on duty reads of an incident of lower severity once it is over."""
    if not any(e.measure == "digest" for e in desk.incident.asks.engaged.values()):
        return []
    i = desk.incident
    said = [i.customer_effect, i.resolution_summary or i.fix]
    why = line(" ".join(t for t in said if t) or "It is over; nothing is asked of you.", 480)
    people = executive_duty.chain(i, desk.directory)[:1]
    return [desk.tell(p, line(f"Over: {outside(i)}", 300), why) for p in people]


def _back(desk: Desk, title: str, why: str) -> list[Request]:
    """To the commander and the liaison, without whoever did it."""
    people = dict.fromkeys([desk.commander, *_liaisons(desk)])
    return [desk.tell(p, title, line(why, 480)) for p in people if p and p != desk.act.person]


def _liaison(desk: Desk, title: str) -> list[Request]:
    people = _liaisons(desk) or [desk.commander]
    why = "A note for you. The commander may turn it into a request."
    return [desk.tell(p, title, why) for p in people if p != desk.act.person]


def _liaisons(desk: Desk) -> list[str]:
    held = (desk.incident.holder(r) for r in briefings.PRESENTERS[:-1])
    return [a.person for a in held if a is not None]


def _by_executive(desk: Desk, help_id: str) -> bool:
    found: HelpRequest | None = desk.incident.asks.help.get(help_id)
    return found is not None and found.accepted_by == desk.act.person
