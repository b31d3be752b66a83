"""The clock table: the first word, the scope, in step, long-incident mode; and who spoke of an incident first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from quarterdeck import catalog
from quarterdeck.core.access import ENGINE, rule_actor
from quarterdeck.core.incidents import (
    Content,
    closing,
    content_hash,
    customers,
    draft_message,
    impact_pulse,
    message_sent,
    release_message,
)
from quarterdeck.core.incidents import acknowledgement as first
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.cadence import Cadence
from quarterdeck.core.incidents.clocks import due_events, pace, starting, wake_at
from quarterdeck.core.incidents.disclosure import first_statement_at, outrun_by, record_mention
from quarterdeck.core.incidents.events import telling as tell
from quarterdeck.core.incidents.gates import missing as gate
from quarterdeck.core.kernel.refused import Refused
from support.incident_case import ANA, BEN, CHO, START, TEMPLATE, Case, declared

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
PRESET = Cadence(5 * MINUTE, 5 * MINUTE, 2 * HOUR, HOUR, 5 * MINUTE, 3 * MINUTE)
TIMED = replace(TEMPLATE, cadences={"customers_all": {1: PRESET, 2: PRESET}}, pulse={1: 30 * MINUTE})
TEXT = Content("customers_all", "Checkout fails", customer_effect="Payments fail", action="We look into it")
WORDING = first.Wording(
    "any", "Any", "We look into it", "Payments may fail", "Top priority", "Legal", "2026-09-01"
)


def timed() -> Case:
    """A SEV1 whose clocks follow the presets."""
    case = declared(ANA, severity=1)
    case.record("engine", starting(TIMED, 1, START))
    return case


def send(case: Case, message_id: str, promise: timedelta, **more: object) -> list[ev.Event]:
    text = replace(TEXT, next_update_at=case.now + promise, **more)
    case.record(
        ANA, draft_message(case.incident, TIMED, ANA, message_id=message_id, content=text, at=case.now)
    )
    digest = content_hash(case.incident.messages[message_id])
    asked = {"message_id": message_id, "content_hash": digest, "at": case.now}
    case.record(ANA, release_message(case.incident, TIMED, ANA, **asked))
    sent = {"message_id": message_id, "recipients": 3, "pages": 1, "at": case.now}
    return case.record(ENGINE, message_sent(case.incident, TIMED, ENGINE, **sent))


@pytest.mark.requirement("R-213")
def test_the_clock_table_of_customers_first_word_scope_step_and_long_mode():
    case = timed()
    clock = lambda: case.incident.clocks["customers_all"]  # noqa: E731
    assert (clock().stage, clock().next_due) == ("first", START + 5 * MINUTE)

    case.pass_time(minutes=4)
    send(case, "m1", 30 * MINUTE)  # whatever it promises, who is affected is said within five more
    assert (clock().stage, clock().next_due) == ("scope", START + 9 * MINUTE)
    case.pass_time(minutes=4)
    send(case, "m2", 30 * MINUTE)
    assert (clock().stage, clock().next_due) == ("steady", START + 23 * MINUTE)
    case.pass_time(minutes=10)
    send(case, "m3", 5 * MINUTE)  # an earlier promise holds
    assert clock().next_due == START + 23 * MINUTE

    slow = {"audience": "customers_all", "slow": True, "reason": "The part comes at noon"}
    with pytest.raises(Refused, match="opens at 16:02"):
        pace(case.incident, TIMED, ANA, at=case.now, **slow)
    case.pass_time(hours=2)
    case.give_role("communications_lead", BEN)
    with pytest.raises(Refused):
        pace(case.incident, TIMED, CHO, at=case.now, **slow)
    with pytest.raises(Refused, match="Say why"):
        pace(case.incident, TIMED, BEN, at=case.now, **slow | {"reason": " "})
    promised = clock().next_due
    case.record(BEN, pace(case.incident, TIMED, BEN, at=case.now, **slow))
    assert (clock().stage, clock().every_seconds, clock().next_due) == ("long", 3600, promised)
    send(case, "m4", 3 * HOUR)
    assert clock().next_due == case.now + HOUR
    case.record(BEN, pace(case.incident, TIMED, BEN, audience="customers_all", slow=False, at=case.now))
    assert (clock().stage, clock().next_due) == ("steady", case.now + 15 * MINUTE)


@pytest.mark.requirement("R-213")
@pytest.mark.parametrize("structure", ["software", "general", "ics"])
@pytest.mark.parametrize("rank", [1, 2])
def test_the_shipped_presets_keep_the_table(structure, rank):
    template = catalog.load().template(structure)
    found, every = template.cadence("customers_all", rank), template.clocks["customers_all"][rank]
    assert (found.first, found.scope, found.holds) == (5 * MINUTE, 5 * MINUTE, 2 * HOUR)
    assert every <= (20 if rank == 1 else 30) * MINUTE
    assert found.long > every


@pytest.mark.requirement("R-153", "R-212")
def test_the_owner_is_reminded_before_then_told_then_the_commander_and_a_sent_update_resets():
    case = timed()
    due = START + 5 * MINUTE
    assert wake_at(case.incident) < due
    case.now = wake_at(case.incident)
    reminded = case.record("engine", due_events(case.incident, case.now))
    assert reminded == [ev.ClockReminded("customers_all", due, "communications_lead")]
    assert due_events(case.incident, case.now) == []
    for level in (1, 2):
        assert due_events(case.incident, due + level * 3 * MINUTE - timedelta(seconds=1)) == []
        case.now = due + level * 3 * MINUTE
        assert ev.ClockOverdue("customers_all", level, due) in case.record(
            "engine", due_events(case.incident, case.now)
        )
    send(case, "m", 15 * MINUTE)
    assert case.incident.clocks["customers_all"].overdue_level == 0
    assert due_events(case.incident, case.now) == []


def test_only_the_first_word_goes_out_past_the_chain_and_only_by_who_keeps_the_clocks_or_commands():
    case = timed()
    case.give_role("communications_lead", BEN)
    at = first.next_word_at(case.incident, TIMED, "customers_all", case.now)
    assert at == START + 5 * MINUTE
    content = replace(TEXT, next_update_at=at)
    asked = {"message_id": "ack", "content": content, "wording": WORDING, "at": case.now}
    with pytest.raises(Refused):
        first.acknowledge(case.incident, TIMED, CHO, **asked)
    for machine in (ENGINE, rule_actor("hasty", frozenset({"clock.manage", "message.release"}))):
        with pytest.raises(Refused, match="Only a person"):
            first.acknowledge(case.incident, TIMED, machine, **asked)
    drafted, released = case.record(BEN, first.acknowledge(case.incident, TIMED, BEN, **asked))
    assert (drafted.message_id, released.preapproved) == ("ack", "any")
    assert released.content_hash == content_hash(case.incident.messages["ack"])
    with pytest.raises(Refused, match="heard from us"):
        first.acknowledge(case.incident, TIMED, BEN, **asked | {"message_id": "again"})


def test_the_wording_made_most_closely_for_an_incident_is_chosen():
    case = declared(ANA, severity=1, services=("shop",))
    typed = replace(WORDING, key="typed", types=("availability",))
    service = replace(WORDING, key="service", services=("shop",))
    other = replace(WORDING, key="other", services=("mail",))
    assert first.chosen(case.incident, [WORDING, other]).key == "any"
    assert first.chosen(case.incident, [WORDING, other, typed, service]).key == "service"
    assert first.chosen(case.incident, [other]) is None


def mention(case: Case, key: str, ago: timedelta) -> list[ev.Event]:
    asked = {
        "mention_id": key,
        "source": "A customer",
        "place": "a forum",
        "seen_at": case.now - ago,
        "at": case.now,
    }
    return case.record(BEN, record_mention(case.incident, TIMED, BEN, **asked))


def test_a_mention_from_before_our_first_statement_is_a_flag_whenever_it_is_recorded():
    case = timed()
    case.pass_time(minutes=3)
    (flag,) = mention(case, "x", MINUTE)
    assert flag.ahead and outrun_by(case.incident).id == "x"
    send(case, "m", 15 * MINUTE)
    assert first_statement_at(case.incident, TIMED) == case.now
    case.pass_time(minutes=5)
    assert [m.ahead for m in mention(case, "late", MINUTE)] == [False]
    assert [m.ahead for m in mention(case, "found-later", 7 * MINUTE)] == [True]
    with pytest.raises(Refused):
        mention(case, "future", -MINUTE)


def test_a_closing_summary_speaks_of_the_end_that_held():
    case = timed()
    send(case, "m", 15 * MINUTE)
    assert [t.audience for t in closing.missing(case.incident, TIMED)] == ["customers_all"]
    case.record(ANA, [ev.PhaseChanged("triage", "investigating"), ev.Resolved("fixed", case.now)])
    send(case, "end", 15 * MINUTE, final=True)
    assert closing.missing(case.incident, TIMED) == []
    case.record(ANA, [ev.Reopened("It came back")])
    assert closing.missing(case.incident, TIMED) and not closing.all_told(case.incident)


@pytest.mark.requirement("R-156")
def test_the_incident_closes_once_every_affected_customer_is_done_or_declined():
    case = timed()
    listed = customers.list_customers(
        case.incident, TIMED, ANA, names={"a": "Northwind", "b": "Contoso"}, references={}
    )
    case.record(ANA, listed)
    held = lambda: "customers_settled" in [c.key for c in gate(case.incident, TIMED, "closed")]  # noqa: E731
    move = lambda key, state, note="": case.record(  # noqa: E731
        ANA, customers.move_customer(case.incident, TIMED, ANA, customer_id=key, state=state, note=note)
    )
    assert held()
    move("a", "rolling_out")
    move("a", "done")
    assert held()
    with pytest.raises(Refused, match="why they declined"):
        move("b", "declined")
    move("b", "declined", "They leave in May")
    assert not held()


@pytest.mark.requirement("R-099")
def test_an_overdue_pulse_warns_its_taker_then_the_commander_and_a_count_resets_it():
    case = timed()
    assert impact_pulse.due_at(case.incident, TIMED) is None  # nobody takes it yet
    taken = impact_pulse.take_pulse(case.incident, TIMED, ANA, pulse_id="p", affected_now=120, worst_case=900)
    case.record(ANA, taken)
    due = START + 30 * MINUTE
    assert impact_pulse.wake_at(case.incident, TIMED) == due
    assert impact_pulse.due_events(case.incident, TIMED, due - timedelta(seconds=1)) == []
    assert case.record("engine", impact_pulse.due_events(case.incident, TIMED, due)) == [
        tell.PulseLate(due, 1)
    ]
    again = due + 5 * MINUTE
    assert case.record("engine", impact_pulse.due_events(case.incident, TIMED, again)) == [
        tell.PulseLate(due, 2)
    ]
    assert impact_pulse.wake_at(case.incident, TIMED) is None
    case.now = again
    case.record(
        ANA, impact_pulse.take_pulse(case.incident, TIMED, ANA, pulse_id="q", affected_now=9, worst_case=9)
    )
    assert impact_pulse.wake_at(case.incident, TIMED) == again + 30 * MINUTE
    with pytest.raises(Refused, match="at least"):
        impact_pulse.take_pulse(case.incident, TIMED, ANA, pulse_id="r", affected_now=9, worst_case=1)
