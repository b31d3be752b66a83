"""Whatever is edited, reviewed, released and carried out in whatever order: nothing leaves without its chain."""

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
    assess,
    chain,
    change_phase,
    content_hash,
    distribution,
    draft_message,
    edit_message,
    message_sent,
    next_drafts,
    release_message,
    replay,
    rows,
    stale,
)
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.structure import ChainStep, RoleDefinition
from quarterdeck.core.kernel.refused import Refused
from support.budgets import examples
from support.incident_case import ADAM, ANA, BEN, CHO, DAG, START, TEMPLATE, Case, Who, declared

MINUTE = timedelta(minutes=1)
LEGAL = "legal_officer"
WAY = (
    ChainStep("draft", ("communications_lead",)),
    ChainStep("review", (LEGAL, "scribe"), parallel=True, eta=10 * MINUTE, agreed_skips=(LEGAL,)),
    ChainStep("release", ("commander",)),
    ChainStep("distribute", ("executive_liaison",), eta=15 * MINUTE),
    ChainStep("confirm", ("executive_liaison",), eta=15 * MINUTE),
)
LAWYER = RoleDefinition(
    key=LEGAL, title="Legal Officer", purpose="Law.", reports_to="commander", rollup=False
)
STRUCTURE = replace(
    TEMPLATE, roles=(*TEMPLATE.roles, LAWYER), chains={**TEMPLATE.chains, "customers_all": WAY}
)
TEXT = Content(
    "customers_all", "Checkout fails", customer_effect="Payments fail", action="We add capacity",
    next_update_at=START + timedelta(hours=9),
)  # fmt: skip
EVE = Who("eve", frozenset({"responder"}))
PEOPLE = (ANA, BEN, CHO, DAG, EVE, ADAM)


def staffed() -> Case:
    """Ana commands, Ben writes, Cho is the lawyer, Dag the scribe, Eve carries it out; Adam holds nothing."""
    case = declared(ANA)
    for role, who in (
        ("communications_lead", BEN),
        (LEGAL, CHO),
        ("scribe", DAG),
        ("executive_liaison", EVE),
    ):
        case.record("ana", [ev.RoleTaken(case.id(), role, who.person, ANA.person, "commander")])
    return case


def drafted(case: Case, content: Content = TEXT) -> None:
    case.record(
        BEN, draft_message(case.incident, STRUCTURE, BEN, message_id="m", content=content, at=case.now)
    )


def reviewers(case: Case) -> set[str]:
    return {a.role for a in chain.way(case.incident, STRUCTURE, case.incident.messages["m"], case.now)}


@pytest.mark.requirement("R-222")
def test_untouched_locked_wording_skips_the_lawyer_and_editing_it_asks_again():
    case = staffed()
    drafted(case, replace(TEXT, agreed=True))
    assert reviewers(case) == {"scribe"}
    i = case.incident
    changed = edit_message(
        i, STRUCTURE, BEN, message_id="m", content=replace(TEXT, body="Sorry!", agreed=False), at=case.now
    )
    case.record(BEN, changed)
    assert reviewers(case) == {"scribe", LEGAL}
    with pytest.raises(Refused, match="handed in"):
        release(case, ANA)


def release(case: Case, by: Who, **more: object) -> list[Event]:
    digest = content_hash(case.incident.messages["m"])
    return release_message(
        case.incident, STRUCTURE, by, message_id="m", content_hash=digest, at=case.now, **more
    )


def test_a_fault_or_a_moved_fact_needs_a_reason_and_the_reason_is_kept():
    case = staffed()
    drafted(case, replace(TEXT, audience="executives"))
    with pytest.raises(Refused, match="a host"):
        release(case, ANA, faults=("It names a host.",))
    case.record(ANA, assess.set_facts(case.incident, STRUCTURE, ANA, workaround="Pay by transfer"))
    with pytest.raises(Refused, match="Pay by transfer"):
        release(case, ANA)
    (done,) = release(case, ANA, override="They know")
    assert isinstance(done, ev.MessageReleased)
    assert done.override == "They know" and "Pay by transfer" in done.overridden[0]


class Leaving(RuleBasedStateMachine):
    """Each rule is one act of one person; the invariants read the log alone."""

    who = st.sampled_from(PEOPLE)

    @initialize()
    def begin(self) -> None:
        self.case = staffed()
        self.made = 0

    def act(self, who: Who, decide: Callable[[], list[Event]]) -> None:
        try:
            events = decide()
        except Refused:
            return
        self.case.pass_time(seconds=20)
        self.case.record(who, events)

    def newest(self) -> str:
        return f"m{self.made}"

    @rule(
        who=who, audience=st.sampled_from(("customers_all", "executives", "responders")), agreed=st.booleans()
    )
    def draft(self, who: Who, audience: str, agreed: bool) -> None:
        self.made += 1
        said, i = replace(TEXT, audience=audience, agreed=agreed), self.case.incident
        self.act(
            who,
            lambda: draft_message(
                i, STRUCTURE, who, message_id=self.newest(), content=said, at=self.case.now
            ),
        )

    @rule(who=who, text=st.sampled_from(("", "More.", "Less.")), audience=st.sampled_from(("", "executives")))
    def edit(self, who: Who, text: str, audience: str) -> None:
        i, found = self.case.incident, self.case.incident.messages.get(self.newest())
        if found:
            said = replace(TEXT, audience=audience or found.audience, body=text)
            self.act(
                who,
                lambda: edit_message(i, STRUCTURE, who, message_id=found.id, content=said, at=self.case.now),
            )

    @rule(who=who)
    def hand_in(self, who: Who) -> None:
        i, found = self.case.incident, self.case.incident.messages.get(self.newest())
        if found:
            digest = content_hash(found)
            self.act(
                who,
                lambda: chain.submit(
                    i, STRUCTURE, who, message_id=found.id, text_hash=digest, at=self.case.now
                ),
            )

    @rule(
        who=who, role=st.sampled_from((LEGAL, "scribe")), verdict=st.sampled_from(("ok", "ok", "objection"))
    )
    def judge(self, who: Who, role: str, verdict: str) -> None:
        i, found = self.case.incident, self.case.incident.messages.get(self.newest())
        if found:
            self.act(
                who,
                lambda: chain.judge(
                    i, STRUCTURE, who, message_id=found.id, step="review", role=role, verdict=verdict,
                    text_hash=content_hash(found), at=self.case.now, text="No.",
                ),
            )  # fmt: skip

    @rule(
        who=who,
        glass=st.sampled_from(("", "", "It burns")),
        fault=st.booleans(),
        why=st.sampled_from(("", "Known")),
    )
    def release(self, who: Who, glass: str, fault: bool, why: str) -> None:
        i, found = self.case.incident, self.case.incident.messages.get(self.newest())
        if found is None:
            return
        self.act(
            who,
            lambda: release_message(
                i, STRUCTURE, who, message_id=found.id, content_hash=content_hash(found), at=self.case.now,
                break_glass=glass, faults=("A host.",) if fault else (), override=why,
            ),
        )  # fmt: skip

    @rule(recipients=st.sampled_from((0, 3)))
    def the_product_sends(self, recipients: int) -> None:
        sent = {"message_id": self.newest(), "recipients": recipients, "pages": 0, "at": self.case.now}
        self.act(ENGINE, lambda: message_sent(self.case.incident, STRUCTURE, ENGINE, **sent))

    @rule(who=who, step=st.sampled_from(("distribute", "confirm")), proof=st.sampled_from(("", "Post 7")))
    def carry(self, who: Who, step: str, proof: str) -> None:
        said = {"message_id": self.newest(), "step": step, "proof": proof, "at": self.case.now}
        self.act(who, lambda: distribution.carry_out(self.case.incident, STRUCTURE, who, **said))

    @rule(fact=st.sampled_from(("", "Pay by transfer", "Wait")))
    def facts_move(self, fact: str) -> None:
        self.act(ANA, lambda: assess.set_facts(self.case.incident, STRUCTURE, ANA, workaround=fact))

    @rule(phase=st.sampled_from(("investigating", "identified", "monitoring")))
    def move_on(self, phase: str) -> None:
        before = self.case.incident
        self.act(ANA, lambda: change_phase(before, STRUCTURE, ANA, phase=phase, override_reason="Go on"))
        if self.case.incident.phase == before.phase:
            return
        waiting = [m for m in self.case.incident.messages.values() if m.state in ("draft", "in_review")]
        assert not waiting
        wanted = next_drafts.audiences(self.case.incident, STRUCTURE, before)
        drafts = {f"{self.case.id()}": replace(TEXT, audience=a) for a in wanted}
        opened = next_drafts.open_drafts(
            self.case.incident, STRUCTURE, ENGINE, drafts=drafts, at=self.case.now
        )
        self.case.record(ENGINE, opened)
        assert {m.audience for m in before.messages.values() if m.state in ("draft", "in_review")} <= set(
            wanted
        )

    @invariant()
    def nothing_was_released_without_its_chain_or_to_another_audience(self) -> None:
        seen: list = []
        for stamped in self.case.log:
            event = stamped.event
            if isinstance(event, ev.MessageReleased):
                before = replay(seen)
                message = before.messages[event.message_id]
                assert stamped.actor == "ana" or (message.audience, stamped.actor) == ("executives", "eve")
                assert event.audience == message.audience
                assert event.content_hash == content_hash(message)
                lacks = chain.missing(before, STRUCTURE, message, stamped.at)
                assert bool(lacks) == bool(event.broke_glass)
                moved = stale.changes(before, message)
                assert not moved or event.override
            if isinstance(event, ev.MessageSent):
                message = replay(seen).messages[event.message_id]
                assert message.state == "released"
                assert event.audience == message.audience
                proved = any(
                    isinstance(s.event, ev.MessageStepDone)
                    and s.event.message_id == message.id
                    and s.event.proof
                    for s in seen
                )
                assert event.recipients or event.pages or proved or message.audience != "customers_all"
            seen.append(stamped)

    @invariant()
    def the_log_tells_the_same_story_again(self) -> None:
        assert rows(replay(self.case.log)) == rows(self.case.incident)


TestLeaving = Leaving.TestCase
TestLeaving.settings = settings(max_examples=examples(10), stateful_step_count=25, deadline=None)
