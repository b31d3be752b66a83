"""Finds values in decoded JSON by a written path, text or template. Only reads: no calls, no attributes.

    title, alert.title, $.alert.tags[0], $['odd name']     a path
    =Checkout                                              a fixed text
    {{ host.name }}: {{ check }}                           a template of paths

What leads nowhere is as good as absent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from .details import text_of
from .limits import MAX_VALUE

MAX_WRITTEN = 500  # characters of a path, text or template
_MAX_STEPS = 32

_STEP = re.compile(r"""\.?([\w@:/-]+)|\[(\d{1,4})\]|\[(?:'([^']*)'|"([^"]*)")\]""")
_FIELD = re.compile(r"\{\{(.*?)\}\}")

Steps = tuple[str | int, ...]


def fault_in(written: str) -> str:
    """What is wrong with a path, text or template, in words; empty when it can be used."""
    if len(written) > MAX_WRITTEN:
        return f"is longer than {MAX_WRITTEN} characters. Shorten it."
    if not written.strip():
        return "is empty. Name a field, or leave it out."
    if written.startswith("="):
        return (
            "" if written[1:].strip() else "is an empty text. Write it after the =, or leave the field out."
        )
    if "{{" not in written and "}}" not in written:
        return "" if steps_of(written) is not None else _no_path(written)
    rest = _FIELD.sub("", written)
    if "{{" in rest or "}}" in rest:
        return f"{written[:60]!r} opens or closes a {{{{ field }}}} without its partner. Balance the braces."
    return next((_no_path(p) for p in _FIELD.findall(written) if steps_of(p) is None), "")


@lru_cache(maxsize=2_000)
def steps_of(written: str) -> Steps | None:
    """The names and indexes of a path; None when it is not one. `$` alone is the whole value: no steps."""
    rest = written.strip()
    if not rest or len(rest) > MAX_WRITTEN:
        return None
    if rest.startswith("$"):
        rest = rest[1:]
    elif rest.startswith("."):
        return None
    steps: list[str | int] = []
    while rest:
        found = _STEP.match(rest)
        if not found or len(steps) == _MAX_STEPS:
            return None
        name, index, quoted, doubled = found.groups()
        steps.append(
            int(index) if index is not None else next(n for n in (name, quoted, doubled) if n is not None)
        )
        rest = rest[found.end() :]
    return tuple(steps)


def value_at(value: object, steps: Steps) -> object:
    """What the path leads to; None where it leads nowhere. A number also names a member: `a.0` and `a[0]`."""
    for step in steps:
        if isinstance(value, dict):
            value = value.get(str(step))
        elif isinstance(value, list):
            index = int(step) if isinstance(step, int) or (step.isascii() and step.isdigit()) else -1
            value = value[index] if 0 <= index < len(value) else None
        else:
            return None
    return value


def first_value(value: object, written: Iterable[str]) -> object:
    """The first that leads to a value which is not null, blank or an empty list or object."""
    for one in written:
        found = _read(value, one)
        if (
            found is not None
            and found not in ("", [], {})
            and not (isinstance(found, str) and not found.strip())
        ):
            return found
    return None


def first_text(value: object, written: Iterable[str]) -> str:
    """As `first_value`, as text; empty when there is none."""
    return text_of(first_value(value, written))


def _read(value: object, written: str) -> object:
    if written.startswith("="):
        return written[1:].strip()
    if "{{" in written:
        return _filled(value, written)
    steps = steps_of(written)
    return None if steps is None else value_at(value, steps)


def _filled(value: object, template: str) -> str | None:
    """The template with its fields put in; None when none of them has a value."""
    any_found = False

    def text_for(field: re.Match[str]) -> str:
        nonlocal any_found
        steps = steps_of(field.group(1))
        # Bounded, as a short template may name a long text many times.
        text = "" if steps is None else text_of(value_at(value, steps))[:MAX_VALUE]
        any_found = any_found or bool(text)
        return text

    filled = _FIELD.sub(text_for, template)
    return filled if any_found else None


def _no_path(written: str) -> str:
    return (
        f"{written.strip()[:60]!r} is not a path such as alert.title or $.alert.tags[0]. "
        "Write a fixed text with = before it, as in =Checkout."
    )
