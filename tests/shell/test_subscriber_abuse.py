"""The public form against those who mean harm: no oracle, no mail bomb, no header, no other's data; keeping the list."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from quarterdeck.app.comms import contact_imports
from quarterdeck.app.status import publishing
from quarterdeck.app.subscribers import (
    subscribe_letters,
    subscribe_limits,
    subscribe_requests,
    subscriber_lists,
    subscribers,
)
from quarterdeck.channels import status_site
from quarterdeck.core.comms.subscribing import Wishes
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models, tx
from support.attacks import org, signed_in
from support.rest import HOST, Organisation
from support.smtp_sink import SmtpSink, smtp_sink
from support.subscribing import Page, channels, link_in, mail, settle, visitor

__all__ = ["org"]
MANY = 1_000  # each one costs the same, so ten thousand show no more
EVENTS = ["incidents", "maintenance"]


@pytest.fixture
def page(org: Organisation) -> Page:
    return Page(org)


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with smtp_sink() as found, channels(email=mail(found.port)):
        yield found


def ask(page: Page, address: str, ip: str = "203.0.113.9", **fields: object):
    return visitor(ip).post(page.url, {"kind": "email", "address": address, "events": EVENTS} | fields)


def test_nobody_learns_from_the_form_whether_an_address_is_known(
    org: Organisation, page: Page, sink: SmtpSink
) -> None:
    page.active(address="known@example.com", shown="known@example.com")
    page.active(address="ended@example.com", state="ended", ended_at=org.now)
    answers = {}
    ask(page, "first@example.com", "198.51.100.99")
    for n, name in enumerate(("known", "ended", "nobody")):
        with CaptureQueriesContext(connection) as asked:
            answer = ask(page, f"{name}@example.com", f"198.51.100.{n}")
        tables = [q["sql"].split(" WHERE ")[0] for q in asked.captured_queries]
        assert not any('"subscriber"' in t for t in tables), "the form never looks"
        shown = answer.content.decode()
        answers[name] = (
            answer.status_code,
            [line for line in shown.splitlines() if "csrf" not in line],
            len(tables),
        )
    assert answers["known"] == answers["nobody"] == answers["ended"]
    for name in ("known", "nobody"):
        told = visitor().post(f"{page.url}/manage", {"kind": "email", "address": f"{name}@example.com"})
        assert told.status_code == 200
    settle(org)
    subjects = {m.rcpt_to[0].split("@")[0]: m.message["Subject"] for m in sink.mails}
    assert subjects["known"] == "Your subscription to Acme Cloud" and subjects["nobody"].startswith("Confirm")


def test_a_one_time_link_opens_ones_own_subscription_once_and_changes_it(
    org: Organisation, page: Page, sink: SmtpSink
) -> None:
    mine = page.active(address="me@example.com", shown="me@example.com")
    page.active(address="other@example.com", shown="other@example.com")
    browser = visitor()
    browser.post(f"{page.url}/manage", {"kind": "email", "address": "me@example.com"})
    settle(org)
    path = link_in(sink.mails[0].message.get_body(("plain",)).get_content())
    assert "other@example" not in browser.get(path).content.decode()
    models.Subscriber.objects.filter(id=mine.id).update(groups=["Shop"])
    opened = browser.post(path)
    assert opened["Location"] == f"{page.url}/mine"
    assert visitor().post(path).status_code == 404, "once"
    shown = browser.get(f"{page.url}/mine").content.decode()
    assert "other@example" not in shown and 'name="components"' in shown
    assert 'name="groups" value="Shop" checked' in shown
    changed = {"components": page.parts["Search"], "groups": "Shop", "events": "maintenance", "digest": "daily", "language": "de",
               "timezone": "Europe/Berlin"}  # fmt: skip
    assert browser.post(f"{page.url}/mine", changed).status_code == 200
    mine.refresh_from_db()
    assert mine.groups == ["Shop"]
    assert (mine.components, mine.events, mine.digest, mine.language) == (
        [page.parts["Search"]], ["maintenance"], "daily", "de",
    )  # fmt: skip
    bad = browser.post(f"{page.url}/mine", changed | {"timezone": "Mars/Base", "digest": "each"})
    assert bad.status_code == 422
    assert visitor().post(f"{page.url}/mine", {"act": "end"}).status_code == 302
    assert "Beendet" in browser.post(f"{page.url}/mine", {"act": "end"}).content.decode(), "in their language"
    mine.refresh_from_db()
    assert (mine.state, mine.ended_via) == ("ended", "themselves")


def test_thousands_of_attempts_make_a_bounded_number_of_mails_and_rows_and_cost_one_look_each(
    org: Organisation, page: Page, sink: SmtpSink
) -> None:
    now, most = org.now, subscribe_limits.MOST_OF_NETWORK
    refused = set()
    for n in range(MANY):
        try:
            subscribe_requests.subscribe(
                page.row, "email", f"victim{n % 7}@example.com", Wishes(), f"2001:db8:1:2::{n:x}", now
            )
        except Refused as said:
            refused.add((n, said.kind))
    assert refused == {(n, "limited") for n in range(most, MANY)}
    with CaptureQueriesContext(connection) as asked, pytest.raises(Refused):
        subscribe_requests.subscribe(page.row, "email", "a@example.com", Wishes(), "2001:db8:1:2::1", now)
    assert len(asked.captured_queries) == 1, "one look, and nothing is locked"
    assert models.SubscriptionRequest.objects.count() <= most
    for n in range(60):
        ask(page, "victim0@example.com", f"198.51.100.{n}")
    settle(org)
    victim = [m for m in sink.mails if m.rcpt_to == ("victim0@example.com",)]
    assert 1 <= len(victim) <= subscribe_limits.MOST_OF_ADDRESS
    assert models.Subscriber.objects.count() <= 7
    assert ask(page, "me@example.com", "2001:db8:1:2::ffff").status_code == 429
    org.now += timedelta(hours=49)
    assert subscribers.tidy(org.now) > 0
    assert not models.Subscriber.objects.exists() and not models.SubscribeLimit.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        "a@example.com\r\nBcc: all@example.com", "a@example.com,b@example.com", "a b@example.com", "@example.com",
        "a@b", "kim@exаmple.com", "kim\u202e@example.com", "=cmd()@example.com", "a" * 1_000_000 + "@example.com",
        "<script>@example.com", "kim\u200b@example.com", "",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_in_words_and_nothing_is_kept(
    org: Organisation, page: Page, address: str
) -> None:
    with channels(email=mail(9)):
        answer = ask(page, address)
        assert answer.status_code == 422, answer.content[:300]
        assert 'role="alert"' in answer.content.decode()
        assert "<script>@" not in answer.content.decode()
        assert not models.SubscriptionRequest.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"language": "xx"}, {"timezone": "x" * 100_000}, {"components": "none-such"}, {"events": "everything"},
        {"digest": "hourly"}, {"quiet_from": "25:00", "quiet_to": "07:00"}, {"kind": "fax"}, {"kind": "push"},
        {"components": ["x"] * 700},
    ],
)  # fmt: skip
def test_wishes_nobody_can_have_are_refused_in_words(
    org: Organisation, page: Page, fields: dict[str, object]
) -> None:
    with channels(email=mail(9)):
        answer = ask(page, "kim@example.com", **fields)
        assert answer.status_code == 422 and "kim@example.com" in answer.content.decode()


def test_the_small_form_of_the_published_page_subscribes_from_another_host(
    org: Organisation, page: Page, sink: SmtpSink
) -> None:
    snapshot = publishing.page_snapshot(page.row, org.now)
    files = status_site.render(snapshot, publishing.site_settings(page.row))
    home = files["index.html"].decode()
    assert f'action="https://{HOST}{page.url}"' in home and 'name="email"' in home
    elsewhere = Client(
        enforce_csrf_checks=True, headers={"host": HOST, "origin": "https://status.example.com"}
    )
    told = elsewhere.post(page.url, {"page": page.row.key, "email": "kim@example.com"})
    assert told.status_code == 200 and "If this address is new here" in told.content.decode()
    settle(org)
    assert elsewhere.post(f"{page.url}/mine", {"act": "end"}).status_code == 403
    assert sink.mails[0].rcpt_to == ("kim@example.com",)
    assert models.Subscriber.objects.get().events == EVENTS


def test_a_webhook_of_somebody_inside_is_not_reached(org: Organisation, page: Page) -> None:
    with channels(webhook={"secret": "whsec_" + "a" * 44}):
        for url in (
            "http://127.0.0.1/x",
            "https://169.254.169.254/latest",
            "ftp://example.com",
            "https://a@b.c/",
        ):
            assert ask(page, url, kind="webhook").status_code == 422, url
        settings.QUARTERDECK_ALLOW_TARGETS = ["127.0.0.1:80"]
        assert ask(page, "http://127.0.0.1/x", kind="webhook").status_code == 422, "what is allowed to us"
        assert not models.SubscriptionRequest.objects.exists()


def test_whoever_subscribed_reads_nothing_of_a_page_that_is_private_now_and_may_still_end_it(
    org: Organisation, page: Page
) -> None:
    mine = page.active(address="me@example.com", shown="me@example.com", components=[page.parts["Search"]])
    browser = visitor()
    mine.manage_hash, mine.manage_until = subscribe_letters.hashed("t"), org.now + timedelta(hours=1)
    mine.save()
    assert browser.post(f"{page.url}/manage/t").status_code == 302
    assert "Search" in browser.get(f"{page.url}/mine").content.decode()
    models.StatusPage.objects.filter(id=page.row.id).update(public=False)
    models.Component.objects.filter(id=page.parts["Search"]).update(name="Secret canary")
    for answer in (
        browser.get(f"{page.url}/mine"),
        browser.post(f"{page.url}/mine", {"events": "incidents"}),
    ):
        shown = answer.content.decode()
        assert answer.status_code == 200 and "Secret" not in shown and page.parts["Search"] not in shown
    mine.refresh_from_db()
    assert mine.components == [page.parts["Search"]], "nor is anything changed unseen"
    browser.post(f"{page.url}/mine", {"act": "end"})
    mine.refresh_from_db()
    assert mine.state == "ended"


def test_a_network_is_one_however_its_addresses_are_written() -> None:
    one = {
        subscribe_limits.network(a)
        for a in ("2001:db8::1", "2001:db8::a:b:c:d", "2001:db8:0:0:ffff::", "2001:db8::%eth0")
    }
    assert len(one) == 1
    assert subscribe_limits.network("2001:db8:0:1::1") not in one
    assert subscribe_limits.network("::ffff:192.0.2.7") == subscribe_limits.network("192.0.2.7")


def test_a_private_page_and_one_that_is_not_there_look_alike(org: Organisation, page: Page) -> None:
    models.StatusPage.objects.filter(id=page.row.id).update(public=False)
    for path in (
        page.url,
        "/subscribe/nothing",
        f"{page.url}/manage",
        f"{page.url}/confirm/x",
        f"{page.url}/mine",
    ):
        assert visitor().get(path).status_code == 404
    for key in ("acme\x00", "a" * 500):
        assert visitor().get(f"/subscribe/{key}").status_code == 404


def test_a_list_comes_in_by_a_preview_and_nobody_who_ended_it_comes_back(
    org: Organisation, page: Page
) -> None:
    page.active(address="ended@example.com", shown="ended@example.com", state="ended", ended_at=org.now)
    models.Suppression.objects.create(
        channel="email", address="dead@example.com", reason="bounce", at=org.now
    )
    listed = (
        "email,components,consent_source,consent_at,state,digest,events,component_groups,timezone\n"
        "new@example.com,Search,form,2026-01-02,active,daily,maintenance,Shop,Europe/Berlin\n"
        "ended@example.com,,,,\ndead@example.com,,,,\nx@example.com,Nowhere,,,\ngone@example.com,,,,ended\n"
        "broken@,,,,\n=1+1@example.com,,,,\n"
    )
    made = contact_imports.begin(
        org.act("root"),
        subscriber_lists.PAGE + page.row.id,
        "l.csv",
        io.BytesIO(listed.encode()),
        source="contract",
    )
    preview = contact_imports.preview(made)
    assert [r.email for _, r in preview.rows] == ["new@example.com", "ended@example.com", "dead@example.com"]
    assert [f.code for _, f in preview.faults] == ["component", "state", "address", "formula"]
    assert not models.Subscriber.objects.filter(state="active").exists()
    client = signed_in(org, "root")
    seen = client.get(f"/catalog/audiences/imports/{made.id}").content.decode()
    assert "Subscribers of Acme Cloud" in seen
    contact_imports.start(org.act("root"), made.id)
    org.settle()
    made.refresh_from_db()
    assert (made.added, made.withheld, made.refused) == (2, 1, 4)
    states = dict(models.Subscriber.objects.values_list("address", "state"))
    assert states == {
        "new@example.com": "active", "ended@example.com": "ended", "dead@example.com": "quarantined",
    }  # fmt: skip
    new = models.Subscriber.objects.get(address="new@example.com")
    assert (new.source, new.components) == ("form", [page.parts["Search"]])
    models.Subscriber.objects.filter(id=new.id).update(source="=HYPERLINK(1)")
    out = client.get(f"/status-pages/{page.row.key}/subscribers.csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(out.streaming_content).decode())))
    by_address = {r["address"]: r for r in rows}
    assert by_address["new@example.com"]["consent_source"] == "'=HYPERLINK(1)"
    assert (new.digest, new.events, new.groups, new.timezone) == (
        "daily",
        ["maintenance"],
        ["Shop"],
        "Europe/Berlin",
    )
    again = by_address["new@example.com"]
    assert (again["component_groups"], again["timezone"], again["digest"]) == (
        "Shop",
        "Europe/Berlin",
        "daily",
    )
    assert by_address["ended@example.com"]["state"] == "ended"


def test_who_keeps_the_page_sees_adds_ends_and_finds_over_the_web_and_the_interface(
    org: Organisation, page: Page, sink: SmtpSink
) -> None:
    root, ole = org.call("root"), org.call("ole")
    url = f"/status-pages/{page.row.key}/subscribers"
    made = root.post(url, {"address": "Kim@example.com", "source": "asked by mail", "events": ["incidents"]})
    assert made.status == 201 and made.json["state"] == "active", made.json
    assert root.post(url, {"address": "kim@example.com", "source": "again"}).status == 409
    assert root.post(url, {"address": "kim@", "source": "again"}).status == 422
    assert root.post(url, {"address": "li@example.com", "source": ""}).status == 422
    assert (
        ole.get(url).status == 403
        and ole.post(url, {"address": "o@example.com", "source": "mine"}).status == 403
    )
    org.now += timedelta(minutes=1)
    page.post()
    settle(org)
    one = f"{url}/{made.json['id']}"
    (sent,) = root.get(f"{one}/deliveries").json["items"]
    assert sent["state"] == "handed" and "Checkout is slow" in sent["subject"]
    client = signed_in(org, "root")
    listing = client.get(f"{url}?q=kim&show=active&kind=email").content.decode()
    assert "kim@example.com" in listing and "1 handed over" in listing
    assert "kim@example.com" not in client.get(f"{url}?q=nobody").content.decode()
    detail = client.get(one).content.decode()
    assert "asked by mail" in detail and "handed over" in detail
    assert signed_in(org, "ole").get(url).status_code == 403
    added = client.post(
        f"{url}/new", {"kind": "email", "address": "li@example.com", "source": "by telephone"}
    )
    assert added.status_code == 302 and models.Subscriber.objects.filter(address="li@example.com").exists()
    handed = models.Recipient.objects.get(contact_id=made.json["id"])
    models.Subscriber.objects.filter(id=made.json["id"]).update(failures=2)
    page.post("updated")
    settle(org)
    assert models.Subscriber.objects.get(id=made.json["id"]).failures == 0, "three in a row"
    models.Recipient.objects.filter(id=handed.id).delete()
    end = sink.mails[0].message["List-Unsubscribe"].replace("\n", "").strip("<>").partition(HOST)[2]
    assert visitor().get(end).status_code == 200, "as long as they subscribe"
    assert root.delete(one).status == 204 and root.delete(one).status == 204
    assert root.get(one).json["ended_via"] == "manager"
    assert root.post(url, {"address": "kim@example.com", "source": "once more"}).status == 409
    assert [s["address"] for s in root.get(f"{url}?state=ended").json["items"]] == ["kim@example.com"]
    assert root.get(f"{url}?state=odd").status == 422
    other = Page(org, "other")
    assert root.get(f"/status-pages/{other.row.key}/subscribers/{made.json['id']}").status == 404


def test_a_stranger_asking_again_changes_nothing_of_what_waits_or_is_kept_back(
    org: Organisation, page: Page, sink: SmtpSink
) -> None:
    ask(page, "kim@example.com", events="incidents")
    settle(org)
    first = link_in(sink.mails[0].message.get_body(("plain",)).get_content())
    ask(page, "kim@example.com", events="maintenance", digest="daily")
    settle(org)
    second = link_in(sink.mails[1].message.get_body(("plain",)).get_content())
    assert first != second
    assert visitor().post(first).status_code == 200, "the earlier link stays good"
    row = models.Subscriber.objects.get()
    assert (row.state, row.events, row.digest) == ("active", ["incidents"], "each")
    assert visitor().post(second).status_code == 404
    models.Subscriber.objects.update(state="pending", confirm_until=org.now + timedelta(hours=1))
    assert visitor().post(second).status_code == 200
    row.refresh_from_db()
    assert (row.state, row.events, row.digest) == ("active", ["maintenance"], "daily"), (
        "as asked with this link"
    )
    models.Subscriber.objects.update(state="quarantined", reason="It failed.")
    before = row.confirmed_at
    ask(page, "kim@example.com", events="incidents")
    settle(org)
    row.refresh_from_db()
    assert (row.state, row.confirmed_at) == ("quarantined", before)


def test_codes_by_text_message_are_few_in_a_day_and_too_many_are_an_alarm(org: Organisation) -> None:
    hourly, daily = subscribe_limits.CODES_OF_PREFIX
    left = 0
    for n in range(daily + 60):
        at = org.now.replace(hour=0, minute=5) + timedelta(hours=n // hourly)
        with tx.write():
            left += subscribe_limits.code_may_leave(f"+8810{n:07d}", at)
    assert left == daily
    assert models.Alarm.objects.filter(kind="subscriber_codes").exists()
