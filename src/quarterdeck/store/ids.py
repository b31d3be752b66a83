"""New ids: UUIDv7 (RFC 9562 §5.7), so that rows of one time lie together in the index."""

from __future__ import annotations

import os
import random
import time

# Ids are unique, not secret: links and keys have their own randomness.
_random = random.Random(os.urandom(32))


def new_id() -> str:
    """A UUIDv7 as text, increasing to the millisecond."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | _random.getrandbits(80)
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    h = f"{value:032x}"
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"
