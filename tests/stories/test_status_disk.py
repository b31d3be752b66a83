"""A disk of two megabytes runs full while a page is published: at every stage, and the page comes back by itself."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from quarterdeck.app.health import health
from quarterdeck.app.people.accounts import operator
from quarterdeck.app.status import status_pages
from quarterdeck.boot.machine import machine
from quarterdeck.channels import status_site
from quarterdeck.engine import publish
from quarterdeck.store import models
from quarterdeck.store.ids import new_id
from support.world import World

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
BLOCK = 4096


@pytest.fixture
def disk(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file system of its own; nothing else can be full to the last byte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=2m", "quarterdeck-test", str(folder)]
    if os.getuid() != 0 or subprocess.run(words, check=False, capture_output=True).returncode != 0:
        pytest.skip("a full disk needs root, and the right to mount a tmpfs")
    monkeypatch.setattr(settings, "QUARTERDECK_STATUS", folder)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def free(disk: Path) -> int:
    about = os.statvfs(disk)
    return about.f_bavail * about.f_frsize


def fill(disk: Path, leave: int) -> Path:
    """Something else on the disk that leaves this much."""
    path = disk / "somebody-elses"
    with path.open("wb") as file:
        file.write(b"x" * max(free(disk) - leave, 0))
    return path


def content(site: Path) -> dict[str, bytes]:
    return {p.relative_to(site).as_posix(): p.read_bytes() for p in site.rglob("*") if p.is_file()}


def said(now: object) -> list[str]:
    return [f"{f.level}: {f.text} -> {f.next}" for f in health.look(machine(), now) if "published" in f.text]  # type: ignore[arg-type]


def test_a_disk_that_runs_full_at_any_stage_keeps_the_page_whole_and_it_recovers(
    disk: Path, db: None
) -> None:
    world = World()
    publish._out.clear()
    publish._failed.clear()
    page = models.StatusPage.objects.create(id=new_id(), key="main", title="Number 0.", created_at=world.now)
    for name in range(12):
        status_pages.create_component(operator(world.now), "main", f"Component {name}")
    page.refresh_from_db()
    now, site, failed, through = world.now, disk / "main", 0, 0
    assert publish.publish_pages(now) == 1
    seed = random.SystemRandom().randrange(10**6)
    dice = random.Random(seed)
    # From no room at all to more than a publication needs.
    stages = [*range(0, 40 * BLOCK, BLOCK), *(dice.randrange(160 * BLOCK) for _ in range(40))]
    for number, leave in enumerate(stages, 1):
        before, standing = content(site), status_site.versions_of(site)
        for path in standing.iterdir():  # none of which a new one could be made
            if path.is_dir() and path.name not in (site.readlink().name, "manifests"):
                shutil.rmtree(path)
        other = fill(disk, leave)
        page.title, page.revision = f"Number {number}.", page.revision + 5
        page.save()
        now += publish.AGAIN
        if publish.publish_pages(now):
            through += 1
        else:
            failed += 1
            # It may be out already, and only what is noted beside it not: whole, in any case.
            assert content(site) == before or f"Number {number}.".encode() in content(site)["index.html"], (
                seed,
                leave,
            )
            assert any("cannot be published" in text and "No space left" in text for text in said(now)), said(
                now
            )
            assert not [p for p in standing.glob(".*/")], "what could not be finished takes no room"
        after = content(site)
        assert after["index.html"].rstrip().endswith(b"</html>"), (seed, leave)
        other.unlink()
        now += publish.AGAIN
        publish.publish_pages(now)
        assert f"Number {number}.".encode() in content(site)["index.html"], (seed, leave)
        assert not models.Alarm.objects.filter(cleared_at=None).exists(), (seed, leave)
        assert status_site.read(site).revision == page.revision
    assert failed > 20, "the disk was hardly ever full"
    assert through > 5, "there was hardly ever room"
    assert not any("cannot be published" in text for text in said(now))


def test_what_is_freed_bit_by_bit_is_not_eaten_by_what_fails(disk: Path) -> None:
    world = World()
    publish._out.clear()
    publish._failed.clear()
    page = models.StatusPage.objects.create(id=new_id(), key="main", title="Main", created_at=world.now)
    now = world.now
    assert publish.publish_pages(now) == 1
    page.title, page.revision = "Renamed", 50
    page.save()
    other, tries = fill(disk, 0), 0
    while b"Renamed" not in (disk / "main" / "index.html").read_bytes():
        os.truncate(other, max(other.stat().st_size - 4 * BLOCK, 0))
        before = free(disk)
        now += timedelta(minutes=1)
        done = publish.publish_pages(now)
        tries += 1
        if not done and b"Renamed" not in (disk / "main" / "index.html").read_bytes():
            assert free(disk) >= before - 2 * BLOCK, "nothing is kept of what failed"
        assert tries < 400
    assert tries > 5
    assert other.stat().st_size > 0
