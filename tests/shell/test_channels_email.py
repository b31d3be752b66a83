"""E-mail: exact bytes, threads, addresses, and what each answer of a mail server leads to."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import getaddresses, parsedate_to_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from quarterdeck.channels.email import Settings, check_address, render, send
from quarterdeck.channels.outcome import GaveUp, Outgoing, Retry, Sent
from quarterdeck.core.kernel.refused import Refused
from support.certificates import authority
from support.smtp_sink import Mail, smtp_sink

AT = datetime(2026, 11, 18, 14, 27, 3, tzinfo=UTC)
PAGE = Outgoing(
    key="page/1/ana",
    to="ana@example.com",
    subject="Käse & <b>Karten</b> kaputt",
    text="Erste Zeile.\n.\n..\nZeile mit Punkt.\n\nUnd ein zweiter Absatz.",
    link="https://quarterdeck.example/ack/x?a=1&b=2",
    thread="INC-1042",
    recipient_name="Ana Ångström",
    at=AT,
)


@pytest.fixture
def sink():
    with smtp_sink() as running:
        yield running


def settings_for(sink, **more) -> Settings:
    base = {"host": "127.0.0.1", "port": sink.port, "tls": "none", "from_address": "pager@ops.example"}
    return Settings(**(base | more))


def parsed(raw: bytes):
    return Mail("", (), raw, False, "").message


def test_a_page_arrives_whole_with_one_recipient(sink):
    outcome = send(PAGE, settings_for(sink))
    assert isinstance(outcome, Sent), outcome
    (mail,) = sink.mails
    assert (mail.mail_from, mail.rcpt_to) == ("pager@ops.example", ("ana@example.com",))
    message = mail.message
    assert message["Subject"] == PAGE.subject
    assert str(message["To"]) == "Ana Ångström <ana@example.com>"
    assert str(message["From"]) == "Quarterdeck <pager@ops.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert parsedate_to_datetime(message["Date"]) == AT
    plain = message.get_body(("plain",)).get_content()
    assert PAGE.text in plain.replace("\r\n", "\n")
    assert PAGE.link in plain
    html = message.get_body(("html",)).get_content()
    assert "&lt;b&gt;Karten&lt;/b&gt;" in html
    assert "<b>Karten" not in html
    assert 'href="https://quarterdeck.example/ack/x?a=1&amp;b=2"' in html
    assert outcome.provider_id == message["Message-ID"]


def test_a_retry_is_the_same_mail_and_another_key_is_not(sink):
    for outgoing in (PAGE, PAGE, replace(PAGE, key="page/2/ana")):
        send(outgoing, settings_for(sink))
    first, again, other = (mail.message["Message-ID"] for mail in sink.mails)
    assert first == again != other
    assert first.endswith("@ops.example>")
    boundary_free = [mail.message.get_body(("plain",)).get_content() for mail in sink.mails]
    assert boundary_free[0] == boundary_free[1]


def test_mails_of_one_incident_hang_together():
    one, two, alone = (
        parsed(render(o)) for o in (PAGE, replace(PAGE, key="other"), replace(PAGE, thread="INC-7"))
    )
    assert one["References"] == one["In-Reply-To"] == two["References"]
    assert one["References"] != alone["References"]
    assert parsed(render(replace(PAGE, thread="")))["References"] is None


def test_only_a_message_to_a_subscriber_offers_to_unsubscribe():
    url = "https://status.example/u/" + "x" * 200
    message = replace(PAGE, kind="message", data={"unsubscribe_url": url})
    raw = render(message)
    assert f"List-Unsubscribe: <{url}>\r\n".encode() in raw
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw
    assert b"List-Unsubscribe" not in render(replace(message, kind="page"))
    assert b"List-Unsubscribe" not in render(
        replace(message, data={"unsubscribe_url": "http://status.example/u"})
    )
    assert b"List-Unsubscribe" not in render(
        replace(message, data={"unsubscribe_url": "https://a/>\r\nBcc: x"})
    )
    assert b"\0" not in render(replace(message, data={"unsubscribe_url": "https://a/\0"}))


@pytest.mark.parametrize(
    "nasty", ["a\r\nBcc: eve@evil.example", "a\nX: y", "a\rX: y", "a\0b", "a\u2028X: y", "\r\n\r\nbody"]
)
def test_no_text_adds_a_header_or_a_recipient(nasty):
    outgoing = replace(
        PAGE, subject=nasty, recipient_name=nasty, thread=nasty, key=nasty, link_label=nasty, text=nasty
    )
    head, _, _ = render(outgoing).partition(b"\r\n\r\n")
    names = [line.partition(b":")[0].lower() for line in head.split(b"\r\n") if line[:1] not in b" \t"]
    assert sorted(names) == sorted(
        b"from to subject date message-id in-reply-to references auto-submitted importance x-priority "
        b"mime-version content-type".split()
    )
    assert b"\0" not in head
    for address in (f"ana@example.com{nasty}", nasty, f"{nasty}@example.com"):
        with pytest.raises(Refused):
            check_address(address)


@given(st.text(alphabet='ab "<>@,;:.\\()é=?', min_size=1, max_size=100))
@example(name='Ana" <eve@evil.example>, "' + "x" * 60)
@example(name='a "' + "x" * 80)
def test_no_name_adds_a_mailbox_however_long_it_is(name):
    raw = render(replace(PAGE, recipient_name=name))
    _, _, rest = raw.partition(b"\r\nTo: ")
    to = rest.partition(b"\r\nSubject:")[0].decode().replace("\r\n", "")
    assert getaddresses([to])[0][1] == "ana@example.com"
    assert len(getaddresses([to])) == 1
    (mailbox,) = parsed(raw)["To"].addresses
    assert mailbox.addr_spec == "ana@example.com"
    # The standard library's reader keeps the space between two encoded words, which stands for nothing.
    assert "".join(mailbox.display_name.split()) == "".join(name.split())


@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=60))
def test_any_text_becomes_a_mail_of_seven_bit_lines(subject, text, name):
    raw = render(replace(PAGE, subject=subject, text=text, recipient_name=name))
    assert max(raw) < 128
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert all(len(one) <= 998 for one in raw.split(b"\r\n"))
    message = parsed(raw)
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative", "text/plain", "text/html",
    ]  # fmt: skip
    assert message["To"].addresses[0].addr_spec == "ana@example.com"


@pytest.mark.parametrize(
    ("given_address", "normal"),
    [
        ("ana@example.com", "ana@example.com"),
        ("  Ana.O'Neill+pager@EXAMPLE.com ", "Ana.O'Neill+pager@example.com"),
        ("ana@bücher.example", "ana@xn--bcher-kva.example"),
        ("root@localhost", "root@localhost"),
    ],
)
def test_an_address_is_brought_into_one_form(given_address, normal):
    assert check_address(given_address) == normal


@pytest.mark.parametrize(
    "address",
    [
        "", "ana", "@example.com", "ana@", "Ana <ana@example.com>", "ana@example.com, ben@example.com",
        "a b@example.com", "ana@exa mple.com", "ana@[127.0.0.1]", "ana@-x.example", "ana@x..example",
        '"a b"@example.com', "änna@example.com", ".ana@example.com", "ana@" + "x" * 64 + ".com",
        "a" * 65 + "@example.com", "ana@example.com\n", "<ana@example.com>",
    ],
)  # fmt: skip
def test_what_is_no_single_plain_address_is_refused(address):
    with pytest.raises(Refused, match="mail address"):
        check_address(address)


@pytest.mark.parametrize(
    ("step", "answer", "kind"),
    [
        ("at_rcpt", "550 5.1.1 no such user", GaveUp),
        ("at_rcpt", "451 4.7.1 greylisted, come back", Retry),
        ("at_data", "554 5.7.1 looks like spam", GaveUp),
        ("at_data", "452 4.3.1 disk full", Retry),
        ("at_mail", "550 5.7.1 not your address", Retry),
        ("at_mail", "421 4.3.2 closing", Retry),
    ],
)
def test_a_refusal_is_for_good_only_where_it_is_about_this_mail(sink, step, answer, kind):
    setattr(sink, step, answer)
    outcome = send(PAGE, settings_for(sink))
    assert type(outcome) is kind
    assert answer[:3] in outcome.why
    if isinstance(outcome, Retry):
        assert not outcome.ambiguous


def test_silence_after_the_text_is_ambiguous_and_ends_in_time(sink):
    sink.stall_seconds = 8.0
    started = time.monotonic()
    outcome = send(PAGE, settings_for(sink, page_timeout_seconds=0.5))
    assert time.monotonic() - started < 6
    assert isinstance(outcome, Retry)
    assert outcome.ambiguous
    assert len(sink.mails) == 1


def test_a_server_that_never_greets_ends_in_time():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        settings = Settings(
            host="127.0.0.1",
            port=silent.getsockname()[1],
            tls="none",
            from_address="pager@ops.example",
            page_timeout_seconds=0.4,
        )
        outcome = send(PAGE, settings)
    assert time.monotonic() - started < 10
    assert outcome == Retry("The mail server gave no answer within 0.4 s.")


def test_a_server_that_is_down_is_tried_again():
    outcome = send(PAGE, Settings(host="127.0.0.1", port=1, tls="none", from_address="pager@ops.example"))
    assert outcome == Retry("The mail server could not be reached.")


def test_nothing_is_sent_before_a_server_is_set_up():
    assert isinstance(send(PAGE, Settings()), GaveUp)


@pytest.mark.parametrize("wrapped", [False, True], ids=["starttls", "tls"])
def test_mail_is_encrypted_and_logged_in(tmp_path, wrapped):
    made = authority(tmp_path, "localhost")
    with smtp_sink(made.server, wrapped=wrapped, users={"pager": "hush"}) as sink:
        settings = Settings(
            host="localhost",
            port=sink.port,
            tls="tls" if wrapped else "starttls",
            user="pager",
            password="hush",
            from_address="pager@ops.example",
            ca_file=str(made.ca_file),
        )
        assert isinstance(send(PAGE, settings), Sent)
        assert (sink.mails[0].encrypted, sink.mails[0].login) == (True, "pager")
        wrong = send(PAGE, replace(settings, password="guess"))
        assert isinstance(wrong, Retry)
        assert "login" in wrong.why
        assert "guess" not in wrong.why
        strange = send(PAGE, replace(settings, user="änna", password="hüsh"))
        assert isinstance(strange, Retry)


def test_a_certificate_nobody_vouches_for_stops_the_mail(tmp_path):
    made = authority(tmp_path, "localhost")
    with smtp_sink(made.server) as sink:
        settings = Settings(host="localhost", port=sink.port, from_address="pager@ops.example")
        outcome = send(PAGE, settings)
    assert isinstance(outcome, Retry)
    assert "certificate" in outcome.why
    assert not sink.mails


def test_a_server_without_encryption_gets_no_mail_in_clear(sink):
    outcome = send(PAGE, settings_for(sink, tls="starttls"))
    assert isinstance(outcome, Retry)
    assert "encryption" in outcome.why
    assert not sink.mails
