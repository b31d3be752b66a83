"""What differs between two configurations of a status page, in words that somebody who was not there understands.

A configuration is plain data: {"page": {field: value}, "brand": {field: value}, "components": [{"id", field: value}]},
components in the order of the page, and as these "shown" (of other pages) and "metrics". Pure.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from quarterdeck.core.kernel.text import counted

Config = Mapping[str, Any]
_LABELS = {
    "title": "Title",
    "description": "Sentence under it",
    "timezone": "Time zone",
    "support_url": "Where customers get help",
    "accent": "Colour",
    "accent_dark": "Colour on dark",
    "logo": "Logo",
    "favicon": "Favicon",
    "header_text": "Text at the top",
    "footer_text": "Text at the bottom",
    "css": "Style sheet",
    "languages": "Languages",
    "home_url": "Where the logo leads",
    "domain": "Domain",
    "social_preview": "Preview picture for links",
    "rule": "what alerts may do",
    "hold_down_seconds": "quiet seconds before it is better",
    "group": "group",
    "name": "name",
    "services": "services",
    "parent_id": "part of",
    "depends_on": "depends on",
    "unit": "unit",
    "names": "name in other languages",
}
_PICTURES = ("logo", "favicon")
_PLACE = ("id", "position")
_LONGEST = 80


def differences(old: Config, new: Config) -> list[str]:
    """One sentence for each thing that differs; none when nothing does."""
    return [
        *_fields(old.get("page", {}), new.get("page", {})),
        *_fields(old.get("brand", {}), new.get("brand", {})),
        *_components(old.get("components", ()), new.get("components", ())),
        *_rows(old, new, "shown", "Component of another page"),
        *_rows(old, new, "metrics", "Metric"),
    ]


def moved(old: Sequence[str], new: Sequence[str]) -> list[str]:
    """The fewest of `new` that must have moved for the others to stand in the order they had."""
    place = {name: n for n, name in enumerate(old)}
    stay = _longest_rising([place[name] for name in new if name in place])
    return [name for name in new if name in place and place[name] not in stay]


def _fields(old: Mapping[str, Any], new: Mapping[str, Any], of: str = "") -> Iterable[str]:
    for field in dict.fromkeys((*old, *new)):
        before, after = old.get(field), new.get(field)
        if before != after and field not in _PLACE and (before or after or field in old):
            yield _told(field, before, after, of)


def _told(field: str, before: Any, after: Any, of: str) -> str:
    label = _LABELS.get(field, field.replace("_", " "))
    if of:
        return f"{of}: {label[:1].lower()}{label[1:]} {_value(before)} became {_value(after)}."
    label = label[:1].upper() + label[1:]
    if field in _PICTURES:
        return f"{label}: {_how(before, after)}."
    if field == "css":
        return f"{label}: {_lines(str(before or ''), str(after or ''))}."
    return f"{label}: {_value(before)} became {_value(after)}."


def _how(before: Any, after: Any) -> str:
    return "replaced" if before and after else "added" if after else "removed"


def _lines(before: str, after: str) -> str:
    """Which lines came and went, whatever their order."""
    old, new = before.splitlines(), after.splitlines()
    before_, after_ = set(old), set(new)  # both may have thousands of lines
    came, went = [n for n in new if n not in before_], [n for n in old if n not in after_]
    if not came and not went:
        return "its lines stand in another order"
    told = [f"{counted(len(came), 'line')} added ({_value(came[0].strip())})"] if came else []
    told += [f"{counted(len(went), 'line')} removed ({_value(went[0].strip())})"] if went else []
    return ", ".join(told)


def _value(value: Any) -> str:
    if value is None or value == "" or value == []:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{k}: {v}" for k, v in value.items()) or "nothing"
    if isinstance(value, (list, tuple)):
        return ", ".join(str(v) for v in value)
    text = str(value)
    return f"“{text if len(text) <= _LONGEST else text[: _LONGEST - 1] + '…'}”"


def _rows(old: Config, new: Config, what: str, label: str) -> Iterable[str]:
    """Of what both kept: a version from before it was kept says nothing of it."""
    if what in old and what in new:
        yield from _components(old[what], new[what], label)


def _components(
    old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]], label: str = "Component"
) -> Iterable[str]:
    before, after = _by_id(old), _by_id(new)
    for one in new:
        if one["id"] not in before:
            group = f" in {one['group']}" if one.get("group") else ""
            yield f"{label} {one.get('name', '')} added{group}."
    for one in old:
        if one["id"] not in after:
            yield f"{label} {one.get('name', '')} removed."
    for one in new:
        if one["id"] in before:
            yield from _fields(before[one["id"]], after[one["id"]], str(one.get("name", "")))
    yield from _order([c["id"] for c in old], [c["id"] for c in new], after)


def _by_id(components: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Components by their ids; those they name are told by name."""
    names = {c["id"]: str(c.get("name", "")) for c in components}
    return {
        c["id"]: {
            **c,
            "parent_id": names.get(c.get("parent_id") or "", ""),
            "depends_on": [names.get(one, "") for one in c.get("depends_on", ())],
        }
        for c in components
    }


def _order(old: Sequence[str], new: Sequence[str], known: Mapping[str, Mapping[str, Any]]) -> Iterable[str]:
    for one in moved(old, new):
        at = new.index(one)
        where = f"below {known[new[at - 1]].get('name', '')}" if at else "at the top"
        yield f"{known[one].get('name', '')} moved: it stands {where}."


def _longest_rising(numbers: Sequence[int]) -> set[int]:
    """The longest part of different numbers that rises: what need not have moved."""
    ends: list[int] = []  # the smallest end of a rising part of each length
    before: dict[int, int | None] = {}
    for n in numbers:
        at = bisect_left(ends, n)
        before[n] = ends[at - 1] if at else None
        ends[at : at + 1] = [n]
    found: set[int] = set()
    last: int | None = ends[-1] if ends else None
    while last is not None:
        found.add(last)
        last = before[last]
    return found
