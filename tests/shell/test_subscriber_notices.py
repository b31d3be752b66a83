"""A post goes to its subscribers: each once, what they asked for, in their language, when they want it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from quarterdeck.app import casebook
from quarterdeck.app.comms import frozen, messages
from quarterdeck.app.paging.directory import Directory
from quarterdeck.app.status import page_access, publishing
from quarterdeck.app.subscribers import (
    subscribe_letters,
    subscriber_fanout,
    subscriber_figures,
    subscriber_notices,
    subscribers,
)
from quarterdeck.channels.status_site import render
from quarterdeck.core.incidents import Content, content_hash
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models, tx
from quarterdeck.store.ids import new_id
from support.attacks import org
from support.http_sink import Answer, http_sink
from support.rest import Organisation
from support.smtp_sink import SmtpSink, smtp_sink
from support.subscribing import Page, channels, link_in, mail, settle, visitor

__all__ = ["org"]


@pytest.fixture
def page(org: Organisation) -> Page:
    return Page(org)


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with smtp_sink() as found, channels(email=mail(found.port)):
        yield found


def to(sink: SmtpSink) -> Counter[str]:
    return Counter(m.rcpt_to[0] for m in sink.mails)


def test_each_gets_what_they_chose_once_and_a_second_telling_of_a_post_is_none(
    org: Organisation, page: Page, sink: SmtpSink
) -> None:
    page.active(address="all@example.com")
    page.active(address="search@example.com", components=[page.parts["Search"]])
    page.active(address="checkout@example.com", components=[page.parts["Checkout"]])
    page.active(address="shop@example.com", groups=["Shop"])
    page.active(address="works@example.com", events=["maintenance"])
    page.active(address="later@example.com", confirmed_at=org.now + timedelta(hours=1))
    page.active(address="waits@example.com", state="pending")
    other = Page(org, "other")
    other.active(address="stranger@example.com")
    posted = page.post()
    with tx.write():
        subscriber_notices.tell(posted)
    settle(org)
    assert to(sink) == {"all@example.com": 1, "checkout@example.com": 1, "shop@example.com": 1}
    assert all(len(m.rcpt_to) == 1 for m in sink.mails), "nobody sees who else is told"
    page.post("planned", components={}, status_word="scheduled", scheduled_for=org.now + timedelta(days=1))
    settle(org)
    assert to(sink)["works@example.com"] == 1 and to(sink)["search@example.com"] == 1
    row = models.SubscriberPost.objects.get(post_id=posted.post_id)
    assert (row.state, row.told) == ("done", 3)


def test_a_mail_leads_to_the_post_shows_its_markdown_and_says_in_words_how_to_end_it(
    org: Organisation, page: Page, sink: SmtpSink
) -> None:
    page.active(address="one@example.com")
    page.post(body="Cards are **declined**. <b>Wait</b>")
    settle(org)
    plain, html = (sink.mails[0].message.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    link = publishing.post_url(page.row, "INC-1")
    assert f"Open the status page: {link}" in plain.splitlines()
    assert f'href="{link}"' in html, "every reader of a page is led to the same address"
    assert "<strong>declined</strong>" in html and "<b>Wait" not in html and "are declined." in plain
    assert re.search(r"^[^\n]+: https://\S+/u/s/\S+$", plain.replace("\r", ""), re.MULTILINE), plain


def test_a_mail_has_the_words_of_a_post_without_their_marks_and_times_as_the_page_tells_them(
    org: Organisation, page: Page, sink: SmtpSink
) -> None:
    page.row.timezone = "Europe/Berlin"
    page.row.save()
    page.active(address="kim@example.com")
    due = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    body = "We look **into** it.\n\n- one\n- [two](https://acme.example/help)"
    page.post(body=body, next_update_at=due)
    settle(org)
    part = sink.mails[0].message.get_body(("plain",))
    assert part is not None
    said = str(part.get_content()).replace("\r\n", "\n")
    assert said.startswith("We look into it.\n\n• one\n• two (https://acme.example/help)\n")
    assert "1 Mar 2026, 13:30 CET" in said


def test_who_asks_for_a_link_or_types_no_address_is_told_so_in_their_language(
    org: Organisation, page: Page, sink: SmtpSink
) -> None:
    browser = visitor()
    asked = browser.post(f"{page.url}/manage?lang=de", {"kind": "email", "address": "kim@example.com"})
    assert "Ist diese Adresse hier bekannt" in asked.content.decode()
    refused = browser.post(
        f"{page.url}?lang=de", {"kind": "email", "address": "nobody", "events": "incidents"}
    )
    assert refused.status_code == 422 and "nicht verwendbar" in refused.content.decode()
    assert 'value="nobody"' in refused.content.decode()


def test_a_page_asks_for_addresses_only_where_mails_can_be_sent(org: Organisation, page: Page) -> None:
    def card() -> str:
        shown = render(publishing.page_snapshot(page.row, org.now), publishing.site_settings(page.row))
        return shown["index.html"].decode().partition('class="subscribe"')[2]

    with channels():
        assert "<form" not in card() and "/subscribe/acme?lang=en" in card()
    with channels(email=mail(25)):
        assert "<form" in card() and "/subscribe/acme?lang=en" in card()


def test_words_come_in_the_language_asked_for_where_there_are_some(
    org: Organisation, page: Page, sink: SmtpSink
) -> None:
    page.active(address="de@example.com", language="de")
    page.active(address="fr@example.com", language="fr")
    posted = page.post(words={"de": ("Kasse ist langsam", "Wir sehen nach.")})
    models.PostWords.objects.create(
        post_id=posted.post_id, language="fr", title="La caisse est lente", body="Nous cherchons.", at=org.now
    )
    page.post("updated", title="Only English", body="Nothing else.")
    settle(org)
    told = {
        (m.rcpt_to[0][:2], m.message["Subject"].removeprefix("Acme Cloud: ").partition(" (")[0])
        for m in sink.mails
    }
    assert told == {
        ("de", "Kasse ist langsam"),
        ("fr", "La caisse est lente"),
        ("de", "Only English"),
        ("fr", "Only English"),
    }


def test_a_digest_and_quiet_hours_collect_into_one_mail(
    org: Organisation, page: Page, sink: SmtpSink
) -> None:
    page.active(address="daily@example.com", digest="daily", timezone="Europe/Berlin")
    hour = org.now.hour
    page.active(
        address="quiet@example.com",
        quiet_from=f"{hour:02d}:00",
        quiet_to=f"{(hour + 2) % 24:02d}:00",
        timezone="UTC",
    )
    page.post()
    page.post("updated", body="Half of it works.")
    settle(org)
    assert not sink.mails
    org.now += timedelta(hours=26)
    settle(org)
    assert to(sink) == {"daily@example.com": 1, "quiet@example.com": 1}
    for one in sink.mails:
        text = one.message.get_body(("plain",)).get_content()
        assert one.message["Subject"] == "Acme Cloud: 2 updates"
        assert text.index("We look into it.") < text.index("Half of it works.")
        assert one.message["List-Unsubscribe"]
    org.now += timedelta(days=2)
    settle(org)
    assert len(sink.mails) == 2 and not models.HeldPost.objects.exists()


def test_suppressed_addresses_are_skipped_and_counted_and_a_bounce_keeps_back(
    org: Organisation, page: Page, sink: SmtpSink
) -> None:
    page.active(address="gone@example.com")
    models.Suppression.objects.create(
        channel="email", address="gone@example.com", reason="complaint", at=org.now
    )
    dead = page.active(address="dead@example.com")
    page.post()
    sink.at_rcpt = "550 5.1.1 no such user"
    settle(org)
    row = models.SubscriberPost.objects.get()
    assert (row.told, row.skipped) == (1, 1)
    dead.refresh_from_db()
    assert (dead.state, dead.reason[:11]) == ("quarantined", "It bounced ")
    assert subscriber_figures.failing() == {page.row.id: 1}
    (sent,) = subscriber_figures.last_of(dead)
    assert sent.state == "bounced" and "no such user" in sent.detail
    sink.at_rcpt = ""
    page.post("updated")
    settle(org)
    assert not sink.mails


def released(
    org: Organisation, page: Page, incident: str, audience: str = "customers_all", **said: object
) -> str:
    told = {
        "headline": "Checkout is slow", "customer_effect": "Slow", "action": "We look", "status_word": "identified",
        "pages": (page.row.id,), "components": {page.parts["Checkout"]: "degraded_performance"}, "final": True,
    }  # fmt: skip
    case, message = messages.draft(org.act("root"), incident, Content(audience=audience, **(told | said)))
    messages.release(
        org.act("root"),
        incident,
        message,
        content_hash(case.incident.messages[message]),
        "A test",
        override="A test",
    )
    return message


@pytest.mark.requirement("R-045")
def test_a_released_message_tells_subscribers_once_and_no_contact_twice_and_a_rebuild_sends_nothing(
    org: Organisation, page: Page, sink: SmtpSink
) -> None:
    page.active(address="both@example.com")
    page.active(address="only@example.com")
    second = Page(org, "second")
    second.active(address="only@example.com")
    for name in ("both", "contact"):
        models.AudienceContact.objects.create(
            id=new_id(), audience="customers_all", email=f"{name}@example.com", created_at=org.now
        )
    incident = org.declare("root", title="Inner name CANARY")
    org.settle()
    sink.mails.clear()
    released(org, page, incident, pages=(page.row.id, second.row.id))
    settle(org)
    mine = Counter({k: n for k, n in to(sink).items() if k.split("@")[0] in ("both", "contact", "only")})
    assert mine == {"both@example.com": 1, "contact@example.com": 1, "only@example.com": 1}
    assert not any(b"CANARY" in m.content for m in sink.mails if m.rcpt_to[0].startswith("only"))
    before = len(sink.mails)
    casebook.rebuild(incident, org.now)
    settle(org)
    assert len(sink.mails) == before
    assert models.SubscriberPost.objects.count() == 2


def test_many_are_told_a_part_at_a_time_by_the_mail_that_is_written_once(
    org: Organisation, page: Page, sink: SmtpSink
) -> None:
    before = subscriber_fanout.AT_ONCE
    subscriber_fanout.AT_ONCE = 70
    try:
        many = frozen.FEW + 20
        for n in range(many):
            page.active(address=f"s{n}@example.com")
        page.post()
        settle(org)
    finally:
        subscriber_fanout.AT_ONCE = before
    assert len(to(sink)) == many == len(sink.mails)
    mail_ = sink.mails[7].message
    assert mail_["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert not models.Delivery.objects.filter(channel="email", message_id__gt="").exists(), "not one by one"
    assert models.Mailing.objects.get(audience="subscribers").state == "done"


def test_a_slack_channel_confirms_by_a_link_and_only_slacks_own_addresses_are_taken(
    org: Organisation, page: Page
) -> None:
    with http_sink() as slack, channels(slack.port, slack={"hook_hosts": "127.0.0.1"}, teams={}):
        slack.answer(Answer(200, b"ok"))
        url = f"http://127.0.0.1:{slack.port}/services/T1/B1/secret"
        browser = visitor()
        refused = browser.post(page.url, {"kind": "teams", "address": url, "events": "incidents"})
        assert refused.status_code == 422 and url in refused.content.decode(), "what was typed stays"
        assert (
            browser.post(page.url, {"kind": "slack", "address": url, "events": "incidents"}).status_code
            == 200
        )
        settle(org)
        assert browser.post(link_in(slack.arrived[0].body.decode())).status_code == 200
        org.now += timedelta(seconds=1)
        page.post()
        settle(org)
        assert b"Checkout is slow" in slack.arrived[1].body
        row = models.Subscriber.objects.get()
        assert (
            "secret" not in row.shown
            and not models.Recipient.objects.filter(address__contains="http").exists()
        )
        slack.answer(Answer(404, b"no_service"))
        page.post("updated")
        settle(org)
        row.refresh_from_db()
        assert (row.state, row.ended_via) == ("ended", "gone")


def test_a_post_of_a_page_without_subscribers_leaves_no_job(org: Organisation, page: Page) -> None:
    page.post()
    assert not models.SubscriberPost.objects.exists()


def test_a_page_that_is_public_no_more_tells_nobody_and_takes_nobody(
    org: Organisation, page: Page, sink: SmtpSink
) -> None:
    row = page.active(address="me@example.com")
    page.active(address="daily@example.com", digest="daily")
    page.post()
    with tx.write():
        subscriber_fanout.fire(models.SubscriberPost.objects.get().id, Directory(org.now))
    assert models.HeldPost.objects.exists() and models.Recipient.objects.filter(state="queued").exists()
    page_access.change(org.act("root"), "acme", visibility="internal", members=True)
    page.post("updated")
    org.now += timedelta(days=2)
    settle(org)
    assert not sink.mails and not models.HeldPost.objects.exists()
    with pytest.raises(Refused, match="not public"):
        subscribers.add(org.act("root"), "acme", "email", "new@example.com", "by mail")
    models.Subscriber.objects.filter(id=row.id).update(
        manage_hash=subscribe_letters.hashed("t"), manage_until=org.now + timedelta(hours=1)
    )
    browser = visitor()
    assert browser.get(f"{page.url}/manage/other").status_code == 404
    assert browser.post(f"{page.url}/manage/t").status_code == 302
    assert browser.post(f"{page.url}/mine", {"act": "end"}).status_code == 200
    row.refresh_from_db()
    assert row.state == "ended"


def test_nobody_reads_of_a_component_that_their_page_does_not_show_or_by_another_name(
    org: Organisation, page: Page, sink: SmtpSink
) -> None:
    other = Page(org, "other")
    other.active(address="kim@example.com", groups=["Yours"])
    models.ShownComponent.objects.create(
        id=new_id(), page=other.row, component_id=page.parts["Search"], name="Find", group="Yours", position=1,
        created_at=org.now,
    )  # fmt: skip
    other.post(components={page.parts[name]: "major_outage" for name in ("Checkout", "Search")})
    settle(org)
    (told,) = [str(m.message.get_body(("plain",)).get_content()) for m in sink.mails]
    assert "Find" in told and "Search" not in told and "Checkout" not in told.partition("Find")[2]
    post = models.SubscriberPost.objects.get()
    assert list(post.content["components"]) == [page.parts["Search"]]
    assert post.content["names"] == {page.parts["Search"]: "Find"}


def test_one_who_ended_other_messages_and_confirms_this_page_is_told_of_it_alone(
    org: Organisation, page: Page, sink: SmtpSink
) -> None:
    row = page.active(address="kim@example.com", state="pending", confirm_hash="x", confirmed_at=None)
    models.Suppression.objects.create(
        channel="email", address="kim@example.com", reason="unsubscribe", at=org.now
    )
    subscribers.confirmed(row, org.now)
    row.save()
    page.post()
    settle(org)
    assert to(sink) == {"kim@example.com": 1}
    assert models.Suppression.objects.filter(reason="unsubscribe").exists()


def test_an_update_of_a_maintenance_goes_to_those_who_want_maintenance(
    org: Organisation, page: Page, sink: SmtpSink
) -> None:
    page.active(address="works@example.com", events=["maintenance"])
    page.active(address="breaks@example.com", events=["incidents"])
    page.post("updated", status_word="verifying")
    settle(org)
    assert to(sink) == {"works@example.com": 1}
