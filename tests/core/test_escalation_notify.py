"""Which contacts of a person are tried, in which order, and when nobody can be reached."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.escalation.notify import Planned, Rule, contacts

MINUTE = timedelta(minutes=1)


def test_rules_of_the_urgency_are_tried_in_the_order_of_their_delays():
    rules = [
        Rule("phone", "voice", 5 * MINUTE, "high"),
        Rule("push", "push", urgency="high"),
        Rule("mail", "email", urgency="low"),
    ]
    assert contacts(rules, "high").planned == (Planned("push", 0 * MINUTE), Planned("phone", 5 * MINUTE))
    assert contacts(rules, "low").planned == (Planned("mail", 0 * MINUTE),)


def test_without_a_rule_for_the_urgency_every_contact_is_tried_a_minute_apart():
    found = contacts([Rule("mail", "email", 9 * MINUTE, "low"), Rule("sms", "sms", urgency="none")], "high")
    assert found.planned == (Planned("mail", 0 * MINUTE), Planned("sms", MINUTE))
    assert found.reason == "No personal rule for high urgency: every contact, one minute apart."


def test_an_unverified_contact_comes_last_but_comes():
    rules = [Rule("new", "sms", verified=False), Rule("mail", "email"), Rule("phone", "voice", 3 * MINUTE)]
    assert contacts(rules, "high").planned == (
        Planned("mail", 0 * MINUTE),
        Planned("phone", 3 * MINUTE),
        Planned("new", 4 * MINUTE),
    )


def test_unverified_contacts_alone_are_tried_at_once_and_named_as_such():
    found = contacts([Rule("new", "sms", verified=False)], "high")
    assert found.planned == (Planned("new", 0 * MINUTE),)
    assert found.reason.endswith("no contact is verified.")


def test_disabled_contacts_are_never_tried():
    rules = [Rule("old", "sms", disabled=True), Rule("mail", "email", urgency="low")]
    assert [p.contact_id for p in contacts(rules, "high").planned] == ["mail"]


def test_nobody_reachable_is_said_in_words():
    assert contacts([], "high").reason.startswith("This person has no contact.")
    found = contacts([Rule("old", "sms", disabled=True)], "high")
    assert found.planned == ()
    assert found.reason.startswith("Every contact of this person is disabled.")


rules_ = st.lists(
    st.builds(
        Rule,
        contact_id=st.sampled_from("abcde"),
        kind=st.just("sms"),
        delay=st.integers(-1, 60).map(lambda m: m * MINUTE),
        urgency=st.sampled_from(["high", "low", "any", "none"]),
        verified=st.booleans(),
        disabled=st.booleans(),
    ),
    max_size=8,
)


@given(rules_, st.sampled_from(["high", "low"]))
def test_whoever_has_an_enabled_contact_is_reached_in_order(rules, urgency):
    planned = contacts(rules, urgency).planned
    assert bool(planned) == any(not r.disabled for r in rules)
    assert [p.delay for p in planned] == sorted(p.delay for p in planned)
    assert all(p.delay >= timedelta(0) for p in planned)
    assert len(planned) == len(set(planned))
