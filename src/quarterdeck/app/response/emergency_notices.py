"""Who hears of the business in emergency mode: late halts, what is to resume, areas asked, a mood that has turned."""

from __future__ import annotations

from dataclasses import replace

from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.describe.emergency import LEVELS
from quarterdeck.core.incidents.events import emergency as em
from quarterdeck.core.kernel.text import line

from ..incidents.crew_notices import Desk
from ..paging.callouts import Request

AREA_ROUND = "department_update"


def told(desk: Desk, event: ev.Event) -> list[Request]:
    match event:
        case em.SwitchHaltRequested():
            why = f"By {event.eta_at:%H:%M} UTC. Confirm it in the incident, with proof."
            return _owner(desk, event.switch, f"Halt: {event.title}", why)
        case em.SwitchResumeRequested():
            return _owner(desk, event.switch, f"Resume: {event.title}", "Confirm it in the incident.")
        case em.SwitchLate():
            why = "The time it was promised for is over. Halt it and confirm, or give another time."
            return [desk.ask(event.person, f"Still not halted: {event.title}", why)] if event.person else []
        case em.AreasAsked():
            return _areas(desk, event)
        case em.SentimentReported() if event.big:
            level = LEVELS.get(event.level, str(event.level))
            text = f"The mood has turned on {event.channel}: {level}, {event.volume} posts"
            why = line(event.posts, 300) or "A big change since the report before."
            return [desk.ask(desk.commander, line(text, 200), why)]
        case em.SentimentDue() if event.person:
            why = "Say in the incident how people speak of it now."
            return [desk.ask(event.person, "The report of the mood outside is due", why)]
        case em.MeetingOffered() if event.beyond:
            now = desk.incident.emergency
            text = f"{len(now.open_offers())} customer talks are offered, a week holds {now.weekly_meetings}"
            return [desk.tell(desk.commander, text, "Offer them sparingly, or find more time for them.")]
        case _:
            return []


def _owner(desk: Desk, key: str, subject: str, why: str) -> list[Request]:
    """Whoever holds the owner's role now; the lead where nobody does."""
    role = next((s.owner for s in desk.template.switches if s.key == key), "")
    holder = desk.incident.holder(role)
    person = holder.person if holder else desk.commander
    return [desk.ask(person, subject, why)] if person != desk.act.person else []


def _areas(desk: Desk, event: em.AreasAsked) -> list[Request]:
    """One ask for each role, also where a person holds several."""
    made = []
    for role, person in zip(event.roles, event.people, strict=False):
        card = desk.template.role(role)
        text = f"{desk.incident.key}: how is your area, {card.title if card else role}?"
        if person and person != desk.act.person:
            asked = desk.ask(person, line(text, 200), "Say it under Emergency mode in the incident.")
            made.append(replace(asked, role=AREA_ROUND))
    return made
