"""A git repository: each publication is a commit, pushed to a branch that is served, as GitHub Pages and others do.

Give its address as ssh://git@host/owner/repository.git, a deploy key that may push, and the host's public key.
Nobody else should push to the branch; what is on it and no file of a page, such as CNAME, stays. Pages that nobody
changed are committed anew every twenty minutes at most.

When the page is public no more, the branch begins anew without its history, for which forced pushes have to be allowed;
clones, forks and what the host has cached remain.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from quarterdeck.core.kernel.refused import bad

from ..safe_http import SafeClient
from .errand import PUSH_SECONDS, TEST_SECONDS, Errand, Failed
from .order import is_ours
from .shell import Far, check_far, is_folder, quoted, run, ssh, under

KIND = "git"
NAME = "Git repository"
KEY_CALLED = "Private key"
NEEDED = frozenset({"url", "branch"})
PLACE = frozenset({"url", "branch"})
REFRESH = timedelta(minutes=20)
_BRANCH = re.compile(r"(?!.*(?:\.\.|//|\.lock$|/$|\.$))[A-Za-z0-9][A-Za-z0-9._/-]{0,99}")
_PUBLISHED = "Published by Quarterdeck"
# How far back our own last commit is looked for.
_DEPTH = 50
_AUTHOR = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Quarterdeck"), ("EMAIL", "quarterdeck@localhost"))
}


@dataclass(frozen=True, slots=True)
class Settings:
    url: str = ""
    branch: str = "gh-pages"
    host_key: str = ""


LABELS = {
    "url": ("Address of the repository", "Such as ssh://git@git.example.com/ops/status.git"),
    "branch": ("Branch", "The one that is served; nobody else pushes to it."),
    "host_key": (
        "Public key of the host",
        "Such as ssh-ed25519 AAAA…: ssh-keyscan prints it after the name.",
    ),
}


def check(settings: Settings, secret: str, http: SafeClient, local: tuple[str, ...]) -> None:
    """Refuses what cannot be pushed to."""
    if not _BRANCH.fullmatch(settings.branch):
        raise bad("target.branch", "This is no name of a branch, such as gh-pages.", branch="unusable")
    parts = urlsplit(settings.url)
    # What is read here without them, git would be given with them.
    if any(c.isspace() or not c.isprintable() for c in settings.url):
        raise bad("target.url", "Leave blanks and line ends out of the address.", url="unusable")
    if parts.scheme == "file":
        _here(settings.url, local)
        return
    if parts.scheme != "ssh" or not is_folder(parts.path) or parts.password or parts.query or parts.fragment:
        raise bad("target.url", "Write it as ssh://git@git.example.com/ops/status.git.", url="unusable")
    check_far(_far(settings), secret)


def folder_here(settings: Settings, local: tuple[str, ...]) -> Path | None:
    """The repository of this machine that it is, if it is one."""
    return _here(settings.url, local) if urlsplit(settings.url).scheme == "file" else None


def _here(url: str, local: tuple[str, ...]) -> Path:
    """The folder of a file: address. git unescapes addresses, and so nothing may be escaped. Raises Refused."""
    parts = urlsplit(url)
    if parts.netloc or parts.query or parts.fragment or set(url) & set("%?#\\"):
        raise bad(
            "target.url", "Write a folder of this machine as file:///srv/git/status.git.", url="unusable"
        )
    return under(parts.path, local)


def push(errand: Errand) -> int:
    """Commits the version on top of what the branch has and pushes it: all of it arrives at once, or nothing.

    A page that is withdrawn goes with its history: the commit has no parent, and the branch is moved to it.
    """
    until = time.monotonic() + PUSH_SECONDS
    with _git(errand, until) as git:
        parent = _fetched(git, errand.settings.branch)
        git("add", "--all", "--force", "--", ".", ":(exclude)*.gz", ":(exclude)*.br")
        _keep_others(git, parent)
        tree = git("write-tree").strip()
        same = parent and git("rev-parse", f"{parent}^{{tree}}").strip() == tree
        if same and not (errand.withdraws and "\nparent " in git("cat-file", "commit", parent)):
            return 0
        told = git("diff-tree", "-r", "--name-only", parent, tree) if parent else git("ls-tree", "-r", tree)
        after = ["-p", parent] if parent and not errand.withdraws else []
        commit = git("commit-tree", tree, *after, "-m", _PUBLISHED).strip()
        branch = f"refs/heads/{errand.settings.branch}"
        # Whatever else was pushed there meanwhile is not taken away.
        how = [f"--force-with-lease={branch}:{parent}"] if errand.withdraws else []
        git("push", "--quiet", *how, "origin", f"{commit}:{branch}")
        git("gc", "--auto", "--quiet")
    if errand.withdraws:  # what was fetched of the page
        shutil.rmtree(errand.scratch / "repository", ignore_errors=True)
    return len(told.splitlines())


def _keep_others(git: Callable[..., str], parent: str) -> None:
    """What is on the branch and no file of a page stays, such as CNAME, by which hosts know the page's own domain."""
    there = git("ls-tree", "-r", "-z", parent).split("\0")[:-1] if parent else []
    for entry in there:
        about, _, name = entry.partition("\t")
        mode, _, digest = about.split()
        if not is_ours(name):
            git("update-index", "--add", "--cacheinfo", f"{mode},{digest},{name}")


def take_away(errand: Errand) -> int:
    """Commits the removal of what was pushed last, as far as it is still that. The history stays, but of a page that
    is public no more. Raises Failed.
    """
    branch = f"refs/heads/{errand.settings.branch}"
    with _git(errand, time.monotonic() + PUSH_SECONDS) as git:
        parent = _fetched(git, errand.settings.branch, _DEPTH)
        gone = _still_ours(git, parent) if parent else []
        if gone:
            git("read-tree", parent)
            for at in range(0, len(gone), 500):
                git("update-index", "--force-remove", "--", *gone[at : at + 500])
            tree = git("write-tree").strip()
            after = [] if errand.withdraws else ["-p", parent]
            commit = git("commit-tree", tree, *after, "-m", "Removed by Quarterdeck").strip()
            how = [f"--force-with-lease={branch}:{parent}"] if errand.withdraws else []
            git("push", "--quiet", *how, "origin", f"{commit}:{branch}")
    shutil.rmtree(errand.scratch / "repository", ignore_errors=True)
    return len(gone)


def _still_ours(git: Callable[..., str], parent: str) -> list[str]:
    """The files that are as our own last commit had them; where that is too long ago, those that are called as ours."""
    now = _blobs(git, parent)
    author = f"{_AUTHOR['GIT_AUTHOR_NAME']} <{_AUTHOR['GIT_AUTHOR_EMAIL']}>"
    last = git(
        "log", "-1", "--format=%H", "--fixed-strings", f"--author={author}", f"--grep={_PUBLISHED}", parent
    ).strip()
    brought = _blobs(git, last) if last else now
    return [name for name, blob in now.items() if is_ours(name) and brought.get(name) == blob]


def _blobs(git: Callable[..., str], commit: str) -> dict[str, str]:
    """Each file of a commit with what names its content."""
    entries = git("ls-tree", "-r", "-z", commit).split("\0")[:-1]
    parts = (entry.partition("\t") for entry in entries)
    return {name: about.split()[2] for about, _, name in parts}


def test(errand: Errand) -> None:
    """Whether the branch can be read and would take a push. Raises Failed."""
    with _git(errand, time.monotonic() + TEST_SECONDS) as git:
        parent = _fetched(git, errand.settings.branch)
        if not parent:
            tree = git("mktree").strip()
            parent = git("commit-tree", tree, "-m", "Test").strip()
        git("push", "--dry-run", "--quiet", "origin", f"{parent}:refs/heads/{errand.settings.branch}")


def _fetched(git: Callable[..., str], branch: str, depth: int = 1) -> str:
    """The commit the branch is at, with so many before it; "" while there is no such branch."""
    there = git("ls-remote", "origin", f"refs/heads/{branch}").split()
    if not there:
        return ""
    git("fetch", "--quiet", f"--depth={depth}", "origin", f"refs/heads/{branch}")
    return git("rev-parse", "FETCH_HEAD").strip()


@contextmanager
def _git(errand: Errand, until: float) -> Iterator[Callable[..., str]]:
    """git with a repository of its own, in which the version is the work tree; nothing is copied."""
    settings: Settings = errand.settings
    repository = errand.scratch / "repository"
    errand.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    if urlsplit(settings.url).scheme == "file":
        here = _here(settings.url, errand.local)
        yield _runner(repository, errand.version, str(here), {"GIT_SSH_COMMAND": "false"}, until)
        return
    with ssh(_far(settings), errand.secret, errand.scratch, errand.http) as words:
        environment = {"GIT_SSH_COMMAND": quoted(words), "GIT_SSH_VARIANT": "ssh"}
        yield _runner(repository, errand.version, settings.url, environment, until)


def _runner(
    repository: Path, version: Path, url: str, environment: dict[str, str], until: float
) -> Callable[..., str]:
    bare = {
        **_AUTHOR, **environment, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": "ssh:file", "GIT_DIR": str(repository),
        "GIT_WORK_TREE": str(version), "GIT_OPTIONAL_LOCKS": "0",
    }  # fmt: skip

    def git(*words: str) -> str:
        options = (
            "core.autocrlf=false",
            "core.hooksPath=/dev/null",
            "gc.autoDetach=false",
            "fetch.unpackLimit=1",  # into one file, which has its limit
            "safe.directory=*",
        )
        told = [part for option in options for part in ("-c", option)]
        left = max(until - time.monotonic(), 0.1)
        return run(NAME, ["git", *told, *words], seconds=left, cwd=version, environment=bare)

    if not (repository / "HEAD").is_file():
        git("init", "--quiet")
    (repository / "index.lock").unlink(missing_ok=True)  # of one that was killed: nobody else works here
    try:
        git("remote", "add", "origin", url)
    except Failed:
        git("remote", "set-url", "origin", url)
    return git


def _far(settings: Settings) -> Far:
    parts = urlsplit(settings.url)
    try:
        port = parts.port or 22
    except ValueError:
        port = 0
    return Far(parts.hostname or "", parts.username or "git", settings.host_key, port)
