"""Loading without looking for garbage: what a process loads stays until it ends.

The collector looked through hundreds of thousands of new objects again and again, for about a quarter of the time in
which the web process starts and a fifth of that of a first migration; none of them was garbage.
"""

from __future__ import annotations

import gc

SELDOM = (50_000, 10, 10)
_USUAL = gc.get_threshold()


def begin() -> None:
    """Look for garbage seldom from now on."""
    gc.set_threshold(*SELDOM)


def done() -> None:
    """All is loaded: leave it out from now on, and look for garbage as usual. With what was loaded among it, each whole
    look would stop every answer for a tenth of a second.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_USUAL)
