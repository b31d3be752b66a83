"""The journal: every body is answered whatever breaks, and another file in its place loses no alert."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from tests.shell.test_receive import event, send

from quarterdeck.app.upkeep import retention
from quarterdeck.store import journal, models, nudge
from quarterdeck.store.ids import new_id
from quarterdeck.store.journal import Journal, JournalFull, NotStored, Received, SqliteSink, connect_sqlite
from quarterdeck.store.journal_reader import JournalReader
from quarterdeck.store.sqlite import journal_copy
from support.world import World, journal_sink


@pytest.fixture
def world(db: None) -> World:
    w = World()
    w.person("ana")
    w.service("db", w.policy("db", ("ana", 5)))
    return w


def body(content: bytes = b"{}") -> Received:
    return Received(1, "integration", "pagerduty", new_id(), content)


async def told(written: Journal, received: Received | None = None) -> str:
    try:
        await asyncio.wait_for(written.put(received or body()), 5)
    except NotStored:
        return "not stored"
    return "stored"


class Broken:
    """A sink that raises what it is given, then stores."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.stored = 0

    def open(self) -> None: ...
    def close(self) -> None: ...

    def commit(self, group: Sequence[Received]) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.stored += len(group)


def with_journal(sink: journal.Sink, act: Callable[[Journal], object], hint: Callable[[], None]) -> object:
    async def run() -> object:
        written = Journal(sink, hint)
        written.start(asyncio.get_running_loop())
        try:
            return await act(written)  # type: ignore[misc]
        finally:
            await asyncio.to_thread(written.stop)

    return asyncio.run(run())


def no_hint() -> None: ...


def failing_hint() -> None:
    raise RuntimeError("nobody is there to be told")


def test_an_error_nobody_thought_of_is_answered_and_the_next_body_is_stored() -> None:
    async def act(written: Journal) -> list[str]:
        return [await told(written), await told(written), await told(written)]

    errors = (RuntimeError("?"), NotStored("disk"))
    assert with_journal(Broken(*errors), act, no_hint) == ["not stored", "not stored", "stored"]


def test_a_reader_that_cannot_be_told_stops_nothing() -> None:
    async def act(written: Journal) -> list[str]:
        return [await told(written), await told(written)]

    assert with_journal(Broken(), act, failing_hint) == ["stored", "stored"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_journal_whose_thread_ends_says_so_and_answers_what_waits() -> None:
    class Ended(BaseException):
        """Not even an error."""

    async def act(written: Journal) -> tuple[str, str]:
        first = await told(written)
        await asyncio.wait_for(written.over, 5)
        return first, await told(written)

    sink = Broken()
    sink.errors = [Ended()]  # type: ignore[list-item]
    assert with_journal(sink, act, no_hint) == ("not stored", "not stored")


def test_what_waits_is_bounded_in_bytes() -> None:
    async def run() -> None:
        written = Journal(Broken())
        written._loop = asyncio.get_running_loop()
        written.over = written._loop.create_future()
        big = b"x" * (journal.MAX_WAITING_BYTES // 4)
        for _ in range(4):
            written.put(body(big))
        with pytest.raises(JournalFull):
            written.put(body(b"x"))

    asyncio.run(run())


def test_ingest_goes_on_after_the_database_ended_all_its_connections(world: World) -> None:
    integration = world.integration()

    async def act(written: Journal) -> list[str]:
        def one() -> Received:
            return Received(1, integration.id, "pagerduty", new_id(), event("disk"))

        said = [await told(written, one())]
        await asyncio.to_thread(_cut_all)
        for _ in range(4):
            said.append(await told(written, one()))
            await asyncio.sleep(0.1)
        return said

    said = with_journal(journal_sink(), act, lambda: nudge.nudge("engine"))
    assert said[0] == said[-1] == "stored"


def _cut_all() -> None:
    """As a restart of the server does it; SQLite has nobody who could."""
    if connection.vendor == "postgresql":
        with connection.cursor() as c:
            c.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
    connection.close()


def test_a_file_that_was_taken_away_under_the_writer_is_made_anew(tmp_path: Path) -> None:
    sink = SqliteSink(tmp_path / "journal.db")
    sink.open()
    sink.commit([body()])
    gone(tmp_path / "journal.db")
    sink.commit([body(), body()])
    sink.close()
    with closing(sqlite3.connect(tmp_path / "journal.db")) as db:
        assert db.execute("SELECT count(*) FROM inbound").fetchone() == (2,)


def gone(path: Path) -> None:
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()


def keys() -> set[str]:
    return set(models.Alert.objects.values_list("dedup_key", flat=True))


@pytest.fixture
def file(world: World) -> Path:
    if connection.vendor == "postgresql":
        pytest.skip("on PostgreSQL the journal is a table of the store itself")
    return Path(settings.QUARTERDECK_JOURNAL)


def test_a_new_journal_in_place_of_the_old_is_read_from_its_beginning(world: World, file: Path) -> None:
    send(world, event("a"), event("b"), event("c"))
    gone(file)
    send(world, event("d"))
    assert "d" in keys()
    assert "another one" in models.Alarm.objects.get(kind="journal", cleared_at=None).text
    send(world, event("e"))
    assert JournalReader().lag()[0] == 0
    assert "e" in keys()


def test_an_older_copy_of_the_journal_loses_nothing_and_repeats_nothing(world: World, file: Path) -> None:
    send(world, event("a"), event("b"))
    with closing(connect_sqlite(file)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    kept = shutil.copy(file, file.with_name("kept"))
    world.now += timedelta(minutes=1)
    send(world, event("c"), event("d"), event("e"))
    gone(file)
    shutil.move(kept, file)
    world.now += timedelta(minutes=1)
    send(world, event("f"))
    assert keys() == set("abcdef")
    assert models.Alert.objects.get(dedup_key="a").count == 1
    assert "older copy" in models.Alarm.objects.get(kind="journal", cleared_at=None).text


def test_a_reader_notices_the_new_file_while_it_has_the_old_one_open(world: World, file: Path) -> None:
    send(world, event("a"))
    reader = JournalReader()
    assert not reader.waiting()
    gone(file)
    world.journal("pagerduty", event("b"), models.Integration.objects.get())
    assert reader.waiting()
    reader.close()


def test_the_copy_in_the_second_folder_is_the_same_journal(world: World, file: Path, tmp_path: Path) -> None:
    send(world, event("a"), event("b"))
    journal_copy.append(file, tmp_path / "second")
    gone(file)
    shutil.copy(tmp_path / "second" / journal_copy.NAME, file)
    send(world, event("c"))
    assert keys() == {"a", "b", "c"}
    assert models.Alert.objects.get(dedup_key="a").count == 1
    assert not models.Alarm.objects.filter(kind="journal").exists()


def test_a_body_of_an_integration_that_is_gone_is_kept_and_said(world: World) -> None:
    world.integration()
    world.journal("pagerduty", event("x"), models.Integration(id="gone"))
    send(world, event("y"))
    kept = models.Unparsed.objects.get()
    assert (kept.integration, "no longer there" in kept.reason) == ("gone", True)
    assert models.Alarm.objects.filter(kind="unparsed", subject="gone", cleared_at=None).exists()
    assert keys() == {"y"}


def bodies() -> int:
    if connection.vendor == "postgresql":
        return models.Inbound.objects.count()
    with closing(sqlite3.connect(settings.QUARTERDECK_JOURNAL)) as db:
        return int(db.execute("SELECT count(*) FROM inbound").fetchone()[0])


def test_old_bodies_go_once_they_were_worked_through_and_never_before(world: World) -> None:
    send(world, event("a"), event("b"))
    world.journal("pagerduty", event("waits"), models.Integration.objects.get())
    world.now += timedelta(days=13)
    retention.tidy(world.now)
    assert bodies() == 3
    world.now += timedelta(days=2)
    retention.tidy(world.now)
    # The last one that was read says which journal this is; what waits is never touched.
    assert bodies() == (1 if connection.vendor == "postgresql" else 2)
    send(world)
    assert keys() == {"a", "b", "waits"}
    assert not models.Alarm.objects.filter(kind="journal").exists()


def test_what_is_over_for_ninety_days_goes_and_what_still_counts_stays(world: World) -> None:
    send(world, event("a"))
    attempts = models.Attempt.objects.count()
    for token in ("old", "new"):
        models.Idempotency.objects.create(actor="x", token=token, result="INC-1", at=world.now)
    # Ids carry the time they were made, which is ours and not the story's.
    made = models.Idempotency.objects.order_by("-id").first().at
    assert attempts and made == world.now
    later = world.now + timedelta(days=4000)
    models.Idempotency.objects.filter(token="new").update(at=later)
    waiting = models.Due.objects.filter(state="waiting").count()
    retention.tidy(later)
    assert list(models.Idempotency.objects.values_list("token", flat=True)) == ["new"]
    assert models.Due.objects.count() == waiting
    assert not models.Delivery.objects.filter(state="sent").exists()
    assert models.Attempt.objects.count() == attempts
    assert not models.Node.objects.exists()
