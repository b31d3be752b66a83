"""What a report says about an incident: times, promises, the record in order, and nothing left out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.incidents.events import (
    ActionItemAdded,
    ActionItemDone,
    ClockReset,
    ClockStarted,
    ClockStopped,
    Closed,
    EntryCorrected,
    EntryWritten,
    MessageDrafted,
    MessageSent,
    PageUpdatePosted,
    PhaseChanged,
    Resolved,
    ReviewEdited,
    ReviewOpened,
    ReviewPublished,
    RoleReleased,
    RoleTaken,
)
from quarterdeck.core.reviews import AlertMoments, Words, document, report, role_names, withhold
from support.incident_case import ANA, BEN, START, TEMPLATE, declared, name

MINUTE = timedelta(minutes=1)


def report_of(case, alerts=(), words=None):
    return report(case.incident, TEMPLATE, case.log, words or Words(names=name), case.now, alerts)


def times(made):
    return {c.key: c.lasted for c in made.clocks}


def sent(case, message, minutes=15, audience="customers_all", final=False):
    """A message to an audience, and what sending it does to the clock."""
    case.record(ANA, [MessageDrafted(message, audience, "investigating", f"Headline {message}")])
    case.record("engine", [MessageSent(message, 3, 1, audience)])
    after = ClockStopped(audience, "the final message was sent")
    case.record("engine", [after if final else ClockReset(audience, case.now + minutes * MINUTE, message)])


def test_the_clocks_run_from_the_first_report_to_what_people_did():
    case = declared(ANA)
    case.pass_time(minutes=10)
    case.record(ANA, [PageUpdatePosted("u-1", "m-1", "shop", "investigating", "We look into it")])
    case.pass_time(minutes=40)
    case.record(ANA, [Resolved("fixed", case.now - 5 * MINUTE)])
    made = report_of(
        case,
        [
            AlertMoments("late", "5xx", START - 1 * MINUTE, START),
            AlertMoments("first", "Latency", START - 6 * MINUTE, START - 2 * MINUTE),
        ],
    )
    assert times(made) == {
        "first_alert": 4 * MINUTE,
        "commander": 0 * MINUTE,
        "first_answer": None,
        "first_public_update": 16 * MINUTE,
        "resolved": 51 * MINUTE,
    }
    assert [a.alert_id for a in made.alerts] == ["first", "late"]


def test_a_clock_that_did_not_end_says_why():
    made = report_of(declared(ANA))
    notes = {c.key: c.note for c in made.clocks}
    assert notes["first_alert"] == "no alert is linked"
    assert notes["resolved"] == "not resolved"
    assert notes["commander"] == "in command by declaring"


def test_every_stay_in_a_phase_is_timed_and_the_present_one_goes_on():
    case = declared(ANA)
    case.pass_time(minutes=7)
    case.record(ANA, [PhaseChanged("triage", "investigating")])
    case.pass_time(minutes=20)
    assert [(p.phase, p.lasted) for p in report_of(case).phases] == [
        ("triage", 7 * MINUTE),
        ("investigating", 20 * MINUTE),
    ]
    case.record(ANA, [Closed()])
    last = report_of(case).phases[-1]
    assert (last.phase, last.until, last.lasted) == ("closed", None, None)


def kept(case):
    return {
        u.audience: (u.on_time, u.late, u.missed, u.unpromised, u.latest_by) for u in report_of(case).updates
    }


def test_updates_count_as_on_time_to_the_very_moment_and_late_after_it():
    case = declared(ANA, severity=2)  # its customers are owed a word every 30 minutes
    case.pass_time(minutes=30)
    sent(case, "m-1", minutes=15)
    case.pass_time(minutes=15, seconds=1)
    sent(case, "m-2", minutes=15)
    case.pass_time(minutes=5)
    sent(case, "m-3", final=True)
    assert kept(case)["customers_all"] == (2, 1, 0, 0, timedelta(seconds=1))


def test_a_promise_still_owed_when_the_clock_stops_is_missed():
    case = declared(ANA)
    case.record(ANA, [ClockStarted("responders", 900, case.now + 15 * MINUTE)])
    case.pass_time(minutes=16)
    case.record(ANA, [ClockStopped("responders", "stood down")])
    assert kept(case)["responders"] == (0, 0, 1, 0, None)
    sent(case, "m-1", audience="executives")
    case.record(ANA, [Closed()])
    # Nothing ran for executives; the customers' first word was never sent before the end.
    assert kept(case)["executives"] == (0, 0, 0, 1, None)
    assert "customers_all" not in kept(case)
    case.pass_time(hours=2)
    assert "customers_all" not in kept(case)


def test_an_overdue_promise_of_a_running_clock_is_missed_as_of_now():
    case = declared(ANA)
    case.pass_time(minutes=31)
    assert kept(case)["customers_all"] == (0, 0, 1, 0, None)


@pytest.mark.requirement("R-074")
def test_a_back_dated_entry_stands_where_it_happened_and_shows_when_it_was_entered():
    case = declared(ANA)
    case.pass_time(minutes=30)
    case.record(ANA, [EntryWritten("e-1", "note", "Noticed at once")])
    case.record(BEN, [EntryWritten("e-2", "finding", "Pool empty", happened_at=START + MINUTE)])
    lines = report_of(case).timeline
    entries = [e for e in lines if e.kind in ("note", "finding")]
    assert [e.text for e in entries] == ["Pool empty", "Noticed at once"]
    assert (entries[0].backdated, entries[0].happened_at, entries[0].entered_at) == (
        True,
        START + MINUTE,
        case.now,
    )
    assert entries[1].backdated is False
    stamps = document(report_of(case)).sections[-1].blocks[0].items
    shown = next(s for s in stamps if s.text == "Pool empty")
    assert shown.when == "2026-11-22 14:03"
    assert shown.notes == (("Back-dated", "entered 2026-11-22 14:32"),)


@pytest.mark.requirement("R-073")
def test_a_correction_shows_both_texts_at_both_places():
    case = declared(ANA)
    case.record(ANA, [EntryWritten("e-1", "note", "At 14:10")])
    case.pass_time(minutes=1)
    case.record(ANA, [EntryCorrected("e-2", "e-1", "At 14:01", "misread")])
    case.pass_time(minutes=1)
    case.record(ANA, [EntryCorrected("e-3", "e-2", "At 14:00")])
    first, second, third = [e for e in report_of(case).timeline if e.kind in ("note", "correction")]
    assert (first.text, first.corrected_text, first.replaces) == ("At 14:10", "At 14:01", "")
    assert (second.text, second.replaces, second.corrected_text) == ("At 14:01", "At 14:10", "At 14:00")
    assert (third.text, third.replaces, third.corrected_at) == ("At 14:00", "At 14:01", None)


@given(st.lists(st.integers(-90, 0), max_size=8))
def test_no_event_is_left_out_of_the_timeline_and_moments_never_run_back(offsets):
    case = declared(ANA)
    for n, minutes in enumerate(offsets):
        case.pass_time(minutes=3)
        at = case.now + minutes * MINUTE if minutes else None
        case.record(ANA, [EntryWritten(f"e-{n}", "note", f"Text {n}", happened_at=at)])
    lines = report_of(case).timeline
    assert sorted(e.seq for e in lines) == [s.seq for s in case.log]
    assert [(e.happened_at, e.seq) for e in lines] == sorted((e.happened_at, e.seq) for e in lines)


def test_roles_are_told_with_their_intervals_and_commanders_in_their_order():
    case = declared(ANA)
    case.pass_time(minutes=5)
    case.record(
        ANA, [RoleReleased("a-1", "commander", "ana"), RoleTaken("a-2", "commander", "ben", exclusive=True)]
    )
    made = report_of(case)
    assert [(h.person, h.since, h.until) for h in made.roles] == [
        ("Ana Ferreira", START, case.now),
        ("Ben Okonkwo", case.now, None),
    ]
    assert made.facts.commanders == ("Ana Ferreira", "Ben Okonkwo")


def test_action_items_are_open_overdue_or_done():
    case = declared(ANA)
    due = ["2026-11-21", "2026-11-22", "2026-11-20"]
    case.record(ANA, [ActionItemAdded(f"i-{n}", f"Item {n}", "ben", day) for n, day in enumerate(due)])
    case.record(BEN, [ActionItemDone("i-2")])
    assert [i.state for i in report_of(case).items] == ["overdue", "open", "done"]


EVERY = [
    "Facts",
    "Summary",
    "Impact",
    "What happened",
    "Root cause",
    "Contributing factors",
    "Technical analysis",
    "Effect on customers",
    "How we responded",
    "Phases",
    "Clocks",
    "Updates on time",
    "Roles",
    "Decisions",
    "Tasks",
    "Checks",
    "Messages sent",
    "Alerts",
    "Debrief",
    "What helped",
    "What hindered",
    "What those who were there know",
    "What we will improve",
    "Recommendations",
    "Lessons",
    "Action items",
    "Runbook change",
    "Summary for leadership",
    "Themes",
    "Investment asks",
    "Decisions needed",
    "Process",
    "Timeline",
]


def test_every_section_is_there_also_when_nothing_was_recorded():
    laid_out = document(report_of(declared(ANA)))
    assert [s.title for s in laid_out.sections] == EVERY
    by_key = {s.key: s.blocks for s in laid_out.sections}
    for key in ("impact", "root_cause", "decisions", "runbook_change", "items", "strategic"):
        assert [b.text for b in by_key[key]] == ["Nothing was recorded."]


def test_background_lines_are_counted_when_they_are_left_out():
    case = declared(ANA)
    everything = document(report_of(case), whole=True).sections[-1].blocks
    assert len(everything[0].items) == len(case.log)
    shown, note = document(report_of(case)).sections[-1].blocks
    assert len(shown.items) < len(case.log)
    assert note.text.startswith(f"{len(case.log) - len(shown.items)} background line")


def test_a_drill_and_a_restricted_incident_are_marked():
    marked = document(report_of(declared(ANA, drill=True, restricted=True)))
    assert marked.marks == ("DRILL", "RESTRICTED")


@pytest.mark.requirement("R-292")
def test_people_are_called_by_what_they_did():
    case = declared(ANA)
    case.give_role("sme", BEN)
    case.record(ANA, [RoleTaken("a-9", "sme", "cho"), ReviewOpened("r-1", "dag", "2026-11-25")])
    called = role_names(case.incident, case.log, lambda key: {"sme": "Expert", "commander": "Commander"}[key])
    assert [called(p) for p in ("ana", "ben", "cho", "dag", "engine", "nobody")] == [
        "Commander",
        "Expert 1",
        "Expert 2",
        "Participant 1",
        "Quarterdeck",
        "Somebody else",
    ]
    made = report_of(case, words=Words(names=called))
    told = repr(made)
    assert not [n for n in ("Ana", "Ben", "Cho", "Dag") if n in told]


def test_what_is_withheld_is_the_record_and_not_the_outcome():
    case = declared(ANA)
    case.record(ANA, [EntryWritten("e-1", "note", "Ben broke it"), ReviewOpened("r-1", "ana", "2026-11-25")])
    case.record(ANA, [ReviewEdited("what_happened", "Ben"), ReviewEdited("strategic", "Invest in tests")])
    kept_back = withhold(report_of(case))
    assert kept_back.timeline == () and kept_back.roles == () and kept_back.facts.commanders == ()
    assert kept_back.written == {"strategic": "Invest in tests"}
    assert times(kept_back) == times(report_of(case))
    shown = {s.key: s.blocks[0] for s in document(kept_back).sections}
    assert shown["timeline"].text == shown["what_happened"].text == "Shown when the review is agreed."
    assert shown["impact"].text == "Nothing was recorded."


def test_the_state_of_the_review_tells_what_is_owed():
    case = declared(ANA)
    assert report_of(case).review.state == "none"
    case.record(ANA, [ReviewOpened("r-1", "ana", "2026-11-21")])
    review = report_of(case).review
    assert (review.state, review.overdue, review.owner) == ("draft", True, "Ana Ferreira")
    case.record(ANA, [ReviewPublished()])
    assert report_of(case).review.overdue is False
