"""Reports by mail: to which address one went, who says to have sent it, and what shows that they did. Pure.

Nothing in a mail is believed but what the operator's own relay wrote at its top.
"""

from __future__ import annotations

import email
import hashlib
import re
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.message import Message
from email.utils import parseaddr

from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.core.kernel.text import clean, line

from . import mail_replies
from .mail_message import check_address

READ_BYTES = 1024 * 1024
MOST_NAMED = 10
_MOST_PARTS, _HEADER = 60, 8000
_TO = ("delivered-to", "x-original-to", "envelope-to", "to", "cc")
_ANGLES = re.compile(r"<([^<>]*)>")
_HARMLESS = re.compile(r"[\w.@+-]*")
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,80}@[A-Za-z0-9.-]{3,253}")


@dataclass(frozen=True, slots=True)
class MailReport:
    """`tag` is what follows the + of the address it went to. `sender` is "" where none can be answered; `verified` says
    by what the relay knows that the sender's domain sent it (DKIM, SPF, DMARC), or nothing.
    """

    tag: str
    sender: str
    name: str
    verified: str
    automatic: str
    subject: str
    text: str
    attached: tuple[str, ...]
    digest: str


def tag_of(raw: bytes, recipients: tuple[str, ...], address: str) -> str | None:
    """Whether a mail went to the address that takes reports: what follows its +, "" for nothing; None if it did not."""
    found = [*recipients]
    try:
        mail = email.message_from_bytes(raw[: 64 * 1024])
        found += [str(v) for name in _TO for v in mail.get_all(name, [])[:20]]
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError):
        pass
    local, _, domain = address.lower().rpartition("@")
    for one in (a for text in found for a in _ADDRESS.findall(text[:4000])):
        name, _, at = one.lower().rpartition("@")
        base, _, tag = name.partition("+")
        if at == domain and base == local:
            return tag[:60]
    return None


def read(raw: bytes, tag: str, relay: str) -> MailReport:
    """A mail as it came over the wire. `relay` is the name that the operator's relay writes into
    Authentication-Results, "" for none. Raises Refused.
    """
    start = raw[:READ_BYTES]
    if start.lower().count(b"multipart/") > _MOST_PARTS or start.count(b"\n--") > 50 * _MOST_PARTS:
        raise bad("mail.parts", "This mail has more parts than any report. Send plain text.")
    try:
        mail = email.message_from_bytes(start)
        name, sender = _sender(mail)
        return MailReport(
            tag=tag,
            sender=sender,
            name=name,
            verified=_verified(mail, relay.lower(), sender.rpartition("@")[2].lower()),
            automatic=mail_replies.automatic(mail),
            subject=line(mail_replies.header_text(mail.get("subject", "")), 200),
            text=clean(mail_replies.text_of(mail, quotes=True), 20_000).strip(),
            attached=_attached(mail),
            digest=hashlib.sha256(raw).hexdigest()[:32],
        )
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError, HeaderParseError) as broken:
        raise bad("mail.unreadable", "This is no mail that can be read. Send plain text.") from broken


def _sender(mail: Message) -> tuple[str, str]:
    """Name and address of the one who says to have written it; "" for an address that nothing can be sent to."""
    all_from = mail.get_all("from", [])
    # Taken apart before it is decoded: an address in a name that was encoded is no address.
    said = str(all_from[0])[:2000] if len(all_from) == 1 else ""
    name, address = parseaddr(said)
    name = line(mail_replies.header_text(name), 100)
    bare = _bare(said)
    plain = _ANGLES.findall(bare) or [bare]
    if len(plain) != 1 or plain[0].strip() != address:
        return name, ""  # two readers would not see the same sender
    try:
        return name, check_address(address.strip()) if address else ""
    except Refused:
        return name, ""


def _verified(mail: Message, relay: str, domain: str) -> str:
    """Only the topmost result of the relay counts: what stands below may have come with the mail."""
    if not relay or not domain:
        return ""
    for value in mail.get_all("authentication-results", [])[:20]:
        ident, _, results = _bare(str(value)).lower().partition(";")
        if (ident.split() or [""])[0] == relay:
            return next((w for part in results.split(";") if (w := _passed(part, domain))), "")
    return ""


def _bare(value: str) -> str:
    """A header without its comments, and of what stands in quotes only plain words: the rest is what a sender chose,
    such as the name before the @ or a greeting. "" where it is longer than any, or where one of them does not end.
    """
    out, quote = [], []
    depth, quoted, escaped = 0, False, False
    for c in value if len(value) <= _HEADER else "(":
        if escaped:
            escaped = False
            quote.append(" ")
        elif c == "\\":
            escaped = True
        elif c == '"' and not depth:
            words = "".join(quote)
            out.append((words if _HARMLESS.fullmatch(words) else "_") if quoted else "")
            quoted, quote = not quoted, []
        elif quoted:
            quote.append(c)
        elif c in "()":
            depth = max(0, depth + (1 if c == "(" else -1))
            out.append(" ")
        elif not depth:
            out.append(c)
    return "" if quoted or depth or escaped else "".join(out)


def _passed(part: str, domain: str) -> str:
    words = part.split()
    said = dict(w.split("=", 1) for w in words[1:] if "=" in w)
    match words[0] if words else "":
        case "dkim=pass":
            signed = said.get("header.d") or said.get("header.i", "").rpartition("@")[2]
            return "DKIM" if _aligned(signed, domain) else ""
        case "spf=pass":
            return "SPF" if _aligned(said.get("smtp.mailfrom", "").rpartition("@")[2], domain) else ""
        case "dmarc=pass":
            return "DMARC" if said.get("header.from", "") == domain else ""
    return ""


def _aligned(proved: str, domain: str) -> bool:
    """The domain itself, or one above it that somebody can own."""
    proved = proved.strip('"<>').rstrip(".")
    return "." in proved and (domain == proved or domain.endswith(f".{proved}"))


def _attached(mail: Message) -> tuple[str, ...]:
    found = []
    for n, part in enumerate(mail.walk()):
        if n > _MOST_PARTS or len(found) >= MOST_NAMED:
            break
        name = part.get_filename()
        if not part.is_multipart() and (name or part.get_content_disposition() == "attachment"):
            found.append(line(mail_replies.header_text(name or "a file without a name"), 100))
    return tuple(found)
