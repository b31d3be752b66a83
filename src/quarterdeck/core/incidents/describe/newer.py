"""The sentence of an entry that this release cannot read."""

from __future__ import annotations

from ..events.newer import Unknown
from .line import Said


def unknown(event: Unknown) -> Said:
    return Said(
        "newer",
        "entry",
        f"A newer release wrote an entry that this one cannot read ({event.kind}). Upgrade this node to read it",
    )
