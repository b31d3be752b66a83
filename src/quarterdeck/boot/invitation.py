"""The link to the set-up page, handed from the web process, which knows it, to the supervisor, which prints it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

NAME = "setup-link"
WORDS = "Nobody can sign in yet. Set it up at {}"


def leave(run: Path, link: str) -> None:
    """Keep the link for its owner alone; an empty one takes the last away."""
    path = run / NAME
    path.unlink(missing_ok=True)
    if link:
        with os.fdopen(
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
        ) as f:
            f.write(link)


def take(run: Path) -> str:
    """The link that was left, once; empty where this installation is set up."""
    path = run / NAME
    with contextlib.suppress(OSError, UnicodeDecodeError):
        found = path.read_text(encoding="utf-8")
        path.unlink()
        return found
    return ""
