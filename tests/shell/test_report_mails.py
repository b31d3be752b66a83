"""Mails of anybody to the address that takes reports: what becomes of them, who is thanked, and who never is."""

from __future__ import annotations

import base64
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from django.test import Client, override_settings

from quarterdeck.channels import mail_reports
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from support.browsing import browser, company
from support.rest import Caller

TOKEN = "in-" * 10
ADDRESS = "problem@pages.example.com"
RELAY = "mx.pages.example.com"
PASSED = f"{RELAY}; dkim=pass (2048 bit) header.d=customer.example; spf=none smtp.mailfrom=x@other.example"


@pytest.fixture
def world(db):
    set_up = {"inbound_token": TOKEN, "report_address": ADDRESS, "trusted_relay": RELAY}
    with override_settings(QUARTERDECK_CALLBACKS={"email": set_up}):
        yield company()


def mail(
    text="The ticket machine in Rafina is dark.", sender="Eva <eva@customer.example>", to=ADDRESS, **headers
):
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"] = sender, to, headers.pop("subject", "Machine is dark")
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


def post(made, token=TOKEN):
    raw = made if isinstance(made, bytes) else made.as_bytes()
    return Client(SERVER_NAME="127.0.0.1").post(
        "/callbacks/mail", raw, content_type="message/rfc822", headers={"Authorization": f"Bearer {token}"}
    )


def thanks():
    return models.Delivery.objects.filter(key__startswith="report-thanks/")


def test_a_mail_of_a_customer_waits_to_be_judged_and_its_sender_is_thanked_once(world):
    made = mail(to="problem+checkout@pages.example.com", Authentication_Results=PASSED)
    told = post(made).json()
    assert told["state"] == "answered", told
    row = models.Report.objects.get()
    assert (row.via, row.state, row.service, row.source_kind, row.verified) == (
        "mail", "new", "checkout", "customer", "DKIM",
    )  # fmt: skip
    assert row.text == "Machine is dark\n\nThe ticket machine in Rafina is dark."
    assert not models.IncidentRow.objects.exists()
    sent = thanks().get()
    assert sent.address == "eva@customer.example" and "dark" not in str(sent.body)
    assert post(made).json() == {"state": "ignored", "text": "It came before."}
    post(mail("Another one", Authentication_Results=PASSED))
    assert (models.Report.objects.count(), thanks().count()) == (2, 1)
    queue = browser(world, "ana").get("/reports").content.decode()
    assert "verified by DKIM" in queue and "Eva &lt;eva@customer.example&gt;" in queue
    rest = Caller(world.find("ana")).get("/reports").json["items"]
    assert [(r["via"], r["sender"], r["verified"]) for r in rest] == [
        ("mail", "eva@customer.example", "DKIM")
    ] * 2
    assert sent.body["subject"].split()[-1] in queue and sent.body["subject"].split()[-1] in told["text"]


@pytest.mark.parametrize(
    "result",
    [
        "",
        "mx.evil.example; dkim=pass header.d=customer.example",
        f"{RELAY}; dkim=fail header.d=customer.example",
        f"{RELAY}; dkim=pass header.d=evil.example",
        f"{RELAY}; dkim=pass header.d=notcustomer.example; spf=pass smtp.mailfrom=a@evil.example",
        f"{RELAY}; dkim=pass header.d=example",
        f"{RELAY}; none",
    ],
)
def test_whoever_may_be_forged_is_not_written_to(world, result):
    made = mail(**({"Authentication_Results": result} if result else {}))
    raw = made.as_bytes()
    if result:  # what the mail brought along below the relay's own word counts for nothing
        raw = raw.replace(b"To:", b"Authentication-Results: " + PASSED.encode() + b"\r\nTo:", 1)
        raw = b"Authentication-Results: " + RELAY.encode() + b"; none\r\n" + raw
    assert post(raw).json()["state"] == "answered"
    assert not thanks().exists()
    assert "sender not verified" in browser(world, "ana").get("/reports").content.decode()


def test_a_colleague_is_thanked_and_named_only_where_it_is_proved(world):
    ben = world.find("ben")
    post(mail(sender=f"Ben <{ben.email.upper()}>"))
    row = models.Report.objects.get()
    assert (row.reported_by, row.verified, row.source_kind) == ("", "known", "employee")
    assert thanks().count() == 1
    domain = ben.email.partition("@")[2]
    post(
        mail("Again", sender=ben.email, Authentication_Results=f"{RELAY}; spf=pass smtp.mailfrom=b@{domain}")
    )
    assert models.Report.objects.latest("id").reported_by == ben.id
    assert thanks().count() == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"List-Id": "<x.example>"},
        {"Return-Path": "<>"}, {"subject": "Out of office: back on Monday"}, {"sender": f"Us <{ADDRESS}>"},
        {"sender": "MAILER-DAEMON@customer.example"},
    ],
)  # fmt: skip
def test_what_machines_send_and_what_comes_back_to_us_is_left_alone(world, headers):
    known = {"Authentication-Results": PASSED} | headers
    sender, subject = known.pop("sender", "Eva <eva@customer.example>"), known.pop("subject", "Re: x")
    assert post(mail(sender=sender, subject=subject, **known)).json()["state"] == "ignored"
    assert not models.Report.objects.exists() and not thanks().exists()


def test_html_files_long_bodies_and_marks_of_direction_are_tamed(world):
    made = mail("x", subject="=?utf-8?b?" + base64.b64encode("Kasse \u202e tot".encode()).decode() + "?=")
    made.clear_content()
    made.set_content(
        "<style>p{}</style><p>Nothing <b>works</b></p><blockquote>Since noon</blockquote>", subtype="html"
    )
    made.add_attachment(b"x" * 200_000, maintype="image", subtype="png", filename="../..\u202e/screen.png")
    post(made)
    row = models.Report.objects.get()
    assert row.text.startswith("Kasse tot\n\n") and "Nothing works" in row.text and "Since noon" in row.text
    assert "\u202e" not in row.text and "screen.png" in row.text and "p{}" not in row.text
    post(mail("word " * 180_000))
    long = models.Report.objects.latest("id")
    assert len(long.text) <= 4000 and long.text.endswith("…")
    page = browser(world, "ana").get("/reports")
    assert page.status_code == 200
    assert post(b"--\n" * 4_000 + b"To: " + ADDRESS.encode()).status_code in (200, 400)
    with pytest.raises(Refused):
        mail_reports.read(b"Content-Type: multipart/mixed\n" * 100, "", RELAY)


def test_one_who_floods_the_queue_is_stopped_and_a_wrong_token_is_refused(world):
    for n in range(12):
        told = post(mail(f"Number {n}")).json()
    assert told["state"] == "refused" and models.Report.objects.count() == 10
    assert post(mail("Somebody else", sender="a@b.example")).json()["state"] == "answered"
    assert post(mail("x"), token="no" * 20).status_code == 403
    assert post(mail("For nobody", to="other@pages.example.com")).json()["state"] == "ignored"


@pytest.mark.parametrize(
    "sender",
    [
        "=?utf-8?q?boss=40customer.example?= <intern@customer.example>",
        "=?utf-8?q?=3Cboss=40customer.example=3E?= <intern@customer.example>",
        "boss@customer.example <intern@customer.example>",
        "boss@customer.example, intern@customer.example",
        "<boss@customer.example> <intern@customer.example>",
        "boss@customer.example)intern@customer.example",
    ],
)
def test_a_name_that_looks_like_an_address_is_not_the_sender(sender):
    raw = f"Authentication-Results: {PASSED}\r\nFrom: {sender}\r\nSubject: x\r\n\r\ntext\r\n".encode()
    assert mail_reports.read(raw, "", RELAY).sender in ("intern@customer.example", "")


@pytest.mark.parametrize(
    ("result", "verified"),
    [
        ('spf=pass smtp.mailfrom="x; dkim=pass header.d=customer.example "@evil.example', ""),
        ("spf=pass (a (b) ; dkim=pass header.d=customer.example ) smtp.mailfrom=evil.example", ""),
        (f"spf=pass ({'x' * 501}; dkim=pass header.d=customer.example ) smtp.mailfrom=evil.example", ""),
        (r"spf=pass (a\) ; dkim=pass header.d=customer.example ) smtp.mailfrom=evil.example", ""),
        ("spf=pass (; dkim=pass header.d=customer.example", ""),
        ('dkim=fail reason="; dkim=pass header.d=customer.example ;"', ""),
        ('dkim=pass (2048-bit (rsa) key) header.d="customer.example" header.b="a/b+c="', "DKIM"),
        ('spf=pass (sender (1.2.3.4) ok) smtp.mailfrom="eva@customer.example"', "SPF"),
    ],
)
def test_what_a_sender_wrote_into_a_result_proves_nothing(result, verified):
    raw = f"Authentication-Results: {RELAY}; {result}\r\nFrom: eva@customer.example\r\n\r\ntext".encode()
    assert mail_reports.read(raw, "", RELAY).verified == verified
