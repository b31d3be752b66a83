"""Shows pages on the screen of this installation and in its terminal, for demos, drills and first steps.

Nothing leaves the machine: what is sent lands in a file in the data directory, newest last, and the oldest
entries make room. It needs no account and no address, and it is the only channel that shows drills.
"""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from quarterdeck.core.kernel.moments import text
from quarterdeck.core.kernel.text import clean, line

from . import console_rooms, rendering, slack_rooms
from .outcome import GaveUp, Outcome, Outgoing, Retry, Sent

KIND = "console"
NAME = "Console"
STAYS_INSIDE = True


@dataclass(frozen=True, slots=True)
class Settings:
    """The file (JSON, one entry a line) and how many entries it keeps."""

    path: str = field(default="", metadata={"label": "File"})
    keep: int = field(default=500, metadata={"label": "Entries kept"})


def check_address(to: str) -> str:
    """Any name: it is only shown."""
    return line(to, 120)


def render(outgoing: Outgoing) -> dict[str, Any]:
    """One entry of the file; `shown` is ready for a terminal (no control characters)."""
    return {
        "key": outgoing.key,
        "to": check_address(outgoing.to),
        "recipient_name": line(outgoing.recipient_name, 120),
        "kind": outgoing.kind,
        "urgency": outgoing.urgency,
        "drill": outgoing.drill,
        "subject": line(rendering.title(outgoing), 300),
        "text": clean(outgoing.text),
        "facts": [[line(label), clean(value, 2000)] for label, value in rendering.facts(outgoing)],
        "link": outgoing.link if rendering.is_web_link(outgoing.link) else "",
        "link_label": line(outgoing.link_label, 60),
        "thread": outgoing.thread,
        "shown": clean(rendering.plain_text(outgoing)),
    }


def send(outgoing: Outgoing, settings: Settings, http: object = None) -> Outcome:
    """Appends one entry. A key that is already there is not shown twice."""
    if slack_rooms.STEP in outgoing.data:
        return console_rooms.act(outgoing)
    if not settings.path:
        return GaveUp("The console has no file to write to. Set its path.")
    entry = {"at": text(outgoing.at or datetime.now(UTC)), **render(outgoing)}
    try:
        with _locked(Path(settings.path)) as path:
            known = _lines(path)
            if any(_key(known_line) == outgoing.key for known_line in known):
                return Sent(outgoing.key, "was already shown")
            _append(
                path, known, json.dumps(entry, ensure_ascii=False).encode("utf-8", "replace"), settings.keep
            )
    except OSError as failed:
        return Retry(f"The console's file could not be written: {failed.strerror or failed}")
    return Sent(outgoing.key)


def entries(path: str | Path, limit: int = 100) -> list[dict[str, Any]]:
    """What was shown, newest first; an empty list where nothing was. Unreadable lines are skipped."""
    try:
        lines = _lines(Path(path))
    except FileNotFoundError:
        return []
    read = (_entry(known_line) for known_line in reversed(lines))
    return [entry for entry in read if entry][:limit]


@contextmanager
def _locked(path: Path) -> Iterator[Path]:
    """Holds the file's lock, across threads and processes: each use opens the lock file anew."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield path
    finally:
        os.close(handle)


def _append(path: Path, known: list[bytes], entry: bytes, keep: int) -> None:
    """Adds a line; rewrites the file a tenth smaller once it is full, so that most sends only append."""
    if len(known) < keep:
        # Links in the file acknowledge without a login: nobody but the owner may read it.
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "ab") as file:
            file.write(entry + b"\n")
        return
    kept = known[-max(keep - max(keep // 10, 1), 0) :] if keep > 1 else []
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as full:
        full.write(b"".join(known_line + b"\n" for known_line in [*kept, entry]))
    Path(full.name).replace(path)


def _lines(path: Path) -> list[bytes]:
    try:
        return [known_line for known_line in path.read_bytes().split(b"\n") if known_line]
    except FileNotFoundError:
        return []


def _entry(known_line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(known_line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _key(known_line: bytes) -> str:
    return str(_entry(known_line).get("key", ""))
