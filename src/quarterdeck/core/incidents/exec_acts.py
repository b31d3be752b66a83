"""What executives do in an incident besides asking, and what is written down where the boundary was crossed.

Guidance is accepted or declined, never a task. A doubt about severity or a decision goes to the review and changes
nothing. Command is taken formally or not at all.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from quarterdeck.core.access import Who, require
from quarterdeck.core.kernel.refused import Refused, bad, forbidden

from .authority import must_read
from .boundary import BoundaryEvent
from .eligibility import definition, must_not_clash
from .events import Event
from .events.boundary import (
    BoundaryCrossed,
    CommandSought,
    ExecutiveNoted,
    GuidanceAnswered,
    GuidanceGiven,
)
from .exec_questions import PERMISSION, may_answer, open_to
from .guards import filled, known, not_ended, one_line
from .state import COMMANDER, Incident
from .structure import Template
from .understanding import must_be_understood

GUIDANCE_KINDS = ("objective", "priority", "constraint", "risk_appetite")
NOTE_ABOUT = ("severity", "decision")
TEXT_LIMIT, WHAT_LIMIT = 1000, 120
MOST = 500
# The same refused act of the same person is one attempt for so long.
REPEAT = timedelta(minutes=5)


def attempted(
    incident: Incident, by: Who, now: datetime, *, crossing_id: str, what: str, quote: str = ""
) -> list[Event]:
    """An act of an executive that their account may not do was refused: written down once, without judging."""
    if incident.has_ended or _full(incident) or "executive" not in by.roles:
        return []
    again = any(_repeats(c, by.person, what, now) for c in incident.boundary.crossings.values())
    return [] if again else [BoundaryCrossed(crossing_id, "attempt", what[:WHAT_LIMIT], quote, by.person)]


def off_channel(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    crossing_id: str,
    what: str,
    quote: str = "",
    person: str = "",
) -> list[Event]:
    """A request that came past the executive liaison, written down by them or by the commander."""
    must_read(incident, by)
    not_ended(incident)
    commands = incident.commander is not None and incident.commander.person == by.person
    if not commands and not may_answer(incident, template, by):
        raise forbidden(
            "grant.exec.answer",
            "Only the executive liaison or the commander writes this down. Tell one of them.",
        )
    if crossing_id in incident.boundary.crossings:
        return []
    if _full(incident):
        raise Refused("crossings.many", f"{MOST} are written down. Sum the rest up in the review.")
    said = one_line(filled(what, "what", "Say what was asked for, in one line."), "what", WHAT_LIMIT)
    return [BoundaryCrossed(crossing_id, "off_channel", said, _text(quote, "quote"), person)]


def give_guidance(incident: Incident, by: Who, *, guidance_id: str, kind: str, text: str) -> list[Event]:
    """Where to, what comes first, what must not happen, how much may be risked. It becomes no task (X-12)."""
    open_to(incident, by)
    if guidance_id in incident.boundary.guidance:
        return []
    if kind not in GUIDANCE_KINDS:
        message = f"Choose one of: {', '.join(GUIDANCE_KINDS)}."
        raise bad("kind.unknown", message, kind=message)
    if len(incident.boundary.guidance) >= MOST:
        raise Refused("guidance.many", f"{incident.key} has {MOST} notes of guidance already.")
    said = _text(filled(text, "text", "Write what the response should hold to."), "text")
    return [GuidanceGiven(guidance_id, kind, said)]


def answer_guidance(
    incident: Incident, by: Who, *, guidance_id: str, accepted: bool, reason: str = ""
) -> list[Event]:
    """The commander accepts it, or declines with a reason."""
    must_read(incident, by)
    not_ended(incident)
    if incident.commander is None or incident.commander.person != by.person:
        raise forbidden("guidance.commander", "Only the commander accepts or declines guidance. Ask them.")
    found = known(incident.boundary.guidance.get(guidance_id), "guidance.unknown", "guidance")
    said = _text(reason, "reason")
    if not accepted:
        said = filled(said, "reason", "Say why the response cannot hold to it.")
    if (found.state, found.reason) == ("accepted" if accepted else "declined", said):
        return []
    return [GuidanceAnswered(found.id, accepted, found.kind, said)]


def leave_note(
    incident: Incident, by: Who, *, note_id: str, about: str, text: str, decision_id: str = ""
) -> list[Event]:
    """A doubt about the severity, or another mind about a decision: for the review, changes nothing (X-17, R-136)."""
    must_read(incident, by)
    require(by, PERMISSION)
    if not incident.number or incident.phase in ("dismissed", "merged"):
        not_ended(incident)
    if note_id in incident.boundary.notes:
        return []
    if about not in NOTE_ABOUT:
        message = f"Choose one of: {', '.join(NOTE_ABOUT)}."
        raise bad("about.unknown", message, about=message)
    if len(incident.boundary.notes) >= MOST:
        raise Refused("notes.many", f"{incident.key} has {MOST} notes for its review already.")
    subject = f"SEV{incident.severity}"
    if about == "decision":
        decision = incident.decisions.get(decision_id) if decision_id else None
        subject = decision.question if decision else ""
    said = _text(filled(text, "text", "Write what the review is to look at."), "text")
    return [ExecutiveNoted(note_id, about, said, subject)]


def take_command(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    handover_id: str,
    reason: str,
    understood: bool = False,
    elsewhere: str = "",
) -> list[Event]:
    """Yes to "Do you wish to take command?": a handover of command that the successor has accepted (X-08).

    From here it goes the way of every handover: the commander briefs, and either of the two makes it effective. Whether
    they are certified is asked before, where certifications are known.
    """
    open_to(incident, by)
    held = incident.commander
    if held is None:
        raise Refused("command.none", f"Nobody commands {incident.key}. An administrator names somebody.")
    if held.person == by.person:
        return []
    running = next((h for h in incident.handovers.values() if h.is_open and h.assignment_id == held.id), None)
    if running is not None:
        if running.to_person == by.person:
            return []
        raise Refused(
            "handover.running",
            "Command is on its way to somebody else. Wait until it has passed, then ask again.",
        )
    why = _text(filled(reason, "reason", "Say why you take command; it is recorded."), "reason")
    if not understood:
        message = "Tick that you have read the commander's card and will do nothing else while you command."
        raise bad("role.not_understood", message, understood=message)
    must_be_understood(template, COMMANDER, understood)
    must_not_clash(incident, template, by.person, COMMANDER, held)
    if elsewhere and definition(template, COMMANDER).exclusive:
        raise Refused(
            "command.elsewhere",
            f"You hold a role in {elsewhere} that needs a whole person. Pass that on first.",
            details={"incident": elsewhere},
        )
    return [CommandSought(handover_id, held.id, COMMANDER, held.person, by.person, why)]


def command_not_taken(incident: Incident, by: Who, *, crossing_id: str, note: str) -> list[Event]:
    """No to the dialog: written down; the note itself goes to the queue of questions."""
    open_to(incident, by)
    if crossing_id in incident.boundary.crossings or _full(incident):
        return []
    return [BoundaryCrossed(crossing_id, "not_taken", "the dialog was answered with no", note, by.person)]


def _repeats(c: BoundaryEvent, person: str, what: str, now: datetime) -> bool:
    return c.kind == "attempt" and c.person == person and c.what == what[:WHAT_LIMIT] and c.at + REPEAT > now


def _full(incident: Incident) -> bool:
    return len(incident.boundary.crossings) >= MOST


def _text(text: str, field: str) -> str:
    text = text.strip()
    if len(text) > TEXT_LIMIT:
        message = f"This has {len(text)} characters; {TEXT_LIMIT} fit. Shorten it."
        raise bad(f"{field}.long", message, **{field: message})
    return text
