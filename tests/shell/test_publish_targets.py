"""The engine brings pages to their targets: beside the page here, again after a fault, with an alarm when one is late."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from quarterdeck.app.health import health_targets
from quarterdeck.app.people.accounts import operator
from quarterdeck.app.status import page_access, page_folders, publish_targets
from quarterdeck.app.status import publish_target_runs as runs
from quarterdeck.boot import emergency, emergency_targets
from quarterdeck.boot.config import Config
from quarterdeck.boot.emergency import Words
from quarterdeck.channels.status_targets import git
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.engine import publish
from quarterdeck.engine.publish_targets import TargetPublisher
from quarterdeck.store import models
from quarterdeck.store.ids import new_id
from support.s3_fake import ACCESS, REGION, SECRET, Store, s3_store
from support.world import World


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    with s3_store() as made:
        monkeypatch.setattr(settings, "QUARTERDECK_ALLOW_TARGETS", (made.url.removeprefix("http://"),))
        yield made


class Site:
    """A page with a target, published and brought there by an engine of ours whose clock we set."""

    def __init__(self, world: World, store: Store) -> None:
        self.world, self.store, self.now = world, store, world.now
        self.page = models.StatusPage.objects.create(
            id=new_id(), key="main", title="Main", created_at=world.now
        )
        self.act = operator(world.now)
        self.targets = TargetPublisher(lambda: self.now, "engine@a:1")

    def add(self, name: str = "Bucket", **changes: str) -> models.PublishTarget:
        values = {
            "endpoint": self.store.url,
            "bucket": "pages",
            "region": REGION,
            "access_key": ACCESS,
            "prefix": "",
        }
        secret = changes.pop("secret", SECRET)
        return publish_targets.add(self.act, "main", "s3", name, values | changes, secret)

    def turn(self, after: timedelta = timedelta(seconds=1), node: TargetPublisher | None = None) -> None:
        """Publish what waits, then bring it, then wait for that."""
        self.now += after
        publish.publish_pages(self.now)
        publish.bring(node or self.targets, self.now)
        (node or self.targets).wait()

    def row(self) -> models.PublishTarget:
        return models.PublishTarget.objects.get()

    @property
    def shown(self) -> bytes:
        return self.store.objects.get("/pages/index.html", (b"", {}))[0]

    @property
    def here(self) -> bytes:
        return (Path(settings.QUARTERDECK_STATUS) / "main" / "index.html").read_bytes()


@pytest.fixture
def site(db: None, store: Store) -> Iterator[Site]:
    publish._out.clear()
    publish._failed.clear()
    world = World()
    yield Site(world, store)
    publish._out.clear()


def change(site: Site, title: str) -> None:
    models.StatusPage.objects.update(title=title, revision=site.row().revision + 5)


def test_a_page_is_brought_there_tried_first_and_again_only_when_it_differs(site: Site, store: Store) -> None:
    site.add()
    site.turn()
    row = site.row()
    assert (row.failure, row.test_failure, row.behind_since) == ("", "", None)
    assert row.succeeded_at == row.tested_at == site.now
    assert site.shown == site.here
    store.asked.clear()
    site.turn()
    assert store.asked == []
    change(site, "Renamed")
    site.turn()
    assert b"Renamed" in site.shown
    store.asked.clear()
    site.turn(timedelta(minutes=11))  # nobody changed it: only its time is new
    assert site.shown == site.here
    assert "/pages/fresh.json" in store.names("PUT")
    assert "/pages/status.css" not in store.names("PUT")


def test_the_secret_is_sealed_in_the_store_and_said_nowhere(site: Site) -> None:
    row = site.add()
    raw = models.PublishTarget.objects.extra(select={"raw": "secret"}).values("raw")[0]["raw"]
    assert SECRET not in raw
    assert len(raw) > 50
    assert row.secret == SECRET
    told = "".join(str(e.data) for e in models.Event.objects.all())
    assert "PublishTargetAdded" in set(models.Event.objects.values_list("kind", flat=True))
    assert SECRET not in told


def test_what_fails_is_tried_again_later_each_time_and_becomes_an_alarm_until_it_is_mended(
    site: Site, store: Store
) -> None:
    site.add()
    site.turn()
    before = site.shown
    store.refuse = lambda method, path: 507 if method == "PUT" else 0
    change(site, "Renamed")
    site.turn()
    row = site.row()
    assert "SlowDown" not in row.failure
    assert (row.failures, row.failed_at, site.shown) == (1, site.now, before)
    assert b"Renamed" in site.here
    waits = []
    for _ in range(4):
        asked = len(store.asked)
        site.turn(timedelta(seconds=1))
        assert len(store.asked) == asked  # not before its time
        waits.append((site.row().next_try_at - site.row().failed_at).total_seconds())
        site.turn(timedelta(seconds=waits[-1]))
        assert len(store.asked) > asked
    assert waits == sorted(waits)
    assert 8 <= waits[0] <= 10
    assert waits[3] >= 60
    alarms = models.Alarm.objects.filter(kind=publish_targets.ALARM, cleared_at=None)
    assert not alarms.exists()
    site.turn(timedelta(minutes=5))
    assert "Main: Bucket" in alarms.get().text or "Renamed: Bucket" in alarms.get().text
    [finding] = [f for f in health_targets.look(site.now) if f.level == "fault"]
    assert "it asks for fewer requests" in finding.text
    store.refuse = lambda method, path: 0
    site.turn(timedelta(minutes=11))
    assert site.shown == site.here
    assert not alarms.exists()
    assert [f.level for f in health_targets.look(site.now)] == ["ok"]


def test_health_says_when_each_was_last_brought_there_and_what_to_do(site: Site, store: Store) -> None:
    row = site.add()
    site.turn()
    [well] = health_targets.look(site.now + timedelta(minutes=2))
    assert (
        "The target with the oldest copy is Main: Bucket: It was last brought there 2 min ago." in well.text
    )
    # Nothing failed, and yet nobody brings it: the page here is new.
    publish.publish_pages(site.now + timedelta(minutes=31))
    [stale] = [f for f in health_targets.look(site.now + timedelta(minutes=31)) if f.level == "fault"]
    assert (
        "Main: Bucket: It was last brought there 31 min ago. Readers there are told to doubt it."
        in stale.text
    )
    assert "See that the engine runs" in stale.next
    store.refuse = lambda method, path: 507
    change(site, "Renamed")
    site.turn()
    [failing] = [f for f in health_targets.look(site.now) if f.level == "warning"]
    assert failing.text.endswith("It was last brought there 1 s ago.")
    assert "Mend it, then try it under Status pages, Renamed, Targets." in failing.next
    assert row.name in failing.text


def test_a_target_that_hangs_delays_neither_the_page_here_nor_another_target(
    site: Site, store: Store
) -> None:
    with s3_store() as hung:
        settings.QUARTERDECK_ALLOW_TARGETS += (hung.url.removeprefix("http://"),)
        hung.wait.clear()
        site.add("Hung", endpoint=hung.url)
        site.add("Well")
        begun = time.monotonic()
        site.now += timedelta(seconds=1)
        publish.publish_pages(site.now)
        publish.bring(site.targets, site.now)
        end = begun + 10
        while not site.shown and time.monotonic() < end:
            time.sleep(0.01)
        assert site.shown == site.here
        assert models.PublishTarget.objects.get(name="Hung").succeeded_at is None
        change_to = models.StatusPage.objects.update(title="Second", revision=50)
        assert change_to == 1
        site.now += timedelta(seconds=2)
        publish.publish_pages(site.now)
        assert b"Second" in site.here
        hung.wait.set()
        site.targets.wait()


def test_two_nodes_do_not_bring_the_same_target_and_the_second_takes_over_from_one_that_died(
    site: Site, store: Store
) -> None:
    site.add()
    site.turn()
    other = TargetPublisher(lambda: site.now, "engine@b:1")
    change(site, "Renamed")
    publish.publish_pages(site.now)
    store.asked.clear()
    site.turn(node=other)
    assert store.asked == []  # the first one holds it
    site.turn(timedelta(minutes=6), node=other)
    assert b"Renamed" in site.shown
    assert site.row().node == "engine@b:1"


def test_an_older_page_never_takes_the_place_of_a_newer_one(site: Site) -> None:
    row = site.add()
    models.PublishTarget.objects.update(version="x", revision=9, test_asked_at=None)
    row.refresh_from_db()
    assert not runs._wants(row, runs.Out("y", 8), site.now)
    assert runs._wants(row, runs.Out("y", 10), site.now)


def test_a_repository_gets_no_commit_for_the_time_alone_each_time(site: Site) -> None:
    row = models.PublishTarget(kind="git", version="x", revision=3, succeeded_at=site.now)
    assert not runs._wants(row, runs.Out("y", 3), site.now + git.REFRESH / 2)
    assert runs._wants(row, runs.Out("y", 3), site.now + git.REFRESH)
    assert runs._wants(row, runs.Out("y", 4), site.now)


def test_switching_off_and_removing_end_it_and_its_alarm(site: Site, store: Store) -> None:
    row = site.add(secret="wrong" * 8)
    site.turn()
    assert "secret key does not belong" in site.row().test_failure
    site.turn(timedelta(minutes=6))
    assert models.Alarm.objects.filter(cleared_at=None).count() == 1
    publish_targets.change(site.act, "main", row.id, enabled=False)
    asked = len(store.asked)
    site.turn(timedelta(minutes=6))
    assert len(store.asked) == asked
    assert models.Alarm.objects.filter(cleared_at=None).count() == 0
    with pytest.raises(Refused, match="switched off"):
        publish_targets.ask_test(site.act, "main", row.id)
    publish_targets.change(site.act, "main", row.id, enabled=True, secret=SECRET)
    site.turn(timedelta(seconds=20))
    assert site.shown == site.here
    publish_targets.remove(site.act, "main", row.id)
    with pytest.raises(Refused, match="no such target"):
        publish_targets.find("main", row.id)


def test_a_clock_that_jumped_does_not_keep_a_target_waiting(site: Site) -> None:
    far = site.now + timedelta(days=3)
    row = models.PublishTarget(kind="s3", version="x", revision=3, next_try_at=far)
    assert runs._wants(row, runs.Out("y", 4), site.now)
    made: datetime = site.now
    site.targets._next_look = made + timedelta(days=2)
    assert site.targets.is_time(made)


def test_a_clock_that_jumps_a_day_on_and_back_delays_neither_the_page_nor_the_alarm(
    site: Site, store: Store
) -> None:
    site.add()
    site.turn()
    for number, jump in enumerate((timedelta(days=1), timedelta(days=-1)), 1):
        change(site, f"Jump {number}")
        site.turn(jump)
        assert f"Jump {number}".encode() in site.shown
        assert site.shown == site.here
        assert {f.level for f in health_targets.look(site.now)} == {"ok"}
    # It fails while the clock is a day ahead, and goes on failing by the right one.
    store.refuse = lambda method, path: 507
    change(site, "Late")
    site.turn(timedelta(days=1))
    site.turn(timedelta(days=-1))
    site.turn(timedelta(minutes=6))
    assert models.Alarm.objects.filter(kind=publish_targets.ALARM, cleared_at=None).count() == 1
    store.refuse = lambda method, path: 0
    site.turn(runs.LAST_AGAIN)
    assert b"Late" in site.shown
    assert {f.level for f in health_targets.look(site.now)} == {"ok"}


def test_a_page_that_is_public_no_more_is_taken_away_there_too(site: Site, store: Store) -> None:
    site.add()
    site.turn()
    assert b"Main" in site.shown
    assert len([p for p in store.objects if p.startswith("/pages/")]) > 5
    page_access.change(site.act, "main", visibility="internal")
    site.turn()
    left = [name for name, (content, _) in store.objects.items() if b"Main" in content or "history" in name]
    assert left == []
    assert b"not public any more" in site.shown
    before = dict(store.objects)
    site.turn(timedelta(hours=1))
    assert store.objects == before, "and nothing of the page comes after it"
    page_access.change(site.act, "main", visibility="public")
    site.turn(timedelta(hours=1))
    assert b"Main" in site.shown


@pytest.mark.parametrize("how", ["switched off", "half way", "key replaced"])
def test_a_copy_that_may_be_there_is_taken_away_whatever_became_of_the_target(
    site: Site, store: Store, how: str
) -> None:
    row = site.add()
    if how == "half way":
        store.refuse = lambda method, path: 507 if method == "PUT" and path.endswith("/fresh.json") else 0
    site.turn()
    assert any(b"Main" in content for content, _ in store.objects.values())
    store.refuse = lambda method, path: 507
    if how == "switched off":
        publish_targets.change(site.act, "main", row.id, enabled=False)
    if how == "key replaced":
        publish_targets.change(site.act, "main", row.id, secret=SECRET)
    page_access.change(site.act, "main", visibility="internal")
    site.turn(timedelta(minutes=11))
    with pytest.raises(Refused, match="may still be there"):
        publish_targets.change(site.act, "main", row.id, values={"prefix": "elsewhere"})
    [found] = health_targets.look(site.now)
    assert "a copy may still be there" in found.text
    store.refuse = lambda method, path: 0
    site.turn(timedelta(minutes=11))
    assert not any(b"Main" in content for content, _ in store.objects.values())
    assert b"not public any more" in site.shown
    assert {f.level for f in health_targets.look(site.now)} <= {"ok"}
    publish_targets.change(site.act, "main", row.id, values={"prefix": "elsewhere"})


def test_a_page_that_cannot_be_brought_keeps_no_other_back(site: Site, store: Store) -> None:
    site.add()
    models.StatusPage.objects.create(id=new_id(), key="other", title="Other", created_at=site.now)
    site.turn()
    change(site, "Renamed")
    models.PublishTarget.objects.create(
        id=new_id(), page=models.StatusPage.objects.get(key="other"), kind="s3", created_at=site.now
    )
    folder = Path(settings.QUARTERDECK_STATUS) / "other"
    folder.unlink()
    folder.mkdir()
    site.turn()
    assert b"Renamed" in site.shown
    alarms = models.Alarm.objects.filter(kind="status-page", subject__startswith="other.targets@")
    assert alarms.get().cleared_at is None
    folder.rmdir()
    site.turn(publish.AGAIN)
    assert alarms.get().cleared_at is not None


def test_a_folder_of_this_machine_is_one_targets_alone(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "QUARTERDECK_STATUS_LOCAL_TARGETS", (str(tmp_path),))
    values = {"folder": str(tmp_path / "www" / "status")}
    row = publish_targets.add(site.act, "main", "rsync", "First", values)
    for taken in ("www/status", "www", "www/status/deep"):
        with pytest.raises(Refused, match="used by another target"):
            publish_targets.add(site.act, "main", "rsync", "Second", {"folder": str(tmp_path / taken)})
    publish_targets.change(site.act, "main", row.id, values=values)


def test_a_page_that_was_never_public_is_brought_nowhere(site: Site, store: Store) -> None:
    page_access.change(site.act, "main", visibility="internal")
    site.add()
    site.turn()
    assert not store.objects
    assert not list(page_folders.private_root().rglob("targets.json"))


def test_the_emergency_command_brings_its_post_to_the_targets_while_the_keys_are_there(
    site: Site, tmp_path: Path
) -> None:
    site.add()
    site.turn()
    site.turn(timedelta(minutes=11))
    root = Path(settings.QUARTERDECK_STATUS)
    beside = (root / ".main" / "targets.json").read_text()
    assert SECRET not in beside
    assert "corvane" not in beside
    snapshot = root / ".main" / "snapshot.json"
    public = snapshot.read_text()
    snapshot.write_text(public.replace('"public":true', '"public":false'))
    assert list(emergency_targets.bring(root / "main", Config(data=tmp_path / "lost"))) == []
    snapshot.write_text(public)
    told = emergency.publish(root, "", Words("Down", "", "All of it."), site.now)
    lost = Config(data=tmp_path / "lost", allow_targets=list(settings.QUARTERDECK_ALLOW_TARGETS))
    [said] = emergency_targets.bring(told.folder, lost)
    assert said.startswith("Not brought to Bucket: their keys need")
    assert b"All of it." not in site.shown
    found = tmp_path / "found"
    found.mkdir()
    keys = {"web": "w" * 40, "engine": "e" * 40, "link": settings.QUARTERDECK_LINK_KEY}
    (found / "secrets.json").write_text(json.dumps(keys))
    [said] = emergency_targets.bring(told.folder, Config(data=found, allow_targets=lost.allow_targets))
    assert said.startswith("Brought to Bucket:")
    assert b"All of it." in site.shown
    # Quarterdeck is back: the post stays, here and there.
    publish._out.clear()
    site.turn(timedelta(minutes=1))
    assert b"All of it." in site.shown
    assert site.shown == site.here
