"""Handover in four steps, and the promise that at every point exactly one person commands."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterdeck.core.incidents import (
    accept_handover,
    assign_role,
    brief_handover,
    change_phase,
    decline_handover,
    describe,
    make_effective,
    offer_handover,
    release_role,
    take_over,
    take_role,
    withdraw_handover,
)
from quarterdeck.core.incidents.events import HandoverEffective, RoleReleased
from quarterdeck.core.kernel.refused import Refused
from support.budgets import examples
from support.incident_case import ADAM, ANA, BEN, CHO, EVA, TEMPLATE, declared, name


def offer(case, by=ANA, to=BEN, assignment_id="a-1", handover_id="h"):
    return offer_handover(
        case.incident, TEMPLATE, by, handover_id=handover_id, assignment_id=assignment_id, to=to
    )


@pytest.mark.requirement("R-039")
def test_the_holder_keeps_the_role_until_the_handover_is_effective():
    case = declared(ANA)
    steps = [
        (ANA, lambda i: offer(case)),
        (BEN, lambda i: accept_handover(i, TEMPLATE, BEN, handover_id="h")),
        (ANA, lambda i: brief_handover(i, ANA, handover_id="h", briefing="Payments fail since 14:00")),
    ]
    for who, step in steps:
        case.record(who, step(case.incident))
        assert case.incident.commander.person == "ana"
    case.record(BEN, make_effective(case.incident, TEMPLATE, BEN, handover_id="h", new_assignment_id="a-2"))
    assert case.incident.commander.person == "ben"
    assert [describe(s, name).title for s in case.log[-4:]] == [
        "Ana Ferreira offered command to Ben Okonkwo",
        "Ben Okonkwo accepted command from Ana Ferreira",
        "Ben Okonkwo was briefed for command by Ana Ferreira",
        "Ben Okonkwo took command from Ana Ferreira",
    ]


def test_only_the_right_person_takes_each_step():
    case = declared(ANA)
    with pytest.raises(Refused):
        offer(case, by=BEN, to=CHO)
    case.record(ANA, offer(case))
    for step in (
        lambda i: accept_handover(i, TEMPLATE, CHO, handover_id="h"),
        lambda i: brief_handover(i, ADAM, handover_id="h", briefing="x"),
        lambda i: make_effective(i, TEMPLATE, CHO, handover_id="h", new_assignment_id="n"),
        lambda i: decline_handover(i, ANA, handover_id="h"),
        lambda i: withdraw_handover(i, BEN, handover_id="h"),
    ):
        with pytest.raises(Refused) as refused:
            step(case.incident)
        assert refused.value.kind == "forbidden"


def test_no_step_is_skipped():
    case = declared(ANA)
    case.record(ANA, offer(case))
    with pytest.raises(Refused) as refused:
        brief_handover(case.incident, ANA, handover_id="h", briefing="x")
    assert refused.value.code == "handover.not_accepted"
    with pytest.raises(Refused) as refused:
        make_effective(case.incident, TEMPLATE, BEN, handover_id="h", new_assignment_id="n")
    assert refused.value.code == "handover.not_briefed"


def test_one_offer_at_a_time_and_not_to_oneself():
    case = declared(ANA)
    with pytest.raises(Refused, match="another person"):
        offer(case, to=ANA)
    case.record(ANA, offer(case))
    assert offer(case, handover_id="h2") == []
    with pytest.raises(Refused) as refused:
        offer(case, to=CHO, handover_id="h2")
    assert refused.value.details["to"] == "ben"
    case.record(BEN, decline_handover(case.incident, BEN, handover_id="h", reason="Asleep"))
    assert offer(case, to=CHO, handover_id="h2")


def test_command_is_not_offered_to_who_repairs_or_may_not_act():
    case = declared(ANA)
    case.give_role("technical_lead", BEN)
    with pytest.raises(Refused) as refused:
        offer(case)
    assert refused.value.code == "role.excluded"
    with pytest.raises(Refused):
        offer(case, to=EVA)


def test_a_deputy_who_gets_command_is_no_longer_deputy():
    case = declared(ANA)
    deputy = case.give_role("deputy", BEN)
    case.record(ANA, offer(case))
    case.record(BEN, accept_handover(case.incident, TEMPLATE, BEN, handover_id="h"))
    case.record(BEN, brief_handover(case.incident, BEN, handover_id="h", briefing="Read the timeline"))
    events = make_effective(case.incident, TEMPLATE, ANA, handover_id="h", new_assignment_id="n")
    assert [type(e) for e in events] == [HandoverEffective, RoleReleased]
    case.record(ANA, events)
    assert not case.incident.assignments[deputy].is_open
    assert make_effective(case.incident, TEMPLATE, ANA, handover_id="h", new_assignment_id="n") == []


PEOPLE = {"ana": ANA, "ben": BEN, "cho": CHO, "adm": ADAM, "eva": EVA}
MOVES = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "take",
                "assign",
                "release",
                "over",
                "offer",
                "accept",
                "brief",
                "effective",
                "decline",
                "withdraw",
                "phase",
                "pass",
                "pass",
            ]
        ),
        st.sampled_from(sorted(PEOPLE)),
        st.sampled_from(sorted(PEOPLE)),
        st.sampled_from(["commander", "deputy", "scribe", "technical_lead"]),
        st.integers(0, 3),
    ),
    max_size=25,
)


def next_step(case, handover):
    """The step that is due, by the person who may take it."""
    passing = case.incident.handovers[handover]
    giver, taker = PEOPLE[passing.from_person], PEOPLE[passing.to_person]
    if passing.state == "offered":
        return accept_handover(case.incident, TEMPLATE, taker, handover_id=handover)
    if passing.state == "accepted":
        return brief_handover(case.incident, giver, handover_id=handover, briefing="all")
    return make_effective(case.incident, TEMPLATE, taker, handover_id=handover, new_assignment_id=case.id())


def try_move(case, move, who, other, role, nth):
    """What one person tries; a refusal is an empty answer."""
    i, held, given_ = case.incident, list(case.incident.assignments), list(case.incident.handovers)
    assignment = held[-1 - nth % len(held)]
    handover = given_[-1 - nth % len(given_)] if given_ else "none"
    moves = {
        "take": lambda: take_role(i, TEMPLATE, who, assignment_id=case.id(), role=role),
        "assign": lambda: assign_role(i, TEMPLATE, who, assignment_id=case.id(), role=role, person=other),
        "release": lambda: release_role(i, TEMPLATE, who, assignment_id=assignment),
        "over": lambda: take_over(
            i, TEMPLATE, who, assignment_id=case.id(), role=role, reason="gone", person=other
        ),
        "offer": lambda: offer(case, who, other, assignment, case.id()),
        "accept": lambda: accept_handover(i, TEMPLATE, who, handover_id=handover),
        "brief": lambda: brief_handover(i, who, handover_id=handover, briefing="all"),
        "effective": lambda: make_effective(
            i, TEMPLATE, who, handover_id=handover, new_assignment_id=case.id()
        ),
        "pass": lambda: (
            next_step(case, handover) if given_ else offer(case, who, other, assignment, case.id())
        ),
        "decline": lambda: decline_handover(i, who, handover_id=handover),
        "withdraw": lambda: withdraw_handover(i, who, handover_id=handover),
        "phase": lambda: change_phase(
            i,
            TEMPLATE,
            who,
            phase=("investigating", "identified", "monitoring")[nth % 3],
            override_reason="so",
        ),
    }
    try:
        return moves[move]()
    except Refused:
        return []


@pytest.mark.requirement("R-039")
@settings(max_examples=examples(150), deadline=None)
@given(MOVES)
def test_whatever_people_try_exactly_one_person_commands(moves):
    case = declared(ANA)
    for move, who, other, role, nth in moves:
        actor = PEOPLE[who]
        for event in try_move(case, move, actor, PEOPLE[other], role, nth):
            case.record(actor, [event])
            assert len(case.incident.holders("commander")) == 1
        for key in ("scribe", "technical_lead"):
            assert len(case.incident.holders(key)) <= 1
        mine = case.incident.roles_of(case.incident.commander.person)
        assert len(set(mine)) == len(mine)
        assert not {"technical_lead", "deputy"} & set(mine)
