"""Where else a published page is brought: other places than this machine's disk, from which readers can get it.

A kind of target is a module with `KIND`, `NAME`, a docstring that is its help in the interface, `Settings` (a frozen
dataclass with defaults) and `LABELS` for its fields, of which those in `NEEDED` are asked for, `KEY_CALLED` (what its
secret is), `REFRESH` (how often a page that nobody changed is brought at most), `check(settings, secret, http, local)`
for what a form may take, `PLACE` (the settings that say where it is), `folder_here(settings, local)` (that folder of
this machine, or None), `push(errand) -> changes`, `take_away(errand) -> changes` and `test(errand)`, which raise
`Failed`. A push never leaves half a page where readers are: see `order`. What is taken away is all of the page, and
nothing that is not called as files of ours are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType, ModuleType
from typing import Any

from quarterdeck.core.kernel.refused import bad

from . import git, rsync, s3, sftp
from .errand import Errand, Failed

KINDS: Mapping[str, ModuleType] = MappingProxyType({m.KIND: m for m in (s3, git, rsync, sftp)})

__all__ = ["KINDS", "Errand", "Failed", "kind", "read_settings"]


def kind(name: str) -> ModuleType:
    """The module of a kind. Raises Refused for one that does not exist."""
    if name not in KINDS:
        raise bad("target.kind", f"Choose the kind of the target: {', '.join(KINDS)}.", kind="unknown")
    return KINDS[name]


def read_settings(name: str, values: Mapping[str, Any]) -> Any:
    """The `Settings` of a kind from stored or typed values. Raises Refused for what it does not have."""
    module = kind(name)
    known = {f.name: f for f in fields(module.Settings)}
    strange = sorted(set(values) - set(known))
    if strange:
        raise bad(
            "target.setting",
            f"{module.NAME} has no setting {strange[0][:40]!r}. It has: {', '.join(known)}.",
            **{strange[0][:40]: "unknown"},
        )
    read: dict[str, Any] = {}
    for field, value in values.items():
        number = isinstance(known[field].default, int)
        text = str(value).strip()
        if number and not (text.isascii() and text.isdigit() and len(text) < 8):
            raise bad("target.setting", f"{field} is a number.", **{field: "no number"})
        if len(text) > 2000:
            raise bad("target.setting", f"{field} is too long.", **{field: "too long"})
        read[field] = int(text) if number else text
    return module.Settings(**read)
