"""Static files and published pages: right bytes, right encoding, nothing outside the folder."""

from __future__ import annotations

import asyncio
import gzip
import os
import time

import brotli
import pytest

from quarterdeck.web import edge_answers, edge_files
from support.asgi import ask

TEXT = "<h1>All systems operational</h1>" * 40


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "status"
    (folder / "acme").mkdir(parents=True)
    (folder / "acme" / "index.html").write_text(TEXT)
    (folder / "acme" / "summary.json").write_text('{"ok": true}')
    (folder / "acme" / ".draft.html").write_text("not yet")
    (tmp_path / "secret.txt").write_text("outside")
    (folder / "acme" / "leak.txt").symlink_to(tmp_path / "secret.txt")
    return folder


@pytest.fixture
def pages(root):
    return edge_files.published(root, "/status/", edge_answers.secured(False))


def get(app, path, headers=(), method="GET"):
    return asyncio.run(ask(app, method, path, headers))


def test_a_page_is_served_with_its_type_and_a_short_life(pages):
    answer = get(pages, "/status/acme/")
    assert (answer.status, answer.text) == (200, TEXT)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=2"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("accepted", "encoding", "unpack"),
    [
        ("gzip, deflate, br", "br", brotli.decompress),
        ("gzip", "gzip", gzip.decompress),
        ("br;q=0, gzip;q=0.5", "gzip", gzip.decompress),
        ("identity", None, bytes),
        ("", None, bytes),
    ],
)
def test_the_best_encoding_the_client_takes_is_used(pages, accepted, encoding, unpack):
    answer = get(pages, "/status/acme/", [("accept-encoding", accepted)])
    assert answer.headers.get("content-encoding") == encoding
    assert unpack(answer.body).decode() == TEXT
    assert answer.headers["vary"] == "accept-encoding"
    assert int(answer.headers["content-length"]) == len(answer.body)


def test_a_client_that_has_the_page_is_told_so(pages):
    tag = get(pages, "/status/acme/").headers["etag"]
    answer = get(pages, "/status/acme/", [("if-none-match", f'"other", {tag}')])
    assert (answer.status, answer.body) == (304, b"")


def test_a_changed_page_is_seen(pages, root):
    old = get(pages, "/status/acme/")
    (root / "acme" / "fresh").write_text("Major outage")
    (root / "acme" / "fresh").replace(root / "acme" / "index.html")
    time.sleep(edge_files.LOOK_AGAIN_SECONDS + 0.05)
    new = get(pages, "/status/acme/", [("if-none-match", old.headers["etag"])])
    assert (new.status, new.text) == (200, "Major outage")


@pytest.mark.parametrize(
    "name",
    [
        "../secret.txt",
        "acme/../../secret.txt",
        "/etc/passwd",
        "//etc/passwd",
        "acme/..",
        "acme/.draft.html",
        "acme/leak.txt",
        "acme\\..\\..\\secret.txt",
        "acme/index.html\0.txt",
        "acme/index.html/",
        "none.html",
    ],
)
def test_nothing_outside_the_published_pages_is_served(pages, name):
    assert get(pages, f"/status/{name}").status in (404, 308)
    assert "outside" not in get(pages, f"/status/{name}").text


def test_a_folder_without_its_slash_is_redirected_inside_this_host(pages):
    answer = get(pages, "/status/acme")
    assert (answer.status, answer.headers["location"]) == (308, "/status/acme/")


def test_only_what_is_made_for_other_sites_may_be_framed_by_them(root, pages):
    for name in ("embed.html", "embed.ar.html"):
        (root / "acme" / name).write_text(TEXT)
        assert "frame-ancestors *" in get(pages, f"/status/acme/{name}").headers["content-security-policy"]
    for name in ("", "embed.html/../index.html", "summary.json"):
        assert (
            "frame-ancestors *" not in get(pages, f"/status/acme/{name}").headers["content-security-policy"]
        )


def test_published_pages_can_only_be_read(pages):
    answer = get(pages, "/status/acme/", method="POST")
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")


def test_a_file_may_be_kept_for_long_only_under_the_hash_of_its_content(root):
    path = root / "acme" / "index.html"
    files = edge_files.Files(
        {"a.css": path}.get, lambda pinned: [(b"cache-control", b"immutable" if pinned else b"no-cache")]
    )

    async def app(scope, receive, send):
        await files.serve("a.css", scope, send)

    digest = get(app, "/x").headers["etag"].removeprefix('W/"')[: edge_files.HASH_CHARACTERS]
    assert get(app, f"/x?v={digest}").headers["cache-control"] == "immutable"
    assert get(app, "/x?v=000000000000").headers["cache-control"] == "no-cache"
    assert get(app, "/x").headers["cache-control"] == "no-cache"


def test_memory_for_files_is_bounded(root):
    big = edge_files.KEEP_BYTES // 3
    for n in range(5):
        (root / f"{n}.bin").write_bytes(os.urandom(16) * (big // 16))
    files = edge_files.Files(edge_files.below(root), lambda _: [])

    async def app(scope, receive, send):
        await files.serve(scope["path"][1:], scope, send)

    for n in range(5):
        assert get(app, f"/{n}.bin").status == 200
    assert files._bytes <= edge_files.KEEP_BYTES
