"""Moving an incident through its phases to its end. Gates hold it back; an override says why."""

from __future__ import annotations

from datetime import datetime

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused, bad

from .authority import authorise
from .clocks import starting, stopping
from .debrief import called_off
from .events import Closed, Dismissed, Event, MessageSuperseded, PhaseChanged, Reopened, Resolved
from .gates import Condition, missing, overridable
from .guards import filled, not_ended, not_later, unfit
from .response_gate import resolving
from .review import after_the_end
from .state import OPEN_PHASES, Incident
from .structure import NEXT_PHASES, Catalog, Template

_OWN_ACT = {"resolved": "Resolve it with a code and a time", "closed": "Close it", "dismissed": "Dismiss it"}


def change_phase(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    phase: str,
    reason: str = "",
    override_reason: str = "",
) -> list[Event]:
    """Moves to another phase and supersedes drafts that speak of the one before.

    Refused `phase.gate` (details: condition -> what to do) while conditions are missing, unless
    `override_reason` is given; severity and type cannot be overridden before monitoring (R-020).
    """
    not_ended(incident)
    authorise(incident, template, by, "incident.phase")
    if phase == incident.phase:
        return []
    if phase in _OWN_ACT:
        raise bad("phase.own_act", f"{_OWN_ACT[phase]}; this is not a mere change of phase.")
    if incident.phase == "resolved" and phase == "investigating":
        raise bad("phase.own_act", "Reopen it with a reason; this is not a mere change of phase.")
    if incident.response.parent and phase in OPEN_PHASES:
        raise Refused(
            "phase.mirrored",
            f"The phase is that of {incident.response.parent}. Say how the business response stands by its step.",
        )
    _must_follow(incident, template, phase)
    overridden = _passed(incident, template, phase, override_reason)
    why = " ".join(part for part in (reason.strip(), override_reason.strip() if overridden else "") if part)
    return [
        PhaseChanged(incident.phase, phase, why, overridden),
        *superseding(incident, f"the phase is {phase} now"),
    ]


def resolve(
    incident: Incident,
    template: Template,
    catalog: Catalog,
    by: Who,
    *,
    code: str,
    resolved_at: datetime,
    at: datetime,
    review_id: str,
    summary: str = "",
    override_reason: str = "",
) -> list[Event]:
    """Service is back. Stops the clocks, supersedes drafts, opens the review where the severity asks for one.

    Refused with an unchecked validation check, unless `override_reason` is given (R-018).
    """
    not_ended(incident)
    authorise(incident, template, by, "incident.phase")
    if incident.phase == "resolved":
        return []
    _must_follow(incident, template, "resolved")
    _must_be_code(catalog, code)
    not_later(resolved_at, at, "resolved_at")
    if incident.declared_at and resolved_at < incident.declared_at:
        message = "Service cannot be back before the incident was declared. Give a later time."
        raise bad("resolved_at.early", message, resolved_at=message)
    overridden = _passed(incident, template, "resolved", override_reason)
    return [
        Resolved(
            code,
            resolved_at,
            summary.strip(),
            overridden,
            override_reason.strip() if overridden else "",
            incident.phase,
        ),
        *resolving(incident),
        *stopping(incident, "the incident is resolved"),
        *superseding(incident, "the incident is resolved"),
        *after_the_end(incident, template, catalog, review_id=review_id, at=at),
    ]


def reopen(incident: Incident, template: Template, by: Who, *, reason: str, at: datetime) -> list[Event]:
    """It was not over: back to investigating, with running clocks."""
    not_ended(incident)
    authorise(incident, template, by, "incident.phase")
    if incident.is_open:
        return []
    if incident.phase != "resolved":
        raise Refused(
            "phase.order", f"{incident.key} is in {incident.phase}. Declare a new incident instead."
        )
    why = filled(reason, "reason", "Say what came back; it is recorded.")
    return [
        Reopened(why),
        *superseding(incident, "the incident was reopened"),
        *called_off(incident),
        *starting(template, incident.severity, at),
    ]


def close(
    incident: Incident,
    template: Template,
    by: Who,
    *,
    reason: str = "",
    override_reason: str = "",
) -> list[Event]:
    """The end: every role ends with it. From resolved it passes through analysis in the same act."""
    if incident.phase == "closed":
        return []
    not_ended(incident)
    authorise(incident, template, by, "incident.phase")
    overridden = _passed(incident, template, "closed", override_reason)
    through: list[Event] = []
    if incident.phase == "resolved":
        _must_follow(incident, template, "analysis")
        through = [PhaseChanged("resolved", "analysis")]
    else:
        _must_follow(incident, template, "closed")
    why = " ".join(part for part in (reason.strip(), override_reason.strip() if overridden else "") if part)
    return [*through, *superseding(incident, "the incident is closed"), Closed(why, overridden)]


def dismiss(incident: Incident, template: Template, by: Who, *, reason: str) -> list[Event]:
    """It was no incident. From triage only; a later false alarm is resolved with its code."""
    if incident.phase == "dismissed":
        return []
    not_ended(incident)
    authorise(incident, template, by, "incident.phase")
    if "dismissed" not in NEXT_PHASES.get(incident.phase, ()):
        raise Refused(
            "phase.order",
            f"{incident.key} is in {incident.phase}. Only triage is dismissed; resolve it as a false alarm.",
        )
    why = filled(reason, "reason", "Say why this is no incident; it is recorded.")
    return [
        *stopping(incident, "the incident was dismissed"),
        *superseding(incident, "the incident was dismissed"),
        Dismissed(why),
    ]


def superseding(incident: Incident, reason: str) -> list[Event]:
    """Drafts speak of what is over. Released messages are on their way and stay."""
    return [
        MessageSuperseded(m.id, reason, m.audience, m.headline)
        for m in incident.messages.values()
        if m.state in ("draft", "in_review")
    ]


def _must_follow(incident: Incident, template: Template, phase: str) -> None:
    following = [p for p in NEXT_PHASES.get(incident.phase, ()) if p in (*template.phases, "dismissed")]
    if phase in following:
        return
    ways = f"it goes to {' or '.join(following)}" if following else "no phase follows"
    raise Refused("phase.order", f"From {incident.phase} {ways}. It cannot go to {phase} now.")


def _passed(incident: Incident, template: Template, phase: str, override_reason: str) -> tuple[str, ...]:
    """The conditions that were overridden. Refuses when something is missing and no reason is given."""
    open_ = missing(incident, template, phase)
    firm = [c for c in open_ if not overridable(phase, c)]
    if firm:
        raise _held_back(incident, phase, open_, "This cannot be overridden.")
    if open_ and not override_reason.strip():
        raise _held_back(incident, phase, open_, "Or go on with a reason for the override.")
    return tuple(c.key for c in open_)


def _held_back(incident: Incident, phase: str, open_: list[Condition], way_out: str) -> Refused:
    todo = " ".join(c.text for c in open_)
    return Refused(
        "phase.gate",
        f"{incident.key} is not ready for {phase}. {todo} {way_out}",
        details={c.key: c.text for c in open_},
    )


def _must_be_code(catalog: Catalog, code: str) -> None:
    filled(code, "code", "Choose a resolution code.")
    known = [c.key for c in catalog.resolution_codes]
    if known and code not in known:
        message = f"There is no resolution code {code!r}. Choose one of: {', '.join(known)}."
        raise unfit("code.unknown", "code", message)
