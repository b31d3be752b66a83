"""Search and the command palette: everything one may know of, nothing else."""

from __future__ import annotations

import pytest

from quarterdeck.app import search, search_words
from quarterdeck.app.alerts import alerts as acts
from quarterdeck.store import models
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
    assert queries(browser(world, "ben"), "/search?q=o") <= PATIENCE + 12  # one of them on PostgreSQL alone


@pytest.mark.parametrize("for_each", [0, 1, 2, 100])
def test_alerts_that_match_are_found_newest_first_however_far_back_they_are(world, for_each):
    for n in range(6):
        alert(world, f"Disk {n} of {'db' if n % 2 else 'web'}", key=f"disk-{n}")
    for q in ("disk", "db", "Disk 0", "nothing"):
        for most in (1, 3, 50):
            wanted = list(search.alerts(q).order_by("-id")[:most])
            assert search.newest_alerts(search.alerts(q), most, for_each) == wanted


def test_live_alerts_of_a_service_are_the_newest_of_all_that_are_not_over(world):
    rows = [alert(world, f"Disk {n}", key=f"disk-{n}") for n in range(4)]
    acts.acknowledge(world.act("ben"), rows[1].id)
    acts.resolve(world.act("ben"), rows[2].id)
    service = models.Service.objects.get(key="checkout")
    assert [a.id for a in search.live_alerts(service, 10)] == [rows[3].id, rows[1].id, rows[0].id]
    assert [a.id for a in search.live_alerts(service, 1)] == [rows[3].id]


def test_nothing_found_says_so(world):
    assert "Nothing found" in words(browser(world, "ben").get("/search?q=zzzzz"))


@pytest.mark.parametrize(
    ("asked", "finds"),
    [
        ("payments failing", "Payment fails in Rafina"), ("failed payment", "Payment fails in Rafina"),
        ("queries", "A query is slow"), ("stopped", "Trains stop at noon"), ("passes", "Boarding pass printed twice"),
        ("Zahlungen", "Zahlung bricht ab"), ("überlastete server", "Server \u00dcberlastet"),
        ("status", "Status wrong"), ('"is slow"', "A query is slow"), ("gatew", "gateway-7 dark"),
    ],
)  # fmt: skip
def test_a_word_is_found_with_other_endings_in_english_and_in_german(world, asked, finds):
    for title in (finds, "Nothing like it"):
        incident(world, title=title)
    rows = search.incidents(world.act("ben").who, q=asked)
    assert [r.title for r in rows] == [finds]


@pytest.mark.parametrize("word", ["server", "API", "db1", "gateway", "ring", "bus", "SEV2", "address", "a"])
def test_a_word_that_only_looks_like_one_with_an_ending_stays_or_still_finds_itself(word):
    cut = search_words.stem(word)
    assert word.startswith(cut) and len(cut) >= min(len(word), 4)
    assert search_words.stem("server") == "server"


def test_what_was_asked_for_is_marked_and_stays_text(world):
    incident(world, title="<b>Payments</b> fail & wait")
    shown = browser(world, "ben").get("/search", {"q": "payment fails"}).content.decode()
    assert "&lt;b&gt;<mark>Payment</mark>s&lt;/b&gt; <mark>fail</mark> &amp; wait" in shown
    text = "x " * 300 + "the pool was empty " + "y " * 300
    assert "pool was" in search_words.excerpt(text, "pools", 60)


def test_the_number_of_an_incident_finds_its_alerts_and_only_for_whom_it_exists(world):
    row = alert(world)
    hidden = incident(world, "ben", title="Quiet", restricted=True)
    models.Alert.objects.filter(id=row.id).update(incident_id=hidden)
    assert [g for g, _ in labels(browser(world, "ben"), hidden.lower())].count("Alerts") == 1
    assert "Alerts" not in [g for g, _ in labels(browser(world, "cleo"), hidden)]
