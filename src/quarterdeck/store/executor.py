"""Applying a migration and noting that it was applied, in one transaction.

Django notes some migrations in a transaction of their own, after the tables have changed; killed in between, it would
make the same tables a second time and fail at every start from then on.
"""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate
from django.db.migrations.executor import MigrationExecutor


class WholeMigrations(MigrationExecutor):
    """Django's executor, but for the moment at which a migration is noted."""

    def apply_migration(
        self, state: Any, migration: Any, fake: bool = False, fake_initial: bool = False
    ) -> Any:
        if fake or fake_initial or not migration.atomic:
            return super().apply_migration(state, migration, fake, fake_initial)
        if self.progress_callback:
            self.progress_callback("apply_start", migration, fake)
        with self.connection.schema_editor(atomic=True) as editor:
            state = migration.apply(state, editor)
            # What the editor puts off to its end (indexes, references) comes before the note, so that both count.
            while editor.deferred_sql:
                editor.execute(editor.deferred_sql.pop(0))
            self.record_migration(migration)
        if self.progress_callback:
            self.progress_callback("apply_success", migration, fake)
        return state


def use() -> None:
    """Let Django's `migrate` command work like this in the present process."""
    migrate.MigrationExecutor = WholeMigrations  # type: ignore[misc]
