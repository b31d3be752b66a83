"""What the logs of a severe incident ("above") and of its business response ("below") say, read by hand beside the
product's own rules; what breaks one of five statements stays on the list of that statement.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from quarterdeck.core.incidents import Stamped, content_hash
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.response import LIAISON
from quarterdeck.core.incidents.structure import Template
from support.incident_case import Case

ABOVE, BELOW = "above", "below"
CAPITAL = re.compile("[A-Z]")
OPEN = ("triage", "investigating", "identified", "monitoring")
OUTSIDE = ("customers_all", "customers_strategic")
AT_REST = ("normal", "excused")


@dataclass
class Read:
    """One incident as its log tells it, as far as the statements ask."""

    held: dict[str, tuple[str, str]] = field(default_factory=dict)  # assignment -> role, person
    texts: dict[str, tuple[str, str, str]] = field(default_factory=dict)  # message -> audience, author, phase
    said: dict[str, dict[str, str]] = field(default_factory=dict)  # message -> role -> verdict on this text
    let_in: set[tuple[str, str, str]] = field(default_factory=set)  # message, role, person
    ended: dict[str, str] = field(default_factory=dict)  # message -> released, sent, superseded
    switches: dict[str, str] = field(default_factory=dict)
    phase: str = "triage"

    def holders(self, role: str) -> set[str]:
        return {person for r, person in self.held.values() if r == role}

    def leaves(self, person: str, role: str = "") -> None:
        self.held = {
            a: (r, p)
            for a, (r, p) in self.held.items()
            if p != person or (role and r != role) or r == "shadow"
        }


class TwoLogs:
    """Reads each event as it is written. `cases` and `templates` are by place."""

    def __init__(self, cases: Mapping[str, Case], templates: Mapping[str, Template]) -> None:
        self.cases, self.templates = cases, templates
        self.read = {ABOVE: Read(), BELOW: Read()}
        self.chain: list[str] = []
        self.audience: list[str] = []
        self.release: list[str] = []
        self.resume: list[str] = []
        self.liaison: list[str] = []
        self.over = self.arrived = False
        self.seen: dict[str, int] = {ABOVE: 0, BELOW: 0}

    def go_on(self, place: str) -> None:
        """What was written since, one event after the other; then whether somebody speaks for the customers."""
        log = self.cases[place].log
        for stamped in log[self.seen[place] :]:
            name = CAPITAL.sub(lambda m: f"_{m[0]}", type(stamped.event).__name__).lower()
            read = getattr(self, f"on{name}", None)
            if read is not None:
                read(place, self.read[place], stamped, stamped.event)
        self.seen[place] = len(log)
        known = self.read[place]
        self.arrived |= place == BELOW and bool(known.holders(LIAISON))
        needed = place == ABOVE or self.arrived
        if needed and len(known.holders(LIAISON)) != 1:
            self.liaison.append(f"{place} {len(log)}: {known.holders(LIAISON)}")

    # -- who holds what

    def on_role_taken(self, place: str, known: Read, stamped: Stamped, event: ev.RoleTaken) -> None:
        if event.previous:
            known.leaves(event.previous, event.role)
        known.held[event.assignment_id] = (event.role, event.person)

    def on_role_released(self, place: str, known: Read, stamped: Stamped, event: ev.RoleReleased) -> None:
        known.held.pop(event.assignment_id, None)

    def on_person_released(self, place: str, known: Read, stamped: Stamped, event: ev.PersonReleased) -> None:
        known.leaves(event.person)

    def on_handover_effective(
        self, place: str, known: Read, stamped: Stamped, event: ev.HandoverEffective
    ) -> None:
        known.leaves(event.from_person, event.role)
        known.held[event.new_assignment_id] = (event.role, event.to_person)

    # -- phases

    def on_phase_changed(self, place: str, known: Read, stamped: Stamped, event: ev.PhaseChanged) -> None:
        known.phase = event.phase

    def on_resolved(self, place: str, known: Read, stamped: Stamped, event: ev.Resolved) -> None:
        known.phase = "resolved"

    def on_reopened(self, place: str, known: Read, stamped: Stamped, event: ev.Reopened) -> None:
        known.phase = "investigating"
        self.over = self.over and place == BELOW

    # -- messages

    def on_message_drafted(self, place: str, known: Read, stamped: Stamped, event: ev.MessageDrafted) -> None:
        if known.ended.get(event.message_id):
            self.audience.append(f"{event.message_id} was changed after its end")
        known.texts[event.message_id] = (event.audience, stamped.actor, event.phase)
        known.said[event.message_id] = {}

    on_message_edited = on_message_drafted

    def on_message_submitted(
        self, place: str, known: Read, stamped: Stamped, event: ev.MessageSubmitted
    ) -> None:
        known.said[event.message_id] = {}

    def on_message_step_passed(
        self, place: str, known: Read, stamped: Stamped, event: ev.MessageStepPassed
    ) -> None:
        known.let_in.add((event.message_id, event.role, event.person))

    def on_message_judged(self, place: str, known: Read, stamped: Stamped, event: ev.MessageJudged) -> None:
        actor, holders = stamped.actor, known.holders(event.role)
        audience, author, _ = known.texts[event.message_id]
        vacant = not holders and event.role != "elt_approver"  # its duty is with whoever is above it
        theirs = actor in holders or vacant or (event.message_id, event.role, actor) in known.let_in
        if actor == author or not theirs or event.content_hash != self._hash(place, event.message_id):
            self.chain.append(f"{actor} judged {event.message_id} as {event.role}")
        if event.audience != audience:
            self.audience.append(f"{event.message_id} was judged for {event.audience}")
        known.said[event.message_id][event.role] = event.verdict

    def on_message_released(
        self, place: str, known: Read, stamped: Stamped, event: ev.MessageReleased
    ) -> None:
        key, audience = event.message_id, known.texts[event.message_id][0]
        steps = {s.step: s.roles for s in self.templates[place].chains[audience]}
        asked = {*steps.get("review", ()), *steps.get("approve", ())}
        yes = {role for role, verdict in known.said[key].items() if verdict != "objection"}
        # The first word above goes in a wording that was agreed beforehand.
        agreed = bool(event.preapproved) and place == ABOVE
        if known.ended.get(key) or not (asked <= yes or agreed or (event.broke_glass and event.skipped)):
            self.chain.append(f"{key} was released with the yes of {yes}, not of {asked}")
        if event.audience != audience or event.content_hash != self._hash(place, key):
            self.audience.append(f"{key} was released for {event.audience}, agreed for {audience}")
        if {stamped.actor} != self.read[ABOVE].holders("commander") and not agreed:
            self.release.append(f"{stamped.actor} released {key}")
        known.ended[key] = "released"

    def on_message_sent(self, place: str, known: Read, stamped: Stamped, event: ev.MessageSent) -> None:
        audience, _, phase = known.texts[event.message_id]
        if known.ended.get(event.message_id) != "released":
            self.chain.append(f"{event.message_id} was sent when {known.ended.get(event.message_id)}")
        if event.audience != audience:
            self.audience.append(f"{event.message_id} went to {event.audience}")
        known.ended[event.message_id] = "sent"
        both_over = phase not in OPEN and self.read[ABOVE].phase not in OPEN
        self.over |= place == BELOW and audience in OUTSIDE and both_over

    def on_message_superseded(
        self, place: str, known: Read, stamped: Stamped, event: ev.MessageSuperseded
    ) -> None:
        known.ended[event.message_id] = "superseded"

    def _hash(self, place: str, message: str) -> str:
        return content_hash(self.cases[place].incident.messages[message])

    # -- what stands still outside

    def on_switch_halt_requested(
        self, place: str, known: Read, stamped: Stamped, event: ev.SwitchHaltRequested
    ) -> None:
        known.switches[event.switch] = "asked"

    def on_switch_halted(self, place: str, known: Read, stamped: Stamped, event: ev.SwitchHalted) -> None:
        known.switches[event.switch] = "halted"

    def on_switch_excused(self, place: str, known: Read, stamped: Stamped, event: ev.SwitchExcused) -> None:
        known.switches[event.switch] = "excused"

    def on_switch_resume_requested(
        self, place: str, known: Read, stamped: Stamped, event: ev.SwitchResumeRequested
    ) -> None:
        order = {s.key: s.resume_order for s in self.templates[place].switches}
        waits = [
            k
            for k, state in known.switches.items()
            if order[k] < order[event.switch] and state not in AT_REST
        ]
        if not self.over or waits:
            self.resume.append(f"{event.switch} before {waits or 'it was said to be over'}")
        known.switches[event.switch] = "resuming"

    def on_switch_resumed(self, place: str, known: Read, stamped: Stamped, event: ev.SwitchResumed) -> None:
        if known.switches.get(event.switch) != "resuming":
            self.resume.append(f"{event.switch} runs again unasked")
        known.switches[event.switch] = "normal"
