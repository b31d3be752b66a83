"""The alerts console, one alert, and silences, through the pages."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quarterdeck.app.alerts import alert_links, silences
from quarterdeck.app.alerts import alerts as acts
from quarterdeck.channels.outcome import GaveUp
from quarterdeck.core.alerts.silence import Matcher
from quarterdeck.store import models
from quarterdeck.store.ids import new_id
from support.browsing import PATIENCE, alert, browser, company, field, incident, older, queries, rows, words

XSS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}{% debug %}",
    "</textarea><svg onload=alert(1)>",
    "' onmouseover='alert(1)",
]


@pytest.fixture
def world(db):
    return company()


def many(world, count: int, status: str = "open") -> None:
    service = models.Service.objects.get(key="checkout")
    models.Alert.objects.bulk_create(
        models.Alert(
            id=new_id(), dedup_key=f"{status}-{n}", integration=world.source, service=service, status=status,
            summary=f"Shard {n} is behind", severity="error", source="",
            labels={"region": "eu-west-1", "shard": str(n)}, reason="First report of this key.",
            first_seen_at=world.now, last_seen_at=world.now,
        )
        for n in range(count)
    )  # fmt: skip


def test_the_console_says_who_was_paged_and_why(world):
    alert(world)
    said = words(browser(world, "ben").get("/alerts"))
    assert "Ben Okonkwo is on call in Primary" in said
    assert "Critical" in said


def test_an_alert_that_pages_nobody_says_so(world):
    models.EscalationPolicy.objects.all().delete()
    raised = alert(world)
    said = words(browser(world, "ben").get(f"/alerts/{raised.id}"))
    assert "no escalation policy covers this alert" in said
    assert "Nobody was called" in said


def test_one_alert_shows_every_attempt_to_reach_somebody(world):
    world.outbox.answer = lambda kind, outgoing: GaveUp("550 no such mailbox")
    raised = alert(world)
    said = words(browser(world, "cleo").get(f"/alerts/{raised.id}"))
    assert "Ben Okonkwo" in said
    assert "Not reached" in said
    assert "550 no such mailbox" in said
    assert "attempt 1" in said


def test_acknowledging_on_the_page_stops_paging(world):
    raised = alert(world)
    answer = browser(world, "cleo").post(f"/alerts/{raised.id}/acknowledgement", follow=True)
    world.pass_time(minutes=30)
    assert "Acknowledged by Cleo Marsh" in words(answer)
    assert world.pages("cleo") == []


def test_chosen_alerts_are_taken_together(world):
    first, second = alert(world), alert(world, "Checkout is down", "down")
    answer = browser(world, "ben").post(
        "/alerts/acknowledgement", {"alert": [first.id, second.id]}, follow=True
    )
    assert "Acknowledged: 2." in words(answer)
    assert set(models.Alert.objects.values_list("status", flat=True)) == {"acknowledged"}


def test_one_that_is_over_does_not_keep_the_others_from_being_taken(world):
    over, open_one = alert(world), alert(world, "Checkout is down", "down")
    acts.resolve(world.act("ana"), over.id)
    answer = browser(world, "ben").post(
        "/alerts/acknowledgement", {"alert": [over.id, open_one.id]}, follow=True
    )
    assert "Acknowledged: 1. Not all: This alert is already resolved" in words(answer)


def test_choosing_none_says_what_to_do(world):
    answer = browser(world, "ben").post("/alerts/acknowledgement", {}, follow=True)
    assert "Choose at least one alert first" in words(answer)


def test_an_observer_sees_alerts_and_cannot_act(world):
    raised = alert(world)
    client = browser(world, "olga")
    page = client.get(f"/alerts/{raised.id}").content.decode()
    assert "/acknowledgement" not in page
    assert client.post(f"/alerts/{raised.id}/acknowledgement").status_code == 403


def test_an_executive_does_not_see_the_alert_stream(world):
    assert browser(world, "ed").get("/alerts").status_code == 403


def test_an_alert_is_linked_to_an_incident(world):
    raised, known = alert(world), incident(world)
    answer = browser(world, "ben").post(f"/alerts/{raised.id}/link", {"incident": known}, follow=True)
    assert f"Linked to {known}" in words(answer)
    raised.refresh_from_db()
    assert raised.incident_id == known


def test_a_restricted_incident_behind_an_alert_is_not_named_to_outsiders(world):
    raised = alert(world)
    hidden = incident(world, restricted=True)
    browser(world, "ben").post(f"/alerts/{raised.id}/link", {"incident": hidden})
    inside, outside = browser(world, "ben"), browser(world, "olga")
    for path in (f"/alerts/{raised.id}", "/alerts"):
        assert hidden in words(inside.get(path))
        assert hidden not in words(outside.get(path))


@pytest.mark.parametrize("text", XSS)
def test_what_a_sender_writes_is_text_and_nothing_else(world, text):
    raised = alert(
        world, text, "x", labels={"alertname": text, "team": text}, url=f"https://a.example/{text}"
    )
    client = browser(world, "ben")
    for path in (
        "/alerts",
        f"/alerts/{raised.id}",
        f"/alerts/silences/new?alert={raised.id}",
        "/search?q=alert",
    ):
        page = client.get(path).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "<svg onload" not in page
        assert "' onmouseover='" not in page
        assert ">49" not in page


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", "data:text/html,x", "//evil.example/x", "https://a@evil.example"]
)
def test_a_link_that_is_no_web_address_is_never_one(world, href):
    raised = alert(world)
    models.Alert.objects.filter(id=raised.id).update(
        links=[{"href": href, "text": "Runbook"}], details={"runbook_url": href}
    )
    models.Service.objects.update(runbook_url=href, dashboard_url=href)
    for path in (f"/alerts/{raised.id}", "/catalog/services/checkout"):
        page = browser(world, "ben").get(path).content.decode()
        assert f'href="{href}' not in page


def test_links_out_are_opened_without_a_trace(world):
    raised = alert(world, url="https://wiki.example/slow")
    page = browser(world, "ben").get(f"/alerts/{raised.id}").content.decode()
    assert 'href="https://wiki.example/slow" rel="noopener noreferrer nofollow"' in page


def test_a_long_list_goes_on_where_the_page_before_ended(world):
    many(world, 60)
    client = browser(world, "ben")
    first = client.get("/alerts")
    second = client.get("/alerts" + older(first))
    seen = rows(first) + rows(second)
    assert len(seen) == len(set(seen)) == 60
    assert older(second) == ""


def test_many_alerts_show_what_they_share(world):
    many(world, 120)
    said = words(browser(world, "ben").get("/alerts"))
    assert "120 alerts fire at once" in said
    assert "region=eu-west-1" in said


def test_the_console_takes_as_many_queries_for_fifty_alerts_as_for_one(world):
    many(world, 1)
    client = browser(world, "ben")
    few = queries(client, "/alerts")
    many(world, 49, "silenced")
    many(world, 49, "acknowledged")
    assert queries(client, "/alerts?show=all") <= few + 1
    assert few <= PATIENCE + 5


def test_a_silence_is_made_of_what_the_chosen_alerts_share(world):
    first, second = (
        alert(world, labels={"job": "api", "pod": "a"}),
        alert(world, "Slow", "b", labels={"job": "api", "pod": "b"}),
    )
    client = browser(world, "ben")
    form = client.post("/alerts/silence", {"alert": [first.id, second.id]}, follow=True)
    named = field(form, "name")
    assert {"job", "service"} <= set(named)
    assert "pod" not in named
    assert "Fires now and matches 2" in words(form)


def test_alerts_with_nothing_in_common_are_silenced_by_their_names(world):
    ids = [alert(world, n, n, labels={"alertname": n}, service="").id for n in ("DiskFull", "QueueDeep")]
    form = browser(world, "ben").post("/alerts/silence", {"alert": ids}, follow=True)
    assert "DiskFull, QueueDeep" in field(form, "value")
    assert "Fires now and matches 2" in words(form)


def test_a_silence_holds_back_the_next_page(world):
    made = {"name": ["service"], "op": ["="], "value": ["checkout"], "minutes": "60", "comment": "Disk swap"}
    answer = browser(world, "ben").post("/alerts/silences/new", made, follow=True)
    assert "Disk swap" in words(answer)
    world.pass_time(seconds=30)
    assert alert(world).status == "silenced"
    assert world.pages("ben") == []


def test_a_silence_that_cannot_be_comes_back_with_what_was_typed(world):
    made = {"name": ["service"], "op": ["="], "value": ["checkout"], "minutes": "60", "comment": ""}
    answer = browser(world, "ben").post("/alerts/silences/new", made)
    assert answer.status_code == 422
    assert "A silence needs a reason" in words(answer)
    assert 'value="checkout"' in answer.content.decode()


def test_a_silence_for_everything_is_refused(world):
    made = {"name": ["service"], "op": ["glob"], "value": ["*"], "minutes": "60", "comment": "quiet please"}
    assert "every alert" in words(browser(world, "ben").post("/alerts/silences/new", made))
    assert not models.Silence.objects.exists()


def test_ending_a_silence_early_is_recorded(world):
    row = silences.add_silence(
        world.act("ana"), [Matcher("service", "=", "x")], world.now + timedelta(hours=2), "why"
    )
    said = words(browser(world, "ben").post(f"/alerts/silences/{row.id}/end", follow=True))
    assert "Nothing is silenced" in said
    assert "by hand" in said


def test_an_acknowledged_alert_of_an_incident_fires_no_more(world):
    row = alert(world)
    key = incident(world)
    alert_links.link(world.act("ben"), key, row.id)
    client = browser(world, "ben")
    assert "1 firing of 1" in words(client.get(f"/incidents/{key}"))
    acts.acknowledge(world.act("ben"), row.id)
    assert "0 firing of 1" in words(client.get(f"/incidents/{key}"))


def test_an_alert_nobody_is_called_for_says_what_to_do_and_which_service_is_unknown(world):
    models.Service.objects.update(policy=None)
    models.EscalationPolicy.objects.all().delete()
    row = alert(world, service="till", labels={"service": "till"})
    said = words(browser(world, "ben").get(f"/alerts/{row.id}"))
    assert "Nobody is called for this alert" in said
    assert "then paging starts within seconds" in said
    assert "It names the service “till”, and no service has that key" in said
