"""Reviews through their pages: the list, one review filled in from its incident, and what acts do."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from quarterdeck.app.incidents import command, record
from quarterdeck.app.learning import reviews
from quarterdeck.store import models
from support.browsing import queries
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


def told(client: Client, answer) -> str:
    """The page that comes after an act, with its words of confirmation or refusal."""
    return client.get(answer.url).content.decode()


# -- the list


def test_the_list_has_open_reviews_with_owner_date_and_progress(world: World, incident: str) -> None:
    html = page(world, "/reviews")
    assert incident in html and "Ana" in html and "0 of 16 sections" in html
    written(world, incident)
    html = page(world, "/reviews")
    assert "3 of 16 sections" in html and "1 open action item" in html and "Alarm on the pool" in html


def test_the_views_of_the_list_tell_open_overdue_reviewed_and_waived_apart(
    world: World, incident: str
) -> None:
    def listed(show: str) -> bool:
        return f'data-row="{incident}"' in page(world, f"/reviews?show={show}")

    # The story plays months before the day of the test, so the review is overdue.
    assert [listed(s) for s in ("open", "overdue", "reviewed", "waived")] == [True, True, False, False]
    reviews.waive(world.act("ana"), incident, "A duplicate")
    assert [listed(s) for s in ("open", "overdue", "reviewed", "waived")] == [False, False, False, True]


def test_a_long_list_is_paged_without_repeating_anything(world: World) -> None:
    for n in range(120):
        key = f"INC-{n + 1}"
        models.IncidentRow.objects.create(
            id=key, number=n + 1, title=key, type="availability", severity=2, phase="resolved", template="software",
            phase_since=world.now, declared_at=world.now, declared_by="x", seq=1,
        )  # fmt: skip
        models.ReviewRow.objects.create(
            id=f"r{n:03}", incident_id=key, owner="x", due_on=f"2026-03-{n % 9 + 1:02}", opened_at=world.now,
            state="draft",
        )  # fmt: skip
    client, address, seen = browser(world, "ana"), "/reviews", []
    for _ in range(3):
        html = client.get(address).content.decode()
        seen += re.findall(r'data-row="(INC-\d+)"', html)
        older = re.search(r'rel="next" href="([^"]+)"', html)
        address = f"/reviews{older[1].replace('&amp;', '&')}" if older else ""
    assert len(seen) == len(set(seen)) == 120
    assert address == ""


def test_pages_take_a_number_of_queries_that_does_not_grow(world: World, incident: str) -> None:
    written(world, incident)
    client = browser(world, "ana")
    client.get("/reviews")
    few = {address: queries(client, address) for address in ("/reviews", f"/reviews/{incident}")}
    for handle in ("ben", "cleo", "dev", "root"):
        record.write(world.act("ana"), incident, "note", f"{handle} was told")
        command.assign_role(world.act("ana"), incident, "sme", world.find(handle).id)
        reviews.add_action_item(world.act("ana"), incident, "More", world.find(handle).id, "2026-03-20")
    assert {address: queries(client, address) for address in few} == few
    assert max(few.values()) <= 30


# -- one review


def test_the_page_is_filled_in_from_the_incident(world: World, incident: str) -> None:
    html = page(world, f"/reviews/{incident}?timeline=all")
    for piece in (
        "First alert acknowledged",
        "4 min",
        "16 min",
        "1 h 6 min",
        "Technical Lead",
        "All customers",
        "Roll back or scale out? – Roll back",
        "Dev: data written since",
        "A limit of 20 connections",
        "back-dated, entered",
        "It replaces:",
    ):
        assert piece in html, piece


def test_a_part_is_written_and_the_review_agreed_by_its_owner(world: World, incident: str) -> None:
    for section, text in PARTS.items():
        assert send(world, "ana", f"/reviews/{incident}/sections/{section}", text=text).status_code == 302
    for act, said in (("submit", {}), ("publish", {"reason": "Talked over"})):
        assert send(world, "ana", f"/reviews/{incident}/{act}", **said).url == f"/reviews/{incident}"
    row = models.ReviewRow.objects.get()
    assert (row.state, row.sections["improvements"]) == ("reviewed", PARTS["improvements"])
    assert "The limit follows the load." in page(world, f"/reviews/{incident}", "ole")


def test_giving_it_to_be_read_too_early_says_what_is_missing(world: World, incident: str) -> None:
    client = browser(world, "ana")
    answer = client.post(f"/reviews/{incident}/submit", HTTP_REFERER=f"http://127.0.0.1/reviews/{incident}")
    assert answer.url == f"/reviews/{incident}"
    assert "Still to be written: what happened, how we responded, improvements. Write them" in told(
        client, answer
    )
    assert models.ReviewRow.objects.get().state == "draft"


def test_two_people_never_overwrite_each_other_silently(world: World, incident: str) -> None:
    address = f"/reviews/{incident}/sections/what_happened"
    html = page(world, f"/reviews/{incident}")
    had = re.search(r'sections/what_happened".*?name="version" value="(\w+)"', html, re.S)[1]
    assert send(world, "dev", address, text="It was the pool.", version=had).status_code == 302
    answer = send(world, "ben", address, text="It was the load.", version=had)
    both = answer.content.decode()
    assert answer.status_code == 409
    assert "It was the pool." in both and "It was the load." in both and "Dev changed this meanwhile" in both
    assert models.ReviewRow.objects.get().sections["what_happened"] == "It was the pool."
    fresh = re.search(r'name="version" value="(\w+)"', both)[1]
    send(world, "ben", address, text="It was the load.", version=fresh, choice="both")
    assert models.ReviewRow.objects.get().sections["what_happened"] == "It was the pool.\n\nIt was the load."


def test_an_action_item_needs_a_person_and_is_finished_by_its_owner(world: World, incident: str) -> None:
    address = f"/reviews/{incident}/items"
    send(world, "ana", address, title="Alarm on the pool", owner="nobody", due_on="2026-03-20")
    send(world, "ana", address, title="Alarm on the pool", owner=world.find("ole").id, due_on="soon")
    assert not models.ActionItemRow.objects.exists()
    send(
        world,
        "ana",
        address,
        title="Alarm on the pool",
        owner=world.find("ole").id,
        due_on="2026-03-20",
        kind="detect",
    )
    item = models.ActionItemRow.objects.get()
    send(world, "ole", f"{address}/{item.id}/done")
    item.refresh_from_db()
    assert item.done_by == world.find("ole").id


def test_a_review_nobody_asked_for_is_opened_with_owner_and_date(world: World) -> None:
    incident = declared(world, severity=3)
    assert "Nobody owes a review" in page(world, f"/reviews/{incident}")
    send(
        world,
        "ana",
        f"/reviews/{incident}/open",
        owner=world.find("ben").id,
        due_on="2026-03-20",
        reason="We asked",
    )
    row = models.ReviewRow.objects.get()
    assert (row.owner, row.due_on) == (world.find("ben").id, "2026-03-20")


def test_waiving_takes_a_reason_and_the_commander(world: World, incident: str) -> None:
    send(world, "dev", f"/reviews/{incident}/waive", reason="No time")
    send(world, "ana", f"/reviews/{incident}/waive", reason="")
    assert models.ReviewRow.objects.get().state == "draft"
    send(world, "ana", f"/reviews/{incident}/waive", reason="A duplicate of INC-7")
    assert models.ReviewRow.objects.get().waived_reason == "A duplicate of INC-7"


@pytest.mark.parametrize(
    "act", ["open", "sections/what_happened", "items", "items/x/done", "publish", "waive"]
)
def test_reading_changes_nothing(world: World, incident: str, act: str) -> None:
    assert browser(world, "ana").get(f"/reviews/{incident}/{act}").status_code == 405


def test_a_part_that_does_not_exist_is_not_found(world: World, incident: str) -> None:
    assert send(world, "ana", f"/reviews/{incident}/sections/secrets", text="x").status_code == 404
