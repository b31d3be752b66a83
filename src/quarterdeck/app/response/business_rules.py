"""What an hour costs and which legal deadlines there are, as the catalogue's files in force say. Never an error."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from quarterdeck import catalog as shipped
from quarterdeck.catalog import BusinessRules, CatalogError

from ..catalog import catalogue_files

_known: dict[Path | None, tuple[object, BusinessRules]] = {}


def rules() -> BusinessRules:
    """The rules of the folder in force; read once for each reading of the catalogue."""
    found = catalogue_files.files()
    kept = _known.get(found.folder)
    if kept is not None and kept[0] is found:
        return kept[1]
    read = None
    with suppress(CatalogError, OSError):
        read = shipped.load_business(found.folder)
    rules = read or (kept[1] if kept else shipped.load_business(None))
    _known[found.folder] = (found, rules)
    return rules
