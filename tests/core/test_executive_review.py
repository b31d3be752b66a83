"""Executives in a review: only the strategic part is theirs, and they say that they have read it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quarterdeck.core.incidents import executive_review as core
from quarterdeck.core.incidents import open_review
from quarterdeck.core.incidents.events import ReviewClosed, ReviewPublished
from quarterdeck.core.incidents.review import SECTIONS, edit_review
from quarterdeck.core.kernel.refused import Refused
from support.incident_case import ANA, BEN, EVA, OLE, TEMPLATE, declared


def reviewed(severity=1, **said):
    case = declared(ANA, severity=severity, **said)
    opened = open_review(case.incident, TEMPLATE, ANA, review_id="r", owner="ana", due_on="2026-11-25")
    case.record(ANA, opened)
    return case


def agreed(**said):
    case = reviewed(**said)
    case.record(ANA, [ReviewPublished()])
    return case


@pytest.mark.requirement("X-19")
@pytest.mark.parametrize("section", SECTIONS)
def test_an_executive_comments_and_writes_in_the_strategic_part_only(section):
    case = reviewed()

    def said():
        return (
            core.comment(case.incident, EVA, comment_id="c", section=section, text="Invest"),
            edit_review(case.incident, EVA, section=section, text="Invest"),
        )

    if section in core.STRATEGIC:
        assert all(said())
        return
    for act in (
        lambda: core.comment(case.incident, EVA, comment_id="c", section=section, text="Invest"),
        lambda: edit_review(case.incident, EVA, section=section, text="Invest"),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert (refused.value.code, refused.value.kind) == ("review.strategic_only", "forbidden")


def test_those_who_write_the_review_answer_there_and_nobody_comments_on_what_is_closed():
    case = agreed()
    assert core.comment(case.incident, BEN, comment_id="c", section="strategic_themes", text="Yes")
    with pytest.raises(Refused, match=r"section\.strategic"):
        core.comment(case.incident, BEN, comment_id="c", section="improvements", text="Yes")
    with pytest.raises(Refused) as refused:
        core.comment(case.incident, OLE, comment_id="c", section="strategic", text="Me too")
    assert refused.value.kind == "forbidden"
    case.record(ANA, [ReviewClosed(0)])
    with pytest.raises(Refused, match=r"review\.over"):
        core.comment(case.incident, EVA, comment_id="c", section="strategic", text="Late")


def ask(case, *people, days=7, rank=1):
    return core.asking(case.incident, people, at=case.now, days=days, rank=rank)


@pytest.mark.requirement("X-19")
def test_executives_are_reminded_until_they_confirm_and_each_reminder_comes_once():
    case = agreed()
    case.record("engine", ask(case, "eva", "eli"))
    assert ask(case, "eva", "eli") == []
    due = case.now + timedelta(days=7)
    assert core.wake_at(case.incident) == due - timedelta(days=1)
    case.record(EVA, core.confirm(case.incident, EVA))
    assert core.confirm(case.incident, EVA) == []
    case.pass_time(days=6)
    first = core.due_events(case.incident, case.now)
    assert [(e.people, e.level) for e in first] == [(("eli",), 1)]
    case.record("engine", first)
    assert core.due_events(case.incident, case.now) == [] and core.wake_at(case.incident) == due
    case.pass_time(days=1)
    case.record("engine", core.due_events(case.incident, case.now))
    assert case.incident.aftermath.readings["eli"].reminded == 2
    assert core.wake_at(case.incident) is None and core.due_events(case.incident, case.now) == []
    with pytest.raises(Refused, match=r"reading\.not_asked"):
        core.confirm(case.incident, BEN)


@pytest.mark.requirement("X-19", "X-25")
@pytest.mark.parametrize(
    ("said", "days", "rank", "asked"),
    [
        ({}, 7, 1, ("eva",)),
        ({"severity": 2}, 7, 1, None),
        ({"severity": 2}, 7, 2, ("eva",)),
        ({}, 0, 1, None),
        ({"drill": True}, 7, 1, None),
        ({"restricted": True}, 7, 1, None),
    ],
)
def test_who_is_asked_to_read_follows_severity_setting_and_who_may_know(said, days, rank, asked):
    found = ask(agreed(**said), "eva", days=days, rank=rank)
    assert [e.people for e in found] == ([asked] if asked else [])


def test_of_a_short_time_the_second_half_reminds():
    case = agreed()
    case.record("engine", ask(case, "eva", days=1))
    assert core.wake_at(case.incident) == case.now + timedelta(hours=12)
