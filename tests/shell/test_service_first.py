"""Service comes back before the cause is known, and what was skipped on the way is listed."""

from __future__ import annotations

import pytest

from quarterdeck.app.incidents import incidents
from support.browsing import browser, words
from support.rest import Organisation

PARTS = ("what_happened", "how_we_responded", "improvements")


@pytest.fixture
def org(db: None) -> Organisation:
    found = Organisation()
    found.person("ana", "administrator", name="Ana Ruiz")
    found.person("ben", name="Ben Okonkwo")
    return found


def resolved(org: Organisation) -> str:
    """Mitigated and over within minutes; nobody knows the cause."""
    ana = org.call("ana")
    incident: str = ana.post(
        "/incidents", {"title": "Payments fail", "severity": 1, "type": "availability"}
    ).json["id"]
    org.call("ana").put(
        f"/incidents/{incident}/phase", {"phase": "investigating", "override_reason": "At once"}
    )
    done = ana.put(f"/incidents/{incident}/resolution", {"code": "rolled_back"})
    assert (done.status, done.json["phase"]) == (200, "resolved")
    return incident


@pytest.mark.requirement("R-200")
def test_an_incident_is_resolved_without_a_cause_and_its_review_is_not_given_to_be_read_without_one(
    org: Organisation,
) -> None:
    incident, ana = resolved(org), org.call("ana")
    review = f"/incidents/{incident}/review"
    for section in PARTS:
        assert ana.put(f"{review}/sections/{section}", {"text": "Well."}).status == 200
    refused = ana.put(f"{review}/submission")
    assert refused.code == "review.incomplete"
    assert "Still to be written: root cause." in refused.json["error"]["message"]
    assert "Still to be written: Root cause" in words(browser(org, "ana").get(f"/reviews/{incident}"))
    ana.put(f"{review}/sections/root_cause", {"text": "The pool was too small"})
    assert ana.put(f"{review}/submission").json["state"] == "in_review"


def test_a_cause_that_stands_in_the_facts_is_not_asked_for_again(org: Organisation) -> None:
    incident, ana = resolved(org), org.call("ana")
    incidents.set_facts(org.act("ana"), incident, cause="The pool was too small")
    for section in PARTS:
        ana.put(f"/incidents/{incident}/review/sections/{section}", {"text": "Well."})
    assert ana.put(f"/incidents/{incident}/review/submission").json["state"] == "in_review"


@pytest.mark.requirement("R-200")
def test_before_the_cause_is_known_the_room_asks_whether_to_mitigate_first(org: Organisation) -> None:
    incident = (
        org.call("ana").post("/incidents", {"title": "x", "severity": 2, "type": "availability"}).json["id"]
    )
    org.call("ana").put(
        f"/incidents/{incident}/phase", {"phase": "investigating", "override_reason": "At once"}
    )
    page = browser(org, "ana")
    assert "Mitigation first?" in words(page.get(f"/incidents/{incident}"))
    assert "That holds nothing back: service first." in words(page.get(f"/incidents/{incident}/resolve"))
    incidents.set_facts(org.act("ana"), incident, cause="The pool was too small")
    assert "Mitigation first?" not in words(page.get(f"/incidents/{incident}"))


@pytest.mark.requirement("R-207")
def test_mandatory_items_that_were_skipped_are_logged_with_who_and_why_and_stand_in_the_review(
    org: Organisation,
) -> None:
    ana = org.call("ana")
    incident = ana.post("/incidents", {"title": "x", "severity": 2, "type": "availability"}).json["id"]
    door = f"/incidents/{incident}/deviations"
    ana.put(f"/incidents/{incident}/phase", {"phase": "investigating"})
    assert ana.get(door).json["items"] == []
    refused = ana.put(f"/incidents/{incident}/phase", {"phase": "identified"})
    assert refused.code == "phase.gate"
    assert ana.get(door).json["items"] == []
    why = "The vendor says so"
    ana.put(f"/incidents/{incident}/phase", {"phase": "identified", "override_reason": why})
    found = ana.get(door).json["items"]
    assert {d["key"] for d in found} == set(refused.json["error"]["details"])
    cause = next(d for d in found if d["key"] == "cause_recorded")
    assert (cause["by"]["name"], cause["reason"]) == ("Ana Ruiz", why)
    assert (cause["step"], cause["skipped"]) == (
        "Moved to identified",
        "Record the cause in the facts panel.",
    )
    ana.put(f"/incidents/{incident}/resolution", {"code": "rolled_back", "override_reason": "All is well"})
    told = words(browser(org, "ana").get(f"/reviews/{incident}"))
    assert "Moved to identified without: Record the cause in the facts panel." in told
    assert why in told
    report = browser(org, "ana").get(f"/reviews/{incident}/report.md").content.decode()
    assert "Deviations from the structure" in report
    ana.put(f"/incidents/{incident}/review/waiver", {"reason": "Too small"})
    assert ana.get(door).json["items"][-1]["key"] == "review_waived"
