"""The log stays append-only whatever is done to its tables, and a write lock that is let go leaves the queue."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db import models as orm

from quarterdeck.app.health import health
from quarterdeck.app.incidents import incidents
from quarterdeck.app.upkeep import this_machine
from quarterdeck.core.incidents.declare import Declaration
from quarterdeck.store import guards, models
from support.world import World


@pytest.fixture
def world(db: None) -> World:
    w = World()
    w.person("dev")
    incidents.declare(w.act("dev"), Declaration(title="A", type="availability", severity=3))
    return w


def forge() -> None:
    with transaction.atomic():
        models.Event.objects.all().update(actor="forged")


def lose() -> str:
    """Take one guard away, as an altered table or a restored dump may."""
    postgres = connection.vendor == "postgresql"
    name = "event_no_change" if postgres else "event_no_UPDATE"
    with connection.cursor() as c:
        c.execute(f"DROP TRIGGER {name}" + (" ON event" if postgres else ""))
    return name


def altered(field: orm.Field[str, str]) -> None:
    old = models.Event._meta.get_field("kind")
    field.set_attributes_from_name("kind")
    field.model = models.Event
    with connection.schema_editor() as editor:
        editor.alter_field(models.Event, old, field)


@pytest.mark.requirement("R-073")
def test_a_column_of_the_log_that_is_altered_leaves_it_append_only(world: World) -> None:
    altered(orm.CharField(max_length=80, null=True))
    assert guards.missing() == []
    with pytest.raises(DatabaseError, match="append-only"):
        forge()


def test_a_guard_that_was_lost_is_found_by_the_doctor_and_made_anew_by_migrate(world: World) -> None:
    name = lose()
    assert guards.missing() == [name]
    fault = next(f for f in health.look(this_machine.here[0](), world.now) if f.name == "tables")
    assert (fault.level, name in fault.text) == ("fault", True)
    call_command("migrate", verbosity=0)
    assert guards.missing() == []
    with pytest.raises(DatabaseError, match="append-only"):
        forge()


def test_attempts_of_probes_may_go_and_no_others_after_their_guards_were_made_anew(world: World) -> None:
    with connection.cursor() as c:
        for name in [n for n in ("attempt_no_DELETE", "attempt_no_change") if n not in guards.missing()]:
            c.execute(
                f"DROP TRIGGER IF EXISTS {name}"
                + (" ON attempt" if connection.vendor == "postgresql" else "")
            )
    guards.restore()
    for key in ("syn-1", "real"):
        models.Attempt.objects.create(delivery_id=key, n=1, phase="started", fence=1, node="n", at=world.now)
    models.Attempt.objects.filter(delivery_id="syn-1").delete()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        models.Attempt.objects.filter(delivery_id="real").delete()


def test_a_connection_closed_inside_a_transaction_leaves_the_queue_of_writers(world: World) -> None:
    with transaction.atomic():
        models.Team.objects.create(key="a", name="A")
        connection.close()
    turnstile = getattr(connection, "turnstile", None)
    assert turnstile is None or turnstile._mine.depth == 0
    models.Team.objects.create(key="b", name="B")
    assert list(models.Team.objects.values_list("key", flat=True)) == ["b"]
