"""An entry that this release cannot read: a newer one, working beside it on the same log, wrote it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unknown:
    """Never written: it stands for a stored entry whose kind or shape this release does not know."""

    kind: str
