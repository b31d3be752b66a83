"""Where the pages get the machine they run on from: the web layer cannot see it by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..health.health import Machine

# Set once when a process starts. Apart from the health checks, which know everything and take long to import.
here: list[Callable[[], Machine]] = []
