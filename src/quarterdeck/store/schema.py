"""Which tables this release brings, and with which others it works. Reads its own folder, never a database."""

from __future__ import annotations

from functools import cache
from pathlib import Path

# The lowest schema version whose code works on the tables of this release. Migrations are additive, so a release and
# the one before it serve one store together while nodes are upgraded one by one. Raise it with a migration that takes
# something away.
MIN_CODE_VERSION = 4


@cache
def version() -> int:
    """The schema version of this release: the number of its newest migration."""
    files = (Path(__file__).parent / "migrations").glob("[0-9][0-9][0-9][0-9]_*.py")
    return max(int(file.name[:4]) for file in files)
