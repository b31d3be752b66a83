"""New ids: UUIDv7 (RFC 9562 §5.7), so that rows of one time lie together in the index."""

from __future__ import annotations

import os
import random
import time
from datetime import UTC, datetime

# Ids are unique, not secret: links and keys have their own randomness. A simulated installation, which must do the
# same again from the same seed, puts its own two in their place.
clock_ns = time.time_ns
dice = random.Random(os.urandom(32))


def first_id(at_ms: int) -> str:
    """A text that sorts before every id made at this millisecond since 1970 or later, and behind all earlier ones."""
    h = f"{at_ms:012x}"
    return f"{h[:8]}-{h[8:12]}"


def made_at(id_: str) -> datetime:
    """When an id was made, to the millisecond."""
    return datetime.fromtimestamp(int(id_.replace("-", "")[:12], 16) / 1000, UTC)


def new_id() -> str:
    """A UUIDv7 as text, increasing to the millisecond."""
    milliseconds = clock_ns() // 1_000_000
    value = (milliseconds << 80) | dice.getrandbits(80)
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    h = f"{value:032x}"
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"
