"""Health, keys, audit and incident types, through the pages."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from quarterdeck.app.health import health, health_paging, health_people
from quarterdeck.app.oncall import rotations, schedules
from quarterdeck.app.people import keys
from quarterdeck.app.upkeep import this_machine
from quarterdeck.channels.outcome import GaveUp
from quarterdeck.store import models
from support.browsing import alert, browser, company, older, words


@pytest.fixture
def world(db):
    return company()


def findings(world, name, at=None):
    found = health_paging.look(at or world.now, {"email", "webhook"})
    return [(f.level, f.text) for f in found if f.name.startswith(name)]


def test_health_says_what_is_so_and_what_to_do_next(world):
    said = words(browser(world, "ben").get("/settings/health"))
    assert "Paging" in said
    assert "Who is woken" in said
    assert "No page waits to be sent." in said


def test_health_shows_each_check_once(world):
    found = health.look(this_machine.here[0](), world.now)
    names = [f.name for f in found if not f.name.startswith("alarm")]
    assert len(names) == len(set(names))
    assert {"engine", "outbox", "bodies", "policies", "catalogue", "schedules"} <= set(names)
    said = words(browser(world, "ben").get("/settings/health"))
    assert said.count("No page waits to be sent.") == 1


def test_one_gap_is_one_gap_and_two_are_gaps(world):
    models.Schedule.objects.create(key="empty", name="Empty")
    said = [f.text for f in health_people.look(world.now) if f.name == "schedules"]
    assert len(said) == 1
    assert said[0].startswith("Empty has 1 gap in 14 days, from ")
    day, end = world.now + timedelta(days=3), world.now + timedelta(days=4)
    schedules.add_override(world.act("ana"), "empty", world.find("ben").id, day, end)
    said = [f.text for f in health_people.look(world.now) if f.name == "schedules"]
    assert said[0].startswith("Empty has 2 gaps in 14 days, the first from ")


def test_health_is_for_those_who_may_see_how_it_is_set_up(world):
    assert browser(world, "olga").get("/settings/health").status_code == 403


def test_a_page_that_waits_too_long_is_a_fault(world):
    alert(world)
    models.Delivery.objects.update(state="queued", next_at=world.now)
    assert findings(world, "outbox", world.now + timedelta(seconds=30))[0][0] == "ok"
    assert findings(world, "outbox", world.now + timedelta(minutes=2))[0][0] == "fault"


def test_a_channel_that_fails_is_a_fault(world):
    world.outbox.answer = lambda kind, outgoing: GaveUp("no")
    alert(world)
    world.pass_time(minutes=1)
    assert findings(world, "channel: E-mail")[0][0] == "fault"


def test_contacts_on_a_channel_that_is_not_set_up_are_a_fault(world):
    models.ContactMethod.objects.filter(kind="webhook").update(kind="ntfy")
    assert findings(world, "channel: ntfy push")[0][0] == "fault"


def test_a_policy_that_reaches_nobody_now_is_a_fault(world):
    world.policy("nights", ("primary", 5))
    assert ("warning", "These have nobody behind the first step: Nights.") in findings(world, "policies")
    rotations.remove_layer(world.act("ana"), "primary", models.Layer.objects.get().id)
    assert ("fault", "These reach nobody now: Nights.") in findings(
        world, "policies", world.now + timedelta(seconds=1)
    )


def test_bodies_that_were_not_understood_are_a_warning(world):
    models.Unparsed.objects.create(
        inbound_id=1, integration=world.source.id, dialect="webhook", reason="No title", at=world.now
    )
    assert findings(world, "bodies")[0][0] == "warning"


def test_a_catalogue_that_cannot_be_read_is_a_fault(world, tmp_path):
    from quarterdeck.app.catalog import catalogue_files

    folder = tmp_path / "catalog"
    folder.mkdir()
    (folder / "severities.toml").write_text("this is no toml =")
    catalogue_files.forget()
    try:
        assert findings(world, "catalogue")[0][0] == "fault"
    finally:
        catalogue_files.forget()


def test_a_key_is_shown_once_and_works_until_it_is_revoked(world):
    client = browser(world, "ben")
    answer = client.post("/settings/keys", {"name": "Grafana", "days": "30"}, follow=True)
    key = re.search(r"qd_api_[a-z2-7]{32}_[0-9a-f]{6}", answer.content.decode())[0]
    assert keys.owner_of(key, world.now + timedelta(minutes=1)).handle == "ben"
    assert key not in client.get("/settings/keys").content.decode()
    client.post(f"/settings/keys/{models.ApiKey.objects.get().id}/revoke")
    assert keys.owner_of(key, world.now + timedelta(minutes=1)) is None


def test_keys_of_others_are_neither_shown_nor_revoked(world):
    row, _ = keys.create_api_key(world.act("cleo"), "Cleo's script")
    client = browser(world, "ben")
    assert "Cleo's script" not in words(client.get("/settings/keys"))
    assert "may not do this" in words(client.post(f"/settings/keys/{row.id}/revoke", follow=True))
    row.refresh_from_db()
    assert row.revoked_at is None
    assert "Cleo's script" in words(browser(world, "ana").get("/settings/keys"))


def test_the_audit_names_people_and_shows_before_and_after(world):
    rotations.update(world.act("ana"), "primary", name="Primary, all")
    keys.create_api_key(world.act("cleo"), "Script")
    said = words(browser(world, "ana").get("/settings/audit"))
    assert "Schedule changed" in said
    assert "name Primary; timezone UTC" in said
    assert "name Primary, all; timezone UTC" in said
    assert "owner Cleo Marsh; name Script" in said or "name Script; owner Cleo Marsh" in said


def test_the_audit_is_filtered_and_paged(world):
    for n in range(60):
        keys.create_api_key(world.act("cleo"), f"Script {n}")
    client = browser(world, "ana")
    first = client.get("/settings/audit?kind=ApiKeyCreated")
    second = client.get("/settings/audit" + older(first))
    names = re.findall(r"Script \d+", words(first) + words(second))
    assert len(set(names)) == 60
    assert "Script 7" in words(client.get("/settings/audit?q=Script+7"))
    assert "Api key created" in words(client.get("/settings/audit?q=Cleo"))


def test_the_chain_is_proved_on_demand(world):
    keys.create_api_key(world.act("cleo"), "Script")
    assert "is whole" in words(browser(world, "ana").get("/settings/audit?check=1"))


def test_only_administrators_read_the_audit(world):
    assert browser(world, "ben").get("/settings/audit").status_code == 403


def test_a_new_incident_type_can_be_declared_at_once(world):
    form = {
        "title": "Ferry aground",
        "key": "ferry_aground",
        "template": "general",
        "description": "A ship",
        "default_severity": "1",
    }
    client = browser(world, "ana")
    page = client.get("/settings/types").content.decode()
    form["template"] = re.search(r'name="template".*?<option value="([a-z_]+)"', page, re.S)[1]
    said = words(client.post("/settings/types", form, follow=True))
    assert "“Ferry aground” can be declared" in said
    assert "Ferry aground" in words(browser(world, "ben").get("/declare"))


def test_a_responder_sees_types_and_adds_none(world):
    client = browser(world, "ben")
    assert "New type" not in words(client.get("/settings/types"))
    client.post("/settings/types", {"title": "X", "key": "xx", "template": "general"})
    assert not models.IncidentTypeRow.objects.exists()
