"""Who sees what of a review, and the exports behind its buttons."""

from __future__ import annotations

import io
import re

import pytest
from django.test import Client
from pypdf import PdfReader

from quarterdeck.app import reports
from quarterdeck.app.learning import reviews
from quarterdeck.core.access import Who
from quarterdeck.core.incidents.executive_review import STRATEGIC
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from support.reviewed import PARTS, declared, organisation, reviewed, written
from support.world import World


@pytest.fixture
def world(db: None) -> World:
    return organisation(World())


@pytest.fixture
def incident(world: World) -> str:
    return reviewed(world)


def browser(world: World, handle: str) -> Client:
    client = Client(SERVER_NAME="127.0.0.1", HTTP_ACCEPT="text/html")
    client.force_login(world.find(handle))
    return client


def page(world: World, address: str, handle: str = "ana") -> str:
    answer = browser(world, handle).get(address)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def send(world: World, handle: str, address: str, **form: str):
    return browser(world, handle).post(address, form, HTTP_REFERER="http://127.0.0.1/reviews")


# -- who sees what


def test_a_restricted_incident_has_no_review_for_outsiders(world: World) -> None:
    incident = declared(world, restricted=True, title="Keys leaked")
    reviews.open_review(world.act("ana"), incident, world.find("ana").id, "2026-03-20")
    reviews.add_action_item(world.act("ana"), incident, "Turn the keys", world.find("ana").id, "2026-03-20")
    for address in (
        f"/reviews/{incident}",
        f"/reviews/{incident}/report.md",
        f"/reviews/{incident}/report.pdf",
    ):
        assert browser(world, "ben").get(address).status_code == 404
        assert browser(world, "ana").get(address).status_code == 200
    assert send(world, "ben", f"/reviews/{incident}/sections/what_happened", text="x").status_code == 404
    for handle, seen in (("ben", False), ("ana", True)):
        html = page(world, "/reviews", handle)
        assert ("Keys leaked" in html) is seen and ("Turn the keys" in html) is seen


def test_executives_see_outcomes_now_and_the_record_when_it_is_published(world: World, incident: str) -> None:
    written(world, incident)
    before = page(world, f"/reviews/{incident}?timeline=all", "eva")
    assert "16 min" in before
    for kept_back in ("The pool is full", "Dev: data written since", "Ana", "Alarm on the pool", "load 60"):
        assert kept_back not in before, kept_back
    assert "Alarm on the pool" not in page(world, "/reviews", "eva")
    reviews.submit(world.act("ana"), incident)
    reviews.publish(world.act("ana"), incident, "Talked over")
    after = page(world, f"/reviews/{incident}?timeline=all", "eva")
    assert "The pool is full" in after and "load 60" in after
    assert "Incident Commander" in after and "Ana Ferreira" not in after


def test_executives_write_the_strategic_part_and_no_other(world: World, incident: str) -> None:
    html = page(world, f"/reviews/{incident}", "eva")
    assert re.findall(r'/sections/(\w+)"', html) == list(STRATEGIC)
    send(world, "eva", f"/reviews/{incident}/sections/strategic", text="Invest in limits")
    fragment = {"HTTP_HX_REQUEST": "true"}
    refused = browser(world, "eva").post(
        f"/reviews/{incident}/sections/improvements", {"text": "Mine"}, **fragment
    )
    assert refused.status_code == 403
    # Not even by way of a conflict does the text of an unpublished part come back.
    written(world, incident)
    guess = browser(world, "eva").post(
        f"/reviews/{incident}/sections/improvements", {"text": "Mine", "version": "0" * 16}, **fragment
    )
    assert guess.status_code == 403 and PARTS["improvements"] not in guess.content.decode()
    assert models.ReviewRow.objects.get().sections["strategic"] == "Invest in limits"


def test_whoever_is_not_signed_in_is_asked_to(world: World, incident: str) -> None:
    for address in ("/reviews", f"/reviews/{incident}/report.pdf", f"/reviews/{incident}/report.md"):
        assert Client(SERVER_NAME="127.0.0.1").get(address).status_code == 302


def test_building_a_report_takes_the_permission_to_read_reviews(world: World, incident: str) -> None:
    with pytest.raises(Refused, match=r"access\.review\.read"):
        reports.build(incident, Who("x", frozenset({"stranger"})), world.now)
    with pytest.raises(Refused, match=r"incident\.unknown"):
        reports.build("INC-999", Who("x", frozenset({"responder"})), world.now)


# -- the exports


@pytest.mark.requirement("R-077")
def test_the_pdf_comes_as_a_file_named_after_its_incident(world: World, incident: str) -> None:
    answer = browser(world, "ana").get(f"/reviews/{incident}/report.pdf")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'attachment; filename="{incident}-report.pdf"'
    text = "".join(p.extract_text() for p in PdfReader(io.BytesIO(answer.content)).pages)
    assert f"{incident} Checkout fails" in text and "A limit of 20 connections" in text


@pytest.mark.requirement("R-292")
def test_an_export_calls_people_by_role_unless_names_are_asked_for(world: World, incident: str) -> None:
    client = browser(world, "ana")
    plain = client.get(f"/reviews/{incident}/report.md")
    assert plain["Content-Disposition"] == f'attachment; filename="{incident}-report.md"'
    assert "Incident Commander" in plain.content.decode() and not re.search(
        r"\bAna\b", plain.content.decode()
    )
    assert re.search(r"\bAna\b", client.get(f"/reviews/{incident}/report.md?names=1").content.decode())
    assert not re.search(
        r"\bAna\b", browser(world, "eva").get(f"/reviews/{incident}/report.md?names=1").content.decode()
    )


@pytest.mark.requirement("R-077")
def test_the_printable_page_has_the_sections_of_the_other_exports(world: World, incident: str) -> None:
    html = page(world, f"/reviews/{incident}/report")
    markdown = browser(world, "ana").get(f"/reviews/{incident}/report.md").content.decode()
    for title in re.findall(r"^### (.+)$", markdown, re.M):
        assert f">{title}</h" in html, title


def test_the_whole_timeline_comes_on_request(world: World, incident: str) -> None:
    client = browser(world, "ana")
    assert "background lines are left out" in client.get(f"/reviews/{incident}/report.md").content.decode()
    assert "left out" not in client.get(f"/reviews/{incident}/report.md?timeline=all").content.decode()


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7|add:7 }}"]
)
def test_what_people_wrote_is_text_on_the_pages(world: World, hostile: str) -> None:
    incident = declared(world, title=f"T {hostile}", summary=hostile)
    reviews.open_review(world.act("ana"), incident, world.find("ana").id, "2026-03-20", hostile)
    reviews.edit(world.act("ana"), incident, "what_happened", hostile)
    reviews.add_action_item(world.act("ana"), incident, hostile, world.find("ana").id, "2026-03-20")
    for address in (
        f"/reviews/{incident}?timeline=all",
        f"/reviews/{incident}/report?timeline=all",
        "/reviews",
    ):
        html = page(world, address)
        assert "<script>alert" not in html and "<img src=x" not in html
        if "{" in hostile:
            assert "7|add:7" in html
