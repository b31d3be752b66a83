"""Nodes are upgraded one by one: the release before works on tables that it does not know all columns of."""

from __future__ import annotations

import django
import pytest
from django.db import NOT_PROVIDED, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from quarterdeck.store import schema


@pytest.fixture(scope="module")
def states() -> tuple[ProjectState, ProjectState]:
    """The tables as the oldest release that may work beside this one knows them, and as they are now."""
    from quarterdeck.boot.wiring import set_up

    set_up()
    assert django.apps.apps.ready
    loader = MigrationLoader(None)
    ours = sorted(name for app, name in loader.disk_migrations if app == "store")
    then = next(name for name in ours if int(name[:4]) == schema.MIN_CODE_VERSION)
    return loader.project_state(("store", then)), loader.project_state(("store", ours[-1]))


def tables(state: ProjectState) -> dict[str, dict[str, object]]:
    return {name: dict(model.fields) for (app, name), model in state.models.items() if app == "store"}


def test_a_column_added_since_has_a_default_in_the_database_or_may_be_empty(states) -> None:
    """The older release leaves it out of its INSERT, and Django's own default is not the database's."""
    before, now = map(tables, states)
    wrong = [
        f"{table}.{name}: give it db_default, or null=True"
        for table, fields in now.items()
        if table in before
        for name, field in fields.items()
        if name not in before[table] and not field.null and field.db_default is NOT_PROVIDED
    ]
    assert not wrong


def test_nothing_that_the_older_release_knows_was_taken_away(states) -> None:
    before, now = map(tables, states)
    gone = [table for table in before if table not in now]
    gone += [
        f"{table}.{name}"
        for table, fields in before.items()
        for name in fields
        if name not in now.get(table, {})
    ]
    assert not gone, "raise schema.MIN_CODE_VERSION to the number of the migration that takes it away"


def test_what_may_be_empty_for_the_older_release_still_may(states) -> None:
    before, now = map(tables, states)
    tightened = [
        f"{table}.{name}"
        for table, fields in before.items()
        for name, field in fields.items()
        if field.null and not now.get(table, {}).get(name, field).null
    ]
    assert not tightened


def test_the_older_release_adds_rows_beside_the_new_one(states, db) -> None:
    """Its own models, as they were, on the tables as they are."""
    models = states[0].apps
    models.get_model("store", "Cursor").objects.create(name="older", position=1)
    alarm = models.get_model("store", "Alarm")
    moment = alarm._meta.get_field("raised_at")
    assert moment.column == "raised_at"
    kind = models.get_model("store", "IncidentTypeRow")
    filled = {
        f.name: "x"
        for f in kind._meta.fields
        if f.has_default() is False and f.get_internal_type() == "CharField"
    }
    assert "roles" not in {f.name for f in kind._meta.fields}
    kind.objects.create(**filled)
    with connection.cursor() as c:
        c.execute("SELECT roles FROM incident_type")
        assert c.fetchall()[-1] == ("[]",)
        c.execute("SELECT source, last_event, last_at FROM cursor WHERE name = 'older'")
        assert c.fetchone() == ("", "", 0)
