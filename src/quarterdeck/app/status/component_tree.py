"""What a component is a part of, what it needs, and what it is called in other languages: checks before it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from quarterdeck.channels.status_site.phrases import LANGUAGES
from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.kernel.text import line
from quarterdeck.core.status.tree import DEEPEST
from quarterdeck.store import models

MOST_NEEDED = 50
LINKS = ("parent", "depends_on")


def links(page: models.StatusPage, component_id: str, values: dict[str, Any]) -> dict[str, Any]:
    """Takes `parent` and `depends_on` out of the values and answers them checked; what is None is left out."""
    found: dict[str, Any] = {}
    parent, needed = values.pop("parent", None), values.pop("depends_on", None)
    if parent is not None:
        found["parent"] = _parent(page, component_id, parent)
    if needed is not None:
        found["depends_on"] = _needed(page, component_id, needed)
    return found


def linked(row: models.Component) -> dict[str, Any]:
    """What a component is a part of and what it needs, as they are kept."""
    return {
        "parent": row.parent_id or "",
        "depends_on": sorted(row.depends_on.values_list("id", flat=True)),
    }


def put(row: models.Component, checked: Mapping[str, Any]) -> None:
    if "parent" in checked:
        models.Component.objects.filter(id=row.id).update(parent=checked["parent"] or None)
    if "depends_on" in checked:
        row.depends_on.set(checked["depends_on"])


def in_languages(value: Any) -> dict[str, str]:
    """Names by language; an empty one is left out. Refuses a language no page is shown in."""
    strange = sorted(set(value) - set(LANGUAGES))
    if strange:
        raise bad(
            "component.language",
            f"{strange[0][:20]!r} is no language of the page. It has {', '.join(LANGUAGES)}.",
            names="unknown language",
        )
    told = {language: line(str(name), 120) for language, name in value.items()}
    return {language: name for language, name in told.items() if name}


def _parent(page: models.StatusPage, component_id: str, parent: str) -> str:
    if not parent:
        return ""
    above = dict(page.components.values_list("id", "parent_id"))
    if parent not in above:
        raise _no("parent", "There is no such component on this page. Choose one of its components.")
    chain = [parent]
    while (up := above[chain[-1]]) and up not in chain:
        chain.append(up)
    if component_id and component_id in chain:
        raise _no("parent", "A component cannot be a part of itself or of one of its parts. Choose another.")
    if len(chain) + _height(component_id, above) >= DEEPEST:
        raise _no("parent", f"Components lie at most {DEEPEST} deep in each other. Choose one further up.")
    return parent


def _height(component_id: str, above: Mapping[str, str | None]) -> int:
    """How many levels of parts there are below a component."""
    below: dict[str, list[str]] = {}
    for one, parent in above.items():
        below.setdefault(parent or "", []).append(one)
    level, height = below.get(component_id, []) if component_id else [], 0
    while level and height <= DEEPEST:
        level, height = [part for one in level for part in below.get(one, [])], height + 1
    return height


def _needed(page: models.StatusPage, component_id: str, needed: Iterable[str]) -> list[str]:
    wanted = sorted(set(needed))
    known = set(page.components.filter(id__in=wanted).values_list("id", flat=True))
    if component_id in wanted:
        raise _no("depends_on", "A component does not depend on itself. Take it off the list.")
    if set(wanted) - known:
        raise _no("depends_on", "There is no such component on this page. Choose from its components.")
    if len(wanted) > MOST_NEEDED:
        raise _no("depends_on", f"A component depends on at most {MOST_NEEDED} others. Name the nearest.")
    return wanted


def _no(field: str, message: str) -> Exception:
    return bad(f"component.{field}", message, **{field: "not possible"})
