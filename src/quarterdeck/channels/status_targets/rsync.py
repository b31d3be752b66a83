"""A folder on another machine, brought there by rsync over ssh: only what differs travels.

Give the machine, a user that may write the folder, that user's private key, and the machine's public key. rsync is
needed on both sides. The folder belongs to the page: what else is in it is removed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from quarterdeck.core.kernel.refused import bad

from ..safe_http import SafeClient
from .errand import PUSH_SECONDS, TEST_FILE, TEST_SECONDS, Errand
from .order import away
from .shell import Far, check_far, is_folder, quoted, run, ssh, under

KIND = "rsync"
NAME = "rsync over ssh"
KEY_CALLED = "Private key"
NEEDED = frozenset({"folder", "port"})
PLACE = frozenset({"host", "port", "user", "folder"})
REFRESH = timedelta(0)
# Readers come in by these: they are brought last.
_ENTRIES = ("/index.html*", "/index.*.html*", "/fresh.json*")


@dataclass(frozen=True, slots=True)
class Settings:
    """Without a `host` the folder is one of this machine, which the operator has to allow."""

    host: str = ""
    folder: str = ""
    user: str = ""
    host_key: str = ""
    port: int = 22


LABELS = {
    "host": ("Machine", "Such as www.example.com. Left empty, the folder is one of this machine."),
    "folder": ("Folder there", "Such as /srv/www/status. It belongs to the page alone."),
    "user": ("User there", ""),
    "host_key": (
        "Public key of the machine",
        "Such as ssh-ed25519 AAAA…: ssh-keyscan prints it after the name.",
    ),
    "port": ("Port", ""),
}


def check(settings: Settings, secret: str, http: SafeClient, local: tuple[str, ...]) -> None:
    """Refuses what cannot be copied to."""
    check_folder(settings.folder)
    if settings.host:
        check_far(far(settings), secret)
    else:
        under(settings.folder, local)


def check_folder(folder: str) -> None:
    if not is_folder(folder) or ".." in folder.split("/") or folder.strip("/~.") == "":
        text = "Write the folder as /srv/www/status: letters, digits and . _ - alone."
        raise bad("target.folder", text, folder="unusable")


def folder_here(settings: Settings, local: tuple[str, ...]) -> Path | None:
    """The folder of this machine that it is, if it is one."""
    return None if settings.host else under(settings.folder, local)


def far(settings: Settings) -> Far:
    return Far(settings.host, settings.user, settings.host_key, settings.port)


def push(errand: Errand) -> int:
    """First everything but where readers come in, then that, then what is gone is removed. Raises Failed."""
    until = time.monotonic() + PUSH_SECONDS
    with _words(errand) as (words, to):
        usual = ["--recursive", "--times", "--delay-updates", "--out-format=%n", "--omit-dir-times"]
        hidden = [f"--exclude={entry}" for entry in _ENTRIES]
        first = run(
            NAME, [*words, *usual, *hidden, "./", to], seconds=until - time.monotonic(), cwd=errand.version
        )
        last = ["--delete-after", "./", to]
        then = run(NAME, [*words, *usual, *last], seconds=until - time.monotonic(), cwd=errand.version)
    return sum(not line.endswith("/") for line in (first + then).splitlines())


def take_away(errand: Errand) -> int:
    """Removes what is called as files of a page are, start pages first; empty folders stay. Raises Failed."""
    until, gone = time.monotonic() + PUSH_SECONDS, 0
    with _words(errand) as (words, to):
        # What is printed of a long history is a part of it: the rest is seen when that is gone.
        while waves := away(_listed([*words, "--recursive", "--list-only", to], errand, until)):
            for wave in waves:
                for name in wave:  # rsync wants the folders of what it misses
                    (errand.version / name).parent.mkdir(parents=True, exist_ok=True)
                run(
                    NAME, [*words, "--delete-missing-args", "--files-from=-", "./", to], cwd=errand.version,
                    seconds=until - time.monotonic(), text="\n".join(wave) + "\n",
                )  # fmt: skip
                gone += len(wave)
    return gone


def _listed(words: list[str], errand: Errand, until: float) -> list[str]:
    """The names of the files there: rights, size, day, time, name."""
    told = run(NAME, words, seconds=until - time.monotonic(), cwd=errand.version).splitlines()
    parts = [line.split(None, 4) for line in told if line.startswith("-")]
    return [part[4] for part in parts if len(part) == 5]


def test(errand: Errand) -> None:
    """Whether a file can be written there. Raises Failed."""
    errand.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    (errand.scratch / TEST_FILE).write_text("Quarterdeck can write here.\n", encoding="ascii")
    with _words(errand) as (words, to):
        run(NAME, [*words, TEST_FILE, to], seconds=TEST_SECONDS, cwd=errand.scratch)


@contextmanager
def _words(errand: Errand) -> Iterator[tuple[list[str], str]]:
    """The command so far, and where it is to bring things."""
    settings: Settings = errand.settings
    folder = settings.folder.rstrip("/") + "/"
    if not settings.host:
        yield ["rsync"], f"{under(settings.folder, errand.local)}/"
        return
    with ssh(far(settings), errand.secret, errand.scratch, errand.http) as words:
        yield ["rsync", "-e", quoted(words)], f"{settings.user}@{settings.host}:{folder}"
