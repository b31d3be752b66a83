"""Replies to pages by mail: who wrote what in which encoding, what machines send, and what hostile mails lead to."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
from contextlib import suppress
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterdeck.app.comms.links import callout_url, token
from quarterdeck.app.paging import paging
from quarterdeck.channels import mail_replies
from quarterdeck.channels.email import Settings
from quarterdeck.channels.mail_message import Sender, compose
from quarterdeck.channels.outcome import Outgoing
from quarterdeck.core.escalation.policy import Target
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from support.browsing import alert, browser, company, incident
from support.budgets import examples
from support.http_sink import Answer, http_sink

TOKEN = "in-" * 10
QUOTED = "\n\nOn Sun, 22 Nov 2026 at 03:12, Quarterdeck <pager@ops.example> wrote:\n> ack resolve escalate\n"


@pytest.fixture
def world(db):
    with override_settings(QUARTERDECK_CALLBACKS={"email": {"inbound_token": TOKEN}}):
        world = company()
        models.ContactMethod.objects.filter(person=world.find("ben")).exclude(kind="email").delete()
        alert(world)
        yield world


def called(handle="ben"):
    return models.Callout.objects.filter(person__handle=handle).latest("id")


def address(callout):
    return mail_replies.reply_address("ack@pages.example.com", callout.id, token("callout", callout.id))


def reply(text, to="", subject="Re: [Page] Checkout is slow", **headers):
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = "Ben <ben@example.com>", to or address(called()), subject
    mail["Message-ID"] = "<one@example.com>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


def sent_in(world, raw, authorization=f"Bearer {TOKEN}", **more):
    kind = more.pop("kind", "message/rfc822")
    return browser(world, None).post(
        "/callbacks/mail", raw, content_type=kind, HTTP_AUTHORIZATION=authorization, **more
    )


def state():
    return called().state


def test_a_page_names_the_address_that_answers_it(world):
    row = called()
    page = Outgoing(key="k", to="ben@example.com", subject="s", text="t", link=callout_url(row.id))
    raw = compose(page, Sender("pager@ops.example", "", "ack@pages.example.com"), row.created_at).decode()
    written = next(x for x in raw.splitlines() if x.startswith("Reply-To:"))
    assert written == f"Reply-To: <{address(row)}>"
    assert len(address(row).partition("@")[0]) <= 64
    assert "Reply with ack" in raw
    without = compose(page, Sender("pager@ops.example"), row.created_at).decode()
    assert "Reply-To" not in without


@pytest.mark.parametrize(
    "text",
    [
        "ack",
        "ACK",
        "Ack.",
        "acknowledged, on my way",
        "\n\n  ack  \n",
        "ok",
        "Yes!",
        "*ack*",
        "ack" + QUOTED,
        "ack\n-- \nresolve",
    ],
)
def test_a_reply_acknowledges_and_says_so_to_whoever_was_paged(world, text):
    told = sent_in(world, reply(text)).json()
    assert told["state"] == "answered"
    assert (state(), called().acknowledged_via) == ("acknowledged", "mail")
    assert models.Alert.objects.get().acknowledged_by == world.find("ben").id
    world.pass_time(seconds=5)
    (mail,) = [o for _, o in world.outbox.sent if o.kind == "message"]
    assert (mail.to, mail.text) == ("ben@example.com", "Acknowledged. It is yours; nobody else is called.")


@pytest.mark.parametrize("text", ["escalate", "Escalate please", "pass"])
def test_a_reply_passes_a_page_on(world, text):
    sent_in(world, reply(text))
    world.pass_time(seconds=5)
    assert world.pages("cleo")
    assert state() == "waiting"


@pytest.mark.parametrize("text", ["resolved", "Resolve it", "fixed, it was the cache", "done"])
def test_a_reply_resolves_the_alert(world, text):
    sent_in(world, reply(text))
    assert models.Alert.objects.get().status == "resolved"


@pytest.mark.parametrize(
    "text",
    [QUOTED, "", "> ack", "I cannot: ack it yourself", "ok but I am on a train", "yes, who is this?", "No ack", "-- \nack",
     "From: x@example.com\nack", "-----Original Message-----\nack", "_______________\nack", "resolution unknown"],
)  # fmt: skip
def test_what_is_quoted_or_says_something_else_answers_nothing_and_is_told_how(world, text):
    told = sent_in(world, reply(text)).json()
    assert told["state"] == "refused"
    assert "Begin your answer with ack" in told["text"]
    assert state() == "waiting"


@pytest.mark.parametrize(
    "automatic",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; x=y"},
        {"Precedence": "bulk"},
        {"Precedence": "auto_reply"},
        {"X_Auto_Response_Suppress": "All"},
        {"X_Autoreply": "yes"},
        {"Return_Path": "<>"},
        {"List_Id": "<list.example.com>"},
        {"subject": "Automatic reply: [Page] Checkout is slow"},
        {"subject": "Out of Office: away"},
        {"subject": "Re: Out of the office"},
        {"subject": "Abwesenheitsnotiz: Urlaub"},
        {"subject": "Réponse automatique : absence"},
        {"subject": "Undeliverable: page"},
    ],
)
def test_what_a_machine_sends_never_answers_and_gets_no_answer(world, automatic):
    told = sent_in(world, reply("ack", **automatic)).json()
    assert told["state"] == "ignored"
    assert state() == "waiting"
    world.pass_time(seconds=5)
    assert not [o for _, o in world.outbox.sent if o.kind == "message"]


def test_a_bounce_never_answers(world):
    raw = (
        f"From: MAILER-DAEMON@mx.example\r\nTo: {address(called())}\r\nSubject: ack\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nack\r\n--b--\r\n'
    )
    assert sent_in(world, raw.encode()).json()["state"] == "ignored"
    assert state() == "waiting"


def test_an_address_answers_its_own_page_and_no_other(world):
    first = called()
    alert(world, "Search is slow", "second")
    second = called()
    assert first.id != second.id
    here, there = address(first), address(second)
    mixed = here[: here.index("+") + 27] + there[there.index("+") + 27 :]
    assert sent_in(world, reply("ack", to=mixed)).json()["state"] == "ignored"
    sent_in(world, reply("ack", to=there.upper()))
    first.refresh_from_db()
    assert (first.state, state()) == ("waiting", "acknowledged"), (
        "mail servers may change the case of an address"
    )


def test_the_envelope_may_say_the_address_where_the_headers_do_not(world):
    sent_in(world, reply("ack", to="ben@example.com"), HTTP_X_RECIPIENT=address(called()))
    assert state() == "acknowledged"


def test_the_same_mail_once_more_changes_nothing_and_is_answered_once(world):
    for _ in range(3):
        sent_in(world, reply("ack"))
    world.pass_time(seconds=5)
    assert len([o for _, o in world.outbox.sent if o.kind == "message"]) == 1


def test_a_reply_that_comes_too_late_is_told_who_was_faster(world):
    world.pass_time(minutes=6)
    late = called()
    browser(world, None).post("/c/" + callout_url(called("cleo").id).partition("/c/")[2])
    for text in ("ack", "resolve"):
        told = sent_in(world, reply(text, to=address(late))).json()
        assert told["state"] == "refused"
        assert "Cleo Marsh" in told["text"]
    late.refresh_from_db()
    assert late.state == "cancelled"
    assert models.Alert.objects.get().status == "acknowledged"


def test_a_page_that_is_too_old_or_restricted_is_not_answered_by_mail(world):
    models.Callout.objects.update(expires_at=world.now - timedelta(minutes=1))
    assert "too old" in sent_in(world, reply("ack")).json()["text"]
    key = incident(world, restricted=True)
    paging.page(world.act("ben"), [Target("person", world.find("cleo").id)], "x", "Come", incident_id=key)
    row = called("cleo")
    assert sent_in(world, reply("ack", to=address(row))).json()["state"] == "refused"
    assert called("cleo").state == "waiting"


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer x", f"Token {TOKEN}", "Basic !!!", "Bearer \xfc"]
)
def test_without_the_token_nothing_is_taken(world, authorization):
    assert sent_in(world, reply("ack"), authorization).status_code == 403
    assert state() == "waiting"
    with override_settings(QUARTERDECK_CALLBACKS={}):
        assert sent_in(world, reply("ack"), "Bearer ").status_code == 403


def _basic():
    return "Basic " + base64.b64encode(f"mail:{TOKEN}".encode()).decode()


def test_providers_post_the_whole_mail_in_their_own_fields(world):
    raw = reply("ack", to="ben@example.com").decode()
    given = {
        "email": {"email": raw, "envelope": json.dumps({"to": [address(called())], "from": "x"})},
        "body-mime": {"body-mime": raw, "recipient": address(called())},
    }
    for fields in given.values():
        models.Callout.objects.update(state="waiting")
        answer = browser(world, None).post("/callbacks/mail", fields, HTTP_AUTHORIZATION=_basic())
        assert answer.json()["state"] == "answered", answer.content
    told = json.dumps({"RawEmail": raw, "OriginalRecipient": address(called())})
    assert sent_in(world, told.encode(), _basic(), kind="application/json").json()["state"] == "answered"


ODD = {
    "base64": ('Content-Type: text/plain; charset="utf-8"\nContent-Transfer-Encoding: base64\n\nYWNrIPCfkY0NCg==\n', True),
    "quoted": ("Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nack =E9t=E9\n", True),
    "utf-16": ("Content-Type: text/plain; charset=utf-16le\nContent-Transfer-Encoding: base64\n\nYQBjAGsA\n", True),
    "bom": ("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n77u/YWNr\n", True),
    "no charset": ("Content-Type: text/plain\n\nack \xe9\n", True),
    "charset that is none": ("Content-Type: text/plain; charset=klingon\n\nack\n", True),
    "charset that expands": ("Content-Type: text/plain; charset=zlib_codec\n\nack\n", True),
    "charset of host names": ("Content-Type: text/plain; charset=punycode\n\nack\n", True),
    "html alone": ("Content-Type: text/html; charset=utf-8\n\n<style>x</style><div dir=ltr>ACK</div><blockquote>resolve</blockquote>\n", True),
    "html quoted": ('Content-Type: text/html\n\n<div class="gmail_quote">ack</div>\n', False),
    "html of outlook": ('Content-Type: text/html\n\n<p>Ack</p><div id="divRplyFwdMsg">resolve</div>\n', True),
    "alternative": (
        'Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nack\n--b\nContent-Type: text/html\n\n<p>resolve</p>\n--b--\n', True,
    ),
    "attachment first": (
        'Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\nContent-Disposition: attachment\n\nresolve\n--b\nContent-Type: text/plain\n\nack\n--b--\n', True,
    ),
    "cut off": ('Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nack\n', True),
    "no header at all": ("\nack\n", True),
    "german quote": ("Content-Type: text/plain; charset=utf-8\n\nack\n\nAm 22.11.2026 um 03:12 schrieb Quarterdeck:\n> resolve\n", True),
    "german quote alone": ("Content-Type: text/plain\n\nAm 22.11.2026 um 03:12 schrieb Quarterdeck:\nack\n", False),
    "broken quote": ("Content-Type: text/plain\n\nOn Sun, 22 Nov 2026 at 03:12, Quarterdeck\n<pager@ops.example> wrote:\nack\n", False),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_odd_encodings_and_shapes_are_read_as_their_writer_meant(name):
    body, acknowledges = ODD[name]
    raw = f"From: b@example.com\nTo: x@example.com\nSubject: =?utf-8?q?Re=3A_x?=\n{body}".encode(
        "latin-1", "replace"
    )
    assert (mail_replies.read(raw).word == "acknowledge") is acknowledges


def test_an_encoded_subject_of_a_machine_is_recognised():
    subject = "=?utf-8?b?" + base64.b64encode("Automatische Antwort: Käse".encode()).decode() + "?="
    assert mail_replies.read(f"From: b@example.com\nSubject: {subject}\n\nack\n".encode()).automatic


BOMBS = {
    "nested": b"Content-Type: multipart/mixed; boundary=0\n\n"
    + b"".join(b"--%d\nContent-Type: multipart/mixed; boundary=%d\n\n" % (n, n + 1) for n in range(20_000)),
    "nested a little": b"Content-Type: multipart/mixed; boundary=0\n\n"
    + b"".join(b"--%d\nContent-Type: multipart/mixed; boundary=%d\n\n" % (n, n + 1) for n in range(39)),
    "parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 100_000,
    "headers": b"X: y\n" * 200_000 + b"\nack\n",
    "one header": b"To: " + b"a+" * 400_000 + b"\n\nack\n",
    "subject": b"Subject: " + b"=?utf-8?q?" * 50_000 + b"\n\nack\n",
    "html": b"Content-Type: text/html\n\n" + b"<" * 200_000,
    "html comments": b"Content-Type: text/html\n\n" + b"<!--" * 200_000,
    "line": b"\n" + b"on " * 300_000,
    "nothing": b"\0" * 500_000,
    "content type": b"Content-Type: multipart/mixed; " + b"a*0*=x;" * 100_000 + b"\n\nack",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_mail_made_to_hang_is_over_at_once(name):
    began = time.perf_counter()
    with suppress(Refused):
        mail_replies.read(BOMBS[name])
    assert time.perf_counter() - began < 20


@settings(max_examples=examples(150), deadline=None)
@given(
    st.binary(max_size=2000),
    st.sampled_from([b"", b"Content-Type: multipart/mixed; boundary=b\n\n--b\n", b"Subject: =?", b"To: "]),
)
def test_whatever_comes_is_read_or_refused(raw, start):
    with suppress(Refused):
        mail_replies.read(start + raw)


def test_hostile_bodies_are_refused_and_give_no_fault(world):
    for kind, body in [
        ("application/json", b"[" * 100_000), ("application/json", b"{}"), ("application/json", b'{"RawEmail": 5}'),
        ("multipart/form-data; boundary=x", b"nonsense"), ("message/rfc822", b""), ("multipart/form-data", b"x"),
        ("application/x-www-form-urlencoded", b"email="), ("message/rfc822", BOMBS["nested"]),
    ]:  # fmt: skip
        answer = sent_in(world, body, kind=kind)
        assert 400 <= answer.status_code < 500, (kind, body[:40], answer.status_code)
    assert browser(world, None).get("/callbacks/mail").status_code == 405


@pytest.mark.parametrize(
    "values",
    [
        {"reply_address": "no address"},
        {"reply_address": "a+b@x.example"},
        {"reply_address": "a" * 18 + "@x.example"},
        {"inbound_token": "short"},
    ],
)
def test_a_reply_address_that_could_not_work_is_refused(values):
    with pytest.raises(Refused, match="email"):
        Settings(**values)


def pipe(raw, *words, token_=TOKEN):
    command = [sys.executable, "-c", "from quarterdeck.cli.main import main; main()", "mail-in", *words]
    return subprocess.run(
        command,
        input=raw,
        env={"QUARTERDECK_MAIL_TOKEN": token_, "PATH": "/usr/bin"},
        capture_output=True,
        timeout=60,
        check=False,
    )


def test_the_pipe_speaks_to_mail_servers_by_its_exit_codes():
    nobody = ("--url", "http://127.0.0.1:9")
    assert pipe(b"x", *nobody).returncode == 75, "tried again"
    assert pipe(b"x" * 10_000_000, *nobody).returncode == 65, "too long"
    assert pipe(b"x", *nobody, token_="").returncode == 78, "not set up"


@pytest.mark.parametrize("kind", ["message/rfc822", "application/x-www-form-urlencoded", "application/json"])
def test_a_mail_of_ten_megabytes_is_refused_as_too_long(world, kind):
    raw = reply("ack") if kind == "message/rfc822" else b"email="
    assert sent_in(world, raw + b"x" * 10_000_000, kind=kind).status_code == 413
    assert state() == "waiting"


@pytest.mark.parametrize(
    ("status", "body", "code", "said"),
    [(200, b'{"state":"answered","text":"Yours."}', 0, "answered: Yours."), (400, b"no mail", 0, "dropped"),
     (403, b"", 78, "inbound_token"), (413, b"", 65, "too long"), (503, b"", 75, "tried again")],
)  # fmt: skip
def test_the_pipe_hands_a_mail_over_whole_and_tells_what_came_of_it(status, body, code, said):
    with http_sink() as sink:
        sink.answer(Answer(status, body))
        told = pipe(
            b"Subject: x\r\n\r\nack\r\n",
            "--url",
            f"http://127.0.0.1:{sink.port}",
            "--recipient",
            "ack+x@y.example",
        )
    (arrived,) = sink.arrived
    assert (arrived.path, arrived.body) == ("/callbacks/mail", b"Subject: x\r\n\r\nack\r\n")
    assert arrived.headers["authorization"] == f"Bearer {TOKEN}"
    assert arrived.headers["x-recipient"] == "ack+x@y.example"
    assert told.returncode == code
    assert said in (told.stdout + told.stderr).decode()
