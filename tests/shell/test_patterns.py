"""What reviews say incidents share, and what keeps coming back; through REST and pages."""

from __future__ import annotations

import pytest

from quarterdeck.store import models
from support.attacks import CANARY, org, restricted, signed_in
from support.rest import Organisation

__all__ = ["org"]


def sorted_incident(org: Organisation, handle: str = "ana", **said: object) -> str:
    """An incident with a review that names its causes."""
    incident = org.declare(handle)
    sort(org, incident, handle, **said)
    return incident


def sort(org: Organisation, incident: str, handle: str = "ana", **said: object) -> None:
    body = {"owner": org.id(handle), "due_on": "2030-01-01", "reason": "To learn"}
    assert org.call(handle).post(f"/incidents/{incident}/review", body).status == 201
    answer = org.call(handle).put(f"/incidents/{incident}/review/causes", said)
    assert answer.status == 200, answer.json


def shared(org: Organisation, handle: str) -> dict[tuple[str, str], list[str]]:
    answer = org.call(handle).get("/patterns")
    assert answer.status == 200, answer.json
    return {(p["kind"], p["key"]): p["incidents"] for p in answer.json}


@pytest.mark.requirement("R-080")
def test_two_incidents_with_the_same_factor_appear_as_a_pattern(org: Organisation) -> None:
    first = sorted_incident(org, category="capacity", factors=["no_rollback", "alert_noise"])
    assert shared(org, "ana") == {}
    assert "Nothing came back" in signed_in(org, "ana").get("/patterns").content.decode()
    second = sorted_incident(org, category="software", factors=["no_rollback"], change="deployment")
    assert shared(org, "ana") == {("factor", "no_rollback"): [second, first]}
    page = signed_in(org, "ana").get("/patterns").content.decode()
    assert "There was no quick way back" in page and first in page and second in page
    assert "The alert was lost" not in page
    for at in ("/reviews", "/insights"):
        assert 'href="/patterns"' in signed_in(org, "ana").get(at).content.decode()


@pytest.mark.requirement("R-080")
def test_a_cause_a_kind_of_change_and_a_service_come_back_too(org: Organisation) -> None:
    models.Service.objects.create(key="checkout", name="Checkout")
    both = []
    for _ in range(2):
        incident = org.declare("ana", services=["checkout"])
        sort(org, incident, category="change", change="flag")
        both.insert(0, incident)
    org.declare("ana", services=["checkout"], drill=True)
    assert shared(org, "ana") == {
        ("cause", "change"): both, ("change", "flag"): both, ("service", "checkout"): both,
    }  # fmt: skip


@pytest.mark.requirement("R-080")
def test_a_restricted_incident_is_part_of_a_pattern_for_its_people_only(org: Organisation) -> None:
    secret, plain = restricted(org), org.declare("ben")
    sort(org, secret, "ana", factors=["access"])
    sort(org, plain, "ben", factors=["access"])
    assert shared(org, "ana") == {("factor", "access"): [plain, secret]}
    for outsider in ("ben", "root", "eva"):
        assert shared(org, outsider) == {}
        page = signed_in(org, outsider).get("/patterns").content.decode()
        assert CANARY not in page and secret not in page
    assert org.call("ben").get(f"/incidents/{secret}/review/causes").status == 404


def test_whoever_sees_no_incidents_learns_from_agreed_reviews_only(org: Organisation) -> None:
    for _ in range(2):
        incident = sorted_incident(org, factors=["access"])
    assert shared(org, "eva") == {}
    assert org.call("eva").get(f"/incidents/{incident}/review/causes").status == 404
    assert org.call("eva").put(f"/incidents/{incident}/review/causes", {"category": "data"}).status == 403
    models.ReviewRow.objects.update(state="reviewed")
    assert list(shared(org, "eva")) == [("factor", "access")]


def test_the_form_of_the_review_sorts_causes_and_refuses_what_the_catalogue_does_not_have(
    org: Organisation,
) -> None:
    incident = sorted_incident(org)
    ana = signed_in(org, "ana")
    assert 'value="monitoring_gap"' in ana.get(f"/reviews/{incident}").content.decode()
    said = {"category": "network", "factors": ["monitoring_gap", "expired"], "change": "other"}
    assert ana.post(f"/reviews/{incident}/causes", said).status_code == 302
    page = ana.get(f"/reviews/{incident}").content.decode()
    assert "Nothing noticed it, Something ran out" in page
    told = org.call("ana").get(f"/incidents/{incident}/review/causes").json
    assert told == {"category": "network", "factors": ["monitoring_gap", "expired"], "change": "other"}
    refused = org.call("ana").put(f"/incidents/{incident}/review/causes", {"factors": ["astrology"]})
    assert refused.code == "factors.unknown"
    assert "monitoring_gap" in org.call("ana").get("/causes").json["factors"]
