"""Swaps, cover, taking a shift and absences: who is on call afterwards, who is told, and what is refused."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest

from quarterdeck.app.oncall import absences, covers, schedules, swaps
from quarterdeck.app.oncall.swaps import Wish
from quarterdeck.app.paging.directory import Directory, schedule_from
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.oncall import on_call
from quarterdeck.store import models, tx
from support.browsing import browser, company, words

HOUR = timedelta(hours=1)


@pytest.fixture
def world(db):
    world = company()
    world.schedule("days", "ben", "cleo", days=1)
    return world


def holders(world, at, key="days"):
    held = on_call(schedule_from(models.Schedule.objects.get(key=key)), at)
    return [models.Person.objects.get(id=p).handle for p in held.people]


def turn(world, handle, after):
    """The first turn of somebody that begins after an instant."""
    at = after
    while holders(world, at) == [handle]:
        at += HOUR
    while holders(world, at) != [handle]:
        at += HOUR
    held = on_call(schedule_from(models.Schedule.objects.get(key="days")), at - HOUR)
    assert held.until is not None
    return held.until, held.until + timedelta(days=1)


def told(subject):
    return models.Delivery.objects.filter(cls="message", body__contains=subject)


def offered(world, back=True, **more):
    mine, theirs = turn(world, "ben", world.now), turn(world, "cleo", world.now)
    wish = Wish(
        "days",
        world.find("ben").id,
        *mine,
        world.find("cleo").id,
        ("days", *theirs) if back else None,
        **more,
    )
    return swaps.offer(world.act("ben"), wish), mine, theirs


def test_an_accepted_swap_puts_both_in_each_others_place(world):
    row, mine, theirs = offered(world, reason="Concert")
    assert told("Ben Okonkwo asks you to take a shift").count() == 1
    assert holders(world, mine[0]) == ["ben"]
    swaps.accept(world.act("cleo"), row.id)
    assert (holders(world, mine[0]), holders(world, theirs[0])) == (["cleo"], ["ben"])
    assert models.Override.objects.filter(swap_id=row.id, effect="one").count() == 2
    assert told("Cleo Marsh takes your shift").count() == 1
    swaps.accept(world.act("cleo"), row.id)
    assert models.Override.objects.count() == 2


def test_only_the_one_asked_answers_and_an_answer_is_final(world):
    row, mine, _ = offered(world)
    for handle in ("ben", "ana"):
        with pytest.raises(Refused):
            swaps.accept(world.act(handle), row.id)
    swaps.decline(world.act("cleo"), row.id)
    assert told("Cleo Marsh cannot take your shift").count() == 1
    with pytest.raises(Refused, match="declined already"):
        swaps.accept(world.act("cleo"), row.id)
    assert holders(world, mine[0]) == ["ben"]


def test_an_offer_is_withdrawn_or_ends_when_its_time_is_over(world):
    row, _, _ = offered(world)
    swaps.withdraw(world.act("ben"), row.id)
    assert swaps.find(row.id).state == "withdrawn"
    row, mine, _ = offered(world, back=False)
    world.now = mine[0] + timedelta(minutes=1)
    world.settle()
    assert swaps.find(row.id).state == "expired"
    assert told("has not answered").count() == 1


def test_a_swap_that_changed_meanwhile_is_refused_and_nothing_is_half_done(world):
    row, mine, _ = offered(world)
    schedules.add_override(world.act("ana"), "days", world.find("ana").id, *mine)
    with pytest.raises(Refused, match="not held"):
        swaps.accept(world.act("cleo"), row.id)
    assert models.Override.objects.count() == 1


def test_a_manager_swaps_for_others_at_once_and_says_why(world):
    mine = turn(world, "ben", world.now)
    wish = Wish("days", world.find("ben").id, *mine, world.find("cleo").id)
    with pytest.raises(Refused, match="reason"):
        swaps.arrange(world.act("ana"), wish)
    wish = Wish("days", world.find("ben").id, *mine, world.find("cleo").id, None, "Ben is ill")
    with pytest.raises(Refused, match="administrator"):
        swaps.arrange(world.act("cleo"), wish)
    swaps.arrange(world.act("ana"), wish)
    assert holders(world, mine[0]) == ["cleo"]
    assert told("Ana Ruiz has swapped a shift for you").count() == 2


def test_taking_the_shift_that_runs_counts_at_once_until_it_ends(world):
    until = on_call(schedule_from(models.Schedule.objects.get(key="primary")), world.now).until
    assert until is None
    with pytest.raises(Refused, match="no end in sight"):
        schedules.take(world.act("cleo"), "primary")
    schedules.take(world.act("cleo"), "primary", until=world.now + HOUR)
    assert holders(world, world.now, "primary") == ["cleo"]
    assert holders(world, world.now + HOUR, "primary") == ["ben"]
    assert told("Cleo Marsh has taken your shift").count() == 1
    with pytest.raises(Refused, match="already"):
        schedules.take(world.act("cleo"), "primary", until=world.now + HOUR)


def test_cover_asks_one_after_the_other_and_the_first_to_accept_has_it(world):
    world.person("dora", name="Dora Lind")
    mine = turn(world, "ben", world.now)
    layer = models.Layer.objects.get(schedule__key="days")
    layer.definition = layer.definition | {"people": [*layer.definition["people"], world.find("dora").id]}
    layer.save()
    mine = turn(world, "ben", world.now)
    row = covers.want(world.act("ben"), "days", world.find("ben").id, *mine, "Fever", 30)
    assert len(row.asked) == 1
    first = models.Person.objects.get(id=row.asked[0])
    world.now += timedelta(minutes=31)
    world.settle()
    row = covers.find(row.id)
    assert len(row.asked) == 2
    second = models.Person.objects.get(id=row.asked[1])
    with pytest.raises(Refused):
        covers.accept(world.act("ana"), row.id)
    covers.accept(world.act(second.handle), row.id)
    assert holders(world, mine[0]) == [second.handle]
    with pytest.raises(Refused, match="taken by somebody else"):
        covers.accept(world.act(first.handle), row.id)
    assert told("Can you cover for Ben Okonkwo?").count() == 2


def test_a_timer_that_comes_too_early_is_set_anew(world):
    """A web node whose clock is an hour ahead set it, and the engine brought it back to its own time."""
    offer, _, _ = offered(world)
    mine = turn(world, "cleo", world.now + 3 * timedelta(days=1))
    row = covers.want(world.act("cleo"), "days", world.find("cleo").id, *mine, "Fever", 30)
    with tx.write():
        swaps.fire(offer.id, Directory(offer.expires_at - timedelta(minutes=1)))
        covers.fire(row.id, Directory(row.answer_by - timedelta(minutes=1)))
    assert (swaps.find(offer.id).state, covers.find(row.id).state) == ("offered", "asking")
    for kind, ref, at in ((swaps.KIND, offer.id, offer.expires_at), (covers.KIND, row.id, row.answer_by)):
        models.Due.objects.filter(kind=kind, ref=ref).order_by("created_at").first().delete()  # it has fired
        assert models.Due.objects.get(kind=kind, ref=ref, state="waiting").due_at == at


def test_when_nobody_covers_the_managers_are_told(world):
    mine = turn(world, "ben", world.now)
    row = covers.want(world.act("ben"), "days", world.find("ben").id, *mine)
    covers.decline(world.act("cleo"), row.id)
    assert covers.find(row.id).state == "failed"
    sent = told("Nobody covers for Ben Okonkwo")
    assert {world.find("ben").id, world.find("ana").id} <= {d.person_id for d in sent}
    assert world.find("cleo").id not in {d.person_id for d in sent}


def test_an_absence_moves_the_turns_of_a_layer_that_passes_the_absent_over(world):
    mine = turn(world, "ben", world.now)
    row = absences.add(world.act("ben"), world.find("ben").id, mine[0], mine[1], "Holiday")
    assert [h.schedule.key for h in absences.hits(row.person_id, *mine)] == ["days", "primary"]
    assert holders(world, mine[0]) == ["ben"]
    layer = models.Layer.objects.get(schedule__key="days")
    layer.definition = layer.definition | {"when_absent": "skip"}
    layer.save()
    assert holders(world, mine[0]) == ["cleo"]
    absences.remove(world.act("ben"), row.id)
    assert holders(world, mine[0]) == ["ben"]


def test_absences_are_ones_own_and_never_in_the_past(world):
    ben = world.find("ben").id
    day = timedelta(days=1)
    with pytest.raises(Refused):
        absences.add(world.act("cleo"), ben, world.now + day, world.now + 2 * day)
    for start, end in ((world.now + day, world.now), (world.now - day, world.now + day)):
        with pytest.raises(Refused):
            absences.add(world.act("ben"), ben, start, end)
    absences.add(world.act("ana"), ben, world.now + day, world.now + 2 * day)


def test_an_override_may_replace_one_of_several_or_add_somebody(world):
    layer = models.Layer.objects.get(schedule__key="days")
    layer.definition = layer.definition | {"at_once": 2}
    layer.save()
    start, end = world.now + HOUR, world.now + 2 * HOUR
    ana, ben = world.find("ana").id, world.find("ben").id
    schedules.add_override(world.act("ana"), "days", ana, start, end, effect="one", instead_of=ben)
    assert sorted(holders(world, start)) == ["ana", "cleo"]
    schedules.add_override(world.act("ana"), "days", ben, start, end, effect="add")
    assert sorted(holders(world, start)) == ["ana", "ben", "cleo"]
    schedules.add_override(world.act("ana"), "days", ana, start, end, effect="remove")
    assert sorted(holders(world, start)) == ["ben", "cleo"]
    with pytest.raises(Refused, match="replaces nobody"):
        schedules.add_override(world.act("ana"), "days", ana, start, end, effect="one")


def test_a_swap_goes_through_the_pages(world):
    mine, theirs = turn(world, "ben", world.now), turn(world, "cleo", world.now)
    ben, cleo = browser(world, "ben"), browser(world, "cleo")
    page = ben.get("/on-call/mine")
    link = next(x for x in re.findall(r'href="(/on-call/swaps/new[^"]*)"', page.content.decode()))
    form = ben.get(html.unescape(link))
    assert "Cleo Marsh, nothing in return" in words(form)
    sent = {
        "schedule": "days",
        "person": world.find("ben").id,
        "start": mine[0].isoformat(),
        "end": mine[1].isoformat(),
        "to": "",
    }
    refused = ben.post("/on-call/swaps/new", sent)
    assert (refused.status_code, "Choose who gets the shift." in words(refused)) == (422, True)
    sent["to"] = f"{world.find('cleo').id}|{theirs[0].isoformat()}|{theirs[1].isoformat()}"
    assert "Offered." in words(ben.post("/on-call/swaps/new", sent, follow=True))
    assert "Ben Okonkwo asks you to take a shift" in words(cleo.get("/on-call/mine"))
    row = models.Swap.objects.get()
    assert "Swapped." in words(cleo.post(f"/on-call/swaps/{row.id}", {"act": "accept"}, follow=True))
    assert holders(world, mine[0]) == ["cleo"]
    assert "accepted" in words(ben.get("/on-call/mine"))
    sent |= {"start": theirs[0].isoformat(), "end": theirs[1].isoformat(), "act": "cover"}
    assert "Looking for cover" in words(ben.post("/on-call/swaps/new", sent, follow=True))


def test_a_shift_is_taken_with_one_press_and_not_by_observers(world):
    cleo = browser(world, "cleo")
    assert "Take it for 8 h" in words(cleo.get("/on-call/schedules/primary"))
    said = words(cleo.post("/on-call/schedules/primary/take", {"hours": "8"}, follow=True))
    assert "You are on call now, until" in said
    assert "Take it for" not in said
    assert holders(world, world.now + HOUR, "primary") == ["cleo"]
    assert browser(world, "olga").post("/on-call/schedules/primary/take").status_code == 403


def test_being_away_is_said_on_ones_own_page_and_what_it_hits_is_shown(world):
    ben = browser(world, "ben")
    day = timedelta(days=1)
    form = {"start": shown(world.now + day), "end": shown(world.now + 5 * day), "reason": "Skiing"}
    said = words(ben.post("/on-call/absences", form, follow=True))
    assert "still yours: Primary" in said
    assert "Skiing" in said
    wrong = ben.post("/on-call/absences", form | {"end": shown(world.now)})
    assert (wrong.status_code, "ends before it starts" in words(wrong)) == (422, True)
    row = models.Absence.objects.get()
    assert "Taken back." in words(ben.post(f"/on-call/absences/{row.id}/removal", follow=True))


def test_nonsense_in_an_address_is_refused_in_words(world):
    ben = browser(world, "ben")
    for query in ("", "?schedule=days", "?schedule=days&start=x&end=y", "?schedule=none"):
        assert ben.get(f"/on-call/swaps/new{query}").status_code in (400, 404, 422)
    assert ben.post("/on-call/schedules/primary/take", {"hours": "-3"}, follow=True).status_code == 200
    assert not models.Override.objects.exists()


def shown(at):
    return at.strftime("%Y-%m-%dT%H:%M")
