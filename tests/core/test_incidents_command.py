"""Who commands and who holds which role. Whatever people try, exactly one person commands."""

from __future__ import annotations

import pytest

from quarterdeck.core.access import ENGINE, Who
from quarterdeck.core.incidents import (
    accept_handover,
    assign_role,
    change_phase,
    close,
    command_line,
    offer_handover,
    release_role,
    resolve,
    take_over,
    take_role,
)
from quarterdeck.core.incidents.events import HandoverWithdrawn, RoleReleased, RoleTaken
from quarterdeck.core.kernel.refused import Refused
from support.incident_case import ADAM, ANA, BEN, CATALOG, CHO, DAG, EVA, OLE, TEMPLATE, clock, declared, name


def take(case, who, role, **rest):
    return take_role(case.incident, TEMPLATE, who, assignment_id=case.id(), role=role, **rest)


@pytest.mark.requirement("R-038")
def test_the_line_says_who_is_in_charge():
    case = declared(ANA)
    assert command_line(case.incident, name, clock) == "Commander: Ana Ferreira since 14:02; deputy: none"
    case.give_role("deputy", BEN)
    line = command_line(case.incident, name, clock)
    assert line == "Commander: Ana Ferreira since 14:02; deputy: Ben Okonkwo"
    assert command_line(case.incident, name, clock, "Crisis Manager").startswith("Crisis Manager: Ana")


@pytest.mark.parametrize("who", [BEN, ADAM])
def test_taking_a_held_command_is_a_conflict_that_names_the_commander(who):
    case = declared(ANA)
    with pytest.raises(Refused) as refused:
        take(case, who, "commander", names=name)
    assert refused.value.code == "command.held"
    assert refused.value.kind == "conflict"
    assert refused.value.details["holder"] == "ana"
    assert "Ana Ferreira commands INC-1042 since 14:02 UTC. Ask for a handover" in refused.value.message


def test_a_double_click_changes_nothing():
    case = declared(ANA)
    assert take(case, ANA, "commander") == []
    case.record(BEN, take(case, BEN, "scribe"))
    assert take(case, BEN, "scribe") == []


def test_command_is_never_dropped():
    case = declared(ANA)
    with pytest.raises(Refused) as refused:
        release_role(case.incident, TEMPLATE, ANA, assignment_id="a-1")
    assert refused.value.code == "command.not_released"


def test_a_responder_takes_a_free_role_and_leaves_it_again():
    case = declared(ANA)
    taken = case.record(BEN, take(case, BEN, "scribe"))
    assert taken == [RoleTaken("id-1", "scribe", "ben", assigned_by="ben", reports_to="commander")]
    released = case.record(BEN, release_role(case.incident, TEMPLATE, BEN, assignment_id="id-1"))
    assert released == [RoleReleased("id-1", "scribe", "ben")]
    assert case.incident.holder("scribe") is None


def test_a_full_role_is_refused_and_an_open_ended_one_is_not():
    case = declared(ANA)
    case.give_role("scribe", BEN)
    with pytest.raises(Refused) as refused:
        take(case, CHO, "scribe")
    assert refused.value.code == "role.held"
    case.give_role("sme", BEN)
    case.give_role("sme", CHO)
    assert len(case.incident.holders("sme")) == 2


def test_the_commander_does_not_repair_above_the_light_path():
    case = declared(ANA)
    with pytest.raises(Refused) as refused:
        take(case, ANA, "technical_lead")
    assert refused.value.code == "role.excluded"
    small = declared(ANA, severity=4)
    assert take(small, ANA, "technical_lead")


def test_nobody_stands_by_for_themselves():
    with pytest.raises(Refused, match="stand by"):
        take(declared(ANA), ANA, "deputy")


@pytest.mark.parametrize(
    ("who", "may_take"),
    [(EVA, {"observer"}), (OLE, {"observer", "shadow"}), (BEN, {"observer", "shadow", "scribe"})],
)
def test_the_account_limits_which_roles_a_person_may_hold(who, may_take):
    for role in ("observer", "shadow", "scribe"):
        case = declared(ANA)
        if role in may_take:
            assert take(case, who, role)
        else:
            with pytest.raises(Refused) as refused:
                take(case, who, role)
            assert refused.value.kind == "forbidden"


def test_the_commander_assigns_roles_and_a_bystander_does_not():
    case = declared(ANA)
    with pytest.raises(Refused) as refused:
        assign_role(case.incident, TEMPLATE, BEN, assignment_id="x", role="scribe", person=CHO)
    assert "Incident Commander" in refused.value.message
    with pytest.raises(Refused):
        assign_role(case.incident, TEMPLATE, ANA, assignment_id="x", role="scribe", person=EVA)
    given = assign_role(case.incident, TEMPLATE, ANA, assignment_id="x", role="scribe", person=CHO)
    assert given == [RoleTaken("x", "scribe", "cho", assigned_by="ana", reports_to="commander")]


def test_the_product_fills_a_role_for_who_answered_but_holds_none_itself():
    case = declared(ANA)
    assert assign_role(case.incident, TEMPLATE, ENGINE, assignment_id="x", role="scribe", person=CHO)
    with pytest.raises(Refused):
        assign_role(case.incident, TEMPLATE, ENGINE, assignment_id="x", role="scribe", person=ENGINE)


def test_who_commands_elsewhere_takes_a_second_command_only_with_a_reason():
    case = declared(ANA)
    offer = offer_handover(case.incident, TEMPLATE, ANA, handover_id="h", assignment_id="a-1", to=BEN)
    case.record(ANA, offer)
    accept = {"handover_id": "h", "elsewhere": "INC-7"}
    with pytest.raises(Refused, match="INC-7") as refused:
        accept_handover(case.incident, TEMPLATE, BEN, **accept)
    assert refused.value.code == "command.elsewhere"
    assert accept_handover(case.incident, TEMPLATE, BEN, **accept, reason="INC-7 is calm")


@pytest.mark.requirement("R-027")
def test_a_deputy_has_no_right_of_the_commander_until_command_passes():
    case = declared(ANA)
    case.give_role("deputy", BEN)
    with pytest.raises(Refused) as refused:
        change_phase(case.incident, TEMPLATE, BEN, phase="investigating")
    assert refused.value.kind == "forbidden"
    over = {"assignment_id": "x", "role": "commander", "reason": "No answer"}
    case.record(BEN, take_over(case.incident, TEMPLATE, BEN, **over))
    assert change_phase(case.incident, TEMPLATE, BEN, phase="investigating")
    with pytest.raises(Refused):
        change_phase(case.incident, TEMPLATE, ANA, phase="investigating")


def test_a_deputy_or_an_administrator_takes_over_with_a_reason():
    for who in (BEN, ADAM):
        case = declared(ANA)
        case.give_role("deputy", BEN)
        with pytest.raises(Refused, match="Say why"):
            take_over(case.incident, TEMPLATE, who, assignment_id="x", role="commander", reason=" ")
        events = take_over(
            case.incident, TEMPLATE, who, assignment_id="x", role="commander", reason="No answer"
        )
        case.record(who, events)
        assert events[0].previous == "ana"
        assert case.incident.commander.person == who.person
        assert case.incident.assignments["a-1"].end_reason == "No answer"
        assert ("ben" in {a.person for a in case.incident.holders("deputy")}) is (who is ADAM)


def test_a_responder_does_not_take_over_and_nobody_takes_over_for_another():
    case = declared(ANA)
    with pytest.raises(Refused) as refused:
        take_over(case.incident, TEMPLATE, BEN, assignment_id="x", role="commander", reason="I know better")
    assert refused.value.kind == "forbidden"
    with pytest.raises(Refused):
        take_over(case.incident, TEMPLATE, ADAM, assignment_id="x", role="commander", reason="r", person=BEN)


def test_a_take_over_ends_an_offer_of_the_same_role():
    case = declared(ANA)
    offer = offer_handover(case.incident, TEMPLATE, ANA, handover_id="h", assignment_id="a-1", to=BEN)
    case.record(ANA, offer)
    events = take_over(case.incident, TEMPLATE, ADAM, assignment_id="x", role="commander", reason="No answer")
    assert [type(e) for e in events] == [HandoverWithdrawn, RoleTaken]


def test_the_commander_replaces_the_holder_of_another_role():
    case = declared(ANA)
    case.give_role("scribe", BEN)
    events = take_over(
        case.incident, TEMPLATE, ANA, assignment_id="x", role="scribe", reason="Gone home", person=CHO
    )
    case.record(ANA, events)
    assert [a.person for a in case.incident.holders("scribe")] == ["cho"]


def test_roles_end_with_the_incident():
    case = declared(ANA, severity=3)
    case.give_role("scribe", BEN)
    case.record(ANA, change_phase(case.incident, TEMPLATE, ANA, phase="investigating"))
    end = {"code": "fixed", "resolved_at": case.now, "at": case.now, "review_id": "r"}
    case.record(ANA, resolve(case.incident, TEMPLATE, CATALOG, ANA, **end))
    assert case.incident.commander.person == "ana"
    case.record(ANA, close(case.incident, TEMPLATE, ANA))
    assert case.incident.open_assignments() == ()
    assert case.incident.has_ended
    with pytest.raises(Refused) as refused:
        take(case, DAG, "scribe")
    assert refused.value.code == "incident.ended"


def test_a_restricted_incident_does_not_exist_for_outsiders():
    case = declared(ANA, type="security")
    with pytest.raises(Refused) as refused:
        take(case, BEN, "scribe")
    assert refused.value.kind == "missing"
    case.give_role("scribe", BEN)
    assert take(case, BEN, "observer")


def test_an_executive_who_also_responds_may_hold_roles():
    both = Who("eva", frozenset({"executive", "responder"}))
    assert take(declared(ANA), both, "scribe")
