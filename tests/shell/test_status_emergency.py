"""The emergency command posts on a page from its files alone, and Quarterdeck takes over what it said, once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.conf import settings

from quarterdeck.app.status import page_posts
from quarterdeck.boot import emergency
from quarterdeck.boot.emergency import Impossible, Words
from quarterdeck.channels import status_site
from quarterdeck.cli.main import main
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.status import Material
from quarterdeck.engine import publish
from quarterdeck.store import models
from quarterdeck.store.ids import new_id
from support.status_sample import COMPONENTS, NOW, PAGE, URL, changes, posts
from support.world import World


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A published page without any store."""
    folder = tmp_path / "public" / "corvane"
    material, how = (
        Material(PAGE, tuple(COMPONENTS), tuple(changes()), tuple(posts())),
        status_site.SiteSettings(URL),
    )
    status_site.keep(folder, status_site.Kept(material, how, NOW, 7))
    status_site.release(material, how, folder, NOW, {})
    return folder.parent


def index(root: Path) -> str:
    return (root / "corvane" / "index.html").read_text()


LATER = NOW + timedelta(minutes=5)


def test_what_is_kept_makes_the_very_same_page(root: Path) -> None:
    kept = status_site.read(root / "corvane")
    before = {p: p.read_bytes() for p in (root / "corvane").rglob("*") if p.is_file()}
    status_site.release(kept.material.since(NOW), kept.settings, root / "corvane", kept.made_at, {})
    assert before == {p: p.read_bytes() for p in (root / "corvane").rglob("*") if p.is_file()}
    assert (root / ".corvane" / "snapshot.json").stat().st_mode & 0o077 == 0


def test_several_posts_follow_each_other_and_the_last_one_resolves(root: Path) -> None:
    said = {"Boarding passes": "major_outage"}
    first = emergency.publish(root, "", Words("Boarding stopped", "", "Gates do not open.", said), LATER)
    assert first.begun
    page = index(root)
    assert "Boarding stopped" in page
    assert "Gates do not open." in page
    second = emergency.publish(root, "corvane", Words(state="identified", body="A cable is cut."), LATER)
    assert (second.begun, second.post.incident_ref) == (False, first.post.incident_ref)
    assert "Gates do not open." in index(root)
    assert "A cable is cut." in index(root)
    state = json.loads((root / "corvane" / "api" / "v2" / "components.json").read_text())
    assert {c["name"]: c["status"] for c in state["components"]}["Boarding passes"] == "major_outage"
    third = emergency.publish(
        root, "", Words(state="resolved", body="Gates open."), LATER + timedelta(hours=1)
    )
    assert third.post.components == {"passes": "operational"}
    incident = (root / "corvane" / "incidents" / first.post.incident_ref / "index.html").read_text()
    assert all(text in incident for text in ("Gates do not open.", "A cable is cut.", "Gates open."))
    assert json.loads((root / "corvane" / "fresh.json").read_text())["generated_at"] == "2026-11-18T15:33:00Z"


def test_an_incident_that_was_open_before_is_continued_by_its_id(root: Path) -> None:
    ref = emergency.publish(
        root, "", Words(state="identified", body="Found.", incident="INC-1042"), LATER
    ).post
    assert ref.incident_ref == "INC-1042"
    assert "Found." in (root / "corvane" / "incidents" / "INC-1042" / "index.html").read_text()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (Words(body="x"), "Say what is wrong"),
        (Words("T", "identified"), "Say what customers notice"),
        (Words("T", "broken", "x"), "--state is one of"),
        (Words("T", "resolved", "x"), "No incident is open"),
        (Words("T", "identified", "x", {"Nothing": "operational"}), "There is no component 'Nothing'"),
        (Words(state="identified", body="x", incident="INC-9"), "INC-9 is not open"),
    ],
)
def test_what_cannot_be_said_is_refused_and_changes_nothing(root: Path, words: Words, said: str) -> None:
    before = index(root)
    with pytest.raises(Impossible, match=said):
        emergency.publish(root, "", words, LATER)
    assert index(root) == before
    assert status_site.emergency.waiting(root / "corvane") == []


def test_a_promise_for_the_end_of_time_is_refused_before_anything_is_kept(root: Path) -> None:
    """Kept, it could never be drawn: neither by this command again nor by Quarterdeck when it is back."""
    words = Words("Gates fail", "investigating", "We look.", next_update_at=datetime.max.replace(tzinfo=UTC))
    with pytest.raises(Impossible, match="more than a year"):
        emergency.publish(root, "corvane", words, LATER)
    assert status_site.emergency.waiting(root / "corvane") == []


def test_a_damaged_snapshot_is_named(root: Path) -> None:
    (root / ".corvane" / "snapshot.json").write_text('{"material": 1')
    with pytest.raises(Impossible, match="is damaged"):
        emergency.publish(root, "", Words("T", "", "x"), LATER)
    with pytest.raises(Impossible, match="There is no page 'other'"):
        emergency.publish(root, "other", Words("T", "", "x"), LATER)
    with pytest.raises(Impossible, match="No published page"):
        emergency.publish(root / "nothing", "", Words("T", "", "x"), LATER)


def test_the_command_needs_no_store_and_sets_nothing_up(root: Path, tmp_path: Path) -> None:
    words = [
        "status",
        "publish",
        "--folder",
        str(root),
        "--title",
        "Down",
        "--body",
        "-",
        "--next-update",
        "30m",
    ]
    code = (
        "import sys; from quarterdeck.cli.main import main\n"
        f"try: main({words!r})\nexcept SystemExit as e: assert not e.code, e.code\n"
        "from django.conf import settings\nassert not settings.configured"
    )
    gone = tmp_path / "gone"
    told = subprocess.run(
        [sys.executable, "-c", code], input="All of it.", capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "QUARTERDECK_DATA": str(gone)},
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert "Quarterdeck takes this post over" in told.stdout
    assert "All of it." in index(root)
    assert not gone.exists()


def test_the_command_says_what_it_lacks_and_status_alone_still_works(root: Path) -> None:
    ask = CliRunner().invoke
    told = ask(
        main, ["status", "publish", "--folder", str(root), "--title", "T", "--body", "x", "--component", "a"]
    )
    assert (told.exit_code, "Nothing was published." in told.output) == (2, True)
    told = ask(
        main,
        ["status", "publish", "--folder", str(root), "--title", "T", "--body", "x", "--next-update", "?"],
    )
    assert "write a length such as 30m" in told.output
    assert "Open incidents" in ask(main, ["status", "--help"]).output


@pytest.fixture
def world(db: None) -> Iterator[World]:
    publish._out.clear()
    publish._failed.clear()
    yield World()
    publish._out.clear()


def test_quarterdeck_takes_over_what_was_told_once_and_keeps_it(world: World) -> None:
    page = models.StatusPage.objects.create(id=new_id(), key="main", title="Main", created_at=world.now)
    parts = [
        models.Component.objects.create(
            id=new_id(), page=page, name=name, created_at=world.now, updated_at=world.now, position=n
        )
        for n, name in enumerate(("Cards", "Search"))
    ]
    root = Path(settings.QUARTERDECK_STATUS)
    publish.publish_pages(world.now)
    at = world.now + timedelta(minutes=1)
    said = Words("Down", "", "All of it.", {"Cards": "major_outage", "Search": "partial_outage"})
    first = emergency.publish(root, "", said, at)
    emergency.publish(root, "", Words(state="identified", body="Found."), at + timedelta(minutes=1))
    # Somebody has set this one since, by hand, in the store.
    models.ComponentState.objects.create(
        component=parts[1], state="operational", at=at + timedelta(minutes=2)
    )
    publish._out.clear()  # Quarterdeck starts again
    back = world.now + timedelta(minutes=5)
    assert publish.publish_pages(back) == 1
    shown = (root / "main" / "index.html").read_text()
    assert "All of it." in shown
    assert "Found." in shown
    rows = models.PagePost.objects.order_by("at")
    assert [(r.status_word, r.incident_ref, r.at) for r in rows] == [
        ("investigating", first.post.incident_ref, at),
        ("identified", first.post.incident_ref, at + timedelta(minutes=1)),
    ]
    assert [models.Component.objects.get(id=c.id).state for c in parts] == ["major_outage", "operational"]
    audits = models.Event.objects.filter(kind="EmergencyPostTakenOver")
    assert audits.count() == 2
    # Neither the next publication nor a second start brings them again, and a copy of the file does no harm.
    for taken in list((root / ".main" / "emergency").glob("*.taken")):
        taken.with_suffix(".json").write_bytes(taken.read_bytes())
    publish._out.clear()
    publish.publish_pages(back + timedelta(minutes=20))
    assert models.PagePost.objects.count() == audits.count() == 2
    assert status_site.emergency.waiting(root / "main") == []
    assert publish.publish_pages(back + timedelta(minutes=21)) <= 1


def test_a_file_that_is_not_named_after_its_post_is_left_where_it_is(world: World) -> None:
    page = models.StatusPage.objects.create(id=new_id(), key="main", title="Main", created_at=world.now)
    root = Path(settings.QUARTERDECK_STATUS)
    publish.publish_pages(world.now)
    emergency.publish(root, "", Words("Down", "", "All of it."), world.now)
    [path] = (root / ".main" / "emergency").glob("*.json")
    said = path.read_text()
    (path.parent / f"{new_id()}.json").write_text(said)
    for strange in ("../../../main/index.html", "x" * 99):
        (path.parent / f"{path.stem[:-1]}z.json").write_text(said.replace(path.stem, strange))
        ours, ref = new_id(), json.loads(said)["post"]["incident_ref"]
        (path.parent / f"{ours}.json").write_text(said.replace(path.stem, ours).replace(ref, strange))
    assert [s.post.id for s in status_site.emergency.waiting(root / page.key)] == [path.stem]


def test_subscribers_are_told_the_newest_post_of_each_thread_and_no_old_end(world: World) -> None:
    page = models.StatusPage.objects.create(id=new_id(), key="main", title="Main", created_at=world.now)
    other = models.StatusPage.objects.create(id=new_id(), key="other", title="O", created_at=world.now)
    cards = models.Component.objects.create(
        id=new_id(), page=other, name="Cards", created_at=world.now, updated_at=world.now
    )
    models.ShownComponent.objects.create(
        id=new_id(), page=page, component=cards, name="Your cards", created_at=world.now
    )
    models.Subscriber.objects.create(page=page, kind="email", state="active", asked_at=world.now)
    root = Path(settings.QUARTERDECK_STATUS)
    publish.publish_pages(world.now)
    at = world.now + timedelta(minutes=1)
    emergency.publish(root, "main", Words("Over", "", "x"), at)
    emergency.publish(root, "main", Words(state="resolved", body="x"), at + timedelta(minutes=1))
    emergency.publish(root, "main", Words("Down", "", "x", {"Your cards": "major_outage"}), at)
    emergency.publish(root, "main", Words(state="identified", body="Found."), at + timedelta(minutes=2))
    publish.publish_pages(world.now + timedelta(hours=3))
    told = models.SubscriberPost.objects.get()
    assert (told.event, told.content["title"], told.content["body"]) == ("opened", "Down", "Found.")
    assert told.content["components"] == {cards.id: "major_outage"}
    cards.refresh_from_db()
    assert cards.state == "major_outage"


def test_what_was_said_of_an_incident_of_ours_opens_no_way_past_its_messages(world: World) -> None:
    page = models.StatusPage.objects.create(id=new_id(), key="main", title="Main", created_at=world.now)
    models.PagePost.objects.create(
        id=new_id(), page=page, incident_ref="INC-5", status_word="identified", at=world.now
    )
    assert page_posts.thread_of(page, "INC-5")
    models.PageUpdateRow.objects.create(
        id="u", incident_id="INC-5", page=page.id, message_id="", status_word="identified", body="x",
        components={}, posted_at=world.now,
    )  # fmt: skip
    with pytest.raises(Refused, match="drafted and released"):
        page_posts.thread_of(page, "INC-5")


def test_the_engine_notices_a_post_while_it_runs(world: World) -> None:
    models.StatusPage.objects.create(id=new_id(), key="main", title="Main", created_at=world.now)
    root = Path(settings.QUARTERDECK_STATUS)
    publish.publish_pages(world.now)
    assert publish.waiting(world.now) == []
    emergency.publish(root, "", Words("Down", "", "All of it."), world.now)
    assert len(publish.waiting(world.now)) == 1
    publish.publish_pages(world.now)
    assert models.PagePost.objects.get().title == "Down"
