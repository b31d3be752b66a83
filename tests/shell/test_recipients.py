"""Recipients of a message to many: frozen, each with a record, over a real mail server; kills, pauses, words heard later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from tests.shell.test_sending import contacts, declared

from quarterdeck.app.comms import audience_routes, ledger, mailings, messages, returned_mails, suppressions
from quarterdeck.channels import mail_returned
from quarterdeck.channels.outcome import GaveUp, Outcome, Outgoing, Retry, Sent
from quarterdeck.core.incidents import Content, content_hash
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.engine.mailer import Mailer
from quarterdeck.store import models
from support.smtp_sink import SmtpSink, smtp_sink
from support.world import World

MANY = mailings.FEW + 30


@pytest.fixture
def world(db: None) -> World:
    w = World()
    w.person("dev")
    return w


@pytest.fixture
def sink(world: World) -> Iterator[SmtpSink]:
    before = settings.QUARTERDECK_CHANNELS
    with smtp_sink() as found:
        settings.QUARTERDECK_CHANNELS = {
            "email": {
                "host": "127.0.0.1", "port": found.port, "tls": "none", "from_address": "status@example.com",
                "message_reply_to": "help@example.com", "bounce_address": "bounces@example.com",
            }
        }  # fmt: skip
        yield found
        settings.QUARTERDECK_CHANNELS = before


def to_many(world: World, key: str = "", audience: str = "staff") -> str:
    key = key or declared(world)
    content = Content(
        audience=audience, headline="Search is slow", customer_effect="Slow", action="We look", final=True
    )
    case, message = messages.draft(world.act("dev"), key, content)
    digest = content_hash(case.incident.messages[message])
    messages.release(world.act("dev"), key, message, digest, "Nobody else is awake")
    return message


def handed_over(world: World) -> int:
    return Mailer(lambda: world.now, world.node).run()


def of(message: str) -> Counter[str]:
    return Counter(models.Recipient.objects.filter(message_id=message).values_list("state", flat=True))


@pytest.mark.requirement("R-055")
def test_each_recipient_has_one_record_and_one_mail_and_a_second_run_sends_none(
    world: World, sink: SmtpSink
) -> None:
    contacts(world, MANY)
    message = to_many(world)
    assert handed_over(world) == MANY and handed_over(world) == 0
    assert of(message) == {"handed": MANY}
    assert Counter(m.rcpt_to for m in sink.mails) == {(f"p{n}@example.com",): 1 for n in range(MANY)}
    assert len({m.id for m in sink.mails}) == MANY
    mail = sink.mails[0].message
    assert mail["Reply-To"] == "help@example.com" and mail["To"] == sink.mails[0].rcpt_to[0]
    assert sink.mails[0].mail_from == f"bounces+{sink.mails[0].id[1:].partition('@')[0]}@example.com"
    assert models.Mailing.objects.get(id=message).state == "done"


def test_what_a_killed_engine_had_in_its_hands_is_sent_again_under_the_same_name_and_bounded(
    world: World, sink: SmtpSink
) -> None:
    contacts(world, MANY)
    message = to_many(world)
    for kill in range(ledger.MOST_UNCLEAR):
        lost = ledger.claim(f"engine.{kill}", world.now, 10)
        assert lost is not None and [r.attempts for r in lost.rows] == [kill + 1] * 10
        assert ledger.release_of(f"engine.{kill}", world.now) == 10
    assert of(message) == {"queued": MANY - 10, "failed": 10}
    assert handed_over(world) == MANY - 10
    # A result that comes after all from the one that was given up counts for nothing.
    ledger.record(lost, [(r, "taken", "late") for r in lost.rows], world.now)
    assert of(message) == {"handed": MANY - 10, "failed": 10}


def test_a_lease_that_runs_out_gives_back_what_was_claimed(world: World, sink: SmtpSink) -> None:
    contacts(world, MANY)
    to_many(world)
    ledger.claim("engine.1", world.now, 10)
    assert ledger.release_expired(world.now) == 0
    world.now += ledger.LEASE + timedelta(seconds=1)
    assert ledger.release_expired(world.now) == 10


def test_a_mailbox_that_does_not_exist_is_never_written_to_again_and_one_that_is_full_is(
    world: World, sink: SmtpSink
) -> None:
    contacts(world, MANY)
    sink.at_rcpt = "550 5.1.1 no such user"
    key = declared(world)
    first = to_many(world, key)
    assert handed_over(world) == 0
    assert of(first) == {"bounced": MANY}
    assert models.Suppression.objects.filter(reason="bounce").count() == MANY
    models.Suppression.objects.all().delete()
    sink.at_rcpt = "452 4.2.2 full"
    second = to_many(world, key)
    handed_over(world)
    assert of(second) == {"queued": MANY}
    sink.at_rcpt = ""
    assert handed_over(world) == 0
    world.now += timedelta(minutes=1)
    assert handed_over(world) == MANY


def test_a_relay_that_is_away_counts_as_no_attempt_and_says_so(world: World) -> None:
    contacts(world, MANY)
    message = to_many(world)
    before = settings.QUARTERDECK_CHANNELS
    settings.QUARTERDECK_CHANNELS = {
        "email": {"host": "127.0.0.1", "port": 9, "tls": "none", "from_address": "status@example.com"}
    }
    try:
        assert handed_over(world) == 0
    finally:
        settings.QUARTERDECK_CHANNELS = before
    assert of(message) == {"queued": MANY}
    assert set(models.Recipient.objects.values_list("attempts", flat=True)) == {0}
    assert "could not be reached" in models.Mailing.objects.get(id=message).note


def test_sending_can_be_paused_resumed_and_stopped_for_good(world: World, sink: SmtpSink) -> None:
    contacts(world, MANY)
    key = declared(world)
    message = to_many(world, key)
    mailings.pause(world.act("dev"), key, message, "Wrong figure in it")
    assert handed_over(world) == 0 and of(message) == {"queued": MANY}
    mailings.resume(world.act("dev"), key, message)
    batch = ledger.claim(world.node, world.now, 10)
    assert batch is not None
    ledger.record(batch, [(r, "taken", "") for r in batch.rows], world.now)
    with pytest.raises(Refused):
        mailings.stop(world.act("dev"), key, message, "")
    mailings.stop(world.act("dev"), key, message, "It is over")
    assert handed_over(world) == 0 and of(message) == {"handed": 10, "stopped": MANY - 10}
    with pytest.raises(Refused) as refused:
        mailings.resume(world.act("dev"), key, message)
    assert refused.value.code == "mailing.over"


def test_only_those_who_may_release_may_stop_it(world: World, sink: SmtpSink) -> None:
    world.person("ben")
    contacts(world, MANY)
    key = declared(world)
    message = to_many(world, key)
    with pytest.raises(Refused) as refused:
        mailings.pause(world.act("ben"), key, message)
    assert refused.value.kind == "forbidden"


def public(world: World, count: int) -> str:
    models.AudienceContact.objects.all().delete()
    contacts(world, count)
    models.AudienceContact.objects.update(audience="customers_all")
    return "customers_all"


def test_one_click_ends_messages_for_good_by_post_alone(world: World, sink: SmtpSink) -> None:
    settings.QUARTERDECK_PUBLIC_URL, before = "https://ops.example.com", settings.QUARTERDECK_PUBLIC_URL
    try:
        key = declared(world)
        message = to_many(world, key, public(world, MANY))
        handed_over(world)
    finally:
        settings.QUARTERDECK_PUBLIC_URL = before
    mail = sink.mails[0]
    url = str(mail.message["List-Unsubscribe"])[1:-1]
    assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for kind in ("plain", "html"):
        assert url in mail.message.get_body((kind,)).get_content()
    path, client = url.removeprefix("https://ops.example.com"), Client(headers={"host": "localhost"})
    assert "Stop these messages?" in client.get(path).content.decode()
    assert not models.Suppression.objects.exists()
    posted = Client(enforce_csrf_checks=True, headers={"host": "localhost"}).post(
        path, {"List-Unsubscribe": "One-Click"}
    )
    assert posted.status_code == 200 and "no more of these" in posted.content.decode()
    assert mail.rcpt_to[0] not in posted.content.decode()
    assert client.post(path[:-3] + "xx/").status_code == 404
    assert models.Suppression.objects.get().reason == "unsubscribe"
    sink.mails.clear()
    again = to_many(world, key, "customers_all")
    assert handed_over(world) == MANY - 1
    assert models.Recipient.objects.get(message_id=again, state="suppressed").detail == "They unsubscribed."
    assert of(message) == {"handed": MANY}


def test_a_text_that_names_the_place_of_the_link_goes_out_and_one_mail_that_cannot_be_written_costs_no_attempt(
    world: World, sink: SmtpSink
) -> None:
    contacts(world, MANY)
    content = Content(
        audience="staff", headline="Slow", body="See https://qdslot.invalid/url for more.", final=True
    )
    key = declared(world)
    case, message = messages.draft(world.act("dev"), key, content)
    digest = content_hash(case.incident.messages[message])
    messages.release(world.act("dev"), key, message, digest, "Nobody else is awake")
    models.Recipient.objects.filter(address="p7@example.com").update(address="\u00fc\u00fc")
    with pytest.raises(UnicodeError):
        handed_over(world)
    assert (
        of(message) == {"queued": MANY}
        and not models.Recipient.objects.exclude(attempts=0, unclear=0).exists()
    )
    models.Recipient.objects.filter(address="\u00fc\u00fc").update(address="p7@example.com")
    world.pass_time(minutes=1)
    assert handed_over(world) == MANY
    assert "See https://invalid/url for more." in sink.mails[0].message.get_body(("plain",)).get_content()


def test_what_waits_for_an_address_that_is_put_on_the_list_stays_here(world: World) -> None:
    contacts(world, 2)
    world.person("root", "administrator")
    key = declared(world)
    message = to_many(world, key)
    mailings.pause(world.act("dev"), key, message, "Wrong figure in it")
    suppressions.suppress(world.act("root"), "p0@example.com", "Asked on the phone")
    other = models.Recipient.objects.get(address="p1@example.com")
    assert ledger.heard(other, "complained", "Complaint of an earlier mail.", world.now)
    mailings.resume(world.act("dev"), key, message)
    world.pass_time(minutes=5)
    assert not world.outbox.sent and of(message) == {"suppressed": 1, "complained": 1}


REPORT = (
    "From: mailer-daemon@example.net\r\nTo: {to}\r\nContent-Type: multipart/report; boundary=b\r\n"
    "Subject: x\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSorry\r\n--b\r\n{part}\r\n--b\r\n"
    "Content-Type: message/rfc822\r\n\r\nMessage-ID: {id}\r\nSubject: x\r\n\r\nx\r\n--b--\r\n"
)
BOUNCE = (
    "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; a@b.example\r\n"
    "Action: {action}\r\nStatus: {status}\r\nDiagnostic-Code: smtp; 550 unknown\r\n"
)
COMPLAINT = (
    "Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: x\r\nVersion: 1\r\n"
)


def test_reports_count_for_the_one_whose_mail_they_carry_and_nobody_can_forge_one(
    world: World, sink: SmtpSink
) -> None:
    contacts(world, MANY)
    message = to_many(world)
    handed_over(world)

    def heard(part: str, ident: str, to: str = "x@example.com") -> str:
        raw = REPORT.format(part=part, id=ident, to=to).encode()
        assert mail_returned.is_report(raw)
        return returned_mails.take(mail_returned.read(raw), world.now).state

    gone, full, cross, safe = sink.mails[:4]
    assert heard(BOUNCE.format(action="failed", status="5.1.1"), gone.id) == "taken"
    assert heard(BOUNCE.format(action="failed", status="5.1.1"), gone.id) == "known"
    assert heard(BOUNCE.format(action="failed", status="4.2.2"), "<other@x>", full.mail_from) == "taken"
    assert heard(COMPLAINT, cross.id) == "taken"
    assert heard(BOUNCE.format(action="delivered", status="2.0.0"), safe.id) == "taken"
    number = safe.id[2:].partition(".")[0]
    assert heard(COMPLAINT, f"<r{number}.{'a' * 32}@example.com>") == "ignored"
    assert heard(COMPLAINT, "<r\u00b2.x@example.com>") == "ignored"
    assert of(message) == {"handed": MANY - 4, "bounced": 1, "failed": 1, "complained": 1, "delivered": 1}
    assert suppressions.among("email", [m.rcpt_to[0] for m in (gone, full, cross, safe)]) == {
        gone.rcpt_to[0], cross.rcpt_to[0]
    }  # fmt: skip


def test_every_way_of_an_audience_has_its_own_record_and_a_retry_makes_no_second_one(world: World) -> None:
    contacts(world, 2)
    models.AudienceContact.objects.filter(email="p0@example.com").update(phone="+4915112345678")
    world.person("root", "administrator")
    audience_routes.add_route(world.act("root"), "staff", "sms_gateway")
    audience_routes.add_route(world.act("root"), "staff", "teams", "status-room")
    message = to_many(world)
    answers: dict[str, list[Outcome]] = {
        "sms_gateway": [Retry("busy"), Sent("sms-1")], "teams": [GaveUp("no such room")],
    }  # fmt: skip

    def answer(kind: str, outgoing: Outgoing) -> Outcome:
        return answers[kind].pop(0) if answers.get(kind) else Sent("fake")

    world.outbox.answer = answer
    world.pass_time(minutes=5)
    rows = models.Recipient.objects.filter(message_id=message).order_by("channel", "address")
    assert list(rows.values_list("channel", "address", "state", "attempts")) == [
        ("email", "p0@example.com", "handed", 1), ("email", "p1@example.com", "handed", 1),
        ("sms_gateway", "+4915112345678", "handed", 2), ("teams", "status-room", "failed", 1),
    ]  # fmt: skip
    assert Counter(kind for kind, _ in world.outbox.sent) == {"email": 2, "sms_gateway": 1}


@pytest.mark.requirement("R-214")
def test_vendors_receive_only_their_own_message(world: World, sink: SmtpSink) -> None:
    contacts(world, 3)
    models.AudienceContact.objects.filter(email="p0@example.com").update(audience="partners_vendors")
    message = to_many(world, audience="partners_vendors")
    world.settle()
    assert [o.to for kind, o in world.outbox.sent if kind == "email"] == ["p0@example.com"]
    assert list(models.Recipient.objects.values_list("message_id", "address")) == [
        (message, "p0@example.com")
    ]


def test_only_the_affected_list_of_an_audience_hears_of_it(world: World, sink: SmtpSink) -> None:
    contacts(world, 3)
    models.AudienceContact.objects.filter(email="p1@example.com").update(segments="|eu|gold|")
    models.AudienceContact.objects.filter(email="p2@example.com").update(segments="|eu-2|")
    key = declared(world)
    audience_routes.choose_list(world.act("dev"), key, "staff", "EU")
    message = to_many(world, key)
    assert list(models.Recipient.objects.filter(message_id=message).values_list("address", flat=True)) == [
        "p1@example.com"
    ]
    with pytest.raises(Refused):
        audience_routes.choose_list(world.act("dev"), key, "staff", "nobody-there")
