"""What nobody may set or see: fields a request may not name, roles of one's own, incidents of others."""

from __future__ import annotations

import pytest

from support.rest import Organisation


@pytest.fixture
def org(db: None) -> Organisation:
    o = Organisation()
    o.call("ana")
    o.call("ben")
    o.service("db")
    return o


def test_nobody_sets_what_is_not_theirs_to_set(org: Organisation) -> None:
    ana, root = org.call("ana"), org.call("root", "administrator")
    incident = org.declare()
    alert = org.alert("disk")
    (task,) = [
        ana.post(
            f"/incidents/{incident}/tasks", {"title": "t", "assignee": org.id("ana"), "minutes": 5}
        ).json["id"]
    ]
    tries = [
        (ana, "POST", "/incidents", {"title": "x", "number": 7}),
        (ana, "POST", "/incidents", {"title": "x", "declared_by": "y"}),
        (ana, "POST", "/incidents", {"title": "x", "source": "web"}),
        (ana, "PUT", f"/incidents/{incident}/title", {"title": "x", "is_open": False}),
        (ana, "PUT", f"/incidents/{incident}/facts", {"cause": "x", "severity": 5}),
        (ana, "PATCH", f"/people/{org.id('ana')}", {"is_active": True}),
        (ana, "PATCH", f"/people/{org.id('ana')}", {"password": "x"}),
        (ana, "PATCH", f"/people/{org.id('ana')}", {"email": "x@example.com"}),
        (ana, "POST", "/keys", {"name": "x", "person": "y"}),
        (ana, "POST", "/keys", {"name": "x", "scopes": []}),
        (ana, "PUT", f"/alerts/{alert.id}/resolution", {"resolved_by": "x"}),
        (ana, "PUT", f"/incidents/{incident}/tasks/{task}/result", {"state": "x"}),
        (root, "POST", "/integrations", {"name": "x", "key_hash": "x"}),
        (root, "POST", "/services", {"key": "x", "name": "x", "id": "1"}),
        (root, "POST", "/people", {"email": "a@example.com", "name": "x", "password": "y"}),
        (root, "POST", "/teams", {"key": "x", "name": "x", "members": []}),
        (ana, "POST", "/status-pages", {"key": "x", "title": "x", "revision": 9}),
        (ana, "POST", "/callouts", {"reason": "x", "state": "y"}),
    ]
    for who, method, path, body in tries:
        got = who(method, path, body)
        assert (got.status, got.code) == (400, "request.unfit"), (path, body, got.json)
        assert "There is no such field here." in got.json["error"]["fields"].values()


def test_a_responder_does_not_raise_their_own_role(org: Organisation) -> None:
    got = org.call("ana").patch(f"/people/{org.id('ana')}", {"role": "administrator"})
    assert (got.status, got.code) == (403, "access.person.edit")
    assert org.find("ana").role == "responder"


def test_a_restricted_incident_does_not_exist_for_outsiders(org: Organisation) -> None:
    alert = org.alert("breach")
    incident = org.declare(type="security", alerts=[alert.id])
    ben, cleo = org.call("ben"), org.call("cleo", "observer")
    for who in (ben, cleo):
        assert who.get("/incidents").json["items"] == []
        assert who.get(f"/alerts/{alert.id}").json["incident"] is None
        for part in (
            "",
            "/command",
            "/timeline",
            "/tasks",
            "/messages",
            "/review",
            "/action-items",
            "/alerts",
            "/roles",
        ):
            got = who.get(f"/incidents/{incident}{part}")
            assert (got.status, got.code) == (404, "incident.unknown"), part
    assert ben.put(f"/incidents/{incident}/roles/scribe/holder").status == 404
    assert ben.post(f"/incidents/{incident}/entries", {"text": "x"}).status == 404
    assert ben.put(f"/incidents/{incident}/alerts/{alert.id}").status == 404
    assert (
        ben.post("/callouts", {"people": [org.id("ben")], "reason": "x", "incident": incident}).status == 404
    )
    assert ben.post("/commander-callouts", {"incident": incident}).status == 404
    assert org.call("eva", "executive").get(f"/incidents/{incident}").status == 403


@pytest.mark.parametrize("way", ["role", "task", "callout"])
def test_members_of_a_restricted_incident_see_it_in_lists_and_alone(org: Organisation, way: str) -> None:
    org.policy("role-legal_officer", ("ben", 5))
    incident = org.declare(type="security" if way == "callout" else "availability", restricted=True)
    ana, ben = org.call("ana"), org.call("ben")
    if way == "role":
        ana.put(f"/incidents/{incident}/roles/scribe/holder", {"person": org.id("ben")})
    elif way == "task":
        ana.post(f"/incidents/{incident}/tasks", {"title": "t", "assignee": org.id("ben"), "minutes": 5})
    org.settle()
    assert [i["id"] for i in ben.get("/incidents").json["items"]] == [incident]
    assert ben.get(f"/incidents/{incident}").status == 200
    assert org.call("cleo").get("/incidents").json["items"] == []


def test_an_alarm_about_a_restricted_incident_is_shown_to_its_members_only(org: Organisation) -> None:
    org.person("lone", contacts=())
    org.policy("role-legal_officer", ("lone", 5))
    org.declare("ana", title="Somebody took the ledger", type="security")
    org.settle()
    told = {h: org.call(h).get("/health").json for h in ("ana", "ben")}
    assert {a["kind"] for a in told["ana"]["alarms"]} == {"exhausted", "unreachable"}
    assert told["ben"]["alarms"] == []
    assert told["ben"]["open_alarms"] == told["ana"]["open_alarms"] > 0


def test_lists_show_exactly_the_incidents_that_can_be_opened(org: Organisation) -> None:
    """The query says what the core says of each incident alone."""
    org.call("cleo")
    org.policy("role-legal_officer", ("cleo", 5))
    callers = [org.call("ana"), org.call("ben"), org.call("cleo"), org.call("ole", "observer")]
    for type_ in ("security", "availability"):
        for restricted in (True, False):
            incident = org.declare("ana", type=type_, restricted=restricted)
            if type_ == "availability":
                org.call("ana").put(f"/incidents/{incident}/roles/scribe/holder", {"person": org.id("ben")})
    org.settle()
    everything = [i["id"] for i in org.call("ana").get("/incidents").json["items"]]
    assert len(everything) == 4
    for caller in callers:
        listed = {i["id"] for i in caller.get("/incidents").json["items"]}
        assert listed == {i for i in everything if caller.get(f"/incidents/{i}").status == 200}
