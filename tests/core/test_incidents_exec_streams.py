"""The executives' own workstreams and channel: whose they are, what crosses to the commander, what a record tells of them."""

from __future__ import annotations

import pytest

from quarterdeck.core.access import Who
from quarterdeck.core.incidents import describe, exec_streams, rooms
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.events import exec_work as said
from quarterdeck.core.incidents.rows import rows
from quarterdeck.core.kernel.refused import Refused
from support.incident_case import ANA, BEN, CHO, DAG, EVA, TEMPLATE, Case, declared, name

OUTSIDE = (ANA, BEN, DAG)


def incident() -> Case:
    """Ana commands, Cho is executive liaison, Ben leads the technical work; the quiet period is over."""
    case = declared(severity=1)
    case.give_role("executive_liaison", CHO)
    case.give_role("technical_lead", BEN)
    case.pass_time(minutes=20)
    return case


def refused(code: str, act, *args: object, **more: object) -> None:
    with pytest.raises(Refused) as met:
        act(*args, **more)
    assert met.value.code == code


def task(case: Case, by: Who, key: str = "t-1", **more: object) -> list:
    said_of_it = {"stream": "legal", "title": "Tell the insurer"} | more
    return case.record(by, exec_streams.set_task(case.incident, TEMPLATE, by, task_id=key, **said_of_it))


def test_tasks_belong_to_executives_and_their_liaison_and_no_technical_list_has_them() -> None:
    case = incident()
    task(case, EVA, owner=CHO)
    task(case, CHO, "t-2", stream="pr", title="Draft a statement")
    for by in OUTSIDE:
        refused("exec.group", task, case, by, "t-3")
    refused("owner.outside", task, case, EVA, "t-3", owner=BEN)
    refused("stream.unknown", task, case, EVA, "t-3", stream="network")
    assert task(case, EVA, owner=CHO) == []
    tables = rows(case.incident)
    assert tables["task"] == {} and case.incident.tasks == {}
    assert [r["title"] for r in tables["exec_task"].values()] == ["Tell the insurer", "Draft a statement"]
    case.record(CHO, exec_streams.end_task(case.incident, TEMPLATE, CHO, task_id="t-1"))
    refused("task.ended", task, case, EVA, title="Tell them again")
    assert [t.state for t in case.incident.asks.work.of("legal")] == ["done"]
    told = [describe(s, name).title for s in case.log]
    assert not any("insurer" in t or "statement" in t for t in told)


def test_one_line_of_each_workstream_crosses_to_the_commander_and_nothing_to_other_responders() -> None:
    case = incident()
    for text in ("Counsel is called", "Counsel reads the contract"):
        case.record(EVA, exec_streams.set_line(case.incident, TEMPLATE, EVA, stream="legal", text=text))
    crossing = exec_streams.lines(case.incident, TEMPLATE, ANA)
    assert {k: x.text for k, x in crossing.items()} == {"legal": "Counsel reads the contract"}
    assert exec_streams.lines(case.incident, TEMPLATE, BEN) == {}
    refused("text.lines", exec_streams.set_line, case.incident, TEMPLATE, EVA, stream="pr", text="One\ntwo")
    refused("exec.group", exec_streams.set_line, case.incident, TEMPLATE, ANA, stream="pr", text="Done")


def test_a_restricted_incident_has_no_workstreams_for_executives_who_may_not_know_of_it() -> None:
    case = declared(type="security", restricted=True)
    assert not exec_streams.belongs(case.incident, TEMPLATE, EVA)
    refused("incident.unknown", task, case, EVA)
    case.record("ana", [ev.RoleTaken("o-1", "observer", "eva")])
    assert exec_streams.belongs(case.incident, TEMPLATE, EVA)


def test_the_channel_is_read_only_for_executives_in_the_quiet_period_and_takes_no_questions() -> None:
    case = declared(severity=1)
    case.give_role("executive_liaison", CHO)

    def say(by: Who, text: str) -> None:
        words = exec_streams.say(case.incident, TEMPLATE, by, case.now, word_id=case.id(), text=text)
        assert isinstance(case.record(by, words)[0], said.ExecWordSaid)

    refused("channel.quiet", say, EVA, "We are with you")
    say(CHO, "The first brief comes at half past")
    case.pass_time(minutes=16)
    say(EVA, "We are with you")
    refused("channel.question", say, EVA, "When is it over?")
    refused("exec.group", say, ANA, "Hello")
    assert [w.said_by for w in case.incident.asks.work.words.values()] == ["cho", "eva"]


def test_only_the_commander_or_a_deputy_has_somebody_leave_the_responders_channel() -> None:
    case = incident()
    case.give_role("deputy", DAG)
    for by in (BEN, CHO, EVA):
        refused("channel.remove", rooms.remove, case.incident, by, channel="inc", person="eva", name="Eva")
    refused("channel.role", rooms.remove, case.incident, ANA, channel="inc", person="ben", name="Ben")
    for by in (ANA, DAG):
        gone = rooms.remove(case.incident, by, channel="inc", person="eva", name="Eva", reason="Work goes on")
        case.record(by, gone)
        title = describe(case.log[-1], name).title
        assert title == f"{name(by.person)} removed Eva Duarte from #inc"
    assert rooms.reads_only(case.incident, "eva", "executive")
    assert not rooms.reads_only(case.incident, "ben", "responder")
    case.record("ana", [ev.RoleTaken("x-1", "elt_approver", "eva")])
    assert not rooms.reads_only(case.incident, "eva", "executive")
