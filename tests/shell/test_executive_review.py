"""The strategic part of a review through REST and the browser: who comments where, and who says that they read it."""

from __future__ import annotations

import pytest
from django.test import Client

from quarterdeck.app.catalog import structures
from quarterdeck.app.incidents import incidents
from quarterdeck.store import models
from support.rest import HOST, Organisation

PARTS = {"what_happened": "The pool ran dry", "how_we_responded": "By the book", "improvements": "A limit"}


@pytest.fixture
def org(db: None) -> Organisation:
    found = Organisation()
    for handle in ("ana", "ben"):
        found.call(handle)
    for handle in ("eva", "eli"):
        found.call(handle, "executive")
    found.person("root", "administrator")
    return found


def browser(org: Organisation, handle: str) -> Client:
    client = Client(headers={"host": HOST})
    client.force_login(org.find(handle))
    return client


def agreed(org: Organisation, **said: object) -> str:
    """A review of a SEV-1 that everybody agreed on."""
    key, ana = org.declare("ana", severity=1, **said), org.call("ana")
    org.settle()
    incidents.change_phase(org.act("ana"), key, "investigating", "")
    incidents.resolve(
        org.act("ana"), key, models_code(), None, "Rolled back", override_reason="Checked by hand"
    )
    root = f"/incidents/{key}/review"
    for section, text in (PARTS | {"root_cause": "No limit"}).items():
        assert ana.put(f"{root}/sections/{section}", {"text": text}).status == 200
    assert ana.put(f"{root}/submission").status == 200
    assert ana.put(f"{root}/publication", {"reason": "Talked over"}).json["state"] == "reviewed"
    org.settle()
    return key


def models_code() -> str:
    from quarterdeck.app.catalog.catalogue import current

    return current().resolution_codes[0].key


@pytest.mark.requirement("X-19", "R-150")
def test_executives_comment_in_the_strategic_part_alone_and_confirm_that_they_read(org: Organisation) -> None:
    key = agreed(org)
    root, eva = f"/incidents/{key}/review", org.call("eva")
    for section in ("improvements", "root_cause", "contribution"):
        refused = eva.post(f"{root}/comments", {"section": section, "text": "I would rather"})
        assert (refused.status, refused.code) == (403, "review.strategic_only")
    refused = eva.put(f"{root}/sections/improvements", {"text": "Mine"})
    assert (refused.status, refused.code) == (403, "review.strategic_only")
    said = eva.post(f"{root}/comments", {"section": "strategic_investments", "text": "Fund the second pool"})
    assert (said.status, said.json["said_by"]["name"]) == (201, "Eva")
    # Another executive reads it without the name; whoever responded sees it.
    assert org.call("eli").get(f"{root}/comments").json["items"][0]["said_by"] is None
    assert org.call("ben").get(f"{root}/comments").json["items"][0]["said_by"]["name"] == "Eva"
    told = eva.get(f"{root}/strategic").json
    assert set(told["sections"]) == {
        "strategic", "strategic_themes", "strategic_investments", "strategic_decisions", "strategic_process",
    }  # fmt: skip
    assert (told["reading"]["asked"], told["reading"]["confirmed"]) == (2, 0)
    page = browser(org, "eva").get(f"/reviews/{key}/strategic").content.decode()
    assert "Fund the second pool" in page and "I have read this review" in page
    assert "Ana" not in page and "The pool ran dry" not in page
    assert f"/reviews/{key}/strategic" in browser(org, "eva").get("/").content.decode()
    wrong = {"section": "improvements", "text": "Mine"}
    fragment = {"HTTP_HX_REQUEST": "true"}
    refused = browser(org, "eva").post(f"/reviews/{key}/strategic/comments", wrong, **fragment)
    assert refused.status_code == 403
    browser(org, "eva").post(f"/reviews/{key}/strategic/comments", {"section": "strategic", "text": "Agreed"})
    assert models.StrategicCommentRow.objects.filter(incident_id=key).count() == 2
    browser(org, "eva").post(f"/reviews/{key}/strategic/reading")
    assert eva.put(f"{root}/reading").json["confirmed"] == 1
    assert org.call("ben").put(f"{root}/reading").code == "reading.not_asked"


@pytest.mark.requirement("X-19")
def test_whoever_has_not_confirmed_is_reminded_by_the_engine_and_once_when_the_time_is_over(
    org: Organisation,
) -> None:
    key = agreed(org)
    assert any(f"Read the review of {key}" in p for p in org.pages("eli"))
    org.call("eva").put(f"/incidents/{key}/review/reading")
    org.pass_time(days=9)
    assert sum("confirm that you have read" in p for p in org.pages("eli")) == 2
    assert not any("confirm that you have read" in p for p in org.pages("eva"))
    row = models.ExecutiveReadingRow.objects.get(person=org.id("eli"))
    assert (row.reminded, row.confirmed_at) == (2, None)


def test_how_long_executives_have_is_the_catalogues_to_say(org: Organisation) -> None:
    text = "[inquiries]\ntell_everyone = true\n[executives]\nreading_severity = 1\nreading_days = 0\n"
    structures.put_in_force(org.act("root"), {"closing.toml": text}, "Nobody needs to confirm")
    agreed(org)
    assert not models.ExecutiveReadingRow.objects.exists()
