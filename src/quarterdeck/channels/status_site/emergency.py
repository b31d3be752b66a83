"""Posts that were written while Quarterdeck itself was gone, as files beside the page until it has taken them over."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import msgspec

from quarterdeck.core.status import Post

from .publish import EMERGENCY, beside, versions_of

# What `new_id` makes, and what may be part of an address and of a row.
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_REF = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True)
class EmergencyPost:
    """`by` and `host` say who ran the command, and on which machine."""

    post: Post
    by: str = ""
    host: str = ""


def add(folder: str | Path, said: EmergencyPost) -> None:
    """Keeps it beside the site `folder`, on disk before anything is published."""
    beside(folder, f"{EMERGENCY}/{said.post.id}.json", msgspec.json.encode(said, order="deterministic"))


def waiting(folder: str | Path) -> list[EmergencyPost]:
    """Those that Quarterdeck has not taken over, oldest first. One that cannot be read, or is not named after its post,
    is left where it is.
    """
    found = []
    place = versions_of(folder) / EMERGENCY
    try:
        paths = sorted(place.glob("[!.]*.json"))
    except OSError:
        return []
    for path in paths:
        try:
            said = msgspec.json.decode(path.read_bytes(), type=EmergencyPost)
        except (OSError, msgspec.DecodeError):
            continue
        if (
            path.stem == said.post.id
            and _ID.fullmatch(said.post.id)
            and _REF.fullmatch(said.post.incident_ref)
        ):
            found.append(said)
    return sorted(found, key=lambda e: e.post.at)


def taken(folder: str | Path, post_id: str) -> None:
    """Quarterdeck has it: it waits no more, and stays as a record."""
    path = _path(folder, post_id)
    path.replace(path.with_suffix(".taken"))


def _path(folder: str | Path, post_id: str) -> Path:
    return versions_of(folder) / EMERGENCY / f"{post_id}.json"
