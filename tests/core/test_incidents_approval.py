"""The way of a message to its release: reviews side by side, an approval, a release; each word for one text only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from quarterdeck.core.access import ENGINE
from quarterdeck.core.incidents import (
    Content,
    Event,
    chain,
    change_phase,
    content_hash,
    draft_message,
    edit_message,
    message_sent,
    release_message,
    replay,
    rows,
    supersede_message,
)
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.structure import ChainStep, RoleDefinition
from quarterdeck.core.kernel.refused import Refused
from support.incident_case import ADAM, ANA, BEN, CHO, DAG, EVA, START, TEMPLATE, Case, Who, declared

MINUTE = timedelta(minutes=1)
LEGAL, STYLE = "legal_officer", "messaging_officer"
WAY = (
    ChainStep("draft", ("communications_lead",)),
    ChainStep(
        "review", (LEGAL, STYLE), parallel=True, eta=10 * MINUTE, check_back=5 * MINUTE,
        guidelines=("No blame", "Says what to do"),
    ),
    ChainStep("approve", ("elt_approver",), eta=10 * MINUTE, check_back=5 * MINUTE),
    ChainStep("release", ("commander",)),
)  # fmt: skip
STRUCTURE = replace(
    TEMPLATE,
    roles=(
        *TEMPLATE.roles,
        RoleDefinition(
            key=LEGAL, title="Legal Officer", purpose="Law.", reports_to="commander", rollup=False
        ),
        RoleDefinition(
            key=STYLE, title="Messaging Officer", purpose="Words.", reports_to="commander", rollup=False
        ),
    ),
    chains={**TEMPLATE.chains, "customers_all": WAY},
)
TEXT = Content(
    "customers_all", "Checkout fails for some customers", customer_effect="Payments fail",
    action="We are rolling back", next_update_at=START + timedelta(hours=6),
)  # fmt: skip
FINN, GUS = (Who(p, frozenset({"responder"})) for p in ("finn", "gus"))


def staffed() -> Case:
    """Ana commands, Ben writes, Cho is the lawyer, Dag looks at style, Finn approves; Gus holds nothing."""
    case = declared(ANA)
    for role, who in (
        ("communications_lead", BEN), (LEGAL, CHO), (STYLE, DAG), ("elt_approver", FINN),
    ):  # fmt: skip
        case.record("ana", [ev.RoleTaken(case.id(), role, who.person, ANA.person, "commander")])
    return case


def draft(case: Case, content: Content = TEXT, by: Who = BEN) -> list[Event]:
    return case.record(
        by, draft_message(case.incident, STRUCTURE, by, message_id="m", content=content, at=case.now)
    )


def text_hash(case: Case) -> str:
    return content_hash(case.incident.messages["m"])


def submit(case: Case, by: Who = BEN) -> list[Event]:
    i = case.incident
    return case.record(
        by, chain.submit(i, STRUCTURE, by, message_id="m", text_hash=text_hash(case), at=case.now)
    )


def judge(
    case: Case, by: Who, step: str, role: str, verdict: str = "ok", text: str = "", **more
) -> list[Event]:
    given = {"text_hash": text_hash(case), "at": case.now} | more
    return case.record(
        by,
        chain.judge(
            case.incident,
            STRUCTURE,
            by,
            message_id="m",
            step=step,
            role=role,
            verdict=verdict,
            text=text,
            **given,
        ),
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


PEOPLE = (ANA, BEN, CHO, DAG, FINN, GUS, ADAM)
HOLDERS = {("review", LEGAL): CHO, ("review", STYLE): BEN, ("approve", "elt_approver"): FINN}
WORDS = st.sampled_from(("We roll back", "We roll forward"))
rarely = st.integers(0, 5).map(lambda n: n == 5)
anybody = st.sampled_from(PEOPLE)


class NothingUnapproved(RuleBasedStateMachine):
    """Whatever people do in whatever order: what is released had every yes about exactly that text, by those roles, in
    their order and never by its author, or a reason on record; and nothing is sent that was not released.
    """

    @initialize()
    def begin(self) -> None:
        """Ben, who writes, is asked about style too; Dag is his backup only if somebody lets him in."""
        self.case = staffed()
        styled = next(a for a in self.case.incident.open_assignments() if a.role == STYLE)
        self.case.record("ana", [ev.RoleReleased(styled.id, STYLE, "dag")])
        self.case.record("ana", [ev.RoleTaken(self.case.id(), STYLE, "ben", "ana", "commander")])
        self.hashes: list[str] = []
        self.write(ANA, "We roll back")

    def act(self, who: Who, decide: Callable[[], list[Event]]) -> None:
        try:
            events = decide()
        except Refused:
            return
        self.case.pass_time(seconds=20)
        for event in events:
            match event:
                case ev.MessageReleased():
                    self.must_be_agreed(event, who)
                case ev.MessageJudged():
                    self.must_be_their_turn(event, who)
        self.case.record(who, events)
        self.hashes += [content_hash(m) for m in self.case.incident.messages.values()]

    def story(self) -> tuple[str, dict[str, str], dict[str, set[str]]]:
        """The author, who said what about the newest text, and who was let in: from the log, not by the product."""
        said: dict[str, str] = {}
        let_in: dict[str, set[str]] = {}
        author = ""
        for stamped in self.case.log:
            match stamped.event:
                case ev.MessageDrafted() | ev.MessageEdited():
                    said, author = {}, stamped.actor
                case ev.MessageSubmitted():
                    said = {}
                case ev.MessageJudged() as word:
                    said[word.role] = word.verdict
                case ev.MessageStepPassed() as passed:
                    let_in.setdefault(passed.role, set()).add(passed.person)
        return author, said, let_in

    def must_be_agreed(self, event: ev.MessageReleased, who: Who) -> None:
        assert who == ANA
        assert event.content_hash == content_hash(self.case.incident.messages["m"])
        _, said, _ = self.story()
        yes = {role for role, word in said.items() if word != "objection"}
        assert yes == {LEGAL, STYLE, "elt_approver"} or (event.broke_glass and event.skipped)

    def must_be_their_turn(self, event: ev.MessageJudged, who: Who) -> None:
        author, said, let_in = self.story()
        assert event.content_hash == content_hash(self.case.incident.messages["m"])
        assert who.person != author
        assert who == HOLDERS[event.step, event.role] or who.person in let_in.get(event.role, ())
        if event.step == "approve":
            assert {said.get(LEGAL), said.get(STYLE)} <= {"ok", "suggestion"}

    def hash_of(self, old: bool, data: st.DataObject) -> str:
        """The text as it stands, or one that somebody read before."""
        now = content_hash(self.case.incident.messages["m"])
        return data.draw(st.sampled_from(self.hashes)) if old and self.hashes else now

    def write(self, who: Who, words: str) -> None:
        i, now, content = self.case.incident, self.case.now, replace(TEXT, action=words)
        if "m" not in i.messages:
            self.act(who, lambda: draft_message(i, STRUCTURE, who, message_id="m", content=content, at=now))
        else:
            self.act(who, lambda: edit_message(i, STRUCTURE, who, message_id="m", content=content, at=now))

    @rule(who=st.sampled_from((ANA, BEN, FINN)), words=WORDS, now=rarely)
    def somebody_writes(self, who: Who, words: str, now: bool) -> None:
        if now:
            self.write(who, words)

    @rule(who=st.sampled_from((ANA, BEN, GUS)), old=rarely, data=st.data())
    def hand_in(self, who: Who, old: bool, data: st.DataObject) -> None:
        i, text, now = self.case.incident, self.hash_of(old, data), self.case.now
        self.act(who, lambda: chain.submit(i, STRUCTURE, who, message_id="m", text_hash=text, at=now))

    @rule(
        place=st.sampled_from(tuple(HOLDERS)),
        other=st.none() | anybody,
        verdict=st.sampled_from(("ok", "ok", "suggestion", "objection")),
        old=rarely,
        data=st.data(),
    )
    def say(
        self, place: tuple[str, str], other: Who | None, verdict: str, old: bool, data: st.DataObject
    ) -> None:
        who, i, text = other or HOLDERS[place], self.case.incident, self.hash_of(old, data)
        self.act(
            who,
            lambda: chain.judge(
                i, STRUCTURE, who, message_id="m", step=place[0], role=place[1], verdict=verdict, text_hash=text,
                text="because", at=self.case.now,
            ),
        )  # fmt: skip

    @rule(last=st.sampled_from(("ok", "objection")), writer=st.sampled_from((ANA, BEN)), words=WORDS)
    def almost_all_goes_well(self, last: str, writer: Who, words: str) -> None:
        """Rare by chance alone: a text goes its whole way, up to the last word."""
        self.write(writer, words)
        self.case.pass_time(seconds=20)
        text = content_hash(self.case.incident.messages["m"])
        self.act(writer, lambda: chain.submit(
            self.case.incident, STRUCTURE, writer, message_id="m", text_hash=text, at=self.case.now
        ))  # fmt: skip
        for (step, role), who in HOLDERS.items():
            word = last if step == "approve" else "ok"
            self.act(who, lambda s=step, r=role, w=who, v=word: chain.judge(
                self.case.incident, STRUCTURE, w, message_id="m", step=s, role=r, verdict=v, text_hash=text,
                text="because", at=self.case.now,
            ))  # fmt: skip

        if last == "objection":
            self.act(ANA, lambda: release_message(
                self.case.incident, STRUCTURE, ANA, message_id="m", content_hash=text, at=self.case.now
            ))  # fmt: skip

    @rule(place=st.sampled_from(tuple(HOLDERS)), other=st.none() | anybody, to=anybody)
    def pass_on(self, place: tuple[str, str], other: Who | None, to: Who) -> None:
        who, i, now = other or HOLDERS[place], self.case.incident, self.case.now
        self.act(
            who,
            lambda: chain.pass_on(
                i, STRUCTURE, who, message_id="m", step=place[0], role=place[1], person=to.person, at=now
            ),
        )

    @rule(other=st.none() | anybody, glass=rarely, old=rarely, data=st.data())
    def let_go(self, other: Who | None, glass: bool, old: bool, data: st.DataObject) -> None:
        who, i, text, now = other or ANA, self.case.incident, self.hash_of(old, data), self.case.now
        why = "Fire." if glass and self.case.incident.seq % 7 == 0 else ""
        self.act(
            who,
            lambda: release_message(
                i, STRUCTURE, who, message_id="m", content_hash=text, at=now, break_glass=why
            ),
        )

    @rule()
    def send(self) -> None:
        i, now = self.case.incident, self.case.now
        self.act(
            ENGINE, lambda: message_sent(i, STRUCTURE, ENGINE, message_id="m", recipients=1, pages=0, at=now)
        )

    @rule(who=anybody, now=rarely)
    def drop(self, who: Who, now: bool) -> None:
        i = self.case.incident
        if now and i.seq % 5 == 0:
            self.act(who, lambda: supersede_message(i, STRUCTURE, who, message_id="m", reason="no"))

    @rule()
    def time_passes(self) -> None:
        self.case.pass_time(minutes=6)
        self.act(ENGINE, lambda: chain.due_events(self.case.incident, STRUCTURE, self.case.now))

    @invariant()
    def nothing_is_sent_unreleased_and_the_log_tells_it_all(self) -> None:
        found = self.case.incident.messages["m"]
        kinds = [type(s.event).__name__ for s in self.case.log]
        assert kinds.count("MessageReleased") <= 1
        if found.state in ("released", "sent"):
            assert found.released_by
            assert content_hash(found) == found.content_hash
        assert rows(replay(self.case.log)) == rows(self.case.incident)


TestNothingUnapproved = NothingUnapproved.TestCase
TestNothingUnapproved.settings = settings(max_examples=50, stateful_step_count=25, deadline=None)
