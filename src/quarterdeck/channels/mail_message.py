"""One mail for one recipient as exact bytes. No text from outside can add a header, a recipient or a part."""

from __future__ import annotations

import hashlib
import re
from binascii import b2a_base64, b2a_qp
from dataclasses import dataclass, replace
from datetime import datetime
from email.errors import MessageError
from email.policy import EmailPolicy
from email.utils import format_datetime
from functools import lru_cache

import idna

from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.core.kernel.text import line

from . import mail_replies, rendering
from .answering import answerable
from .outcome import Outgoing

_LOCAL = re.compile(r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$")
_DOMAIN = re.compile(r"^(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))*$")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")
# Header values that need neither folding nor encoding, and names that need no quotes.
_SHORT = re.compile(r"(?! )[ -~]{1,66}(?<! )")
_VISIBLE = re.compile(r"[!-~]+")
# Bytes in an encoded word, which has at most 75 characters.
_IN_A_WORD = 45
_WORDS = re.compile(r"[A-Za-z0-9]+(?: [A-Za-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who a mail is from; `domain` ends the message ids and must never change with the host that sends. `reply_to` is
    where answers to pages are taken, each at an address of its own made from it.
    """

    address: str
    name: str = ""
    reply_to: str = ""

    def speaking(self, outgoing: Outgoing) -> Sender:
        """As it shows in a message that goes in somebody's name: theirs before ours, at our own address."""
        name = str(outgoing.data.get("from_name", "")) if outgoing.kind == "message" else ""
        name = " ".join(line(name, 80).replace("@", " ").split())
        return replace(self, name=f"{name}, {self.name}" if self.name else name) if name else self

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


def compose(outgoing: Outgoing, sender: Sender, date: datetime, answers_to: str = "") -> bytes:
    """The mail as it goes over the wire: CRLF line ends, 7 bit. Its Message-ID comes from the delivery's key: a repeat
    is the same mail. Raises Refused.

    Put together by hand: `EmailMessage` takes a millisecond for what a storm needs a thousand times.
    """
    ident = message_id(outgoing.key, sender.domain)
    reply_to = _reply_to(outgoing, sender)
    if reply_to:
        outgoing = replace(outgoing, facts=(*outgoing.facts, ANSWER_FACT))
    # Quoted-printable text never holds "=_": no text can end a part, and a repeat has the same bytes.
    border = f"=_{hashlib.sha256(ident.encode()).hexdigest()[:32]}"
    try:
        headers = [
            from_header(sender),
            mailbox("To", outgoing.recipient_name, check_address(outgoing.to)),
            header("Subject", line(rendering.title(outgoing), 250)),
            f"Date: {format_datetime(outgoing.at or date)}",
            f"Message-ID: {ident}",
        ]
        if reply_to or answers_to:
            headers.append(f"Reply-To: <{reply_to or check_address(answers_to)}>")
        if outgoing.thread:
            root = message_id(f"thread {outgoing.thread}", sender.domain)
            headers += [f"In-Reply-To: {root}", f"References: {root}"]
        headers.append("Auto-Submitted: auto-generated")
        if outgoing.kind == "page" and outgoing.urgency == "high":
            headers += ["Importance: high", "X-Priority: 1"]
        headers += _list_headers(outgoing)
        headers += ["MIME-Version: 1.0", f'Content-Type: multipart/alternative;\r\n boundary="{border}"']
        parts = (
            _part("plain", rendering.body_text(outgoing) + rendering.ending_text(outgoing) + "\n"),
            _part("html", rendering.html(outgoing)),
        )
        head = "\r\n".join(headers).encode("ascii")
    except (MessageError, ValueError, UnicodeError) as broken:
        raise bad("mail.compose", "The mail could not be written. Simplify its subject.") from broken
    edge = f"\r\n--{border}".encode()
    return b"".join([head, b"\r\n", *(edge + part for part in parts), edge, b"--\r\n"])


ANSWER_FACT = ("By mail", "Reply with ack, escalate or resolve as the first word.")


def _reply_to(outgoing: Outgoing, sender: Sender) -> str:
    """The address that answers this page; empty where none does. Its link carries what proves it."""
    asked = answerable(outgoing) if sender.reply_to and outgoing.kind == "page" else None
    return mail_replies.reply_address(sender.reply_to, asked.callout_id, asked.token) if asked else ""


def _part(subtype: str, text: str) -> bytes:
    """A part behind its border line, without the line end that belongs to the next border."""
    lines = text.encode("utf-8", "replace").splitlines()
    coded = b2a_qp(b"\n".join(lines) + b"\n", istext=True).replace(b"\n", b"\r\n")
    head = f'\r\nContent-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable'
    return head.encode() + b"\r\n\r\n" + coded


def message_id(key: str, domain: str) -> str:
    """A Message-ID for a key at a domain, in angle brackets; short enough never to be folded."""
    return f"<{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()[:40]}@{domain}>"


_POLICY = EmailPolicy(linesep="\r\n", cte_type="7bit", utf8=False, raise_on_defect=False)


def header(name: str, value: str) -> str:
    """One header without its line end; what is not short and plain is folded and encoded by the standard library."""
    if _SHORT.fullmatch(value) and "=?" not in value:
        return f"{name}: {value}"
    return _folded(name, value)


def _folded(name: str, value: str) -> str:
    return str(_POLICY.header_store_parse(name, value)[1].fold(policy=_POLICY)).removesuffix("\r\n")


def mailbox(title: str, name: str, address: str) -> str:
    """One header with one mailbox in it, without its line end; `address` is a checked one."""
    name = line(name, 100)
    if _WORDS.fullmatch(name) and len(title) + len(name) + len(address) <= 70:
        return f"{title}: {name} <{address}>"
    if not name:
        return f"{title}: {address}"
    # Not by the standard library: where it folds a quoted name it drops the quotes, and a name could add a mailbox.
    return "\r\n ".join([f"{title}: {_encoded(name)}", f"<{address}>"])


def _encoded(text: str) -> str:
    """As encoded words (RFC 2047) of whole characters, one a line."""
    parts = [b""]
    for letter in text:
        coded = letter.encode("utf-8", "replace")
        if len(parts[-1]) + len(coded) > _IN_A_WORD:
            parts.append(b"")
        parts[-1] += coded
    return "\r\n ".join(f"=?utf-8?b?{b2a_base64(part, newline=False).decode()}?=" for part in parts)


@lru_cache(maxsize=16)
def from_header(sender: Sender) -> str:
    return mailbox("From", sender.name, check_address(sender.address))


def _list_headers(outgoing: Outgoing) -> list[str]:
    """RFC 8058 one-click headers, for messages to subscribers whose data carries an https link."""
    url = str(outgoing.data.get("unsubscribe_url", ""))
    if outgoing.kind != "message" or not url.startswith("https://") or not rendering.is_web_link(url):
        return []
    if not _VISIBLE.fullmatch(url) or len(url) > 900:
        return []
    # Written as they are: a folded address is no address to some readers.
    return [f"List-Unsubscribe: <{url}>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click"]


def _bad_address(what: str) -> Refused:
    return bad("mail.address", f"This mail address {what}. Write one such as ana@example.com.")
