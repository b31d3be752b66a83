"""The severe score, the escalation, and the customer liaison who leaves only when the next one has the role."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from quarterdeck import catalog
from quarterdeck.core.access import ENGINE
from quarterdeck.core.incidents import drill, handover, liaison, mirroring, replay, severe, tasks
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.command import release_role, take_over
from quarterdeck.core.incidents.events.response import EscalatedSevere, SevereRated, SevereRecommended
from quarterdeck.core.incidents.response import LIAISON, SME
from quarterdeck.core.incidents.restructure import restructure
from quarterdeck.core.incidents.structure import RoleDefinition, RoleMapping
from quarterdeck.core.kernel.refused import Refused
from support.budgets import examples
from support.incident_case import ANA, BEN, CHO, DAG, TEMPLATE, Case, declared

RULES = catalog.load_business().severe
BUSINESS = catalog.load().template("business")
STRUCTURE = replace(
    TEMPLATE,
    roles=(
        *(r for r in TEMPLATE.roles if r.key not in (LIAISON, SME)),
        RoleDefinition(key=LIAISON, title="Customer Liaison", purpose="Customers.", reports_to="commander"),
        RoleDefinition(key=SME, title="Business SME", purpose="Advice.", reports_to="commander"),
    ),
)
# Worked out by hand from severe.toml: visibility, impact, duration, confidence, score.
SCORES = (
    ("public", "critical", "open", "low", 100),
    ("internal", "low", "minutes", "high", 1),
    ("public", "critical", "open", "high", 50),
    ("most", "high", "hours", "low", 73),
    ("some", "high", "hours", "medium", 48),
    ("public", "high", "hours", "medium", 69),
    ("public", "high", "open", "medium", 77),
)


def severe_case(phase: str = "investigating") -> Case:
    """Ana commands a SEV1 that is looked into; Ben speaks for customers, Cho is the business SME."""
    case = declared(ANA)
    ways = {"triage": (), "investigating": ("investigating",), "identified": ("investigating", "identified")}
    through = (
        *ways.get(phase, ("investigating", "identified")),
        *(("monitoring",) if phase == "monitoring" else ()),
    )
    events = [ev.SeveritySet(case.incident.severity, 1)]
    before = case.incident.phase
    for name in through:
        events.append(ev.PhaseChanged(before, name))
        before = name
    for role, person in ((LIAISON, "ben"), (SME, "cho")):
        events.append(ev.RoleTaken(case.id(), role, person, "ana", reports_to="commander"))
    case.record("ana", events)
    return case


def rate(case: Case, who=ANA, *said: str):
    given = dict(zip(severe.INPUTS, said or ("public", "critical", "open", "low"), strict=True))
    return severe.rate(case.incident, STRUCTURE, RULES, who, rating_id=case.id(), **given)


@pytest.mark.requirement("R-118")
@pytest.mark.parametrize(("visibility", "impact", "duration", "confidence", "points"), SCORES)
def test_the_score_is_the_product_of_what_the_answers_count(visibility, impact, duration, confidence, points):
    said = {"visibility": visibility, "impact": impact, "duration": duration, "confidence": confidence}
    assert severe.score(RULES, **said) == points


def test_a_worse_answer_never_lowers_the_score():
    keys = [[x.key for x in RULES.levels[name]] for name in severe.INPUTS]
    for said in product(*keys):
        here = severe.score(RULES, **dict(zip(severe.INPUTS, said, strict=True)))
        assert 0 <= here <= 100
        for n, answers in enumerate(keys):
            worse = answers[min(answers.index(said[n]) + 1, len(answers) - 1)]
            other = (*said[:n], worse, *said[n + 1 :])
            assert severe.score(RULES, **dict(zip(severe.INPUTS, other, strict=True))) >= here


@pytest.mark.requirement("R-118")
def test_crossing_the_threshold_only_records_the_score():
    case = severe_case()
    made = rate(case)
    assert [type(e) for e in made] == [SevereRated]
    case.record("ana", made)
    assert case.incident.response.rating.crossed
    assert case.incident.response.severe_at is None
    assert case.incident.response.child == ""
    assert rate(case) == []


@pytest.mark.requirement("R-096")
def test_the_advice_of_the_business_sme_changes_no_severity():
    case = severe_case()
    with pytest.raises(Refused, match="business SME"):
        severe.recommend(case.incident, ANA, reason="It is bad")
    before = case.incident
    made = severe.recommend(case.incident, CHO, reason="Customers ask us on stage")
    assert [type(e) for e in made] == [SevereRecommended]
    case.record("cho", made)
    assert case.incident.response.recommendation == "Customers ask us on stage"
    changed = replace(case.incident, response=before.response, seq=before.seq)
    assert changed == before


@pytest.mark.parametrize("who", [BEN, CHO, DAG, ENGINE], ids=["liaison", "sme", "outsider", "engine"])
def test_only_the_commander_escalates(who):
    case = severe_case()
    with pytest.raises(Refused) as refused:
        severe.escalate(case.incident, who, child="INC-2")
    assert (refused.value.code, refused.value.kind) == ("severe.commander", "forbidden")


@pytest.mark.requirement("R-119")
@pytest.mark.parametrize("phase", ["triage", "investigating", "identified", "monitoring"])
def test_an_incident_is_escalated_while_it_is_looked_into_and_later_only_with_a_reason(phase):
    case = severe_case(phase)
    assert case.incident.phase == phase
    wanted = {"triage": "severe.phase", "monitoring": "reason.missing"}.get(phase)
    if wanted:
        with pytest.raises(Refused) as refused:
            severe.escalate(case.incident, ANA, child="INC-2")
        assert refused.value.code == wanted
    if phase != "triage":
        made = severe.escalate(case.incident, ANA, child="INC-2", reason="It came back twice")
        assert [type(e) for e in made] == [EscalatedSevere, ev.IncidentLinked, ev.RoleReleased]
        case.record("ana", made)
        assert case.incident.holder(SME) is None
        assert severe.escalate(case.incident, ANA, child="INC-3", reason="again") == []


def test_a_resolved_incident_or_a_lower_severity_is_not_escalated():
    case = severe_case()
    lower = replace(case.incident, severity=2)
    over = replace(case.incident, phase="resolved")
    for incident, code in ((lower, "severe.severity"), (over, "severe.over")):
        with pytest.raises(Refused) as refused:
            severe.escalate(incident, ANA, child="INC-2")
        assert refused.value.code == code


def test_work_given_to_the_business_lead_warns():
    case = severe_case()
    said = tasks.warnings(case.incident, BUSINESS, assignee="ana", kind="task")
    assert said == ("The Business Lead hands the work out and does none of it. Name somebody else.",)
    assert tasks.warnings(case.incident, BUSINESS, assignee="ben", kind="task") == ()
    assert tasks.warnings(case.incident, STRUCTURE, assignee="ana", kind="task") == ()


def test_the_mirror_says_something_only_when_something_changed():
    case = severe_case()
    moved = mirroring.state_of(case.incident, new_phase=True)
    child = declared(DAG)
    key = case.incident.key
    child.record("ana", [ev.EVENTS["ResponseBegan"](key), moved])
    assert mirroring.follow(child.incident, case.incident) == []
    case.record("ana", [ev.FactsSet(cause="A failed node")])
    told = mirroring.follow(child.incident, case.incident)
    assert [type(e).__name__ for e in told] == ["ParentMoved"]
    assert told[0].facts["cause"] == "A failed node"
    assert not told[0].new_phase


def test_neither_a_drill_nor_another_structure_takes_the_liaison_of_a_business_response_away():
    case = severe_case()
    case.incident = replace(case.incident, drill=True)
    gone = lambda: drill.inject(case.incident, inject_id="d", kind="away", title="Ill", role=LIAISON)  # noqa: E731
    assert [type(e).__name__ for e in gone()] == ["InjectFired", "RoleReleased"]
    general = RoleMapping("software", "general", {LIAISON: "communications_lead"})
    wanted = replace(STRUCTURE, key="general", roles=tuple(r for r in STRUCTURE.roles if r.key != LIAISON))

    def change():
        return restructure(case.incident, STRUCTURE, wanted, general, ANA, reason="Smaller")

    assert change()[1]
    case.record("ana", severe.escalate(case.incident, ANA, child="INC-2"))
    assert [type(e).__name__ for e in gone()] == ["InjectFired"]
    with pytest.raises(Refused) as told:
        change()
    assert told.value.code == "structure.liaison"


class LiaisonLeaves(RuleBasedStateMachine):
    """Whatever the commander, the liaison and two standbys do after the escalation, in any order, somebody is the
    customer liaison of the technical incident at every instant of it.
    """

    people = (ANA, BEN, CHO, DAG)

    @initialize()
    def escalated(self) -> None:
        self.case = severe_case()
        self.do("ana", lambda i: severe.escalate(i, ANA, child="INC-2"))

    def do(self, actor: str, decide) -> None:
        try:
            events = decide(self.case.incident)
        except Refused:
            return
        if events:
            self.case.record(actor, events)

    def handovers(self) -> list[str]:
        return list(self.case.incident.handovers)

    @rule(by=st.sampled_from(people), to=st.sampled_from(people))
    def offer(self, by, to) -> None:
        self.do(
            by.person,
            lambda i: liaison.offer(i, STRUCTURE, by, handover_id=self.case.id(), to=to),
        )

    @rule(by=st.sampled_from(people), n=st.integers(0, 3), what=st.sampled_from(
        ["accept", "brief", "effect", "decline", "withdraw", "force"]))  # fmt: skip
    def go_on(self, by, n: int, what: str) -> None:
        if n >= len(self.handovers()):
            return
        key = self.handovers()[-1 - n]
        acts = {
            "accept": lambda i: handover.accept_handover(i, STRUCTURE, by, handover_id=key),
            "brief": lambda i: handover.brief_handover(i, by, handover_id=key, briefing="As it stands"),
            "effect": lambda i: handover.make_effective(
                i, STRUCTURE, by, handover_id=key, new_assignment_id=self.case.id()
            ),
            "decline": lambda i: handover.decline_handover(i, by, handover_id=key),
            "withdraw": lambda i: handover.withdraw_handover(i, by, handover_id=key),
            "force": lambda i: liaison.force(
                i, STRUCTURE, by, handover_id=key, new_assignment_id=self.case.id(), reason="Now"
            ),
        }
        self.do(by.person, acts[what])

    @rule(by=st.sampled_from(people))
    def leave(self, by) -> None:
        for held in self.case.incident.holders(LIAISON):
            self.do(
                by.person,
                lambda i, h=held: release_role(i, STRUCTURE, by, assignment_id=h.id, reason="Gone"),
            )

    @rule(by=st.sampled_from(people))
    def replaced(self, by) -> None:
        self.do(
            by.person,
            lambda i: take_over(
                i, STRUCTURE, by, assignment_id=self.case.id(), role=LIAISON, reason="Cannot be reached"
            ),
        )

    @invariant()
    def somebody_speaks_for_the_customers(self) -> None:
        if not hasattr(self, "case"):
            return
        for n in range(len(self.case.log) - len(self.case.log) // 4, len(self.case.log) + 1):
            state = replay(self.case.log[:n])
            if state.response.child:
                assert len(state.holders(LIAISON)) == 1

    @invariant()
    def nobody_leaves_unbriefed_but_by_the_commanders_word(self) -> None:
        if not hasattr(self, "case"):
            return
        forced = {e.event.handover_id for e in self.case.log if type(e.event).__name__ == "LiaisonForced"}
        for passing in self.case.incident.handovers.values():
            if passing.state == "effective" and passing.id not in forced:
                assert passing.accepted_at
                assert passing.briefed_at


TestLiaisonLeaves = pytest.mark.requirement("R-100")(LiaisonLeaves.TestCase)
TestLiaisonLeaves.settings = settings(max_examples=examples(25), stateful_step_count=25, deadline=None)
