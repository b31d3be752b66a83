"""Puts the newer SQLite of the `pysqlite3` wheel in the place of the interpreter's own.

Imported before anything that imports `sqlite3`: two copies of SQLite in one process would drop each other's
file locks. Where there is no wheel (Linux on ARM) the interpreter's SQLite stays, and `quarterdeck doctor`
says so.
"""

from __future__ import annotations

import sys

# Releases in which two connections to a WAL file can, very rarely, corrupt it (3.7.0 to 3.51.2 but for
# backports).
_FIXED = (3, 51, 3)
_BACKPORTS = {(3, 44): 6, (3, 50): 7}


def install() -> None:
    """Use `pysqlite3` as `sqlite3`, unless the other one is already in use."""
    if "sqlite3" in sys.modules:
        return
    try:
        import pysqlite3
        import pysqlite3.dbapi2
    except ImportError:
        return
    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2


def has_wal_fault(version: tuple[int, ...]) -> bool:
    """Whether this SQLite release carries the WAL-reset corruption bug."""
    if version[:2] in _BACKPORTS:
        return version[2] < _BACKPORTS[version[:2]]
    return (3, 7, 0) <= version < _FIXED


install()
