"""The engine publishes status pages: each for itself, on each node, anew every day, and what is over only once."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from quarterdeck.channels import status_site
from quarterdeck.engine import publish
from quarterdeck.engine.loop import Engine
from quarterdeck.store import models
from quarterdeck.store.ids import new_id
from support.world import World


@pytest.fixture
def world(db: None) -> Iterator[World]:
    publish._out.clear()
    publish._failed.clear()
    yield World()
    publish._out.clear()
    publish._failed.clear()


@pytest.fixture
def root(world: World) -> Path:
    return Path(settings.QUARTERDECK_STATUS)


def page(world: World, key: str, **fields: str) -> models.StatusPage:
    return models.StatusPage.objects.create(id=new_id(), key=key, title=key, created_at=world.now, **fields)


def over(world: World, on: models.StatusPage, count: int) -> None:
    """Incidents that are over, two posts each."""
    for n in range(count):
        for word, minutes in (("investigating", 0), ("resolved", 20)):
            key = f"{n}-{word}"
            models.PageUpdateRow.objects.create(
                id=key, incident_id=f"INC-{n}", page=on.id, message_id="", status_word=word, body=f"Said {key}",
                components={}, posted_at=world.now - timedelta(days=n + 1) + timedelta(minutes=minutes),
            )  # fmt: skip


def changed(on: models.StatusPage) -> None:
    on.refresh_from_db()
    models.StatusPage.objects.filter(id=on.id).update(revision=on.revision + 1)


def alarms() -> list[str]:
    return list(models.Alarm.objects.filter(cleared_at=None).values_list("subject", flat=True))


def test_a_page_that_cannot_be_written_keeps_no_other_back_and_is_said(world: World, root: Path) -> None:
    page(world, "aaa")
    page(world, "bbb")
    (root / "aaa").mkdir(parents=True)  # a folder that is not ours
    assert publish.publish_pages(world.now) == 1
    assert (root / "bbb" / "index.html").is_file()
    assert [s.partition("@")[0] for s in alarms()] == ["aaa"]
    assert publish.publish_pages(world.now) == 0  # not again with every cycle
    (root / "aaa").rmdir()
    assert publish.publish_pages(world.now + publish.AGAIN) == 1
    assert alarms() == []


def test_a_node_without_the_files_makes_them_though_another_has_published(world: World, root: Path) -> None:
    made = page(world, "main")
    publish.publish_pages(world.now)
    made.refresh_from_db()
    assert made.published == made.revision
    publish._out.clear()  # another process, on a machine whose disk is empty
    shutil.rmtree(root)
    assert publish.publish_pages(world.now) == 1
    assert (root / "main" / "index.html").is_file()
    publish._out.clear()  # the same machine after a restart
    assert publish.publish_pages(world.now) == 0


def test_a_page_is_published_anew_when_its_own_day_has_turned(
    world: World, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "QUARTERDECK_STATUS_REFRESH_MINUTES", 1440)
    page(world, "main", timezone="Asia/Tokyo")  # 18:00 there
    publish.publish_pages(world.now)
    assert publish.publish_pages(world.now + timedelta(hours=5)) == 0
    assert publish.publish_pages(world.now + timedelta(hours=7)) == 1
    assert publish.publish_pages(world.now + timedelta(hours=8)) == 0


def test_what_is_over_is_rendered_once_and_stays(world: World, root: Path) -> None:
    made = page(world, "main")
    over(world, made, 30)
    publish.publish_pages(world.now)
    file = root / "main" / "incidents" / "INC-29" / "index.html"
    before = file.stat().st_ino
    rendered: list[set[str]] = []
    releasing = importlib.import_module("quarterdeck.channels.status_site.release")
    real = status_site.render

    def noted(shown, how, kept=frozenset()):
        files = real(shown, how, kept)
        rendered.append({f for f in files if f.startswith("incidents/")})
        return files

    releasing.render = noted
    try:
        changed(made)
        publish.publish_pages(world.now)
        models.PageUpdateRow.objects.create(
            id="late", incident_id="INC-3", page=made.id, message_id="", status_word="postmortem", body="Learned",
            components={}, posted_at=world.now,
        )  # fmt: skip
        changed(made)
        publish.publish_pages(world.now)
    finally:
        releasing.render = real
    assert rendered[0] == set()
    assert {f.split("/")[1] for f in rendered[1]} == {"INC-3"}
    assert file.stat().st_ino == before
    assert "Learned" in (root / "main" / "incidents" / "INC-3" / "index.html").read_text()
    assert all((root / "main" / "incidents" / f"INC-{n}" / "feed.atom").is_file() for n in range(30))


def test_another_title_renders_everything_again(world: World, root: Path) -> None:
    made = page(world, "main")
    over(world, made, 2)
    publish.publish_pages(world.now)
    models.StatusPage.objects.update(title="Renamed", revision=9)
    publish.publish_pages(world.now)
    assert "Renamed" in (root / "main" / "incidents" / "INC-1" / "index.html").read_text()


def test_the_engine_publishes_beside_its_cycle(world: World, root: Path) -> None:
    page(world, "main")
    engine = Engine(chores=())
    try:
        for _ in range(200):
            engine.run_step(Engine.step_publish)
            if (root / "main" / "index.html").is_file():
                break
            time.sleep(0.02)
    finally:
        engine.close()
    assert (root / "main" / "index.html").is_file()


def fresh(root: Path) -> dict[str, object]:
    return json.loads((root / "main" / "fresh.json").read_text())


def test_a_page_nobody_changes_is_published_anew_every_ten_minutes_and_says_when(
    world: World, root: Path
) -> None:
    page(world, "main")
    publish.publish_pages(world.now)
    assert fresh(root) == {"generated_at": "2026-03-02T09:00:00Z", "fresh_for_seconds": 1800}
    assert 'data-fresh-for="1800"' in (root / "main" / "index.html").read_text()
    assert publish.publish_pages(world.now + timedelta(minutes=9)) == 0
    assert publish.publish_pages(world.now + timedelta(minutes=10)) == 1
    assert fresh(root)["generated_at"] == "2026-03-02T09:10:00Z"
    assert "09:10" in (root / "main" / "index.html").read_text()


@pytest.mark.parametrize("noted", [True, False], ids=["with its notes", "before its notes"])
def test_an_older_version_that_another_engine_left_and_died_is_mended_within_half_a_minute(
    world: World, root: Path, noted: bool
) -> None:
    made = page(world, "main")
    over(world, made, 2)
    publish.publish_pages(world.now)
    notes = root / ".main" / "published.json"
    old, was = (root / "main").readlink(), notes.read_text()
    models.PageUpdateRow.objects.filter(id="1-resolved").update(body="Found the cause")
    changed(made)
    models.StatusPage.objects.update(title="Now")
    assert publish.publish_pages(world.now + timedelta(seconds=1)) == 1
    assert publish.publish_pages(world.now + timedelta(seconds=2)) == 0
    (root / "main").unlink()
    (root / "main").symlink_to(old, target_is_directory=True)
    if noted:
        notes.write_text(was)
    assert "Now" not in (root / "main" / "index.html").read_text()
    assert publish.publish_pages(world.now + timedelta(seconds=20)) == 0, "it is not asked with every cycle"
    assert publish.publish_pages(world.now + timedelta(seconds=33)) == 1
    assert "Now" in (root / "main" / "index.html").read_text()
    assert "Found the cause" in (root / "main" / "incidents" / "INC-1" / "index.html").read_text()
    assert publish.publish_pages(world.now + timedelta(seconds=99)) == 0


def test_a_clock_that_goes_back_takes_back_nothing_that_was_told(world: World, root: Path) -> None:
    made = page(world, "main")
    later = world.now + timedelta(hours=1)
    models.PagePost.objects.create(
        id=new_id(), page=made, incident_ref="M-1", title="Told late", status_word="investigating", at=later
    )
    publish.publish_pages(later)
    assert "Told late" in (root / "main" / "index.html").read_text()
    publish._out.clear()  # the process starts again, by a clock an hour behind
    assert publish.publish_pages(world.now) == 1
    assert "Told late" in (root / "main" / "index.html").read_text()
    assert publish.publish_pages(world.now + timedelta(minutes=1)) == 0  # not again and again
    # A clock that was ahead by days is not followed: its page is dated by the present.
    assert publish.publish_pages(world.now + timedelta(days=9)) == 1
    assert publish.publish_pages(world.now) == 1
    assert fresh(root)["generated_at"] == "2026-03-02T09:00:00Z"


@contextlib.contextmanager
def full_disk(folder: Path) -> Iterator[None]:
    """A file system of its own that is full to the last byte; without the right to make one, a folder that refuses."""
    if (
        os.getuid() == 0
        and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=2m", "quarterdeck-test", str(folder)],
            check=False,
            capture_output=True,
        ).returncode
        == 0
    ):
        try:
            yield
        finally:
            subprocess.run(["umount", str(folder)], check=True)
    else:
        yield


def test_a_full_disk_leaves_the_page_whole_raises_an_alarm_and_recovers(world: World, root: Path) -> None:
    made = page(world, "main")
    root.mkdir(parents=True, exist_ok=True)
    with full_disk(root):
        publish.publish_pages(world.now)
        before = {p.name: p.read_bytes() for p in (root / "main").iterdir() if p.is_file()}
        mounted = root.is_mount()
        if mounted:
            with contextlib.suppress(OSError), (root / "filler").open("wb", buffering=0) as filler:
                while True:
                    filler.write(b"x" * 4096)
        else:
            (root / ".main").chmod(0o500)
        models.StatusPage.objects.update(title="Renamed", revision=made.revision + 1)
        assert publish.publish_pages(world.now) == 0
        assert before == {p.name: p.read_bytes() for p in (root / "main").iterdir() if p.is_file()}
        [alarm] = models.Alarm.objects.filter(cleared_at=None)
        assert "cannot be published" in alarm.text
        if mounted:
            assert "No space left" in alarm.text
            (root / "filler").unlink()
        else:
            (root / ".main").chmod(0o755)
        assert publish.publish_pages(world.now + publish.AGAIN) == 1
        assert "Renamed" in (root / "main" / "index.html").read_text()
        assert alarms() == []


def test_a_page_with_what_nobody_can_draw_keeps_no_other_from_being_published(
    world: World, root: Path
) -> None:
    """The last moment there is has no time of day east of here."""
    broken, whole = page(world, "broken", timezone="Pacific/Kiritimati"), page(world, "whole")
    models.PagePost.objects.create(
        id=new_id(), page=broken, incident_ref="x", title="x", body="x", status_word="investigating", at=world.now,
        next_update_at=datetime.max.replace(tzinfo=UTC),
    )  # fmt: skip
    changed(broken)
    changed(whole)
    assert publish.publish_pages(world.now) == 1
    assert (root / "whole" / "index.html").is_file()
    assert "broken" in models.Alarm.objects.get(kind="status-page", cleared_at=None).text
