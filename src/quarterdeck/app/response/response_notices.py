"""Who hears of a business response personally: the commander of a high score, the liaison of the briefing."""

from __future__ import annotations

from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.events import response as re
from quarterdeck.core.incidents.response import SLT
from quarterdeck.core.kernel.text import line

from ..incidents.crew_notices import Desk
from ..paging.callouts import Request


def told(desk: Desk, event: ev.Event) -> list[Request]:
    """Who hears of a business response personally."""
    key = desk.incident.key
    match event:
        case re.SevereRated() if event.score >= event.threshold:
            text = f"{key}: severe score {event.score}, call the business SME"
            why = f"The threshold is {event.threshold}. You decide whether it is escalated."
            return _unless_self(desk, [desk.commander], text, why)
        case re.SevereRecommended():
            text = f"{key}: the business SME recommends to escalate as severe"
            return _unless_self(desk, [desk.commander], text, line(event.reason, 300), asks=True)
        case re.BriefingOpened() if event.liaison:
            text = f"{key}: the briefing is open, answer the eight questions"
            return [desk.ask(event.liaison, text, "What you cannot answer stays yours to find out.")]
        case re.ParentMoved(new_phase=True) if desk.incident.response.grid:
            held = desk.incident.holder(SLT)
            text = f"{key}: {event.parent} is {event.phase.replace('_', ' ')} now"
            why = "Drafts of the phase before are dropped. Each audience hears something new."
            return (
                [desk.tell(held.person, text, why)] if held and len(desk.incident.response.grid) > 1 else []
            )
        case re.BriefingConfirmed():
            return _unless_self(desk, [desk.commander], f"{key}: the briefing is enough", "Go on.")
    return []


def _unless_self(desk: Desk, people: list[str], text: str, why: str, asks: bool = False) -> list[Request]:
    say = desk.ask if asks else desk.tell
    return [say(p, line(text, 200), why) for p in dict.fromkeys(people) if p and p != desk.act.person]
