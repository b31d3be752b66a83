"""The organisation's catalogue files: read once, and where they cannot be read, the last that could stand in for them.

A slip of the pen in a file must never stop an alert: whoever asks gets a catalogue, always, and what is wrong is said.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from quarterdeck import catalog as shipped
from quarterdeck.catalog import CatalogError
from quarterdeck.core.incidents.structure import Catalog

_Look = tuple[tuple[str, int, int], ...]


class Read(NamedTuple):
    """A catalogue, the folder it came from (None: as shipped), and what is wrong with the organisation's own files."""

    catalog: Catalog
    folder: Path | None
    problem: str = ""
    looked: _Look = ()


_known: dict[Path, Read] = {}


def own() -> Path:
    """Where an organisation puts its files."""
    return Path(settings.QUARTERDECK_DATA) / "catalog"


def kept() -> Path:
    """The copy of the last files that could be read."""
    return Path(settings.QUARTERDECK_DATA) / "catalog.last-good"


def files() -> Read:
    """What is in force in this process: read once; looked at again only while something is wrong with it."""
    folder = own()
    found = _known.get(folder)
    if found is None or (found.problem and found.looked != _look(folder)):
        found = _known[folder] = _read(folder)
    return found


def forget() -> None:
    """Read the files again with the next question, as a new process does."""
    _known.clear()


def problem() -> str:
    """Why the organisation's own files, as they are now, cannot be in force; "" when they can."""
    return _read(own()).problem if own().is_dir() else ""


def keep() -> None:
    """Put a copy of the files in force aside, when they are the organisation's own and another copy is there."""
    found = files()
    if found.folder != own() or _same(own(), kept()):
        return
    fresh = kept().with_name(f"{kept().name}.new")
    with suppress(CatalogError, OSError, shutil.Error):
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(own(), fresh)
        shipped.load(fresh)
        shutil.rmtree(kept(), ignore_errors=True)
        fresh.rename(kept())


def folders() -> tuple[Path | None, ...]:
    """Where texts are looked up, the first that can be read counts: in force, the copy, as shipped."""
    named = [files().folder, kept() if kept().is_dir() else None]
    return (*dict.fromkeys(f for f in named if f is not None), None)


def _read(folder: Path) -> Read:
    if not folder.is_dir():
        return Read(shipped.load(None), None)
    looked = _look(folder)
    try:
        return Read(shipped.load(folder), folder)
    except (CatalogError, OSError) as e:
        wrong = e.message if isinstance(e, CatalogError) else str(e)
    with suppress(CatalogError, OSError):
        if kept().is_dir():
            told = f"{wrong} Until then the last files that could be read are used."
            return Read(shipped.load(kept()), kept(), told, looked)
    return Read(shipped.load(None), None, f"{wrong} Until then the catalogue as shipped is used.", looked)


def _look(folder: Path) -> _Look:
    """Name, size and time of every file: whether somebody has touched them."""
    found = []
    with suppress(OSError):
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            about = path.stat()
            found.append((str(path), about.st_size, about.st_mtime_ns))
    return tuple(found)


def _same(one: Path, other: Path) -> bool:
    return other.is_dir() and _content(one) == _content(other)


def _content(folder: Path) -> dict[str, bytes]:
    with suppress(OSError):
        return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    return {}
