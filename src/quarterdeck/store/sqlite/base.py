"""Django's SQLite backend with every write behind the turnstile.

Transactions enter before BEGIN IMMEDIATE and leave after COMMIT or ROLLBACK (so the checkpoint that a commit may
run is inside, too); a single write outside a transaction enters for that statement alone.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from django.db.backends.sqlite3 import base, schema

from ..private import keep_private
from ..turnstile import Turnstile

_TRIGGERS = "SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = %s ORDER BY name"
_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "DROP", "ALTER", "VACUUM")
_turnstiles: dict[str, Turnstile] = {}


def _nothing(value: None) -> None:
    return value


# For a value of a type without an adapter `sqlite3` looks for one, in vain: 0.8 µs for each, in each row.
base.Database.register_adapter(bool, int)
base.Database.register_adapter(type(None), _nothing)


@functools.cache
def turnstile_of(name: str) -> Turnstile | None:
    """One turnstile a file; none for a database in memory, which nobody else can reach. Asked at every query."""
    if name == ":memory:" or "mode=memory" in name:
        return None
    folder = Path(name.removeprefix("file:").split("?")[0]).absolute().parent
    if str(folder) not in _turnstiles:
        _turnstiles[str(folder)] = Turnstile(folder)
    return _turnstiles[str(folder)]


class SchemaEditor(schema.DatabaseSchemaEditor):
    """Where Django makes a table anew to alter it, the triggers that guard it stay."""

    def _remake_table(self, model: Any, *args: Any, **kwargs: Any) -> None:
        with self.connection.cursor() as c:
            c.execute(_TRIGGERS, [model._meta.db_table])
            kept = [sql for (sql,) in c.fetchall()]
        super()._remake_table(model, *args, **kwargs)
        for sql in kept:
            self.execute(sql, None)


class _Cursor(base.SQLiteCursorWrapper):
    wrapper: DatabaseWrapper

    def execute(self, query: str, params: Any = None) -> Any:
        return self._guarded(super().execute, query, params)

    def executemany(self, query: str, params: Any) -> Any:
        return self._guarded(super().executemany, query, params)

    def _guarded(self, call: Any, query: str, params: Any) -> Any:
        t = self.wrapper.turnstile
        if t is None or self.wrapper.holding or not query.lstrip()[:8].upper().startswith(_WRITES):
            return call(query, params)
        t.enter()
        try:
            return call(query, params)
        finally:
            t.leave()


class DatabaseWrapper(base.DatabaseWrapper):
    """Holds the turnstile from BEGIN IMMEDIATE to the end of the transaction."""

    holding = False
    SchemaEditorClass = SchemaEditor

    @property
    def turnstile(self) -> Turnstile | None:
        return turnstile_of(str(self.settings_dict["NAME"]))

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if self.turnstile is not None:
            keep_private(Path(str(conn_params["database"]).removeprefix("file:").split("?")[0]))
        return super().get_new_connection(conn_params)

    def create_cursor(self, name: str | None = None) -> Any:
        def make(connection: Any) -> _Cursor:
            cursor = _Cursor(connection)
            cursor.wrapper = self
            return cursor

        return self.connection.cursor(factory=make)

    def _start_transaction_under_autocommit(self) -> None:
        t = self.turnstile
        if t is not None:
            t.enter()
            self.holding = True
        try:
            super()._start_transaction_under_autocommit()
        except BaseException:
            self._leave()
            raise

    def _commit(self) -> Any:
        done = super()._commit()
        self._leave()
        return done

    def _rollback(self) -> Any:
        try:
            return super()._rollback()
        finally:
            self._leave()

    def close(self) -> None:
        try:
            super().close()
        finally:
            # Inside a transaction as well: the connection is closed, so SQLite has let its lock go.
            self._leave()

    def _leave(self) -> None:
        if self.holding:
            self.holding = False
            t = self.turnstile
            if t is not None:
                t.leave()
