"""Scenarios are checked where they are read; cadence, clock and casting of drills as pure functions."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.catalog import check, load, load_scenarios
from quarterdeck.core.drills import cadence, casting, clock
from quarterdeck.core.drills.scenario import wrong_with
from quarterdeck.core.incidents.drill import KINDS

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FILE = """\
title = "The door system fails"
kinds = ["tabletop"]
summary = "Nobody gets in."
aims = []
type = "availability"
severity = 2
minutes = 45
headline = "Badges are refused"
situation = "Since 08:10."
roles = ["commander"]

[[step]]
key = "look"
role = "scribe"
title = "Look"
by_minute = 10

[[inject]]
key = "alarm"
at_minute = 15
kind = "message"
title = "The alarm rings"
"""


def said(text: str) -> list[str]:
    return [str(f) for f in check(None, {"scenarios/doors.toml": text}) if f.where == "scenarios/doors.toml"]


def test_the_scenarios_that_come_with_the_product_can_be_played_and_suit_every_kind():
    catalog, library = load(), load_scenarios()
    assert len(library) >= 6 and all(wrong_with(s, catalog) == [] for s in library)
    assert {k for s in library for k in s.kinds} == set(KINDS)
    assert all(s.aims and s.steps and len(s.injects) >= 3 and "commander" in s.roles for s in library)
    assert any(s.restricted for s in library) and any(s.template == "ics" for s in library)
    assert [f for f in check() if f.where.startswith("scenarios/")] == []


@pytest.mark.parametrize(
    ("instead", "by", "line", "told"),
    [
        ('role = "scribe"', 'role = "scribbe"', 14, "Did you mean 'scribe'?"),
        ("at_minute = 15", "at_minute = -5", 19, "before the start"),
        ("at_minute = 15", "at_minute = 50", 19, "after the end at minute 45"),
        ("by_minute = 10", "by_minute = 46", 13, "after the end"),
        ('kind = "message"', 'kind = "messagex"', 21, "Did you mean 'message'?"),
        ('kind = "message"', 'kind = "away"', 19, "Name the role"),
        ('kind = "message"', 'kind = "inquiry"\nabout = "mediax"', 22, "Set 'about' to one of"),
        ('type = "availability"', 'type = "availabilityx"', 5, "Did you mean 'availability'?"),
        ('kinds = ["tabletop"]', 'kinds = ["table"]', 2, "Did you mean 'tabletop'?"),
        ('key = "alarm"', 'key = "alarm"\nsurprize = true', 20, "Did you mean 'surprise'?"),
        ("severity = 2", "severity = 9", 6, "from 1 to 5"),
        ('title = "The door', 'title = "Ransomware on the file servers" # "', 1, "Give each scenario its own title"),
    ],
)  # fmt: skip
def test_a_scenario_that_cannot_be_played_is_found_with_its_line_and_what_to_do(instead, by, line, told):
    text = FILE.replace(instead, by)
    found = [f for f in said(text) if told in f]
    assert found and found[0].startswith(f"scenarios/doors.toml line {line}"), said(text)


def test_an_inject_or_a_role_named_twice_is_found():
    double = FILE + '\n[[inject]]\nkey = "alarm"\nat_minute = 20\nkind = "message"\ntitle = "Again"\n'
    assert any("there are two of the inject 'alarm'" in f for f in said(double))
    assert any(
        "there are two of the role 'commander'" in f
        for f in said(FILE.replace('["commander"]', '["commander", "commander"]'))
    )
    assert said(FILE) == []


weekly = st.builds(
    cadence.Cadence, st.integers(0, 6), st.times(), st.sampled_from(["UTC", "Europe/Berlin", "America/New_York"]),
    st.integers(1, 5), st.dates(date(2025, 1, 1), date(2027, 1, 1)),
)  # fmt: skip
moments = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1)).map(lambda d: d.replace(tzinfo=UTC))


@given(weekly, moments)
def test_the_next_drill_is_the_first_after_an_instant(plan, now):
    found = cadence.first_after(plan, now)
    runs = [plan.run(n) for n in range(200)]
    assert found == next(r for r in runs if r > now)


@given(weekly, moments, moments)
def test_after_any_outage_at_most_one_drill_is_made_and_none_twice(plan, last, now):
    made = cadence.to_make(plan, last, now)
    if made is not None:
        assert made > last and made - cadence.AHEAD <= now
        assert cadence.to_make(plan, made, now) is None
        assert cadence.wake_at(plan, made, now) > now - cadence.AHEAD


def test_a_drill_keeps_its_time_on_the_wall_when_clocks_change():
    plan = cadence.Cadence(6, time(10), "Europe/Berlin", 1, date(2026, 3, 16))
    assert [plan.run(n).hour for n in range(3)] == [9, 8, 8]


def test_the_scenario_not_played_for_longest_comes_next():
    assert cadence.next_scenario(["a", "b", "c"], []) == "a"
    assert cadence.next_scenario(["a", "b", "c"], ["a"]) == "b"
    assert cadence.next_scenario(["a", "b", "c"], ["c", "b", "a", "c"]) == "a"
    assert cadence.next_scenario([], ["a"]) == ""


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(0, 60)), max_size=6), st.integers(0, 240))
def test_a_pause_moves_what_is_left_by_its_length(spans, minute):
    at, pauses, stood = START, [], timedelta()
    for run, pause in spans:
        at += run * MINUTE
        pauses.append((at, at + pause * MINUTE))
        at += pause * MINUTE
        stood += pause * MINUTE
    due = clock.due_at(START, pauses, minute, at)
    assert due == START + stood + minute * MINUTE
    assert clock.elapsed(START, pauses, at) == at - START - stood
    assert clock.due_at(START, [*pauses, (at, None)], minute, at) is None


@given(
    st.lists(st.sampled_from("abcdef"), unique=True, max_size=6),
    st.lists(st.sampled_from(["ana", "ben", "cleo", "dev"]), unique=True),
    st.dictionaries(st.tuples(st.sampled_from(["ana", "ben", "cleo", "dev"]), st.sampled_from("abcdef")), st.integers(0, 5)),
)  # fmt: skip
def test_the_first_role_goes_to_whoever_played_it_least_and_nobody_plays_two(roles, people, played):
    found = casting.cast(roles, people, played)
    assert len(found) == min(len(roles), len(people)) and len(set(found.values())) == len(found)
    assert list(found) == roles[: len(found)]
    if found:
        least = min(played.get((p, roles[0]), 0) for p in people)
        assert played.get((found[roles[0]], roles[0]), 0) == least
