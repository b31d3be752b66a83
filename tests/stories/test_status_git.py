"""A page is brought to a bare git repository over a real sshd: a race with somebody else's commit, other keys, another host."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
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
from quarterdeck.channels.status_targets import Errand, Failed, git, read_settings
from support.programs import need
from support.sshd import Sshd, sshd
from support.turns import Turns

pytestmark = pytest.mark.slow

ONE = {
    "index.html": b"one",
    "index.html.gz": b"z1",
    "status.css": b"css",
    "incidents/INC-1/index.html": b"inc",
}
TWO = {
    "index.html": b"two",
    "index.html.gz": b"z2",
    "status.css": b"css",
    "incidents/INC-2/index.html": b"inc 2",
}
# What a user may run there: git alone. Before the next push is taken, another one may be made.
SHELL = """#!/bin/sh
case "$SSH_ORIGINAL_COMMAND" in
    "git-receive-pack "*) if [ -e {once} ]; then rm {once}; sh {other}; fi ;;
    "git-upload-pack "*) ;;
    *) exit 1 ;;
esac
exec sh -c "$SSH_ORIGINAL_COMMAND"
"""
# Somebody else's commit on top of what the branch has.
OTHER = """set -e
cd {repository}
tree=$(printf "100644 blob $(echo ours | git hash-object -w --stdin)\\tCNAME\\n" | git mktree)
commit=$(git -c user.name=Else -c user.email=else@example.com commit-tree "$tree" -p gh-pages -m "By hand")
git update-ref refs/heads/gh-pages "$commit"
"""
# The same, when our push has been received already: git keeps what is pushed apart until then.
HOOK = """#!/bin/sh
if [ -e {once} ]; then
    rm {once}
    unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_DIR
    sh {other}
fi
"""


class Host:
    """A machine with a bare repository and an account that may use git there."""

    def __init__(self, folder: Path, server: Sshd) -> None:
        self.folder, self.server, self.repository = folder, server, folder / "status.git"

    def git(self, *words: str) -> str:
        return self.raw(*words).decode()

    def raw(self, *words: str) -> bytes:
        told = subprocess.run(
            ["git", "--git-dir", self.repository, *words], capture_output=True, check=True, timeout=30
        )
        return told.stdout

    @property
    def log(self) -> list[str]:
        return self.git("log", "--format=%s", "gh-pages").splitlines()

    @property
    def shown(self) -> dict[str, bytes]:
        names = self.git("ls-tree", "-r", "--name-only", "gh-pages").splitlines()
        return {name: self.raw("show", f"gh-pages:{name}") for name in names}

    def values(self, **changes: str) -> dict[str, str]:
        url = f"ssh://{self.server.user}@127.0.0.1:{self.server.port}{self.repository}"
        return {"url": url, "host_key": self.server.host_key} | changes

    def errand(self, files: dict[str, bytes], secret: str = "", **changes: str) -> Errand:
        site = self.folder / "status" / "main"
        status_site.write(files, site)
        version = status_site.current(site)
        assert version is not None
        http = SafeClient(allow=[f"127.0.0.1:{self.server.port}"])
        read = read_settings("git", self.values(**changes))
        return Errand(read, secret or self.server.private_key, version, self.folder / "scratch", http)

    def somebody_else_pushes(self, when: str) -> None:
        (self.folder / when).touch()


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    need("git")
    shell, other = tmp_path / "shell", tmp_path / "other"
    with sshd(tmp_path / "etc", command=str(shell)) as server:
        made = Host(tmp_path, server)
        subprocess.run(["git", "init", "--quiet", "--bare", made.repository], check=True, timeout=30)
        other.write_text(OTHER.format(repository=made.repository))
        shell.write_text(SHELL.format(once=tmp_path / "before", other=other))
        hook = made.repository / "hooks" / "update"
        hook.write_text(HOOK.format(once=tmp_path / "within", other=other))
        for path in (shell, hook):
            path.chmod(0o755)
        yield made


def plain(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if not name.endswith(".gz")}


def test_each_publication_is_a_commit_and_a_page_withdrawn_has_no_history(host: Host) -> None:
    git.check(host.errand(ONE).settings, host.server.private_key, SafeClient(), ())
    git.test(host.errand(ONE))
    assert not host.git("for-each-ref"), "the try leaves nothing behind"
    assert git.push(host.errand(ONE)) == 3
    assert git.push(host.errand(ONE)) == 0
    assert git.push(host.errand(TWO)) == 3
    assert host.shown == plain(TWO)
    assert host.log == ["Published by Quarterdeck"] * 2
    assert git.push(replace(host.errand(status_site.withdrawn()), withdraws=True)) > 0
    assert len(host.log) == 1
    assert host.shown == plain(dict(status_site.withdrawn()))
    assert not (host.folder / "scratch" / "key").exists()


@pytest.mark.parametrize("when", ["before", "within"])
@pytest.mark.parametrize("withdraws", [False, True])
def test_a_commit_of_somebody_else_at_the_same_moment_is_not_taken_away_unseen(
    host: Host, when: str, withdraws: bool
) -> None:
    git.push(host.errand(ONE))
    host.somebody_else_pushes(when)
    next_one = replace(host.errand(TWO), withdraws=withdraws)
    with pytest.raises(Failed, match="Git repository: somebody else pushed at the same moment"):
        git.push(next_one)
    assert host.log == ["By hand", "Published by Quarterdeck"]
    # The next try knows of it: it goes on from there, or begins anew where the page is to be gone.
    assert git.push(next_one) > 0
    assert host.shown == plain(TWO) | {"CNAME": b"ours\n"}, "by which the host knows the domain"
    assert git.push(next_one) == 0
    assert host.log == (
        ["Published by Quarterdeck"]
        if withdraws
        else ["Published by Quarterdeck", "By hand", "Published by Quarterdeck"]
    )


def test_another_key_another_host_and_what_is_not_there_are_said(host: Host) -> None:
    key = host.folder / "else"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True, timeout=30)
    other_host = " ".join((host.folder / "else.pub").read_text().split()[:2])
    for said, errand in (
        ("it does not take the key", host.errand(ONE, secret=key.read_text())),
        ("the machine there has another host key than the one given", host.errand(ONE, host_key=other_host)),
        ("there is no git repository", host.errand(ONE, url=host.values()["url"] + "-none")),
        ("nothing listens there", host.errand(ONE, url=host.values()["url"].replace(f":{host.server.port}/", ":1/"))),
    ):  # fmt: skip
        if ":1/" in errand.settings.url:
            errand = replace(errand, http=SafeClient(allow=["127.0.0.1:1"]))
        for do in (git.test, git.push):
            with pytest.raises(Failed, match=f"Git repository: {said}"):
                do(errand)
    assert not host.git("for-each-ref")


def test_doctor_says_that_the_host_key_changed_and_that_it_is_well_again(
    host: Host, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "QUARTERDECK_ALLOW_TARGETS", (f"127.0.0.1:{host.server.port}",))
    turns = Turns()
    act = operator(turns.now)
    row = publish_targets.add(act, "main", "git", "Pages", host.values(), host.server.private_key)
    [well] = turns.turn(timedelta(seconds=1))
    assert well.startswith("ok: 2 published pages and targets")
    assert b"Main" in host.shown["index.html"]
    kind, key = host.server.host_key.split()
    publish_targets.change(act, "main", row.id, values={"host_key": f"{kind} {key[:-4]}AAAA"})
    turns.rename("Renamed")
    told = turns.turn(timedelta(seconds=1))
    assert (
        "warning: Renamed: Pages: Git repository: the machine there has another host key than the one given. "
        "It was last brought there 1 s ago."
    ) in told
    assert any(t.startswith("fault: The status page Renamed: Pages has not") for t in turns.turn(runs.BEHIND))
    assert b"Renamed" not in host.shown["index.html"]
    publish_targets.change(act, "main", row.id, values={"host_key": host.server.host_key})
    [well] = turns.turn(timedelta(seconds=1))
    assert well.startswith("ok: ")
    assert b"Renamed" in host.shown["index.html"]
