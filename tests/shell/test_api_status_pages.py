"""Status pages and their components over REST; each change is audited."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quarterdeck.store import models
from support.rest import Organisation


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


def test_a_status_page_has_components_whose_state_is_set_with_a_reason(org: Organisation) -> None:
    ana = org.call("ana")
    org.service("db")
    page = ana.post("/status-pages", {"key": "main", "title": "Corvane status", "timezone": "Europe/Berlin"})
    assert (page.status, page.json["public"]) == (201, True)
    made = ana.post(
        "/status-pages/main/components", {"name": "Checkout", "group": "Shop", "services": ["db"]}
    )
    assert (made.json["state"], made.json["services"], made.json["page"]) == ("operational", ["db"], "main")
    where = f"/components/{made.json['id']}"
    assert (
        ana.put(f"{where}/state", {"state": "partial_outage", "reason": "Errors"}).json["state"]
        == "partial_outage"
    )
    assert audited("ComponentStateSet")["before"] == "operational"
    states = models.ComponentState.objects.filter(component_id=made.json["id"]).order_by("id")
    assert [s.state for s in states] == ["operational", "partial_outage"]
    assert ana.get("/status-pages/main").json["revision"] > page.json["revision"]
    assert ana.patch(where, {"name": "Pay", "services": []}).json["services"] == []
    assert ana.put(f"{where}/state", {"state": "on fire"}).status == 422
    assert ana.put(f"{where}/state", {"state": "operational", "incident": "INC-77"}).status == 404
    assert [c["name"] for c in ana.get("/components?page=main").json["items"]] == ["Pay"]
    assert ana.patch("/status-pages/main", {"title": "Corvane"}).json["title"] == "Corvane"
    assert (
        ana.post("/status-pages/main/components", {"name": "x", "services": ["none"]}).code
        == "service.unknown"
    )
    assert org.call("eva", "executive").get("/components").status == 200
    assert org.call("eva").put(f"{where}/state", {"state": "operational"}).status == 403


def test_a_component_says_what_its_alerts_may_do(org: Organisation) -> None:
    ana = org.call("ana")
    ana.post("/status-pages", {"key": "main", "title": "Corvane status"})
    made = ana.post("/status-pages/main/components", {"name": "Checkout"}).json
    assert (made["rule"], made["hold_down_seconds"]) == ("propose", 600)
    own = {"name": "Login", "rule": "off", "hold_down_seconds": 0}
    assert ana.post("/status-pages/main/components", own).json.items() >= own.items()
    where = f"/components/{made['id']}"
    changed = ana.patch(where, {"rule": "publish", "hold_down_seconds": 3600})
    assert (changed.json["rule"], changed.json["hold_down_seconds"]) == ("publish", 3600)
    assert audited("ComponentChanged")["after"] == {"rule": "publish", "hold_down_seconds": 3600}
    assert ana.patch(where, {"name": "Pay"}).json["rule"] == "publish"
    for wrong in (
        {"rule": "shout"},
        {"hold_down_seconds": 3601},
        {"hold_down_seconds": -1},
        {"hold_down_seconds": "60"},
    ):
        assert ana.patch(where, wrong).status in (400, 422)
    assert org.call("eva", "executive").patch(where, {"rule": "off"}).status == 403
