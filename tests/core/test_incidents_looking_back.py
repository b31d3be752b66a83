"""An incident as it looked at an instant, and in ten lines for whoever joins late."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.incidents import Incident, replay, rows
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.catch_up import LINES, catch_up, standing
from quarterdeck.core.incidents.instants import at, told, turns, until
from support.incident_case import ANA, START, TEMPLATE, Case, declared, name


def clock(moment) -> str:
    return f"{moment:%H:%M}"


def lines(case: Case, *questions: str) -> list[str]:
    return list(catch_up(case.incident, TEMPLATE, name, clock, case.now, questions))


def busy() -> Case:
    """Half an hour of work, nearly every topic with something to say."""
    case = declared()
    case.pass_time(minutes=3)
    case.record("ana", [ev.SeveritySet(2, 1, reason="All shops"), ev.PhaseChanged("triage", "investigating")])
    case.record("ana", [ev.ImpactSet({"customers": "high", "legal": "none"}, "about 1200")])
    case.record("ana", [ev.RoleTaken("a-2", "technical_lead", "ben"), ev.RoleTaken("a-3", "deputy", "cho")])
    case.record(
        "ben",
        [ev.FactsSet("Payments fail since 13:58.", "", "Cards are refused.", "Release 4.18.0", "Roll back in Frankfurt")],
    )  # fmt: skip
    case.record("ana", [ev.TaskGiven("t-1", "Restart the gateway", "ben", 10)])
    case.pass_time(minutes=6)
    case.record("ben", [ev.TaskDone("t-1", "no change.", "Restart the gateway")])
    case.record("ana", [ev.DecisionMade("d-1", "How?", ("roll back", "wait"), "roll back")])
    case.record("ana", [ev.TaskGiven("t-2", "Roll back eu-west", "ben", 10)])
    case.record("ana", [ev.CheckPlanned("k-1", "Frankfurt"), ev.CheckFailed("k-1", "still red", "Frankfurt")])
    case.record("ben", [ev.EntryWritten("e-1", "hypothesis", "The pool is too small")])
    case.record("ana", [ev.HandoverOffered("h-1", "commander", "a-1", "ana", "cho")])
    return case


STORY = busy()


@pytest.mark.requirement("R-076")
def test_ten_lines_tell_a_late_joiner_everything() -> None:
    assert lines(busy(), "The pool is too small") == [
        "SEV1, investigating since 14:05; declared 14:02 by Ana Ferreira: Checkout is down.",
        "Incident Commander: Ana Ferreira since 14:02; deputy: Cho Min-ji; "
        "Ana Ferreira is handing Incident Commander to Cho Min-ji (offered).",
        "Impact: customers high; customers affected: about 1200; customers notice: Cards are refused.",
        "Known: Payments fail since 13:58",
        "Cause: Release 4.18.0",
        "Tried: Restart the gateway (done: no change); check of Frankfurt failed.",
        "Doing now: Roll back eu-west (Ben Okonkwo).",
        "Decision 14:11: roll back.",
        "Next update to All customers is due 14:32. Next step: Roll back in Frankfurt.",
        "Open: is it “The pool is too small”?; vacant: Communications Lead.",
    ]


def test_a_quiet_incident_says_what_is_missing() -> None:
    case = declared()
    assert lines(case) == [
        "SEV2, triage since 14:02; declared 14:02 by Ana Ferreira: Checkout is down.",
        "Incident Commander: Ana Ferreira since 14:02; deputy: none.",
        "Next update to All customers is due 14:32.",
        "Open: vacant: Communications Lead; "
        "nobody has written what we know, what customers notice, the cause.",
    ]


def test_what_is_late_comes_before_what_is_done_now() -> None:
    case = busy()
    case.pass_time(minutes=11)
    assert "Late: Roll back eu-west (Ben Okonkwo)." in lines(case)


def test_a_corrected_hypothesis_is_no_open_question() -> None:
    case = busy()
    case.record("ben", [ev.EntryCorrected("e-2", "e-1", "The pool is leaking")])
    told_ = [("e-1", "The pool is too small"), ("e-2", "The pool is leaking")]
    assert standing(case.incident, told_) == ["The pool is leaking"]


@given(st.integers(0, len(STORY.log)))
def test_never_more_than_ten_lines_of_bounded_length(cut: int) -> None:
    incident = replay(STORY.log[:cut]) if cut else declared().incident
    found = catch_up(incident, TEMPLATE, name, clock, START + timedelta(hours=3), ("x" * 5000,) * 9)
    assert 2 <= len(found) <= LINES
    assert all("\n" not in line and len(line) < 2500 for line in found)
    assert found == catch_up(incident, TEMPLATE, name, clock, START + timedelta(hours=3), ("x" * 5000,) * 9)


# -- replay


@given(st.integers(-60, 7200))
def test_the_incident_at_an_instant_is_the_fold_of_what_was_recorded_by_then(seconds: int) -> None:
    instant = START + timedelta(seconds=seconds)
    known = [s for s in STORY.log if s.at <= instant]
    assert rows(at(STORY.log, instant)) == rows(replay(known))
    assert list(until(STORY.log, instant)) == known


def test_before_the_declaration_there_is_nothing_and_at_the_end_there_is_everything() -> None:
    assert at(STORY.log, START - timedelta(seconds=1)) == Incident()
    assert at(STORY.log, STORY.now) == STORY.incident


def test_what_was_written_later_about_an_earlier_time_was_not_known_then() -> None:
    case = declared()
    case.pass_time(minutes=10)
    case.record("ana", [ev.EntryWritten("e-1", "note", "It began", START + timedelta(minutes=1))])
    assert "e-1" not in at(case.log, START + timedelta(minutes=5)).entries


def test_lines_carry_the_marks_they_had_then() -> None:
    case = declared()
    for event in (
        ev.EntryWritten("e-1", "note", "The queue grows"),
        ev.EntryPinned("e-1"),
        ev.EntryFlagged("e-1"),
        ev.EntryCorrected("e-2", "e-1", "The queue shrinks"),
    ):
        case.pass_time(minutes=1)
        case.record(ANA, [event])

    def marks(minutes: int) -> tuple[bool, bool, bool]:
        log = until(case.log, START + timedelta(minutes=minutes))
        line = next(t for t in told(replay(log), log, name) if t.entry_id == "e-1")
        return line.pinned, line.followup, line.superseded

    assert [marks(n) for n in (1, 2, 3, 4)] == [
        (False, False, False), (True, False, False), (True, True, False), (False, False, True),
    ]  # fmt: skip


def test_turning_points_are_marked() -> None:
    kinds = [type(s.event).__name__ for s in turns(STORY.log)]
    assert kinds[0] == "Declared" and "PhaseChanged" in kinds and "EntryWritten" not in kinds
