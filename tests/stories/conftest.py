"""A real database for every test that asks for `db`; and which stories take minutes each, so that `make long` runs them."""

import os

from support.database import db, migrated

__all__ = ["db", "migrated"]

LONG = (
    "test_failover.py",
    "test_moving_store.py",
    "test_network_cut.py",
    "test_outages.py",
    "test_ping_gate.py",
    "test_selftest.py",
    "test_status_caddy.py",
    "test_status_clients.py",
    "test_status_disk.py",
    "test_status_git.py",
    "test_status_s3.py",
    "test_status_two_engines.py",
    "test_two_nodes.py",
)
collect_ignore = (
    [] if os.environ.get("QUARTERDECK_LONG") or os.environ.get("QUARTERDECK_SOAK") else list(LONG)
)
