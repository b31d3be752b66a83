"""Checks a whole catalogue as its files stand: what cannot be read, else what the files say wrongly about each other.

Every finding names the file and, where it can, the line. Raises nothing and changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

from quarterdeck.catalog.closing import read_closing
from quarterdeck.catalog.engagement import read_engagement
from quarterdeck.catalog.executive_quiz import read_executive_quiz
from quarterdeck.catalog.findings import Finding, fault
from quarterdeck.catalog.folders import Folders
from quarterdeck.catalog.impact import read_impacts
from quarterdeck.catalog.linter import lint, lint_glossary, lint_messages, unread
from quarterdeck.catalog.reader import load
from quarterdeck.catalog.roles import read_role
from quarterdeck.catalog.scenarios import lint_scenarios, read_scenario, scenario_names
from quarterdeck.catalog.tables import CatalogError, did_you_mean

TOP = (
    "types.toml",
    "severities.toml",
    "audiences.toml",
    "matrix.toml",
    "resolution_codes.toml",
    "glossary.toml",
    "engagement.toml",
    "closing.toml",
    "impact.toml",
    "executive_quiz.toml",
)
_PLACE = re.compile(
    r"(templates|types|mappings|scenarios)/[a-z][a-z0-9_-]{0,130}\.toml|roles/[a-z][a-z0-9_]{0,63}/[a-z][a-z0-9_]{0,63}\.toml"
    r"|messages/[a-z][a-z0-9_]{0,63}/[a-z][a-z0-9_.]{0,130}\.toml"
)
# Findings whose line is looked up: to do it for thousands takes minutes, and nobody reads so far.
MOST_PLACED = 100
_QUOTED = re.compile(r"'([^']+)'|\"([^\"]+)\"")


def is_place(name: str) -> bool:
    """Whether a file of this name is one the catalogue reads, such as roles/software/scribe.toml."""
    return name in TOP or _PLACE.fullmatch(name) is not None


def place_of(path: Path) -> str:
    """The name in the catalogue of a file on disk, "" when it can be none: the end of its path says which."""
    parts = path.resolve().parts
    ends = ["/".join(parts[-n:]) for n in (3, 2, 1) if len(parts) >= n]
    return next((e for e in ends if is_place(e)), "")


def check(folder: Path | None = None, texts: Mapping[str, str] | None = None) -> list[Finding]:
    """Faults before warnings; while a file cannot be read, only what cannot be read. [] is a catalogue to work with."""
    try:
        folders = Folders(folder, texts)
    except CatalogError as error:
        return [unread(error)]
    found = list(_unreadable(folders, folder, texts))
    if found:
        return found
    catalog = load(folder, texts)
    found = [
        *lint(catalog),
        *lint_messages(catalog, folder, texts),
        *lint_glossary(folder, texts),
        *lint_scenarios(catalog, folders),
    ]
    return [*(_placed(f, folders) for f in found[:MOST_PLACED]), *found[MOST_PLACED:]]


def _unreadable(folders: Folders, folder: Path | None, texts: Mapping[str, str] | None) -> Iterator[Finding]:
    """Every role card that cannot be read, and the first fault of the rest."""
    seen: set[tuple[str, str]] = set()

    def attempt(read: Callable[[], object]) -> Iterator[Finding]:
        try:
            read()
        except CatalogError as error:
            finding = unread(error)
            if (finding.where, finding.text) not in seen:
                seen.add((finding.where, finding.text))
                yield finding

    for name in texts or {}:
        if not is_place(name):
            near = did_you_mean(name, TOP)
            yield fault(name, "nothing reads a file of this name", f"Name it as the catalogue does.{near}")
    for template in folders.names("templates"):
        for key in folders.names(f"roles/{template}"):
            card = f"roles/{template}/{key}.toml"
            yield from attempt(lambda card=card, key=key: read_role(folders.table(card), key))  # type: ignore[misc]
    yield from attempt(lambda: read_engagement(folders))
    yield from attempt(lambda: read_closing(folders))
    yield from attempt(lambda: read_impacts(folders))
    yield from attempt(lambda: read_executive_quiz(folders))
    for name in scenario_names(folders):
        yield from attempt(lambda name=name: read_scenario(folders, name))  # type: ignore[misc]
    yield from attempt(lambda: load(folder, texts))


def _placed(finding: Finding, folders: Folders) -> Finding:
    """With the line that the finding is about: where the rarest of the words it quotes stands, of two the longer."""
    if finding.line:
        return finding
    try:
        source = folders.text(finding.where)
    except CatalogError:
        return finding
    own = PurePosixPath(finding.where).stem
    words = [a or b for a, b in _QUOTED.findall(finding.text)]
    counted = [(len(_places(w, source)), w == own, -len(w), w) for w in words]
    usable = sorted(c for c in counted if c[0])
    if not usable:
        return finding
    at = _places(usable[0][3], source)[0]
    return replace(finding, line=source.count("\n", 0, at) + 1)


def _places(word: str, source: str) -> list[int]:
    """Where the word stands by itself, comments left out."""
    found = []
    for m in re.finditer(rf"(?<![\w-]){re.escape(word)}(?![\w-])", source):
        start = source.rfind("\n", 0, m.start()) + 1
        if "#" not in source[start : m.start()]:
            found.append(m.start())
    return found
