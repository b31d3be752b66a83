"""Services, teams, people, integrations, keys, types and status pages over REST; each change is audited."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quarterdeck.app.incidents import incidents
from quarterdeck.core.incidents import Declaration, gaps
from quarterdeck.store import models
from support.rest import Caller, Organisation


@pytest.fixture
def org(db: None) -> Organisation:
    o = Organisation()
    o.call("root", "administrator")
    o.call("ana")
    o.call("ben")
    return o


def audited(kind: str) -> dict[str, Any]:
    """The newest audit event of a kind."""
    return json.loads(models.Event.objects.filter(stream="installation", kind=kind).latest("id").data)


def test_a_service_is_made_changed_and_found(org: Organisation) -> None:
    root = org.call("root")
    org.policy("default", ("ana", 5))
    root.post("/teams", {"key": "pay", "name": "Payments"})
    said = {
        "key": "checkout",
        "name": "Checkout",
        "team": "pay",
        "policy": "default",
        "tier": 1,
        "runbook_url": "https://r.example/a b",
    }
    made = root.post("/services", said)
    assert (made.status, made.json["team"], made.json["runbook_url"]) == (
        201,
        "pay",
        "https://r.example/a%20b",
    )
    changed = root.patch("/services/checkout", {"tier": 2, "team": ""}).json
    assert (changed["tier"], changed["team"], changed["policy"]) == (2, None, "default")
    assert audited("ServiceChanged") == {
        "service": made.json["id"],
        "before": {"tier": 1, "team": "pay"},
        "after": {"tier": 2, "team": ""},
    }
    assert [s["key"] for s in org.call("ana").get("/services").json["items"]] == ["checkout"]
    assert root.get(f"/services/{made.json['id']}").json["key"] == "checkout"
    assert root.post("/services", said).code == "service.exists"
    for wrong in (
        {"key": "A B"},
        {"key": "x", "team": "none"},
        {"key": "x", "policy": "none"},
        {"key": "x", "runbook_url": "ftp://x"},
        {"key": "x", "tier": 9},
    ):
        assert root.post("/services", said | wrong).status == 422, wrong
    assert org.call("ole", "observer").patch("/services/checkout", {"tier": 3}).status == 403


def test_an_unchanged_service_leaves_no_audit_event(org: Organisation) -> None:
    root = org.call("root")
    root.post("/services", {"key": "checkout", "name": "Checkout"})
    before = models.Event.objects.count()
    assert root.patch("/services/checkout", {"name": "Checkout", "tier": 3}).status == 200
    assert models.Event.objects.count() == before


def test_a_team_has_members_and_a_lead(org: Organisation) -> None:
    root = org.call("root")
    assert root.post("/teams", {"key": "pay", "name": "Payments"}).status == 201
    assert root.put(f"/teams/pay/members/{org.id('ana')}", {"lead": True}).status == 204
    assert root.put(f"/teams/pay/members/{org.id('ben')}").status == 204
    members = org.call("ana").get("/teams/pay").json["members"]
    assert [(m["person"]["name"], m["lead"]) for m in members] == [("Ana", True), ("Ben", False)]
    assert root.delete(f"/teams/pay/members/{org.id('ben')}").status == 204
    assert root.delete(f"/teams/pay/members/{org.id('ben')}").status == 204
    assert root.patch("/teams/pay", {"name": "Money"}).json["name"] == "Money"
    assert audited("TeamChanged")["before"]["name"] == "Payments"
    assert root.put("/teams/pay/members/nobody").code == "person.unknown"
    assert org.call("ana").post("/teams", {"key": "x", "name": "x"}).status == 403


def test_a_person_is_invited_changed_switched_off_and_on(org: Organisation) -> None:
    root = org.call("root")
    made = root.post("/people", {"email": "Nia@Example.com", "name": "Nia", "role": "observer"})
    assert (made.status, made.json["email"], made.json["role"], made.json["is_active"]) == (
        201,
        "nia@example.com",
        "observer",
        True,
    )
    where = f"/people/{made.json['id']}"
    changed = root.patch(
        where, {"role": "responder", "skills": ["dba", "dba"], "timezone": "Europe/Paris"}
    ).json
    assert (changed["role"], changed["skills"], changed["timezone"]) == ("responder", ["dba"], "Europe/Paris")
    assert audited("PersonChanged")["before"]["role"] == "observer"
    assert root.put(f"{where}/deactivation").json["is_active"] is False
    assert root.delete(f"{where}/deactivation").json["is_active"] is True
    assert root.patch(where, {"timezone": "Europe/Pariss"}).status == 422
    assert root.post("/people", {"email": "nia@example.com", "name": "Again"}).code == "person.exists"
    assert root.patch(f"/people/{org.id('root')}", {"role": "observer"}).code == "person.last_administrator"
    assert [p["name"] for p in org.call("ana").get("/people?q=ni").json["items"]] == ["Nia"]
    assert org.call("ana").patch(where, {"name": "Mallory"}).status == 403
    assert org.call("ana").patch(f"/people/{org.id('ana')}", {"phone": "+49 1"}).json["phone"] == "+49 1"


def test_people_keep_their_own_contacts_and_rules(org: Organisation) -> None:
    ana, mine = org.call("ana"), f"/people/{org.id('ana')}"
    made = ana.post(f"{mine}/contacts", {"kind": "ntfy", "address": "ana-topic-x7", "label": "Phone"})
    assert (made.status, made.json["verified_at"], made.json["position"]) == (201, None, 1)
    assert ana.post(f"{mine}/contacts", {"kind": "ntfy", "address": "ana-topic-x7"}).code == "contact.exists"
    assert ana.post(f"{mine}/contacts", {"kind": "email", "address": "not an address"}).status == 422
    assert ana.post(f"{mine}/contacts", {"kind": "pigeon", "address": "x"}).code == "contact.kind"
    rules = [{"contact": made.json["id"], "urgency": "high", "delay_seconds": 60}]
    assert ana.put(f"{mine}/rules", {"rules": rules}).json["items"] == rules
    assert ana.put(f"{mine}/rules", {"rules": [{"contact": "none"}]}).code == "contact.unknown"
    assert ana.delete(f"{mine}/contacts/{made.json['id']}").status == 204
    assert ana.get(f"{mine}/rules").json["items"] == []
    for method, path, body in (
        ("GET", "contacts", None),
        ("POST", "contacts", {"kind": "ntfy", "address": "x"}),
        ("GET", "rules", None),
        ("PUT", "rules", {"rules": []}),
        ("DELETE", "contacts/x", None),
    ):
        assert org.call("ben")(method, f"{mine}/{path}", body).code == "access.person.edit"
    assert org.call("root").get(f"{mine}/contacts").json["items"][0]["kind"] == "email"


def test_the_key_of_an_integration_is_shown_once(org: Organisation) -> None:
    root = org.call("root")
    root.post("/services", {"key": "db", "name": "DB"})
    made = root.post("/integrations", {"name": "Prometheus", "kind": "any", "service": "db"})
    assert (made.status, made.json["key"].startswith("qd_in_"), made.json["service"]) == (201, True, "db")
    assert "key" not in root.get(f"/integrations/{made.json['id']}").json
    assert made.json["key"] not in json.dumps(root.get("/integrations").json)
    assert root.delete(f"/integrations/{made.json['id']}").status == 204
    assert root.get("/integrations?revoked=false").json["items"] == []
    assert root.post("/integrations", {"name": "x", "kind": "smoke-signals"}).code == "integration.kind"
    assert org.call("ana").post("/integrations", {"name": "x"}).status == 403


def test_people_make_list_and_revoke_their_own_keys_only(org: Organisation) -> None:
    ana = org.call("ana")
    browser = signed_in(org, "ana")
    made = browser.post("/keys", {"name": "laptop", "days": 30})
    assert made.status == 201
    assert Caller(Authorization=f"Bearer {made.json['key']}").get("/me").json["handle"] == "ana"
    assert made.json["id"] in [k["id"] for k in ana.get("/keys").json["items"]]
    assert "laptop" not in [k["name"] for k in org.call("ben").get("/keys").json["items"]]
    assert org.call("ben").delete(f"/keys/{made.json['id']}").status == 403
    assert ana.delete(f"/keys/{made.json['id']}").status == 204
    assert Caller(Authorization=f"Bearer {made.json['key']}").get("/me").status == 401
    assert browser.post("/keys", {"name": "x", "days": 367}).status == 422


def test_a_key_makes_no_further_key(org: Organisation) -> None:
    got = org.call("ana").post("/keys", {"name": "another"})
    assert (got.status, got.code) == (403, "key.by_key")
    assert org.call("root").post("/keys", {"name": "another"}).code == "key.by_key"


def signed_in(org: Organisation, handle: str) -> Caller:
    """The same person with a browser's session instead of a key."""
    browser = Caller()
    browser.client.force_login(
        org.find(handle), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    return browser


def test_a_new_incident_type_can_be_declared_at_once(org: Organisation) -> None:
    root = org.call("root")
    catalogue = org.call("ana").get("/catalogue").json
    assert {"software", "general"} <= {t["key"] for t in catalogue["templates"]}
    said = {"key": "harbour", "title": "Harbour trouble", "template": "general"}
    assert root.post("/incident-types", said).json["title"] == "Harbour trouble"
    assert "harbour" in [t["key"] for t in org.call("ana").get("/incident-types").json["items"]]
    assert org.declare("ana", type="harbour") == "INC-1"
    assert root.post("/incident-types", said).code == "type.exists"
    assert (
        root.post("/incident-types", said | {"key": "other", "template": "none"}).code
        == "type.template_unknown"
    )
    assert org.call("ana").post("/incident-types", said | {"key": "mine"}).status == 403


@pytest.mark.requirement("R-001")
def test_a_type_made_at_run_time_requires_its_roles_in_its_incidents(org: Organisation) -> None:
    root = org.call("root", "administrator")
    said = {"key": "power_cut", "title": "Power cut", "template": "general", "roles": ["scribe"]}
    assert root.post("/incident-types", said).json["roles"] == ["scribe"]
    assert audited("IncidentTypeAdded")["roles"] == ["scribe"]
    assert root.post("/incident-types", said | {"key": "x1", "roles": ["pilot"]}).code == "type.roles"
    act = org.act("root")
    short = {}
    for kind in ("power_cut", "human_error"):
        case = incidents.declare(
            act, Declaration("Dark", kind, 4, template="general", both_reason="The same people are needed.")
        )
        short[kind] = {r.key for r in gaps(case.incident, case.template, act.at)}
    assert short["power_cut"] - short["human_error"] == {"scribe"}


def test_an_audience_has_contacts_that_come_and_go(org: Organisation) -> None:
    ana = org.call("ana")
    keys = [a["key"] for a in ana.get("/audiences").json["items"]]
    assert "customers_all" in keys
    made = ana.post(
        "/audience-contacts", {"audience": "customers_all", "email": "Shop@Example.com", "name": "Shop"}
    )
    assert (made.status, made.json["email"]) == (201, "shop@example.com")
    where = f"/audience-contacts/{made.json['id']}"
    assert (
        ana.post("/audience-contacts", {"audience": "customers_all", "email": "shop@example.com"}).code
        == "contact.exists"
    )
    assert (
        ana.post("/audience-contacts", {"audience": "martians", "email": "a@example.com"}).code
        == "audience.unknown"
    )
    assert ana.post("/audience-contacts", {"audience": "staff", "email": "nobody"}).status == 422
    assert ana.patch(where, {"name": "Shop floor"}).json["name"] == "Shop floor"
    assert ana.delete(where).status == 204
    assert ana.delete(where).status == 204
    assert ana.get(where).status == 404
    assert ana.get("/audience-contacts?audience=customers_all").json["items"] == []
    assert (
        ana.post("/audience-contacts", {"audience": "customers_all", "email": "shop@example.com"}).json["id"]
        == made.json["id"]
    )


def test_health_says_whether_an_alert_would_be_paged(org: Organisation) -> None:
    from quarterdeck.app.health import alarms, nodes
    from quarterdeck.store import tx

    ana = org.call("ana")
    assert ana.get("/health").json["status"] == "degraded"
    with tx.write():
        nodes.beat("engine@a", "engine", org.now)
    assert ana.get("/health").json["status"] == "ok"
    with tx.write():
        alarms.raise_alarm("exhausted", "x", "Nobody has answered.", org.now)
    told = ana.get("/health").json
    assert (told["status"], [a["text"] for a in told["alarms"]]) == ("degraded", ["Nobody has answered."])
    hidden = org.call("eva", "executive").get("/health").json
    assert (hidden["open_alarms"], hidden["alarms"]) == (1, [])
