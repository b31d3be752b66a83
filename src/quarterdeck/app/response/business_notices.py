"""Who hears of the business half of an incident: a late vendor, a legal deadline, authority, a request sent up."""

from __future__ import annotations

from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents import regulatory
from quarterdeck.core.incidents.events import business as biz
from quarterdeck.core.kernel import money
from quarterdeck.core.kernel.text import line

from ..incidents.crew_notices import Desk
from ..paging.callouts import Request
from . import response_notices


def told(desk: Desk, event: ev.Event) -> list[Request]:
    """Who hears of an event of the business half."""
    if isinstance(event, ev.ResponseEvent):
        return response_notices.told(desk, event)
    match event:
        case biz.VendorLate():
            people = dict.fromkeys([event.person, desk.commander])
            why = "The time they promised to answer in is over. Call them, or close the case."
            return [desk.tell(p, f"{event.vendor} is late with an answer", why) for p in people if p]
        case biz.AuthorityDelegated() if event.to_person != desk.act.person:
            who = desk.name(event.from_person)
            return [desk.tell(event.to_person, f"{who} lends you authority", event.note or _lent(event))]
        case biz.RequestSentUp():
            cost = money.text(event.minor, event.currency)
            why = f"{desk.name(event.from_person)} may approve up to {money.text(event.limit_minor, event.currency)}."
            return [desk.ask(event.to_person, f"Approve request {event.number} for {cost}", why)]
        case biz.RequestPassedUp():
            return [_passed_up(desk, event)]
        case biz.VendorCaseOpened() if event.owner != desk.act.person:
            return [desk.tell(event.owner, f"You look after the case at {event.vendor}", event.what)]
        case _:
            return _legal(desk, event)


def _passed_up(desk: Desk, event: biz.RequestPassedUp) -> Request:
    """To the backup, with the reason; at last to the commander, who finds another way."""
    cost = money.text(event.minor, event.currency)
    silent = f"{desk.name(event.from_person)} has not answered for {event.minutes} minutes"
    if event.to_person:
        return desk.ask(
            event.to_person, f"Approve request {event.number} for {cost}", f"{silent}: you are asked next."
        )
    text = f"Nobody approves request {event.number} for {cost}"
    return desk.ask(desk.commander, text, f"{silent}, and nobody is left to ask. Find another way.")


def _legal(desk: Desk, event: ev.Event) -> list[Request]:
    match event:
        case biz.RegulatoryStarted():
            why = f"Due {event.due_at:%-d %b %H:%M} UTC. Judge whether it applies. Source: {event.source}"
            return [desk.ask(event.owner, line(f"Legal deadline: {event.title}", 200), line(why, 480))]
        case biz.RegulatoryReminded():
            why = "Say in the incident that it is met, or why it does not apply."
            text = f"Due {event.due_at:%-d %b %H:%M} UTC: {event.title}"
            return [desk.ask(event.person, line(text, 200), why)]
        case biz.RegulatoryOverdue():
            people = dict.fromkeys([event.person, desk.commander])
            why = "Nobody said that it is met or does not apply."
            text = line(f"Legal deadline has PASSED: {event.title}", 200)
            return [desk.ask(p, text, why) for p in people if p]
        case _:
            return []


def taken_over(desk: Desk, event: ev.Event) -> list[Request]:
    """Whoever takes the legal role hears of what runs already."""
    if not isinstance(event, ev.RoleTaken):
        return []
    mine = [c for c in desk.incident.business.running_clocks() if c.owner_role == event.role]
    return [
        desk.tell(event.person, line(f"Legal deadline: {c.title}", 200), f"Due {c.due_at:%-d %b %H:%M} UTC.")
        for c in mine
        if regulatory.answerable(desk.incident, c) == event.person
    ]


def _lent(event: biz.AuthorityDelegated) -> str:
    most = f" up to {money.text(event.limit_minor, event.currency)}" if event.currency else ""
    return f"You may {', '.join(event.acts)}{most}. See the incident."
