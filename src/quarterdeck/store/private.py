"""Files that hold what people told us: only their owner may read them. Never changes one that exists."""

from __future__ import annotations

import os
from pathlib import Path


def keep_private(path: Path) -> None:
    """Make an empty file only its owner may read, unless there is one. SQLite gives its companions the same rights."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError:
        # Whoever opens it for real says better why it cannot be.
        return
