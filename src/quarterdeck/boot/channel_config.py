"""The operator's values for channels, checked as the channel itself will read them. Never opens a connection.

Only the modules of channels that are set up are loaded: the supervisor, which checks first, stays small.
"""

from __future__ import annotations

import difflib
import importlib
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import msgspec

from quarterdeck.core.kernel.refused import Refused

# What must never be printed, whatever is wrong with it.
_SECRET = re.compile(r"password|secret|token|key|database_url")
_WORDS = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "a text in quotes",
    "array": "a list",
    "object": "a table",
}


class Unusable(Exception):
    """One setting that cannot be used: its dotted name ("channels.email.port"), and why."""

    def __init__(self, setting: str, why: str) -> None:
        super().__init__(f"{setting}: {why}")
        self.setting = setting
        self.why = why


def checked(tables: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The tables with every value of the kind its channel takes. Raises Unusable."""
    return {kind: _checked(kind, values) for kind, values in tables.items()}


def known() -> dict[str, tuple[str, ...]]:
    """Every channel an operator can set up, and the names of its settings."""
    return {kind: tuple(f.name for f in fields(_module(kind).Settings)) for kind in kinds()}


def checking(tables: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Of each table with something that checks what its provider sends back, what that takes, and no more."""
    found = {}
    for kind, values in tables.items():
        checks = [f.name for f in fields(_module(kind).Settings) if f.metadata.get("checks")]
        if checks:
            found[kind] = {name: values[name] for name in checks if name in values}
    return found


def _checked(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    place = f"channels.{kind}"
    if kind not in kinds():
        near = difflib.get_close_matches(kind, kinds(), n=1)
        hint = f"Did you mean [channels.{near[0]}]?" if near else f"Known: {', '.join(kinds())}."
        raise Unusable(place, f"there is no such channel. {hint}")
    if not isinstance(values, Mapping):
        raise Unusable(place, f"is a table: write [{place}] and its settings below it.")
    settings = _module(kind).Settings
    names = [f.name for f in fields(settings)]
    for name in values:
        if name not in names:
            raise Unusable(f"{place}.{name}", f"unknown key. {_nearest(name, names, place)}")
    try:
        made = msgspec.convert(dict(values), settings, strict=False)
    except msgspec.ValidationError as e:
        name, why = plainly(e, {**values})
        raise Unusable(f"{place}.{name}" if name else place, why) from None
    except Refused as refused:
        name = refused.code.partition(".")[2]
        raise Unusable(f"{place}.{name}" if name in names else place, refused.message) from None
    return {name: getattr(made, name) for name in values}


def _nearest(name: str, names: list[str], place: str) -> str:
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return f"Did you mean '{place}.{near[0]}'?" if near else f"Known keys: {', '.join(names)}."


def kinds() -> list[str]:
    """Channels are the files of their package that have settings of their own."""
    folder = Path(__file__).parent.parent / "channels"
    files = sorted(f.stem for f in folder.glob("*.py") if f.stem != "__init__")
    return [name for name in files if "\nclass Settings" in (folder / f"{name}.py").read_text("utf-8")]


def check_address(kind: str, address: str) -> None:
    """Raises Unusable where the channel cannot send to this address."""
    try:
        _module(kind).check_address(address)
    except Refused as refused:
        raise Unusable("mirror.address", refused.message) from None


def _module(kind: str) -> ModuleType:
    module = importlib.import_module(f"quarterdeck.channels.{kind}")
    assert is_dataclass(module.Settings)
    return module


def _choices(name: str, struct: Any) -> list[str]:
    """The values a setting of this dotted name may have."""
    kind = struct
    for part in name.split("."):
        kind = next((f.type for f in msgspec.structs.fields(kind) if f.name == part), None)
    return [str(value) for value in get_args(kind)]


def plainly(e: msgspec.ValidationError, values: Mapping[str, Any], struct: Any = None) -> tuple[str, str]:
    """The dotted name of the setting a message of msgspec is about ("" where it names none), and what is wrong."""
    what, _, place = str(e).rpartition(" - at `$.")
    if not what:
        return "", str(e)
    name = place.rstrip("`").split("[")[0]
    value: Any = values
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    wanted, _, _ = what.removeprefix("Expected `").partition("`")
    word = " or ".join(_WORDS.get(w.strip(), "") for w in wanted.split("|") if w.strip() in _WORDS)
    shown = f"'{value}'" if isinstance(value, str) else str(value)
    if _SECRET.search(name) or isinstance(value, Mapping | list):
        shown = "what it is set to"
    if what.startswith("Invalid enum value"):
        return name, f"{shown} is not one of its values. Choose one of: {', '.join(_choices(name, struct))}."
    return name, f"{shown} is not {word}." if word else what
