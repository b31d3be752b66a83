"""Who bridges to executives: needed once one of them has asked, missed after three minutes, told to one after another."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quarterdeck.core.access import Who
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents import exec_questions, staffing, vacancies
from quarterdeck.core.incidents.bridging import holders
from quarterdeck.core.incidents.events import asks as said
from support.incident_case import BEN, CHO, DAG, EVA, TEMPLATE, Case, declared

LIAISON = "executive_liaison"
MINUTE = timedelta(minutes=1)


def ask(case: Case, text: str = "Was anybody charged twice?") -> None:
    case.record(EVA, exec_questions.ask(
        case.incident, TEMPLATE, EVA, case.now, question_id=case.id(), text=text, critical=True, reason="Now",
    ))  # fmt: skip


def needed(case: Case) -> bool:
    return LIAISON in {r.key for r in staffing.required(case.incident, TEMPLATE, case.now)}


def fire(case: Case) -> list[tuple[str, str]]:
    """What the timer says at its next moment, of the role that bridges."""
    at = vacancies.wake_at(case.incident, TEMPLATE, case.now)
    assert at is not None
    case.now = max(case.now, at)
    told = case.record("engine", vacancies.due_events(case.incident, TEMPLATE, case.now))
    return [(type(e).__name__, e.person) for e in told if e.role == LIAISON]


@pytest.mark.parametrize("severity", [2, 3, 4, 5])
def test_an_open_question_of_an_executive_needs_a_liaison_until_it_is_settled(severity: int) -> None:
    case = declared(severity=severity)
    case.give_role("deputy", BEN)
    case.pass_time(minutes=40)
    assert not needed(case)
    ask(case)
    assert needed(case)
    gap = vacancies.gap_to_executives(case.incident, TEMPLATE, case.now)
    assert gap is not None and (gap.since, gap.stand_ins) == (case.now, ("ben",))
    key = next(iter(case.incident.boundary.questions))
    case.record(BEN, exec_questions.answer(
        case.incident, TEMPLATE, BEN, question_id=key, state="answered", text="None found.",
    ))  # fmt: skip
    assert not needed(case)


@pytest.mark.parametrize("severity", [2, 5])
def test_the_gap_is_told_after_three_minutes_and_the_commander_asked_after_six(severity: int) -> None:
    case = declared(severity=severity)
    case.give_role("deputy", BEN)
    case.pass_time(minutes=40)
    case.record("engine", vacancies.due_events(case.incident, TEMPLATE, case.now))
    ask(case)
    asked_at = case.now
    assert fire(case) == [("GapWarned", "ana")] and case.now == asked_at + 3 * MINUTE
    assert fire(case) == [("GapPassedOn", "ana")] and case.now == asked_at + 6 * MINUTE
    assert vacancies.due_events(case.incident, TEMPLATE, case.now) == []
    case.give_role(LIAISON, CHO)
    assert not case.incident.crew.gaps.get(LIAISON) and not case.incident.crew.passed_gaps
    assert vacancies.gap_to_executives(case.incident, TEMPLATE, case.now) is None


def test_a_gap_begins_when_the_policy_asks_or_the_last_liaison_leaves() -> None:
    case = declared(severity=1)
    case.pass_time(minutes=10)
    case.record("engine", [said.ExecutivesEngaged("sev1", "SEV1", "call", liaison=True)])
    engaged = case.now
    gap = vacancies.gap_to_executives(case.incident, TEMPLATE, case.now)
    assert gap is not None and gap.since == engaged
    held = case.give_role(LIAISON, CHO)
    case.pass_time(minutes=10)
    case.record(CHO, [ev.RoleReleased(held, LIAISON, "cho", "Off")])
    left = case.now
    case.pass_time(minutes=1)
    gap = vacancies.gap_to_executives(case.incident, TEMPLATE, case.now)
    assert gap is not None and gap.since == left and not gap.warned


def test_the_deputy_stands_in_for_the_liaison_and_else_the_internal_liaison() -> None:
    case = declared()
    assert holders(case.incident, TEMPLATE) == ()
    case.record("ana", [ev.RoleTaken("i-1", "internal_liaison", "dag")])
    assert holders(case.incident, TEMPLATE) == (DAG.person,)
    case.give_role("deputy", BEN)
    assert holders(case.incident, TEMPLATE) == ("ben",)
    case.give_role(LIAISON, CHO)
    assert holders(case.incident, TEMPLATE) == ("cho",)
    assert isinstance(CHO, Who)
