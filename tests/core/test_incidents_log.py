"""Every event evolves the incident, has a sentence, survives storage, and shows in the rows."""

from __future__ import annotations

import dataclasses
import json
import typing
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterdeck.core.incidents import (
    EVENTS,
    Event,
    Incident,
    Stamped,
    describe,
    evolve,
    replay,
    row_changes,
    rows,
)
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.events.automation import ProposalSettled, Proposed, RuleRan
from quarterdeck.core.incidents.events.chat import (
    ChannelBack,
    ChannelEnded,
    ChannelOpened,
    ExecutiveReadsAlong,
    NotInChannel,
    RemovedFromChannel,
    SpokenElsewhere,
)
from quarterdeck.core.incidents.events.consent import ConsentAsked, ConsentGiven, ConsentWithdrawn
from quarterdeck.core.incidents.events.executive_review import (
    ReadingAsked,
    ReadingConfirmed,
    ReadingReminded,
    StrategicCommented,
)
from quarterdeck.core.incidents.events.learned import CausesSet, ProblemHandedOver
from quarterdeck.core.incidents.events.targets import TargetMissed, TicketsCounted
from quarterdeck.core.incidents.rows import TABLES
from support.ask_events import ASK_STORY
from support.boundary_events import BOUNDARY_STORY
from support.budgets import examples
from support.business_events import BUSINESS_STORY
from support.emergency_events import EMERGENCY_STORY
from support.ics_events import ICS_STORY
from support.incident_case import START, declared, name
from support.outside_events import OUTSIDE_STORY
from support.response_events import RESPONSE_STORY
from support.technical_events import TECHNICAL_STORY
from support.telling_events import TELLING_STORY

STORY: list[Event] = [
    ev.TitleSet("Payments fail", "Checkout is down"),
    ev.CodenameSet("Quiet Otter", ""),
    ev.InjectFired("i-1", "away", "Ana falls ill", "A fever", "commander", "ana"),
    ev.InjectFired("i-2", "inquiry", "Is our money safe?", about="customer"),
    ev.SeveritySet(2, 1, reason="All shops"),
    ev.TypeSet("security", "Strange logins"),
    ev.ImpactSet({"legal": "high"}, "1200"),
    ev.FactsSet(what_we_know="Payments fail", cause="Bad deploy"),
    ev.LinksSet("https://call.example/1", "https://chat.example/1"),
    ev.RoleCalled("technical_lead", "ben", "c-1"),
    ev.RoleUnreachable("technical_lead", "Nobody answered"),
    ev.CalloutAnswered("c-1", "technical_lead", "ben"),
    ev.RoleTaken("a-2", "technical_lead", "ben", assigned_by="ana"),
    ev.RoleTaken("a-3", "scribe", "cho", assigned_by="cho"),
    ev.RoleUnderstood("a-3", "scribe", "cho"),
    ev.RoleReleased("a-3", "scribe", "cho"),
    ev.PhaseChanged("triage", "investigating"),
    ev.AlertLinked("al-1", "disk full", "db/disk"),
    ev.AlertResolved("al-1", "disk full"),
    ev.AlertLinked("al-2", "cpu hot"),
    ev.AlertUnlinked("al-2", "cpu hot", "other site"),
    ev.TaskGiven("t-1", "Roll back", "ben", 10),
    ev.TaskReminded("t-1", "Roll back", "ben"),
    ev.TaskAcknowledged("t-1", "Roll back"),
    ev.TaskCheckedBack("t-1", "half way", "Roll back"),
    ev.TaskLate("t-1", "Roll back", "ben"),
    ev.TaskReassigned("t-1", "cho", 5, "Roll back", "ben"),
    ev.TaskDone("t-1", "v41 is back", "Roll back"),
    ev.TaskGiven("t-2", "Call the bank", "cho", 5),
    ev.TaskCancelled("t-2", "They called us", "Call the bank"),
    ev.DecisionMade("d-1", "How?", ("roll back", "wait"), "roll back", "fastest"),
    ev.EntryWritten("e-1", "note", "The queue grows"),
    ev.EntryCorrected("e-2", "e-1", "The queue shrinks", "misread"),
    ev.EntryPinned("e-2"),
    ev.EntryFlagged("e-2"),
    ev.FileAttached("e-3", "graph.png", "image/png", 1_400_000, "a" * 64, "The pool"),
    ev.ChecklistDone("commander", "triage", 0, "Announce yourself"),
    ev.ChecklistDone("commander", "triage", 1, "Set the severity"),
    ev.ChecklistUndone("commander", "triage", 1, "Set the severity"),
    ev.CheckPlanned("k-1", "Frankfurt"),
    ev.CheckFailed("k-1", "still red", "Frankfurt"),
    ev.CheckPassed("k-1", "green", "Frankfurt"),
    ev.ClockStarted("executives", 1800, START, "executive_liaison"),
    ev.ClockOverdue("executives", 1, START),
    ev.ClockReset("executives", START, "m-1"),
    ev.ClockStopped("executives", "calm"),
    ev.MessageDrafted("m-1", "customers_all", "investigating", "We are looking", next_update_at=START),
    ev.MessageEdited("m-1", "customers_all", "investigating", "We found it", components={"shop": "major"}),
    ev.MessageSubmitted("m-1", "0" * 64, "customers_all", "We found it"),
    ev.MessageStepLate("m-1", "review", "legal_officer", 2, "customers_all", "We found it"),
    ev.MessageStepPassed("m-1", "review", "legal_officer", "cho", "On leave", "customers_all", "We found it"),
    ev.MessageJudged(
        "m-1",
        "review",
        "legal_officer",
        "objection",
        "0" * 64,
        "Too soon",
        ("No blame",),
        "customers_all",
        "We found it",
    ),
    ev.MessageReleased("m-1", "0" * 64, "customers_all", "We found it", "It burns", ("The lawyer objects",)),
    ev.CountersignLate("m-1", "customers_all", "We found it"),
    ev.MessageCountersigned("m-1", "0" * 64, "ok", "", "customers_all", "We found it"),
    ev.PageUpdatePosted("u-1", "m-1", "public", "identified", "We found it", {"shop": "major"}),
    ev.MessageSent("m-1", 3, 1, "customers_all", "We found it"),
    ev.MessageStepDone(
        "m-1", "confirm", "status_page_manager", "Seen on the page", "customers_all", "We found it"
    ),
    ev.MessageDrafted("m-2", "executives", "investigating", "Brief"),
    ev.PromptsTicked("m-2", ("recipients",), "executives", "Brief"),
    ev.MessageStillRight("m-2", "The cause is not in it", "executives", "Brief"),
    ConsentAsked("m-2", "ben", "d" * 64, "commander", "executives", "Brief"),
    ConsentGiven("m-2", "d" * 64, "commander", "api", "executives", "Brief"),
    ConsentWithdrawn("m-2", "Not like this", False, "executives", "Brief"),
    ev.MessageSuperseded("m-2", "the phase changed", "executives", "Brief"),
    ev.HandoverOffered("h-1", "commander", "a-1", "ana", "cho"),
    ev.HandoverDeclined("h-1", "asleep", "commander", "ana", "cho"),
    ev.HandoverOffered("h-2", "commander", "a-1", "ana", "cho"),
    ev.HandoverWithdrawn("h-2", "", "commander", "ana", "cho"),
    ev.HandoverOffered("h-3", "commander", "a-1", "ana", "cho"),
    ev.HandoverAccepted("h-3", "commander", "ana", "cho"),
    ev.HandoverBriefed("h-3", "All is calm", "commander", "ana", "cho"),
    ev.HandoverTimed("h-3", START, "commander", "ana", "cho"),
    ev.HandoverEffective("h-3", "a-4", "commander", "ana", "cho"),
    ev.RoleCreated("network_lead", "Network lead", "Lead the network people", "commander"),
    ev.RoleTaken("a-5", "deputy", "ben", assigned_by="cho"),
    ev.DomainDelegated("a-5", "ben", "the databases"),
    ev.RoleTaken("a-6", "shadow", "dag", assigned_by="dag", mentor="ben"),
    ev.StructureChanged(
        "ics",
        1,
        "Incident Command System",
        "software",
        3,
        {"a-2": "operations_section_chief"},
        {"a-2": "commander"},
        {"a-2": "technical_lead"},
        {"a-2": "ben"},
        {"technical_lead": "operations_section_chief"},
        {"customers_all": "commander"},
        "Agencies join",
    ),
    ev.GapWarned("scribe", START, "cho"),
    ev.GapPassedOn("executive_liaison", START, "ana"),
    ev.CommandUnified("Two agencies"),
    ev.MemberAgreed("Evacuate", "ben"),
    ev.CommandSingle("One agency left"),
    ev.CheckedIn("dag", "network", "City works", True),
    ev.RollCallStarted("rc-1", ("ben", "dag")),
    ev.RollCallAnswered("rc-1", "ben", "here"),
    ev.RollCallEnded("rc-1", ("dag",)),
    ev.PersonReleased("dag", "Not needed", ("ben", "cho")),
    ev.PersonRecalled("dag", "Needed again"),
    ev.ReliefPlanned("rf-1", "commander", "ben", START),
    ev.ReliefDue("rf-1", "commander", "ben"),
    ev.ReliefCancelled("rf-1", "commander", "ben", "ill"),
    ev.ReserveActivated("Reserve", ("dag",), "postgres", "Too much work"),
    ev.WorkstreamOpened("w-1", "network", "Network", "ben", "https://call.example/n", 20),
    ev.WorkstreamJoined("w-1", "dag", "Network"),
    ev.WorkstreamLeft("w-1", "dag", "Network"),
    ev.WorkstreamLate("w-1", "Network", "ben"),
    ev.WorkstreamReported("w-1", "Two links are back", "Network"),
    ev.WorkstreamChanged("w-1", "Network", "cho", "", 30),
    ev.WorkstreamEnded("w-1", "All links are back", "Network"),
    ev.TaskGiven("t-3", "Check the links", "ben", 10),
    ev.TaskReplied("t-3", "needs_time", 5, "Check the links"),
    ev.TaskReplied("t-3", "will_comply", 0, "Check the links"),
    ev.SafetyStopped("st-1", "task", "t-3", "Check the links", "Water near power"),
    ev.SafetyCleared("st-1", "Check the links", "Power is off"),
    ev.HypothesisStated("hy-1", "The cache is cold", "ben"),
    ev.HypothesisJudged("hy-1", "refuted", "Hit rate 98 %", "The cache is cold"),
    ev.IncidentLinked("INC-7", "related", "same rack"),
    ev.IncidentUnlinked("INC-7", "related", "other rack"),
    ev.GroupJoined("g-1", "Storm"),
    ev.GroupLeft("g-1", "Storm"),
    ev.MergedFrom("INC-8", "Slow shop", "same cause"),
    ev.TriageOverdue(10),
    RuleRan("r-1", "watch", 2, "Watch", "incident.declared", ("Paged Ben",), ("The room is gone",)),
    Proposed("p-1", "severity", "3", "It is calm", "Watch"),
    Proposed("p-2", "phase", "monitoring", "The alerts are quiet", "Watch"),
    ProposalSettled("p-2", "phase", "monitoring", "declined"),
    ChannelOpened("Slack", "inc-7-checkout", "https://chat.example/C1"),
    NotInChannel("ben", 5, 1),
    ChannelBack("Slack", "inc-1"),
    ExecutiveReadsAlong("inc-1", True),
    ExecutiveReadsAlong("inc-1", False, "it answered missing_scope"),
    RemovedFromChannel("inc-1", "cho", "Cho", "Work goes on"),
    SpokenElsewhere("shop", "https://chat.example/C2/p1", "Dana"),
    ChannelEnded("Slack", "inc-7-checkout", "by_hand"),
    ev.EntryWritten("e-9", "note", "The pool is full", guest="Dana", place="#inc-7-checkout"),
    *ICS_STORY,
    *TECHNICAL_STORY,
    *BUSINESS_STORY,
    *EMERGENCY_STORY,
    *OUTSIDE_STORY,
    *TELLING_STORY,
    *BOUNDARY_STORY,
    *ASK_STORY,
    *RESPONSE_STORY,
    ev.Resolved("fixed", START, "Rolled back"),
    ev.Reopened("Errors again"),
    ev.Resolved("fixed", START),
    ev.ReviewOpened("r-1", "ana", "2026-11-25"),
    ev.ReviewEdited("improvements", "More alarms"),
    ev.ActionItemAdded("i-1", "Add an alarm", "ben", "2026-12-01"),
    ev.ActionItemDone("i-1", "Add an alarm"),
    ev.DebriefHeld("db-1", "Fast paging", "No runbook", ("ana", "ben")),
    ev.LessonRecorded("l-1", "Pools need alarms", "change"),
    ev.ContributionAsked("q-1", "ben", "technical_analysis", "2026-11-24"),
    ev.ContributionReminded("q-1", "ben", "technical_analysis", 1),
    ev.ContributionGiven("q-1", "The pool was full", "", "technical_analysis"),
    ev.EntryPromoted("e-2", "k-9", "How the queue grows", "ana"),
    ev.ReviewAssigned("cho", "ana", "ana"),
    ev.ReviewLate(1, "2026-11-25", "cho"),
    ev.ReviewSubmitted(START),
    ev.ReviewMeetingSet(START, "Room 4", ("ana", "ben"), "Everybody is here"),
    ev.ReviewReturned("The cause is missing"),
    ev.ReviewPublished(),
    StrategicCommented("sc-1", "strategic_themes", "The third of its kind"),
    ReadingAsked(("ana", "eva"), START),
    ReadingReminded(("eva",), 1, START),
    ReadingConfirmed(),
    ev.ReviewClosed(1),
    ev.ReviewWaived("no need"),
    CausesSet("capacity", ("no_rollback", "access"), "deployment"),
    ProblemHandedOver("pb-1", "Pools run dry", "ben", "2026-12-01"),
    TargetMissed("time_to_resolve", "Time to resolve", 3600, START),
    TicketsCounted(12),
    ev.HoldPlaced("hold-1", "A claim"),
    ev.HoldLifted("hold-1", "Settled"),
    ev.FileTakenBack("e-3", "graph.png", "a" * 64, "It shows a password"),
    ev.Closed("Done"),
]


def told():
    case = declared()
    for event in STORY:
        case.pass_time(minutes=1)
        case.record("ana", [event])
    return case


def test_the_story_holds_every_event_there_is():
    kinds = {type(s.event) for s in told().log} | {ev.Dismissed, ev.MergedInto}
    assert kinds == set(EVENTS.values())


def test_every_event_has_a_sentence_with_names_and_not_ids():
    case = told()
    endings = (ev.Dismissed("A test"), ev.MergedInto("INC-7", "Slow shop", "same cause"))
    for stamped in [*case.log, *(Stamped(99, START, "ana", e) for e in endings)]:
        line = describe(stamped, name)
        assert line.title
        assert line.title[0].isupper(), line.title
        assert not {"ana", "ben", "cho"} & set(line.title.split()), line.title
        assert "  " not in line.title
        assert "\n" not in line.title
        assert line.weight in ("system", "entry", "key")


def test_the_product_speaks_under_its_own_name():
    line = describe(Stamped(1, START, "engine", ev.TriageOverdue(5)), name)
    assert line.who == "Quarterdeck"
    linked = describe(Stamped(1, START, "engine", ev.AlertLinked("al", "disk full")), name)
    assert linked.title == "Quarterdeck linked the alert “disk full”"


def test_display_titles_replace_the_words_of_keys():
    titles = {"scribe": "Record Keeper", "1": "P1 Critical"}
    taken = Stamped(1, START, "cho", ev.RoleTaken("a", "scribe", "cho", assigned_by="cho"))
    assert describe(taken, name, lambda k: titles.get(k, k)).title == "Cho Min-ji took the role Record Keeper"


def test_replaying_the_log_gives_the_same_incident_and_the_same_rows():
    case = told()
    again = replay(case.log)
    assert again == case.incident
    assert rows(again) == rows(case.incident)


def test_replaying_in_two_halves_gives_the_same_incident():
    case = told()
    for cut in range(0, len(case.log), 7):
        assert replay(case.log[cut:], replay(case.log[:cut])) == case.incident


def test_an_earlier_state_is_untouched_by_later_events():
    case = told()
    early = replay(case.log[:20])
    before = rows(early)
    replay(case.log[20:], early)
    assert rows(early) == before


def test_every_event_survives_storage_as_json():
    for stamped in told().log:
        plain = json.loads(json.dumps(msgspec.to_builtins(stamped.event)))
        assert msgspec.convert(plain, type(stamped.event)) == stamped.event


@pytest.mark.parametrize("kind", EVENTS.values(), ids=EVENTS)
def test_events_are_frozen_and_hold_only_plain_fields(kind):
    plain = {str, int, bool, float, datetime, datetime | None, tuple[str, ...], dict[str, str]}
    hints = typing.get_type_hints(kind)
    assert all(hints[f.name] in plain for f in dataclasses.fields(kind))
    assert kind.__dataclass_params__.frozen
    assert hasattr(kind, "__slots__")


def test_what_changed_between_two_states_is_what_differs_in_their_rows():
    log = told().log
    for cut in range(len(log)):
        before = replay(log[:cut])
        after = replay(log[cut : cut + 3], before)
        all_before, all_after = rows(before), rows(after)
        old, new = row_changes(before, after)
        for table in TABLES:
            was, now = all_before[table], all_after[table]
            assert old.get(table, {}).keys() - new.get(table, {}).keys() == was.keys() - now.keys()
            differing = {key for key, row in new.get(table, {}).items() if old[table].get(key) != row}
            assert differing == {key for key, row in now.items() if was.get(key) != row}


def test_rows_name_every_table_and_carry_the_incident():
    case = told()
    tables = rows(case.incident)
    assert tuple(tables) == TABLES
    assert rows(Incident()) == {table: {} for table in TABLES}
    for table, found in tables.items():
        for row_id, row in found.items():
            assert row["id"] == row_id
            assert table == "incident" or row["incident_id"] == "INC-1042"


def test_the_row_of_the_incident_shows_who_commands_and_what_is_next():
    case = declared(severity=1)
    row = rows(case.incident)["incident"]["INC-1042"]
    assert row["commander_id"] == "ana"
    assert row["next_update_at"] == datetime(2026, 11, 22, 14, 17, tzinfo=UTC)
    assert row["seq"] == len(case.log)
    assignment = rows(case.incident)["role_assignment"]["a-1"]
    assert (assignment["person_id"], assignment["ended_at"], assignment["exclusive"]) == ("ana", None, True)
    assert "person" not in assignment


def test_rows_hold_only_what_a_table_or_json_can_hold():
    for found in rows(told().incident).values():
        for row in found.values():
            for value in row.values():
                assert value is None or isinstance(value, str | int | datetime | list | dict)
                if isinstance(value, list | dict):
                    json.dumps(value)


@settings(max_examples=examples(60), deadline=None)
@given(st.permutations(STORY))
def test_any_order_of_events_can_be_replayed_and_never_leaves_two_commanders(events):
    """A log is never refused, even one that no decision would have written."""
    state = declared().incident
    for seq, event in enumerate(events, start=10):
        state = evolve(state, Stamped(seq, START, "ana", event))
        assert len(state.holders("commander")) <= 1
