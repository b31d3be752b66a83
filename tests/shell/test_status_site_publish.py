"""Putting a page in place: never a half, nothing touched that did not change, and the old one stays on a fault."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from quarterdeck.channels.status_site import SiteSettings, render, write
from quarterdeck.core.status import snapshot
from support.status_sample import COMPONENTS, NOW, PAGE, URL, busy_page, changes, posts

SITE = SiteSettings(URL)


def content_of(folder) -> dict[str, bytes]:
    current = folder / "current"
    return {str(p.relative_to(current)): p.read_bytes() for p in current.rglob("*") if p.is_file()}


def test_what_is_written_is_what_is_served(tmp_path):
    files = render(busy_page(), SITE)
    assert write(files, tmp_path / "site") == tmp_path / "site" / "current"
    assert content_of(tmp_path / "site") == files


def test_files_that_did_not_change_are_not_touched(tmp_path):
    write(render(busy_page(), SITE), tmp_path)
    names = ("incidents/INC-1031/index.html", "status.css", "index.html")
    before = {name: (tmp_path / "current" / name).stat() for name in names}
    write(render(snapshot(PAGE, COMPONENTS, changes(), posts(), NOW + timedelta(minutes=1)), SITE), tmp_path)
    after = {name: (tmp_path / "current" / name).stat() for name in names}
    for name in names[:2]:
        assert (before[name].st_ino, before[name].st_mtime_ns) == (
            after[name].st_ino,
            after[name].st_mtime_ns,
        )
    assert before["index.html"].st_ino != after["index.html"].st_ino


def test_writing_the_same_again_does_nothing(tmp_path):
    files = render(busy_page(), SITE)
    write(files, tmp_path)
    before = (tmp_path / "current").readlink(), (tmp_path / "versions").stat().st_mtime_ns
    write(files, tmp_path)
    assert before == ((tmp_path / "current").readlink(), (tmp_path / "versions").stat().st_mtime_ns)


def test_a_file_that_is_gone_is_no_longer_served(tmp_path):
    write({"index.html": b"a", "old/index.html": b"b"}, tmp_path)
    write({"index.html": b"a"}, tmp_path)
    assert content_of(tmp_path) == {"index.html": b"a"}


def test_only_a_few_old_versions_are_kept(tmp_path):
    for n in range(8):
        write({"index.html": str(n).encode()}, tmp_path)
    assert len(list((tmp_path / "versions").iterdir())) == 3
    assert content_of(tmp_path) == {"index.html": b"7"}


def test_going_back_to_an_older_version_works(tmp_path):
    for content in (b"1", b"2", b"1", b"2"):
        write({"index.html": content}, tmp_path)
        assert content_of(tmp_path) == {"index.html": content}


def test_readers_never_see_a_half_written_page(tmp_path):
    """Each version says its number in every file; a reader that keeps to one version never sees two numbers."""
    names = [f"part-{n}.html" for n in range(6)]

    def version(number: int) -> dict[str, bytes]:
        return {name: f"{number} ".encode() * 3000 for name in names}

    write(version(0), tmp_path)
    stop, faults, seen = threading.Event(), [], set()

    def read() -> None:
        while not stop.is_set():
            folder = tmp_path / "versions" / (tmp_path / "current").readlink().name
            try:
                told = {(folder / name).read_bytes() for name in names}
            except FileNotFoundError:
                continue  # three versions passed while reading
            whole = {text.split()[0] for text in told}
            seen.update(whole)
            if len(told) != 1 or len(next(iter(told))) != 3000 * (len(next(iter(whole))) + 1):
                faults.append(whole)
            assert (tmp_path / "current" / names[0]).read_bytes()

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(1, 40):
        write(version(number), tmp_path)
    stop.set()
    for reader in readers:
        reader.join(10)
    assert not faults
    assert len(seen) > 2


def test_several_writers_leave_one_whole_version(tmp_path):
    def publish(number: int) -> None:
        for n in range(10):
            write({"a.html": f"{number}-{n}".encode(), "b.html": f"{number}-{n}".encode()}, tmp_path)

    writers = [threading.Thread(target=publish, args=(number,)) for number in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(30)
    found = content_of(tmp_path)
    assert found["a.html"] == found["b.html"]
    assert not [p for p in (tmp_path / "versions").iterdir() if p.name.startswith(".")]


def test_a_fault_while_writing_leaves_the_old_page(tmp_path):
    write({"index.html": b"old"}, tmp_path)
    with pytest.raises(OSError):
        write({"index.html": b"new", "a": b"x", "a/b": b"y"}, tmp_path)
    assert content_of(tmp_path) == {"index.html": b"old"}
    write({"index.html": b"new"}, tmp_path)
    assert content_of(tmp_path) == {"index.html": b"new"}


@pytest.mark.parametrize(
    "name", ["../x", "/etc/x", "a/../x", "a//b", ".hidden", "a\\b", "", "a/", "a\nb", "ü.html"]
)
def test_a_path_that_would_leave_the_site_is_refused(tmp_path, name):
    with pytest.raises(ValueError, match="path"):
        write({name: b"x"}, tmp_path / "site")


def test_a_web_server_of_another_user_can_read_it(tmp_path):
    write({"index.html": b"a", "history/index.html": b"b"}, tmp_path)
    assert (tmp_path / "current" / "index.html").stat().st_mode & 0o444 == 0o444
    assert (tmp_path / "current" / "history").stat().st_mode & 0o005 == 0o005
