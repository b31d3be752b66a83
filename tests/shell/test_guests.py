"""Guests of other organisations: one incident, by a link that works once."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from quarterdeck.app import casebook
from quarterdeck.app.incidents import guests
from quarterdeck.app.visibility import visible_incidents
from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from support.rest import Organisation


@pytest.fixture
def org(db: None) -> Organisation:
    o = Organisation()
    for handle in ("ana", "ben", "cleo", "dora"):
        o.call(handle)
    return o


def _rolls(org: Organisation, incident: str) -> dict:
    return org.call("ana").get(f"/incidents/{incident}/roll-calls").json["items"][-1]


def invited(org: Organisation, incident: str) -> str:
    got = org.call("ana").post(
        f"/incidents/{incident}/guests", {"name": "Gus Grid", "organisation": "City works"}
    )
    assert got.status == 201, got.json
    return got.json["link"].removeprefix("http://127.0.0.1:8000")


def test_a_guest_sees_the_one_incident_by_a_link_that_works_once_and_is_gone_when_it_ends(
    org: Organisation,
) -> None:
    incident, other = org.declare("ana"), org.declare("cleo", title="Secret other thing")
    link = invited(org, incident)
    guest = Client(SERVER_NAME="127.0.0.1", HTTP_ACCEPT="text/html")
    assert "Gus Grid" in guest.get(link).content.decode()
    assert guest.get(f"/incidents/{incident}").status_code == 302  # a look uses nothing up and opens nothing
    assert guest.post(link, {"doing": "network"}).url == f"/incidents/{incident}"
    assert Client(SERVER_NAME="127.0.0.1").post(link).status_code == 410
    page = guest.get(f"/incidents/{incident}").content.decode()
    assert "Checkout is down" in page
    assert "Secret other thing" not in page
    for path in (
        "/",
        "/incidents",
        "/incidents/board",
        f"/incidents/{other}",
        "/alerts",
        "/settings",
        "/search?q=x",
    ):
        assert guest.get(path).url == f"/incidents/{incident}", path
    for path in (f"/api/v1/incidents/{other}", "/api/v1/incidents", f"/api/v1/incidents/{incident}"):
        assert guest.get(path, HTTP_ACCEPT="application/json").status_code == 403, path
    person = models.Person.objects.get(role="guest")
    who = Who(person.id, frozenset({"guest"}))
    assert list(visible_incidents(who).values_list("id", flat=True)) == [incident]
    with pytest.raises(Refused):
        casebook.load(other, who)
    assert (
        guest.post(f"/incidents/{incident}/entries", {"kind": "note", "text": "Grid is up"}).status_code
        == 302
    )
    assert models.TimelineRow.objects.filter(
        incident_id=incident, actor=person.id, text="Grid is up"
    ).exists()
    assert guest.post(f"/incidents/{incident}/roles/scribe", {"person": "me"}).status_code == 403
    org.call("ana").put(f"/incidents/{incident}/merge", {"into": other, "reason": "Same"})
    assert guest.get(f"/incidents/{incident}").status_code in (302, 403)
    assert not models.Person.objects.get(id=person.id).is_active
    assert guests.incident_of(person.id) == ""


def test_a_guest_hears_nothing_by_message_and_causes_no_alarm(org: Organisation) -> None:
    incident = org.declare("ana")
    guest = Client(SERVER_NAME="127.0.0.1", HTTP_ACCEPT="text/html")
    guest.post(invited(org, incident), {"doing": "grid"})
    org.call("ana").post(f"/incidents/{incident}/roll-calls")
    org.call("ana").post(f"/incidents/{incident}/entries", {"kind": "broadcast", "text": "Bridge"})
    person = models.Person.objects.get(role="guest")
    assert not models.Callout.objects.filter(person_id=person.id).exists()
    assert not models.Alarm.objects.filter(kind="unreachable").exists()
    roll = _rolls(org, incident)
    assert [p["name"] for p in roll["silent"]] == ["Gus Grid"]
    assert guest.post(f"/incidents/{incident}/roll-calls/{roll['id']}/answer").status_code == 302
    assert _rolls(org, incident)["silent"] == []


def test_a_used_wrong_or_old_link_opens_nothing(org: Organisation) -> None:
    incident = org.declare("ana")
    link = invited(org, incident)
    nobody = Client(SERVER_NAME="127.0.0.1", HTTP_ACCEPT="text/html")
    assert nobody.post(re.sub(r".{5}/$", "xxxxx/", link)).status_code == 404
    models.GuestPass.objects.update(expires_at=org.now - timedelta(hours=1))
    late = nobody.post(link)
    assert late.status_code == 410
    assert "Checkout" not in late.content.decode()
    assert not models.Person.objects.get(role="guest").is_active
