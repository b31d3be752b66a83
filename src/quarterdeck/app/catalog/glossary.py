"""The words of the product and of this organisation: terms, titles of roles and what else people call them.

Reads only.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from quarterdeck.catalog import CatalogError
from quarterdeck.catalog.glossary import Glossary, read_glossary, shipped_glossary
from quarterdeck.core.comms.plain import Hint
from quarterdeck.core.comms.plain import hints as find_hints

from . import catalogue_files, saved_files

FILE = "glossary.toml"


@dataclass(frozen=True, slots=True)
class Word:
    """A term or a role. `anchor` is where it stands on the page of the glossary."""

    title: str
    meaning: str
    code: str
    also: tuple[str, ...]
    anchor: str
    kind: str


def glossary() -> Glossary:
    """The organisation's own, saved in the browser or in its folder, else the shipped one; never an error."""
    return _of(saved_files.in_force(catalogue_files.files())[1].get(FILE))


def _of(saved: str | None) -> Glossary:
    folder = catalogue_files.files().folder
    if saved is None and (folder is None or not (folder / FILE).is_file()):
        return shipped_glossary()
    with suppress(CatalogError, OSError):
        if saved is not None:
            return _saved(saved)
    with suppress(CatalogError, OSError):
        return read_glossary(folder)
    return shipped_glossary()


@lru_cache(maxsize=2)
def _saved(text: str) -> Glossary:
    return read_glossary(None, {FILE: text})


def words() -> list[Word]:
    """Roles as this organisation calls them, then terms. A role that several structures call the same stands once."""
    found: dict[tuple[str, str], Word] = {}
    catalog, saved = saved_files.in_force(catalogue_files.files())
    for template in catalog.templates:
        for role in template.roles:
            mark = (role.key, role.title)
            before = found.get(mark)
            also = tuple(dict.fromkeys([*(before.also if before else ()), *role.aliases]))
            where = f"{before.kind}, {template.title}" if before else template.title
            purpose = before.meaning if before else role.purpose
            found[mark] = Word(role.title, purpose, role.key, also, f"role-{role.key}", where)
    terms = [Word(t.title, t.meaning, t.code, t.also, "", "") for t in _of(saved.get(FILE)).terms]
    return [*found.values(), *terms]


def search(q: str, most: int) -> list[Word]:
    """Words whose title, code or other name contains every word of `q`; titles that begin with it come first."""
    asked = q.casefold().split()
    found = [
        w for w in words()
        if asked and any(all(a in name.casefold() for a in asked) for name in (w.title, w.code, *w.also))
    ]  # fmt: skip
    return sorted(found, key=lambda w: (not w.title.casefold().startswith(q.casefold()), not w.kind))[:most]


def hints(text: str) -> tuple[Hint, ...]:
    """What readers outside may not understand in a text."""
    known = glossary()
    return find_hints(text, known.acronyms, known.plain)
