"""Status pages for those who look after them: making one, components, states set by hand, proposals of alerts."""

from __future__ import annotations

import json
import re

import pytest

from quarterdeck.app.alerts import alerts as acts
from quarterdeck.app.status import component_rules, status_pages
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from support.browsing import alert, browser, company, field, words


@pytest.fixture
def world(db):
    world = company()
    status_pages.create_page(world.act("ana"), "shop", "Shop")
    status_pages.create_component(world.act("ana"), "shop", "Buying", group="Selling", services=["checkout"])
    return world


def component():
    return models.Component.objects.get(name="Buying")


def test_a_page_is_made_with_an_address_of_its_own(world):
    form = {
        "title": "Partners",
        "key": "",
        "timezone": "UTC",
        "description": "For partners",
        "support_url": "mailto:help@shop.example",
    }
    said = words(browser(world, "ben").post("/status-pages/new", form, follow=True))
    assert "Now say what it shows." in said
    assert models.StatusPage.objects.get(key="partners").support_url == "mailto:help@shop.example"


def test_the_list_says_what_each_page_says_now(world):
    client = browser(world, "ed")
    assert "All operational" in words(client.get("/status-pages"))
    status_pages.set_state(world.act("ana"), component().id, "major_outage", "test")
    assert "1 of 1: major outage" in words(client.get("/status-pages"))


def test_a_state_set_by_hand_takes_a_reason(world):
    client = browser(world, "ben")
    form = {f"component.{component().id}": "partial_outage", "reason": ""}
    assert "Say why the state changes" in words(client.post("/status-pages/shop/states", form, follow=True))
    assert component().state == "operational"
    said = words(
        client.post("/status-pages/shop/states", form | {"reason": "Cards fail in Spain"}, follow=True)
    )
    assert "1 changed; published within seconds." in said
    assert "Cards fail in Spain" in said
    assert component().state == "partial_outage"
    assert re.search(r"\d % up on 1 recorded day\b", said), "and not as if ninety days were known"


def test_saving_without_a_change_publishes_nothing(world):
    before = models.StatusPage.objects.get(key="shop").revision
    said = words(
        browser(world, "ben").post(
            "/status-pages/shop/states", {f"component.{component().id}": "operational"}, follow=True
        )
    )
    assert "Nothing was changed." in said
    assert models.StatusPage.objects.get(key="shop").revision == before


def test_a_component_of_another_page_is_not_touched(world):
    status_pages.create_page(world.act("ana"), "other", "Other")
    browser(world, "ben").post(
        "/status-pages/other/states", {f"component.{component().id}": "major_outage", "reason": "x"}
    )
    assert component().state == "operational"


def test_a_component_is_added_and_changed(world):
    client = browser(world, "ben")
    client.post(
        "/status-pages/shop/components/new", {"name": "Gifts", "group": "Selling", "services": ["checkout"]}
    )
    row = models.Component.objects.get(name="Gifts")
    client.post(f"/status-pages/components/{row.id}", {"name": "Gift cards", "group": "", "services": []})
    row.refresh_from_db()
    assert (row.name, row.group, list(row.services.all())) == ("Gift cards", "", [])


def test_the_form_says_what_alerts_may_do_and_how_long_they_must_be_quiet(world):
    client, path = browser(world, "ben"), f"/status-pages/components/{component().id}"
    form = {"name": "Buying", "group": "Selling", "services": ["checkout"]}
    page = client.get(path)
    assert re.search(r'name="rule" value="propose"[^>]* checked', page.content.decode())
    assert field(page, "hold_down_seconds") == ["600"]
    client.post(path, form | {"rule": "publish", "hold_down_seconds": "90"})
    assert (component().rule, component().hold_down_seconds) == ("publish", 90)
    client.post(path, form)
    assert (component().rule, component().hold_down_seconds) == ("publish", 90), "what is not sent stays"
    for wrong in ({"rule": "shout"}, {"hold_down_seconds": "3601"}, {"hold_down_seconds": "-1"}):
        assert client.post(path, form | wrong).status_code == 422
    assert (component().rule, component().hold_down_seconds) == ("publish", 90)


def test_a_rule_that_is_switched_off_proposes_nothing_and_switched_on_asks_at_once(world):
    alert(world)
    act = world.act("ana")
    before = models.StatusPage.objects.get(key="shop").revision
    status_pages.update_component(act, component().id, rule="off")
    assert component().proposed == ""
    assert not component_rules.pending()
    status_pages.update_component(act, component().id, rule="propose")
    world.settle()
    assert (component().state, component().proposed) == ("operational", "degraded_performance")
    assert models.StatusPage.objects.get(key="shop").revision == before, "readers see none of it"
    status_pages.update_component(act, component().id, rule="publish")
    world.settle()
    assert (component().state, component().proposed) == ("degraded_performance", "")
    acts.resolve(act, models.Alert.objects.get().id)
    world.pass_time(minutes=1)
    assert component().state == "degraded_performance"
    status_pages.update_component(world.act("ana"), component().id, hold_down_seconds=30)
    world.settle()
    assert component().state == "operational"


def test_the_audit_says_what_a_rule_was_and_is(world):
    status_pages.update_component(world.act("ana"), component().id, rule="publish", hold_down_seconds=0)
    told = models.Event.objects.filter(kind="ComponentChanged").latest("seq").data
    told = json.loads(told) if isinstance(told, str) else told
    assert told["before"] == {"rule": "propose", "hold_down_seconds": 600}
    assert told["after"] == {"rule": "publish", "hold_down_seconds": 0}


@pytest.mark.parametrize(
    "wrong",
    [{"rule": "shout"}, {"rule": ""}, *({"hold_down_seconds": n} for n in (-1, 3601, 1.5, "60", True))],
)
def test_a_rule_that_is_none_is_refused_with_the_field(world, wrong):
    with pytest.raises(Refused) as refused:
        status_pages.update_component(world.act("ana"), component().id, **wrong)
    assert set(refused.value.fields) == set(wrong)


def test_the_words_of_a_page_are_changed_beside_what_customers_read(world):
    client = browser(world, "ben")
    assert "What customers read" in words(client.get("/status-pages/shop/look"))
    said = words(
        client.post(
            "/status-pages/shop/look", {"title": "The Shop", "timezone": "Europe/Paris", "support_url": "x"}
        )
    )
    assert "This is not a link" in said
    client.post("/status-pages/shop/look", {"title": "The Shop", "timezone": "Europe/Paris"})
    assert models.StatusPage.objects.get(key="shop").title == "The Shop"


@pytest.mark.parametrize(("act", "state"), [("accept", True), ("dismiss", False)])
def test_what_alerts_propose_is_published_or_dismissed(world, act, state):
    alert(world)
    client = browser(world, "ben")
    assert "Alerts propose" in words(client.get("/status-pages"))
    client.post(f"/status-pages/components/{component().id}/proposal", {"act": act})
    assert (component().state != "operational") is state
    assert "Alerts propose" not in words(client.get("/status-pages"))


def test_an_observer_sees_and_cannot_change(world):
    client = browser(world, "olga")
    page = client.get("/status-pages/shop").content.decode()
    assert "Buying" in page
    assert "<select" not in page
    assert "/states" not in page
    assert '<a href="/status-pages/shop/history"' in page
    assert "/status-pages/shop/access" not in page
    assert client.get("/status-pages/shop/history").status_code == 200
    assert client.post("/status-pages/shop/states").status_code == 403


def test_refused_states_stay_chosen_beside_what_has_to_be_said(world):
    refused = browser(world, "ana").post(
        "/status-pages/shop/states", {f"component.{component().id}": "partial_outage", "reason": " "}
    )
    assert refused.status_code == 422
    assert '<option value="partial_outage" selected>' in refused.content.decode()
    assert "Say why the state changes" in words(refused)
    assert component().state == "operational"


def test_the_first_steps_name_a_status_page_and_do_not_wait_for_it(db):
    world = company()
    home = browser(world, "ana")
    assert "Make a status page" in words(home.get("/"))
    alert(world)
    assert "First steps" not in words(home.get("/")), "paging is set up"
