"""Each kind of target brings a page where readers are: whole, in order, what changed alone, and says what is wrong."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from quarterdeck.channels import status_site
from quarterdeck.channels.safe_http import SafeClient
from quarterdeck.channels.status_targets import Errand, Failed, kind, read_settings, shell
from quarterdeck.channels.status_targets.headers import headers
from quarterdeck.channels.status_targets.order import plan
from quarterdeck.channels.status_targets.sigv4 import signed
from quarterdeck.core.kernel.refused import Refused
from support.programs import need
from support.s3_fake import ACCESS, REGION, SECRET, Store, s3_store
from support.sshd import Sshd, sshd

ONE = {
    "index.html": b"one", "index.html.gz": b"z1", "status.css": b"css", "history.atom": b"feed 1",
    "incidents/INC-1/index.html": b"inc", "api/v2/summary.json": b"{}", "fresh.json": b"1",
}  # fmt: skip
TWO = {**ONE, "index.html": b"two", "fresh.json": b"2", "incidents/INC-2/index.html": b"inc 2"}
del TWO["incidents/INC-1/index.html"]


def errand(tmp_path: Path, files: dict[str, bytes], name: str, secret: str, **settings: Any) -> Errand:
    site = tmp_path / "status" / "main"
    status_site.write(files, site)
    version = status_site.current(site)
    assert version is not None
    http = SafeClient(allow=_allow(settings))
    return Errand(
        read_settings(name, settings),
        secret,
        version,
        tmp_path / "scratch" / name,
        http,
        (str(tmp_path / "local"),),
    )


def _allow(settings: dict[str, Any]) -> list[str]:
    port = (
        settings.get("port")
        or str(settings.get("endpoint", settings.get("url", ""))).split("127.0.0.1:")[-1].split("/")[0]
    )
    return [f"127.0.0.1:{port}"] if str(port).isdigit() else []


# -- S3


def test_a_request_is_signed_as_amazon_documents_it() -> None:
    """The worked example of the S3 documentation (PUT of an object)."""
    made = signed(
        "PUT", "examplebucket.s3.amazonaws.com", "/test$file.text",
        {"date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"}, b"Welcome to Amazon S3.",
        access_key="AKIA" + "IOSFODNN7EXAMPLE", secret_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", region="us-east-1",
        at=datetime(2013, 5, 24, tzinfo=UTC),
    )  # fmt: skip
    assert made["authorization"].endswith(
        "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
    )


@pytest.fixture
def store() -> Iterator[Store]:
    with s3_store() as made:
        yield made


def bucket(tmp_path: Path, store: Store, files: dict[str, bytes], **changes: Any) -> Errand:
    values = {
        "endpoint": store.url,
        "bucket": "pages",
        "region": REGION,
        "access_key": ACCESS,
        "prefix": "st",
    }
    secret = changes.pop("secret", SECRET)
    return errand(tmp_path, files, "s3", secret, **values | changes)


def served(store: Store) -> dict[str, bytes]:
    return {
        n.removeprefix("/pages/st/"): body for n, (body, _) in store.objects.items() if "quarterdeck" not in n
    }


def test_a_bucket_gets_what_changed_alone_readers_way_in_last_and_removals_after(
    tmp_path: Path, store: Store
) -> None:
    s3 = kind("s3")
    assert s3.push(bucket(tmp_path, store, ONE)) == len(ONE)
    assert served(store) == ONE
    puts = [n.removeprefix("/pages/st/") for n in store.names("PUT")]
    order = [puts.index(n) for n in ("incidents/INC-1/index.html", "api/v2/summary.json", "index.html")]
    assert order == sorted(order)
    assert puts.index("status.css") < puts.index("history.atom") < puts.index("index.html.gz")
    told = store.objects["/pages/st/index.html.gz"][1]
    assert (told["content-type"], told["content-encoding"]) == ("text/html; charset=utf-8", "gzip")
    assert told["cache-control"] == "public, max-age=10"
    store.asked.clear()
    assert s3.push(bucket(tmp_path, store, ONE)) == 0
    assert store.asked == [("GET", "/pages/st/quarterdeck-files.json")]
    store.asked.clear()
    assert s3.push(bucket(tmp_path, store, TWO)) == 4
    assert served(store) == TWO
    changed = [(m, n.rpartition("/st/")[2]) for m, n in store.asked if "quarterdeck" not in n]
    assert changed[0] == ("PUT", "incidents/INC-2/index.html")
    assert set(changed[1:3]) == {("PUT", "index.html"), ("PUT", "fresh.json")}
    assert changed[3:] == [("DELETE", "incidents/INC-1/index.html")]


def test_a_bucket_that_refuses_half_way_keeps_the_last_whole_page_and_is_taken_up_where_it_broke(
    tmp_path: Path, store: Store
) -> None:
    s3 = kind("s3")
    s3.push(bucket(tmp_path, store, ONE))
    store.refuse = lambda method, path: (
        503 if method == "PUT" and path.endswith("/index.html") and "INC" not in path else 0
    )
    with pytest.raises(Failed, match="it asks for fewer requests"):
        s3.push(bucket(tmp_path, store, TWO))
    shown = served(store)
    assert shown["index.html"] == b"one"  # and all it leads to is there
    assert shown["incidents/INC-1/index.html"] == b"inc"
    store.refuse = lambda method, path: 0
    store.asked.clear()
    s3.push(bucket(tmp_path, store, TWO))
    assert served(store) == TWO
    assert not any("INC-2" in n for n in store.names("PUT"))  # that one had arrived


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"secret": "x" * 40}, "the secret key does not belong to the access key"),
        ({"access_key": "OTHER"}, "it does not know the access key"),
        ({"bucket": "nothing"}, "there is no such bucket"),
        ({"region": "us-east-1"}, f"its region is {REGION}, not the one given"),
    ],
)
def test_what_a_bucket_refuses_is_said_in_words(
    tmp_path: Path, store: Store, changes: dict[str, str], said: str
) -> None:
    with pytest.raises(Failed, match=said):
        kind("s3").test(bucket(tmp_path, store, ONE, **changes))


def test_a_bucket_that_can_be_written_passes_and_nothing_is_left_behind(tmp_path: Path, store: Store) -> None:
    kind("s3").test(bucket(tmp_path, store, ONE))
    assert store.objects == {}


def test_a_bucket_inside_is_refused_unless_the_operator_opened_it(tmp_path: Path, store: Store) -> None:
    closed = replace(bucket(tmp_path, store, ONE), http=SafeClient())
    with pytest.raises(Failed, match="this machine"):
        kind("s3").push(closed)
    assert store.asked == []


# -- git


def commits(repository: Path) -> list[str]:
    words = ["git", "--git-dir", str(repository), "log", "--format=%s", "gh-pages"]
    return subprocess.run(words, capture_output=True, text=True, check=True, timeout=30).stdout.split("\n")[
        :-1
    ]


def shown_by(repository: Path, name: str) -> bytes:
    words = ["git", "--git-dir", str(repository), "show", f"gh-pages:{name}"]
    return subprocess.run(words, capture_output=True, check=True, timeout=30).stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    need("git")
    made = tmp_path / "local" / "status.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(made)], check=True, timeout=30)
    return made


def test_a_repository_gets_a_commit_for_each_page_that_differs(tmp_path: Path, repository: Path) -> None:
    git, url = kind("git"), f"file://{repository}"
    git.test(errand(tmp_path, ONE, "git", "", url=url))
    assert (
        git.push(errand(tmp_path, ONE, "git", "", url=url)) == len(ONE) - 1
    )  # hosts of pages compress by themselves
    assert git.push(errand(tmp_path, ONE, "git", "", url=url)) == 0
    # A node that has never pushed goes on from what is there.
    fresh = replace(errand(tmp_path, TWO, "git", "", url=url), scratch=tmp_path / "other")
    assert git.push(fresh) == 4
    assert commits(repository) == ["Published by Quarterdeck"] * 2
    assert shown_by(repository, "index.html") == b"two"
    with pytest.raises(subprocess.CalledProcessError):
        shown_by(repository, "incidents/INC-1/index.html")


def test_a_repository_that_is_gone_or_closed_is_said(tmp_path: Path, repository: Path) -> None:
    gone = errand(tmp_path, ONE, "git", "", url=f"file://{tmp_path}/local/none.git")
    with pytest.raises(Failed, match="Git repository: there is no git repository"):
        kind("git").push(gone)
    closed = replace(errand(tmp_path, ONE, "git", "", url=f"file://{repository}"), local=())
    with pytest.raises(Refused, match="closed to targets"):
        kind("git").push(closed)


def test_a_page_that_is_withdrawn_takes_the_history_of_its_branch_with_it(
    tmp_path: Path, repository: Path
) -> None:
    git, url = kind("git"), f"file://{repository}"
    git.push(errand(tmp_path, ONE, "git", "", url=url))
    git.push(errand(tmp_path, TWO, "git", "", url=url))
    assert len(commits(repository)) == 2
    gone = errand(tmp_path, status_site.withdrawn(), "git", "", url=url)
    assert git.push(replace(gone, withdraws=True, scratch=tmp_path / "withdrawn")) > 0
    assert len(commits(repository)) == 1
    assert b"not public any more" in shown_by(repository, "index.html")
    assert not (tmp_path / "withdrawn" / "repository").exists()
    assert git.push(replace(gone, withdraws=True)) == 0


# -- over ssh


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with sshd(tmp_path_factory.mktemp("sshd") / "etc") as made:
        yield made


def far(tmp_path: Path, server: Sshd, files: dict[str, bytes], name: str, **changes: Any) -> Errand:
    (tmp_path / "www").mkdir(exist_ok=True)
    values = {
        "host": "127.0.0.1", "port": server.port, "user": server.user, "host_key": server.host_key,
        "folder": str(tmp_path / "www"),
    }  # fmt: skip
    return errand(tmp_path, files, name, changes.pop("secret", server.private_key), **values | changes)


def content(folder: Path) -> dict[str, bytes]:
    files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    return {n: body for n, body in files.items() if not n.startswith("quarterdeck-")}


@pytest.mark.parametrize("name", ["rsync", "sftp"])
def test_a_folder_on_another_machine_becomes_the_page(tmp_path: Path, server: Sshd, name: str) -> None:
    need("rsync")
    module = kind(name)
    module.check(far(tmp_path, server, ONE, name).settings, server.private_key, SafeClient(), ())
    module.test(far(tmp_path, server, ONE, name))
    assert module.push(far(tmp_path, server, ONE, name)) >= len(ONE)
    assert content(tmp_path / "www") == ONE
    before = (tmp_path / "www" / "status.css").stat()
    assert module.push(far(tmp_path, server, ONE, name)) == 0
    module.push(far(tmp_path, server, TWO, name))
    assert content(tmp_path / "www") == TWO
    after = (tmp_path / "www" / "status.css").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert not (tmp_path / "scratch" / name / "key").exists()


@pytest.mark.parametrize("name", ["rsync", "sftp"])
def test_another_machine_is_not_believed_and_a_folder_that_is_gone_is_said(
    tmp_path: Path, server: Sshd, name: str
) -> None:
    need("rsync")
    module = kind(name)
    other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ6QEKHXRKQOEoVXpCIjKQkJgVkXyp0HrPS4wjh6sG0b"
    with pytest.raises(Failed, match="has another host key than the one given"):
        module.push(far(tmp_path, server, ONE, name, host_key=other))
    with pytest.raises(Failed, match="there is no such folder"):
        module.push(far(tmp_path, server, ONE, name, folder=str(tmp_path / "none" / "deep")))
    with pytest.raises(Failed, match="this machine"):
        module.push(replace(far(tmp_path, server, ONE, name), http=SafeClient()))


def test_a_push_by_sftp_that_breaks_half_way_leaves_the_last_whole_page(tmp_path: Path, server: Sshd) -> None:
    sftp = kind("sftp")
    sftp.push(far(tmp_path, server, ONE, "sftp"))
    (
        tmp_path / "www" / "fresh.json.quarterdeck-part"
    ).mkdir()  # one file before index.html cannot be put there
    with pytest.raises(Failed):
        sftp.push(far(tmp_path, server, TWO, "sftp"))
    shown = content(tmp_path / "www")
    assert shown["index.html"] == b"one"
    assert shown["incidents/INC-1/index.html"] == b"inc"


def test_a_folder_of_this_machine_needs_the_operator(tmp_path: Path) -> None:
    need("rsync")
    (tmp_path / "local").mkdir()
    rsync = kind("rsync")
    assert rsync.push(errand(tmp_path, ONE, "rsync", "", folder=str(tmp_path / "local" / "www"))) == len(ONE)
    assert content(tmp_path / "local" / "www") == ONE
    with pytest.raises(Refused, match="closed to targets"):
        rsync.push(errand(tmp_path, ONE, "rsync", "", folder=str(tmp_path / "elsewhere")))
    with pytest.raises(Refused):
        rsync.push(errand(tmp_path, ONE, "rsync", "", folder=str(tmp_path / "local" / ".." / "elsewhere")))
    with pytest.raises(Refused, match="closed to targets"):
        rsync.push(errand(tmp_path, ONE, "rsync", "", folder=str(tmp_path / "local")))


def test_a_program_neither_fills_the_memory_nor_the_disk_nor_the_time(tmp_path: Path) -> None:
    much = "head -c 5000000 /dev/zero; head -c 5000000 /dev/zero >&2"
    assert len(shell.run("It", ["sh", "-c", much], seconds=10)) == shell.MOST_PRINTED
    assert shell.run("It", ["cat"], seconds=10, text="a\nü\n") == "a\nü\n"
    with pytest.raises(Failed):
        shell.run("It", ["sh", "-c", "exec cat /dev/zero > big"], seconds=10, cwd=tmp_path, most_bytes=65_536)
    assert (tmp_path / "big").stat().st_size <= 65_536
    with pytest.raises(Failed, match=r"no end within 0\.1 s"):
        shell.run("It", ["sh", "-c", "sleep 30 & exit 0"], seconds=0.1)


# -- what a form may take


KEY = "-----BEGIN OPENSSH " + "PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"
GOOD = {"host": "www.example.com", "user": "web", "host_key": "ssh-ed25519 AAAA", "folder": "/srv/www"}


@pytest.mark.parametrize(
    ("name", "values", "field"),
    [
        ("rsync", {"host": "-oProxyCommand=sh"}, "host"),
        ("rsync", {"host": "a b"}, "host"),
        ("rsync", {"user": "-l root"}, "user"),
        ("rsync", {"folder": "/srv/$(id)"}, "folder"),
        ("rsync", {"folder": "../up"}, "folder"),
        ("rsync", {"folder": "/"}, "folder"),
        ("rsync", {"folder": "a" * 40 + "!"}, "folder"),
        ("git", {"url": f"ssh://git@example.com/{'a' * 40}!"}, "url"),
        ("git", {"url": "file:///srv/git/%2e%2e/other"}, "url"),
        ("git", {"url": "file://host/srv/git/status.git"}, "url"),
        ("git", {"url": "file:///srv/git/status.git?x"}, "url"),
        (
            "s3",
            {
                "endpoint": "https://s3.example.com",
                "bucket": "good",
                "access_key": "a",
                "prefix": "a" * 40 + "!",
            },
            "prefix",
        ),
        ("sftp", {"folder": 'x"\nrm *'}, "folder"),
        ("sftp", {"port": "70000"}, "port"),
        ("sftp", {"port": "x"}, "port"),
        ("sftp", {"host_key": "ssh-ed25519 AAAA\n* ssh-rsa BBBB"}, "host_key"),
        ("sftp", {"nothing": "1"}, "nothing"),
        ("git", {"url": "https://example.com/x.git"}, "url"),
        ("git", {"url": "ssh://git@example.com/x;id.git"}, "url"),
        ("git", {"url": "ssh://git@exam\nple.com/x.git", "host_key": "ssh-ed25519 AAAA"}, "url"),
        ("git", {"url": "ext::sh -c id"}, "url"),
        ("git", {"url": "ssh://git@h/x.git", "branch": "--upload-pack=x"}, "branch"),
        ("s3", {"endpoint": "https://s3.example.com", "bucket": "Not/one"}, "bucket"),
        (
            "s3",
            {"endpoint": "https://s3.example.com", "bucket": "good", "access_key": "a", "prefix": "../x"},
            "prefix",
        ),
        ("ftp", {}, "kind"),
    ],
)
def test_what_could_do_harm_is_refused_by_the_field(name: str, values: dict[str, str], field: str) -> None:
    usual = GOOD if name in ("rsync", "sftp") else {}
    with pytest.raises(Refused) as refused:
        kind(name).check(read_settings(name, {**usual, **values}), KEY, SafeClient(), ("/srv",))
    assert field in refused.value.fields


def test_what_is_good_is_taken() -> None:
    kind("sftp").check(read_settings("sftp", {**GOOD, "port": "22"}), KEY, SafeClient(), ())
    url = {"url": "ssh://git@example.com:22/ops/status.git", "host_key": "ssh-ed25519 AAAA"}
    kind("git").check(read_settings("git", url), KEY, SafeClient(), ())


def test_what_a_place_says_it_has_removes_nothing_that_is_not_ours() -> None:
    ours = ["history/old.html.gz", "incidents/INC-1/feed.atom", "index.de.html", "preview.png"]
    others = ["../x", "/etc/passwd", ".git/config", "backups/all.tar", "customers.json", "index.php"]
    todo = plan(dict.fromkeys([*ours, *others], "1"), {"index.html": "2"})
    assert todo.removals == tuple(sorted(ours))
    assert headers("logo.png") == {"content-type": "image/png", "cache-control": "public, max-age=300"}
