"""A typed line becomes one act; what cannot be read is refused with how to write it."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.incidents.typed import VERBS, Typed, help_lines, moment, read
from quarterdeck.core.kernel.refused import Refused


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("The pool is full", Typed("note", "The pool is full")),
        ("/note The pool is full", Typed("note", "The pool is full")),
        ("/etc/passwd is world-writable", Typed("note", "/etc/passwd is world-writable")),
        ("/FINDING\nTwo lines\nof it", Typed("finding", "Two lines\nof it")),
        ("/decide Roll back", Typed("decide", "Roll back")),
        ("/decision Roll back", Typed("decide", "Roll back")),
        ("/task @ana in 10m Look at the pool", Typed("task", "Look at the pool", who="ana", number=10)),
        ("/task @ana 10 monitor the pool", Typed("task", "monitor the pool", who="ana", number=10)),
        ("/task @ana in 2h: call the bank", Typed("task", "call the bank", who="ana", number=120)),
        ("/task @ana@example.com 5 min go", Typed("task", "go", who="ana@example.com", number=5)),
        ("/phase monitoring errors are gone", Typed("phase", "errors are gone", key="monitoring")),
        ("/sev 2 half of all shops", Typed("sev", "half of all shops", number=2)),
        ("/sev SEV1", Typed("sev", number=1)),
        ("/page @ben we need a database engineer", Typed("page", "we need a database engineer", who="ben")),
        ("/fact cause: release 4.18.0: the pool", Typed("fact", "release 4.18.0: the pool", key="cause")),
        ("/fact What we know: it is slow", Typed("fact", "it is slow", key="what_we_know")),
        ("/follow-up Ask the bank", Typed("follow-up", "Ask the bank")),
        ("/followup Ask the bank", Typed("follow-up", "Ask the bank")),
        ("/at 14:02 It began", Typed("at", "It began", clock=(14, 2))),
        ("/poll 5m Fail over to Paris", Typed("poll", "Fail over to Paris", number=5)),
        ("/poll in 1h: Rest", Typed("poll", "Rest", number=60)),
        ("/object Paris is full", Typed("object", "Paris is full")),
        ("/standdown It is late", Typed("stand-down", "It is late")),
        ("/fact fix: v41", Typed("fact", "v41", key="fix")),
        ("/help", Typed("help")),
    ],
)
def test_a_line_is_read_as_it_is_meant(line: str, meant: Typed) -> None:
    assert read(line) == meant


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("/tsk @ana 10 go", "Did you mean /task?"),
        ("/severty 1", "Did you mean /sev?"),
        ("/zzzzzz x", "/help lists them"),
        ("/task ana 10 go", "Write it as: /task @ana in 10m what to do"),
        ("/task @ana go", "/task @ana in 10m"),
        ("/sev worst", "Write it as: /sev 2 reason"),
        ("/fact caus: x", "Did you mean “cause”?"),
        ("/fact no colon", "/fact cause:"),
        ("/at 25:00 x", "/at 14:02"),
        ("/poll Fail over", "Write it as: /poll 5m"),
        ("/note", "Write it as: /note text"),
        ("", "Write something"),
    ],
)
def test_what_cannot_be_read_is_refused_with_how_to_write_it(line: str, told: str) -> None:
    with pytest.raises(Refused) as refused:
        read(line)
    assert told in refused.value.message and refused.value.kind == "bad"


def test_help_names_every_command() -> None:
    assert [line.split()[0] for line in help_lines()] == [f"/{verb}" for verb in VERBS]


@given(st.text(max_size=200))
def test_no_line_does_anything_but_be_read_or_refused(line: str) -> None:
    with suppress(Refused):
        assert read(f"/{line}").verb in VERBS


def test_a_clock_means_the_last_time_it_showed_that() -> None:
    now = datetime(2026, 11, 22, 0, 30, tzinfo=UTC)
    assert moment((0, 10), now) == datetime(2026, 11, 22, 0, 10, tzinfo=UTC)
    assert moment((23, 50), now) == datetime(2026, 11, 21, 23, 50, tzinfo=UTC)
