"""Answers by mail: the address that answers one page, and what somebody wrote in a reply. Pure; believes no header but
the address, which nobody can guess.

Only what stands above the quoted text counts, and nothing that a machine sent by itself.
"""

from __future__ import annotations

import email
import hashlib
import re
import uuid
from base64 import b32decode, b32encode
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from html.parser import HTMLParser
from typing import Literal

from quarterdeck.core.kernel.refused import bad
from quarterdeck.core.kernel.text import clean, line

Word = Literal["acknowledge", "escalate", "resolve", ""]

# What people write stands in the beginning; attachments come behind it.
READ_BYTES = 256 * 1024
_TEXT_BYTES, _MOST_PARTS = 16 * 1024, 40
_ID_LETTERS, _SEAL_LETTERS, _SEAL_BYTES = 26, 20, 12
_TAGGED = re.compile(rf"\+([a-z2-7]{{{_ID_LETTERS}}})([a-z2-7]{{{_SEAL_LETTERS}}})@", re.IGNORECASE)
_TO = ("delivered-to", "x-original-to", "envelope-to", "to", "cc")

_WORDS: dict[str, Word] = {
    "ack": "acknowledge", "acknowledge": "acknowledge", "acknowledged": "acknowledge",
    "escalate": "escalate", "escalated": "escalate", "pass": "escalate", "next": "escalate",
    "resolve": "resolve", "resolved": "resolve", "fixed": "resolve",
}  # fmt: skip
# These begin too many sentences: they count where they are all that stands on their line.
_ALONE: dict[str, Word] = {
    "ok": "acknowledge", "okay": "acknowledge", "yes": "acknowledge", "mine": "acknowledge", "done": "resolve",
}  # fmt: skip
_QUOTE = re.compile(
    r"^\s*(?:[>|]|-{2,}\s*(?:original|forwarded|urspr|message d'origine)|_{5,}\s*$|-- ?$|from:\s|von:\s|de\s?:\s"
    r"|(?:on|am|le|el|il|op|den|em)\b.{4,300}(?:wrote|schrieb|écrit|escribió|scritto|schreef|skrev|escreveu)\b)",
    re.IGNORECASE,
)
_AUTOMATIC_SUBJECT = re.compile(
    r"^\s*(?:(?:re|aw|fwd?):\s*)*(?:auto(?:matic|mated)?[ -]?(?:reply|response|antwort)|auto:|out of (?:the )?office"
    r"|automatische antwort|abwesenheit|abwesend|nicht im b|réponse automatique|absence|respuesta automática"
    r"|fuera de la oficina|risposta automatica|afwezig|undeliver|delivery (?:status|has failed|failure)|returned mail"
    r"|mail delivery|failure notice|vacation)",
    re.IGNORECASE,
)
_MACHINES = re.compile(r"(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply)@", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came in. `tags` are callouts with the seal of their token, from the addresses it went to; `automatic` says
    why no person wrote it, or nothing; `digest` tells one mail from another.
    """

    tags: tuple[tuple[str, str], ...]
    automatic: str
    word: Word
    first_line: str
    digest: str


def seal(token: str) -> str:
    """What proves in an address that it was made for the callout with this token. Mail servers may change its case."""
    return _b32(hashlib.sha256(b"mail" + token.encode()).digest()[:_SEAL_BYTES])


def reply_address(base: str, callout_id: str, token: str) -> str:
    """The address that answers one callout, such as ack+…@pages.example.com; empty for an id that fits none."""
    local, _, domain = base.rpartition("@")
    try:
        known = _b32(uuid.UUID(callout_id).bytes)
    except ValueError:
        return ""
    return f"{local}+{known}{seal(token)}@{domain}"


def read(raw: bytes, recipients: tuple[str, ...] = ()) -> Reply:
    """A mail as it came over the wire; `recipients` are those of its envelope, where they are known. Raises Refused."""
    start = raw[:READ_BYTES]
    if start.lower().count(b"multipart/") > _MOST_PARTS or start.count(b"\n--") > 50 * _MOST_PARTS:
        raise bad("mail.parts", "This mail has more parts than any reply. Answer with plain text.")
    try:
        mail = email.message_from_bytes(start)
        addresses = [*recipients, *(str(v) for name in _TO for v in mail.get_all(name, [])[:20])]
        machine = automatic(mail)
        written = _above_quotes(text_of(mail))
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError) as broken:
        # The library's parser raises these for headers that no program of people writes.
        raise bad("mail.unreadable", "This is no mail that can be read. Answer with plain text.") from broken
    first = next((found for x in written.splitlines() if (found := line(x, 200))), "")
    return Reply(_tags(addresses), machine, _word(first), first, hashlib.sha256(raw).hexdigest()[:32])


def _tags(addresses: list[str]) -> tuple[tuple[str, str], ...]:
    found = []
    for address in addresses:
        for known, sealed in _TAGGED.findall(address[:4000]):
            raw = b32decode(known.upper() + "=" * (-len(known) % 8))
            found.append((str(uuid.UUID(bytes=raw)), sealed.lower()))
    return tuple(dict.fromkeys(found))[:5]


def _word(first: str) -> Word:
    words = [x for x in (re.sub(r"[^\w'-]", "", w).lower() for w in first.split()) if x]
    if not words:
        return ""
    return _WORDS.get(words[0], "") or (_ALONE.get(words[0], "") if len(words) == 1 else "")


def automatic(mail: Message) -> str:
    """Why this was sent by a machine: RFC 3834 and what programs do in its place. Empty for a person's mail."""
    said = {name.lower(): header_text(value) for name, value in mail.items()}
    if said.get("auto-submitted", "no").partition(";")[0].strip().lower() != "no":
        return "it says that it was sent automatically"
    if said.get("precedence", "").strip().lower() in ("bulk", "junk", "list", "auto_reply", "auto-reply"):
        return f"its precedence is {line(said['precedence'], 20)}"
    if said.get("x-auto-response-suppress", "none").strip().lower() != "none":
        return "it asks for no automatic response, as automatic mails do"
    for name in ("x-autoreply", "x-autorespond", "x-auto-reply-from", "list-id", "x-failed-recipients"):
        if name in said:
            return f"it carries {name}"
    if said.get("return-path", "x").strip() in ("<>", ""):
        return "its return path is empty"
    if mail.get_content_type() in ("multipart/report", "message/delivery-status"):
        return "it is a report of a mail server"
    if _MACHINES.search(said.get("from", "")):
        return "its sender is a machine"
    return (
        "its subject is that of an automatic reply"
        if _AUTOMATIC_SUBJECT.match(said.get("subject", ""))
        else ""
    )


def header_text(value: object) -> str:
    """A header's text, decoded where it can be."""
    text = str(value)[:2000]
    try:
        parts = decode_header(text)
    except (HeaderParseError, ValueError):
        return text
    return "".join(_decoded(p, charset or "") if isinstance(p, bytes) else p for p, charset in parts)


def text_of(mail: Message, *, quotes: bool = False) -> str:
    """What was written: the first plain part, else the first of HTML, there without quotes unless they are asked for.
    Attachments are not read.
    """
    html = ""
    for n, part in enumerate(mail.walk()):
        if n > _MOST_PARTS:
            break
        if part.is_multipart() or part.get_content_disposition() == "attachment":
            continue
        kind = part.get_content_type()
        if kind == "text/plain" and (text := _payload(part)).strip():
            return text
        if kind == "text/html" and not html:
            html = _payload(part)
    return _without_tags(html, quotes)


def _payload(part: Message) -> str:
    raw = part.get_payload(decode=True)
    return _decoded(raw[:_TEXT_BYTES], str(part.get_param("charset") or "")) if isinstance(raw, bytes) else ""


_CHARSETS = re.compile(
    r"^(?:utf-?(?:7|8|16|32)|iso-|windows-|cp\d|koi8-|gb|big5|euc|shift|us-ascii|ascii|latin|mac|tis|ks_c|hz|iso2022)",
    re.IGNORECASE,
)


def _decoded(raw: bytes, charset: str) -> str:
    """Text in whatever encoding it says to have, or looks to have."""
    if _CHARSETS.match(charset):
        try:
            return raw.decode(charset, "replace")
        except (LookupError, UnicodeError):
            pass
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _above_quotes(text: str) -> str:
    lines = clean(text.replace("\ufeff", "")).splitlines()
    kept: list[str] = []
    for n, found in enumerate(lines):
        # A long "On … wrote:" is broken by many programs.
        joined = f"{found.rstrip()} {lines[n + 1].strip()}" if n + 1 < len(lines) else found
        if _QUOTE.match(found) or (
            found.strip() and found.rstrip()[-1:] != ":" and _QUOTE_BROKEN.match(joined)
        ):
            break
        kept.append(found)
    return "\n".join(kept)


_QUOTE_BROKEN = re.compile(
    r"^\s*(?:on|am|le|el)\b.{4,300}\b(?:wrote|schrieb|écrit|escribió)\s?:\s*$", re.IGNORECASE
)


class _Words(HTMLParser):
    """The words of a reply in HTML, up to where programs put what they quote."""

    _BREAKS = frozenset({"br", "p", "div", "tr", "li", "h1", "h2", "h3"})
    _SILENT = frozenset({"style", "script", "title", "head"})

    def __init__(self, quotes: bool = False) -> None:
        super().__init__()
        self.words: list[str] = []
        self._quotes = quotes
        self._over = False
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = " ".join(f"{n}={v}" for n, v in attrs if n in ("class", "id")).lower()
        if not self._quotes and (
            tag in ("blockquote", "hr") or re.search(r"quote|divrplyfwdmsg|appendonsend|yahoo_quoted", given)
        ):
            self._over = True
        self._silent += tag in self._SILENT
        if tag in self._BREAKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in self._SILENT and self._silent > 0

    def handle_data(self, data: str) -> None:
        if not self._over and not self._silent:
            self.words.append(data)


def _without_tags(html: str, quotes: bool) -> str:
    reader = _Words(quotes)
    reader.feed(html)
    return "".join(reader.words)


def _b32(raw: bytes) -> str:
    return b32encode(raw).rstrip(b"=").decode().lower()
