"""What a mail says that reports on one of ours: a delivery status (RFC 3464) or a complaint (RFC 5965). Pure.

It names our mail by its Message-ID, or by the address of its own that it went to; whoever reads this proves the name.
"""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Literal

from quarterdeck.core.kernel.text import line

READ_BYTES = 1024 * 1024
_MOST_PARTS = 60
_REPORT = re.compile(rb"content-type:\s*multipart/report", re.IGNORECASE)
_ID = re.compile(r"<([^<>\s]{3,200})>")
_TAG = re.compile(r"\+(r[0-9]{1,18}\.[a-z0-9_-]{20,64})@", re.IGNORECASE)
Kind = Literal["delivered", "bounced", "failed", "delayed", "complained", "nothing"]


@dataclass(frozen=True, slots=True)
class Returned:
    """`kind`: `bounced` says there is no such mailbox, `failed` only that it was not delivered."""

    kind: Kind
    message_ids: tuple[str, ...]
    words: str


def is_report(raw: bytes) -> bool:
    """Whether a mail says of itself that it is such a report."""
    return bool(_REPORT.search(raw[: 64 * 1024].partition(b"\r\n\r\n")[0].partition(b"\n\n")[0]))


def read(raw: bytes, recipients: tuple[str, ...] = ()) -> Returned:
    """What a report says; `nothing` where it cannot be read or says nothing of use."""
    start = raw[:READ_BYTES]
    if start.lower().count(b"multipart/") > _MOST_PARTS:
        return Returned("nothing", (), "")
    try:
        mail = email.message_from_bytes(start)
        names = [
            m for to in (*recipients, *map(str, mail.get_all("to", [])[:5])) for m in _TAG.findall(to[:2000])
        ]
        names += list(_ids(mail))
        kind, words = _complaint(mail) or _status(mail)
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError):
        return Returned("nothing", (), "")
    return Returned(kind, tuple(dict.fromkeys(n.lower() for n in names))[:10], line(words, 250))


def _parts(mail: Message) -> Iterator[Message]:
    for n, part in enumerate(mail.walk()):
        if n > _MOST_PARTS:
            return
        yield part


def _ids(mail: Message) -> Iterator[str]:
    """The Message-IDs of what was sent back, never that of the report itself."""
    for part in _parts(mail):
        if part is mail:
            continue
        if part.get("message-id"):
            yield from _ID.findall(str(part["message-id"])[:500])
        elif part.get_content_type() in ("text/rfc822-headers", "message/rfc822-headers"):
            head = part.get_payload()
            text = head if isinstance(head, str) else str(head[0] if isinstance(head, list) and head else "")
            for found in re.findall(r"(?im)^message-id:\s*(.{3,300})$", text[:64_000]):
                yield from _ID.findall(found)


def _complaint(mail: Message) -> tuple[Kind, str] | None:
    for part in _parts(mail):
        if part.get_content_type() == "message/feedback-report":
            inner = part.get_payload()
            said = inner[0] if isinstance(inner, list) and inner else email.message_from_string(str(inner))
            kind = str(said.get("feedback-type", "abuse")).strip().lower()[:40]
            return ("nothing", "") if kind == "not-spam" else ("complained", f"Complaint ({kind}).")
    return None


def _status(mail: Message) -> tuple[Kind, str]:
    for part in _parts(mail):
        if part.get_content_type() != "message/delivery-status":
            continue
        blocks = part.get_payload()
        for block in blocks if isinstance(blocks, list) else []:
            action = str(block.get("action", "")).strip().lower()
            status = str(block.get("status", "")).strip()[:12]
            why = str(block.get("diagnostic-code", ""))[:300] or f"Status {status}"
            if action == "failed":
                gone = status.startswith(("5.1.", "5.0.", "5.2.0", "5.2.1", "5.4.4"))
                return ("bounced" if gone else "failed"), why
            if action in ("delivered", "relayed", "expanded"):
                return "delivered", why
            if action == "delayed":
                return "delayed", why
    return "nothing", ""
