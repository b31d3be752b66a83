"""Sends mail through your own SMTP server, one recipient per mail.

Set host, port and encryption (STARTTLS on 587, TLS on 465), and the user and password the server asks for.
The sender's address should be one the server may send for (SPF, DKIM). Mails of one incident form a thread;
a repeat after an unclear end carries the same Message-ID, so that mail programs show it once.

With a reply address such as ack@pages.example.com, a reply to a page answers it: have mails to ack+anything@ there
piped into `quarterdeck mail-in`, or have a provider post them to /callbacks/mail, both with the inbound token.
"""

from __future__ import annotations

import smtplib
from dataclasses import dataclass, field
from datetime import UTC, datetime

from quarterdeck.core.kernel.moments import text
from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.core.kernel.text import line

from . import dkim, smtp_lanes, smtp_session
from .deadlines import MESSAGE_SECONDS, PAGE_SECONDS, Deadline, TooLate
from .guard import refuse_drill
from .mail_message import Sender, check_address, compose, message_id
from .outcome import GaveUp, Lacks, Outcome, Outgoing, Retry, Sent

__all__ = ["KIND", "NAME", "Settings", "check_address", "look", "render", "send"]

KIND = "email"
NAME = "E-mail"
LOOK_SECONDS = 5.0
# What follows the name and a +, in a name of 64 letters at the most (RFC 5321, 4.5.3.1.1).
_MOST_REPLY_NAME = 64 - 1 - 46
_ENCRYPTIONS = ("starttls", "tls", "none")


@dataclass(frozen=True, slots=True)
class Settings:
    """The mail server and the sender. Encryption "none" is for a server inside your own network."""

    host: str = field(default="", metadata={"label": "Mail server"})
    port: int = field(default=587, metadata={"label": "Port"})
    tls: str = field(default="starttls", metadata={"label": "Encryption", "choices": _ENCRYPTIONS})
    user: str = field(default="", metadata={"label": "User"})
    password: str = field(default="", repr=False, metadata={"label": "Password", "secret": True})
    from_address: str = field(default="", metadata={"label": "Sender's address"})
    from_name: str = field(default="Quarterdeck", metadata={"label": "Sender's name"})
    ca_file: str = field(default="", metadata={"label": "File with your own certificate authority"})
    reply_address: str = field(default="", metadata={"label": "Address that takes replies to pages"})
    inbound_token: str = field(
        default="",
        repr=False,
        metadata={"label": "Token of mail that comes in", "secret": True, "checks": True},
    )
    report_address: str = field(
        default="", metadata={"label": "Address that takes reports of anybody", "checks": True}
    )
    inquiry_address: str = field(
        default="", metadata={"label": "Address that takes inquiries of anybody", "checks": True}
    )
    trusted_relay: str = field(
        default="", metadata={"label": "Name of your relay in Authentication-Results", "checks": True}
    )
    message_reply_to: str = field(default="", metadata={"label": "Address that replies to messages go to"})
    leader_reply_to: str = field(
        default="", metadata={"label": "Address that replies to messages in a leader's name go to"}
    )
    bounce_address: str = field(default="", metadata={"label": "Address that takes what cannot be delivered"})
    bulk_connections: int = field(default=4, metadata={"label": "Connections for messages to many"})
    bulk_per_second: int = field(default=0, metadata={"label": "Most mails a second to many (0: no limit)"})
    dkim_domain: str = field(default="", metadata={"label": "Domain that signs (DKIM)"})
    dkim_selector: str = field(default="", metadata={"label": "Selector of its key (DKIM)"})
    dkim_key_file: str = field(default="", metadata={"label": "File with its private key (DKIM)"})
    page_timeout_seconds: float = field(default=PAGE_SECONDS, metadata={"label": "Seconds for a page"})
    message_timeout_seconds: float = field(
        default=MESSAGE_SECONDS, metadata={"label": "Seconds for a message"}
    )

    def __post_init__(self) -> None:
        if self.tls not in _ENCRYPTIONS:
            raise bad("email.tls", f"{self.tls[:20]!r} is not an encryption. Choose starttls, tls or none.")
        if not 1 <= self.port <= 65535:
            raise bad("email.port", f"{self.port} is not a port. Write one from 1 to 65535, such as 587.")
        if "://" in self.host or any(c.isspace() for c in self.host):
            raise bad(
                "email.host", f"{self.host[:80]!r} is not a name. Write it alone, such as mail.example.com."
            )
        if self.from_address:
            try:
                check_address(self.from_address)
            except Refused as refused:
                raise bad("email.from_address", refused.message) from None
        _check_plain("message_reply_to", self.message_reply_to)
        _check_plain("leader_reply_to", self.leader_reply_to)
        _check_plain("bounce_address", self.bounce_address)
        _check_bulk(self.bulk_connections, self.bulk_per_second)
        dkim.check(self.dkim_domain, self.dkim_selector, self.dkim_key_file, self.from_address)
        _check_reply_address(self.reply_address)
        _check_report_address(self.report_address)
        _check_report_address(self.inquiry_address, "inquiry_address")
        if self.inbound_token and (len(self.inbound_token) < 24 or not self.inbound_token.isascii()):
            raise bad("email.inbound_token", "A token has 24 letters and digits or more.")
        for name in ("page_timeout_seconds", "message_timeout_seconds"):
            if getattr(self, name) <= 0:
                raise bad(f"email.{name}", "must be more than 0 seconds.")


def lacks(settings: Settings) -> Lacks:
    """What is still to be set, for `doctor`: nothing that is needed to send is named here, `health_setup` does."""
    taken_in = settings.reply_address or settings.report_address or settings.inquiry_address
    answers = bool(taken_in) == bool(settings.inbound_token)
    missing_one = "inbound_token" if taken_in else "reply_address"
    return Lacks("", "" if answers else missing_one, "" if answers else "replies to pages answer nothing")


def _check_bulk(connections: int, per_second: int) -> None:
    if not 1 <= connections <= 50:
        raise bad("email.bulk_connections", "Give 1 to 50 connections; most relays take 4 to 10.")
    if not 0 <= per_second <= 100_000:
        raise bad("email.bulk_per_second", "Give 0 (no limit) to 100000 mails a second.")


def _check_plain(name: str, address: str) -> None:
    if address:
        try:
            check_address(address)
        except Refused as refused:
            raise bad(f"email.{name}", refused.message) from None


def _check_reply_address(address: str) -> None:
    if not address:
        return
    try:
        plain = check_address(address)
    except Refused as refused:
        raise bad("email.reply_address", refused.message) from None
    if "+" in plain or len(plain.partition("@")[0]) > _MOST_REPLY_NAME:
        raise bad(
            "email.reply_address",
            f"The name before the @ has no + and at most {_MOST_REPLY_NAME} letters, such as ack.",
        )


def _check_report_address(address: str, name: str = "report_address") -> None:
    if not address:
        return
    try:
        plain = check_address(address)
    except Refused as refused:
        raise bad(f"email.{name}", refused.message) from None
    if "+" in plain:
        raise bad(
            f"email.{name}",
            "The name before the @ has no +: what follows one names what a mail is about.",
        )


def render(outgoing: Outgoing, sender: Sender | None = None) -> bytes:
    """The mail as bytes. Pure: the date is the delivery's own, or 1970 where it has none."""
    sender = sender or Sender("quarterdeck@localhost", "Quarterdeck")
    return compose(outgoing, sender, datetime.fromtimestamp(0, UTC))


def send(outgoing: Outgoing, settings: Settings, http: object = None) -> Outcome:
    """One mail, over a connection that another has used before where there is one. `http` is not used: the mail server
    is the operator's own choice.
    """
    refusal = refuse_drill(outgoing)
    if refusal is not None:
        return refusal
    if not settings.host or not settings.from_address:
        return GaveUp(
            "No mail server is set up. Enter its host and the sender's address in the channel's settings."
        )
    sender = Sender(check_address(settings.from_address), settings.from_name, settings.reply_address)
    sender = sender.speaking(outgoing)
    mail = _Mail(sender, check_address(outgoing.to), outgoing, settings)
    is_page = outgoing.kind == "page"
    deadline = Deadline(settings.page_timeout_seconds if is_page else settings.message_timeout_seconds)
    try:
        return _handed_over(mail, server_of(settings), deadline)
    except (OSError, smtplib.SMTPException, TooLate, UnicodeError) as failed:
        return Retry(smtp_session.why(failed, deadline), ambiguous=mail.on_its_way)


def _handed_over(mail: _Mail, server: smtp_session.Server, deadline: Deadline) -> Outcome:
    """A test shows that a connection can be made, so it makes one."""
    if mail.kind != "test":
        try:
            with smtp_session.session(server, deadline, kept=True) as smtp:
                return mail.hand_over(smtp)
        except smtp_session.Stale:
            pass  # the server had hung up in between and was told nothing
    with smtp_session.session(server, deadline) as smtp:
        return mail.hand_over(smtp)


def look(settings: Settings) -> str:
    """Whether the server would let us in: a connection, encryption and login, and no mail. Empty when it does."""
    if not settings.from_address:
        return "No sender's address is set: nothing can be sent."
    deadline = Deadline(LOOK_SECONDS)
    try:
        sender = Sender(check_address(settings.from_address), settings.from_name)
        with smtp_session.session(server_of(settings), deadline) as smtp:
            code, said = smtp.mail(sender.address)
            smtp.putcmd("QUIT")
    except Refused as refused:
        return refused.message
    except (OSError, smtplib.SMTPException, TooLate, UnicodeError) as failed:
        return smtp_session.why(failed, deadline)
    return "" if code == 250 else f"The mail server refuses our sender's address: {code} {_quoted(said)}"


class _Mail:
    """One mail on its way; once its text is sent, an unclear end may still be a delivered mail."""

    def __init__(self, sender: Sender, to: str, outgoing: Outgoing, settings: Settings) -> None:
        self.on_its_way = False
        self._certificate = ""
        self._sender = sender
        self._to = to
        self.kind = outgoing.kind
        self._id = message_id(outgoing.key, sender.domain)
        reply_to = answers_to(settings, outgoing) if outgoing.kind == "message" else ""
        whole = compose(outgoing, sender, datetime.now(UTC), reply_to)
        key = dkim.load(settings.dkim_domain, settings.dkim_selector, settings.dkim_key_file)
        self._bytes = _dotted(dkim.sign(whole, key) + whole if key else whole)

    def hand_over(self, smtp: smtp_session.Session) -> Outcome:
        """Raises what a broken connection raises, and Stale while it is certain that the server has none of it."""
        until = smtp_session.certificate_until(smtp) if self.kind == "test" else None
        self._certificate = f"; certificate valid until {text(until)}" if until else ""
        asked = (f"MAIL FROM:<{self._sender.address}>", f"RCPT TO:<{self._to}>", "DATA")
        answers = smtp.ask(asked)
        code, said = next(answers)
        if code != 250:
            # About our own set-up, not about this mail: it may work once an operator has looked.
            return Retry(f"The mail server refuses our sender's address: {code} {_quoted(said)}")
        code, said = next(answers)
        if code not in (250, 251):
            told = f"The mail server refuses this address: {code} {_quoted(said)}"
            if 500 <= code < 600:
                return GaveUp(told, no_mailbox=smtp_lanes.is_no_mailbox(code, said))
            return Retry(told, address_only=True)
        code, said = next(answers)
        if code != 354:
            return _judged(code, f"The mail server takes no mail now: {code} {_quoted(said)}")
        self.on_its_way = True
        smtp.send(self._bytes)
        code, said = smtp.getreply()
        self.on_its_way = False
        if code != 250:
            return _judged(code, f"The mail server refuses the mail: {code} {_quoted(said)}")
        smtp.is_clean = True
        return Sent(self._id, _quoted(said) + self._certificate)


def answers_to(settings: Settings, outgoing: Outgoing) -> str:
    """Where replies to a message go; "" to its sender. Set by the operator, never by who speaks."""
    in_a_name = bool(outgoing.data.get("from_name"))
    chosen = (in_a_name and settings.leader_reply_to) or settings.message_reply_to
    return check_address(chosen) if chosen else ""


def _judged(code: int, told: str) -> Retry | GaveUp:
    return GaveUp(told) if 500 <= code < 600 else Retry(told)


def server_of(settings: Settings) -> smtp_session.Server:
    """The mail server of these settings, and how to connect to it."""
    return smtp_session.Server(
        host=settings.host,
        port=settings.port,
        tls=settings.tls,
        own_name=Sender(check_address(settings.from_address)).domain,
        user=settings.user,
        password=settings.password,
        ca_file=settings.ca_file,
    )


def _dotted(body: bytes) -> bytes:
    """A mail as DATA wants it (RFC 5321, 4.5.2): a dot that starts a line doubled, a lone dot at the end."""
    stuffed = body.replace(b"\r\n.", b"\r\n..")
    stuffed = b"." + stuffed if stuffed.startswith(b".") else stuffed
    return stuffed + (b"" if stuffed.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def _quoted(said: bytes) -> str:
    return line(said.decode("utf-8", "replace"), 200)
