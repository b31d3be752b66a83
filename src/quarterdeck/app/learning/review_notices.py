"""Who hears of what comes after an incident: whoever is asked to write, invited, or late; and those above, of what
stays undone. Makes and sends requests only; people who were let go during the incident hear of its review all the same.
"""

from __future__ import annotations

from dataclasses import replace

from quarterdeck.core.access import RULE_PREFIX
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.contributions import CONTRIBUTION
from quarterdeck.core.incidents.events.executive_review import ReadingAsked, ReadingReminded
from quarterdeck.core.incidents.review_course import last_commander
from quarterdeck.core.kernel.text import line

from ..comms.links import review_url, strategic_url
from ..incidents.crew_notices import Desk
from ..paging.callouts import Request, call

SAID = (
    ev.ReviewOpened, ev.ReviewSubmitted, ev.ReviewMeetingSet, ev.ReviewReturned, ev.ReviewAssigned, ev.ReviewLate,
    ev.ContributionAsked, ev.ContributionReminded, ReadingAsked, ReadingReminded,
)  # fmt: skip


def send(desk: Desk, event: ev.Event) -> None:
    """Write to whoever hears of this event. Guests have no way to be reached and are left out."""
    guests = {p.person for p in desk.incident.crew.presence.values() if p.guest}
    reading = isinstance(event, ReadingAsked | ReadingReminded)
    link = (strategic_url if reading else review_url)(desk.incident.key)
    done = set()
    for request in told(desk, event):
        is_rule = request.person.startswith(RULE_PREFIX)
        if not is_rule and request.person not in (*guests, *done, "", "engine", "system"):
            done.add(request.person)
            call(replace(request, link=link), desk.directory)


def told(desk: Desk, event: ev.Event) -> list[Request]:
    key, review = desk.incident.key, desk.incident.review
    match event:
        case ev.ReviewOpened() if event.owner != desk.act.person:
            return [desk.tell(event.owner, f"You write the review of {key}", f"It is due on {event.due_on}.")]
        case ev.ReviewAssigned():
            said = f"{desk.name(desk.act.person)} named you."
            found = [desk.tell(event.owner, f"You write the review of {key}", said)]
            if event.facilitator != event.owner:
                found.append(desk.tell(event.facilitator, f"You lead the review of {key}", said))
            return [r for r in found if r.person not in (desk.act.person, event.previous)]
        case ev.ReviewMeetingSet():
            where = f", {event.place}" if event.place else ""
            text = f"Review of {key}: {event.meets_at:%Y-%m-%d %H:%M} UTC{where}"
            return [
                desk.tell(p, line(text, 200), "Read it before; it is open to you now.")
                for p in event.invited
                if p != desk.act.person
            ]
        case ev.ReviewReturned() if review and review.owner != desk.act.person:
            return [desk.tell(review.owner, f"The review of {key} came back", event.reason)]
        case _:
            return _owed(desk, event)


def _owed(desk: Desk, event: ev.Event) -> list[Request]:
    """What somebody owes, and what they still owe."""
    key, review = desk.incident.key, desk.incident.review
    match event:
        case ev.ContributionAsked() if event.person != desk.act.person:
            why = event.why or "You were there and know what others do not."
            return [desk.tell(event.person, f"{_what(event.section, key)} by {event.due_on}", why)]
        case ev.ContributionReminded(level=1):
            return [
                desk.tell(event.person, f"Due today: {_what(event.section, key)}", "The review needs it.")
            ]
        case ev.ContributionReminded():
            late = f"Late: {_what(event.section, key)}"
            found = [desk.tell(event.person, late, "Its day is over. Write what you have.")]
            if review:
                said = f"{desk.name(event.person)} has not answered."
                found.append(desk.tell(review.owner, late, said))
            return found
        case ev.ReviewLate():
            return _late(desk, event)
        case ReadingAsked():
            text = f"Read the review of {key} by {event.due_at:%Y-%m-%d} and confirm it"
            return [desk.tell(p, text, "Its strategic part is for you.") for p in event.people]
        case ReadingReminded():
            late = event.level > 1
            text = f"{'Late' if late else 'Soon due'}: confirm that you have read the review of {key}"
            return [desk.tell(p, text, f"It was asked for by {event.due_at:%Y-%m-%d}.") for p in event.people]
        case _:
            return []


def _late(desk: Desk, event: ev.ReviewLate) -> list[Request]:
    """First whoever writes and leads it, a day later the commander and the administrators. What is restricted stays
    among its people.
    """
    review = desk.incident.review
    people = [event.owner, review.facilitator if review else ""]
    if event.level > 1:
        people.append(last_commander(desk.incident))
        people += [] if desk.incident.restricted else desk.directory.administrators()
    text = f"The review of {desk.incident.key} is overdue"
    why = f"It was due on {event.due_on}. {desk.name(event.owner)} writes it."
    return [desk.tell(p, text, why) for p in people]


def _what(section: str, key: str) -> str:
    if section == CONTRIBUTION:
        return f"What you know about {key}, for its review"
    return f"The part “{section.replace('_', ' ')}” of the review of {key}"
