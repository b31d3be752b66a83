"""The first steps of a business incident: who has accepted, the briefing with its eight questions, and its step.

The lead alone, or whoever stands in, says how the business incident stands (R-095); the gate opens by itself (R-090).
"""

from __future__ import annotations

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused, bad, forbidden

from .authority import authorise
from .events import Event, RoleTaken
from .events.response import (
    BriefingConfirmed,
    BriefingOpened,
    InitialAccepted,
    PreliminaryWritten,
    QuestionAnswered,
    StepChanged,
)
from .guards import filled, not_ended
from .parts import RoleAssignment
from .response import INITIAL, LIAISON, QUESTIONS, SLT, STEPS
from .response_gate import missing
from .state import COMMANDER, Incident
from .structure import Template

TEXT_LIMIT = 4000


def has_accepted(incident: Incident, role: str) -> bool:
    """Whether whoever holds the role took it, answered the call for it, or said yes. A commander of the technical
    incident who only keeps the lead warm has not.
    """
    held = incident.holder(role)
    if held is None or (role == COMMANDER and held.person == incident.response.parent_commander):
        return False
    said = incident.response.accepted.get(role)
    return (
        held.assigned_by == held.person
        or (said is not None and said.person == held.person)
        or any(
            c.role == role and c.person == held.person and c.answered_at for c in incident.callouts.values()
        )
        or any(
            h.role == role and h.to_person == held.person and h.state == "effective"
            for h in incident.handovers.values()
        )
    )


def waiting_for(incident: Incident) -> tuple[str, ...]:
    """The roles that keep the readiness gate closed."""
    return tuple(role for role in INITIAL if not has_accepted(incident, role))


def accept(incident: Incident, by: Who, *, role: str) -> list[Event]:
    """Whoever was given a role of the initial group says that they are there."""
    _business(incident)
    held = incident.holder(role)
    if role not in INITIAL or held is None or held.person != by.person:
        raise forbidden("response.accept", "Only who holds a role of the initial group accepts it.")
    return [] if has_accepted(incident, role) else [InitialAccepted(role, by.person)]


def opening(incident: Incident) -> list[Event]:
    """What follows once the third of three has accepted: the gate opens, and the briefing with it."""
    known = incident.response
    if not known.parent or known.step != STEPS[0] or waiting_for(incident) or not incident.is_open:
        return []
    liaison: RoleAssignment | None = incident.holder(LIAISON)
    return [
        StepChanged(STEPS[0], "ready", "The initial group has accepted."),
        BriefingOpened(liaison.person if liaison else ""),
    ]


def is_theirs(incident: Incident, role: str, person: str) -> bool:
    """Whether somebody who answered the call for a role of the initial group is to have it now: where it is free, and
    the lead as long as nobody has accepted it.
    """
    if not incident.response.parent or role not in INITIAL or not incident.is_open:
        return False
    held = incident.holder(role)
    return held is None or (role == COMMANDER and not has_accepted(incident, role) and held.person != person)


def taking(role: str, person: str, assignment_id: str, template: Template, reason: str) -> RoleTaken:
    """`person` has the role, of their own will."""
    card = template.role(role)
    return RoleTaken(
        assignment_id=assignment_id,
        role=role,
        person=person,
        assigned_by=person,
        exclusive=bool(card and card.exclusive),
        reports_to=(card.reports_to or "") if card else "",
        reason=reason,
    )


def answer(incident: Incident, template: Template, by: Who, *, question: str, text: str) -> list[Event]:
    """An answer of the briefing. By the liaison, who owns what is open, or who keeps the facts. It may be mended."""
    _business(incident)
    if question not in QUESTIONS:
        raise bad("question.unknown", f"There is no question {question!r}.", question="unknown")
    if incident.response.briefing_opened_at is None:
        raise Refused(
            "briefing.closed", "The briefing is not open yet: the initial group has not accepted in full."
        )
    if LIAISON not in incident.roles_of(by.person):
        authorise(incident, template, by, "facts.write", "incident.phase")
    said = filled(text, "text", "Write the answer, or leave the question open.")
    if len(said) > TEXT_LIMIT:
        message = f"The answer has {len(said)} characters; {TEXT_LIMIT} fit. Shorten it."
        raise bad("text.long", message, text=message)
    before = incident.response.answers.get(question)
    return [] if before and before.text == said else [QuestionAnswered(question, said)]


def confirm(incident: Incident, by: Who) -> list[Event]:
    """The Technical SLT has enough detail to write from; what is open stays an ask of the liaison."""
    _business(incident)
    if SLT not in incident.roles_of(by.person):
        raise forbidden("briefing.slt", "Only the Technical SLT says that it is enough. Ask them.")
    known = incident.response
    if known.briefing_opened_at is None:
        raise Refused("briefing.closed", "The briefing is not open yet. Wait for the initial group.")
    if known.enough_at is not None:
        return []
    if not known.answers:
        raise Refused("briefing.empty", "Nothing is answered yet. Nobody can write from that.")
    return [BriefingConfirmed(known.open_questions())]


def set_step(
    incident: Incident, template: Template, by: Who, *, step: str, reason: str = "", override_reason: str = ""
) -> list[Event]:
    """Where the business incident stands. The lead's word; forward one step or back to any with a reason."""
    _business(incident)
    authorise(incident, template, by, "incident.phase")
    before = incident.response.step
    if step == before:
        return []
    if step not in STEPS or step == STEPS[-1]:
        raise bad(
            "step.unknown", f"Choose one of: {', '.join(STEPS[:-1])}. Resolving has its own act.", step=""
        )
    ahead = STEPS.index(step) - STEPS.index(before)
    if ahead > 1:
        raise Refused("step.order", f"After {before} comes {STEPS[STEPS.index(before) + 1]}. One at a time.")
    if ahead < 0:
        filled(reason, "reason", "Say why it goes back; it is recorded.")
        return [StepChanged(before, step, reason.strip())]
    lacks = _lacking(incident, template, step)
    if lacks and not override_reason.strip():
        raise Refused(
            "step.gate",
            f"It is too early. {' '.join(lacks.values())} Or go on with a reason for the override.",
            details=lacks,
        )
    why = " ".join(filter(None, (reason.strip(), override_reason.strip() if lacks else "")))
    events: list[Event] = [StepChanged(before, step, why, tuple(lacks))]
    if step == "briefing" and incident.response.briefing_opened_at is None:
        liaison = incident.holder(LIAISON)
        events.append(BriefingOpened(liaison.person if liaison else ""))
    return events


def write_preliminary(incident: Incident, template: Template, by: Who, *, text: str) -> list[Event]:
    """The preliminary analysis, for inside only (R-122). By the Technical SLT or the lead, any time till the end."""
    _business(incident)
    if SLT not in incident.roles_of(by.person):
        authorise(incident, template, by, "incident.phase")
    said = filled(text, "text", "Write what is known by now: what happened, to whom, what was done.")
    if len(said) > 20_000:
        message = f"The text has {len(said)} characters; 20000 fit. Shorten it."
        raise bad("text.long", message, text=message)
    return [] if said == incident.response.preliminary else [PreliminaryWritten(said)]


def _lacking(incident: Incident, template: Template, step: str) -> dict[str, str]:
    """What a step asks for, said to whoever does it. Later steps are asked by whoever owns them."""
    match step:
        case "ready" | "briefing":
            titles = {r.key: r.title for r in template.roles}
            open_ = [titles.get(r, r) for r in waiting_for(incident)]
            return {"initial_accepted": f"Wait for: {', '.join(open_)}."} if open_ else {}
        case "emergency_ops" if incident.response.enough_at is None:
            return {"briefing_confirmed": "Have the Technical SLT say that the briefing is enough."}
        case "resuming":
            lacks = {key: text for key, text, met in missing(incident) if not met}
            return {k: lacks[k] for k in ("parent_resolved",) if k in lacks}
    return {}


def _business(incident: Incident) -> None:
    not_ended(incident)
    if not incident.response.parent:
        raise Refused("response.none", f"{incident.key} is not the business response to another incident.")
