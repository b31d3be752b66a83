"""What has to be done before an incident is over, and what is asked of executives afterwards, as the catalogue in force
says. Never an error.
"""

from __future__ import annotations

from contextlib import suppress

from quarterdeck.catalog import CatalogError
from quarterdeck.catalog.closing import FILE, ClosingRules, load_closing

from . import catalogue_files, saved_files
from .catalogue_files import Read

_known: list[tuple[Read, str | None, ClosingRules]] = []


def rules() -> ClosingRules:
    """Saved in the browser, of the organisation's folder, or as shipped; read once per reading of the catalogue."""
    read = catalogue_files.files()
    saved = saved_files.in_force(read)[1].get(FILE)
    if _known and _known[0][0] is read and _known[0][1] == saved:
        return _known[0][2]
    found = None
    with suppress(CatalogError, OSError):
        found = load_closing(read.folder, {FILE: saved} if saved is not None else None)
    kept = found if found is not None else _known[0][2] if _known else load_closing()
    _known[:] = [(read, saved, kept)]
    return kept
