"""Answering a page by its link or signed in, paging by hand, and bringing a commander."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from quarterdeck.app.alerts import alerts as acts
from quarterdeck.app.paging import claiming, deliveries, paging
from quarterdeck.channels.outcome import GaveUp, Retry
from quarterdeck.core.escalation.policy import Target
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from support.browsing import alert, browser, callout_path, company, incident, words


@pytest.fixture
def world(db):
    return company()


@pytest.fixture
def called(world):
    """Ben's callout for an alert."""
    alert(world)
    return models.Callout.objects.get(person=world.find("ben"))


def state(callout):
    callout.refresh_from_db()
    return callout.state


def test_the_link_shows_what_is_known_without_a_login(world, called):
    said = words(browser(world, None).get(callout_path(called)))
    for text in (
        "Checkout is slow",
        "Critical",
        "Service Checkout",
        "Impact unknown",
        "Also called nobody else",
        "Acknowledge",
    ):
        assert text in said
    assert "Cleo Marsh in" in said, "who is called next, and when"


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_at_the_link_acknowledges_nothing(world, called, method):
    client = browser(world, None)
    for _ in range(2):
        assert getattr(client, method)(callout_path(called)).status_code == 200
    assert state(called) == "waiting"
    assert models.Alert.objects.get().status == "open"


def test_the_button_acknowledges_and_nobody_else_is_called(world, called):
    client = browser(world, None)
    answer = client.post(callout_path(called), follow=True)
    world.pass_time(minutes=60)
    assert "It is yours. Nobody else is called." in words(answer)
    assert "by Ben Okonkwo" in words(answer)
    assert models.Alert.objects.get().acknowledged_by == called.person_id
    assert world.pages("cleo") == []


def test_the_page_shows_times_on_the_clock_of_whoever_was_called(world, called):
    models.Person.objects.filter(handle="ben").update(timezone="Asia/Kathmandu")
    client = browser(world, None)
    client.post(callout_path(called))
    shown = models.Callout.objects.get().acknowledged_at.astimezone(ZoneInfo("Asia/Kathmandu"))
    assert f"{shown:%H:%M:%S}" in words(client.get(callout_path(called)))


def test_pressing_twice_changes_nothing_more(world, called):
    client = browser(world, None)
    client.post(callout_path(called))
    before = models.Callout.objects.values().get(id=called.id), models.AlertEntry.objects.count()
    assert client.post(callout_path(called), follow=True).status_code == 200
    assert (models.Callout.objects.values().get(id=called.id), models.AlertEntry.objects.count()) == before


def test_the_form_carries_a_token_against_other_sites(world, called):
    client = browser(world, None, enforce_csrf_checks=True)
    assert client.post(callout_path(called)).status_code == 403
    page = client.get(callout_path(called)).content.decode()
    token = page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    assert client.post(callout_path(called), {"csrfmiddlewaretoken": token}).status_code == 302
    assert state(called) == "acknowledged"


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_wrong_token_and_an_unknown_callout_look_alike(world, called, method):
    client = browser(world, None)
    good = callout_path(called)
    wrong = good[:-6] + ("AAAAA/" if good[-6:-1] != "AAAAA" else "BBBBB/")
    unknown = good.replace(called.id, "01900000-0000-7000-8000-000000000000")
    answers = [getattr(client, method)(path) for path in (wrong, unknown)]
    assert [a.status_code for a in answers] == [404, 404]
    assert words(answers[0]) == words(answers[1])
    assert state(called) == "waiting"


def test_the_token_of_one_callout_opens_no_other(world, called):
    world.pass_time(minutes=6)
    other = models.Callout.objects.get(person=world.find("cleo"))
    path = callout_path(called).replace(called.id, other.id)
    assert browser(world, None).get(path).status_code == 404


def test_an_old_link_tells_nothing_and_acknowledges_nothing(world, called):
    models.Callout.objects.filter(id=called.id).update(expires_at=world.now - timedelta(seconds=1))
    client = browser(world, None)
    for answer in (client.get(callout_path(called)), client.post(callout_path(called))):
        assert answer.status_code == 410
        assert "This link has expired" in words(answer)
        assert "Checkout is slow" not in answer.content.decode()
    assert state(called) == "waiting"


def test_the_link_of_a_restricted_incident_asks_for_a_login(world):
    hidden = incident(world, title="Somebody took the customer list", restricted=True)
    made = paging.page(
        world.act("ana"),
        [Target("person", world.find("ben").id)],
        "Secret",
        "Please help",
        incident_id=hidden,
    )
    client = browser(world, None)
    answer = client.get(callout_path(made[0]))
    client.post(callout_path(made[0]))
    assert "Sign in to see this page" in words(answer)
    assert "Secret" not in answer.content.decode()
    assert hidden not in answer.content.decode()
    assert state(made[0]) == "waiting"


@pytest.mark.parametrize("declarer", ["ben", "cleo"])
def test_no_link_answers_for_a_restricted_incident_not_even_for_its_people(world, called, declarer):
    hidden = incident(world, declarer, title="Somebody took the customer list", restricted=True)
    own = paging.page(
        world.act("ana"), [Target("person", world.find("ben").id)], "Secret", "Help", incident_id=hidden
    )[0]
    models.Alert.objects.filter(id=called.alert_id).update(incident_id=hidden)
    for callout in (own, called):
        with pytest.raises(Refused) as refused:
            paging.acknowledge_by_link(callout.id, world.now)
        assert (refused.value.code, refused.value.kind) == ("callout.restricted", "forbidden")
        assert "Secret" not in refused.value.message
        assert state(callout) == "waiting"


def test_when_somebody_else_was_faster_the_link_says_who(world, called):
    acts.acknowledge(world.act("cleo"), called.alert_id)
    said = words(browser(world, None).get(callout_path(called)))
    assert "Cleo Marsh acknowledged the alert." in said
    assert "Nothing is expected of you" in said


def test_when_the_alert_is_over_the_link_says_so(world, called):
    acts.resolve(world.act("cleo"), called.alert_id)
    assert "The alert has ended" in words(browser(world, None).get(callout_path(called)))


def test_the_page_works_without_scripts_and_styles_from_elsewhere(world, called):
    page = browser(world, None).get(callout_path(called)).content.decode()
    assert 'method="post"' in page
    assert "onclick" not in page
    assert "http://" not in page.replace("http://127.0.0.1:8000", "")


def test_my_pages_wait_for_me_and_can_be_answered_there(world, called):
    client = browser(world, "ben")
    assert "Checkout is slow" in words(client.get("/notifications"))
    client.post(f"/callouts/{called.id}/acknowledgement")
    assert state(called) == "acknowledged"
    assert "Nobody waits for you" in words(client.get("/notifications"))


def test_somebody_elses_callout_cannot_be_answered(world, called):
    answer = browser(world, "cleo").post(f"/callouts/{called.id}/acknowledgement", follow=True)
    assert "This callout is for somebody else" in words(answer)
    assert state(called) == "waiting"


def test_a_callout_shows_its_ledger_to_colleagues_and_not_to_executives(world, called):
    said = words(browser(world, "olga").get(f"/callouts/{called.id}"))
    assert "Ben Okonkwo was called" in said
    assert "E-mail: Sent" in said
    assert browser(world, "ed").get(f"/callouts/{called.id}").status_code == 404


def test_no_page_shows_the_address_of_somebody_elses_contact(world, called):
    page = browser(world, "cleo").get(f"/callouts/{called.id}").content.decode()
    assert "ben@example.com" not in page
    assert "ben-webhook" not in page


def test_a_person_is_paged_with_a_reason(world):
    form = {"person": world.find("cleo").id, "urgency": "high", "reason": "Need a second pair of eyes"}
    answer = browser(world, "ben").post("/page", form, follow=True)
    world.pass_time(seconds=30)
    assert "Queued for Cleo Marsh." in words(answer)
    assert world.pages("cleo") == ["Need a second pair of eyes"]


def test_paging_without_naming_anybody_keeps_what_was_typed(world):
    answer = browser(world, "ben").post("/page", {"urgency": "high", "reason": "Fire in rack 4"})
    assert answer.status_code == 422
    assert "Name at least one person" in words(answer)
    assert "Fire in rack 4" in answer.content.decode()


def test_an_observer_may_not_page(world):
    assert browser(world, "olga").get("/page").status_code == 403


@pytest.mark.parametrize("handle", ["olga", "ed", "ben"])
def test_everybody_may_bring_a_commander(world, handle):
    world.policy("commander", ("ana", 5), ("cleo", 5))
    browser(world, handle).post("/page/commander", {"reason": "The port is dark"})
    world.pass_time(seconds=30)
    assert world.pages("ana") == world.pages("cleo") == ["Commander needed: The port is dark"]


@pytest.mark.requirement("R-286")
def test_when_the_provider_is_down_the_phone_list_is_shown(world):
    world.policy("commander", ("ana", 5), ("cleo", 5))
    world.outbox.answer = lambda kind, outgoing: GaveUp("Connection refused")
    client = browser(world, "olga")
    client.post("/page/commander", {"reason": "The port is dark"})
    world.pass_time(seconds=30)
    said = words(client.get("/page/commander"))
    assert "Paging does not get through" in said
    assert "+34 600 111 222" in said
    assert "Connection refused" in said


@pytest.mark.requirement("R-286")
def test_a_provider_that_does_not_answer_yet_counts_as_down(world):
    world.policy("commander", ("ana", 5))
    world.outbox.answer = lambda kind, outgoing: Retry("timed out", 30)
    client = browser(world, "olga")
    client.post("/page/commander", {})
    later = world.now + timedelta(seconds=30)
    for claim in claiming.claim(later, world.node):
        deliveries.record(claim, world.outbox.send(claim.channel, claim.outgoing), world.node, later)
    assert "Paging does not get through" in words(client.get("/page/commander?part=calls"))


@pytest.mark.requirement("R-286")
def test_when_nobody_is_on_call_the_phone_list_is_shown(world):
    models.EscalationPolicy.objects.all().delete()
    answer = browser(world, "olga").post("/page/commander", {"reason": "The port is dark"})
    said = words(answer)
    assert answer.status_code == 409
    assert "No commander is on call" in said
    assert "+34 600 111 222" in said


def test_looking_at_the_button_calls_nobody(world):
    browser(world, "ben").get("/page/commander")
    browser(world, "ben").head("/page/commander")
    assert not models.Callout.objects.exists()
