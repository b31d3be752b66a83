"""How people speak of it outside: reports of the mood in a channel, when the next one is owed, and when it has turned
so far that the lead must hear of it (R-106).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from quarterdeck.core.access import Who

from .authority import act
from .emergency import Sentiment
from .events import Event
from .events.emergency import SentimentDue, SentimentReported
from .guards import filled, not_ended, one_line, unfit
from .state import Incident

LOWEST, HIGHEST = -2, 2
# A turn: two steps of the mood, or three times the posts where there are enough to count.
TURN_LEVELS, TURN_TIMES, TURN_LEAST = 2, 3, 30
POSTS_LIMIT = 4000
LONGEST_MINUTES = 24 * 60
MOST_VOLUME = 100_000_000
# Who watches the channels, where the structure has the role.
ROLE = "social_officer"


def report(
    incident: Incident,
    by: Who,
    *,
    report_id: str,
    channel: str,
    level: int,
    volume: int,
    posts: str = "",
    next_minutes: int = 0,
    now: datetime,
) -> list[Event]:
    """Whoever acts here may report. `next_minutes` 0: no further report is owed."""
    not_ended(incident)
    act(incident, by)
    if report_id in incident.emergency.sentiments:
        return []
    channel = one_line(filled(channel, "channel", "Say where people speak."), "channel", 80)
    if not LOWEST <= level <= HIGHEST:
        raise unfit("level.range", "level", "Choose a level from -2 (outrage) to 2 (praise).")
    if not 0 <= volume <= MOST_VOLUME:
        raise unfit("volume.range", "volume", "Give the number of posts.")
    if not 0 <= next_minutes <= LONGEST_MINUTES:
        raise unfit("next.range", "next_minutes", "Give the minutes until the next report, a day at most.")
    if len(posts) > POSTS_LIMIT:
        raise unfit("posts.long", "posts", f"{POSTS_LIMIT} characters fit. Keep the most notable posts.")
    before = newest(incident, channel)
    next_at = now + timedelta(minutes=next_minutes) if next_minutes else None
    big = before is not None and turned(before, level, volume)
    return [SentimentReported(report_id, channel, level, volume, posts.strip(), next_at, big)]


def newest(incident: Incident, channel: str) -> Sentiment | None:
    """The last report of a channel, however it is written."""
    same = [s for s in incident.emergency.sentiments.values() if s.channel.casefold() == channel.casefold()]
    return same[-1] if same else None


def turned(before: Sentiment, level: int, volume: int) -> bool:
    """Whether this is a big change since the report before."""
    grown = volume >= TURN_LEAST and volume >= before.volume * TURN_TIMES
    return abs(level - before.level) >= TURN_LEVELS or grown


def reporter(incident: Incident) -> str:
    """Who owes the next one: who watches the channels now, else whoever reported last while they act, else the lead."""
    holder = incident.holder(ROLE)
    if holder is not None:
        return holder.person
    told = list(incident.emergency.sentiments.values())
    if told and incident.roles_of(told[-1].said_by):
        return told[-1].said_by
    return incident.commander.person if incident.commander else ""


def due_events(incident: Incident, now: datetime) -> list[Event]:
    at = wake_at(incident)
    return [SentimentDue(reporter(incident))] if at is not None and at <= now else []


def wake_at(incident: Incident) -> datetime | None:
    late = incident.emergency.sentiment_late
    return None if late or not incident.is_open else incident.emergency.sentiment_due
