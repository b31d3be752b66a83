"""Which store is served after a move: one small file in the data folder, written by the move alone.

It stands in for the configured database only as long as that one is the store that was moved away from.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

NAME = "store.json"
# What the configuration itself names, kept by `resolve` for whoever writes the pointer.
_configured = [""]


def resolve(data: Path, configured: str) -> str:
    """The database to use where the configuration names this one ("" is SQLite)."""
    _configured[0] = configured
    try:
        found = json.loads((data / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return configured
    if not isinstance(found, dict) or found.get("instead_of") != configured:
        return configured
    return str(found.get("database_url", configured))


def configured() -> str:
    """What the configuration itself names."""
    return _configured[0]


def write(data: Path, database_url: str, *, instead_of: str) -> None:
    """From now on this database is used; nothing needs to point there where the configuration names it anyway."""
    path = data / NAME
    if database_url == instead_of:
        path.unlink(missing_ok=True)
        return
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as f:
        json.dump({"database_url": database_url, "instead_of": instead_of}, f)
        f.flush()
        os.fsync(f.fileno())
    fresh.replace(path)


def mark(data: Path) -> tuple[int, int] | None:
    """Changes when the pointer does."""
    try:
        found = (data / NAME).stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino
