"""Rules of the catalogue that are read from one file: what is in force now, read again only when the file changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Generic, TypeVar

from quarterdeck.catalog import CatalogError

from . import catalogue_files, saved_files
from .catalogue_files import Read

Rules = TypeVar("Rules")
Load = Callable[[Path | None, Mapping[str, str] | None], Rules]


class Kept(Generic[Rules]):
    """`file` is its path in the catalogue; `load` reads it from a folder, or from texts that come before it."""

    def __init__(self, file: str, load: Load[Rules]) -> None:
        self._file, self._load = file, load
        self._known: tuple[Read, str | None, Rules] | None = None

    def now(self) -> Rules:
        """Saved in the browser, of the organisation's folder, or as shipped. Never an error: what cannot be read leaves
        what was in force before.
        """
        read = catalogue_files.files()
        saved = saved_files.in_force(read)[1].get(self._file)
        if self._known and self._known[0] is read and self._known[1] == saved:
            return self._known[2]
        found: Rules | None = None
        with suppress(CatalogError, OSError):
            found = self._load(read.folder, {self._file: saved} if saved is not None else None)
        if found is None:
            found = self._known[2] if self._known else self._load(None, None)
        self._known = (read, saved, found)
        return found
