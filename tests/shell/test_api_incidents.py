"""Incidents over REST: declaring, assessing, moving through the phases to a published review."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from quarterdeck.core.kernel.moments import text
from quarterdeck.store import models
from support.rest import Caller, Organisation


@pytest.fixture
def org(db: None) -> Organisation:
    o = Organisation()
    o.call("ana")
    o.call("ben")
    o.service("db")
    return o


def phase(caller: Caller, incident: str, name: str, **said: Any) -> Any:
    return caller.put(f"/incidents/{incident}/phase", {"phase": name, "reason": "so it is"} | said)


# -- declaring


def test_a_declaration_makes_record_commander_clocks_and_alert_link_at_once(org: Organisation) -> None:
    alert = org.alert("disk")
    said = {
        "title": "Checkout is down",
        "type": "availability",
        "severity": 1,
        "services": ["db"],
        "summary": "Since 14:00",
        "alerts": [alert.id],
        "chat_url": "https://chat.example/inc",
    }
    made = org.call("ana").post("/incidents", said)
    assert (made.status, made.headers["Location"]) == (201, "/api/v1/incidents/INC-1")
    assert made.json["commander"]["name"] == made.json["declared_by"]["name"] == "Ana"
    assert (made.json["severity"], made.json["severity_confirmed"], made.json["source"]) == (1, True, "api")
    where = made.json["links"]
    assert [a["alert"] for a in org.call("ben").get(where["alerts"]).json["items"]] == [alert.id]
    assert "customers_all" in [c["audience"] for c in org.call("ben").get(where["clocks"]).json["items"]]
    assert org.call("ben").get(f"/alerts/{alert.id}").json["incident"] == "INC-1"


@pytest.mark.requirement("R-013")
def test_a_declaration_repeated_with_the_same_key_happens_once(org: Organisation) -> None:
    org.policy("role-technical_lead", ("ben", 5))
    for _ in range(3):
        made = org.call("ana").post(
            "/incidents", {"title": "x", "severity": 2, "type": "availability"}, Idempotency_Key="b7e1"
        )
        assert (made.status, made.json["id"]) == (201, "INC-1")
    org.settle()
    assert models.IncidentRow.objects.count() == 1
    assert models.Run.objects.filter(role="technical_lead").count() == 1
    assert len(org.pages("ben")) == 1
    assert org.call("ben").post("/incidents", {"title": "y"}, Idempotency_Key="b7e1").json["id"] == "INC-2"
    assert org.call("ana").post("/incidents", {"title": "y"}, Idempotency_Key="a b").status == 422


# -- assessing


def test_title_severity_type_impact_facts_and_links_are_set_by_the_commander(org: Organisation) -> None:
    incident, ana = org.declare(severity=3), org.call("ana")
    where = f"/incidents/{incident}"
    assert ana.put(f"{where}/title", {"title": "Payments fail"}).json["title"] == "Payments fail"
    assert ana.put(f"{where}/severity", {"severity": 1}).json["severity"] == 1
    assert ana.put(f"{where}/severity", {"severity": 4}).json["error"]["fields"].keys() == {"reason"}
    assert ana.put(f"{where}/type", {"type": "third_party"}).json["type"] == "third_party"
    assert ana.put(
        f"{where}/impact", {"dimensions": {"customers": "high"}, "customers_affected": "37 of 212"}
    ).json["dimensions"] == {"customers": "high"}
    facts = ana.put(f"{where}/facts", {"what_we_know": "Pool is empty", "cause": "4.18.0"}).json
    assert (facts["what_we_know"], facts["cause"], facts["workaround"]) == ("Pool is empty", "4.18.0", "")
    assert ana.put(f"{where}/facts", {"cause": None, "workaround": "w"}).json["cause"] == "4.18.0"
    assert (
        ana.put(f"{where}/links", {"bridge_url": "https://call.example/1"}).json["bridge_url"]
        == "https://call.example/1"
    )
    refused = org.call("ben").put(f"{where}/severity", {"severity": 1, "reason": "x"})
    assert (refused.status, refused.code) == (403, "grant.severity.set")
    assert ana.put(f"{where}/impact", {"dimensions": {"weather": "high"}}).status == 422


@pytest.mark.requirement("R-013")
def test_the_matrix_suggests_a_severity_with_its_reason(org: Organisation) -> None:
    ana = org.call("ana")
    got = ana.get("/severity-suggestion?impact=low&urgency=high&scope=widespread").json
    assert (got["severity"], got["reason"].startswith("Impact low counts as high")) == (2, True)
    assert ana.get("/severity-suggestion?impact=huge&urgency=high").code == "impact.unknown"


# -- the course


@pytest.mark.requirement("R-020")
def test_monitoring_is_refused_while_severity_or_type_is_empty_and_the_strip_lists_the_gaps(
    org: Organisation,
) -> None:
    ana = org.call("ana")
    incident = ana.post("/incidents", {"title": "x"}).json["id"]
    told = ana.get(f"/incidents/{incident}").json
    assert {g["key"] for g in told["gaps"]} == {"severity_set", "type_set", "services_set"}
    assert phase(ana, incident, "investigating", override_reason="Type and severity follow").status == 200
    got = phase(ana, incident, "monitoring", override_reason="Never mind")
    assert (got.status, got.code) == (409, "phase.gate")
    assert {"severity_set", "type_set"} <= got.json["error"]["details"].keys()
    (stage,) = [s for s in ana.get(f"/incidents/{incident}").json["stages"] if s["phase"] == "monitoring"]
    assert (stage["state"], {"severity_set", "type_set"} <= {m["key"] for m in stage["missing"]}) == (
        "next",
        True,
    )
    ana.put(f"/incidents/{incident}/severity", {"severity": 2, "reason": "seen"})
    got = phase(ana, incident, "monitoring", override_reason="Never mind")
    assert "severity_set" not in got.json["error"]["details"]
    ana.put(f"/incidents/{incident}/type", {"type": "availability"})
    assert (
        phase(ana, incident, "monitoring", override_reason="Nothing to check").json["phase"] == "monitoring"
    )


def test_an_incident_is_resolved_reopened_and_dismissed_only_from_triage(org: Organisation) -> None:
    incident, ana = org.declare(severity=4), org.call("ana")
    where = f"/incidents/{incident}"
    phase(ana, incident, "investigating", override_reason="alone")
    done = ana.put(
        f"{where}/resolution", {"code": "fixed", "summary": "Restarted", "override_reason": "light path"}
    )
    assert (done.json["phase"], done.json["is_open"], done.json["resolution_code"]) == (
        "resolved",
        False,
        "fixed",
    )
    assert ana.delete(f"{where}/resolution").status == 422
    again = ana.delete(f"{where}/resolution?reason=It+is+back")
    assert (again.status, again.json["phase"]) == (200, "investigating")
    assert ana.put(f"{where}/dismissal", {"reason": "x"}).code == "phase.order"
    assert ana.put(f"{where}/resolution", {"code": "magic"}).json["error"]["fields"].keys() == {"code"}
    later = text(datetime.now(UTC) + timedelta(hours=1))
    assert (
        "resolved_at"
        in ana.put(f"{where}/resolution", {"code": "fixed", "resolved_at": later}).json["error"]["fields"]
    )
    other = org.declare(severity=4)
    assert ana.put(f"/incidents/{other}/dismissal", {"reason": "Nothing there"}).json["phase"] == "dismissed"


def close_with_review(org: Organisation, alert_ids: list[str]) -> str:
    """A SEV1 that was resolved, reviewed and closed."""
    ana = org.call("ana")
    incident = org.declare(severity=1, alerts=alert_ids)
    phase(ana, incident, "investigating", override_reason="now")
    done = ana.put(
        f"/incidents/{incident}/resolution", {"code": "rolled_back", "override_reason": "all is well"}
    )
    assert done.status == 200, done.json
    for section in ("what_happened", "how_we_responded", "improvements", "root_cause"):
        assert (
            ana.put(f"/incidents/{incident}/review/sections/{section}", {"text": f"About {section}"}).status
            == 200
        )
    due = {"title": "Guard the pool", "owner": org.id("ben"), "due_on": "2026-12-24"}
    assert ana.post(f"/incidents/{incident}/action-items", due).status == 201
    assert ana.put(f"/incidents/{incident}/review/submission").json["state"] == "in_review"
    assert ana.put(f"/incidents/{incident}/review/publication").code == "review.early"
    agreed = ana.put(f"/incidents/{incident}/review/publication", {"reason": "All were there"})
    assert agreed.json["state"] == "reviewed"
    assert ana.put(f"/incidents/{incident}/closure", {"reason": "Done"}).json["phase"] == "closed"
    return incident


@pytest.mark.requirement("R-004")
def test_from_a_closed_review_every_originating_alert_is_two_links_away(org: Organisation) -> None:
    alerts = {org.alert(k).id for k in ("disk", "pool", "latency")}
    incident = close_with_review(org, sorted(alerts))
    ben = org.call("ben")
    review = ben.get(f"/incidents/{incident}/review").json
    first_hop = ben.get(review["links"]["alerts"]).json["items"]
    second_hop = [ben.get(item["href"]).json for item in first_hop]
    assert {a["id"] for a in second_hop} == alerts
    assert all(a["incident"] == incident for a in second_hop)
    assert {"incident", "timeline", "tasks", "messages", "action_items"} <= review["links"].keys()
    assert all(ben.get(href).status == 200 for href in review["links"].values())


def test_a_review_is_written_by_those_it_concerns(org: Organisation) -> None:
    ana, eva = org.call("ana"), org.call("eva", "executive")
    incident = org.declare(severity=3)
    opened = ana.post(f"/incidents/{incident}/review", {"owner": org.id("ben"), "due_on": "2026-12-01"})
    assert (opened.status, opened.json["owner"]["name"]) == (201, "Ben")
    assert (
        ana.post(f"/incidents/{incident}/review", {"owner": "nobody", "due_on": "2026-12-01"}).status == 422
    )
    assert (
        ana.post(f"/incidents/{incident}/review", {"owner": org.id("ben"), "due_on": "2026-13-45"}).status
        == 422
    )
    assert eva.put(f"/incidents/{incident}/review/sections/strategic", {"text": "Invest"}).status == 200
    assert eva.put(f"/incidents/{incident}/review/sections/improvements", {"text": "x"}).status == 403
    assert ana.put(f"/incidents/{incident}/review/submission").code == "review.incomplete"
    assert ana.put(f"/incidents/{incident}/review/waiver", {"reason": "Too small"}).json["state"] == "waived"
    item = {"title": "x", "owner": org.id("ben"), "due_on": "2026-12-24"}
    made = ana.post(f"/incidents/{incident}/action-items", item).json
    assert (
        org.call("ben")
        .put(f"/incidents/{incident}/action-items/{made['id']}/completion")
        .json["done_by"]["name"]
        == "Ben"
    )
    assert ana.get(f"/incidents/{incident}/action-items?open=true").json["items"] == []


def test_alerts_are_put_into_an_incident_and_taken_out(org: Organisation) -> None:
    incident, ana, alert = org.declare(), org.call("ana"), org.alert("disk")
    where = f"/incidents/{incident}/alerts/{alert.id}"
    assert [a["dedup_key"] for a in ana.put(where).json["items"]] == ["disk"]
    other = org.declare()
    assert ana.put(f"/incidents/{other}/alerts/{alert.id}").code == "alert.linked"
    assert ana.delete(where).status == 422
    assert ana.delete(f"{where}?reason=Unrelated").json["items"] == []


def test_incidents_are_listed_newest_first_and_found_by_words(org: Organisation) -> None:
    first, second = org.declare(title="Disk full", severity=1), org.declare(title="Pool empty", severity=3)
    ben = org.call("ben")
    assert [i["id"] for i in ben.get("/incidents").json["items"]] == [second, first]
    assert [i["id"] for i in ben.get("/incidents?q=disk").json["items"]] == [first]
    assert [i["id"] for i in ben.get("/incidents?severity=3&open=true").json["items"]] == [second]
    assert ben.get("/incidents?open=false").json["items"] == []
    page = ben.get("/incidents?limit=1").json
    assert [i["id"] for i in ben.get(f"/incidents?limit=1&cursor={page['next']}").json["items"]] == [first]
