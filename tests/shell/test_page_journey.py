"""Whoever is paged sees what became of each page, step by step with times and reasons; seeing it is on record."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quarterdeck.app.paging import paging, receipts
from quarterdeck.channels.outcome import Retry, Sent
from quarterdeck.store import models
from quarterdeck.web.present import callouts, journey
from support.browsing import alert, browser, callout_path, company, words


@pytest.fixture
def world(db):
    return company()


def steps(callout):
    callout.refresh_from_db()
    found = journey.attach(callouts.due_lines([callout]), [callout])[0]["steps"]
    return [(s["channel"], s["words"], s["why"]) for s in found]


def test_a_page_is_followed_from_its_plan_to_its_answer(world):
    tries = iter([Retry("The server is busy")])
    world.outbox.answer = lambda kind, outgoing: next(tries, Sent("id-1"))
    alert(world)
    callout = models.Callout.objects.get(person__handle="ben")
    assert ("Webhook", "planned", "") in steps(callout)
    world.pass_time(seconds=30)
    sent = models.Delivery.objects.get(callout_id=callout.id, channel="email")
    receipts.record(sent.key, "email", "id-1", "delivered", "It arrived.", world.now)
    paging.seen(callout.id, world.now + timedelta(seconds=1))
    paging.acknowledge_by_link(callout.id, world.now + timedelta(seconds=5))
    assert steps(callout) == [
        ("E-mail", "planned", ""),
        ("Webhook", "planned", ""),
        ("E-mail", "sent", ""),
        ("E-mail", "not taken; tried again", "The server is busy"),
        ("E-mail", "sent, attempt 2", ""),
        ("E-mail", "taken by the provider", ""),
        ("E-mail", "arrived", "It arrived."),
        ("", "Seen by you", ""),
        ("Webhook", "not sent", "Ben Okonkwo acknowledged the alert."),
        ("", "Acknowledged by the link", ""),
    ]


def test_a_page_that_was_called_off_says_why(world):
    alert(world)
    world.pass_time(minutes=6)
    taken = models.Callout.objects.get(person__handle="cleo")
    paging.acknowledge_callout(world.act("cleo"), taken.id)
    mine = models.Callout.objects.get(person__handle="ben")
    assert steps(mine)[-1][1:] == ("Called off", mine.note)
    assert "Cleo Marsh" in mine.note


def test_my_pages_and_a_persons_page_show_it_to_them_and_to_administrators(world):
    alert(world)
    for reader, path in (("ben", "/notifications"), ("ana", f"/catalog/people/{world.find('ben').id}")):
        said = words(browser(world, reader).get(path))
        assert "What became of it" in said
        assert "E-mail: taken by the provider" in said
    said = words(browser(world, "cleo").get(f"/catalog/people/{world.find('ben').id}"))
    assert "taken by the provider" not in said


def test_looking_alone_is_no_proof_that_somebody_saw_it_but_an_open_page_says_so(world):
    alert(world)
    callout = models.Callout.objects.get(person__handle="ben")
    path, link = f"/callouts/{callout.id}", callout_path(callout)
    ben, cleo, nobody = (browser(world, h) for h in ("ben", "cleo", None))
    assert f'data-seen="{path}/seen"' in ben.get(path).content.decode()
    assert f'data-seen="{link}seen"' in nobody.get(link).content.decode()
    cleo.post(f"{path}/seen")
    assert nobody.post(f"/c/{callout.id}/forged/seen").status_code == 404
    callout.refresh_from_db()
    assert callout.seen_at is None
    assert nobody.post(f"{link}seen").status_code == 204
    callout.refresh_from_db()
    first = callout.seen_at
    assert first is not None
    ben.post(f"{path}/seen")
    callout.refresh_from_db()
    assert callout.seen_at == first
    assert "data-seen" not in ben.get(path).content.decode()
