"""A folder on another machine that lets files in by SFTP alone, as most web space does.

Give the machine, a user that may write the folder, that user's private key, and the machine's public key. A list of
what is there (quarterdeck-files.json) stands beside the page, so that only what changed is brought.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import PurePosixPath

from ..safe_http import SafeClient
from . import rsync
from .errand import MANIFEST, MANIFEST_BYTES, PUSH_SECONDS, TEST_FILE, TEST_SECONDS, Errand
from .order import Digests, away, checked, plan
from .shell import LARGEST_FILE, check_far, run, ssh

KIND = "sftp"
NAME = "SFTP"
KEY_CALLED = "Private key"
NEEDED = frozenset({"host", "folder", "user", "host_key", "port", "secret"})
PLACE = rsync.PLACE
REFRESH = timedelta(0)
Settings = rsync.Settings
LABELS = {
    **rsync.LABELS,
    "host": ("Machine", "Such as www.example.com."),
}


def check(settings: rsync.Settings, secret: str, http: SafeClient, local: tuple[str, ...]) -> None:
    """Refuses what cannot be copied to."""
    rsync.check_folder(settings.folder)
    check_far(rsync.far(settings), secret)


def folder_here(settings: rsync.Settings, local: tuple[str, ...]) -> None:
    """It is never a folder of this machine."""


_digests: dict[str, Digests] = {}


def push(errand: Errand) -> int:
    """Each file arrives under another name and is renamed when it is whole, in the order of the plan. Raises Failed."""
    until = time.monotonic() + PUSH_SECONDS
    wanted = _digests.setdefault(str(errand.scratch), Digests()).of(errand.version)
    with _sftp(errand, until) as sftp:
        there = _there(errand, sftp)
        todo = plan(there, wanted)
        if not todo.changes:
            return 0
        puts = [name for wave in todo.puts for name in wave]
        lines = [f'-mkdir "{folder}"' for folder in _folders(puts)]
        # Should it break off, the list names what may be there already, so that it can be taken away.
        if wanted.keys() - there.keys():
            lines += _manifest(errand, dict.fromkeys(wanted, "") | there, "before")
        for name in puts:
            lines += _put(str(errand.version / name), name)
        lines += _manifest(errand, wanted | {n: there[n] for n in todo.removals})
        lines += [f'-rm "{name}"' for name in todo.removals]
        if todo.removals:
            lines += _manifest(errand, wanted, "then")
        sftp(lines)
    return todo.changes


def take_away(errand: Errand) -> int:
    """Removes what the list there names as the page's, start pages first, and the list at last. Raises Failed."""
    with _sftp(errand, time.monotonic() + PUSH_SECONDS) as sftp:
        names = [name for wave in away(_there(errand, sftp)) for name in wave]
        if names:
            lines = [f'-rm "{name}"' for name in names]
            lines += [f'-rmdir "{folder}"' for folder in reversed(_folders(names))]
            sftp([*lines, f'rm "{MANIFEST}"'])
    return len(names)


def test(errand: Errand) -> None:
    """Whether a file can be written there. Raises Failed."""
    with _sftp(errand, time.monotonic() + TEST_SECONDS) as sftp:
        path = errand.scratch / TEST_FILE
        path.write_text("Quarterdeck can write here.\n", encoding="ascii")
        sftp([*_put(str(path), TEST_FILE), f'rm "{TEST_FILE}"'])


def _there(errand: Errand, sftp: Sftp) -> dict[str, str]:
    got = errand.scratch / "there.json"
    got.unlink(missing_ok=True)
    sftp([f'-get "{MANIFEST}" "{got}"'], MANIFEST_BYTES)
    try:
        if got.stat().st_size > MANIFEST_BYTES:
            return {}
        return checked(json.loads(got.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def _folders(names: Sequence[str]) -> list[str]:
    """Every folder that files lie in, the outer ones first."""
    found = {str(parent) for name in names for parent in PurePosixPath(name).parents} - {"."}
    return sorted(found)


def _put(here: str, name: str) -> list[str]:
    part = f"{name}.quarterdeck-part"
    return [f'put "{here}" "{part}"', f'rename "{part}" "{name}"']


def _manifest(errand: Errand, files: Mapping[str, str], suffix: str = "first") -> list[str]:
    path = errand.scratch / f"files-{suffix}.json"
    path.write_text(json.dumps({"format": 1, "files": dict(files)}, sort_keys=True), encoding="utf-8")
    return _put(str(path), MANIFEST)


class Sftp:
    """One session for each list of commands; the first that fails ends it."""

    def __init__(self, words: list[str], folder: str, until: float) -> None:
        self._words, self._folder, self._until = words, folder, until

    def __call__(self, lines: Sequence[str], most_bytes: int = LARGEST_FILE) -> None:
        text = "\n".join([f'cd "{self._folder}"', *lines, "bye"]) + "\n"
        left = max(self._until - time.monotonic(), 0.1)
        run(NAME, self._words, seconds=left, text=text, most_bytes=most_bytes)


@contextmanager
def _sftp(errand: Errand, until: float) -> Iterator[Sftp]:
    settings: rsync.Settings = errand.settings
    with ssh(rsync.far(settings), errand.secret, errand.scratch, errand.http) as words:
        # The options of ssh are those of sftp, but for its name.
        yield Sftp(
            ["sftp", "-b", "-", *words[1:], f"{settings.user}@{settings.host}"], settings.folder, until
        )
