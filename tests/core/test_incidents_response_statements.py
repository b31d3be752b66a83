"""Five statements about a severe incident and its business response, whatever people do in whatever order:

no send without the chain, no message to another audience, no release but by the commander above, no switch that resumes
early, and somebody who speaks for the customers at every instant.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from quarterdeck.catalog import load
from quarterdeck.core.access import ENGINE, Who
from quarterdeck.core.incidents import (
    Content,
    Event,
    acknowledgement,
    assign_role,
    chain,
    content_hash,
    crewing,
    distribution,
    draft_message,
    edit_message,
    handover,
    liaison,
    message_sent,
    mirroring,
    readiness,
    release_message,
    release_role,
    severe,
    supersede_message,
    switches,
    take_over,
    timed_handover,
)
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.response import LIAISON, SLT
from quarterdeck.core.kernel.refused import Refused
from support.budgets import examples
from support.incident_case import Case, declared
from support.two_logs import ABOVE, BELOW, TwoLogs

SOFTWARE, BUSINESS = load().template("software"), load().template("business")
# Above: Ana commands, Ben speaks for customers, Coco writes, Dag and Gus stand by. Below: Lea leads, the rest by role.
NAMES = ("ana", "ben", "coco", "dag", "gus", "lea", "sam", "leo", "mia", "finn", "mel", "sol")
PEOPLE = tuple(Who(n, frozenset({"responder"})) for n in NAMES)
ANA, BEN, COCO, DAG, GUS, LEA, SAM, LEO, MIA, FINN, MEL, SOL = PEOPLE
STAFF = {
    SLT: SAM, "legal_officer": LEO, "messaging_officer": MIA, "elt_approver": FINN, "marketing_officer": MEL,
    "social_officer": SOL,
}  # fmt: skip
PLACES = (
    ("review", "legal_officer"),
    ("review", "messaging_officer"),
    ("review", LIAISON),
    ("approve", "elt_approver"),
)
AUDIENCES = ("customers_all", "customers_strategic", "staff")
KEYS = tuple(s.key for s in BUSINESS.switches)
WORDING = acknowledgement.Wording(
    "first", "First", "We look into it", "Refused", "We look", "Leo", "2026-01-01"
)

anybody, mostly = st.sampled_from(PEOPLE), st.integers(0, 4).map(bool)
Place = tuple[str, str]


def something_written(machine: Statements) -> bool:
    return hasattr(machine, "below") and bool(machine.below.incident.messages)


class Statements(RuleBasedStateMachine):
    """Everybody tries everything, above and below; each act is one transaction, with what follows from it below."""

    @initialize()
    def a_severe_incident_has_its_response(self) -> None:
        up, down = declared(ANA, severity=1), declared(LEA, severity=1)
        up.record("ana", [ev.PhaseChanged("triage", "investigating")])
        for role, who in ((LIAISON, BEN), ("communications_lead", COCO)):
            up.record("ana", [ev.RoleTaken(up.id(), role, who.person, "ana")])
        up.record("ana", severe.escalate(up.incident, ANA, child="INC-9"))
        moved = mirroring.state_of(up.incident, new_phase=True)
        down.record("ana", [ev.EVENTS["ResponseBegan"](up.incident.key), moved])
        for role, who in STAFF.items():
            down.record("lea", [ev.RoleTaken(down.id(), role, who.person, "lea")])
        self.above, self.below = up, down
        self.told = TwoLogs({ABOVE: up, BELOW: down}, {ABOVE: SOFTWARE, BELOW: BUSINESS})
        for place in (ABOVE, BELOW):
            self.told.go_on(place)

    # -- one act

    def up(self, who: Who, decide: Callable[[], list[Event]]) -> None:
        events = self.act(ABOVE, self.above, who, decide)
        arriving = [
            e.from_person for e in events if isinstance(e, ev.HandoverEffective) and e.role == LIAISON
        ]
        follow = mirroring.follow(self.below.incident, self.above.incident) if events else []
        if arriving and self.below.incident.holder(LIAISON) is None:
            follow.append(readiness.taking(LIAISON, arriving[-1], self.below.id(), BUSINESS, "handed over"))
        self.act(BELOW, self.below, ENGINE, lambda: follow)

    def down(self, who: Who, decide: Callable[[], list[Event]]) -> None:
        self.act(BELOW, self.below, who, decide)

    def act(self, place: str, case: Case, who: Who, decide: Callable[[], list[Event]]) -> list[Event]:
        try:
            events = decide()
        except Refused:
            return []
        for each in (self.above, self.below):
            each.pass_time(seconds=20)
        case.record(who, events)
        self.told.go_on(place)
        return events

    def do(self, act: Callable[..., list[Event]], who: Who, **said: object) -> None:
        """One decision about the response."""
        self.down(who, lambda: act(self.below.incident, BUSINESS, who, **said))

    def on_top(self, act: Callable[..., list[Event]], who: Who, **said: object) -> None:
        self.up(who, lambda: act(self.above.incident, SOFTWARE, who, **said))

    def whoever(self, case: Case, role: str, otherwise: Who) -> Who:
        """Who holds the role now."""
        held = case.incident.holder(role)
        return Who(held.person, frozenset({"responder"})) if held else otherwise

    def commander(self) -> Who:
        return self.whoever(self.above, "commander", ANA)

    # -- messages of the response

    def message(self, data: st.DataObject) -> str:
        """One of the newest three."""
        return str(data.draw(st.sampled_from([*self.below.incident.messages][-3:])))

    def text_of(self, key: str, old: bool = False) -> str:
        found = self.below.incident.messages.get(key)
        return "0" * 64 if old or found is None else content_hash(found)

    def text(self, audience: str, final: bool = False) -> Content:
        later = None if final else self.below.now + timedelta(hours=6)
        action = f"We mend {len(self.below.log)}"
        return Content(audience, "Bookings fail", "", "Refused.", action, later, final)

    @rule(audience=st.sampled_from(AUDIENCES), usual=mostly, who=anybody, final=st.booleans())
    def write(self, audience: str, usual: bool, who: Who, final: bool) -> None:
        by, content = SAM if usual else who, self.text(audience, final)
        self.do(draft_message, by, message_id=self.below.id(), content=content, at=self.below.now)

    @precondition(something_written)
    @rule(
        data=st.data(), audience=st.sampled_from(AUDIENCES), who=st.sampled_from((SAM, SAM, LEO, FINN, LEA))
    )
    def edit(self, data: st.DataObject, audience: str, who: Who) -> None:
        key = self.message(data)
        self.do(edit_message, who, message_id=key, content=self.text(audience), at=self.below.now)

    @precondition(something_written)
    @rule(data=st.data(), who=st.sampled_from((SAM, SAM, LEA, MEL)))
    def hand_in(self, data: st.DataObject, who: Who) -> None:
        key = self.message(data)
        self.do(chain.submit, who, message_id=key, text_hash=self.text_of(key), at=self.below.now)

    @precondition(something_written)
    @rule(data=st.data(), place=st.sampled_from(PLACES), usual=mostly, who=anybody,
          verdict=st.sampled_from(("ok", "ok", "suggestion", "objection")), old=mostly)  # fmt: skip
    def say(self, data: st.DataObject, place: Place, usual: bool, who: Who, verdict: str, old: bool) -> None:
        by = self.whoever(self.below, place[1], LEA) if usual else who
        self.judge(by, self.message(data), place, verdict, not old)

    def judge(self, by: Who, key: str, place: Place, verdict: str = "ok", old: bool = False) -> None:
        said = {"step": place[0], "role": place[1], "verdict": verdict, "text": "because"}
        text = self.text_of(key, old)
        self.do(chain.judge, by, message_id=key, text_hash=text, at=self.below.now, **said)

    @precondition(something_written)
    @rule(data=st.data(), place=st.sampled_from(PLACES), to=anybody)
    def pass_on(self, data: st.DataObject, place: Place, to: Who) -> None:
        key, by = self.message(data), self.whoever(self.below, place[1], LEA)
        said = {"step": place[0], "role": place[1], "person": to.person}
        self.do(chain.pass_on, by, message_id=key, at=self.below.now, **said)

    @precondition(something_written)
    @rule(data=st.data(), who=anybody, usual=mostly, glass=mostly, old=mostly)
    def let_go(self, data: st.DataObject, who: Who, usual: bool, glass: bool, old: bool) -> None:
        self.release(
            self.commander() if usual else who, self.message(data), "" if glass else "Fire.", not old
        )

    def release(self, by: Who, key: str, glass: str = "", old: bool = False) -> None:
        said = {"content_hash": self.text_of(key, old), "break_glass": glass, "override": "So be it."}
        self.do(release_message, by, message_id=key, at=self.below.now, **said)

    @precondition(something_written)
    @rule(
        data=st.data(),
        step=st.sampled_from(("", "", "distribute", "confirm")),
        who=anybody,
        recipients=st.integers(0, 1),
    )
    def carry(self, data: st.DataObject, step: str, who: Who, recipients: int) -> None:
        key, now = self.message(data), self.below.now
        if step:
            self.do(distribution.carry_out, who, message_id=key, step=step, proof="Seen", at=now)
        else:
            self.do(message_sent, ENGINE, message_id=key, recipients=recipients, pages=0, at=now)

    @precondition(something_written)
    @rule(data=st.data(), who=anybody)
    def drop(self, data: st.DataObject, who: Who) -> None:
        self.do(supersede_message, who, message_id=self.message(data), reason="no")

    @rule(audience=st.sampled_from(AUDIENCES[:2]), stops=st.integers(0, 9), final=st.booleans(), who=anybody,
          late=st.sampled_from(("", "edit", "edit and hand in")))  # fmt: skip
    def almost_all_goes_well(
        self, audience: str, stops: int, final: bool, who: Who = BEN, late: str = ""
    ) -> None:
        """Rare by chance alone: a text goes its way but for one step, is perhaps changed late, and goes on from there."""
        key = self.below.id()
        self.do(draft_message, SAM, message_id=key, content=self.text(audience, final), at=self.below.now)
        if key not in self.below.incident.messages:
            return
        self.do(chain.submit, SAM, message_id=key, text_hash=self.text_of(key), at=self.below.now)
        for n, place in enumerate(PLACES):
            if n != stops:
                self.judge(self.whoever(self.below, place[1], LEA), key, place)
        if late:
            self.do(
                edit_message, SAM, message_id=key, content=self.text(AUDIENCES[0], final), at=self.below.now
            )
        if late == "edit and hand in":
            self.do(chain.submit, SAM, message_id=key, text_hash=self.text_of(key), at=self.below.now)
        for by in (who, self.commander()):
            self.release(by, key)
        if stops != 5:
            self.do(message_sent, ENGINE, message_id=key, recipients=1, pages=0, at=self.below.now)

    @rule(who=st.sampled_from((ANA, COCO, LEA)))
    def first_word(self, who: Who) -> None:
        """In one act, in the agreed wording: above only."""
        said = {"content": self.text("customers_all"), "wording": WORDING}
        self.on_top(acknowledgement.acknowledge, who, message_id=self.above.id(), at=self.above.now, **said)
        self.do(acknowledgement.acknowledge, who, message_id=self.below.id(), at=self.below.now, **said)

    # -- the technical incident moves

    @rule(to=st.sampled_from(("identified", "monitoring", "resolved", "resolved", "analysis", "reopened")))
    def phase(self, to: str) -> None:
        i = self.above.incident
        made: Event = ev.PhaseChanged(i.phase, to)
        if to == "resolved":
            made = ev.Resolved("fixed", self.above.now)
        if to == "reopened":
            made = ev.Reopened("It came back")
        if i.phase != to and (i.phase == "resolved" if to in ("reopened", "analysis") else i.is_open):
            self.up(self.commander(), lambda: [made])

    @rule(role=st.sampled_from((LIAISON, LIAISON, "commander")), to=st.sampled_from((DAG, GUS, COCO)), usual=mostly,
          by=anybody, steps=st.integers(0, 4))  # fmt: skip
    def offer(self, role: str, to: Who, usual: bool, by: Who, steps: int) -> None:
        """To somebody, and so many steps on."""
        held, key = self.whoever(self.above, role, BEN), self.above.id()
        who = held if usual else by
        assignment = self.above.incident.holder(role)
        if role == LIAISON:
            self.on_top(liaison.offer, who, handover_id=key, to=to)
        elif assignment:
            self.on_top(handover.offer_handover, who, handover_id=key, assignment_id=assignment.id, to=to)
        if key in self.above.incident.handovers:
            for what, one in (("accept", to), ("brief", held), ("effect", to))[:steps]:
                self.step(what, key, one)

    @rule(
        to=st.sampled_from((DAG, GUS)),
        below=st.booleans(),
        what=st.sampled_from(("leave", "let go", "take over")),
    )
    def the_liaison_goes_over_and_on(self, to: Who, below: bool, what: str) -> None:
        """Into the response, all steps of it; and then one of the two liaisons leaves, or is sent away."""
        self.offer(LIAISON, to, True, BEN, 3)
        self.roles_move(LEA, True, below, LIAISON, COCO, what)

    @rule(what=st.sampled_from(("accept", "brief", "effect", "effect", "decline", "withdraw", "force", "time")),
          n=st.integers(0, 1), to=st.booleans())  # fmt: skip
    def hand_over(self, what: str, n: int, to: bool) -> None:
        running = [h for h in self.above.incident.handovers.values() if h.is_open]
        if n < len(running):
            passing = running[-1 - n]
            by = Who(passing.to_person if to else passing.from_person, frozenset({"responder"}))
            self.step(what, passing.id, self.commander() if what == "force" else by)

    def step(self, what: str, key: str, by: Who) -> None:
        i, now, fresh = self.above.incident, self.above.now, self.above.id()
        acts: dict[str, Callable[[], list[Event]]] = {
            "accept": lambda: handover.accept_handover(i, SOFTWARE, by, handover_id=key, understood=True),
            "brief": lambda: handover.brief_handover(i, by, handover_id=key, briefing="As it stands"),
            "effect": lambda: handover.make_effective(
                i, SOFTWARE, by, handover_id=key, new_assignment_id=fresh
            ),
            "decline": lambda: handover.decline_handover(i, by, handover_id=key),
            "withdraw": lambda: handover.withdraw_handover(i, by, handover_id=key),
            "force": lambda: liaison.force(
                i, SOFTWARE, by, handover_id=key, new_assignment_id=fresh, reason="Now"
            ),
            "time": lambda: timed_handover.time_handover(
                i, by, handover_id=key, effective_at=now + timedelta(minutes=1), at=now
            ),
        }
        self.up(by, acts[what])

    @rule()
    def time_passes(self) -> None:
        for each in (self.above, self.below):
            each.pass_time(minutes=6)
        self.up(ENGINE, lambda: timed_handover.due_events(
            self.above.incident, SOFTWARE, self.above.now, self.above.id
        ))  # fmt: skip
        self.down(ENGINE, lambda: chain.due_events(self.below.incident, BUSINESS, self.below.now))

    @rule(by=anybody, usual=mostly, below=st.booleans(), role=st.sampled_from((LIAISON, LIAISON, *STAFF)), to=anybody,
          what=st.sampled_from(("leave", "let go", "take over", "give")))  # fmt: skip
    def roles_move(self, by: Who, usual: bool, below: bool, role: str, to: Who, what: str) -> None:
        case, act = (self.below, self.do) if below else (self.above, self.on_top)
        who = (LEA if below else self.commander()) if usual else by
        held = case.incident.holder(role)
        match what:
            case "leave":
                act(release_role, who, assignment_id=held.id if held else "", reason="Gone")
            case "let go":
                person = held.person if held else ""
                act(crewing.release_person, who, person=person, now=case.now, override_reason="Go")
            case "take over":
                act(
                    take_over,
                    who,
                    assignment_id=case.id(),
                    role=role,
                    reason="Away",
                    person=to,
                    understood=True,
                )
            case "give":
                act(assign_role, who, assignment_id=case.id(), role=role, person=to)

    # -- what stands still outside

    @rule(key=st.sampled_from(KEYS), tries=st.sampled_from((("halt", "confirm-halt"), ("resume", "confirm-resume"),
          *((a,) for a in switches.ACTS))), by=anybody, usual=mostly)  # fmt: skip
    def switch(self, key: str, tries: tuple[str, ...], by: Who, usual: bool) -> None:
        owner = next(s.owner for s in BUSINESS.switches if s.key == key)
        who = self.whoever(self.below, owner, LEA) if usual else by
        for what in tries:
            now = self.below.now
            acts: dict[str, tuple[Callable[..., list[Event]], dict[str, object]]] = {
                "halt": (switches.request_halt, {"eta_at": now + timedelta(minutes=9), "now": now}),
                "confirm-halt": (switches.confirm_halt, {"evidence": "As shown"}),
                "resume": (switches.request_resume, {}),
                "confirm-resume": (switches.confirm_resume, {}),
                "excuse": (switches.excuse, {"reason": "None runs"}),
            }  # fmt: skip
            act, said = acts[what]
            self.do(act, who, key=key, **said)

    @rule(key=st.sampled_from(KEYS), but=st.sampled_from(("", "end", "message", "again")))
    def almost_back_to_normal(self, key: str, but: str) -> None:
        """Halted, over, told and resumed, but for one of them, or with the trouble back in between."""
        self.switch(key, ("halt", "confirm-halt"), LEA, True)
        self.phase("reopened" if but == "end" else "resolved")
        if but != "message":
            self.almost_all_goes_well("customers_all", 9, True)
        if but == "again":
            self.phase("reopened")
        self.switch(key, ("resume", "confirm-resume"), LEA, True)

    # -- the five statements

    @invariant()
    def nothing_is_sent_without_its_chain(self) -> None:
        assert not hasattr(self, "told") or self.told.chain == []

    @invariant()
    def no_message_goes_to_another_audience(self) -> None:
        assert not hasattr(self, "told") or self.told.audience == []

    @invariant()
    def nobody_but_the_commander_above_releases(self) -> None:
        assert not hasattr(self, "told") or self.told.release == []

    @invariant()
    def nothing_resumes_before_those_outside_heard_that_it_is_over(self) -> None:
        assert not hasattr(self, "told") or self.told.resume == []

    @invariant()
    def somebody_speaks_for_the_customers_at_every_instant(self) -> None:
        assert not hasattr(self, "told") or self.told.liaison == []


TestStatements = pytest.mark.requirement("R-100", "R-113")(Statements.TestCase)
TestStatements.settings = settings(max_examples=examples(60), stateful_step_count=50, deadline=None)
