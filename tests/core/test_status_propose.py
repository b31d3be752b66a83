"""What alerts suggest for a component, and that a flapping one does not publish twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.status.propose import Firing, Rule, Shown, propose

NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PROPOSES = Rule("cards")
PUBLISHES = Rule("cards", publishes=True)
WELL = Shown("operational")
ALERT = Firing("a1", "critical", NOW)


def test_an_alert_that_opens_proposes_degraded():
    found = propose(PROPOSES, WELL, [ALERT], NOW)
    assert (found.action, found.state) == ("propose", "degraded_performance")
    assert found.reason == "1 alert means degraded performance."


def test_a_proposal_is_made_once():
    pending = replace(WELL, pending="degraded_performance")
    assert propose(PROPOSES, pending, [ALERT], NOW).action == "none"


def test_a_rule_that_publishes_does_so_at_once():
    assert propose(PUBLISHES, WELL, [ALERT], NOW).action == "publish"


def test_recovery_waits_for_the_hold_down():
    shown = Shown("degraded_performance", by_rule=True)
    over = replace(ALERT, resolved_at=NOW + MINUTE)
    waiting = propose(PUBLISHES, shown, [over], NOW + 5 * MINUTE)
    assert (waiting.action, waiting.wake_at) == ("none", NOW + 11 * MINUTE)
    found = propose(PUBLISHES, shown, [over], NOW + 11 * MINUTE)
    assert (found.action, found.state) == ("publish", "operational")
    assert found.reason == "Its alerts have been quiet for 10 min: operational again."


def test_a_flapping_alert_does_not_publish_twice():
    shown, alerts, published = WELL, [], []
    for minute in range(60):
        if minute < 42:
            # It fires for one minute in three.
            if minute % 3 == 0:
                alerts.append(Firing(f"a{minute}", "error", NOW + minute * MINUTE))
            elif minute % 3 == 1:
                alerts[-1] = replace(alerts[-1], resolved_at=NOW + minute * MINUTE)
        found = propose(PUBLISHES, shown, alerts, NOW + minute * MINUTE)
        if found.action == "publish":
            published.append((minute, found.state))
            shown = Shown(found.state, by_rule=True)
    assert published == [(0, "degraded_performance"), (50, "operational")]


def test_what_a_person_set_is_not_taken_back_by_a_rule():
    found = propose(PUBLISHES, Shown("major_outage"), [], NOW)
    assert (found.action, found.reason) == ("none", "A person set this state; a person takes it back.")


def test_over_a_state_a_person_chose_a_rule_only_proposes():
    rule = replace(PUBLISHES, states={"critical": "major_outage"})
    assert propose(rule, Shown("degraded_performance"), [ALERT], NOW).action == "propose"


def test_a_dismissed_proposal_comes_back_only_when_it_gets_worse():
    shown = replace(WELL, dismissed="degraded_performance")
    assert propose(PROPOSES, shown, [ALERT], NOW).action == "none"
    rule = replace(PROPOSES, states={"critical": "partial_outage"})
    assert propose(rule, shown, [ALERT], NOW).action == "propose"


def test_a_proposal_without_alerts_behind_it_is_withdrawn():
    found = propose(PROPOSES, replace(WELL, pending="degraded_performance"), [], NOW)
    assert (found.action, found.state) == ("withdraw", "operational")


def test_a_proposed_recovery_is_withdrawn_when_the_alert_fires_again():
    shown = Shown("degraded_performance", by_rule=True, pending="operational")
    assert propose(PROPOSES, shown, [ALERT], NOW).action == "withdraw"


def test_maintenance_is_left_alone():
    assert propose(PUBLISHES, Shown("under_maintenance"), [ALERT], NOW).action == "none"


def test_a_severity_the_rule_does_not_name_means_nothing():
    assert propose(PROPOSES, WELL, [replace(ALERT, severity="info")], NOW).action == "none"


episodes = st.lists(
    st.tuples(st.integers(0, 120), st.integers(0, 60), st.sampled_from(["critical", "warning", "info"])),
    max_size=8,
)


@given(episodes)
def test_a_rule_publishes_better_only_after_a_quiet_hold_down(spans):
    alerts = [
        Firing(str(n), sev, NOW + a * MINUTE, NOW + (a + d) * MINUTE) for n, (a, d, sev) in enumerate(spans)
    ]
    shown, last = WELL, None
    for minute in range(200):
        at = NOW + minute * MINUTE
        now = [
            replace(a, resolved_at=a.resolved_at if a.resolved_at <= at else None)
            for a in alerts
            if a.opened_at <= at
        ]
        found = propose(PUBLISHES, shown, now, at)
        assert propose(PUBLISHES, shown, now, at) == found
        if found.action == "publish":
            assert found.state != shown.state
            if found.state == "operational":
                ended = [a.resolved_at for a in alerts if a.opened_at <= at and a.severity != "info"]
                assert all(e + PUBLISHES.hold_down <= at for e in ended)
            shown, last = Shown(found.state, by_rule=True), found.state
    assert last in (None, "operational")
