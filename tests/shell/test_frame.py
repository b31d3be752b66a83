"""What stands around every page, and that answers without a frame pay nothing for it."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from quarterdeck.app.alerts import alerts
from quarterdeck.store import feed, models
from quarterdeck.web.views.war_room import PARTS
from support.browsing import alert, browser, company, incident, words

# What only the frame asks: the place in the log, the bars, the counts of mine, my turns on call.
FRAME = re.compile(r'MAX\(|FROM "(node|alarm|schedule|layer|override)"|COUNT\(.*FROM "(review|callout)"')
SIGN_IN = 2  # the session and its person


@pytest.fixture
def world(db):
    return company()


def asked(client, path, **headers):
    """The queries of one answer."""
    with CaptureQueriesContext(connection) as seen:
        answer = client.get(path, headers=headers)
    assert answer.status_code == 200, path
    return [q["sql"] for q in seen]


@pytest.mark.parametrize("name", sorted(PARTS))
def test_a_part_of_the_war_room_pays_for_no_frame(world, name):
    path = f"/incidents/{incident(world)}/parts/{name}"
    found = asked(browser(world, "ben"), path, HX_Request="true")
    assert [sql for sql in found if FRAME.search(sql)] == []
    assert len(found) <= SIGN_IN + 10


@pytest.mark.parametrize("path", ["/alerts?part=groups", "/incidents?part=table"])
def test_a_part_of_a_list_pays_for_no_frame(world, path):
    alert(world)
    client = browser(world, "ben")
    found = asked(client, path, HX_Request="true")
    assert [sql for sql in found if FRAME.search(sql)] == []
    assert len([sql for sql in asked(client, path.partition("?")[0]) if FRAME.search(sql)]) >= 9


def test_a_whole_page_asks_for_each_thing_once(world):
    found = [sql for sql in asked(browser(world, "ben"), "/reviews") if FRAME.search(sql)]
    assert len(found) == len(set(found))


def test_live_updates_resume_where_the_log_was_before_the_page_was_read(world):
    key = incident(world)
    before = "{}-{}".format(*feed.now())
    client = browser(world, "ben")
    found = asked(client, f"/incidents/{key}")
    places = [n for n, sql in enumerate(found) if "MAX(" in sql]
    page = next(n for n, sql in enumerate(found) if '"template_pin"' in sql)
    assert len(places) == 2, "once"
    assert max(places) < page, "and first"
    assert f'data-live-after="{before}"' in client.get(f"/incidents/{key}").content.decode()


def test_the_frame_says_who_i_am_what_is_open_and_that_nobody_pages(world):
    row = alert(world)
    incident(world)
    page = browser(world, "ben").get("/reviews")
    said = words(page)
    assert "Ben Okonkwo" in said
    assert "On call" in said
    assert re.search(r"Alerts 1\b", said)
    alerts.acknowledge(world.act("ben"), row.id)
    models.Node.objects.all().delete()
    said = words(browser(world, "cleo").get("/reviews"))
    assert "On call" not in said
    assert "Quarterdeck cannot page" in said
