"""The way of a message to its release: reviews side by side, an approval, a release; each word for one text only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from quarterdeck.core.access import ENGINE
from quarterdeck.core.incidents import (
    Content,
    Event,
    chain,
    change_phase,
    draft_message,
    edit_message,
    message_sent,
    release_message,
)
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.structure import ChainStep
from quarterdeck.core.kernel.refused import Refused
from support.approving import (
    FINN,
    GUS,
    LEGAL,
    MINUTE,
    STRUCTURE,
    STYLE,
    TEXT,
    WAY,
    judge,
    staffed,
    submit,
    text_hash,
)
from support.incident_case import ADAM, ANA, BEN, CHO, DAG, EVA, START, Case, Who


def draft(case: Case, content: Content = TEXT, by: Who = BEN) -> list[Event]:
    return case.record(
        by, draft_message(case.incident, STRUCTURE, by, message_id="m", content=content, at=case.now)
    )


def release(case: Case, by: Who = ANA, break_glass: str = "") -> list[Event]:
    return case.record(
        by,
        release_message(
            case.incident, STRUCTURE, by, message_id="m", content_hash=text_hash(case), at=case.now,
            break_glass=break_glass,
        ),
    )  # fmt: skip


def all_said_yes(case: Case) -> None:
    judge(case, CHO, "review", LEGAL)
    judge(case, DAG, "review", STYLE)
    judge(case, FINN, "approve", "elt_approver")


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.code


@pytest.mark.requirement("R-113")
def test_approval_is_not_release_and_neither_goes_before_its_turn():
    case = staffed()
    draft(case)
    assert refusal(lambda: release(case)) == "message.unapproved"
    submit(case)
    assert refusal(lambda: judge(case, FINN, "approve", "elt_approver")) == "step.early"
    judge(case, CHO, "review", LEGAL)
    assert refusal(lambda: judge(case, FINN, "approve", "elt_approver")) == "step.early"
    judge(case, DAG, "review", STYLE)
    assert refusal(lambda: release(case)) == "message.unapproved"
    judge(case, FINN, "approve", "elt_approver")
    assert case.incident.messages["m"].state == "in_review"
    sent = {"message_id": "m", "recipients": 1, "pages": 0, "at": case.now}
    assert refusal(lambda: message_sent(case.incident, STRUCTURE, ENGINE, **sent)) == "message.not_released"
    for who in (BEN, CHO, DAG, FINN, ADAM, EVA):
        assert refusal(lambda who=who: release(case, who)).startswith("grant.")
    assert release(case)


@pytest.mark.requirement("R-110")
@pytest.mark.parametrize(
    ("objector", "role", "other", "theirs"), [(CHO, LEGAL, DAG, STYLE), (DAG, STYLE, CHO, LEGAL)]
)
def test_reviews_are_open_side_by_side_and_an_objection_of_either_blocks(objector, role, other, theirs):
    case = staffed()
    draft(case)
    submit(case)
    asked = chain.way(case.incident, STRUCTURE, case.incident.messages["m"], case.now)
    assert [a.role for a in asked if a.open] == [LEGAL, STYLE]
    assert refusal(lambda: judge(case, objector, "review", role, "objection")) == "text.missing"
    judge(case, objector, "review", role, "objection", "It admits fault.")
    judge(case, other, "review", theirs)
    assert refusal(lambda: judge(case, FINN, "approve", "elt_approver")) == "step.early"
    lacks = chain.missing(case.incident, STRUCTURE, case.incident.messages["m"], case.now)
    assert any("objects: It admits fault." in text for text in lacks)
    # Taken back by whoever objected, it goes on.
    judge(case, objector, "review", role)
    assert judge(case, FINN, "approve", "elt_approver")


def test_any_edit_voids_every_word_and_the_old_text_can_no_longer_be_judged_or_released():
    case = staffed()
    draft(case)
    submit(case)
    old = text_hash(case)
    all_said_yes(case)
    case.pass_time(minutes=1)
    other = replace(TEXT, action="We roll forward")
    edited = edit_message(case.incident, STRUCTURE, BEN, message_id="m", content=other, at=case.now)
    case.record(BEN, edited)
    assert case.incident.messages["m"].state == "draft"
    assert refusal(lambda: release(case)) == "message.unapproved"
    submit(case)
    assert refusal(lambda: judge(case, CHO, "review", LEGAL, text_hash=old)) == "message.changed"
    assert refusal(lambda: release(case)) == "message.unapproved"
    # Even where the first text is written again, it is looked at again.
    case.pass_time(minutes=1)
    back = edit_message(case.incident, STRUCTURE, BEN, message_id="m", content=TEXT, at=case.now)
    case.record(BEN, back)
    submit(case)
    assert refusal(lambda: release(case)) == "message.unapproved"


def test_nobody_judges_their_own_words_and_only_the_role_that_is_asked_judges():
    case = staffed()
    draft(case, by=ANA)
    submit(case, ANA)
    assert refusal(lambda: judge(case, GUS, "review", LEGAL)) == "step.role"
    assert refusal(lambda: judge(case, DAG, "review", LEGAL)) == "step.role"
    assert refusal(lambda: judge(case, ADAM, "review", LEGAL)) == "step.role"
    case = staffed()
    case.record("ana", [ev.RoleTaken(case.id(), "communications_lead", "cho", "ana", "commander")])
    draft(case, by=CHO)
    submit(case, CHO)
    assert refusal(lambda: judge(case, CHO, "review", LEGAL)) == "step.author"


def test_who_only_saves_a_text_anew_does_not_become_its_author():
    case = staffed()
    case.record("ana", [ev.RoleTaken(case.id(), "communications_lead", "cho", "ana", "commander")])
    d = draft(case, by=CHO)[0]
    case.record(BEN, [
        ev.MessageEdited(
            d.message_id, d.audience, d.phase, d.headline, d.body, d.customer_effect, d.action, d.next_update_at,
            d.final, d.status_word, d.components, d.pages, True, d.corrects, d.prompts,
        )
    ])  # fmt: skip
    assert (case.incident.messages["m"].edited_by, case.incident.messages["m"].author) == ("ben", "cho")
    submit(case)
    assert refusal(lambda: judge(case, CHO, "review", LEGAL)) == "step.author"


@pytest.mark.requirement("X-18")
def test_an_approver_approves_objects_or_passes_on_and_never_rewrites():
    case = staffed()
    draft(case)
    submit(case)
    other = replace(TEXT, action="My own words")
    edit = lambda: edit_message(case.incident, STRUCTURE, FINN, message_id="m", content=other, at=case.now)  # noqa: E731
    assert refusal(edit) == "grant.message.draft"
    judge(case, CHO, "review", LEGAL)
    judge(case, DAG, "review", STYLE)
    judge(case, FINN, "approve", "elt_approver", "objection", "Too early.")
    assert refusal(lambda: release(case)) == "message.unapproved"
    passed = chain.pass_on(
        case.incident,
        STRUCTURE,
        FINN,
        message_id="m",
        step="approve",
        role="elt_approver",
        person="gus",
        at=case.now,
    )
    case.record(FINN, passed)
    assert judge(case, GUS, "approve", "elt_approver")
    assert release(case)


def test_of_two_who_may_approve_one_yes_is_enough_and_no_yes_takes_back_the_objection_of_the_other():
    both = replace(
        STRUCTURE,
        chains={"customers_all": (WAY[0], ChainStep("approve", ("elt_approver", LEGAL)), WAY[-1])},
    )
    case = staffed()
    draft(case)
    submit(case)
    message = case.incident.messages["m"]

    def say(who: Who, role: str, verdict: str) -> None:
        said = {
            "message_id": "m",
            "step": "approve",
            "role": role,
            "text_hash": text_hash(case),
            "at": case.now,
        }
        case.record(who, chain.judge(case.incident, both, who, verdict=verdict, text="Not yet.", **said))

    say(CHO, LEGAL, "objection")
    say(FINN, "elt_approver", "ok")
    assert chain.missing(case.incident, both, message, case.now) == ("The Legal Officer objects: Not yet.",)
    say(CHO, LEGAL, "ok")
    assert chain.missing(case.incident, both, message, case.now) == ()


@pytest.mark.requirement("R-112")
def test_the_guidelines_that_were_looked_at_stand_with_the_verdict():
    case = staffed()
    draft(case)
    submit(case)
    assert refusal(lambda: judge(case, DAG, "review", STYLE, ticked=("Be nice",))) == "guideline.unknown"
    judge(case, DAG, "review", STYLE, ticked=("No blame",))
    assert case.incident.approval.verdict("m", "review", STYLE).ticked == ("No blame",)


def test_a_silent_step_is_pressed_once_a_level_and_wakes_for_nothing_else():
    case = staffed()
    draft(case)
    submit(case)
    looked = []
    for _ in range(12):
        at = chain.wake_at(case.incident, STRUCTURE, case.now)
        if at is None:
            break
        case.now = at
        due = chain.due_events(case.incident, STRUCTURE, case.now)
        assert due, "woken for nothing"
        looked += [(round((case.now - START) / MINUTE), e.role, e.level) for e in due]
        case.record("engine", due)
        assert not chain.due_events(case.incident, STRUCTURE, case.now)
    start = round((case.incident.messages["m"].submitted_at - START) / MINUTE)
    assert looked == [
        (start + 5 + 5 * level, role, level)
        for level in range(1, chain.MOST_LEVELS + 1)
        for role in (LEGAL, STYLE)
    ]


def test_past_its_reviews_it_goes_out_with_a_reason_and_a_second_person_signs():
    case = staffed()
    draft(case)
    submit(case)
    assert refusal(lambda: release(case, break_glass="  ")) == "message.unapproved"
    (released,) = release(case, break_glass="Customers lose data right now.")
    assert (released.broke_glass, len(released.skipped)) == ("Customers lose data right now.", 3)
    case.now = chain.wake_at(case.incident, STRUCTURE, case.now)
    assert case.record("engine", chain.due_events(case.incident, STRUCTURE, case.now)) == [
        ev.CountersignLate("m", "customers_all", TEXT.headline)
    ]
    sign = lambda who: chain.countersign(case.incident, STRUCTURE, who, message_id="m", verdict="ok")  # noqa: E731
    assert refusal(lambda: sign(ANA)) == "message.countersign"
    assert refusal(lambda: sign(GUS)) == "message.countersign"
    case.record(CHO, sign(CHO))
    assert case.incident.messages["m"].countersigned_by == "cho"
    assert sign(DAG) == []


@pytest.mark.requirement("R-216")
def test_another_phase_supersedes_what_is_under_review():
    case = staffed()
    draft(case)
    submit(case)
    case.record(
        ANA, change_phase(case.incident, STRUCTURE, ANA, phase="investigating", override_reason="now")
    )
    assert case.incident.messages["m"].state == "superseded"
    assert refusal(lambda: judge(case, CHO, "review", LEGAL)) == "message.not_draft"
    assert refusal(lambda: release(case, break_glass="go")) == "message.not_draft"
