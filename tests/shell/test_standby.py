"""PostgreSQL with a synchronous standby that comes and goes: nothing is accepted in silence on one machine alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import psycopg
import pytest

from quarterdeck.store.journal import NotStored, PostgresSink, Received
from support import postgres
from support.replication import Receiver
from support.serving import Installation

pytestmark = pytest.mark.slow
BODY = Received(1_700_000_000_000_000, "integration", "webhook", "event", b"{}")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, str, Receiver]]:
    folder = tmp_path_factory.mktemp("standby")
    with postgres.server() as url:
        installation = Installation(folder, url)
        receiver = Receiver(url, folder / "wal")
        receiver.start()
        receiver.name_all()
        yield installation, url, receiver
        receiver.name_all("")
        receiver.stop()


@pytest.fixture
def receiver(place: tuple[Installation, str, Receiver]) -> Iterator[Receiver]:
    yield place[2]
    place[2].stop()
    place[2].start()


def bodies(url: str) -> int:
    with psycopg.connect(url, autocommit=True) as db:
        return db.execute("SELECT count(*) FROM inbound").fetchone()[0]


def test_where_a_standby_is_required_nothing_is_accepted_without_one(place, receiver) -> None:
    installation, url, _ = place
    sink = PostgresSink(url, "required")
    sink.open()
    sink.commit([BODY])
    receiver.stop()
    before, began = bodies(url), time.monotonic()
    time.sleep(1.1)
    with pytest.raises(NotStored, match="No synchronous standby is in step"):
        sink.commit([BODY])
    assert time.monotonic() - began < 5
    assert bodies(url) == before
    told = installation.ask("support.replication:look", mode="required")
    assert "No alert is accepted" in told["alarms"][0] and told["degraded"] is False
    receiver.start()
    time.sleep(1.1)
    sink.commit([BODY])
    sink.close()
    assert installation.ask("support.replication:look", mode="required")["alarms"] == []


def test_without_a_standby_it_can_go_on_loudly_and_comes_back(place, receiver) -> None:
    installation, url, _ = place
    receiver.stop()
    hanging = threading.Thread(target=_commit, args=(url,), daemon=True)
    hanging.start()
    hanging.join(1.5)
    assert hanging.is_alive(), "PostgreSQL waits for a standby that is gone"
    sink = PostgresSink(url, "degrade")
    sink.open()
    sink.commit([BODY])
    told = installation.ask("support.replication:look", mode="degrade")
    hanging.join(10)
    assert not hanging.is_alive()
    assert told["degraded"] is True and "on one machine alone" in told["alarms"][0]
    assert told["audit"][-1] == "ReplicationDegraded"
    # Everything that is written goes on without it, too.
    installation.command("engine", "pause", "--reason", "Nobody waits")
    installation.command("engine", "resume")
    receiver.start()
    told = installation.ask("support.replication:look", mode="degrade")
    assert told == {"degraded": False, "alarms": [], "audit": told["audit"]}
    assert told["audit"][-1] == "ReplicationRestored"
    sink.close()


def _commit(url: str) -> None:
    with psycopg.connect(url) as db:
        db.execute(
            "INSERT INTO cursor (name, position, source, last_event, last_at) VALUES ('x', 1, '', '', 0)"
        )
