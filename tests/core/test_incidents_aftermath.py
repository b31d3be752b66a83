"""What an incident leaves behind: the debrief, the course of its review, contributions, holds, files taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from quarterdeck.core.incidents import (
    attach_file,
    contributions,
    debrief,
    edit_review,
    keeping,
    reopen,
    resolve,
    review_course,
    submit_review,
    write_entry,
)
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.events.business import RegulatoryEnded, RegulatoryStarted
from quarterdeck.core.incidents.state import Incident
from quarterdeck.core.kernel.refused import Refused
from support.incident_case import ADAM, ANA, BEN, CATALOG, CHO, DAG, TEMPLATE, Case, declared

PARTS = ("what_happened", "how_we_responded", "improvements", "root_cause")


def resolved(severity: int = 1, experts=(), at: datetime | None = None, **said: object) -> Case:
    """Commanded by Ana, technically led by Ben; the experts hold their role, the first of them acts."""
    case = declared(ANA, severity=severity, **said)
    case.give_role("technical_lead", BEN)
    for expert in experts:
        case.give_role("sme", expert)
    for expert in experts[:1]:
        written = write_entry(
            case.incident,
            TEMPLATE,
            expert,
            entry_id="e-1",
            kind="finding",
            text="The pool is full",
            at=case.now,
        )
        case.record(expert, written)
    case.record(ANA, [ev.PhaseChanged("triage", "monitoring")])
    case.now = at or case.now
    case.record(ANA, end(case))
    return case


def end(case: Case) -> list[ev.Event]:
    return resolve(
        case.incident,
        TEMPLATE,
        CATALOG,
        ANA,
        code="fixed",
        resolved_at=case.now,
        at=case.now,
        review_id=case.id(),
    )


def written(case: Case) -> Case:
    for section in PARTS:
        case.record(BEN, edit_review(case.incident, BEN, section=section, text="Well."))
    return case


# -- the debrief


def test_resolving_leaves_the_commander_a_debrief_that_ends_with_its_form():
    case = resolved()
    task = debrief.task(case.incident)
    assert (task.assignee, task.kind) == ("ana", "debrief")
    assert case.incident.review.facilitator == "ana"
    said = {
        "went_well": "Fast paging",
        "lessons": [("l-1", "change", "Pools need alarms")],
        "attendees": ["ben"],
    }
    case.record(ANA, debrief.hold_debrief(case.incident, TEMPLATE, ANA, debrief_id="d-1", **said))
    assert debrief.task(case.incident) is None
    assert case.incident.aftermath.lessons["l-1"].text == "Pools need alarms"
    assert debrief.hold_debrief(case.incident, TEMPLATE, ANA, debrief_id="d-1", **said) == []


def test_the_light_path_owes_no_debrief_and_reopening_calls_it_off():
    assert debrief.task(resolved(severity=4).incident) is None
    case = resolved()
    case.record(ANA, reopen(case.incident, TEMPLATE, ANA, reason="Errors again", at=case.now))
    assert debrief.task(case.incident) is None
    with pytest.raises(Refused, match="is not over"):
        debrief.hold_debrief(case.incident, TEMPLATE, ANA, debrief_id="d-1", went_well="All")
    case.record(ANA, [ev.PhaseChanged("investigating", "monitoring"), *end(case)])
    assert debrief.task(case.incident).assignee == "ana"


def test_a_debrief_says_something_and_a_lesson_has_a_kind():
    case = resolved()
    with pytest.raises(Refused, match="what went well"):
        debrief.hold_debrief(case.incident, TEMPLATE, ANA, debrief_id="d-1", went_well=" ")
    with pytest.raises(Refused, match="keep, change, surprise"):
        debrief.record_lesson(case.incident, BEN, lesson_id="l", kind="blame", text="Ben")


# -- the course of the review


def reviewed_by(case: Case, **said: object) -> list[ev.Event]:
    return case.record(ANA, submit_review(case.incident, TEMPLATE, ANA, at=case.now, **said))


def test_a_meeting_leaves_a_day_to_read_or_says_why_it_cannot():
    case = written(resolved())
    with pytest.raises(Refused, match="24 hours to read"):
        reviewed_by(case, meets_at=case.now + timedelta(hours=23))
    reviewed_by(case, meets_at=case.now + timedelta(hours=23), short_notice="Everybody is here")
    assert case.incident.review.meets_at == case.now + timedelta(hours=23)
    with pytest.raises(Refused, match="24 hours"):
        review_course.set_meeting(
            case.incident, TEMPLATE, ANA, at=case.now, meets_at=case.now + timedelta(hours=2)
        )


def test_trainees_and_owners_of_services_are_invited_but_no_owners_to_what_is_restricted():
    case = written(resolved(experts=(CHO,)))
    case.give_role("shadow", DAG)
    assert set(review_course.invitees(case.incident, ["eva"])) == {"ana", "ben", "cho", "dag", "eva"}
    secret = resolved(restricted=True)
    assert "eva" not in review_course.invitees(secret.incident, ["eva"])


def test_the_states_follow_one_another_and_a_review_may_come_back():
    case = written(resolved())
    for early in (review_course.publish_review, review_course.close_review):
        with pytest.raises(Refused, match="Give it to be read"):
            early(case.incident, TEMPLATE, ANA, **({"at": case.now} if early.__name__[0] == "p" else {}))
    reviewed_by(case)
    case.record(ANA, review_course.return_review(case.incident, TEMPLATE, ANA, reason="No cause"))
    assert case.incident.review.state == "draft"
    reviewed_by(case)
    case.record(
        ANA, review_course.publish_review(case.incident, TEMPLATE, ANA, at=case.now, reason="We all agreed")
    )
    case.record(ANA, review_course.close_review(case.incident, TEMPLATE, ANA))
    assert case.incident.review.state == "closed"


def test_the_commander_names_who_writes_and_others_do_not():
    case = resolved()
    with pytest.raises(Refused, match="Only the commander"):
        review_course.assign_review(case.incident, TEMPLATE, CHO, owner="cho")
    case.record(ANA, review_course.assign_review(case.incident, TEMPLATE, ANA, owner="ben"))
    assert (case.incident.review.owner, case.incident.review.facilitator) == ("ben", "ana")


@pytest.mark.parametrize(
    ("severity", "resolved_at", "due_on"),
    [
        (1, datetime(2026, 11, 27, 16, tzinfo=UTC), "2026-11-30"),  # a Friday: three calendar days
        (2, datetime(2026, 11, 27, 16, tzinfo=UTC), "2026-12-04"),  # five business days
        (2, datetime(2026, 11, 29, 16, tzinfo=UTC), "2026-12-04"),  # a Sunday
    ],
)
def test_the_day_a_review_is_due_follows_the_severity_over_a_weekend(severity, resolved_at, due_on):
    case = resolved(severity, at=resolved_at)
    assert case.incident.review.due_on == due_on
    late = datetime.combine(date.fromisoformat(due_on) + timedelta(days=1), contributions.HOUR)
    assert review_course.wake_at(case.incident) == late
    assert review_course.due_events(case.incident, late - timedelta(seconds=1)) == []
    for level in (1, 2):
        (said,) = case.record(
            "engine", review_course.due_events(case.incident, late + timedelta(days=level - 1))
        )
        assert (said.level, said.owner) == (level, "ana")
    assert review_course.wake_at(case.incident) is None


# -- contributions


def asked(incident: Incident) -> list[tuple[str, str]]:
    return [(c.person, c.section) for c in incident.aftermath.contributions.values()]


def test_the_technical_lead_and_each_expert_who_acted_are_asked_once():
    case = resolved(experts=(CHO, DAG))
    assert asked(case.incident) == [("ben", "technical_analysis"), ("cho", "contribution")]
    case.record(ANA, reopen(case.incident, TEMPLATE, ANA, reason="Errors again", at=case.now))
    case.record(ANA, [ev.PhaseChanged("investigating", "monitoring"), *end(case)])
    assert asked(case.incident) == [("ben", "technical_analysis"), ("cho", "contribution")]


def test_the_time_for_the_review_counts_from_the_end_that_held_and_nothing_written_is_lost():
    case = resolved(experts=(CHO,))
    before = case.incident.review
    case.record(ANA, edit_review(case.incident, ADAM, section="what_happened", text="The pool was full"))
    case.record(ANA, reopen(case.incident, TEMPLATE, ANA, reason="Errors again", at=case.now))
    assert review_course.wake_at(case.incident) is None and contributions.wake_at(case.incident) is None
    case.pass_time(days=9)
    case.record(ANA, [ev.PhaseChanged("investigating", "monitoring"), *end(case)])
    after = case.incident.review
    assert (after.id, after.owner, after.sections) == (
        before.id, before.owner, {"what_happened": "The pool was full"},
    )  # fmt: skip
    days = date.fromisoformat(after.due_on) - date.fromisoformat(before.due_on)
    assert days >= timedelta(days=9)
    assert review_course.wake_at(case.incident) > case.now


def test_who_is_asked_is_reminded_on_the_day_and_after_it_until_the_answer():
    case = resolved(experts=(CHO,))
    due = date.fromisoformat(next(iter(case.incident.aftermath.contributions.values())).due_on)
    first = contributions.wake_at(case.incident)
    assert first == datetime.combine(due, contributions.HOUR)
    assert contributions.due_events(case.incident, first - timedelta(seconds=1)) == []
    reminded = case.record("engine", contributions.due_events(case.incident, first))
    assert [(e.person, e.level) for e in reminded] == [("ben", 1), ("cho", 1)]
    case.record(BEN, edit_review(case.incident, BEN, section="technical_analysis", text="The pool was full"))
    again = case.record("engine", contributions.due_events(case.incident, first + timedelta(days=1)))
    assert [(e.person, e.level) for e in again] == [("cho", 2)]
    assert contributions.wake_at(case.incident) is None


def test_only_who_was_asked_answers_and_a_part_goes_into_the_review():
    case = resolved(experts=(CHO,))
    lead, expert = case.incident.aftermath.contributions
    with pytest.raises(Refused, match="Only the person who was asked"):
        contributions.give(case.incident, CHO, ask_id=lead, text="I know better")
    case.record(BEN, contributions.give(case.incident, BEN, ask_id=lead, text="The pool was full"))
    case.record(CHO, contributions.give(case.incident, CHO, ask_id=expert, text="", article="k-1"))
    assert case.incident.review.sections["technical_analysis"] == "The pool was full"
    assert not any(c.is_open for c in case.incident.aftermath.contributions.values())


# -- how long it is kept


def closed(case: Case) -> Case:
    case.record(ANA, [ev.ReviewWaived("A test"), ev.Closed("Done")])
    return case


def test_what_is_open_held_or_has_work_left_is_never_purged():
    keep = timedelta(days=30)
    case = resolved()
    later = case.now + timedelta(days=400)
    assert keeping.may_purge(case.incident, now=later, keep=keep) == "it is not over"
    closed(case)
    assert keeping.may_purge(case.incident, now=case.now + keep - timedelta(seconds=1), keep=keep)
    assert keeping.may_purge(case.incident, now=later, keep=keep) == ""
    with pytest.raises(Refused, match="Only an administrator"):
        keeping.place_hold(case.incident, TEMPLATE, BEN, hold_id="h", reason="A claim")
    case.record(ADAM, keeping.place_hold(case.incident, TEMPLATE, ADAM, hold_id="h", reason="A claim"))
    assert keeping.may_purge(case.incident, now=later, keep=keep) == "it is under a legal hold"
    case.record(ADAM, keeping.lift_hold(case.incident, TEMPLATE, ADAM, reason="Settled"))
    case.record(BEN, [ev.ActionItemAdded("i", "Alarm", "ben", "2026-12-01")])
    assert keeping.may_purge(case.incident, now=later, keep=keep) == "an action item is open"
    case.record(BEN, [ev.ActionItemDone("i", "Alarm")])
    duty = RegulatoryStarted("k", "Authority", "Art. 33", "legal_officer", "ana", case.now, case.now)
    case.record("engine", [duty])
    assert keeping.may_purge(case.incident, now=later, keep=keep) == "a legal deadline is not judged"
    case.record(ANA, [RegulatoryEnded("k", "met", "Told them")])
    assert keeping.may_purge(case.incident, now=later, keep=keep) == ""


def test_a_file_that_is_taken_back_leaves_its_hash_and_none_of_its_content_under_a_hold():
    case = declared(ANA)
    file = {"name": "a.png", "media_type": "image/png", "size_bytes": 10, "sha256": "a" * 64}
    for key, name in (("f-1", "a.png"), ("f-2", "b.png")):
        case.record(BEN, attach_file(case.incident, BEN, entry_id=key, **(file | {"name": name})))
    with pytest.raises(Refused, match="Only who attached it"):
        keeping.take_back_file(case.incident, TEMPLATE, CHO, file_id="f-1", reason="A password")
    case.record(ADAM, keeping.place_hold(case.incident, TEMPLATE, ADAM, hold_id="h", reason="A claim"))
    with pytest.raises(Refused, match="legal hold"):
        keeping.take_back_file(case.incident, TEMPLATE, BEN, file_id="f-1", reason="A password")
    case.record(ADAM, keeping.lift_hold(case.incident, TEMPLATE, ADAM, reason="Settled"))
    gone = case.record(
        BEN, keeping.take_back_file(case.incident, TEMPLATE, BEN, file_id="f-1", reason="A password")
    )
    assert [e.name for e in gone] == ["a.png", "b.png"]
    assert case.incident.attachments["f-1"].taken_back_reason == "A password"
    assert keeping.take_back_file(case.incident, TEMPLATE, BEN, file_id="f-1", reason="Again") == []
    again = attach_file(case.incident, BEN, entry_id="f-3", **file)
    assert again, "what was taken back may be attached anew, by a new act"
