"""Checks what the files say about each other. Reports faults with a suggestion, raises nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from quarterdeck.catalog.findings import Finding, fault, warning
from quarterdeck.catalog.folders import Folders
from quarterdeck.catalog.glossary import read_glossary
from quarterdeck.catalog.kinds import type_faults
from quarterdeck.catalog.lint_roles import lint_roles
from quarterdeck.catalog.lint_template import lint_template
from quarterdeck.catalog.mappings import lint_mappings
from quarterdeck.catalog.messages import message_files, read_message
from quarterdeck.catalog.reach import lint_reach
from quarterdeck.catalog.tables import CatalogError, did_you_mean
from quarterdeck.core.incidents.structure import Catalog, Template


def lint(catalog: Catalog) -> list[Finding]:
    """Every finding, faults before warnings. An empty list means an incident can run on this catalogue."""
    found = [*_severities(catalog), *_matrix(catalog), *_types(catalog), *_codes(catalog)]
    for template in catalog.templates:
        found += lint_roles(catalog, template)
        found += lint_template(catalog, template)
        found += lint_reach(catalog, template)
    found += lint_mappings(catalog)
    return sorted(found, key=lambda f: (f.severity, f.where))


def unread(error: CatalogError) -> Finding:
    """A file that cannot be read, with its line where that is known."""
    place = f"{error.file} line {error.line}: " if error.line else f"{error.file}: "
    text = error.message.removeprefix(place)
    reason, _, advice = text.partition(". ")
    return Finding("fault", error.file, reason.rstrip("."), advice or "Correct the file.", error.line or 0)


def lint_glossary(folder: Path | None = None, texts: Mapping[str, str] | None = None) -> list[Finding]:
    """As `lint`, for the glossary: it is readable, and no term stands in it twice."""
    try:
        found = read_glossary(folder, texts)
    except CatalogError as error:
        return [unread(error)]
    return [
        warning("glossary.toml", f"the term {title!r} stands twice", "Put both meanings into one term.")
        for title in _doubles(t.title.casefold() for t in found.terms)
    ]


def lint_messages(
    catalog: Catalog, folder: Path | None = None, texts: Mapping[str, str] | None = None
) -> list[Finding]:
    """As `lint`, for the message files: each is readable and names an audience and a phase."""
    folders = Folders(folder, texts)
    return [
        finding
        for template in catalog.templates
        for name in message_files(folders, template.key)
        for finding in _message(folders, template, name)
    ]


def _message(folders: Folders, template: Template, name: str) -> Iterator[Finding]:
    where = f"messages/{template.key}/{name}.toml"
    audience, _, phase = name.partition(".")
    known = [a.key for a in template.audiences]
    if audience not in known:
        text = f"the template {template.key!r} has no audience {audience!r}, so nobody gets this text"
        yield fault(where, text, "Rename the file or add the audience." + did_you_mean(audience, known))
    if phase and phase not in template.phases:
        near = did_you_mean(phase, template.phases)
        yield fault(where, f"the template {template.key!r} has no phase {phase!r}", f"Rename the file.{near}")
    try:
        read_message(folders, template.key, name)
    except CatalogError as error:
        yield unread(error)


def _severities(catalog: Catalog) -> Iterator[Finding]:
    where = "severities.toml"
    labels = [s.label.casefold() for s in catalog.severities]
    for label in _doubles(labels):
        yield fault(where, f"two severities carry the label {label!r}", "Give each rank its own label.")
    if [s.rank for s in catalog.severities] != [1, 2, 3, 4, 5]:
        yield fault(where, "the ranks are not 1, 2, 3, 4, 5", "Keep one severity for each rank from 1 to 5.")
    for level in catalog.severities:
        if level.rank <= 2 and not level.review_required:
            text = f"rank {level.rank} asks for no review, so the same trouble may come back unseen"
            yield warning(where, text, "Set review_required = true for ranks 1 and 2.")


def _matrix(catalog: Catalog) -> Iterator[Finding]:
    where = "matrix.toml"
    for impact in catalog.impacts:
        for urgency in catalog.urgencies:
            if (impact, urgency) not in catalog.matrix:
                text = f"no rank for impact {impact} and urgency {urgency}"
                yield fault(where, text, f"Add {urgency} to the row {impact} below [ranks].")
    for (impact, urgency), rank in catalog.matrix.items():
        for higher in _next(catalog.impacts, impact):
            if catalog.matrix.get((higher, urgency), rank) > rank:
                text = f"impact {higher} gives a lower severity than impact {impact} at urgency {urgency}"
                yield warning(where, text, "Let more impact never lower the severity.")
        for higher in _next(catalog.urgencies, urgency):
            if catalog.matrix.get((impact, higher), rank) > rank:
                text = f"urgency {higher} gives a lower severity than urgency {urgency} at impact {impact}"
                yield warning(where, text, "Let more urgency never lower the severity.")


def _types(catalog: Catalog) -> Iterator[Finding]:
    if not catalog.types:
        yield fault("types.toml", "there is no incident type", "Add at least one, such as [availability].")
    for kind in catalog.types:
        for field, text in type_faults(catalog, kind):
            yield fault("types.toml", f"{kind.key}: {text}", f"Correct {field!r} below [{kind.key}].")


def _codes(catalog: Catalog) -> Iterator[Finding]:
    where = "resolution_codes.toml"
    if not catalog.resolution_codes:
        yield fault(
            where, "there is no resolution code, so nothing can be resolved", "Add at least one [[code]]."
        )
    for key in _doubles(code.key for code in catalog.resolution_codes):
        yield fault(where, f"two codes have the key {key!r}", "Give each code its own key.")


def _next(words: tuple[str, ...], word: str) -> tuple[str, ...]:
    place = words.index(word) + 1 if word in words else len(words)
    return words[place : place + 1]


def _doubles(words: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    double: list[str] = []
    for word in words:
        if word in seen:
            double.append(word)
        seen.add(word)
    return double
