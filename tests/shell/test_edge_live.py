"""The hub of live updates and its route, with a feed in memory: who hears what, in which order, and until when."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError

from quarterdeck.store.feed import Change
from quarterdeck.web import live, live_route
from quarterdeck.web.live import Hub, TooMany
from quarterdeck.web.sessions import Visitor
from support.database import db

__all__ = ["db"]
ANA = Visitor("ana", "responder", "stamp", "stored-ana")


class FakeFeed:
    """Changes and sessions in memory. `behind` counts reads."""

    def __init__(self):
        self.all = []
        self.stamps = {"stored-ana": "stamp"}
        self.reads = 0
        self.away = 0

    def add(self, topic, kind="noted"):
        self.all.append(Change(topic, "", kind, len(self.all) + 1))

    def now(self):
        return (len(self.all), 0)

    def changes_since(self, cursor):
        self.reads += 1
        if self.away:
            self.away -= 1
            raise OperationalError("the database is away")
        return self.all[cursor[0] :][:500], (min(len(self.all), cursor[0] + 500), 0)

    def standing(self, visitors):
        return {stored for stored, stamp in visitors.items() if self.stamps.get(stored) == stamp}


def during(story):
    """Run a story with a running hub."""

    async def whole():
        stopping = False
        feed = FakeFeed()
        with ThreadPoolExecutor(1) as pool:
            hub = Hub(feed, pool, lambda: stopping)
            running = asyncio.create_task(hub.run())
            hub.nudge()
            while hub.cursor is None:
                await asyncio.sleep(0.01)
            try:
                return await asyncio.wait_for(story(hub, feed), 10)
            finally:
                stopping = True
                hub.nudge()
                await running

    return asyncio.run(whole())


def events(chunk):
    """The `change` events of a chunk as data."""
    lines = chunk.decode().splitlines()
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]


async def settle(hub):
    """Until the hub has looked once more."""
    await asyncio.sleep(live.ROUND_SECONDS * 2)
    hub.nudge()
    await asyncio.sleep(live.ROUND_SECONDS * 2)


def test_a_stream_hears_its_topics_and_no_others():
    async def story(hub, feed):
        stream = hub.open(ANA, frozenset({"incident:INC-1"}))
        feed.add("incident:INC-1", "noted")
        feed.add("incident:INC-2", "noted")
        await settle(hub)
        return stream.waiting.get_nowait(), stream.waiting.qsize()

    chunk, left = during(story)
    assert events(chunk) == [{"topic": "incident:INC-1", "kinds": ["noted"], "seq": 1}]
    assert chunk.endswith(b"id: 2-0\n\n")
    assert left == 0


def test_many_changes_of_one_topic_become_one_event():
    async def story(hub, feed):
        stream = hub.open(ANA, frozenset({"alerts"}))
        for n in range(300):
            feed.add("alerts", "raised" if n % 2 else "repeated")
        await settle(hub)
        return stream.waiting.get_nowait()

    assert events(during(story)) == [{"topic": "alerts", "kinds": ["repeated", "raised"], "seq": 300}]


def test_a_slow_client_is_told_to_start_over_instead_of_being_remembered():
    async def story(hub, feed):
        stream = hub.open(ANA, frozenset({"alerts"}))
        for _ in range(live.WAITING_MOST + 5):
            stream.put(b"event")
        return [stream.waiting.get_nowait() for _ in range(stream.waiting.qsize())]

    left = during(story)
    assert left[0] == live.RESET
    assert len(left) <= live.WAITING_MOST


def test_what_was_missed_comes_first_after_a_lost_connection():
    async def story(hub, feed):
        feed.add("alerts")
        feed.add("incidents")
        await settle(hub)
        return await hub.missed((0, 0), frozenset({"alerts"}))

    chunk = during(story)
    assert [e["topic"] for e in events(chunk)] == ["alerts"]
    assert b"id: 2-0" in chunk


def test_a_client_away_for_too_long_is_told_to_start_over():
    async def story(hub, feed):
        for _ in range(1200):
            feed.add("alerts")
        await settle(hub)
        return await hub.missed((0, 0), frozenset({"alerts"}))

    assert during(story).startswith(live.RESET)


def test_a_revoked_session_ends_its_stream_within_five_seconds():
    async def story(hub, feed):
        stream = hub.open(ANA, frozenset({"alerts"}))
        feed.stamps.clear()
        began = asyncio.get_running_loop().time()
        said = [await stream.waiting.get(), await stream.waiting.get()]
        return said, asyncio.get_running_loop().time() - began

    said, seconds = during(story)
    assert said == [live.SIGNED_OUT, None]
    assert seconds < 5


def test_a_store_that_is_away_for_a_moment_ends_no_stream():
    async def story(hub, feed):
        stream = hub.open(ANA, frozenset({"alerts"}))
        feed.away = 1
        await settle(hub)
        feed.add("alerts")
        return await stream.waiting.get()

    assert events(during(story))[0]["topic"] == "alerts"


def test_one_person_has_a_bounded_number_of_streams():
    async def story(hub, feed):
        opened = [hub.open(ANA, frozenset({"alerts"})) for _ in range(live.STREAMS_A_PERSON)]
        with pytest.raises(TooMany):
            hub.open(ANA, frozenset({"alerts"}))
        hub.close(opened[0])
        hub.open(ANA, frozenset({"alerts"}))
        return len(hub)

    assert during(story) == live.STREAMS_A_PERSON


def test_nobody_listening_means_nothing_is_read():
    async def story(hub, feed):
        feed.add("alerts")
        await settle(hub)
        return feed.reads

    assert during(story) == 0


def test_the_end_of_the_process_ends_every_stream():
    streams = []

    async def story(hub, feed):
        streams.append(hub.open(ANA, frozenset({"alerts"})))

    during(story)
    assert streams[0].waiting.get_nowait() is None


@pytest.mark.parametrize(
    ("query", "topics"),
    [
        ("topics=alerts,incident:INC-1", {"alerts", "incident:INC-1"}),
        ("topics=alerts%20incidents", {"alerts", "incidents"}),
        ("topics=", set()),
        ("", set()),
    ],
)
def test_topics_are_separated_by_commas_or_spaces(query, topics):
    assert live_route.topics_of(query) == topics


@pytest.mark.parametrize(
    ("topic", "role", "may"),
    [
        ("incident:INC-1", "responder", True),
        ("incident:INC-1", "executive", False),
        ("alerts", "observer", True),
        ("settings", "observer", False),
        ("settings", "administrator", True),
        ("passwords", "administrator", False),
    ],
)
def test_a_topic_takes_the_permission_of_its_page(topic, role, may):
    assert live_route.may_follow(topic, role) is may
