"""Telegram, Pushover and Teams: what they are sent, what their answers mean, and what a press of a button does."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest
from django.test import override_settings
from hypothesis import example, given
from hypothesis import strategies as st

from quarterdeck.app.comms.links import callout_url
from quarterdeck.boot.logs import masked
from quarterdeck.channels import deliver, pushover, teams, telegram
from quarterdeck.channels.outcome import GaveUp, Outgoing, Retry, Sent
from quarterdeck.channels.safe_http import SafeClient
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from support.browsing import alert, browser, company
from support.http_sink import Answer, http_sink

BOT = "123456:" + "hush-" * 6
SECRET = "a-secret-of-the-webhook"
APP = "hush" + "a" * 26
USER = "u" * 30
PAGE = Outgoing(
    key="k",
    to="123456789",
    subject="[Page] INC-1042 @everyone *fails*",
    text="Six in ten <b>card</b> payments [fail](https://evil.example).",
    facts=(("Service", "checkout"),),
    link="https://quarterdeck.example/c/0192-a/aBcDeFgHiJkLmNoPqRsTuVwXyZ012345/",
    at=datetime(2026, 11, 22, tzinfo=UTC),
)


@pytest.fixture
def sink():
    with http_sink() as found:
        yield found


def sent(sink, kind, outgoing=PAGE, **values):
    server = f"http://127.0.0.1:{sink.port}"
    made = {
        "telegram": lambda: telegram.Settings(**{"token": BOT, "server": server, **values}),
        "pushover": lambda: pushover.Settings(**{"token": APP, "server": server, **values}),
        "teams": lambda: teams.Settings(rooms={"ops": f"{server}/workflows/hush"}),
    }[kind]()
    to = {"telegram": "123456789", "pushover": USER, "teams": "ops"}[kind]
    return deliver(kind, replace(outgoing, to=to), made, SafeClient(allow=[f"127.0.0.1:{sink.port}"]))


def test_telegram_gets_plain_text_with_two_buttons(sink):
    sink.answer(Answer(200, b'{"ok":true,"result":{"message_id":7,"chat":{"id":1}}}'))
    outcome = sent(sink, "telegram")
    assert isinstance(outcome, Sent)
    assert outcome.provider_id == "7"
    (request,) = sink.arrived
    assert request.path == f"/bot{BOT}/sendMessage"
    message = json.loads(request.body)
    assert message["chat_id"] == 123456789
    assert "parse_mode" not in message
    assert "@everyone" not in message["text"]
    assert PAGE.link in message["text"]
    (row,) = message["reply_markup"]["inline_keyboard"]
    assert [b["callback_data"] for b in row] == ["a:0192-a", "p:0192-a"]


@given(st.text(max_size=5000))
@example("@" * 5000)
def test_whatever_the_text_telegram_and_pushover_take_it(text):
    long = replace(PAGE, text=text, subject=text, facts=(("Impact", text), ("Symptom", "😀" * 3000)))
    assert 0 < len(telegram.render(long)["text"].encode("utf-16-le", "replace")) // 2 <= 4096
    made = pushover.render(long)
    assert 0 < len(made["message"]) <= 1024
    assert len(made["title"]) <= 250


@pytest.mark.parametrize(
    ("status", "body", "kind", "after"),
    [
        (429, {"ok": False, "error_code": 429, "parameters": {"retry_after": 12}}, Retry, 12),
        (200, {"ok": False, "error_code": 429, "parameters": {"retry_after": 12}}, Retry, 12),
        (502, {"ok": False, "error_code": 502}, Retry, None),
        (403, {"ok": False, "error_code": 403, "description": "bot was blocked"}, GaveUp, None),
        (200, {"ok": False, "error_code": 400}, GaveUp, None),
        (401, {"ok": False, "error_code": 401}, GaveUp, None),
        (200, [], Retry, None),
        (503, "x", Retry, None),
    ],
)
def test_telegram_s_answer_is_judged_by_what_it_says(sink, status, body, kind, after):
    sink.answer(Answer(status, json.dumps(body).encode()))
    outcome = sent(sink, "telegram")
    assert isinstance(outcome, kind)
    assert "blocked" not in outcome.why or "person" in outcome.why
    if kind is Retry:
        assert outcome.after_seconds == after


def test_no_secret_is_logged_or_told_when_a_send_fails(sink, caplog):
    caplog.set_level(logging.INFO)
    sink.answer(Answer(500, b"hush"))
    outcomes = [sent(sink, kind) for kind in ("telegram", "pushover", "teams")]
    sink.answer(Answer(hang_up=True))
    outcomes += [sent(sink, kind) for kind in ("telegram", "pushover", "teams")]
    assert all(isinstance(o, Retry) for o in outcomes)
    shown = repr(outcomes) + repr(
        [telegram.Settings(token=BOT, webhook_secret=SECRET), pushover.Settings(token=APP)]
    )
    assert "hush" not in shown + repr(teams.Settings(rooms={"a": "https://x.example/hush"}))
    assert SECRET not in shown


def test_an_urgent_page_rings_until_it_is_acknowledged_in_pushover(sink):
    sink.answer(Answer(200, b'{"status":1,"request":"r1","receipt":"rc1"}'))
    outcome = sent(sink, "pushover", sound="siren")
    assert isinstance(outcome, Sent)
    assert outcome.provider_id == "rc1"
    form = {k: v[0] for k, v in parse_qs(sink.arrived[0].body.decode()).items()}
    assert (form["priority"], form["retry"], form["expire"], form["sound"]) == ("2", "60", "1800", "siren")
    assert (
        form["callback"]
        == "https://quarterdeck.example/callbacks/pushover/0192-a/aBcDeFgHiJkLmNoPqRsTuVwXyZ012345"
    )
    assert (form["url"], form["user"]) == (PAGE.link, USER)
    assert form["timestamp"] == str(int(PAGE.at.timestamp()))


def test_only_an_urgent_page_rings_again():
    assert pushover.render(replace(PAGE, urgency="low"))["priority"] == -1
    assert pushover.render(replace(PAGE, kind="message"))["priority"] == 0
    assert "retry" not in pushover.render(replace(PAGE, urgency="low"))


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (
            400,
            {"user": "invalid", "errors": ["user key is invalid"], "status": 0},
            GaveUp,
            "Correct the contact",
        ),
        (400, {"token": "invalid", "status": 0}, GaveUp, "token anew"),
        (200, {"status": 0, "errors": ["x"]}, Retry, "did not take"),
        (200, {}, Retry, "did not take"),
        (429, {"status": 0}, Retry, "limit"),
        (500, {}, Retry, "500"),
    ],
)
def test_pushover_s_answer_is_judged_by_what_it_says(sink, status, body, kind, said):
    sink.answer(Answer(status, json.dumps(body).encode()))
    outcome = sent(sink, "pushover")
    assert isinstance(outcome, kind)
    assert said in outcome.why


def test_teams_gets_a_card_whose_texts_are_not_read_as_marks(sink):
    sink.answer(Answer(202))
    assert isinstance(sent(sink, "teams"), Sent)
    message = json.loads(sink.arrived[0].body)
    (attachment,) = message["attachments"]
    card = attachment["content"]
    assert (message["type"], card["version"]) == ("message", "1.4")
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert {e["type"] for e in card["body"]} == {"RichTextBlock"}
    assert {i["type"] for e in card["body"] for i in e["inlines"]} == {"TextRun"}
    assert card["actions"] == [{"type": "Action.OpenUrl", "title": "Acknowledge", "url": PAGE.link}]


def test_a_card_stays_within_what_teams_takes():
    long = replace(PAGE, text="ü" * 9000, facts=tuple((f"F{n}", "é" * 900) for n in range(9)))
    assert len(json.dumps(teams.render(long), ensure_ascii=False).encode()) < 28_000


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, b"1", Sent),
        (
            200,
            b"Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429",
            Retry,
        ),
        (429, b"", Retry),
        (400, b"", GaveUp),
        (404, b"", GaveUp),
    ],
)
def test_a_failure_in_the_text_of_a_success_is_a_failure(sink, status, body, kind):
    sink.answer(Answer(status, body))
    assert isinstance(sent(sink, "teams"), kind)


@pytest.mark.parametrize(
    ("module", "address"),
    [
        (telegram, "@ben"),
        (telegram, "0"),
        (telegram, "1.5"),
        (pushover, "short"),
        (pushover, "ü" * 30),
        (teams, "a b"),
    ],
)
def test_an_address_of_another_shape_is_refused(module, address):
    with pytest.raises(Refused):
        module.check_address(address)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: telegram.Settings(token="123:short/../x"),
        lambda: telegram.Settings(webhook_secret="short"),
        lambda: pushover.Settings(repeat_seconds=5),
        lambda: pushover.Settings(ring_minutes=999),
        lambda: teams.Settings(rooms={"ops": "no address"}),
    ],
)
def test_settings_that_cannot_work_are_refused(wrong):
    with pytest.raises(Refused):
        wrong()


@pytest.fixture
def world(db):
    world = company()
    for handle, chat in (("ben", "111"), ("cleo", "222")):
        models.ContactMethod.objects.create(
            person=world.find(handle), kind="telegram", address=chat, position=5, verified_at=world.now
        )
    with override_settings(QUARTERDECK_CALLBACKS={"telegram": {"webhook_secret": SECRET}}):
        alert(world)
        yield world


def callout(world):
    return models.Callout.objects.get(person=world.find("ben"))


def pressed(world, kind, chat, secret=SECRET):
    update = {
        "update_id": 1,
        "callback_query": {
            "id": "77",
            "from": {"id": chat, "is_bot": False},
            "data": f"{kind}:{callout(world).id}",
        },
    }
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
    return browser(world, None).post(
        "/callbacks/telegram", json.dumps(update), content_type="application/json", headers=headers
    )


def test_a_press_in_telegram_acknowledges_and_is_answered_at_once(world):
    answer = json.loads(pressed(world, "a", 111).content)
    assert answer["method"] == "answerCallbackQuery"
    assert (answer["callback_query_id"], answer["text"]) == ("77", "Ben Okonkwo has it.")
    assert (callout(world).state, callout(world).acknowledged_via) == ("acknowledged", "chat")


def test_the_next_step_is_called_when_the_recipient_passes_it_on_in_telegram(world):
    assert "somebody else" in json.loads(pressed(world, "p", 222).content)["text"]
    assert "Passed on" in json.loads(pressed(world, "p", 111).content)["text"]
    world.pass_time(seconds=5)
    assert world.pages("cleo") != []


@pytest.mark.parametrize("secret", ["", "wrong", "ü"])
def test_an_update_without_the_secret_is_refused(world, secret):
    assert pressed(world, "a", 111, secret).status_code == 403
    with override_settings(QUARTERDECK_CALLBACKS={}):
        assert pressed(world, "a", 111, secret).status_code == 403
    assert callout(world).state == "waiting"


def test_a_stranger_s_press_and_any_other_update_change_nothing(world):
    assert "No account" in json.loads(pressed(world, "a", 999).content)["text"]
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
    client = browser(world, None)
    for body, status in (
        ('{"message":{"text":"/start"}}', 200),
        ("[]", 400),
        ("{", 400),
        ('{"callback_query":1}', 400),
    ):
        answer = client.post("/callbacks/telegram", body, content_type="application/json", headers=headers)
        assert answer.status_code == status
    assert callout(world).state == "waiting"


def test_acknowledging_in_the_pushover_app_acknowledges_here(world):
    path = "/callbacks/pushover/" + callout_url(callout(world).id).partition("/c/")[2].rstrip("/")
    client = browser(world, None)
    form = {"receipt": "rc1", "acknowledged": "1", "acknowledged_at": "1700000000"}
    assert client.post(path + "x", form).status_code == 403
    assert client.post(path, {"acknowledged": "0"}).status_code == 204
    assert callout(world).state == "waiting"
    assert client.post(path, form).status_code == 204
    assert client.post(path, form).status_code == 204
    assert (callout(world).state, callout(world).acknowledged_via) == ("acknowledged", "push")


def test_an_address_that_opens_something_is_masked_in_the_log():
    assert "hush" not in masked(f"POST https://api.telegram.org/bot{BOT}/sendMessage")
    assert "aBcDeF" not in masked("POST /callbacks/pushover/0192-a/aBcDeFgHiJkLmNoPqR 204")
