"""A target that is removed with what was brought there: the page's own files go, whatever happens meanwhile, and no other."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from quarterdeck.app.people.accounts import operator
from quarterdeck.app.status import publish_target_runs as runs
from quarterdeck.app.status import publish_targets
from quarterdeck.channels import status_site
from quarterdeck.channels.safe_http import SafeClient
from quarterdeck.channels.status_targets import Errand, Failed, kind, read_settings
from quarterdeck.channels.status_targets.order import away
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from support.browsing import browser, company, words
from support.programs import need
from support.rest import Organisation
from support.s3_fake import ACCESS, REGION, SECRET, Store, s3_store
from support.sshd import sshd
from support.status_sample import URL, busy_page
from support.turns import Turns

PAGE = {
    "index.html": b"page", "index.html.gz": b"z", "status.css": b"css", "history.atom": b"feed", "fresh.json": b"1",
    "incidents/INC-1/index.html": b"inc", "api/v2/summary.json": b"{}",
}  # fmt: skip
SECOND = timedelta(seconds=1)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    with s3_store() as made:
        monkeypatch.setattr(settings, "QUARTERDECK_ALLOW_TARGETS", (made.url.removeprefix("http://"),))
        yield made


def bucket(store: Store, prefix: str = "") -> dict[str, str]:
    return {
        "endpoint": store.url,
        "bucket": "pages",
        "region": REGION,
        "access_key": ACCESS,
        "prefix": prefix,
    }


def ours(store: Store, word: bytes = b"") -> list[str]:
    return [name for name, (content, _) in store.objects.items() if word in content]


# -- each kind


def test_every_file_that_is_published_is_known_as_one_of_ours() -> None:
    files = status_site.render(busy_page(), status_site.SiteSettings(URL, ("en", "ar")))
    waves = away([*files, "CNAME", "../up", "other/index.html", "quarterdeck-files.json"])
    assert {name for wave in waves for name in wave} == set(files)
    assert "index.ar.html" in waves[0]


def gone(
    tmp_path: Path, name: str, port: int, secret: str, values: dict[str, str], *, withdraws: bool = False
) -> Callable[[], int]:
    """Brings a page there; answers what takes it away."""
    status_site.write(PAGE, tmp_path / "status" / "main")
    version = status_site.current(tmp_path / "status" / "main")
    assert version is not None
    http = SafeClient(allow=[f"127.0.0.1:{port}"])
    made = Errand(
        read_settings(name, values), secret, version, tmp_path / "scratch", http, (str(tmp_path / "local"),)
    )
    kind(name).push(made)
    (tmp_path / "nothing").mkdir()
    nothing = replace(made, version=tmp_path / "nothing", withdraws=withdraws)
    return lambda: kind(name).take_away(nothing)


def left(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_a_bucket_loses_the_page_alone(tmp_path: Path, store: Store) -> None:
    take = gone(tmp_path, "s3", int(store.url.rpartition(":")[2]), SECRET, bucket(store, "st"))
    store.objects["/pages/st/CNAME"] = store.objects["/pages/other/index.html"] = (b"somebody's", {})
    assert take() == len(PAGE)
    assert sorted(store.objects) == ["/pages/other/index.html", "/pages/st/CNAME"]
    assert take() == 0


def test_a_folder_of_this_machine_loses_the_page_alone(tmp_path: Path) -> None:
    need("rsync")
    folder = tmp_path / "local" / "www"
    folder.mkdir(parents=True)
    take = gone(tmp_path, "rsync", 1, "", {"folder": str(folder)})
    (folder / "CNAME").write_text("somebody's")
    (folder / "a name with spaces.txt").write_text("somebody's")
    assert take() == len(PAGE)
    assert left(folder) == ["CNAME", "a name with spaces.txt"]
    assert take() == 0


def test_a_branch_loses_the_page_by_a_commit(tmp_path: Path) -> None:
    need("git")
    bare = tmp_path / "local" / "status.git"
    subprocess.run(["git", "init", "--quiet", "--bare", bare], check=True, timeout=30)
    take = gone(tmp_path, "git", 1, "", {"url": f"file://{bare}"})

    def git(*asked: str) -> str:
        done = subprocess.run(
            ["git", "--git-dir", bare, *asked], capture_output=True, text=True, check=True, timeout=30
        )
        return done.stdout

    # As hosts do by themselves where the page gets a domain of its own.
    blob = git("hash-object", "-w", str(Path(__file__))).strip()
    git("read-tree", "gh-pages")
    git("update-index", "--add", "--cacheinfo", f"100644,{blob},CNAME")
    tree = git("write-tree").strip()
    named = ("-c", "user.name=Host", "-c", "user.email=host@example.com")
    git(
        "update-ref",
        "refs/heads/gh-pages",
        git(*named, "commit-tree", tree, "-p", "gh-pages", "-m", "Domain").strip(),
    )
    assert take() == len(PAGE) - 1
    assert git("ls-tree", "-r", "--name-only", "gh-pages") == "CNAME\n"
    assert git("log", "--format=%s", "gh-pages").splitlines() == [
        "Removed by Quarterdeck",
        "Domain",
        "Published by Quarterdeck",
    ]
    assert take() == 0


@pytest.mark.parametrize("withdraws", [False, True])
def test_a_branch_keeps_what_somebody_put_in_place_of_a_file_of_the_page(
    tmp_path: Path, withdraws: bool
) -> None:
    """Of a page that is public no more the history goes, too."""
    need("git")
    bare, desk = tmp_path / "local" / "status.git", tmp_path / "desk"
    subprocess.run(["git", "init", "--quiet", "--bare", bare], check=True, timeout=30)
    take = gone(tmp_path, "git", 1, "", {"url": f"file://{bare}"}, withdraws=withdraws)
    said = ["-c", "user.name=Kim", "-c", "user.email=kim@example.com"]
    for asked in (
        ["clone", "--quiet", "--branch", "gh-pages", bare, desk],
        ["-C", desk, "rm", "--quiet", "fresh.json"],
        ["-C", desk, *said, "commit", "--quiet", "--message", "Less"],
    ):
        subprocess.run(["git", *asked], check=True, timeout=30)
    (desk / "index.html").write_text("We moved")
    for asked in (["commit", "--quiet", "--all", "--message", "Moved"], ["push", "--quiet"]):
        subprocess.run(["git", "-C", desk, *said, *asked], check=True, timeout=30)
    assert take() == len(PAGE) - 3, "not the compressed one, which is not pushed"
    told = [["ls-tree", "-r", "--name-only", "gh-pages"], ["rev-list", "--count", "gh-pages"]]
    left_, count = (
        subprocess.run(["git", "--git-dir", bare, *a], capture_output=True, text=True, check=True, timeout=30)
        for a in told
    )
    assert (left_.stdout, int(count.stdout)) == ("index.html\n", 1 if withdraws else 4)


def test_a_folder_reached_by_sftp_loses_the_page_and_its_folders_alone(tmp_path: Path) -> None:
    folder = tmp_path / "www"
    folder.mkdir()
    with sshd(tmp_path / "etc") as server:
        values = {"host": "127.0.0.1", "port": str(server.port), "user": server.user}
        values |= {"host_key": server.host_key, "folder": str(folder)}
        take = gone(tmp_path, "sftp", server.port, server.private_key, values)
        (folder / "incidents" / "CNAME").write_text("somebody's")
        assert take() == len(PAGE)
        assert left(folder) == ["incidents/CNAME"]
        assert [p.name for p in folder.iterdir()] == ["incidents"]
        assert take() == 0


# -- the engine's step


@pytest.fixture
def turns(db: None, store: Store) -> Turns:
    return Turns()


def test_a_target_leaves_when_its_files_are_gone_and_that_is_audited(turns: Turns, store: Store) -> None:
    act = operator(turns.now)
    row = publish_targets.add(act, "main", "s3", "Bucket", bucket(store), SECRET)
    turns.turn(SECOND)
    assert ours(store, b"Main")
    store.refuse = lambda method, path: 503 if method == "DELETE" and path.endswith(".css") else 0
    assert publish_targets.remove(act, "main", row.id, take_away=True)
    turns.turn(SECOND)
    row = models.PublishTarget.objects.get()
    assert (row.leaving, row.enabled, row.failures) == (True, False, 1)
    assert "/pages/index.html" not in store.objects, "where readers come in goes first"
    turns.rename("Renamed")
    told = turns.turn(runs.BEHIND)
    assert any("fault: The status page Renamed: Bucket could not be taken away" in t for t in told), told
    assert models.Alarm.objects.filter(kind=publish_targets.ALARM, cleared_at=None).count() == 1
    assert not ours(store, b"Renamed"), "nothing is brought there any more"
    store.refuse = lambda method, path: 0
    [well] = turns.turn(runs.LAST_AGAIN)
    assert well.startswith("ok: ")
    assert not store.objects
    assert not models.PublishTarget.objects.exists()
    assert not models.Alarm.objects.filter(cleared_at=None).exists()
    told = {e.kind: e.data for e in models.Event.objects.filter(kind__startswith="PublishTarget")}
    assert {"PublishTargetLeaving", "PublishTargetTakenAway"} <= set(told)
    assert "Bucket" in str(told["PublishTargetTakenAway"])


def test_a_push_that_ends_after_the_removal_does_not_bring_the_target_back(
    turns: Turns, store: Store
) -> None:
    act = operator(turns.now)
    row = publish_targets.add(act, "main", "s3", "Bucket", bucket(store), SECRET)
    turns.turn(SECOND)
    work = runs.Work(models.PublishTarget.objects.select_related("page").get(), runs.Out("x", 9), True, False)
    publish_targets.remove(act, "main", row.id, take_away=True)
    runs.done(work, 3, turns.now)
    runs.failed(work, "It hung.", None, turns.now)
    assert (models.PublishTarget.objects.get().version, models.PublishTarget.objects.get().failure) == (
        "leaving",
        "",
    )
    turns.turn(SECOND)
    assert not store.objects


def test_a_place_is_left_before_it_is_used_again_and_one_that_is_shared_is_not_emptied(
    turns: Turns, store: Store
) -> None:
    act = operator(turns.now)
    first = publish_targets.add(act, "main", "s3", "First", bucket(store), SECRET)
    second = publish_targets.add(act, "main", "s3", "Second", bucket(store), SECRET)
    turns.turn(SECOND)
    with pytest.raises(Refused, match="'Second', has the same place"):
        publish_targets.remove(act, "main", first.id, take_away=True)
    publish_targets.remove(act, "main", second.id)
    publish_targets.remove(act, "main", first.id, take_away=True)
    with pytest.raises(Refused, match="is being taken away from this place"):
        publish_targets.add(act, "main", "s3", "Third", bucket(store), SECRET)
    for changes in ({"values": {"prefix": "elsewhere"}}, {"enabled": True}):
        with pytest.raises(Refused, match="being taken away"):
            publish_targets.change(act, "main", first.id, **changes)  # type: ignore[arg-type]
    publish_targets.change(act, "main", first.id, secret=SECRET)
    assert models.PublishTarget.objects.get().leaving
    turns.turn(SECOND)
    publish_targets.add(act, "main", "s3", "Third", bucket(store), SECRET)
    turns.turn(SECOND)
    assert ours(store, b"Main")


def test_what_cannot_be_taken_away_can_be_left_there(turns: Turns, store: Store) -> None:
    act = operator(turns.now)
    never = publish_targets.add(act, "main", "s3", "Never", bucket(store, "never"), SECRET)
    assert not publish_targets.remove(act, "main", never.id, take_away=True), "nothing was ever brought there"
    row = publish_targets.add(act, "main", "s3", "Bucket", bucket(store), SECRET)
    turns.turn(SECOND)
    store.refuse = lambda method, path: 403
    publish_targets.remove(act, "main", row.id, take_away=True)
    turns.turn(SECOND)
    assert models.PublishTarget.objects.get().failure
    assert not publish_targets.remove(act, "main", row.id)
    assert not models.PublishTarget.objects.exists()
    assert ours(store, b"Main")
    with pytest.raises(Failed):
        kind("s3").take_away(Errand(
            read_settings("s3", bucket(store)), SECRET, Path(), Path(),
            SafeClient(allow=[store.url.removeprefix("http://")]),
        ))  # fmt: skip


# -- asking for it


def test_removing_a_target_in_the_browser_offers_to_take_the_files_away(db: None, store: Store) -> None:
    world = company()
    turns = Turns()
    row = publish_targets.add(operator(turns.now), "main", "s3", "Bucket", bucket(store), SECRET)
    client, page = browser(world, "ben"), "/status-pages/main/targets"
    assert "Take the published files away from there" not in words(client.get(page))
    turns.turn(SECOND)
    assert "Take the published files away from there" in words(client.get(page))
    said = words(client.post(f"{page}/{row.id}/remove", {"take_away": "1"}, follow=True))
    assert "Bucket is removed when the published files are taken away from there." in said
    assert "Being taken away" in said
    assert "Remove, leave the files" in said
    assert store.objects
    client.post(f"{page}/{row.id}/test")
    turns.turn(SECOND)
    assert not store.objects
    assert "On this machine alone" in words(client.get(page))


def test_over_rest_the_target_is_leaving_until_it_is_gone(db: None, store: Store) -> None:
    org = Organisation()
    org.call("root", "administrator")
    turns, ana, where = Turns(), org.call("ana"), "/status-pages/main/targets"
    made = ana.post(where, {"kind": "s3", "name": "One", "settings": bucket(store), "secret": SECRET})
    assert (made.status, made.json["leaving"]) == (201, False)
    turns.turn(SECOND)
    one = f"{where}/{made.json['id']}"
    assert ana.delete(f"{one}?take_away=perhaps").status == 422
    assert ana.delete(f"{one}?take_away=true").status == 204
    assert ana.get(one).json["leaving"] is True
    turns.turn(SECOND)
    assert ana.get(one).status == 404
    assert not store.objects
