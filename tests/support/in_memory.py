"""Where tests put their folders: in memory where there is enough of it. Thousands of stores are copied and synced for one
run, and nothing that a test shows depends on a disk.
"""

from __future__ import annotations

import os
import tempfile

PLACE = "/dev/shm"
ENOUGH_BYTES = 6 << 30


def choose() -> None:
    """Before anything asks for a folder. A place that somebody named by TMPDIR stays."""
    if "TMPDIR" in os.environ or not os.access(PLACE, os.W_OK | os.X_OK):
        return
    found = os.statvfs(PLACE)
    if found.f_bavail * found.f_frsize >= ENOUGH_BYTES and not found.f_flag & os.ST_NOEXEC:
        os.environ["TMPDIR"] = os.environ["PYTEST_DEBUG_TEMPROOT"] = tempfile.tempdir = PLACE
