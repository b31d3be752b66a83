"""The strategic part of a review (X-19, R-150): the only part executives write and comment on, and their word that they
have read a review of the highest severities. Knows no organisation: who is an executive comes in as an argument.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from quarterdeck.core.access import Who, may, require
from quarterdeck.core.kernel.refused import Refused, bad, forbidden

from .aftermath import Reading
from .authority import may_read, must_read
from .events import Event
from .events.executive_review import ReadingAsked, ReadingConfirmed, ReadingReminded, StrategicCommented
from .guards import filled, known
from .parts import Review
from .state import Incident

# "strategic" is the summary; what came before the others may hold all of it.
STRATEGIC = (
    "strategic",
    "strategic_themes",
    "strategic_investments",
    "strategic_decisions",
    "strategic_process",
)
COMMENT_LIMIT = 4_000
# The first reminder, where the time is long enough for one.
AHEAD = timedelta(days=1)
LEVELS = 2
EXECUTIVE = "executive"


def only_strategic(by: Who, section: str) -> None:
    """Refuses an executive anywhere but in the strategic parts, unless they write reviews by another role."""
    if EXECUTIVE in by.roles and section not in STRATEGIC and not may(by, "review.edit"):
        raise forbidden(
            "review.strategic_only",
            "Executives write and comment in the strategic part of a review only. Say it there.",
        )


def comment(incident: Incident, by: Who, *, comment_id: str, section: str, text: str) -> list[Event]:
    """A word on a strategic part, as long as the review is not closed: by executives, and those who write reviews."""
    review = _review(incident, by)
    only_strategic(by, section)
    if section not in STRATEGIC:
        message = f"Comments belong to the strategic part. Choose one of: {', '.join(STRATEGIC)}."
        raise bad("section.strategic", message, section=message)
    if EXECUTIVE not in by.roles and by.person not in (review.owner, review.facilitator):
        require(by, "review.edit")
    if review.state in ("closed", "waived"):
        raise Refused(
            "review.over",
            f"The review is {review.state}. Add an action item for what is new.",
            kind="conflict",
        )
    said = filled(text, "text", "Write what you have to say.")
    if len(said) > COMMENT_LIMIT:
        message = f"It has {len(said)} characters; {COMMENT_LIMIT} fit. Shorten it."
        raise bad("text.long", message, text=message)
    return [StrategicCommented(comment_id, section, said)]


def asking(incident: Incident, people: Collection[str], *, at: datetime, days: int, rank: int) -> list[Event]:
    """Whom to ask, once a review is agreed: these executives, where the incident was as severe as `rank` at its worst.
    Of a restricted one only who knows of it (X-25); nobody after a drill, and nobody twice.
    """
    worst = min(r for r in (incident.severity_highest, incident.severity) if r) if incident.severity else 0
    if incident.drill or not days or not 0 < worst <= rank:
        return []
    asked = incident.aftermath.readings
    new = [p for p in dict.fromkeys(people) if p not in asked and may_read(incident, Who(p))]
    return [ReadingAsked(tuple(new), at + timedelta(days=days))] if new else []


def confirm(incident: Incident, by: Who) -> list[Event]:
    """They have read it. Twice changes nothing; whoever was not asked need not."""
    review = _review(incident, by)
    mine = incident.aftermath.readings.get(by.person)
    if mine is not None and mine.confirmed_at is not None:
        return []
    if mine is None or not review.is_public:
        raise Refused("reading.not_asked", "You are not asked to confirm this review. Nothing is left to do.")
    return [ReadingConfirmed()]


def due_events(incident: Incident, now: datetime) -> list[Event]:
    """A day before its time is over those who have not confirmed are reminded, and again when it is over."""
    found: dict[tuple[int, datetime], list[str]] = {}
    for reading in waiting(incident):
        level = next((n for n in (2, 1) if reading.reminded < n and now >= _reminds_at(reading, n)), 0)
        if level:
            found.setdefault((level, reading.due_at), []).append(reading.person)
    return [ReadingReminded(tuple(people), level, due) for (level, due), people in found.items()]


def wake_at(incident: Incident) -> datetime | None:
    return min(
        (_reminds_at(r, r.reminded + 1) for r in waiting(incident) if r.reminded < LEVELS), default=None
    )


def waiting(incident: Incident) -> Iterable[Reading]:
    """Who has not confirmed."""
    return [r for r in incident.aftermath.readings.values() if r.confirmed_at is None]


def _reminds_at(reading: Reading, level: int) -> datetime:
    """Of a short time the last half is enough."""
    if level > 1:
        return reading.due_at
    return reading.due_at - min(AHEAD, (reading.due_at - reading.asked_at) / 2)


def _review(incident: Incident, by: Who) -> Review:
    must_read(incident, by)
    known(incident.declared_at, "incident.unknown", "review")
    return known(incident.review, "review.unknown", "review")
