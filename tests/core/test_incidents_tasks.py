"""Tasks go to one person with a time box; silence and lateness are said aloud once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quarterdeck.core.incidents import (
    acknowledge_task,
    cancel_task,
    check_back,
    finish_task,
    give_task,
    reassign_task,
    tick,
    untick,
    warnings,
)
from quarterdeck.core.incidents.events import ChecklistDone, TaskDone, TaskGiven, TaskLate, TaskReminded
from quarterdeck.core.incidents.tasks import due_events, wake_at
from quarterdeck.core.kernel.refused import Refused
from support.incident_case import ADAM, ANA, BEN, CHO, TEMPLATE, declared


def given_task(case, by=ANA, **rest):
    values = {"task_id": "t", "title": "Roll back", "assignee": "ben", "minutes": 10} | rest
    return case.record(by, give_task(case.incident, TEMPLATE, by, **values))


@pytest.mark.requirement("R-287")
@pytest.mark.parametrize(("rest", "field"), [({"assignee": " "}, "assignee"), ({"minutes": 0}, "minutes")])
def test_a_task_without_assignee_or_minutes_is_refused(rest, field):
    with pytest.raises(Refused) as refused:
        given_task(declared(ANA), **rest)
    assert set(refused.value.fields) == {field}


@pytest.mark.requirement("R-287")
def test_an_unacknowledged_task_is_reminded_of_once_after_sixty_seconds():
    case = declared(ANA)
    given_task(case)
    assert due_events(case.incident, case.now + timedelta(seconds=59)) == []
    case.pass_time(seconds=60)
    assert wake_at(case.incident) == case.now
    reminded = case.record("engine", due_events(case.incident, case.now))
    assert reminded == [TaskReminded("t", "Roll back", "ben")]
    assert due_events(case.incident, case.now) == []


@pytest.mark.requirement("R-075")
def test_a_late_task_speaks_up_at_the_end_of_its_time_box():
    case = declared(ANA)
    given_task(case)
    case.record(BEN, acknowledge_task(case.incident, BEN, task_id="t"))
    assert wake_at(case.incident) == case.now + timedelta(minutes=10)
    case.pass_time(minutes=10)
    assert case.record("engine", due_events(case.incident, case.now)) == [TaskLate("t", "Roll back", "ben")]
    assert wake_at(case.incident) is None
    assert case.incident.tasks["t"].late


def test_the_assignee_acknowledges_checks_back_and_finishes():
    case = declared(ANA)
    given_task(case)
    with pytest.raises(Refused):
        acknowledge_task(case.incident, CHO, task_id="t")
    case.record(BEN, acknowledge_task(case.incident, BEN, task_id="t"))
    assert acknowledge_task(case.incident, BEN, task_id="t") == []
    case.record(BEN, check_back(case.incident, TEMPLATE, BEN, task_id="t", note="half way"))
    done = case.record(BEN, finish_task(case.incident, TEMPLATE, BEN, task_id="t", result="v41 is back"))
    assert done == [TaskDone("t", "v41 is back", "Roll back")]
    assert finish_task(case.incident, TEMPLATE, BEN, task_id="t") == []
    with pytest.raises(Refused) as refused:
        cancel_task(case.incident, TEMPLATE, ANA, task_id="t", reason="x")
    assert refused.value.code == "task.ended"


def test_a_new_assignee_starts_afresh():
    case = declared(ANA)
    given_task(case)
    case.pass_time(minutes=12)
    case.record("engine", due_events(case.incident, case.now))
    again = reassign_task(case.incident, TEMPLATE, ANA, task_id="t", assignee="cho", minutes=5)
    case.record(ANA, again)
    task = case.incident.tasks["t"]
    assert (task.assignee, task.late, task.reminded, task.state) == ("cho", False, False, "given")
    assert task.due_at == case.now + timedelta(minutes=5)


def test_only_who_holds_a_role_gives_tasks_and_to_others_only_with_the_right():
    case = declared(ANA)
    for who in (BEN, ADAM):
        with pytest.raises(Refused):
            given_task(case, who)
    case.give_role("scribe", BEN)
    assert given_task(case, BEN) == [TaskGiven("t", "Roll back", "ben", 10)]
    assert due_events(case.incident, case.now + timedelta(minutes=2)) == []
    with pytest.raises(Refused):
        given_task(case, BEN, task_id="t2", assignee="cho")


def test_repair_work_for_the_commander_warns_and_names_a_delegate():
    case = declared(ANA)
    case.give_role("technical_lead", BEN)
    told = warnings(case.incident, TEMPLATE, assignee="ana", kind="remediation")
    assert told == ("The commander directs the repair and does not do it. Technical Lead could do it.",)
    assert warnings(case.incident, TEMPLATE, assignee="ben", kind="remediation") == ()


def test_a_checklist_item_is_ticked_once_and_can_be_unticked():
    case = declared(ANA)
    where = {"role": "commander", "phase": "triage", "index": 1}
    events = case.record(ANA, tick(case.incident, TEMPLATE, ANA, **where))
    assert events == [ChecklistDone("commander", "triage", 1, "Set the severity")]
    assert tick(case.incident, TEMPLATE, ANA, **where) == []
    assert case.record(ANA, untick(case.incident, TEMPLATE, ANA, **where))
    assert case.incident.ticks == {}
    with pytest.raises(Refused):
        tick(case.incident, TEMPLATE, ANA, role="commander", phase="triage", index=2)
    with pytest.raises(Refused):
        tick(case.incident, TEMPLATE, BEN, **where)
