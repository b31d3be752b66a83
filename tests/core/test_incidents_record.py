"""What people write stays; corrections supersede, back-dating shows, decisions carry their grounds."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quarterdeck.core.access import ENGINE
from quarterdeck.core.incidents import (
    alert_resolved,
    correct_entry,
    describe,
    link_alert,
    make_decision,
    pin_entry,
    set_facts,
    set_impact,
    set_links,
    set_title,
    unlink_alert,
    write_entry,
)
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.events import DecisionMade, EntryWritten, FactsSet, ImpactSet
from quarterdeck.core.kernel.refused import Refused
from support.incident_case import ANA, BEN, CHO, EVA, OLE, TEMPLATE, declared, name


def write(case, by=BEN, **rest):
    values = {"entry_id": case.id(), "kind": "note", "text": "The queue grows", "at": case.now} | rest
    return case.record(by, write_entry(case.incident, TEMPLATE, by, **values))


def correct(case, by, entry_id, supersedes, text="The queue shrinks"):
    return correct_entry(
        case.incident, TEMPLATE, by, entry_id=entry_id, supersedes=supersedes, text=text, reason="misread"
    )


def test_any_responder_writes_notes_and_findings_and_nobody_else():
    case = declared(ANA)
    assert write(case, BEN)
    assert write(case, CHO, kind="finding")
    for who in (EVA, OLE):
        with pytest.raises(Refused) as refused:
            write(case, who)
        assert refused.value.kind == "forbidden"


def test_hypotheses_take_an_acting_role_and_broadcasts_the_right_to_decide():
    case = declared(ANA)
    with pytest.raises(Refused):
        write(case, BEN, kind="hypothesis")
    case.give_role("sme", BEN)
    assert write(case, BEN, kind="hypothesis")
    with pytest.raises(Refused):
        write(case, BEN, kind="broadcast")
    assert write(case, ANA, kind="broadcast")


@pytest.mark.requirement("R-074")
def test_a_back_dated_entry_sorts_by_event_time_and_shows_when_it_was_entered():
    case = declared(ANA)
    case.pass_time(minutes=30)
    earlier = case.now - timedelta(minutes=20)
    write(case, happened_at=earlier)
    line = describe(case.log[-1], name)
    assert (line.happened_at, line.entered_at, line.backdated) == (earlier, case.now, True)
    write(case, happened_at=case.now - timedelta(seconds=20))
    assert not describe(case.log[-1], name).backdated
    with pytest.raises(Refused, match="future"):
        write(case, happened_at=case.now + timedelta(hours=1))


def test_a_correction_supersedes_and_keeps_both_texts():
    case = declared(ANA)
    write(case, entry_id="e1", pinned=True)
    case.record(BEN, correct(case, BEN, "e2", "e1"))
    assert case.incident.entries["e1"].superseded_by == "e2"
    assert case.incident.entries["e2"].pinned
    assert [describe(s, name).text for s in case.log[-2:]] == ["The queue grows", "The queue shrinks"]
    with pytest.raises(Refused) as refused:
        correct(case, BEN, "e3", "e1")
    assert refused.value.details["superseded_by"] == "e2"
    assert correct(case, BEN, "e2", "e1") == []


def test_the_scribe_tidies_up_entries_of_others_and_a_responder_does_not():
    case = declared(ANA)
    write(case, CHO, entry_id="e1")
    with pytest.raises(Refused):
        correct(case, BEN, "e2", "e1")
    case.give_role("scribe", BEN)
    assert correct(case, BEN, "e2", "e1")
    assert case.record(BEN, pin_entry(case.incident, BEN, entry_id="e1"))
    assert pin_entry(case.incident, BEN, entry_id="e1") == []


def test_a_decision_carries_options_reason_and_objections():
    case = declared(ANA)
    said = {"decision_id": "d", "question": "How?", "chosen": "roll back", "options": ("roll back", "wait")}
    with pytest.raises(Refused):
        make_decision(case.incident, TEMPLATE, BEN, **said)
    with pytest.raises(Refused, match="not among the options"):
        make_decision(case.incident, TEMPLATE, ANA, **(said | {"chosen": "pray"}))
    events = case.record(
        ANA, make_decision(case.incident, TEMPLATE, ANA, **said, reason="fastest", objections="none")
    )
    assert events == [DecisionMade("d", "How?", ("roll back", "wait"), "roll back", "fastest", "none")]
    line = describe(case.log[-1], name)
    assert line.weight == "key"
    assert line.title == "Ana Ferreira decided “How?”: roll back"
    assert line.text == "Reason: fastest\nOptions: roll back; wait\nObjections: none"


def test_facts_impact_links_and_title_change_only_what_is_given():
    case = declared(ANA)
    facts = case.record(ANA, set_facts(case.incident, TEMPLATE, ANA, cause="bad deploy"))
    assert facts == [FactsSet(cause="bad deploy")]
    case.record(ANA, set_facts(case.incident, TEMPLATE, ANA, workaround="use the app"))
    assert (case.incident.cause, case.incident.workaround) == ("bad deploy", "use the app")
    assert set_facts(case.incident, TEMPLATE, ANA, cause="bad deploy") == []

    case.record(ANA, set_impact(case.incident, TEMPLATE, ANA, dimensions={"legal": "high"}))
    impact = set_impact(case.incident, TEMPLATE, ANA, dimensions={"brand": "low"}, customers_affected="12")
    assert impact == [ImpactSet({"legal": "high", "brand": "low"}, "12")]
    with pytest.raises(Refused):
        set_impact(case.incident, TEMPLATE, ANA, dimensions={"weather": "high"})

    assert set_links(case.incident, TEMPLATE, ANA, chat_url="https://chat.example/1")
    with pytest.raises(Refused):
        set_links(case.incident, TEMPLATE, ANA, chat_url="javascript:alert(1)")
    assert set_title(case.incident, TEMPLATE, ANA, title="Checkout is down") == []


def test_alerts_are_linked_once_and_recover_once():
    case = declared(ANA)
    case.record(ANA, link_alert(case.incident, ANA, alert_id="al", summary="disk full"))
    assert link_alert(case.incident, ANA, alert_id="al") == []
    assert case.record(ANA, alert_resolved(case.incident, ANA, alert_id="al"))
    assert alert_resolved(case.incident, ANA, alert_id="al") == []
    assert case.record(ANA, unlink_alert(case.incident, ANA, alert_id="al", reason="other site"))
    assert case.incident.alerts == {}


def test_a_call_is_recorded_and_answered():
    case = declared(ANA)
    case.record(ENGINE, [ev.RoleCalled("technical_lead", "ben", "c", "callout", "on call")])
    case.record(ENGINE, [ev.RoleUnreachable("technical_lead", "3 tried")])
    assert case.incident.unreachable == {"technical_lead": "3 tried"}
    case.record(ENGINE, [ev.CalloutAnswered("c", "technical_lead", "ben")])
    assert case.incident.callouts["c"].answered_at == case.now
    assert case.incident.unreachable == {}


def test_the_same_entry_twice_is_written_once():
    case = declared(ANA)
    assert write(case, entry_id="e", followup=True) == [
        EntryWritten("e", "note", "The queue grows", followup=True)
    ]
    assert write(case, entry_id="e") == []
    with pytest.raises(Refused):
        write(case, text="  ")
