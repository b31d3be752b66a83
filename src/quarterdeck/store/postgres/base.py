"""Django's PostgreSQL backend, which finds the right one of several hosts (`hosts`)."""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql import base

from .. import hosts


class DatabaseWrapper(base.DatabaseWrapper):
    """Connects to one host at a time."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        return hosts.connect(conn_params, super().get_new_connection)
