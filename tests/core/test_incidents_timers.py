"""What time makes true of an incident: every wake-up has something to say, and none is missing."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

import pytest

from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents import timers
from quarterdeck.core.incidents.events import business as biz
from quarterdeck.core.incidents.events.technical import PollOpened, StoodDown
from support.incident_case import ANA, BEN, CHO, START, TEMPLATE, Case, declared

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def busy() -> Case:
    """An incident in which everything waits for something."""
    case = declared(severity=1)
    case.give_role("technical_lead", BEN)
    case.give_role("scribe", CHO)
    at = case.now
    case.record(
        ANA,
        [
            *(ev.ClockStarted(a, 900, at + 15 * MINUTE, "commander") for a in ("responders", "executives")),
            ev.TaskGiven("t", "Look", "ben", 10),
            ev.WorkstreamOpened("w", "db", "Database", "ben", "", 20),
            ev.ReliefPlanned("r", "scribe", "dag", at + 6 * HOUR),
            PollOpened("p", "Fail over", at + 5 * MINUTE, 5),
            biz.AuthorityDelegated("d", "ana", "ben", ("spend",), 100, "EUR", at + 2 * HOUR),
            biz.VendorCaseOpened("v", "Northern Grid", "Power", "ben", due_at=at + HOUR),
            biz.RegulatoryStarted(
                "gdpr", "Authority", "Art. 33", "legal_officer", "ana", at - HOUR, at + 3 * DAY,
                (str(48 * 3600), str(4 * 3600)),
            ),
            ev.HandoverOffered("h", "scribe", case.incident.holder("scribe").id, "cho", "dag"),
            ev.HandoverAccepted("h", "scribe", "cho", "dag"),
            ev.HandoverBriefed("h", "All of it", "scribe", "cho", "dag"),
            ev.HandoverTimed("h", at + 3 * HOUR, "scribe", "cho", "dag"),
            ev.ReviewOpened("rev", "ana", (at.date() + 5 * DAY).isoformat(), "SEV1", "ana"),
            ev.ContributionAsked("c", "ben", "technical_analysis", (at.date() + 4 * DAY).isoformat()),
        ],
    )  # fmt: skip
    return case


def glance(case: Case) -> timers.Glance:
    return timers.Glance(case.incident, TEMPLATE, case.now, triage_minutes=10)


def run(case: Case, until: datetime) -> list[str]:
    """Live as the engine does: sleep until the moment asked for, append what is due. The kinds that were said."""
    ids, said = count(1), []
    for _ in range(200):
        at = timers.wake_at(glance(case))
        if at is None or at > until:
            return said
        case.now = max(at, case.now)
        found = timers.due_events(glance(case), lambda: f"new-{next(ids)}")
        said += [type(e).__name__ for e in case.record("engine", found)]
    pytest.fail("the timer of this incident never comes to rest")


def test_a_busy_incident_says_everything_once_and_comes_to_rest():
    case = busy()
    said = run(case, START + 30 * DAY)
    assert set(said) >= {
        "ClockOverdue", "TaskReminded", "TaskLate", "WorkstreamLate", "ReliefDue", "PollClosed", "AuthorityEnded",
        "VendorLate", "RegulatoryReminded", "RegulatoryOverdue", "HandoverEffective", "GapWarned",
    }  # fmt: skip
    assert not {"ReviewLate", "ContributionReminded"} & set(said)  # it has not ended yet
    assert said.count("RegulatoryReminded") == 2
    assert said.count("VendorLate") == said.count("HandoverEffective") == 1
    assert timers.wake_at(glance(case)) is None
    case.record(ANA, [ev.Resolved("fixed", case.now)])
    said = run(case, case.now + 30 * DAY)
    assert (said.count("ReviewLate"), said.count("ContributionReminded")) == (2, 2)
    assert timers.wake_at(glance(case)) is None


def test_the_engine_that_was_away_for_a_month_says_it_all_and_comes_to_rest():
    case = busy()
    case.pass_time(days=30)
    run(case, case.now)
    at = timers.wake_at(glance(case))
    assert at is None or at > case.now


@pytest.mark.parametrize("phase", ["monitoring", "resolved", "closed", "merged", "dismissed"])
def test_in_every_phase_the_timer_comes_to_rest(phase: str):
    case = busy()
    ends = {
        "resolved": ev.Resolved("fixed", case.now),
        "closed": ev.Closed("over"),
        "merged": ev.MergedInto("INC-7", "Another", "same"),
        "dismissed": ev.Dismissed("nothing"),
    }
    case.record(ANA, [ends.get(phase, ev.PhaseChanged("triage", "monitoring"))])
    run(case, START + 30 * DAY)
    at = timers.wake_at(glance(case))
    assert at is None or at > START + 30 * DAY


def test_while_the_team_stands_down_only_what_was_announced_and_what_the_law_asks_goes_on():
    case = busy()
    case.record(ANA, [StoodDown("Quiet for hours")])
    said = run(case, START + 30 * DAY)
    assert set(said) == {"HandoverEffective", "AuthorityEnded", "RegulatoryReminded", "RegulatoryOverdue"}
    assert case.incident.holder("scribe").person == "dag"


def test_resolving_ends_the_standing_down_so_that_the_debrief_is_asked_for():
    case = busy()
    case.record(ANA, [StoodDown("Quiet"), ev.Resolved("fixed", case.now)])
    assert case.incident.technical.stood_down_at is None
    case.record("engine", [ev.TaskGiven("deb", "Hold the debrief", "ana", 60, kind="debrief")])
    assert "TaskLate" in run(case, START + DAY)
