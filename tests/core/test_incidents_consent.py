"""Nobody's name stands under a text they have not agreed to, by themselves, for exactly that text."""

from __future__ import annotations

from dataclasses import replace

import pytest

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
    speakers,
)
from quarterdeck.core.incidents import events as ev
from quarterdeck.core.incidents.events.consent import ConsentAsked, ConsentWithdrawn
from quarterdeck.core.kernel.refused import Refused
from support.approving import FINN, GUS, LEGAL, STRUCTURE, STYLE, TEXT, staffed
from support.incident_case import ANA, BEN, CHO, DAG, EVA, Case, Who

NAMED = replace(TEXT, sender_identity=speakers.EXECUTIVE, sender_person="eva")
LEADER = replace(TEXT, sender_identity=STYLE)
SPEAKING = replace(
    STRUCTURE,
    roles=tuple(
        replace(r, grants=(*r.grants, speakers.GRANT)) if r.key == STYLE else r for r in STRUCTURE.roles
    ),
)
EXECUTIVES = ("eva", "max")


def approved(case: Case, content=NAMED) -> str:
    """The message with every yes of its chain; its hash."""
    i = case.incident
    case.record(BEN, draft_message(i, SPEAKING, BEN, message_id="m", content=content, at=case.now))
    text = content_hash(case.incident.messages["m"])
    case.record(BEN, chain.submit(case.incident, SPEAKING, BEN, message_id="m", text_hash=text, at=case.now))
    for who, step, role in (
        (CHO, "review", LEGAL),
        (DAG, "review", STYLE),
        (FINN, "approve", "elt_approver"),
    ):
        word = {"step": step, "role": role, "verdict": "ok", "text_hash": text, "at": case.now}
        case.record(who, chain.judge(case.incident, SPEAKING, who, message_id="m", **word))
    return text


def give(case: Case, who: Who, text: str = "") -> list[Event]:
    text = text or content_hash(case.incident.messages["m"])
    given = {"message_id": "m", "text_hash": text, "executives": EXECUTIVES, "via": "web"}
    return case.record(who, consent.give(case.incident, SPEAKING, who, **given))


def release(case: Case, executives=EXECUTIVES, glass: str = "") -> list[Event]:
    text = content_hash(case.incident.messages["m"])
    said = {"content_hash": text, "at": case.now, "break_glass": glass, "executives": executives}
    return case.record(ANA, release_message(case.incident, SPEAKING, ANA, message_id="m", **said))


def code(act) -> str:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.code


@pytest.mark.requirement("X-15")
@pytest.mark.requirement("R-140")
def test_a_message_in_an_executives_name_needs_the_approvals_and_their_own_consent():
    case = staffed()
    approved(case)
    assert code(lambda: release(case)) == "consent.missing"
    assert code(lambda: release(case, glass="It is on fire")) == "consent.missing"
    for other in (ANA, BEN, FINN, GUS, Who("max", frozenset({"executive"})), ENGINE):
        assert code(lambda who=other: give(case, who)) == "consent.person"
    assert give(case, EVA) and give(case, EVA) == []
    released = release(case)[0]
    assert (released.sender_identity, released.spoken_by) == ("executive", "eva")
    assert case.incident.messages["m"].spoken_by == "eva"
    assert content_hash(case.incident.messages["m"]) == released.content_hash


@pytest.mark.requirement("X-15")
def test_consent_alone_releases_nothing_that_was_not_approved():
    case = staffed()
    case.record(BEN, draft_message(case.incident, SPEAKING, BEN, message_id="m", content=NAMED, at=case.now))
    give(case, EVA)
    assert code(lambda: release(case)) == "message.unapproved"


def test_an_edit_voids_the_consent_and_so_does_another_name_under_the_same_words():
    case = staffed()
    text = approved(case)
    give(case, EVA)
    changed = replace(NAMED, action="We roll forward")
    case.record(BEN, edit_message(case.incident, SPEAKING, BEN, message_id="m", content=changed, at=case.now))
    assert code(lambda: release(case, glass="now")) == "consent.missing"
    assert code(lambda: give(case, EVA, text)) == "message.changed"
    other = replace(NAMED, sender_person="max")
    case.record(BEN, edit_message(case.incident, SPEAKING, BEN, message_id="m", content=other, at=case.now))
    assert code(lambda: give(case, EVA)) == "consent.person"
    case.record(BEN, edit_message(case.incident, SPEAKING, BEN, message_id="m", content=NAMED, at=case.now))
    assert consent.standing(case.incident, case.incident.messages["m"], EXECUTIVES), "the very text they read"


@pytest.mark.parametrize("lost", ["holder", "executive"])
def test_the_name_is_bound_to_who_holds_the_role_when_it_is_sent(lost):
    case = staffed()
    approved(case, LEADER if lost == "holder" else NAMED)
    if lost == "executive":
        give(case, EVA)
        assert code(lambda: release(case, executives=())) == "consent.vacant"
        return
    give(case, DAG)
    styled = next(a for a in case.incident.open_assignments() if a.role == STYLE)
    case.record("ana", [ev.RoleReleased(styled.id, STYLE, "dag")])
    assert code(lambda: release(case)) == "consent.vacant"
    case.record("ana", [ev.RoleTaken(case.id(), STYLE, "gus", "ana", "commander")])
    assert code(lambda: release(case)) == "consent.missing"
    asked = consent.unasked(case.incident, EXECUTIVES)
    assert [(type(e), e.person) for e in asked] == [(ConsentAsked, "gus")]
    case.record("engine", asked)
    assert consent.unasked(case.incident, EXECUTIVES) == []
    give(case, GUS)
    assert release(case)[0].spoken_by == "gus"


@pytest.mark.requirement("X-15")
def test_consent_taken_back_before_sending_stops_the_message():
    case = staffed()
    approved(case)
    give(case, EVA)
    take_back = {"message_id": "m", "reason": "Not these words"}
    assert code(lambda: consent.withdraw(case.incident, ANA, **take_back)) == "consent.person"
    case.record(EVA, consent.withdraw(case.incident, EVA, **take_back))
    assert code(lambda: release(case)) == "consent.missing"
    assert consent.unasked(case.incident, EXECUTIVES) == [], "whoever said no is not asked again by itself"
    again = consent.ask(case.incident, SPEAKING, BEN, message_id="m", executives=EXECUTIVES)
    assert [type(e) for e in again] == [ConsentAsked]
    give(case, EVA)
    release(case)
    stopped = case.record(EVA, consent.withdraw(case.incident, EVA, **take_back))
    assert isinstance(stopped[0], ConsentWithdrawn)
    assert case.incident.messages["m"].state == "superseded"
    sent = {"message_id": "m", "recipients": 3, "pages": 0, "at": case.now}
    assert code(lambda: message_sent(case.incident, SPEAKING, ENGINE, **sent)) == "message.not_released"
    assert rows(replay(case.log)) == rows(case.incident)


def test_what_has_gone_out_is_taken_back_only_while_somebody_has_still_to_get_it():
    case = staffed()
    approved(case)
    give(case, EVA)
    release(case)
    sent = {"message_id": "m", "recipients": 3, "pages": 0, "at": case.now}
    case.record(ENGINE, message_sent(case.incident, SPEAKING, ENGINE, **sent))
    assert code(lambda: consent.withdraw(case.incident, EVA, message_id="m")) == "consent.sent"
    events = consent.withdraw(case.incident, EVA, message_id="m", on_its_way=True)
    assert [e.stopped for e in events] == [True]


def test_only_a_leader_the_structure_names_may_be_chosen_and_some_audiences_hear_one_alone():
    case = staffed()

    def draft(template, **who):
        content = replace(TEXT, **who)
        return draft_message(case.incident, template, BEN, message_id="m", content=content, at=case.now)

    assert code(lambda: draft(SPEAKING, sender_identity="scribe")) == "sender.unknown"
    assert code(lambda: draft(SPEAKING, sender_identity="executive")) == "sender.person"
    fixed = replace(SPEAKING, senders={"customers_all": STYLE})
    assert draft(fixed)[0].sender_identity == STYLE
    assert code(lambda: draft(fixed, sender_identity="executive", sender_person="eva")) == "sender.fixed"
    case.record(BEN, draft(SPEAKING))
    unnamed = {
        "message_id": "m",
        "content_hash": content_hash(case.incident.messages["m"]),
        "at": case.now,
        "break_glass": "now",
    }
    assert code(lambda: release_message(case.incident, fixed, ANA, **unnamed)) == "sender.fixed"


def test_the_hash_of_what_the_organisation_says_is_as_it_always_was():
    assert content_hash(replace(TEXT, sender_person="eva")) == content_hash(TEXT)
    assert len({content_hash(c) for c in (TEXT, NAMED, LEADER)}) == 3
