"""Whatever people do in whatever order, nothing goes out unapproved, unreleased or in a name that was not lent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from quarterdeck.core.access import ENGINE
from quarterdeck.core.incidents import (
    Event,
    chain,
    consent,
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
from quarterdeck.core.incidents.events.consent import ConsentGiven, ConsentWithdrawn
from quarterdeck.core.kernel.refused import Refused
from support.approving import FINN, GUS, LEGAL, STRUCTURE, STYLE, TEXT, staffed
from support.budgets import examples
from support.incident_case import ADAM, ANA, BEN, CHO, DAG, EVA, Who

PEOPLE = (ANA, BEN, CHO, DAG, FINN, GUS, ADAM, EVA)
EXECUTIVES = ("eva",)


HOLDERS = {("review", LEGAL): CHO, ("review", STYLE): BEN, ("approve", "elt_approver"): FINN}


WORDS = st.sampled_from(("We roll back", "We roll forward"))


rarely = st.integers(0, 5).map(lambda n: n == 5)


anybody = st.sampled_from(PEOPLE)


class NothingUnapproved(RuleBasedStateMachine):
    """Whatever people do in whatever order: what is released had every yes about exactly that text, by those roles, in
    their order and never by its author, or a reason on record; in Eva's name it goes with her own yes to exactly that
    text and no reason passes over it; and nothing is sent that was not released, or that she took back.
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
                case ConsentGiven():
                    assert who == EVA
                case ev.MessageSent():
                    assert self.lent() or not self.case.incident.messages["m"].spoken_by
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
        if self.case.incident.messages["m"].sender_identity:
            assert (event.spoken_by, self.lent()) == ("eva", event.content_hash)
        else:
            assert not event.spoken_by
        _, said, _ = self.story()
        yes = {role for role, word in said.items() if word != "objection"}
        assert yes == {LEGAL, STYLE, "elt_approver"} or (event.broke_glass and event.skipped)

    def lent(self) -> str:
        """The text that Eva lent her name to and did not take it back from, by the log."""
        text = ""
        for stamped in self.case.log:
            match stamped.event:
                case ConsentGiven() as given:
                    text = given.content_hash
                case ConsentWithdrawn():
                    text = ""
        return text

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

    def write(self, who: Who, words: str, *, named: bool = False) -> None:
        i, now, content = self.case.incident, self.case.now, replace(TEXT, action=words)
        if named:
            content = replace(content, sender_identity="executive", sender_person="eva")
        if "m" not in i.messages:
            self.act(who, lambda: draft_message(i, STRUCTURE, who, message_id="m", content=content, at=now))
        else:
            self.act(who, lambda: edit_message(i, STRUCTURE, who, message_id="m", content=content, at=now))

    @rule(who=st.sampled_from((ANA, BEN, FINN)), words=WORDS, now=rarely, named=st.booleans())
    def somebody_writes(self, who: Who, words: str, now: bool, named: bool) -> None:
        if now:
            self.write(who, words, named=named)

    @rule(other=st.none() | anybody, old=rarely, data=st.data())
    def lend(self, other: Who | None, old: bool, data: st.DataObject) -> None:
        who, i, text = other or EVA, self.case.incident, self.hash_of(old, data)
        self.act(
            who,
            lambda: consent.give(i, STRUCTURE, who, message_id="m", text_hash=text, executives=EXECUTIVES),
        )

    @rule(other=st.none() | anybody, now=rarely)
    def take_back(self, other: Who | None, now: bool) -> None:
        who, i = other or EVA, self.case.incident
        if now:
            self.act(who, lambda: consent.withdraw(i, who, message_id="m"))

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

    @rule(
        last=st.sampled_from(("ok", "objection")), writer=st.sampled_from((ANA, BEN)), words=WORDS, named=st.booleans()
    )  # fmt: skip
    def almost_all_goes_well(self, last: str, writer: Who, words: str, named: bool) -> None:
        """Rare by chance alone: a text goes its whole way, up to the last word."""
        self.write(writer, words, named=named)
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

        if last == "objection" or named:
            self.act(ANA, lambda: release_message(
                self.case.incident, STRUCTURE, ANA, message_id="m", content_hash=text, at=self.case.now,
                executives=EXECUTIVES,
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
                i,
                STRUCTURE,
                who,
                message_id="m",
                content_hash=text,
                at=now,
                break_glass=why,
                executives=EXECUTIVES,
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


TestNothingUnapproved.settings = settings(max_examples=examples(50), stateful_step_count=25, deadline=None)
