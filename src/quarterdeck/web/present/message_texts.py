"""Agreed texts of messages for the eye: which there are, and one as its writer will meet it. Reads only."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from quarterdeck.app.comms import message_texts
from quarterdeck.catalog import FACTS
from quarterdeck.core.incidents.structure import Template

from . import words
from .structures import SOURCES

_FIELD = re.compile(r"\{\{ *([a-z][a-z0-9_]{0,63}) *\}\}")


def listed(template: Template) -> list[dict[str, Any]]:
    """The audiences of a template, each with its text for any phase and those of single phases, made or to be made."""
    titles = {a.key: a.title for a in template.audiences}
    found: dict[str, dict[str, Any]] = {}
    for place in message_texts.places(template):
        row = found.setdefault(
            place.audience, {"audience": titles[place.audience], "any": None, "phases": [], "free": []}
        )
        told = {
            "path": place.path,
            "phase": words.PHASES.get(place.phase, place.phase),
            "source": SOURCES[place.source],
            "there": bool(place.source),
        }
        if not place.phase:
            row["any"] = told
        else:
            row["phases" if place.source else "free"].append(told)
    return list(found.values())


def preview(path: str, text: str) -> dict[str, Any] | None:
    """A message text cut into what is locked, what the incident fills and what the writer fills; None for another file
    or one that cannot be read.
    """
    if not path.startswith("messages/"):
        return None
    read = message_texts.read(path, text)
    if read is None:
        return None
    slots = {s.name: s.hint for s in read.slots}
    return {
        "path": path,
        "headline": _cut(read.headline, slots),
        "body": _cut(read.body, slots),
        "slots": list(slots.items()),
    }


def fields(paths: Iterable[str]) -> list[tuple[str, str]]:
    """What an incident itself can put into a text, for who edits one."""
    return sorted(FACTS.items()) if any(p.startswith("messages/") for p in paths) else []


def _cut(text: str, slots: dict[str, str]) -> list[dict[str, str]]:
    found = []
    for n, part in enumerate(_FIELD.split(text)):
        if n % 2 == 0:
            kind, shown = "locked", part
        elif part in slots and part not in FACTS:
            kind, shown = "slot", part.replace("_", " ")
        else:
            kind = "slot" if part in slots else "fact"
            shown = message_texts.EXAMPLES.get(part, part)
        if shown:
            found.append({"kind": kind, "text": shown, "why": slots.get(part, "") if n % 2 else ""})
    return found
