"""Messages and clocks: one line, a promised next time, a release that binds the text, a reset when sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.access import ENGINE
from quarterdeck.core.incidents import (
    Content,
    content_hash,
    draft_message,
    edit_message,
    message_sent,
    release_message,
    set_clock,
    set_severity,
    supersede_message,
)
from quarterdeck.core.incidents.clocks import GRACE, due_events, wake_at
from quarterdeck.core.incidents.events import (
    ClockOverdue,
    ClockReset,
    ClockStarted,
    ClockStopped,
    MessageSent,
)
from quarterdeck.core.kernel.refused import Refused
from support.incident_case import ADAM, ANA, BEN, CATALOG, CHO, START, TEMPLATE, declared

SOON = START + timedelta(minutes=20)
TEXT = Content(
    "customers_all",
    "Checkout fails for some customers",
    customer_effect="Payments fail",
    action="We are rolling back",
    next_update_at=SOON,
)


def draft(case, content=TEXT, by=ANA, message_id="m"):
    return case.record(
        by,
        draft_message(case.incident, TEMPLATE, by, message_id=message_id, content=content, at=case.now),
    )


def release(case, by=ANA, message_id="m", digest=None):
    digest = digest or content_hash(case.incident.messages[message_id])
    return case.record(
        by,
        release_message(case.incident, TEMPLATE, by, message_id=message_id, content_hash=digest, at=case.now),
    )


def send(case, message_id="m"):
    sent = {"message_id": message_id, "recipients": 3, "pages": 1, "at": case.now}
    return case.record(ENGINE, message_sent(case.incident, TEMPLATE, ENGINE, **sent))


@pytest.mark.requirement("R-044")
def test_an_update_without_the_next_time_is_refused_unless_it_is_final():
    case = declared(ANA)
    with pytest.raises(Refused) as refused:
        draft(case, replace(TEXT, next_update_at=None))
    assert set(refused.value.fields) == {"next_update_at"}
    assert draft(case, replace(TEXT, next_update_at=None, final=True))
    with pytest.raises(Refused, match="has passed"):
        draft(case, replace(TEXT, next_update_at=START), message_id="m2")


@pytest.mark.parametrize("headline", ["", "two\nlines", "x" * 81])
def test_a_headline_is_one_line_within_the_limit_of_its_audience(headline):
    with pytest.raises(Refused) as refused:
        draft(declared(ANA), replace(TEXT, headline=headline))
    assert set(refused.value.fields) == {"headline"}


def test_releasing_takes_the_role_and_never_the_rank():
    case = declared(ANA)
    case.give_role("communications_lead", BEN)
    draft(case, by=BEN)
    for who in (BEN, CHO, ADAM, ENGINE):
        with pytest.raises(Refused) as refused:
            release(case, who)
        assert refused.value.kind == "forbidden"
    assert release(case, ANA)
    assert case.incident.messages["m"].released_by == "ana"
    assert release(case, ANA, digest=case.incident.messages["m"].content_hash) == []


def test_the_role_named_in_an_audiences_chain_releases_for_that_audience_only():
    case = declared(ANA)
    case.give_role("executive_liaison", BEN)
    draft(case, replace(TEXT, audience="executives"), by=BEN)
    draft(case, message_id="m2")
    assert release(case, BEN)
    with pytest.raises(Refused):
        release(case, BEN, "m2")


def test_a_release_binds_exactly_the_text_that_was_read():
    case = declared(ANA)
    draft(case)
    read = content_hash(case.incident.messages["m"])
    changed = replace(TEXT, headline="Checkout fails for all customers")
    case.record(ANA, edit_message(case.incident, TEMPLATE, ANA, message_id="m", content=changed, at=case.now))
    with pytest.raises(Refused) as refused:
        release(case, digest=read)
    assert refused.value.code == "message.changed"
    release(case)
    with pytest.raises(Refused) as refused:
        edit_message(case.incident, TEMPLATE, ANA, message_id="m", content=TEXT, at=case.now)
    assert refused.value.code == "message.not_draft"


def test_a_public_message_says_what_customers_notice_and_what_we_do_before_it_leaves():
    case = declared(ANA)
    draft(case, replace(TEXT, customer_effect="", action=""))
    with pytest.raises(Refused) as refused:
        release(case)
    assert set(refused.value.fields) == {"customer_effect", "action"}


def test_a_promise_that_has_passed_is_not_released():
    case = declared(ANA)
    draft(case)
    case.pass_time(minutes=20)
    with pytest.raises(Refused, match="has passed"):
        release(case)


def test_an_unreleased_message_is_not_sent():
    case = declared(ANA)
    draft(case)
    with pytest.raises(Refused):
        send(case)


def test_a_draft_is_superseded_and_a_sent_message_is_not():
    case = declared(ANA)
    draft(case)
    release(case)
    send(case)
    assert send(case) == []
    with pytest.raises(Refused, match="corrects"):
        supersede_message(case.incident, TEMPLATE, ANA, message_id="m", reason="typo")
    draft(case, message_id="m2")
    assert case.record(ANA, supersede_message(case.incident, TEMPLATE, ANA, message_id="m2", reason="typo"))


@pytest.mark.requirement("R-017")
def test_the_clock_is_due_then_overdue_to_its_owner_then_to_the_commander_and_a_sent_update_resets_it():
    case = declared(ANA, severity=1)
    due = START + timedelta(minutes=15)
    assert case.incident.clocks["customers_all"].next_due == due
    assert due_events(case.incident, due) == []
    assert wake_at(case.incident) == due + GRACE

    case.now = due + GRACE
    first = case.record("engine", due_events(case.incident, case.now))
    assert ClockOverdue("customers_all", 1, due) in first
    assert due_events(case.incident, case.now) == []
    case.now = due + 2 * GRACE
    second = case.record("engine", due_events(case.incident, case.now))
    assert ClockOverdue("customers_all", 2, due) in second

    promised = case.now + timedelta(minutes=10)
    draft(case, replace(TEXT, next_update_at=promised))
    release(case)
    assert send(case) == [
        MessageSent("m", 3, 1, "customers_all", TEXT.headline),
        ClockReset("customers_all", promised, "m"),
    ]
    clock = case.incident.clocks["customers_all"]
    assert (clock.next_due, clock.overdue_level) == (promised, 0)


@given(st.lists(st.integers(0, 60), max_size=6))
def test_looking_at_the_clocks_often_finds_what_looking_once_finds(minutes):
    once, often = declared(ANA, severity=1), declared(ANA, severity=1)
    last = START + timedelta(minutes=60)
    for minute in sorted(minutes):
        often.record("engine", due_events(often.incident, START + timedelta(minutes=minute)))
    often.record("engine", due_events(often.incident, last))
    once.record("engine", due_events(once.incident, last))
    assert {k: c.overdue_level for k, c in often.incident.clocks.items()} == {
        k: c.overdue_level for k, c in once.incident.clocks.items()
    }


def test_a_final_message_stops_its_clock():
    case = declared(ANA, severity=1)
    draft(case, replace(TEXT, final=True, next_update_at=None))
    release(case)
    assert isinstance(send(case)[1], ClockStopped)


def test_a_new_severity_never_puts_off_a_promise():
    case = declared(ANA, severity=1)
    case.pass_time(minutes=10)
    changed = set_severity(
        case.incident, TEMPLATE, CATALOG, ANA, severity=2, at=case.now, reason="Only some shops"
    )
    case.record(ANA, changed)
    assert changed[1:] == [
        ClockStarted("customers_all", 1800, START + timedelta(minutes=15), "communications_lead"),
        ClockStopped("responders", "this severity has no clock for it"),
    ]


def test_the_keeper_of_clocks_sets_them_within_reason():
    case = declared(ANA)
    case.give_role("communications_lead", BEN)
    tighter = {"audience": "customers_all", "at": case.now}
    case.record(BEN, set_clock(case.incident, TEMPLATE, BEN, every=timedelta(minutes=20), **tighter))
    assert case.incident.clocks["customers_all"].every_seconds == 1200
    for who, every in ((CHO, timedelta(minutes=20)), (BEN, timedelta(minutes=1))):
        with pytest.raises(Refused):
            set_clock(case.incident, TEMPLATE, who, every=every, **tighter)
