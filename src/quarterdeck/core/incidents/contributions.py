"""What others add to a review: the technical lead its technical part, every expert who acted what they know. Each is
asked once, with a date, and reminded.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from quarterdeck.core.access import Who, require
from quarterdeck.core.kernel.refused import Refused, bad, forbidden

from .aftermath import Contribution
from .authority import may as granted
from .authority import must_read
from .events import ContributionAsked, ContributionGiven, ContributionReminded, Event, ReviewEdited
from .functions import EXPERT, LEADS_WORK, roles_for
from .guards import calendar_day, filled, known
from .parts import Review
from .state import Incident
from .structure import Template

TECHNICAL = "technical_analysis"
CONTRIBUTION = "contribution"
TEXT_LIMIT = 20_000
# The hour (UTC) at which reminders of a day go out: nobody is told at midnight.
HOUR = time(9, tzinfo=UTC)
SETTLE = timedelta(hours=2)


def asking(
    incident: Incident, template: Template, review: Review, at: datetime, *, prefix: str
) -> list[Event]:
    """Requests to the technical lead (R-065) and to each expert who acted and has not been asked yet (R-070).

    `prefix` makes their ids; `review` need not be in the state yet.
    """
    due = _due_on(review.due_on, at.date())
    asked = {(c.person, c.section) for c in incident.aftermath.contributions.values()}
    experts = experts_who_acted(incident, template)
    wanted = [(_lead(incident, template), TECHNICAL), *((p, CONTRIBUTION) for p in experts)]
    events: list[Event] = []
    for number, (person, section) in enumerate(wanted, len(asked) + 1):
        if person and (person, section) not in asked:
            events.append(ContributionAsked(f"{prefix}-{number}", person, section, due))
    return events


def experts_who_acted(incident: Incident, template: Template) -> list[str]:
    """Holders of an expert's role, now or before, who did something in this incident, in the order they came."""
    experts = roles_for(template, EXPERT)
    held = dict.fromkeys(a.person for a in incident.assignments.values() if a.role in experts)
    active = set(_active(incident))
    return [p for p in held if p in active]


def _active(incident: Incident) -> Iterator[str]:
    """Whoever wrote, worked, checked, supposed or attached something. To hold a role alone is no act."""
    yield from (e.author for e in incident.entries.values())
    yield from (t.assignee for t in incident.tasks.values() if t.state in ("acknowledged", "done"))
    yield from (c.checked_by for c in incident.checks.values() if c.checked_by)
    yield from (a.attached_by for a in incident.attachments.values())
    yield from (p for h in incident.crew.hypotheses.values() for p in (h.stated_by, h.judged_by) if p)
    yield from (w.leader for w in incident.crew.workstreams.values() if w.last_report or w.result)


def _lead(incident: Incident, template: Template) -> str:
    """Who leads the technical work, or did so last."""
    leads = roles_for(template, LEADS_WORK)
    held = [a for a in incident.assignments.values() if a.role in leads]
    last = next((a for a in held if a.is_open), held[-1] if held else None)
    return last.person if last else ""


def _due_on(review_due: str, today: date) -> str:
    """The day before the review is due, so that its owner can use it; today at the earliest."""
    return max(date.fromisoformat(review_due) - timedelta(days=1), today).isoformat()


def ask(
    incident: Incident, template: Template, by: Who, *, ask_id: str, person: str, due_on: str, why: str = ""
) -> list[Event]:
    """Ask one more person for what they know. By the owner of the review, its facilitator or the commander."""
    review = _open(incident, by)
    leads = by.person in (review.owner, review.facilitator)
    if not leads and not granted(incident, template, by, "incident.phase"):
        require(by, "review.edit")
    if ask_id in incident.aftermath.contributions:
        return []
    person = filled(person, "person", "Name the person you ask.")
    if any(c.person == person and c.is_open for c in incident.aftermath.contributions.values()):
        raise Refused(
            "contribution.asked", "This person is asked already. Wait for the answer, or talk to them."
        )
    due = calendar_day(due_on)
    return [ContributionAsked(ask_id, person, CONTRIBUTION, due, why.strip())]


def give(incident: Incident, by: Who, *, ask_id: str, text: str, article: str = "") -> list[Event]:
    """The contribution itself, with a link to an article if one says more. A part of the review goes into it."""
    review = _open(incident, by)
    asked = known(incident.aftermath.contributions.get(ask_id), "contribution.unknown", "request")
    if by.person != asked.person:
        raise forbidden(
            "contribution.not_yours", "Only the person who was asked can answer. Ask them, or write the part."
        )
    said = text.strip()
    if not said and not article:
        message = "Write what you know, or name an article."
        raise bad("text.missing", message, text=message)
    if len(said) > TEXT_LIMIT:
        message = f"The text has {len(said)} characters; {TEXT_LIMIT} fit. Shorten it, or write an article."
        raise bad("text.long", message, text=message)
    if (asked.text, asked.article) == (said, article) and not asked.is_open:
        return []
    events: list[Event] = []
    if asked.section != CONTRIBUTION and said and review.sections.get(asked.section, "") != said:
        events.append(ReviewEdited(asked.section, said))
    return [*events, ContributionGiven(ask_id, said, article, asked.section)]


def may_write(incident: Incident, by: Who, section: str) -> bool:
    """Whether this part of the review was given to them."""
    return any(
        c.person == by.person and c.section == section for c in incident.aftermath.contributions.values()
    )


def done_by_writing(incident: Incident, by: Who, section: str, text: str) -> list[Event]:
    """Writing the part is the answer to having been asked for it."""
    return [
        ContributionGiven(c.id, text.strip(), c.article, section)
        for c in incident.aftermath.contributions.values()
        if c.section == section and c.person == by.person and c.is_open and text.strip()
    ]


def due_events(incident: Incident, now: datetime) -> list[Event]:
    """A reminder on the day it is due, another when that day is over."""
    return [
        ContributionReminded(c.id, c.person, c.section, level)
        for c, level, at in _waiting(incident)
        if now >= at
    ]


def wake_at(incident: Incident) -> datetime | None:
    return min((at for _, _, at in _waiting(incident)), default=None)


def _waiting(incident: Incident) -> Iterator[tuple[Contribution, int, datetime]]:
    """Who is to be reminded next, how often that was, and when. Nobody while the incident is open again."""
    review = incident.review
    if review is None or review.is_settled or incident.is_open:
        return
    for c in incident.aftermath.contributions.values():
        if c.is_open and c.reminded < 2:
            day = date.fromisoformat(c.due_on) + timedelta(days=c.reminded)
            yield c, c.reminded + 1, max(datetime.combine(day, HOUR), c.asked_at + SETTLE * (c.reminded + 1))


def _open(incident: Incident, by: Who) -> Review:
    must_read(incident, by)
    known(incident.declared_at, "incident.unknown", "review")
    review = known(incident.review, "review.unknown", "review")
    if review.is_settled:
        raise Refused("review.settled", "The review is over. Write an article of what is new.")
    return review
