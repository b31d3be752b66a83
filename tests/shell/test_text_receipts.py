"""What the provider of text messages reports, in the record of each recipient of a message."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.test import Client, override_settings
from tests.shell.test_recipients import to_many
from tests.shell.test_sending import contacts

from quarterdeck.app.comms import audience_routes, ledger
from quarterdeck.channels import deliver, read_settings
from quarterdeck.channels.outcome import Outcome, Outgoing, Sent
from quarterdeck.channels.safe_http import SafeClient
from quarterdeck.store import models
from quarterdeck.web.present import mailings
from support.twilio_fake import ACCOUNT, TOKEN, Twilio, reported, twilio_fake
from support.world import World

NUMBERS = [f"+4915112345{n}" for n in range(670, 674)]


@pytest.fixture
def world(db: None) -> World:
    w = World()
    w.person("dev")
    w.person("root", "administrator")
    return w


@pytest.fixture
def provider(world: World) -> Iterator[Twilio]:
    """Texts go to the fake over HTTP; its reports count."""
    with ExitStack() as stack:
        found = stack.enter_context(twilio_fake())
        values = {
            "account_sid": ACCOUNT, "auth_token": TOKEN, "sender": "+15005550006", "server": found.url,
        }  # fmt: skip
        http = SafeClient(allow=[f"127.0.0.1:{found.port}"])

        def answer(kind: str, outgoing: Outgoing) -> Outcome:
            if kind != "sms_twilio":
                return Sent("fake")
            return deliver(kind, outgoing, read_settings(kind, values), http)

        world.outbox.answer = answer
        stack.enter_context(override_settings(QUARTERDECK_CALLBACKS={"sms_twilio": {"auth_token": TOKEN}}))
        yield found


def test_reports_of_texts_stand_with_each_recipient_and_silence_is_said(
    world: World, provider: Twilio
) -> None:
    contacts(world, len(NUMBERS))
    for n, number in enumerate(NUMBERS):
        models.AudienceContact.objects.filter(email=f"p{n}@example.com").update(phone=number)
    audience_routes.add_route(world.act("root"), "staff", "sms_twilio")
    message = to_many(world)
    world.settle()
    assert len(provider.made) == 4 and all("StatusCallback" in form for form in provider.made)
    sids = dict(models.Recipient.objects.filter(channel="sms_twilio").values_list("address", "provider_id"))

    def report(number: str, word: str, token: str = TOKEN) -> int:
        url = next(f["StatusCallback"][0] for f in provider.made if f["To"] == [number])
        form = {"MessageSid": sids[number], "MessageStatus": word, "AccountSid": ACCOUNT}
        return int(reported(Client(SERVER_NAME="127.0.0.1"), url, token, **form).status_code)

    assert report(NUMBERS[0], "delivered", "forged-forged-forged") != 204
    assert report(NUMBERS[0], "delivered") == report(NUMBERS[0], "undelivered") == 204
    assert report(NUMBERS[1], "undelivered") == 204
    assert report(NUMBERS[2], "sent") == 204
    rows = models.Recipient.objects.filter(message_id=message, channel="sms_twilio").order_by("address")
    now = max(r.handed_at for r in rows if r.handed_at)
    assert [(r.state, ledger.report_of(r, now)) for r in rows] == [
        ("delivered", "delivered"), ("failed", "failed"), ("handed", ""), ("handed", ""),
    ]  # fmt: skip
    later = now + ledger.REPORTS_WITHIN + timedelta(minutes=1)
    assert [ledger.report_of(r, later) for r in rows] == ["delivered", "failed", "none", "none"]
    assert ledger.without_report(message, now) == 0 and ledger.without_report(message, later) == 2
    rows.filter(state="handed").update(handed_at=now - ledger.REPORTS_WITHIN - timedelta(minutes=1))
    mailing = models.Mailing.objects.get(id=message)
    shown = {r["address"]: r["state"] for r in mailings.table(mailing, "", "+49", "", "/")["rows"]}
    assert [shown[number] for number in NUMBERS] == ["delivered", "failed", "no report", "no report"]
    assert "2 without a report" in mailings.progress(mailing)["figures"][1]["note"]
    mail = models.Recipient.objects.filter(channel="email").first()
    assert mail is not None and ledger.report_of(mail, later) == ""
