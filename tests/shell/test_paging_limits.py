"""One account cannot page without end, and nobody in a crisis meets the limit."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quarterdeck.app.paging import paging, paging_limits
from quarterdeck.core.escalation.policy import Target
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from support.browsing import browser, company
from support.world import World


@pytest.fixture
def world(db: None) -> World:
    return company()


def page(world: World, *people: str) -> list[models.Callout]:
    return paging.page(world.act("ana"), [Target("person", world.find(p).id) for p in people], "Help", "Now")


def test_the_same_person_is_paged_five_times_in_ten_minutes_and_again_later(world: World) -> None:
    for _ in range(paging_limits.THE_SAME):
        page(world, "ben")
    with pytest.raises(Refused) as refused:
        page(world, "ben")
    assert (refused.value.code, refused.value.kind) == ("page.limit", "limited")
    page(world, "cleo")
    world.now += paging_limits.WITHIN + timedelta(seconds=1)
    assert page(world, "ben")


def test_an_account_wakes_no_more_than_sixty_in_ten_minutes(world: World) -> None:
    names = [f"p{n}" for n in range(paging_limits.PEOPLE + 1)]
    for name in names:
        world.person(name)
    assert len(page(world, *names[:-1])) == paging_limits.PEOPLE
    with pytest.raises(Refused):
        page(world, names[-1])
    assert not models.Callout.objects.filter(person=world.find(names[-1])).exists()


def test_calling_for_a_commander_twice_is_one_call(world: World) -> None:
    first = paging.page_commander(world.act("ben"), "The shop is down")
    again = paging.page_commander(world.act("ben"), "Please!")
    assert {c.id for c in again} == {c.id for c in first}
    world.now += paging_limits.AGAIN + timedelta(seconds=1)
    assert {c.id for c in paging.page_commander(world.act("ben"), "Still nobody")} != {c.id for c in first}


def test_a_program_is_told_by_the_status_for_too_many(world: World) -> None:
    for _ in range(paging_limits.THE_SAME):
        page(world, "ben")
    body = {"people": [world.find("ben").id], "subject": "Help", "reason": "Now"}
    answer = browser(world, "ana").post("/api/v1/callouts", body, "application/json")
    assert answer.status_code == 429 and answer.json()["error"]["code"] == "page.limit"
