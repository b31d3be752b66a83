"""Caddy as the documentation configures it serves what was published under a name of one's own, and nothing else."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from quarterdeck.channels import status_site
from quarterdeck.channels.status_site.publish import beside
from support.caddy import caddy
from support.status_sample import URL, busy_page

pytestmark = pytest.mark.slow

FILES = status_site.render(busy_page(), status_site.SiteSettings(URL, ("en", "de")))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx2.Client, Path]]:
    folder = tmp_path_factory.mktemp("caddy")
    site = folder / "status" / "corvane"
    status_site.write(FILES, site)
    beside(site, "snapshot.json", b"{}")
    with caddy(folder / "etc", site, "status.corvane.example") as reader:
        yield reader, site


def get(reader: httpx2.Client, path: str, encoding: str = "identity", **headers: str) -> httpx2.Response:
    return reader.get(path, headers={"accept-encoding": encoding} | headers)


@pytest.mark.parametrize(("encoding", "ending"), [("gzip", ".gz"), ("br", ".br"), ("br, gzip", ".br")])
def test_what_was_compressed_when_it_was_published_is_what_readers_get(
    served: tuple[httpx2.Client, Path], encoding: str, ending: str
) -> None:
    reader, _ = served
    for name in (
        "index.html",
        "api/v2/summary.json",
        "history.atom",
        "history.rss",
        "status.css",
        "feed.json",
    ):
        with reader.stream("GET", f"/{name}".removesuffix("index.html"), headers={"accept-encoding": encoding}) as answer:  # fmt: skip
            assert b"".join(answer.iter_raw()) == FILES[name + ending], name
        assert answer.headers["content-encoding"] == {".gz": "gzip", ".br": "br"}[ending]
        assert answer.headers["vary"] == "Accept-Encoding"
        assert get(reader, f"/{name}").headers["vary"] == "Accept-Encoding"
    assert get(reader, "/").content == FILES["index.html"]


def test_each_file_has_its_kind_and_keeps_as_long_as_it_should(served: tuple[httpx2.Client, Path]) -> None:
    reader, _ = served
    page, drawn = "public, max-age=10, stale-if-error=86400", "public, max-age=300"
    for path, kind, keeps in (
        ("/", "text/html; charset=utf-8", page), ("/index.de.html", "text/html; charset=utf-8", page),
        ("/api/v2/status.json", "application/json", page), ("/badge.svg", "image/svg+xml", page),
        ("/history.atom", "application/atom+xml; charset=utf-8", page),
        ("/incidents/INC-1042/feed.atom", "application/atom+xml; charset=utf-8", page),
        ("/history.rss", "application/rss+xml; charset=utf-8", page),
        ("/maintenance.ics", "text/calendar; charset=utf-8", page),
        ("/status.css", "text/css; charset=utf-8", drawn), ("/age.js", "text/javascript; charset=utf-8", drawn),
        ("/preview.png", "image/png", drawn),
    ):  # fmt: skip
        for encoding in ("identity", "gzip", "br"):
            told = get(reader, path, encoding).headers
            assert (told["content-type"], told["cache-control"]) == (kind, keeps), (path, encoding)
            assert told["access-control-allow-origin"] == "*"
            assert told["x-content-type-options"] == "nosniff"
            assert "server" not in told


def test_only_the_frame_may_stand_in_other_sites(served: tuple[httpx2.Client, Path]) -> None:
    reader, _ = served
    for path, may in (
        ("/embed.html", "*"), ("/embed.de.html", "*"), ("/", "'none'"), ("/incidents/INC-1042/", "'none'"),
        ("/incidents/embed.html", "'none'"),
    ):  # fmt: skip
        told = get(reader, path).headers
        assert told["content-security-policy"].endswith(f"; frame-ancestors {may}"), path
        assert "x-frame-options" not in told


def test_what_is_not_published_is_a_page_that_leads_back(served: tuple[httpx2.Client, Path]) -> None:
    reader, site = served
    assert (site.with_name(".corvane") / "snapshot.json").is_file()
    hidden = (
        "/.corvane/snapshot.json", "/../.corvane/snapshot.json", "/%2e%2e/.corvane/snapshot.json",
        "/incidents/../../.corvane/snapshot.json", "/none", "/incidents/INC-9/", "/.lock",
    )  # fmt: skip
    for path in hidden:
        answer = get(reader, path)
        assert answer.status_code == 404, path
        assert 'href="/"' in answer.text
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "server" not in answer.headers
    assert get(reader, "/history").headers["location"] == "/history/"


def test_a_publication_is_seen_at_once_and_a_reader_who_has_it_is_told_so(
    served: tuple[httpx2.Client, Path],
) -> None:
    reader, site = served
    first = get(reader, "/", "gzip")
    again = get(reader, "/", "gzip", **{"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert len({get(reader, "/", e).headers["etag"] for e in ("identity", "gzip", "br")}) == 3
    css = get(reader, "/status.css").headers["etag"]
    # As long as before and within the same second: the worst that a tag of size and time can meet.
    for text in (b"<p>one", b"<p>two", b"<p>six"):
        before = get(reader, "/").headers["etag"]
        status_site.write(FILES | {"index.html": text, "index.html.gz": gzip.compress(text, mtime=0)}, site)
        answer = get(reader, "/", **{"if-none-match": before})
        assert (answer.status_code, answer.content) == (200, text)
    assert get(reader, "/status.css").headers["etag"] == css
