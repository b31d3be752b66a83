"""Services, teams, people, integrations and audiences, through the pages."""

from __future__ import annotations

import re

import pytest
from django.test import override_settings

from quarterdeck.app.people import keys
from quarterdeck.store import models
from support.browsing import PATIENCE, alert, browser, company, incident, older, queries, rows, words


@pytest.fixture
def world(db):
    return company()


@pytest.fixture
def settings_of_mail():
    with override_settings(QUARTERDECK_CHANNELS={"email": {}}):
        yield


def test_a_service_is_added_and_changed(world):
    client = browser(world, "ben")
    form = {
        "name": "Gift cards",
        "key": "",
        "team": "",
        "policy": "default",
        "tier": "2",
        "runbook_url": "https://wiki.example/gifts",
    }
    answer = client.post("/catalog/services/new", form, follow=True)
    assert "Gift cards is in the catalog." in words(answer)
    client.post("/catalog/services/gift-cards/edit", form | {"name": "Gift cards, EU", "tier": "1"})
    row = models.Service.objects.get(key="gift-cards")
    assert (row.name, row.tier, row.runbook_url) == ("Gift cards, EU", 1, "https://wiki.example/gifts")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("key", "Not A Key", "lower-case letters"),
        ("key", "checkout", "already"),
        ("runbook_url", "javascript:alert(1)", "https://"),
    ],
)
def test_a_service_that_cannot_be_comes_back_with_the_reason(world, field, value, said):
    form = {"name": "Gift cards", "key": "gifts", "tier": "3", field: value}
    answer = browser(world, "ben").post("/catalog/services/new", form)
    assert answer.status_code == 422
    assert said in words(answer)
    assert 'value="Gift cards"' in answer.content.decode()


def test_a_service_shows_what_fires_and_whom_it_would_call(world):
    alert(world)
    known, hidden = (
        incident(world, services=("checkout",)),
        incident(world, "cleo", services=("checkout",), restricted=True),
    )
    said = words(browser(world, "ben").get("/catalog/services/checkout"))
    assert "Checkout is slow" in said
    assert "Ben Okonkwo, you" in said
    assert known in said
    assert hidden not in said


def test_a_service_nobody_would_be_paged_for_says_so(world):
    models.EscalationPolicy.objects.all().delete()
    client = browser(world, "ben")
    assert "nobody would be paged" in words(client.get("/catalog/services"))
    assert "Nobody would be paged for this service" in words(client.get("/catalog/services/checkout"))


def test_lists_are_paged_by_name_and_bounded_in_queries(world):
    client = browser(world, "ben")
    few = {p: queries(client, p) for p in ("/catalog/services", "/catalog/people", "/catalog/teams")}
    for n in range(60):
        world.service(f"service-{n:02}")
        person = world.person(f"person{n:02}")
        team = models.Team.objects.create(key=f"team-{n:02}", name=f"Team {n:02}")
        models.Membership.objects.create(team=team, person=person)
    for path, most in few.items():
        assert queries(client, path) <= most + 2, path
        assert most <= PATIENCE + 5, path
        seen, at = [], path
        while at:
            answer = client.get(at)
            seen += rows(answer)
            at = path + older(answer) if older(answer) else ""
        assert len(seen) == len(set(seen)) >= 60, path


def test_a_team_gets_people_and_a_lead(world):
    client = browser(world, "ana")
    client.post("/catalog/teams/new", {"name": "Payments"})
    ben = world.find("ben").id
    client.post("/catalog/teams/payments/members", {"person": ben})
    said = words(client.post("/catalog/teams/payments/members", {"person": ben, "act": "lead"}, follow=True))
    assert "Ben Okonkwo" in said
    assert models.Membership.objects.get().lead
    client.post("/catalog/teams/payments/members", {"person": ben, "act": "remove"})
    assert not models.Membership.objects.exists()


def test_a_responder_may_not_change_teams_and_people(world):
    client = browser(world, "ben")
    assert client.get("/catalog/teams/new").status_code == 403
    assert client.get("/catalog/people/new").status_code == 403
    assert client.post(f"/catalog/people/{world.find('cleo').id}/active", {"active": "0"}).status_code == 403


DANA = {"name": "Dana Scott", "email": "dana@example.com", "role": "responder", "timezone": "Europe/Berlin"}
LINK = re.compile(r"http://[^\s<]+/password/reset/key/[^\s<]+")


def _choose_password(client, link):
    page = client.get("/" + link.split("/", 3)[3])
    assert page.status_code == 302, page.content
    client.post(
        page.headers["Location"],
        {"password1": "four plain other words", "password2": "four plain other words"},
    )
    return models.Person.objects.get(email="dana@example.com").check_password("four plain other words")


def test_somebody_is_invited_by_a_mail_whose_link_works_once(world, settings_of_mail):
    client = browser(world, "ana")
    said = words(client.post("/catalog/people/new", DANA, follow=True))
    assert "Dana Scott is in. An invitation to dana@example.com is queued." in said
    mail = models.Delivery.objects.get(address="dana@example.com")
    assert "Ana Ruiz has made an account for you" in mail.body["text"]
    link = LINK.search(mail.body["text"])[0]
    assert _choose_password(browser(world, None), link)
    assert (
        browser(world, None).get("/" + link.split("/", 3)[3]).status_code == 200
    )  # says that the link was used
    dana = models.Person.objects.get(email="dana@example.com")
    again = words(client.post(f"/catalog/people/{dana.id}/invitation", follow=True))
    assert "has a password already" in again


def test_without_mail_the_link_of_an_invitation_is_shown_once(world):
    client = browser(world, "ana")
    answer = client.post("/catalog/people/new", DANA, follow=True)
    link = LINK.search(answer.content.decode())[0]
    dana = models.Person.objects.get(email="dana@example.com")
    assert not models.Delivery.objects.filter(address="dana@example.com").exists()
    assert link not in client.get(f"/catalog/people/{dana.id}").content.decode()
    assert _choose_password(browser(world, None), link)


def test_switching_somebody_off_keeps_them_on_record(world):
    client, ben = browser(world, "ana"), world.find("ben")
    said = words(client.post(f"/catalog/people/{ben.id}/active", {"active": "0"}, follow=True))
    assert "can no longer sign in and is not paged" in said
    assert "Ben Okonkwo" not in words(client.get("/catalog/people"))
    assert "Ben Okonkwo" in words(client.get("/catalog/people?show=off"))


def test_the_last_administrator_stays(world):
    models.Person.objects.filter(role="administrator").exclude(handle="ana").delete()
    ana = world.find("ana")
    said = words(browser(world, "ana").post(f"/catalog/people/{ana.id}/active", {"active": "0"}, follow=True))
    assert "is the only administrator" in said


@pytest.mark.parametrize(("handle", "sees"), [("ana", True), ("ben", True), ("cleo", False), ("olga", False)])
def test_addresses_of_contacts_are_for_their_owner_and_administrators(world, handle, sees):
    ben = world.find("ben")
    page = browser(world, handle).get(f"/catalog/people/{ben.id}").content.decode()
    assert ("ben-webhook" in page) is sees
    assert "Webhook" in page


def test_a_role_in_a_restricted_incident_is_not_shown_to_outsiders(world):
    hidden = incident(world, "ben", restricted=True)
    path = f"/catalog/people/{world.find('ben').id}"
    assert hidden in words(browser(world, "ben").get(path))
    assert hidden not in words(browser(world, "cleo").get(path))


def test_my_contacts_and_rules_are_mine_to_change(world):
    client, cleo = browser(world, "cleo"), world.find("cleo")
    client.post(
        f"/people/{cleo.id}/contacts",
        {"kind": "webhook", "address": "https://hooks.example/cleo", "label": "Phone"},
    )
    added = models.ContactMethod.objects.get(person=cleo, kind="webhook")
    mail = models.ContactMethod.objects.get(person=cleo, kind="email")
    client.post(
        f"/people/{cleo.id}/rules",
        {f"high.{added.id}": ["0", "300"], f"high.{mail.id}": ["60", ""], f"low.{mail.id}": ["0", ""]},
    )
    rules = models.NotificationRule.objects.filter(person=cleo).order_by("urgency", "delay_seconds")
    assert [(r.urgency, r.contact.kind, r.delay_seconds) for r in rules] == [
        ("high", "webhook", 0), ("high", "email", 60), ("high", "webhook", 300), ("low", "email", 0),
    ]  # fmt: skip
    said = words(client.get(f"/catalog/people/{cleo.id}"))
    assert "Webhook (Phone) at once, E-mail after 1 min, Webhook (Phone) after 5 min" in said


def test_nobody_changes_somebody_elses_contacts(world):
    ben = world.find("ben")
    answer = browser(world, "cleo").post(
        f"/people/{ben.id}/contacts", {"kind": "webhook", "address": "https://x.example"}, follow=True
    )
    assert "Your account may not do this" in words(answer)
    assert not models.ContactMethod.objects.filter(address="https://x.example").exists()


def test_a_profile_is_saved_and_its_zone_used(world):
    form = {
        "name": "Cleo Marsh",
        "title": "Engineer",
        "phone": "+1",
        "timezone": "Asia/Tokyo",
        "skills": "python, ferries",
    }
    said = words(browser(world, "cleo").post("/settings/me", form, follow=True))
    assert "Saved." in said
    assert "JST" in said
    assert world.find("cleo").skills == ["python", "ferries"]


def test_a_test_page_is_a_real_page_to_oneself(world):
    said = words(browser(world, "cleo").post("/settings/me/test-page", follow=True))
    world.pass_time(seconds=30)
    assert "Test page" in said
    assert world.pages("cleo") == ["Test page"]


def test_a_key_of_an_integration_is_shown_once_with_the_lines_to_copy(world):
    client = browser(world, "ana")
    sent = client.post("/catalog/integrations/new", {"name": "Prometheus", "kind": "alertmanager"})
    assert sent.status_code == 302
    answer = client.get(sent.headers["Location"])
    key = re.search(r"qd_in_[a-z2-7]{32}_[0-9a-f]{6}", answer.content.decode())[0]
    row = models.Integration.objects.get(name="Prometheus")
    assert row.key_hash == keys.digest(key)
    assert f"/in/alertmanager/{key}" in answer.content.decode()
    assert answer.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    again = client.get(f"/catalog/integrations/{row.id}").content.decode()
    assert key not in again
    assert "/in/alertmanager/YOUR_KEY" in again


def test_a_service_of_a_taken_name_is_refused_and_one_that_nothing_needs_is_deleted(world):
    client = browser(world, "ana")
    client.post("/catalog/services/new", {"name": "Till", "tier": 3})
    assert "There is a service till already" in words(
        client.post("/catalog/services/new", {"name": "Till", "tier": 3})
    )
    client.post("/catalog/services/till/delete")
    assert not models.Service.objects.filter(key="till").exists()


def test_a_service_that_something_needs_is_not_deleted(world):
    row, _ = keys.create_integration(world.act("ana"), "Grafana", "webhook", service=world.service("till"))
    client = browser(world, "ana")
    said = words(client.post("/catalog/services/till/delete", follow=True))
    assert "the integration Grafana sends its alerts to it" in said
    keys.revoke_integration(world.act("ana"), row.id)
    client.post("/catalog/services/till/delete")
    assert not models.Service.objects.filter(key="till").exists()


def test_a_mapping_that_is_not_one_comes_back_with_the_reason(world):
    form = {"name": "Tidewatch", "kind": "webhook", "mapping": '{"headline": "$.x"}'}
    answer = browser(world, "ana").post("/catalog/integrations/new", form)
    assert answer.status_code == 422
    assert "headline" in words(answer)


def test_only_who_may_make_keys_connects_and_revokes(world):
    client = browser(world, "ben")
    assert "/catalog/integrations/new" not in client.get("/catalog/integrations").content.decode()
    assert client.get("/catalog/integrations/new").status_code == 403
    assert client.post(f"/catalog/integrations/{world.source.id}/revoke").status_code == 403
    browser(world, "ana").post(f"/catalog/integrations/{world.source.id}/revoke")
    world.source.refresh_from_db()
    assert world.source.revoked_at is not None


def test_what_was_not_understood_is_shown_with_its_reason(world):
    world.journal("webhook", b'{"alerts": 7}', world.source)
    models.Unparsed.objects.create(
        inbound_id=1, integration=world.source.id, dialect="webhook", reason="No title", at=world.now
    )
    client = browser(world, "ben")
    assert "1 not understood since yesterday" in words(client.get("/catalog/integrations"))
    assert "No title" in words(client.get(f"/catalog/integrations/{world.source.id}"))


def test_an_audience_gains_and_loses_an_address(world):
    client = browser(world, "ben")
    page = client.get("/catalog/audiences").content.decode()
    audience = re.search(r'<option value="([a-z_]+)"', page)[1]
    said = words(
        client.post(
            "/catalog/audiences/contacts", {"audience": audience, "email": "ops@shop.example"}, follow=True
        )
    )
    assert "ops@shop.example hears its messages" in said
    row = models.AudienceContact.objects.get()
    said = words(client.post(f"/catalog/audiences/contacts/{row.id}/removal", follow=True))
    assert "Taken out." in said
    assert browser(world, "olga").get("/catalog/audiences").status_code == 403
