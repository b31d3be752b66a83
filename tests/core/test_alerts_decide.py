"""What a signal does to the alert of its key, and whether it pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.alerts.batch import Folded, fingerprint, fold, route
from quarterdeck.core.alerts.decide import AlertState, Decision, decide, expire, unsilence
from quarterdeck.core.alerts.signal import SEVERITIES, Signal
from quarterdeck.core.alerts.silence import Maintenance, Matcher, Silence

NOW = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
OPEN = AlertState("1", "disk", "open", 1, NOW - MINUTE, NOW - MINUTE, NOW - MINUTE)
MUTE = Silence("s1", (Matcher("host", "=", "db-1"),), NOW - MINUTE, NOW + 9 * MINUTE, "rebuild", "ana")
FIRES = Signal("disk", labels={"host": "db-1"})


def test_the_first_signal_of_a_key_opens_an_alert_and_pages():
    found = decide(None, replace(FIRES, expires_at=NOW + 4 * MINUTE), NOW)
    assert (found.action, found.status, found.page, found.count) == ("open", "open", True, 1)
    assert found.expires_at == NOW + 4 * MINUTE


def test_a_repeat_raises_the_count_and_pages_nobody_again():
    opened = decide(None, FIRES, NOW)
    again = decide(after(None, FIRES, opened, NOW), FIRES, NOW + MINUTE)
    assert (again.action, again.status, again.page, again.count) == ("repeat", "open", False, 2)
    assert again.last_seen_at == NOW + MINUTE


def test_a_repeat_moves_the_expiry_later_but_never_earlier():
    alert = replace(OPEN, expires_at=NOW + 4 * MINUTE)
    assert decide(alert, replace(FIRES, expires_at=NOW + 5 * MINUTE), NOW).expires_at == NOW + 5 * MINUTE
    assert decide(alert, replace(FIRES, expires_at=NOW + 3 * MINUTE), NOW).expires_at == NOW + 4 * MINUTE
    assert decide(alert, FIRES, NOW).expires_at == NOW + 4 * MINUTE


def test_a_repeat_never_takes_an_acknowledgement_back():
    found = decide(
        replace(OPEN, status="acknowledged", paged=False), replace(FIRES, severity="critical"), NOW
    )
    assert (found.action, found.status, found.page) == ("repeat", "acknowledged", False)


def test_a_trigger_after_a_resolve_opens_a_new_alert_and_pages():
    found = decide(replace(OPEN, status="resolved", count=7), FIRES, NOW)
    assert (found.action, found.status, found.page, found.count) == ("open", "open", True, 1)
    assert found.reason == "Fires again after it was resolved."


def test_a_resolve_ends_an_alert_whatever_its_state():
    for status in ("open", "acknowledged", "silenced"):
        found = decide(replace(OPEN, status=status), Signal("disk", "resolve"), NOW)
        assert (found.action, found.status, found.page) == ("resolve", "resolved", False)


def test_a_late_resolve_of_an_earlier_episode_is_ignored():
    late = Signal("disk", "resolve", starts_at=NOW - 10 * MINUTE)
    found = decide(OPEN, late, NOW)
    assert (found.action, found.status) == ("ignore", "open")
    assert found.reason == "A late resolve of an earlier episode: the newer one goes on."


def test_a_resolve_with_the_same_start_ends_the_alert():
    assert decide(OPEN, Signal("disk", "resolve", starts_at=OPEN.starts_at), NOW).action == "resolve"


def test_a_newer_episode_of_an_open_alert_makes_the_resolve_of_the_older_one_late():
    newer = decide(OPEN, replace(FIRES, starts_at=NOW), NOW)
    alert = after(OPEN, FIRES, newer, NOW)
    assert decide(alert, Signal("disk", "resolve", starts_at=OPEN.starts_at), NOW).action == "ignore"


@pytest.mark.parametrize("action", ["resolve", "acknowledge"])
def test_what_is_unknown_or_over_is_ignored_with_a_reason(action):
    for existing in (None, replace(OPEN, status="resolved")):
        found = decide(existing, Signal("disk", action), NOW)
        assert found.action == "ignore"
        assert found.status == (existing and "resolved")
        assert found.reason
        assert not found.page


def test_the_source_can_acknowledge_once():
    first = decide(OPEN, Signal("disk", "acknowledge"), NOW)
    assert (first.action, first.status) == ("acknowledge", "acknowledged")
    second = decide(replace(OPEN, status="acknowledged"), Signal("disk", "acknowledge"), NOW)
    assert (second.action, second.status) == ("ignore", "acknowledged")


def test_a_silenced_alert_is_stored_without_a_page_and_names_the_silence():
    found = decide(None, FIRES, NOW, [MUTE])
    assert (found.action, found.status, found.page) == ("open", "silenced", False)
    assert found.reason == "Muted by the silence “rebuild” by ana until 2026-11-18T03:09:00Z."
    assert found.muted.ref == "s1"


def test_maintenance_of_its_service_mutes_an_alert():
    work = Maintenance("m1", "Larger database", frozenset({"db"}), NOW, NOW + MINUTE)
    assert decide(None, FIRES, NOW, (), [work], service="db").status == "silenced"
    assert decide(None, FIRES, NOW, (), [work], service="web").status == "open"
    assert decide(None, FIRES, NOW + MINUTE, (), [work], service="db").status == "open"


def test_a_silence_that_spares_critical_lets_a_critical_alert_page():
    found = decide(None, replace(FIRES, severity="critical"), NOW, [replace(MUTE, spares_critical=True)])
    assert (found.status, found.page) == ("open", True)


def test_a_repeat_of_a_silenced_alert_stays_silent_while_the_silence_lasts():
    found = decide(replace(OPEN, status="silenced", paged=False), FIRES, NOW, [MUTE])
    assert (found.action, found.status, found.page) == ("repeat", "silenced", False)


def test_a_repeat_after_the_silence_opens_the_alert_and_pages():
    found = decide(replace(OPEN, status="silenced", paged=False), FIRES, NOW + 10 * MINUTE, [MUTE])
    assert (found.action, found.status, found.page, found.reopened) == ("repeat", "open", True, True)


def test_a_silence_made_for_an_open_alert_mutes_its_next_repeat():
    assert decide(OPEN, FIRES, NOW, [MUTE]).status == "silenced"


def test_a_silence_by_severity_holds_as_long_for_what_still_fires():
    by_severity = replace(MUTE, matchers=(Matcher("severity", "=", "error"),))
    assert decide(None, FIRES, NOW, [by_severity]).status == "silenced"
    assert unsilence(replace(OPEN, status="silenced"), FIRES.labels, NOW, [by_severity]) is None


def test_the_end_of_a_silence_opens_what_still_fires():
    silenced = replace(OPEN, status="silenced", paged=False)
    assert unsilence(silenced, FIRES.labels, NOW, [MUTE]) is None
    found = unsilence(silenced, FIRES.labels, NOW + 9 * MINUTE, [MUTE])
    assert (found.action, found.status, found.page, found.reopened) == ("open", "open", True, True)
    assert unsilence(OPEN, FIRES.labels, NOW) is None


def test_a_severity_below_the_line_is_stored_without_a_page():
    found = decide(None, Signal("disk", severity="warning"), NOW, page_from="error")
    assert (found.action, found.status, found.page) == ("open", "open", False)
    assert found.reason == "First report of this key. Severity warning does not page here."


def test_a_rising_severity_pages_if_the_alert_never_paged():
    quiet = replace(OPEN, severity="warning", paged=False)
    found = decide(quiet, Signal("disk", severity="critical"), NOW, page_from="error")
    assert (found.action, found.page, found.severity) == ("repeat", True, "critical")
    assert found.reason == "Severity rose from warning to critical, which pages."


def test_a_rising_severity_does_not_page_an_alert_that_paged_before():
    found = decide(
        replace(OPEN, severity="warning"), Signal("disk", severity="critical"), NOW, page_from="error"
    )
    assert (found.page, found.severity) == (False, "critical")


def test_an_unknown_severity_counts_as_error():
    assert decide(None, Signal("disk", severity="strange"), NOW, page_from="error").page


def test_an_alert_the_source_no_longer_refreshes_runs_out():
    alert = replace(OPEN, expires_at=NOW)
    assert expire(alert, NOW - MINUTE) is None
    assert expire(OPEN, NOW) is None
    assert expire(replace(alert, status="resolved"), NOW) is None
    found = expire(alert, NOW)
    assert (found.action, found.status) == ("resolve", "resolved")
    assert "2026-11-18T03:00:00Z" in found.reason


def test_equal_label_sets_have_one_fingerprint():
    assert fingerprint({"a": "1", "b": "2"}) == fingerprint({"b": "2", "a": "1"})
    assert len(fingerprint({})) == 16


@given(st.dictionaries(st.text(), st.text()), st.dictionaries(st.text(), st.text()))
def test_different_label_sets_have_different_fingerprints(a, b):
    assert (fingerprint(a) == fingerprint(b)) == (a == b)


def test_a_signal_goes_to_the_service_it_names_or_to_that_of_its_integration():
    services = {"db": object(), "web": object()}
    assert route(Signal("k", service="db"), "web", services).service == "db"
    assert route(Signal("k", service=" DB "), "web", services).service == "db"
    assert route(Signal("k"), "web", services).service == "web"
    unknown = route(Signal("k", service="mail"), "web", services)
    assert unknown.service == "web"
    assert unknown.reason.startswith("The signal names 'mail', which is not a service here.")
    assert route(Signal("k", service="mail"), None, services).service is None


def test_repeats_in_a_batch_are_folded_with_their_number():
    batch = [Signal("a", summary="1"), Signal("b"), Signal("a", summary="2"), Signal("a", summary="3")]
    assert fold(batch) == [Folded(Signal("a", summary="3"), 3), Folded(Signal("b"), 1)]


def test_trigger_resolve_trigger_is_not_folded():
    batch = [Signal("a"), Signal("a", "resolve"), Signal("a")]
    assert [f.repeats for f in fold(batch)] == [1, 1, 1]


moments = st.none() | st.integers(-9, 9).map(lambda m: NOW + m * MINUTE)
signals = st.lists(
    st.builds(
        Signal,
        key=st.sampled_from("ab"),
        action=st.sampled_from(["trigger", "trigger", "trigger", "acknowledge", "resolve"]),
        severity=st.sampled_from(SEVERITIES),
        starts_at=moments,
        expires_at=moments,
        labels=st.sampled_from([{}, {"host": "db-1"}]),
    ),
    max_size=12,
)


def after(existing: AlertState | None, signal: Signal, found: Decision, now: datetime) -> AlertState | None:
    """The row as a store would write it."""
    if found.action == "ignore":
        return existing
    fresh = found.action == "open" and not found.reopened
    return AlertState(
        "2" if fresh else existing.id,
        signal.key,
        found.status,
        found.count,
        now if fresh else existing.first_seen_at,
        found.last_seen_at,
        found.starts_at,
        found.expires_at,
        found.severity,
        found.page or (not fresh and existing.paged),
    )


def feed(folded, silences=(), page_from="info"):
    rows, pages = {}, []
    for each in folded:
        key = each.signal.key
        found = decide(rows.get(key), each.signal, NOW, silences, page_from=page_from, repeats=each.repeats)
        rows[key] = after(rows.get(key), each.signal, found, NOW)
        if found.page:
            pages.append(key)
    return rows, sorted(pages)


@given(signals, st.booleans(), st.sampled_from(SEVERITIES))
def test_a_folded_batch_has_the_effect_of_its_signals_one_by_one(batch, quiet, page_from):
    silences = [MUTE] if quiet else []
    singly = feed([Folded(s) for s in batch], silences, page_from)
    assert feed(fold(batch), silences, page_from) == singly


@given(signals, st.booleans())
def test_an_alert_pages_again_only_after_a_resolve_or_a_silence(batch, quiet):
    row, paged = None, False
    for signal in (s for s in batch if s.key == "a"):
        found = decide(row, signal, NOW, [MUTE] if quiet else [])
        if found.page:
            assert not paged
            assert found.status == "open"
        paged = (paged or found.page) and found.status not in ("resolved", "silenced")
        if row is not None and row.status == "acknowledged":
            assert found.status in ("acknowledged", "resolved")
        row = after(row, signal, found, NOW)
