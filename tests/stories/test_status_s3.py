"""A page is brought to a real store that speaks S3 (OpenStack Swift): each object as readers need it, also after either side was killed."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from quarterdeck.app.people.accounts import operator
from quarterdeck.app.status import publish_target_runs as runs
from quarterdeck.app.status import publish_targets
from quarterdeck.channels import status_site
from quarterdeck.channels.safe_http import SafeClient
from quarterdeck.channels.status_targets import Errand, Failed, s3
from support.source import ROOT
from support.status_sample import URL, busy_page, quiet_page
from support.swift import SECRET, STRANGER, Swift, errand_of, installed, swift, values
from support.turns import Turns

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

BUSY = status_site.render(busy_page(), status_site.SiteSettings(URL))
QUIET = status_site.render(quiet_page(), status_site.SiteSettings(URL))
# A publication in a process of its own, so that it can be killed.
PUSH = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from support.swift import errand_of
from quarterdeck.channels.status_targets import s3
s3.AT_ONCE = 1  # slow enough to be met half way
s3.push(errand_of(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4])))
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed(tmp_path_factory.mktemp("swift") / "own")


@pytest.fixture
def store(python: Path, tmp_path: Path) -> Iterator[Swift]:
    with swift(python, tmp_path / "swift") as made:
        yield made


def errand(store: Swift, tmp_path: Path, files: dict[str, bytes], **changes: Any) -> Errand:
    site = tmp_path / "status" / "main"
    status_site.write(files, site)
    version = status_site.current(site)
    assert version is not None
    return errand_of(store.address, version, tmp_path / "scratch", **changes)


def listed(store: Swift) -> dict[str, str]:
    """What the bucket has, by its own list, with the MD5 of each."""
    told = store.ask("GET", "/pages").text
    found = re.findall(r"<Key>st/([^<]+)</Key>.*?<ETag>&quot;|<Key>st/([^<]+)</Key>", told)
    return dict.fromkeys(a or b for a, b in found)  # type: ignore[arg-type]


def bodies(store: Swift, names: Any) -> dict[str, bytes]:
    return {name: store.ask("GET", f"/pages/st/{name}").content for name in names}


def test_each_object_is_what_it_should_be_and_what_is_gone_goes(store: Swift, tmp_path: Path) -> None:
    s3.test(errand(store, tmp_path, BUSY))
    assert not listed(store), "the try leaves nothing behind"
    assert s3.push(errand(store, tmp_path, BUSY)) == len(BUSY)
    assert set(listed(store)) == set(BUSY) | {"quarterdeck-files.json"}
    assert bodies(store, BUSY) == BUSY
    page, drawn = "public, max-age=10", "public, max-age=300"
    for name, kind, encoding, keeps in (
        ("index.html", "text/html; charset=utf-8", None, page), ("index.html.gz", "text/html; charset=utf-8", "gzip", page),
        ("index.html.br", "text/html; charset=utf-8", "br", page),
        ("api/v2/summary.json", "application/json; charset=utf-8", None, page),
        ("history.atom", "application/atom+xml; charset=utf-8", None, page),
        ("history.rss", "application/rss+xml; charset=utf-8", None, page),
        ("maintenance.ics", "text/calendar; charset=utf-8", None, page),
        ("badge.svg", "image/svg+xml; charset=utf-8", None, page), ("preview.png", "image/png", None, drawn),
        ("status.css", "text/css; charset=utf-8", None, drawn), ("age.js.br", "text/javascript; charset=utf-8", "br", drawn),
    ):  # fmt: skip
        told = store.ask("HEAD", f"/pages/st/{name}").headers
        assert (told["content-type"], told.get("content-encoding"), told["cache-control"]) == (
            kind,
            encoding,
            keeps,
        ), name
    assert s3.push(errand(store, tmp_path, BUSY)) == 0
    before = store.ask("HEAD", "/pages/st/status.css").headers["last-modified"]
    assert s3.push(errand(store, tmp_path, QUIET)) > 0
    assert set(listed(store)) == set(QUIET) | {"quarterdeck-files.json"}
    assert bodies(store, QUIET) == QUIET
    assert store.ask("HEAD", "/pages/st/status.css").headers["last-modified"] == before


def test_a_store_that_dies_half_way_shows_the_last_whole_page_when_it_is_back(
    store: Swift, tmp_path: Path
) -> None:
    s3.push(errand(store, tmp_path, QUIET))
    at_first, wanted = store.stored(), errand(store, tmp_path, BUSY)
    http = Dying(store, at_first + 20)
    with pytest.raises(Failed, match="S3 bucket"):
        s3.push(replace(wanted, http=http))  # type: ignore[arg-type]
    assert store.process is None
    store.start()
    assert at_first < store.stored() < len(BUSY)
    assert bodies(store, ["index.html"]) == {"index.html": QUIET["index.html"]}
    s3.push(wanted)
    assert bodies(store, BUSY) == BUSY


class Dying(SafeClient):
    """The client as it is, but for the store that is killed while so many objects lie in it."""

    def __init__(self, store: Swift, at: int) -> None:
        super().__init__(allow=[store.address])
        self._store, self._at = store, at

    def request(self, *words: Any, **named: Any) -> Any:
        if self._store.stored() >= self._at:
            self._store.kill()
        return super().request(*words, **named)


def test_a_publisher_that_is_killed_half_way_leaves_the_last_whole_page(store: Swift, tmp_path: Path) -> None:
    s3.push(errand(store, tmp_path, QUIET))
    at_first, wanted = store.stored(), errand(store, tmp_path, BUSY)
    for more in (3, 30, 60):
        words = [
            sys.executable,
            "-c",
            PUSH,
            ROOT / "tests",
            store.address,
            wanted.version,
            tmp_path / "other",
        ]
        with subprocess.Popen(words, cwd=ROOT) as process:
            end = time.monotonic() + 60
            while store.stored() < at_first + more and time.monotonic() < end and process.poll() is None:
                time.sleep(0.002)
            process.kill()
        assert process.returncode == -9, "it was met half way"
        assert bodies(store, ["index.html"]) == {"index.html": QUIET["index.html"]}
    # Another node goes on, and what it does not want of that any more is taken away.
    assert s3.push(replace(wanted, scratch=tmp_path / "third")) > 0
    assert bodies(store, BUSY) == BUSY
    assert s3.push(errand(store, tmp_path, QUIET)) > 0
    assert set(listed(store)) == set(QUIET) | {"quarterdeck-files.json"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"secret": "another"}, "the secret key does not belong to the access key"),
        ({"access_key": "no:body"}, "the secret key does not belong to the access key"),
        ({"access_key": STRANGER}, "the key may not do this in the bucket"),
        ({"bucket": "nothing"}, "there is no such bucket"),
        ({"region": "us-east-1"}, "its region is eu-central-1"),
    ],
)
def test_what_it_refuses_is_said_in_words(
    store: Swift, tmp_path: Path, changes: dict[str, str], said: str
) -> None:
    for do in (s3.test, s3.push):
        with pytest.raises(Failed, match=said):
            do(errand(store, tmp_path, QUIET, **changes))
    assert store.stored() == 0


def test_doctor_says_what_is_wrong_with_it_and_that_it_is_well_again(
    store: Swift, tmp_path: Path, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "QUARTERDECK_ALLOW_TARGETS", (store.address,))
    turns = Turns()
    publish_targets.add(operator(turns.now), "main", "s3", "Bucket", values(store.address), SECRET)
    [well] = turns.turn(timedelta(seconds=1))
    assert well.startswith("ok: 2 published pages and targets")
    assert b"Main" in bodies(store, ["index.html"])["index.html"]
    store.kill()
    turns.rename("Renamed")
    told = turns.turn(timedelta(seconds=1))
    assert any(t.startswith("warning: Renamed: Bucket: S3 bucket:") for t in told), told
    assert any(
        t.startswith("fault: The status page Renamed: Bucket has not") for t in turns.turn(runs.BEHIND)
    ), told
    store.start()
    [well] = turns.turn(runs.LAST_AGAIN)
    assert well.startswith("ok: ")
    assert b"Renamed" in bodies(store, ["index.html"])["index.html"]
