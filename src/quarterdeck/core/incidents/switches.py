"""Outward activity of the business that stands still in a severe incident: advertising, campaigns, scheduled posts
(R-102 to R-104). Which there are is data of the structure; owned by whoever holds the role now, never by a name.

normal → halt_requested (with the time it will be done) → halted (with proof) → resume_requested → normal; or
not_applicable, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise

from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused, forbidden

from .authority import act, may, stands_for
from .emergency import (
    HALT_REQUESTED,
    HALTED,
    NORMAL,
    NOT_APPLICABLE,
    RESUME_REQUESTED,
    SwitchState,
)
from .events import Event
from .events.emergency import (
    SwitchExcused,
    SwitchHalted,
    SwitchHaltRequested,
    SwitchLate,
    SwitchResumed,
    SwitchResumeRequested,
)
from .guards import filled, known, not_ended, unfit
from .state import OPEN_PHASES, Incident
from .structure import Switch, Template

LONGEST = timedelta(days=3)
PROOF_LIMIT = 2000
# After the owner was reminded, the lead hears of it.
LEAD_AFTER = timedelta(minutes=5)
# The lead directs; who owns a switch confirms what was done.
DIRECTS = ("decision.make",)
ACTS = ("halt", "confirm-halt", "resume", "confirm-resume", "excuse")
WORDS = {
    NORMAL: "runs as usual",
    HALT_REQUESTED: "is being halted",
    HALTED: "is halted",
    RESUME_REQUESTED: "is being resumed",
    NOT_APPLICABLE: "does not apply here",
}


def of(incident: Incident, switch: Switch) -> SwitchState:
    """How it stands; one that nobody touched runs as usual."""
    return incident.emergency.switches.get(switch.key) or SwitchState(switch.key, switch.title)


def counted(incident: Incident, template: Template) -> tuple[int, int]:
    """How many are halted, of how many that apply."""
    states = [of(incident, s) for s in template.switches]
    return sum(s.is_stopped for s in states), sum(s.state != NOT_APPLICABLE for s in states)


def may_confirm(incident: Incident, template: Template, by: Who, switch: Switch) -> bool:
    """Whoever holds the owner's role now, or stands in for it while nobody does."""
    return not by.is_machine and switch.owner in stands_for(incident, template, by)


def may_direct(incident: Incident, template: Template, by: Who, switch: Switch) -> bool:
    return may_confirm(incident, template, by, switch) or may(incident, template, by, *DIRECTS)


def request_halt(
    incident: Incident, template: Template, by: Who, *, key: str, eta_at: datetime, now: datetime
) -> list[Event]:
    """Stop it by `eta_at`. Again with another time: the time moves."""
    switch, state = _found(incident, template, by, key, may_direct)
    if not now < eta_at <= now + LONGEST:
        message = "Say by when it stands still: a time that is still to come, within three days."
        raise unfit("eta.range", "eta", message)
    if state.state == HALT_REQUESTED and state.eta_at == eta_at:
        return []
    _from(state, NORMAL, NOT_APPLICABLE, HALT_REQUESTED)
    return [SwitchHaltRequested(switch.key, switch.title, eta_at, len(template.switches))]


def confirm_halt(incident: Incident, template: Template, by: Who, *, key: str, evidence: str) -> list[Event]:
    """It stands still; `evidence` says how one sees it."""
    switch, state = _found(incident, template, by, key, may_confirm)
    proof = _text(filled(evidence, "evidence", "Say how one sees that it stands still."), "evidence")
    if state.state == HALTED:
        return []
    _from(state, HALT_REQUESTED)
    return [SwitchHalted(switch.key, switch.title, proof, len(template.switches))]


def request_resume(incident: Incident, template: Template, by: Who, *, key: str) -> list[Event]:
    """Only after those outside have heard that it is over, and in the order of the structure."""
    switch, state = _found(incident, template, by, key, may_direct)
    if state.state == RESUME_REQUESTED:
        return []
    _from(state, HALTED)
    why = not_yet(incident, template, switch)
    if why:
        raise Refused("switch.not_yet", why)
    return [SwitchResumeRequested(switch.key, switch.title, len(template.switches))]


def confirm_resume(
    incident: Incident, template: Template, by: Who, *, key: str, evidence: str = ""
) -> list[Event]:
    switch, state = _found(incident, template, by, key, may_confirm)
    proof = _text(evidence.strip(), "evidence")
    if state.state == NORMAL and state.halts:
        return []
    _from(state, RESUME_REQUESTED)
    return [SwitchResumed(switch.key, switch.title, proof, len(template.switches))]


def excuse(incident: Incident, template: Template, by: Who, *, key: str, reason: str) -> list[Event]:
    """There is nothing of the kind to halt here. What stands still already is resumed, not excused."""
    switch, state = _found(incident, template, by, key, may_direct)
    said = _text(filled(reason, "reason", "Say why it does not apply."), "reason")
    if state.state == NOT_APPLICABLE:
        return []
    _from(state, NORMAL, HALT_REQUESTED)
    return [SwitchExcused(switch.key, switch.title, said, len(template.switches))]


def not_yet(incident: Incident, template: Template, switch: Switch) -> str:
    """Why it may not be resumed now; "" when it may."""
    if not over_was_said(incident, template):
        return "Send the message first that says to those outside that it is over; then resume."
    earlier = [s for s in template.switches if s.resume_order < switch.resume_order]
    waits = [s.title for s in earlier if of(incident, s).is_unsettled]
    return f"First these run again: {', '.join(waits)}." if waits else ""


def over_was_said(incident: Incident, template: Template) -> bool:
    """Whether a message of the resolution, or a final one, was sent to anybody outside since it last became open. In
    the response to another incident it is one that speaks of that incident's end: nothing else is over before.
    """
    public = {a.key for a in template.audiences if a.public}
    answers = bool(incident.response.parent)
    since = _last_opened(incident)
    return any(
        m.state == "sent"
        and m.audience in public
        and (m.phase not in OPEN_PHASES or (m.final and not answers))
        and (since is None or (m.released_at is not None and m.released_at > since))
        for m in incident.messages.values()
    )


def _last_opened(incident: Incident) -> datetime | None:
    """When it, or the incident it answers to, became open again; None when it never was over."""
    spans = [(s.phase, s.since) for s in incident.phases]
    above = [(row.phase, row.opened_at) for row in incident.response.grid.values()]
    opened = [
        at
        for known in (spans, above)
        for (before, _), (phase, at) in pairwise(known)
        if before not in OPEN_PHASES and phase in OPEN_PHASES
    ]
    return max(opened, default=None)


def switches_missing(incident: Incident) -> tuple[SwitchState, ...]:
    """What keeps the response from being over: neither resumed nor excused (structures 3.5, R-122)."""
    return tuple(s for s in incident.emergency.switches.values() if s.is_unsettled)


def due_events(incident: Incident, template: Template, now: datetime) -> list[Event]:
    """A halt that is late: its owner hears of it, then the lead. Where nobody owns it, the lead at once."""
    events: list[Event] = []
    for switch, state, at in _late(incident, template):
        if at > now:
            continue
        owner = incident.holder(switch.owner)
        lead = incident.commander.person if incident.commander else ""
        alone = owner is None or owner.person == lead
        level = 2 if state.level == 1 or alone else 1
        person = lead if level == 2 or owner is None else owner.person
        events.append(SwitchLate(switch.key, switch.title, person, level))
    return events


def wake_at(incident: Incident, template: Template) -> datetime | None:
    return min((at for _, _, at in _late(incident, template)), default=None)


def _late(incident: Incident, template: Template) -> list[tuple[Switch, SwitchState, datetime]]:
    found = []
    for switch in template.switches:
        state = of(incident, switch)
        if state.state == HALT_REQUESTED and state.eta_at is not None and state.level < 2:
            found.append((switch, state, state.eta_at + (LEAD_AFTER if state.level else timedelta(0))))
    return [] if incident.has_ended else found


def _found(
    incident: Incident,
    template: Template,
    by: Who,
    key: str,
    able: Callable[[Incident, Template, Who, Switch], bool],
) -> tuple[Switch, SwitchState]:
    not_ended(incident)
    act(incident, by)
    switch = known(next((s for s in template.switches if s.key == key), None), "switch.unknown", "switch")
    if not able(incident, template, by, switch):
        role = template.role(switch.owner)
        name = role.title if role else switch.owner.replace("_", " ")
        also = " or the lead" if able is may_direct else ""
        raise forbidden(
            "switch.owner", f"Only whoever holds the role {name} now{also} may do this. Ask them."
        )
    return switch, of(incident, switch)


def _from(state: SwitchState, *states: str) -> None:
    if state.state not in states:
        raise Refused(
            "switch.state",
            f"{state.title} {WORDS[state.state]}. This goes on from where it {' or '.join(WORDS[s] for s in states)}.",
        )


def _text(text: str, field: str) -> str:
    if len(text) > PROOF_LIMIT:
        message = f"The {field} has {len(text)} characters; {PROOF_LIMIT} fit. Shorten it."
        raise unfit(f"{field}.long", field, message)
    return text
