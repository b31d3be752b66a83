"""Search and the command palette: everything one may know of, nothing else."""

from __future__ import annotations

import pytest

from support.browsing import PATIENCE, alert, browser, company, incident, queries, words


@pytest.fixture
def world(db):
    return company()


def labels(client, q):
    return [(r["group"], r["label"]) for r in client.get("/search.json", {"q": q}).json()["results"]]


def test_the_palette_finds_every_kind(world):
    alert(world)
    known = incident(world, title="Checkout fails for cards")
    found = labels(browser(world, "ben"), "checkout")
    assert ("Incidents", f"{known} Checkout fails for cards") in found
    assert ("Services", "Checkout") in found
    assert ("Alerts", "Checkout is slow") in found
    assert ("People", "Cleo Marsh") in labels(browser(world, "ben"), "cleo")
    assert ("Schedules", "Primary") in labels(browser(world, "ben"), "prim")
    assert ("Pages", "Health: would it page tonight?") in labels(browser(world, "ben"), "doctor")


def test_a_restricted_incident_is_found_by_its_people_alone(world):
    hidden = incident(world, "ben", title="Stolen customer list", restricted=True)
    for q in ("Stolen", hidden):
        assert hidden in str(labels(browser(world, "ben"), q))
        for outsider in ("cleo", "ana", "olga", "ed"):
            client = browser(world, outsider)
            assert hidden not in str(labels(client, q))
            assert "Stolen customer" not in words(client.get("/search", {"q": q}))


def test_an_executive_finds_neither_alerts_nor_people(world):
    alert(world)
    assert {group for group, _ in labels(browser(world, "ed"), "che")} <= {"Pages", "Schedules"}


@pytest.mark.parametrize("q", ["%", "_", "'", '"', "\\", "(", "a" * 300, "\u202e", "{{7*7}}", "<b>"])
def test_odd_questions_are_answered_like_others(world, q):
    client = browser(world, "ben")
    assert client.get("/search", {"q": q}).status_code == 200
    assert client.get("/search.json", {"q": q}).status_code == 200


def test_a_percent_sign_stands_for_itself(world):
    alert(world)
    assert [g for g, _ in labels(browser(world, "ben"), "%%")] == []


def test_a_search_takes_a_bounded_number_of_queries(world):
    assert queries(browser(world, "ben"), "/search?q=o") <= PATIENCE + 5


def test_nothing_found_says_so(world):
    assert "Nothing found" in words(browser(world, "ben").get("/search?q=zzzzz"))
