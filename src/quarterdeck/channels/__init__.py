"""One file per way to reach a person or a room, found by its `KIND`; and the one door everything leaves by.

A channel module has: `KIND`, `NAME`, a docstring that is its help in the interface, `Settings` (a frozen
dataclass with defaults, whose fields carry a label and a `secret` mark), `check_address(to) -> str`,
`render(outgoing)` (pure) and `send(outgoing, settings, http) -> Sent | Retry | GaveUp`.

One whose provider asks money for each send says `PAID`: "text" or "call".
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any

from quarterdeck.core.kernel.refused import Refused, bad, missing

from .guard import refuse_drill
from .outcome import GaveUp, Outcome, Outgoing

if TYPE_CHECKING:
    from .safe_http import SafeClient


@cache
def channels() -> Mapping[str, ModuleType]:
    """Every channel by its kind ("email", "webhook", …), in the order of their names."""
    found = {}
    for info in pkgutil.iter_modules(__path__):
        module = None if info.ispkg else importlib.import_module(f"{__name__}.{info.name}")
        if module is not None and hasattr(module, "KIND"):
            found[str(module.KIND)] = module
    return MappingProxyType(dict(sorted(found.items(), key=lambda item: str(item[1].NAME))))


def channel(kind: str) -> ModuleType:
    """The module of a kind. Raises Refused (missing) for a kind this installation does not have."""
    found = channels().get(kind)
    if found is None:
        known = ", ".join(channels())
        raise missing("channel.unknown", f"There is no channel {kind[:40]!r}. Choose one of: {known}.")
    return found


def read_settings(kind: str, values: Mapping[str, Any]) -> Any:
    """The channel's `Settings` from stored values. Raises Refused (bad) for a name it does not have."""
    module = channel(kind)
    known = {f.name for f in fields(module.Settings)}
    strange = sorted(set(values) - known)
    if strange:
        raise bad(
            "channel.setting_unknown",
            f"{module.NAME} has no setting {strange[0]!r}. It has: {', '.join(sorted(known))}.",
        )
    return module.Settings(**values)


def deliver(kind: str, outgoing: Outgoing, settings: Any, http: SafeClient) -> Outcome:
    """One try to send one thing over one channel: the only door out. Drills pass to the console, and pages that
    practise to the people inside.

    Raises nothing for what the other side does; a refusal by our own rules (an address that is off limits) is
    GaveUp with the reason.
    """
    try:
        module = channel(kind)
        if not getattr(module, "STAYS_INSIDE", False):
            refusal = refuse_drill(outgoing)
            if refusal is not None:
                return refusal
        outcome: Outcome = module.send(outgoing, settings, http)
    except Refused as refused:
        return GaveUp(refused.message)
    return outcome
