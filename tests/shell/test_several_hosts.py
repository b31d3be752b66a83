"""DATABASE_URL names several machines: the one that takes writes is asked, and an old copy only where no other answers."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from django.conf import settings

from quarterdeck.store import fence, hosts
from support import postgres


def test_several_hosts_want_the_one_that_takes_writes() -> None:
    found = hosts.parameters("postgresql://qd:p%40ss@a:5432,b:5433/pager?sslmode=require")
    assert (found["host"], found["port"], found["password"]) == ("a,b", "5432,5433", "p@ss")
    assert found["target_session_attrs"] == "read-write"
    assert found["sslmode"] == "require"


def test_one_host_is_asked_as_it_is_and_the_url_has_the_last_word() -> None:
    found = hosts.parameters("postgres://a/pager?connect_timeout=30")
    assert "target_session_attrs" not in found
    assert found["connect_timeout"] == "30"


def test_each_host_is_asked_at_its_port() -> None:
    one = hosts.one_by_one({"host": "a,b", "port": "1,2", "dbname": "x"})
    assert one == [{"host": "a", "port": "1", "dbname": "x"}, {"host": "b", "port": "2", "dbname": "x"}]
    same = hosts.one_by_one({"host": "a,b", "port": "5432"})
    assert [place["port"] for place in same] == ["5432", "5432"]
    assert hosts.one_by_one({"dbname": "x"}) == [{"dbname": "x", "host": "", "port": ""}]


@pytest.fixture(scope="module")
def two() -> Iterator[tuple[str, str]]:
    """Two databases that stand for two copies of one installation, the first of them the older."""
    with postgres.server() as first, postgres.server() as second:
        for url, epoch in ((first, 1), (second, 2)):
            with psycopg.connect(url, autocommit=True) as db:
                db.execute("CREATE TABLE installation (id int, installation_id text, cluster_epoch bigint)")
                db.execute("INSERT INTO installation VALUES (1, 'several-hosts', %s)", [epoch])
        yield first, second


def make(urls: dict[str, str]):
    def connect(one: dict[str, str]) -> psycopg.Connection:
        if one["host"] not in urls:
            raise psycopg.OperationalError("nobody is there")
        return psycopg.connect(urls[one["host"]])

    return connect


def epoch_of(db: psycopg.Connection) -> int:
    with db:
        return db.execute("SELECT cluster_epoch FROM installation").fetchone()[0]


def test_an_old_copy_that_comes_first_is_passed_over(two, db) -> None:
    fence.remember("several-hosts", 2)
    wanted = {"host": "old,new", "port": "1,1"}
    assert epoch_of(hosts.connect(wanted, make({"old": two[0], "new": two[1]}))) == 2


def test_where_only_an_old_copy_answers_that_one_is_asked_and_the_fence_says_why(two, db) -> None:
    fence.remember("several-hosts", 2)
    wanted = {"host": "gone,old", "port": "1,1"}
    assert epoch_of(hosts.connect(wanted, make({"old": two[0]}))) == 1


def test_where_nobody_answers_each_host_is_named(db) -> None:
    with pytest.raises(
        psycopg.OperationalError, match="a port 1: nobody is there | b port 2: nobody is there"
    ):
        hosts.connect({"host": "a,b", "port": "1,2"}, make({}))


def test_what_one_process_of_a_node_has_seen_the_others_know(db) -> None:
    """Another process writes the file; no process keeps what it read before."""
    assert fence.seen("shared") == 0
    path = settings.QUARTERDECK_DATA / "epoch.json"
    path.write_text('{"shared": 7}')
    assert fence.seen("shared") == 7


def test_a_transaction_of_a_process_that_stands_still_is_taken_back(two) -> None:
    """By PostgreSQL itself, or it would keep its locks for as long as it stands."""
    with psycopg.connect(two[0]) as db:
        db.execute(fence.BEGIN)
        assert db.execute("SHOW idle_in_transaction_session_timeout").fetchone() == ("12s",)
        db.rollback()
        assert db.execute("SHOW idle_in_transaction_session_timeout").fetchone() == ("0",)
