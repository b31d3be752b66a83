"""A real database for every test that asks for `db`."""

from support.database import db, migrated

__all__ = ["db", "migrated"]
