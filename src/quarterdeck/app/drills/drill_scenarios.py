"""The scenarios in force: files, and what was saved over them. Whoever is to play one does not read its injects."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import msgspec

from quarterdeck import catalog as shipped
from quarterdeck.catalog import CatalogError
from quarterdeck.core.access import Who, may
from quarterdeck.core.drills.scenario import Inject, Scenario, Step, wrong_with
from quarterdeck.core.kernel.refused import bad, missing
from quarterdeck.store import models

from ..catalog import catalogue_files, saved_files
from ..catalog.catalogue import current

_known: dict[str, Any] = {}


def library() -> tuple[Scenario, ...]:
    """Every scenario in force that can be played, by title. Never an error, however the files look."""
    catalog = current()
    return tuple(sorted((s for s in _read() if not wrong_with(s, catalog)), key=lambda s: s.title.casefold()))


def find(key: str) -> Scenario:
    found = next((s for s in library() if s.key == key), None)
    if found is None:
        raise missing("scenario.unknown", f"There is no scenario {key[:40]!r}. Choose one of the library.")
    return found


def chosen(key: str) -> Scenario:
    """As `find`, for a field of a form."""
    found = next((s for s in library() if s.key == key), None)
    if found is None:
        message = "Choose a scenario of the library."
        raise bad("scenario.unknown", message, scenario=message)
    return found


def may_read_script(key: str, who: Who) -> bool:
    """Whoever plans drills reads steps and injects, but not of a scenario that they are about to play."""
    if not may(who, "drill.plan"):
        return False
    playing = models.DrillPerson.objects.filter(person_id=who.person, observer=False)
    return not playing.filter(drill__scenario=key, drill__state__in=("planned", "running")).exists()


def pinned(scenario: Scenario) -> dict[str, Any]:
    """The scenario as plain data, to be kept with a drill."""
    found: dict[str, Any] = msgspec.to_builtins(scenario)
    return found


def unpinned(script: dict[str, Any]) -> Scenario:
    return msgspec.convert(script, Scenario)


def steps_of(script: dict[str, Any]) -> tuple[Step, ...]:
    return unpinned(script).steps


def inject_row(drill: models.Drill, inject: Inject, *, added: bool = False) -> models.DrillInject:
    """An inject of a drill, not yet written."""
    return models.DrillInject(
        drill=drill, key=inject.key, at_minute=inject.at_minute, kind=inject.kind, title=inject.title,
        text=inject.text, role=inject.role, about=inject.about, surprise=inject.surprise, page=inject.page,
        within_minutes=inject.within_minutes, added=added,
    )  # fmt: skip


def _read() -> tuple[Scenario, ...]:
    """The files in force; read once for each reading of the catalogue and of what was saved."""
    files = catalogue_files.files()
    texts = {p: t for p, t in saved_files.texts().items() if p.startswith("scenarios/")}
    # Two readings may be equal in all but their scenarios, which are not among what they hold.
    if _known.get("files") is files and _known.get("texts") == texts:
        found: tuple[Scenario, ...] = _known["found"]
        return found
    read: tuple[Scenario, ...] | None = None
    with suppress(CatalogError, OSError):
        read = shipped.load_scenarios(files.folder, texts)
    if read is None:
        with suppress(CatalogError, OSError):
            read = shipped.load_scenarios(files.folder)
    found = read if read is not None else shipped.load_scenarios(None)
    _known.update(files=files, texts=texts, found=found)
    return found
