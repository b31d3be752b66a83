"""One mail for one recipient as exact bytes. No text from outside can add a header, a recipient or a part."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage, Message
from email.policy import EmailPolicy
from email.utils import format_datetime

import idna

from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.core.kernel.text import line

from . import rendering
from .outcome import Outgoing

_LOCAL = re.compile(r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$")
_DOMAIN = re.compile(r"^(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))*$")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")
_VERBATIM = frozenset(
    {"message-id", "in-reply-to", "references", "list-unsubscribe", "list-unsubscribe-post"}
)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who a mail is from; `domain` ends the message ids and must never change with the host that sends."""

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2] or "localhost"


def check_address(to: str) -> str:
    """One plain mail address, its domain in ASCII. Raises Refused (bad) for anything that is more or less."""
    text = to.strip(" ")
    if _CONTROL.search(text):
        raise _bad_address("has a line end or a control character in it")
    local, at, domain = text.rpartition("@")
    if not at or not _LOCAL.match(local) or len(local) > 64:
        raise _bad_address("has no plain name before the @")
    try:
        ascii_domain = domain.lower() if domain.isascii() else idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        raise _bad_address("has a domain that cannot exist") from None
    if not _DOMAIN.match(ascii_domain) or len(local) + len(ascii_domain) > 253:
        raise _bad_address("has a domain that cannot exist")
    return f"{local}@{ascii_domain}"


def compose(outgoing: Outgoing, sender: Sender, date: datetime) -> EmailMessage:
    """The mail; its Message-ID comes from the delivery's key: a repeat is the same mail. Raises Refused."""
    mail = EmailMessage(policy=_POLICY)
    try:
        mail["From"] = _mailbox(sender.name, check_address(sender.address))
        mail["To"] = _mailbox(outgoing.recipient_name, check_address(outgoing.to))
        mail["Subject"] = line(rendering.title(outgoing), 250)
        mail["Date"] = format_datetime(outgoing.at or date)
        mail["Message-ID"] = message_id(outgoing.key, sender.domain)
        if outgoing.thread:
            root = message_id(f"thread {outgoing.thread}", sender.domain)
            mail["In-Reply-To"] = root
            mail["References"] = root
        mail["Auto-Submitted"] = "auto-generated"
        if outgoing.kind == "page" and outgoing.urgency == "high":
            mail["Importance"] = "high"
            mail["X-Priority"] = "1"
        for name, value in _list_headers(outgoing):
            mail[name] = value
        mail.set_content(rendering.body_text(outgoing) + "\n", cte="quoted-printable")
        mail.add_alternative(rendering.html(outgoing), subtype="html", cte="quoted-printable")
        # Quoted-printable text never holds "=_": no text can end a part, and a repeat has the same bytes.
        mail.set_boundary(f"=_{hashlib.sha256(mail['Message-ID'].encode()).hexdigest()[:32]}")
    except (MessageError, ValueError, UnicodeError) as broken:
        raise bad("mail.compose", "The mail could not be written. Simplify its subject.") from broken
    return mail


def message_id(key: str, domain: str) -> str:
    """A Message-ID for a key at a domain, in angle brackets; short enough never to be folded."""
    return f"<{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()[:40]}@{domain}>"


def as_bytes(mail: EmailMessage) -> bytes:
    """The exact bytes that go over the wire, CRLF line ends, 7 bit."""
    return mail.as_bytes(policy=_POLICY)


class _Policy(EmailPolicy):
    """SMTP's line ends; ids and list headers are written as they are, never folded or encoded."""

    def fold(self, name: str, value: str) -> str:
        if name.lower() in _VERBATIM:
            return f"{name}: {value}{self.linesep}"
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower() in _VERBATIM:
            return f"{name}: {value}{self.linesep}".encode("ascii")
        return bytes(super().fold_binary(name, value))


_POLICY: EmailPolicy[Message[str, str]] = _Policy(
    linesep="\r\n", cte_type="7bit", utf8=False, raise_on_defect=False
)


def _mailbox(name: str, address: str) -> Address:
    return Address(display_name=line(name, 100), addr_spec=address)


def _list_headers(outgoing: Outgoing) -> list[tuple[str, str]]:
    """RFC 8058 one-click headers, for messages to subscribers whose data carries an https link."""
    url = str(outgoing.data.get("unsubscribe_url", ""))
    if outgoing.kind != "message" or not url.startswith("https://") or not rendering.is_web_link(url):
        return []
    if not url.isascii() or len(url) > 900:
        return []
    return [("List-Unsubscribe", f"<{url}>"), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")]


def _bad_address(what: str) -> Refused:
    return bad("mail.address", f"This mail address {what}. Write one such as ana@example.com.")
