"""Rules of automation as the core knows them: matching, checking, explaining, and the bounds that end every loop."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.access import Who, may, rule_actor
from quarterdeck.core.incidents import Incident, Stamped, grants, may_read, replay
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.automation import (
    DEEDS,
    GRANTS,
    TRIGGERS,
    Counts,
    check,
    explain,
    may_run,
    occurrences,
    plain,
    read,
)
from quarterdeck.core.incidents.automation.caps import MOST_DEEP
from quarterdeck.core.incidents.automation.deeds import own
from quarterdeck.core.incidents.expressions import evaluate, parse
from support.incident_case import TEMPLATE, declared

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
GOOD = {
    "trigger": "incident.severity",
    "condition": "severity == 1 and trigger.worse",
    "grants": ["page.send"],
    "actions": [{"do": "page", "to": "role:commander", "text": "{{ incident }} is {{ severity }} now"}],
}


def findings(**said: object) -> list[tuple[str, int]]:
    return [(f.field, f.at) for f in check(read(GOOD | said))]


def stamped(*events: ev.Event) -> list[Stamped]:
    return [Stamped(n, NOW + timedelta(minutes=n), "ana", e) for n, e in enumerate(events, 1)]


def test_a_good_rule_has_no_findings_and_reads_as_it_is_written() -> None:
    rule = read(GOOD)
    assert check(rule) == [] and read(plain(rule)) == rule


def test_each_fault_is_named_at_its_field_and_place_with_a_suggestion() -> None:
    (unknown,) = check(read(GOOD | {"condition": "severity == 1 and trigger.worst"}))
    assert (unknown.field, unknown.at) == ("condition", 18) and "'trigger.worse'" in unknown.text
    (word,) = check(read(GOOD | {"actions": [{"do": "page", "to": "role:x", "text": "{{ incidnt }}"}]}))
    assert (word.field, word.at) == ("actions.0.text", 3) and "'incident'" in word.text
    assert findings(actions=[{"do": "page", "to": "role:x", "text": "{{ run() }}"}]) == [
        ("actions.0.text", 0)
    ]
    assert findings(actions=[{"do": "page", "to": "everybody", "text": "x"}]) == [("actions.0.to", 0)]
    assert findings(grants=[]) == [("grants", -1)]
    assert findings(minutes=5) == [("minutes", -1)]
    assert findings(trigger="incident.open_for")[0] == ("minutes", -1)
    assert findings(actions=[]) == [("actions", -1)]
    assert findings(trigger="alert.received", condition="severity == 1")[0] == ("condition", 0)
    assert findings(condition="(" * 5_000)[0][0] == "condition"
    assert findings(grants=["page.send", "message.release"]) == [("grants", -1)]


@given(
    st.dictionaries(
        st.sampled_from(["trigger", "condition", "actions", "grants", "minutes", "per_hour"]),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.text(max_size=40)
            | st.sampled_from(list(TRIGGERS)),
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.dictionaries(st.sampled_from(["do", "to", "text", "minutes"]), inner, max_size=4)
            ),
            max_leaves=8,
        ),
    )
)
def test_whatever_is_sent_is_read_and_checked_without_an_error(data: dict[str, object]) -> None:
    rule = read(data)
    check(rule)
    assert read(plain(rule)) == rule


@given(st.text(alphabet="severity ==1andortriger.wos()'\"<>\u00e9", max_size=60))
def test_a_condition_is_understood_or_refused_at_a_place_inside_it(text: str) -> None:
    found = check(read(GOOD | {"condition": text}))
    assert all(0 <= f.at <= len(text) for f in found if f.field == "condition")


def test_a_condition_is_explained_part_by_part() -> None:
    tree = parse("severity <= 2 and not (type == security or drill)")
    parts = explain(tree, {"severity": 1, "type": "availability", "drill": False})
    assert [(p.depth, p.text, p.holds, p.have) for p in parts] == [
        (0, "both of", True, ""),
        (1, "severity <= 2", True, "1"),
        (1, "not", True, ""),
        (2, "one of", False, ""),
        (3, "type == security", False, "availability"),
        (3, "drill", False, "no"),
    ]


@given(st.integers(1, 5), st.booleans(), st.sampled_from(["triage", "monitoring"]))
def test_the_explanation_says_what_evaluating_says(severity: int, drill: bool, phase: str) -> None:
    tree = parse("severity <= 2 and not drill or phase == monitoring")
    values = {"severity": severity, "drill": drill, "phase": phase}
    assert explain(tree, values)[0].holds == evaluate(tree, values)


def test_events_set_off_what_they_are() -> None:
    new = stamped(
        ev.SeveritySet(3, 1),
        ev.SeveritySet(1, 1),
        ev.RoleTaken("a-2", "scribe", "cho"),
        ev.RoleReleased("a-2", "scribe", "cho"),
        ev.ClockOverdue("executives", 1, NOW),
        ev.ClockOverdue("executives", 2, NOW),
        ev.Resolved("fixed", NOW, "Rolled back"),
    )
    start = declared().incident
    after = replay(new, start)
    found = [(o.trigger, dict(o.words)) for o in occurrences(start, after, new)]
    assert found == [
        ("incident.severity", {"trigger.worse": True, "trigger.before": "3"}),
        ("incident.role_assigned", {"trigger.role": "scribe"}),
        ("incident.role_vacant", {"trigger.role": "scribe"}),
        ("incident.update_overdue", {"trigger.audience": "executives"}),
        ("incident.resolved", {}),
    ]


@given(
    st.lists(st.sampled_from([ev.SeveritySet(3, 1), ev.Reopened("x"), ev.FactsSet(cause="y")]), max_size=6)
)
def test_an_event_has_one_key_whoever_reads_it_and_however_often(events: list[ev.Event]) -> None:
    new = stamped(*events)
    keys = [o.key for o in occurrences(Incident(), replay(new), new)]
    assert len(set(keys)) == len(keys)
    assert keys == [o.key for o in occurrences(Incident(), replay(new), new)]


@given(st.lists(st.sampled_from("abcde"), max_size=40))
def test_no_chain_of_rules_is_longer_than_the_bound_and_no_rule_is_in_it_twice(tried: list[str]) -> None:
    chain: list[str] = []
    for rule in tried:
        if not may_run(rule, chain, Counts(), 60).why:
            chain.append(rule)
    assert len(chain) <= MOST_DEEP and len(set(chain)) == len(chain)


@given(st.integers(0, 200), st.integers(0, 200), st.integers(0, 200), st.integers(1, 100))
def test_whoever_ran_as_often_as_allowed_is_stopped(mine: int, here: int, all_here: int, most: int) -> None:
    standing = may_run("a", (), Counts(mine, here, all_here), most)
    assert bool(standing.why) == (mine >= most or here >= 10 or all_here >= 100)
    assert standing.why in ("", "limit")


@pytest.mark.parametrize("deed", list(DEEDS))
def test_every_action_needs_a_right_that_a_rule_can_be_given(deed: str) -> None:
    assert DEEDS[deed].grants and set(DEEDS[deed].grants) <= GRANTS.keys()


def test_a_rule_may_do_what_it_was_given_and_nothing_more() -> None:
    rule = rule_actor("watch", own(["page.send", "timeline.write"]))
    assert may(rule, "page.send") and may(rule, "incident.act")
    assert not any(may(rule, p) for p in ("settings.edit", "alert.act", "incident.declare", "status.edit"))
    assert grants(declared().incident, TEMPLATE, rule) == {
        "page.send",
        "timeline.write",
        "incident.act",
        "check.plan",
    }
    released = own([*GRANTS, "message.release", "settings.edit", "severity.set", "incident.phase"])
    assert released.isdisjoint(
        {"message.release", "message.approve", "severity.set", "incident.phase", "settings.edit"}
    )


def test_a_restricted_incident_is_absent_for_a_rule_that_does_not_say_so() -> None:
    secret = Incident(number=7, restricted=True)
    assert not may_read(secret, rule_actor("watch", own(["page.send"])))
    assert may_read(secret, rule_actor("watch", own(["incident.restricted"])))
    assert not may_read(secret, Who("rule:watch", frozenset({"responder"})))
