"""The review: its owner, its date, its three parts, its action items."""

from __future__ import annotations

from datetime import date

import pytest

from quarterdeck.core.incidents import (
    add_action_item,
    due_date,
    edit_review,
    finish_action_item,
    open_review,
    publish_review,
    submit_review,
    waive_review,
)
from quarterdeck.core.kernel.refused import Refused
from support.incident_case import ADAM, ANA, BEN, EVA, OLE, TEMPLATE, declared


def test_working_days_skip_the_weekend_and_calendar_days_do_not():
    thursday = date(2026, 11, 19)
    assert due_date(thursday, 3) == date(2026, 11, 22)
    assert due_date(thursday, 5, working_days=True) == date(2026, 11, 26)
    assert due_date(date(2026, 11, 21), 1, working_days=True) == date(2026, 11, 23)


def reviewed():
    case = declared(ANA)
    opened = open_review(case.incident, TEMPLATE, ANA, review_id="r", owner="ana", due_on="2026-11-25")
    case.record(ANA, opened)
    return case


@pytest.mark.requirement("R-022")
def test_a_review_is_given_to_be_read_only_with_its_three_parts():
    case = reviewed()
    with pytest.raises(Refused, match="what happened, how we responded, improvements, root cause"):
        submit_review(case.incident, TEMPLATE, ANA, at=case.now)
    for section in ("what_happened", "how_we_responded", "improvements", "root_cause"):
        case.record(BEN, edit_review(case.incident, BEN, section=section, text="Well."))
    for act in (submit_review, publish_review):
        with pytest.raises(Refused):
            act(case.incident, TEMPLATE, BEN, at=case.now)
    case.record(ANA, submit_review(case.incident, TEMPLATE, ANA, at=case.now))
    assert case.incident.review.state == "in_review"
    with pytest.raises(Refused, match="being read"):
        publish_review(case.incident, TEMPLATE, ANA, at=case.now)
    case.pass_time(hours=24)
    case.record(ANA, publish_review(case.incident, TEMPLATE, ANA, at=case.now))
    assert case.incident.review.state == "reviewed"
    assert publish_review(case.incident, TEMPLATE, ANA, at=case.now) == []
    with pytest.raises(Refused, match="reviewed"):
        edit_review(case.incident, BEN, section="improvements", text="More")


def test_an_executive_writes_only_the_strategic_part():
    case = reviewed()
    assert edit_review(case.incident, EVA, section="strategic", text="Invest")
    for who in (EVA, OLE):
        with pytest.raises(Refused) as refused:
            edit_review(case.incident, who, section="improvements", text="Invest")
        assert refused.value.kind == "forbidden"


@pytest.mark.requirement("R-210")
@pytest.mark.parametrize(
    ("rest", "field"), [({"owner": ""}, "owner"), ({"due_on": "soon"}, "due_on"), ({"title": " "}, "title")]
)
def test_an_action_item_needs_an_owner_and_a_date(rest, field):
    case = reviewed()
    item = {"item_id": "i", "title": "Add an alarm", "owner": "ben", "due_on": "2026-12-01"}
    with pytest.raises(Refused) as refused:
        add_action_item(case.incident, BEN, **(item | rest))
    assert field in refused.value.fields
    case.record(BEN, add_action_item(case.incident, BEN, **item))
    case.record(BEN, finish_action_item(case.incident, BEN, item_id="i"))
    assert case.incident.action_items["i"].done_by == "ben"
    assert finish_action_item(case.incident, BEN, item_id="i") == []


def test_a_review_is_waived_with_a_reason_by_commander_or_administrator():
    case = reviewed()
    with pytest.raises(Refused):
        waive_review(case.incident, TEMPLATE, BEN, reason="no time")
    with pytest.raises(Refused, match="Say why"):
        waive_review(case.incident, TEMPLATE, ADAM, reason="")
    case.record(ADAM, waive_review(case.incident, TEMPLATE, ADAM, reason="Covered by INC-7"))
    assert case.incident.review.is_settled


def test_there_is_one_review_per_incident():
    case = reviewed()
    with pytest.raises(Refused) as refused:
        open_review(case.incident, TEMPLATE, ANA, review_id="r2", owner="ben", due_on="2026-11-25")
    assert refused.value.code == "review.open"
