"""A catalogue file that cannot be read: alerts come in, incidents run on, and somebody is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from tests.shell.test_receive import event, send

from quarterdeck.app.casebook import load
from quarterdeck.app.catalog import catalogue, catalogue_files
from quarterdeck.app.comms import drafting
from quarterdeck.app.incidents import incidents
from quarterdeck.catalog.folders import shipped
from quarterdeck.core.incidents.declare import Declaration
from quarterdeck.store import codec, models
from support.world import World

BROKEN = "nonsense = ["


@pytest.fixture
def world(db: None) -> Iterator[World]:
    w = World()
    w.person("dev")
    w.service("db", w.policy("db", ("dev", 5)))
    catalogue_files.forget()
    yield w
    catalogue_files.forget()


@pytest.fixture
def folder() -> Path:
    made = Path(settings.QUARTERDECK_DATA) / "catalog"
    made.mkdir(parents=True)
    return made


def severities(**minutes: int) -> str:
    """The shipped file with other triage times by rank."""
    text = shipped().joinpath("severities.toml").read_text(encoding="utf-8")
    for rank, wanted in minutes.items():
        parts = text.split(f"rank = {rank[1:]}")
        head, sep, tail = parts[1].partition("[[severity]]")
        kept = "\n".join(x for x in head.splitlines() if not x.startswith("triage_minutes"))
        text = f"{parts[0]}rank = {rank[1:]}{kept}\ntriage_minutes = {wanted}\n\n{sep}{tail}"
    return text


def restarted() -> None:
    catalogue_files.forget()


def alarm() -> models.Alarm | None:
    return models.Alarm.objects.filter(kind="catalogue", cleared_at=None).first()


def test_alerts_of_a_running_incident_come_in_when_the_engine_starts_with_a_broken_file(
    world: World, folder: Path
) -> None:
    send(world, event("a"))
    alert = models.Alert.objects.get()
    incidents.declare(
        world.act("dev"), Declaration(title="A", type="availability", severity=3), alert_ids=(alert.id,)
    )
    (folder / "severities.toml").write_text(BROKEN)
    restarted()
    send(world, event("a", "resolve"), event("NEW"))
    assert models.Alert.objects.filter(dedup_key="NEW", status="open").exists()
    assert models.AlertLinkRow.objects.get().resolved_at is not None


def test_the_triage_time_of_a_running_incident_is_the_one_it_was_declared_with(
    world: World, folder: Path
) -> None:
    (folder / "severities.toml").write_text(severities(r3=7))
    restarted()
    key = incidents.declare(world.act("dev"), Declaration(title="A", severity=3)).incident.key
    (folder / "severities.toml").write_text(severities(r3=90))
    restarted()
    incidents.set_title(world.act("dev"), key, "B")
    timer = models.Due.objects.get(kind="incident", ref=key, state="waiting")
    assert timer.due_at == world.now + timedelta(minutes=7)


def test_a_structure_pinned_without_severities_still_reads(world: World) -> None:
    key = incidents.declare(world.act("dev"), Declaration(title="A", severity=3)).incident.key
    pin = models.TemplatePin.objects.get(incident_id=key)
    old = codec.encode_template(load(key).template).replace(',"severities":[', ',"unknown":[')
    models.TemplatePin.objects.filter(pk=pin.pk).update(template=old)
    assert incidents.set_title(world.act("dev"), key, "B").incident.title == "B"


def test_the_last_files_that_could_be_read_stay_in_force(world: World, folder: Path) -> None:
    (folder / "severities.toml").write_text(severities(r3=7))
    restarted()
    catalogue.watch(world.now, "here")
    (folder / "severities.toml").write_text(BROKEN)
    catalogue.watch(world.now, "here")
    restarted()
    assert catalogue.current().severity(3).triage_minutes == 7
    found = alarm()
    assert found is not None
    assert "severities.toml" in found.text
    assert "last files that could be read" in found.text


def test_without_such_files_the_shipped_ones_are_in_force(world: World, folder: Path) -> None:
    (folder / "severities.toml").write_text(BROKEN)
    restarted()
    assert len(catalogue.current().severities) == 5


def test_the_alarm_ends_and_the_files_count_again_once_they_are_mended(world: World, folder: Path) -> None:
    (folder / "severities.toml").write_text(BROKEN)
    restarted()
    catalogue.watch(world.now, "here")
    assert alarm() is not None
    (folder / "severities.toml").write_text(severities(r3=7))
    catalogue.watch(world.now, "here")
    assert alarm() is None
    assert catalogue.current().severity(3).triage_minutes == 7


def test_a_type_made_at_run_time_that_no_longer_fits_is_left_out_alone(world: World) -> None:
    models.IncidentTypeRow.objects.create(
        key="odd",
        title="Odd",
        template=catalogue.current().templates[0].key,
        default_severity=77,
        created_at=world.now,
    )
    assert catalogue.current().type("availability") is not None


def test_a_text_that_cannot_be_read_gives_a_draft_in_the_shipped_words(world: World, folder: Path) -> None:
    key = incidents.declare(world.act("dev"), Declaration(title="A", severity=2)).incident.key
    wanted = drafting.first_draft(load(key), "customers_all", world.now).body
    for original in shipped().joinpath("messages").iterdir():
        if original.name.endswith(".toml"):
            (folder / "messages").mkdir(exist_ok=True)
            (folder / "messages" / original.name).write_text(BROKEN)
    restarted()
    assert drafting.first_draft(load(key), "customers_all", world.now).body == wanted
