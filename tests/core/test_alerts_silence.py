"""What a silence matches, and which silences are refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from quarterdeck.core.alerts.silence import Matcher, Silence, check, matches
from quarterdeck.core.kernel.refused import Refused

NOW = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LABELS = {"host": "db-1", "job": "disk"}


def a_silence(*matchers):
    return Silence("s", tuple(Matcher(*m) for m in matchers), NOW, NOW + HOUR)


@pytest.mark.parametrize(
    ("matcher", "holds"),
    [
        (("host", "=", "db-1"), True),
        (("host", "=", "db-2"), False),
        (("host", "!=", "db-2"), True),
        (("host", "!=", "db-1"), False),
        (("rack", "!=", "r1"), True),
        (("rack", "=", ""), True),
        (("host", "in", "db-2, db-1"), True),
        (("host", "in", "db-2"), False),
        (("host", "glob", "db-*"), True),
        (("host", "glob", "DB-*"), False),
        (("host", "glob", "d?-[0-9]"), True),
        (("service", "=", "payments"), True),
        (("service", "glob", "pay*"), True),
    ],
)
def test_a_matcher_holds_as_its_sign_says(matcher, holds):
    assert matches(a_silence(matcher), LABELS, "payments", NOW) is holds


def test_all_matchers_must_hold():
    assert matches(a_silence(("host", "=", "db-1"), ("job", "=", "disk")), LABELS, "", NOW)
    assert not matches(a_silence(("host", "=", "db-1"), ("job", "=", "net")), LABELS, "", NOW)


def test_a_label_called_service_comes_before_the_service():
    assert matches(a_silence(("service", "=", "x")), {"service": "x"}, "payments", NOW)


def test_a_silence_holds_from_its_start_until_before_its_end():
    silence = a_silence(("host", "=", "db-1"))
    assert not matches(silence, LABELS, "", NOW - timedelta(microseconds=1))
    assert matches(silence, LABELS, "", NOW)
    assert not matches(silence, LABELS, "", NOW + HOUR)


def test_a_silence_without_matchers_mutes_nothing():
    assert not matches(a_silence(), LABELS, "", NOW)


def test_a_pattern_is_never_a_regular_expression():
    assert not matches(a_silence(("host", "glob", "db-.*")), LABELS, "", NOW)


@pytest.mark.parametrize(
    ("silence", "code"),
    [
        (a_silence(), "silence.too_broad"),
        (a_silence(("host", "glob", "*")), "silence.too_broad"),
        (a_silence(("host", "!=", "x")), "silence.too_broad"),
        (a_silence(*[("host", "=", "x")] * 21), "silence.matchers"),
        (replace(a_silence(("host", "=", "x")), ends_at=NOW), "silence.times"),
        (replace(a_silence(("host", "=", "x")), ends_at=NOW + 25 * HOUR), "silence.too_long"),
    ],
)
def test_a_silence_too_broad_or_too_long_is_refused(silence, code):
    with pytest.raises(Refused) as refusal:
        check(silence)
    assert refusal.value.code == code


def test_a_long_silence_needs_somebody_elses_approval():
    check(replace(a_silence(("host", "=", "x")), ends_at=NOW + 25 * HOUR), approved=True)
