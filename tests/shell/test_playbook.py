"""The playbook is one page, made from what is set up now, and can be kept for a day without a network."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader

from quarterdeck.app.oncall import schedules
from quarterdeck.store import models
from support.browsing import browser, company, incident, words
from support.world import World


@pytest.fixture
def world(db: None) -> World:
    return company()


def paper(world: World) -> tuple[int, str]:
    answer = browser(world, "ben").get("/playbook.pdf")
    pages = PdfReader(BytesIO(answer.content)).pages
    return len(pages), " ".join(" ".join(p.extract_text() for p in pages).split())


@pytest.mark.requirement("R-186")
def test_the_shipped_configuration_fits_one_page_and_follows_the_schedule(world: World) -> None:
    key = incident(world)
    count, said = paper(world)
    assert count == 1
    for wanted in (
        "SEV1",
        "How severe is it?",
        "Software incident",
        "Incident Command System",
        key,
        "Commander",
    ):
        assert wanted in said, wanted
    row = models.Schedule.objects.first()
    assert row is not None
    before = said.partition("On call now")[2].partition("If paging fails")[0]
    other = (
        models.Person.objects.filter(is_active=True)
        .exclude(name__in=re.findall(r"[A-Z]\w+ \w+", before))
        .first()
    )
    assert other is not None and other.name not in before
    now = world.now
    schedules.add_override(
        world.act("ana"), row.key, other.id, now - timedelta(minutes=1), now + timedelta(days=1)
    )
    count, said = paper(world)
    assert count == 1
    assert other.name in said.partition("On call now")[2].partition("If paging fails")[0]


def test_a_page_full_of_long_names_is_still_one_page(world: World) -> None:
    for n in range(9):
        incident(
            world,
            title=f"A very long title of an incident that goes on and on, number {n} " * 2,
            both_reason="x",
        )
    for n in range(14):
        models.Schedule.objects.create(key=f"s{n}", name=f"Schedule with a rather long name, number {n}")
    count, said = paper(world)
    assert count == 1
    assert "and 3 more" in said


def test_restricted_incidents_are_on_no_page_that_is_passed_on(world: World) -> None:
    key = incident(world, title="Somebody got in", restricted=True)
    shown = browser(world, "ben")
    for path in ("/playbook", "/playbook.html"):
        page = shown.get(path).content.decode()
        assert key not in page and "Somebody got in" not in page
    assert key not in paper(world)[1]


def test_the_copy_needs_nothing_from_anywhere(world: World) -> None:
    answer = browser(world, "ben").get("/playbook.html")
    assert "attachment" in answer["Content-Disposition"]
    page = answer.content.decode()
    assert not re.findall(r"(?:src|href)=", page)
    assert "@import" not in page and "url(" not in page
    assert "On call now" in page and "@page" in page


@pytest.mark.requirement("R-187")
def test_the_response_plan_is_made_from_what_is_set_up_and_flags_what_is_missing(world: World) -> None:
    def page() -> str:
        return words(browser(world, "ben").get("/playbook/plan"))

    said = page()
    for wanted in ("Roles and duties", "Channels", "Escalation procedure", "Decision process", "Ben Okonkwo"):
        assert wanted in said, wanted
    assert "Nobody is set to be called as Scribe." in said
    world.policy("role-scribe", ("cleo", 5))
    assert "Nobody is set to be called as Scribe." not in page()
    models.EscalationPolicy.objects.all().delete()
    assert "Nobody is called to command." in page()
    assert "Response plan" in words(browser(world, "ben").get("/playbook"))
    assert browser(world, "ed").get("/playbook/plan").status_code == 403
