"""Puts facts into message templates. Knows `{{ field }}` and nothing else; never looks at a value twice."""

from __future__ import annotations

import re
from collections.abc import Mapping

_FIELD = re.compile(r"\{\{ *([a-z][a-z0-9_]{0,63}) *\}\}")
_OPEN = re.compile(r"\[([a-z][a-z0-9_]{0,63})\?\]")
# What is left of `{{ person.name }}`, `{{ run() }}` or `{% for %}` when the real fields are gone.
_STRAY = re.compile(r"\{\{[^{}\n]{0,40}\}{0,2}|\{%[^{}\n]{0,40}%?\}?|\}\}")


def fill(template_text: str, facts: Mapping[str, str]) -> str:
    """The text with every `{{ field }}` replaced by its fact, in one pass.

    A field without a fact, or with a blank one, stays visible as "[field?]": `unfilled` names these fields,
    and whoever sends the text refuses while there are any. Everything else in the text stands as it is.
    """
    return _FIELD.sub(lambda found: _value(found[1], facts) or f"[{found[1]}?]", template_text)


def fields(template_text: str) -> tuple[str, ...]:
    """The names of the fields in the text, each once, in the order of their first use."""
    return tuple(dict.fromkeys(_FIELD.findall(template_text)))


def unfilled(template_text: str, facts: Mapping[str, str]) -> tuple[str, ...]:
    """The fields that `fill` would leave visible."""
    return tuple(name for name in fields(template_text) if not _value(name, facts))


def stray(template_text: str) -> tuple[str, ...]:
    """What looks like a placeholder but is none, as written: it would reach the reader as it is."""
    return tuple(_STRAY.findall(_FIELD.sub("", template_text)))


def left_open(text: str) -> tuple[str, ...]:
    """The fields still to be filled in a text that `fill` made and somebody may have edited since."""
    return tuple(dict.fromkeys(_OPEN.findall(text)))


def _value(name: str, facts: Mapping[str, str]) -> str:
    value = facts.get(name, "")
    return value if value.strip() else ""
