"""One mail for many recipients: rendered once, with places where each recipient's own bytes are put in.

What goes into a place is encoded before: no name, address or link can add a header, a recipient or a part.
"""

from __future__ import annotations

import hashlib
from binascii import b2a_qp
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from . import dkim, rendering
from .mail_message import Sender, from_header, header, mailbox
from .outcome import Outgoing

_TO, _ID, _HOST = "qdslotto", "qdslotid", "qdslot.invalid"
_URL = f"https://{_HOST}/url"
_LINE = 70


@dataclass(frozen=True, slots=True)
class Slots:
    """What is one recipient's own: a checked address, a name, the Message-ID, and the address that ends it all."""

    to: str
    name: str
    message_id: str
    unsubscribe_url: str = ""


class Template:
    """The mail in pieces. `with_link`: every mail carries the headers of RFC 8058 and the link in its text."""

    def __init__(
        self,
        outgoing: Outgoing,
        sender: Sender,
        date: datetime,
        *,
        with_link: bool,
        reply_to: str = "",
        key: dkim.Key | None = None,
    ) -> None:
        self._key = key
        self._with_link = with_link
        whole = _compose(outgoing, sender, date, with_link, reply_to)
        self._pieces = whole if key is not None else [dotted_piece(p) for p in whole]

    def mail(self, slots: Slots) -> bytes:
        """The mail as DATA wants it, with the lone dot at its end."""
        to = mailbox("To", slots.name, slots.to).encode("ascii")
        values = {_TO: to, _ID: slots.message_id.encode("ascii")}
        if self._with_link:
            url = slots.unsubscribe_url
            values[_URL] = url.encode("ascii")
            values["qp"] = _soft(url)
        text = b"".join([p if isinstance(p, bytes) else values[p] for p in self._pieces])
        if self._key is None:
            return text + b".\r\n"
        signed = dkim.sign(text, self._key) + text
        return signed.replace(b"\r\n.", b"\r\n..") + b".\r\n"


def dotted_piece(piece: bytes | str) -> bytes | str:
    """A dot that starts a line doubled (RFC 5321, 4.5.2). No piece begins at the start of a line with a dot: each one
    follows a header's name or a soft line end that belongs to it.
    """
    return piece.replace(b"\r\n.", b"\r\n..") if isinstance(piece, bytes) else piece


def _compose(
    outgoing: Outgoing, sender: Sender, date: datetime, with_link: bool, reply_to: str
) -> list[bytes | str]:
    """Pieces of bytes, and between them the names of the places."""
    ident = outgoing.key.encode("utf-8", "replace")
    border = f"=_{hashlib.sha256(ident).hexdigest()[:32]}".encode()
    label = str(outgoing.data.get("unsubscribe_label") or "Stop these messages")
    data = {"markdown": str(outgoing.data.get("markdown") or "").replace(_HOST, "invalid")}
    data["language"] = str(outgoing.data.get("language") or "")
    data |= {"unsubscribe_url": _URL, "unsubscribe_label": label} if with_link else {}
    shown = replace(_without_places(outgoing), to="", recipient_name="", data=data)
    found: list[bytes | str] = [from_header(sender).encode("ascii") + b"\r\n", _TO, b"\r\n"]
    lines = [header("Subject", rendering.title(shown)[:250]), f"Date: {_date(outgoing.at or date)}"]
    found += ["\r\n".join(lines).encode("ascii") + b"\r\nMessage-ID: ", _ID, b"\r\n"]
    more = [f"Reply-To: <{reply_to}>"] if reply_to else []
    if outgoing.thread:
        root = f"<{hashlib.sha256(f'thread {outgoing.thread}'.encode()).hexdigest()[:40]}@{sender.domain}>"
        more += [f"In-Reply-To: {root}", f"References: {root}"]
    more.append("Auto-Submitted: auto-generated")
    found.append("\r\n".join(more).encode("ascii") + b"\r\n")
    if with_link:
        found += [b"List-Unsubscribe: <", _URL, b">\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"]
    found.append(
        b'MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary="' + border + b'"\r\n\r\n'
    )
    text = rendering.body_text(shown) + (
        f"\n\n{label.replace(_HOST, 'invalid')}: {_URL}" if with_link else ""
    )
    for subtype, words in (("plain", text + "\n"), ("html", rendering.html(shown))):
        found.append(
            b"--" + border + b"\r\nContent-Type: text/" + subtype.encode() + b'; charset="utf-8"\r\n'
            b"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
        )
        found += _part(words)
        found.append(b"\r\n")
    found.append(b"--" + border + b"--\r\n")
    return found


def _without_places(outgoing: Outgoing) -> Outgoing:
    """A text that names the place of the link would get one, or none be sent at all."""
    facts = tuple((label, value.replace(_HOST, "invalid")) for label, value in outgoing.facts)
    subject, text, link = (
        t.replace(_HOST, "invalid") for t in (outgoing.subject, outgoing.text, outgoing.link)
    )
    return replace(outgoing, subject=subject, text=text, link=link, facts=facts)


def _part(words: str) -> list[bytes | str]:
    """Quoted-printable text; a place in it stands between soft line ends, so that no line grows too long."""
    found: list[bytes | str] = []
    for n, piece in enumerate("\n".join(words.splitlines()).split(_URL)):
        coded = b2a_qp((piece).encode("utf-8", "replace"), istext=True).replace(b"\n", b"\r\n")
        if n:
            found += ["qp", b"=\r\n" + coded]
        else:
            found.append(coded)
        last = found[-1]
        found[-1] = last + b"=\r\n" if isinstance(last, bytes) else last
    # The part itself ends without a soft line end.
    end = found[-1]
    found[-1] = end.removesuffix(b"=\r\n") if isinstance(end, bytes) else end
    return found


def _soft(url: str) -> bytes:
    safe = url.replace("=", "=3D")
    return b"=\r\n".join(safe[n : n + _LINE].encode("ascii") for n in range(0, len(safe), _LINE))


def _date(at: datetime) -> str:
    from email.utils import format_datetime

    return format_datetime(at)


def sequence_of(pieces: Sequence[bytes | str]) -> bytes:
    """The pieces as one text with the names of the places in it, for looking at."""
    return b"".join(p if isinstance(p, bytes) else p.encode() for p in pieces)
