"""A real database for every test that asks for `db`; a store in memory for every simulation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.database import db, migrated  # isort: skip - sets Django up

from quarterdeck.sim.memory import Memory, in_memory

__all__ = ["db", "memory", "migrated"]


@pytest.fixture
def memory(migrated: str) -> Iterator[Memory]:
    with in_memory() as store:
        if Path(migrated).is_file():
            store.take_migrated(Path(migrated))
        yield store
