"""The targets of a page as they are kept beside it, their secrets still sealed: what the emergency command goes by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from ..status_site.publish import TARGETS, beside, versions_of

_NAME = "targets.json"


@dataclass(frozen=True, slots=True)
class KeptTarget:
    id: str
    kind: str
    name: str
    settings: dict[str, str | int]
    secret: str = field(default="", repr=False)


def keep(folder: Path, targets: Sequence[KeptTarget]) -> None:
    """In place of those that were kept; nothing is written where there is nothing to keep."""
    if targets or (versions_of(folder) / _NAME).exists():
        beside(folder, _NAME, msgspec.json.encode(targets))


def read(folder: Path) -> list[KeptTarget]:
    """None where there are none, or they cannot be read."""
    try:
        return msgspec.json.decode((versions_of(folder) / _NAME).read_bytes(), type=list[KeptTarget])
    except (OSError, msgspec.DecodeError):
        return []


def scratch(folder: Path, target: str) -> Path:
    """A folder of the target's own, beside the versions of the page; for this account alone."""
    place = versions_of(folder) / TARGETS
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    if place.stat().st_mode & 0o077:
        place.chmod(0o700)
    return place / target
