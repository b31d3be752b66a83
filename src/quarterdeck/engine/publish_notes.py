"""What an engine knows of the pages on its disk: noted beside their files, so that it is known after a restart, too."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from quarterdeck.channels import status_site
from quarterdeck.store import models

# How often an engine looks whether what lies here is what it has in mind: another may share the disk.
LOOK = timedelta(seconds=30)


class Out(NamedTuple):
    """What of a page is out on this node: its revision, the day it was rendered on, marks of what is over, when that
    was, what time the page itself says, the id of the page and the name of the version ("" in notes of an older
    release).
    """

    revision: int
    day: str
    marks: dict[str, str]
    at: datetime | None = None
    dated: datetime | None = None
    page: str = ""
    version: str = ""


out_here: dict[Path, Out] = {}
_looked: dict[Path, datetime] = {}


def lying(folder: Path, now: datetime) -> Out:
    """As `known`, now and then by what lies there: an engine that was behind may have put an older version in place
    and died, with its notes or before them.
    """
    if folder in out_here and abs(now - _looked.get(folder, now - LOOK)) >= LOOK:
        noted = read(folder)
        shown = status_site.current(folder) if folder.is_symlink() else None
        other = noted.version and shown is not None and shown.name != noted.version
        out_here[folder] = noted._replace(revision=0, marks={}) if other else noted
        _looked[folder] = now
    return known(folder)


def known(folder: Path) -> Out:
    """What this node has; nothing where that cannot be read."""
    return out_here[folder] if folder in out_here else read(folder)


def read(folder: Path) -> Out:
    """As it was noted beside the files."""
    try:
        kept = json.loads(_notes(folder).read_text(encoding="utf-8"))
        times = (datetime.fromisoformat(kept[name]) if kept[name] else None for name in ("at", "dated"))
        names = (str(kept.get(name, "")) for name in ("page", "version"))
        return Out(int(kept["revision"]), str(kept["day"]), dict(kept["marks"]), *times, *names)
    except (OSError, ValueError, KeyError, TypeError):
        return Out(0, "", {})


def is_of(out: Out, page: models.StatusPage) -> bool:
    """Whether this is the page's own, and not of one before it that had its key."""
    if out.page:
        return out.page == page.id
    return out.at is None or out.at >= page.created_at


def note(folder: Path, out: Out) -> None:
    out_here[folder] = out
    path = _notes(folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    told = out._asdict() | {
        name: at and at.isoformat() for name, at in (("at", out.at), ("dated", out.dated))
    }
    fresh.write_text(json.dumps(told), encoding="utf-8")
    fresh.replace(path)


def _notes(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}") / "published.json"
