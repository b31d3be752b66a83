"""How much of a search the ordinary run does, and the soak."""

from __future__ import annotations

import os

SOAK = bool(os.environ.get("QUARTERDECK_SOAK"))
TIMES = 40


def examples(ordinary: int) -> int:
    """Examples of a property whose ordinary budget is smaller than that of others: `TIMES` as many in the soak."""
    return ordinary * TIMES if SOAK else ordinary
