"""Nodes are upgraded one by one: the oldest release that may work beside this one does so on the tables of this one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from support.database import db, migrated  # isort: skip - sets Django up

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.db.models import NOT_PROVIDED

from quarterdeck.store import schema

__all__ = ["db", "migrated"]
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
Tables = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def states() -> tuple[ProjectState, ProjectState]:
    """The tables as the older release knows them, and as they are now."""
    loader = MigrationLoader(None)
    names = sorted(name for app, name in loader.disk_migrations if app == "store")
    then = next(name for name in names if int(name[:4]) == schema.MIN_CODE_VERSION)
    return loader.project_state(("store", then)), loader.project_state(("store", names[-1]))


@pytest.fixture(scope="module")
def before(states: tuple[ProjectState, ProjectState]) -> Tables:
    return tables(states[0])


@pytest.fixture(scope="module")
def now(states: tuple[ProjectState, ProjectState]) -> Tables:
    return tables(states[1])


def tables(state: ProjectState) -> Tables:
    return {name: dict(model.fields) for (app, name), model in state.models.items() if app == "store"}


def test_a_column_added_since_has_a_default_in_the_database_or_may_be_empty(before, now) -> None:
    """The older release leaves it out of its INSERT, and Django's own default is not the database's."""
    wrong = [
        f"{table}.{name}: give it db_default, or null=True"
        for table, fields in now.items()
        for name, field in fields.items()
        if table in before and name not in before[table]
        if not field.many_to_many  # a table of its own, no column
        if not field.null and field.db_default is NOT_PROVIDED
    ]
    assert not wrong


def test_nothing_that_the_older_release_knows_was_taken_away(before, now) -> None:
    gone = [f"{t}.{name}" for t, fields in before.items() for name in fields if name not in now.get(t, {})]
    assert not gone, "raise schema.MIN_CODE_VERSION to the number of the migration that takes it away"


def test_what_may_be_empty_for_the_older_release_still_may(before, now) -> None:
    tightened = [
        f"{table}.{name}"
        for table, fields in before.items()
        for name, field in fields.items()
        if field.null and not now[table][name].null
    ]
    assert not tightened


def test_rows_of_the_older_release_get_the_newer_columns_from_the_database(states, db) -> None:
    """Its own models, as they were, on the tables as they are."""
    then = states[0].apps
    then.get_model("store", "Cursor").objects.create(name="older", position=1)
    then.get_model("store", "IncidentTypeRow").objects.create(
        key="older", title="Older", template="x", description="", created_at=NOW
    )
    then.get_model("store", "Alarm").objects.create(kind="gap", subject="x", text="x", raised_at=NOW)
    then.get_model("store", "Delivery").objects.create(
        id="older", key="older", channel="email", address="x", state="queued", next_at=NOW, created_at=NOW
    )
    with connection.cursor() as c:
        c.execute("SELECT source, last_event, last_at FROM cursor WHERE name = 'older'")
        assert c.fetchone() == ("", "", 0)
        c.execute("SELECT roles FROM incident_type WHERE key = 'older'")
        assert c.fetchone() == ("[]",)
        c.execute("SELECT told_at FROM alarm WHERE subject = 'x'")
        assert c.fetchone() == (None,)
        c.execute("SELECT bundle_id FROM delivery WHERE id = 'older'")
        assert c.fetchone() == ("",)
