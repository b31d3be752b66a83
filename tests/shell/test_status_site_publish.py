"""Putting a page in place: never a half, nothing touched that did not change, and the old one stays on a fault."""

from __future__ import annotations

import os
import resource
import shutil
import threading
from datetime import timedelta

import pytest

from quarterdeck.channels.status_site import SiteSettings, held, render, write
from quarterdeck.channels.status_site.publish import beside
from quarterdeck.core.status import snapshot
from quarterdeck.web.edge_files import below
from support.status_sample import COMPONENTS, NOW, PAGE, URL, busy_page, changes, posts

SITE = SiteSettings(URL)


@pytest.fixture
def site(tmp_path):
    return tmp_path / "status" / "corvane"


def versions_of(site):
    return site.with_name(".corvane")


def content_of(folder) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_what_is_written_is_what_is_served(site):
    files = render(busy_page(), SITE)
    assert write(files, site) == site
    assert content_of(site) == files


def test_files_that_did_not_change_are_not_touched(site):
    write(render(busy_page(), SITE), site)
    names = ("incidents/INC-1031/index.html", "status.css", "index.html")
    before = {name: (site / name).stat() for name in names}
    write(render(snapshot(PAGE, COMPONENTS, changes(), posts(), NOW + timedelta(minutes=1)), SITE), site)
    after = {name: (site / name).stat() for name in names}
    for name in names[:2]:
        assert (before[name].st_ino, before[name].st_mtime_ns) == (
            after[name].st_ino,
            after[name].st_mtime_ns,
        )
    assert before["index.html"].st_ino != after["index.html"].st_ino


def test_what_changed_is_told_apart_by_size_or_by_the_second(site):
    tags = set()
    for text in (b"one", b"two", b"six", b"ten", b"one!", b"two!"):
        write({"index.html": text, "index.html.gz": b"same"}, site)
        about = (site / "index.html").stat()
        tags.add((about.st_size, int(about.st_mtime)))
    assert len(tags) == 6
    # The clock is put back by a day: what is dated ahead goes on.
    os.utime(site / "index.html", (0, about.st_mtime + 86_400))
    write({"index.html": b"new!", "index.html.gz": b"same"}, site)
    assert int((site / "index.html").stat().st_mtime) == int(about.st_mtime) + 86_401


def test_writing_the_same_again_does_nothing(site):
    files = render(busy_page(), SITE)
    write(files, site)
    before = site.readlink(), versions_of(site).stat().st_mtime_ns
    write(files, site)
    assert before == (site.readlink(), versions_of(site).stat().st_mtime_ns)


def test_a_file_that_is_gone_is_no_longer_served(site):
    write({"index.html": b"a", "old/index.html": b"b"}, site)
    write({"index.html": b"a"}, site)
    assert content_of(site) == {"index.html": b"a"}


def test_only_a_few_old_versions_are_kept(site):
    for n in range(8):
        write({"index.html": str(n).encode()}, site)
    assert len([p for p in versions_of(site).iterdir() if p.is_dir() and p.name != "manifests"]) == 3
    assert len(list((versions_of(site) / "manifests").iterdir())) == 3
    assert content_of(site) == {"index.html": b"7"}


def test_going_back_to_an_older_version_works(site):
    for content in (b"1", b"2", b"1", b"2"):
        write({"index.html": content}, site)
        assert content_of(site) == {"index.html": content}


def test_readers_never_see_a_half_written_page(site):
    """Each version says its number in every file; a reader that keeps to one version never sees two numbers."""
    names = [f"part-{n}.html" for n in range(4)]

    def version(number: int) -> dict[str, bytes]:
        return {name: f"{number} ".encode() * 3000 for name in names}

    write(version(0), site)
    stop, faults, seen = threading.Event(), [], set()

    def read() -> None:
        while not stop.is_set():
            folder = versions_of(site) / site.readlink().name
            try:
                told = {(folder / name).read_bytes() for name in names}
            except FileNotFoundError:
                continue  # three versions passed while reading
            whole = {text.split()[0] for text in told}
            seen.update(whole)
            if len(told) != 1 or len(next(iter(told))) != 3000 * (len(next(iter(whole))) + 1):
                faults.append(whole)
            assert (site / names[0]).read_bytes()

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(1, 25):
        write(version(number), site)
    stop.set()
    for reader in readers:
        reader.join(10)
    assert not faults
    assert len(seen) > 2


def test_several_writers_leave_one_whole_version(site):
    def publish(number: int) -> None:
        for n in range(10):
            write({"a.html": f"{number}-{n}".encode(), "b.html": f"{number}-{n}".encode()}, site)

    writers = [threading.Thread(target=publish, args=(number,)) for number in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(30)
    found = content_of(site)
    assert found["a.html"] == found["b.html"]
    assert not [p for p in versions_of(site).iterdir() if p.is_dir() and p.name.startswith(".")]


def test_a_fault_while_writing_leaves_the_old_page(site):
    write({"index.html": b"old"}, site)
    with pytest.raises(OSError):
        write({"index.html": b"new", "a": b"x", "a/b": b"y"}, site)
    assert content_of(site) == {"index.html": b"old"}
    write({"index.html": b"new"}, site)
    assert content_of(site) == {"index.html": b"new"}


@pytest.mark.parametrize(
    "name", ["../x", "/etc/x", "a/../x", "a//b", ".hidden", "a\\b", "", "a/", "a\nb", "ü.html"]
)
def test_a_path_that_would_leave_the_site_is_refused(site, name):
    with pytest.raises(ValueError, match="path"):
        write({name: b"x"}, site)


def test_a_web_server_of_another_user_can_read_it(site):
    write({"index.html": b"a", "history/index.html": b"b"}, site)
    assert (site / "index.html").stat().st_mode & 0o444 == 0o444
    assert (site / "history").stat().st_mode & 0o005 == 0o005


def test_a_folder_that_is_not_ours_is_left_alone(site):
    site.mkdir(parents=True)
    (site / "precious.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="Move it away"):
        write({"index.html": b"a"}, site)
    assert (site / "precious.txt").read_text() == "mine"


def test_pages_of_one_folder_do_not_meet(site):
    write({"index.html": b"one"}, site)
    write({"index.html": b"two"}, site.with_name("other"))
    assert content_of(site) == {"index.html": b"one"}
    assert content_of(site.with_name("other")) == {"index.html": b"two"}


def test_a_link_to_a_version_that_is_gone_is_mended(site):
    write({"index.html": b"one"}, site)
    shutil.rmtree(versions_of(site))
    write({"index.html": b"one"}, site)
    assert content_of(site) == {"index.html": b"one"}


def test_the_products_own_server_finds_the_page_and_not_its_versions(site):
    write({"index.html": b"a", "history/index.html": b"b"}, site)
    find = below(site.parent)
    assert find("corvane/").read_bytes() == b"a"
    assert find("corvane/history/").read_bytes() == b"b"
    assert find(".corvane/") is None


def test_a_version_is_made_out_of_an_old_one_and_is_what_it_should_be(site):
    """The folder of the version before the last is used again; what a file of it was before is nowhere left."""
    files = {f"incidents/I-{n}/index.html": b"%d" % n for n in range(20)} | {
        "index.html": b"0",
        "a/b/c.html": b"c",
    }
    write(files, site)
    used = set()
    for n in range(1, 9):
        files = files | {"index.html": b"%d" % n, f"incidents/I-{n}/index.html": b"again %d" % n}
        if n == 4:
            del files["a/b/c.html"]
            files["a/b"] = b"now a file"
        rendered = {
            k: v
            for k, v in files.items()
            if not k.startswith("incidents/") or k.startswith(f"incidents/I-{n}/")
        }
        kept = [f"incidents/I-{k}/" for k in range(20) if k != n]
        write(rendered, site, kept)
        assert content_of(site) == files
        used.add(site.resolve().stat().st_ino)
    assert len(used) == 3
    for noted in (versions_of(site) / "manifests").iterdir():
        noted.write_text("{")  # damaged: read again
    write({"index.html": b"last"}, site, [f"incidents/I-{k}/" for k in range(20)])
    assert content_of(site) == {k: v for k, v in files.items() if k.startswith("incidents")} | {
        "index.html": b"last"
    }


def test_what_a_target_still_copies_is_not_used_again(site):
    write({"index.html": b"0"}, site)
    with held(site, "target") as version:
        for n in range(1, 9):
            write({"index.html": b"%d" % n}, site)
        assert (version / "index.html").read_bytes() == b"0"
    write({"index.html": b"x"}, site)
    write({"index.html": b"y"}, site)
    assert not version.exists()


def test_a_disk_that_takes_no_more_leaves_the_old_page_whole_and_a_later_one_is_published(site):
    """Every file larger than 20 KB is cut by the system, as it is where the disk is full."""
    old, new = (
        {"index.html": b"old", "a.html": b"same"},
        {"index.html": b"new", "a.html": b"same", "z.html": b"x" * 50_000},
    )
    write(old, site)
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, usual[1]))
    try:
        for _ in range(2):
            with pytest.raises(OSError, match="File too large"):
                write(new, site)
            assert content_of(site) == old
            kept = [p.name for p in versions_of(site).iterdir() if p.is_dir() and p.name != "manifests"]
            assert kept == [site.readlink().name], "what could not be finished takes no room"
            with pytest.raises(OSError, match="File too large"):
                beside(site, "snapshot.json", b"y" * 30_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert not (versions_of(site) / "snapshot.json").exists()
    write(new, site)
    assert content_of(site) == new
    assert not [p for p in versions_of(site).iterdir() if p.name.startswith(".") and p.is_dir()]
