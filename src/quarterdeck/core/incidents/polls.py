"""Before a big act: ask for strong objections, then go (R-288). Silence until the end of the window decides; an
objection stops it and hands it back to the commander.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from quarterdeck.core.access import GUEST, Who, require
from quarterdeck.core.kernel.refused import Refused, bad, forbidden

from .authority import authorise, may, must_read
from .events import DecisionMade, Event
from .events.technical import ObjectionRaised, PollClosed, PollOpened
from .guards import filled, known, not_ended, one_line
from .state import Incident
from .structure import Template
from .technical import Poll
from .unified import must_agree

SHORTEST_MINUTES, LONGEST_MINUTES = 1, 120
PROPOSAL_LIMIT, OBJECTION_LIMIT = 500, 1000
GO = "go ahead"


def open_poll(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    poll_id: str,
    proposal: str,
    minutes: int,
    at: datetime,
) -> list[Event]:
    """Whoever may decide asks. The window is 1 to 120 minutes."""
    not_ended(incident)
    authorise(incident, template, by, "decision.make")
    if poll_id in incident.technical.polls:
        return []
    said = one_line(filled(proposal, "proposal", "Say what you are going to do."), "proposal", PROPOSAL_LIMIT)
    if not SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES:
        message = f"Give people {SHORTEST_MINUTES} to {LONGEST_MINUTES} minutes to object."
        raise bad("minutes.number", message, minutes=message)
    must_agree(incident, said)
    return [PollOpened(poll_id, said, at + timedelta(minutes=minutes), minutes)]


def raise_objection(incident: Incident, by: Who, *, poll_id: str, text: str, at: datetime) -> list[Event]:
    """Whoever responds objects, with what they fear. The first objection stops the poll; more are written down.

    Guests of other organisations tell the commander; they stop no decision of this one.
    """
    must_read(incident, by)
    require(by, "incident.act")
    if GUEST in by.roles:
        raise forbidden("poll.guest", "Write it as a note, and tell the commander what you fear.")
    poll = known(incident.technical.polls.get(poll_id), "poll.unknown", "poll")
    not_ended(incident)
    if poll.state not in ("open", "stopped") or (poll.is_open and at >= poll.closes_at):
        raise Refused(
            "poll.over",
            "The time to object is over. Tell the commander at once; a safety stop halts the work.",
        )
    why = filled(text, "text", "Say what speaks against it.")
    if len(why) > OBJECTION_LIMIT:
        message = f"The text has {len(why)} characters; {OBJECTION_LIMIT} fit. Shorten it."
        raise bad("text.long", message, text=message)
    if poll.objections.get(by.person) == why:
        return []
    raised: list[Event] = [ObjectionRaised(poll.id, why, poll.proposal)]
    return [*raised, PollClosed(poll.id, "stopped", poll.proposal)] if poll.is_open else raised


def withdraw_poll(incident: Incident, template: Template, by: Who, *, poll_id: str) -> list[Event]:
    """The proposal is taken back."""
    not_ended(incident)
    poll = known(incident.technical.polls.get(poll_id), "poll.unknown", "poll")
    if not poll.is_open:
        return []
    if by.person != poll.opened_by:
        authorise(incident, template, by, "decision.make")
    return [PollClosed(poll.id, "withdrawn", poll.proposal)]


def due_events(incident: Incident, template: Template, now: datetime) -> list[Event]:
    """Windows that ended without an objection: each becomes a decision of whoever asked, while that is theirs to make.
    What somebody proposed who has handed over since is for their successor to propose again.
    """
    events: list[Event] = []
    for poll in _open(incident):
        if now >= poll.closes_at and not may(incident, template, Who(poll.opened_by), "decision.make"):
            events.append(PollClosed(poll.id, "withdrawn", poll.proposal))
        elif now >= poll.closes_at:
            minutes = int((poll.closes_at - poll.opened_at).total_seconds() // 60)
            heard = f"None within {minutes} min."
            events.append(PollClosed(poll.id, "carried", poll.proposal))
            events.append(
                DecisionMade(poll.id, poll.proposal, (), GO, "", heard, kind="act", by=poll.opened_by)
            )
    return events


def wake_at(incident: Incident) -> datetime | None:
    return min((p.closes_at for p in _open(incident)), default=None)


def _open(incident: Incident) -> list[Poll]:
    return [] if incident.has_ended else [p for p in incident.technical.polls.values() if p.is_open]
