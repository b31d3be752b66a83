"""The disclosure watch (R-143, R-218): who spoke of the incident in public first, we or somebody else.

A mention from before our first public statement is a red flag; it is never taken back by a later statement.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from quarterdeck.core.access import Who, require
from quarterdeck.core.kernel.refused import Refused

from .authority import must_read
from .events import Event
from .events.telling import MentionRecorded
from .guards import filled, not_later, one_line, unfit
from .state import Incident
from .structure import Template
from .telling import Mention

# Others may know days before we do.
EARLIEST = timedelta(days=60)
MOST = 200
TEXT_LIMIT = 2000


def first_statement_at(incident: Incident, template: Template) -> datetime | None:
    """When the public first heard of it from us: a post on a status page, or a message to a public audience."""
    public = {a.key for a in template.audiences if a.public}
    posts = [p.posted_at for p in incident.page_updates.values()]
    sent = [m.sent_at for m in incident.messages.values() if m.audience in public and m.sent_at]
    return min([*posts, *sent], default=None)


def first_mention(incident: Incident) -> Mention | None:
    """The earliest by the time it was seen."""
    return min(incident.telling.mentions.values(), key=lambda m: (m.seen_at, m.id), default=None)


def outrun_by(incident: Incident) -> Mention | None:
    """The first mention that came before our own word: the red flag. None when nobody was ahead of us."""
    ahead = [m for m in incident.telling.mentions.values() if m.ahead]
    return min(ahead, key=lambda m: (m.seen_at, m.id), default=None)


def record_mention(
    incident: Incident, template: Template, by: Who, *, mention_id: str, source: str, place: str, seen_at: datetime,
    at: datetime, link: str = "", text: str = "",
) -> list[Event]:  # fmt: skip
    """By anybody at work in the incident, after its end too while there is a review. The same mention once."""
    must_read(incident, by)
    require(by, "incident.act")
    if mention_id in incident.telling.mentions:
        return []
    if len(incident.telling.mentions) >= MOST:
        raise Refused(
            "mention.many", f"There are {MOST} mentions already. Write further ones into the timeline."
        )
    who = one_line(
        filled(source, "source", "Say who spoke of it: a customer, a paper, a person."), "source", 120
    )
    where = one_line(filled(place, "place", "Say where: the forum, the network, the paper."), "place", 120)
    not_later(seen_at, at, "seen_at")
    if incident.declared_at and seen_at < incident.declared_at - EARLIEST:
        raise unfit(
            "seen_at.early", "seen_at", "That is long before the incident. Give the time it was seen."
        )
    if len(text) > TEXT_LIMIT:
        raise unfit("text.long", "text", f"{TEXT_LIMIT} characters fit. Give the gist.")
    ours = first_statement_at(incident, template)
    return [
        MentionRecorded(mention_id, who, where, seen_at, link, text.strip(), ours is None or seen_at < ours)
    ]
