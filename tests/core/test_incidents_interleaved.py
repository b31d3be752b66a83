"""Whatever people do in whatever order, and wherever a process dies: one commander, one tree, no duty without anybody."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from quarterdeck.core.incidents import (
    Event,
    Stamped,
    accept_handover,
    assign_role,
    brief_handover,
    chart,
    crewing,
    decline_handover,
    evolve,
    give_task,
    make_effective,
    offer_handover,
    release_role,
    replay,
    rows,
    stands_for,
    take_over,
    take_role,
    vacancies,
    withdraw_handover,
    workstreams,
)
from quarterdeck.core.incidents.state import COMMANDER
from quarterdeck.core.kernel.refused import Refused
from support.budgets import examples
from support.incident_case import ADAM, ANA, BEN, CHO, DAG, TEMPLATE, Who, declared

PEOPLE = (ANA, BEN, CHO, DAG, ADAM)
ROLES = (
    "commander",
    "deputy",
    "scribe",
    "technical_lead",
    "sme",
    "communications_lead",
    "shadow",
    "observer",
)
someone, roles = st.sampled_from(PEOPLE), st.sampled_from(ROLES)


class Interleaved(RuleBasedStateMachine):
    """Every rule is one command of one person; a crash loses what was decided and not yet written, whole or not at all."""

    @initialize(severity=st.sampled_from((1, 2, 4)))
    def declare(self, severity: int) -> None:
        self.case = declared(ANA, severity=severity)
        self.crash = False

    def act(self, who: Who, decide: Callable[[], list[Event]]) -> None:
        """A refusal is an answer like any other; a transaction that dies leaves nothing behind."""
        try:
            events = decide()
        except Refused:
            return
        if self.crash:
            self.crash = False
            self.case.incident = replay(self.case.log)  # what another process finds
            return
        self.case.pass_time(seconds=30)
        self.case.record(who, events)

    @rule()
    def the_next_transaction_dies(self) -> None:
        self.crash = True

    @rule(who=someone, role=roles, mentor=st.sampled_from(("", "ben", "cho")))
    def claim(self, who: Who, role: str, mentor: str) -> None:
        i = self.case.incident
        self.act(
            who, lambda: take_role(i, TEMPLATE, who, assignment_id=self.case.id(), role=role, mentor=mentor)
        )

    @rule(by=someone, who=someone, role=roles)
    def assign(self, by: Who, who: Who, role: str) -> None:
        i = self.case.incident
        self.act(
            by, lambda: assign_role(i, TEMPLATE, by, assignment_id=self.case.id(), role=role, person=who)
        )

    @rule(by=someone, role=roles)
    def replace_somebody(self, by: Who, role: str) -> None:
        i = self.case.incident
        self.act(
            by, lambda: take_over(i, TEMPLATE, by, assignment_id=self.case.id(), role=role, reason="gone")
        )

    @rule(by=someone, data=st.data())
    def let_a_role_go(self, by: Who, data: st.DataObject) -> None:
        held = data.draw(st.sampled_from(self.case.incident.open_assignments()))
        self.act(by, lambda: release_role(self.case.incident, TEMPLATE, by, assignment_id=held.id))

    @rule(by=someone, who=someone, reason=st.sampled_from(("", "ill")))
    def let_somebody_go(self, by: Who, who: Who, reason: str) -> None:
        i, now = self.case.incident, self.case.now
        self.act(
            by,
            lambda: crewing.release_person(
                i, TEMPLATE, by, person=who.person, now=now, override_reason=reason
            ),
        )

    @rule(to=someone, data=st.data())
    def offer(self, to: Who, data: st.DataObject) -> None:
        held = data.draw(st.sampled_from(self.case.incident.open_assignments()))
        by = Who(held.person, frozenset({"responder"}))
        i = self.case.incident
        self.act(
            by,
            lambda: offer_handover(i, TEMPLATE, by, handover_id=self.case.id(), assignment_id=held.id, to=to),
        )

    @rule(
        by=someone,
        step=st.sampled_from(("accept", "brief", "effective", "decline", "withdraw")),
        data=st.data(),
    )
    def hand_over(self, by: Who, step: str, data: st.DataObject) -> None:
        offers = [h for h in self.case.incident.handovers.values() if h.is_open]
        if not offers:
            return
        i, h = self.case.incident, data.draw(st.sampled_from(offers)).id
        steps: dict[str, Callable[[], list[Event]]] = {
            "accept": lambda: accept_handover(i, TEMPLATE, by, handover_id=h),
            "brief": lambda: brief_handover(i, by, handover_id=h, briefing="All is told"),
            "effective": lambda: make_effective(
                i, TEMPLATE, by, handover_id=h, new_assignment_id=self.case.id()
            ),
            "decline": lambda: decline_handover(i, by, handover_id=h),
            "withdraw": lambda: withdraw_handover(i, by, handover_id=h),
        }
        self.act(by, steps[step])

    @rule(by=someone, leader=someone)
    def split(self, by: Who, leader: Who) -> None:
        i, key = self.case.incident, self.case.id()
        self.act(
            by,
            lambda: workstreams.open_workstream(
                i, TEMPLATE, by, workstream_id=key, title=f"Part {key}", leader=leader
            ),
        )

    @rule(by=someone, who=someone, data=st.data())
    def join(self, by: Who, who: Who, data: st.DataObject) -> None:
        opened = self.case.incident.crew.open_workstreams()
        if opened:
            key, i = data.draw(st.sampled_from(opened)).id, self.case.incident
            self.act(by, lambda: workstreams.join_workstream(i, TEMPLATE, by, workstream_id=key, person=who))

    @rule(by=someone, to=someone)
    def task(self, by: Who, to: Who) -> None:
        i, key = self.case.incident, self.case.id()
        self.act(
            by,
            lambda: give_task(i, TEMPLATE, by, task_id=key, title="Look", assignee=to.person, minutes=5),
        )

    @invariant()
    def exactly_one_commands(self) -> None:
        assert len(self.case.incident.holders(COMMANDER)) == 1

    @invariant()
    def the_chart_is_a_tree_with_one_line_a_person(self) -> None:
        incident = self.case.incident
        places = chart(incident, TEMPLATE)
        people = {a.person for a in incident.open_assignments()}
        assert sorted(p.assignment.person for p in places) == sorted(people)
        assert [p.assignment.role for p in places if p.above is None] == [COMMANDER]
        above = {p.assignment.id: p.above.id for p in places if p.above}
        for start in above:
            seen, step = {start}, above.get(start)
            while step:
                assert step not in seen
                seen.add(step)
                step = above.get(step)

    @invariant()
    def no_duty_is_an_orphan(self) -> None:
        """Every role of the structure is done by its holder or by whoever stands in; every sub-team by somebody here."""
        incident = self.case.incident
        here = {a.person for a in incident.open_assignments()}
        for role in TEMPLATE.roles:
            if role.rollup and role.key not in ("observer", "shadow") and not incident.holder(role.key):
                person = vacancies.stands_in(incident, TEMPLATE, role.key)
                assert person in here
                assert role.key in stands_for(incident, TEMPLATE, Who(person, frozenset({"responder"})))
        for stream in incident.crew.open_workstreams():
            assert workstreams.answerable(incident, stream) in here
        led = [w.leader for w in incident.crew.open_workstreams()]
        assert len(led) == len(set(led))

    @invariant()
    def the_log_alone_gives_the_same_rows(self) -> None:
        again = self.case.incident.__class__()
        for stamped in self.case.log:
            assert isinstance(stamped, Stamped)
            again = evolve(again, stamped)
        assert rows(again) == rows(self.case.incident)


Interleaved.TestCase.settings = settings(max_examples=examples(60), stateful_step_count=40, deadline=None)
TestAnyInterleaving = Interleaved.TestCase
