"""What one row of a contact list says, and why it cannot be taken. Looks nothing up and writes nothing.

A list is hostile until shown otherwise: line ends would add headers to a mail, characters that change direction or look
like others hide who is meant, and a spreadsheet takes a cell for a formula.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# Names of columns people's exports have, in lower case without blanks, "-" and "_".
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "email": ("email", "emailaddress", "mail", "address", "e-mail"),
    "name": ("name", "fullname", "contact", "contactname", "displayname"),
    "phone": ("phone", "mobile", "phonenumber", "sms", "cell"),
    "language": ("language", "lang", "locale"),
    "segments": ("segments", "segment", "lists", "list", "groups", "tags", "components"),
    "consent_source": ("consentsource", "source"),
    "consent_at": ("consentat", "consentdate", "optedinat", "subscribedat"),
    "state": ("state", "status"),
    "events": ("events",),
    "digest": ("digest",),
    "timezone": ("timezone",),
    "quiet_from": ("quietfrom",),
    "quiet_to": ("quietto",),
    "component_groups": ("componentgroups",),
}
WISHES = ("events", "digest", "timezone", "quiet_from", "quiet_to", "component_groups")
NAME_LIMIT, ADDRESS_LIMIT, CELL_LIMIT, MOST_SEGMENTS = 120, 254, 2_000, 20
_BREAKS = re.compile(r"[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x1f\x7f-\x9f\ud800-\udfff]")
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")
_UNSEEN = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200d\u2060-\u2064\u3164\ufeff\uffa0]"
)
_SEGMENT = re.compile(r"[a-z0-9][a-z0-9._-]{0,38}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})?")
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
# Their wide forms count as well where a spreadsheet speaks Japanese or Chinese; blanks before them are left out.
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_BREAKS_OFF = ("\t", "\r", "\n")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row is not taken; `code` counts, `text` says what to do, `value` is what stood there, tamed."""

    code: str
    text: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row that may be taken. The address is as it was written; its domain is still to be checked by who sends."""

    email: str
    name: str = ""
    phone: str = ""
    language: str = ""
    segments: tuple[str, ...] = ()
    consent_source: str = ""
    consent_at: str = ""
    state: str = ""  # where the list comes from, as it says itself
    wishes: tuple[
        tuple[str, str], ...
    ] = ()  # what a subscriber of a page asked for besides, as it was written


def columns_of(header: Sequence[str]) -> dict[str, int]:
    """Which column has what, by its title; a list without titles has one address a row, then a name."""
    found: dict[str, int] = {}
    for n, title in enumerate(header[:100]):
        word = re.sub(r"[\s_]+", "", title.strip().lstrip("\ufeff").lower())
        for field, known in COLUMNS.items():
            if (word in known or word.replace("-", "") in known) and field not in found:
                found[field] = n
    if "email" in found or not header or "@" not in header[0]:
        return found
    return {"email": 0} | ({"name": 1} if len(header) > 1 else {})


def has_titles(header: Sequence[str]) -> bool:
    return not any("@" in cell for cell in header)


def read(cells: Sequence[str], columns: Mapping[str, int]) -> Row | Fault:
    """A row taken apart, or the first reason against it."""
    said = {f: _unguarded(cells[n]) if n < len(cells) else "" for f, n in columns.items()}
    for field, value in said.items():
        fault = _strange(field, value)
        if fault is not None:
            return fault
    said = {f: v.strip() for f, v in said.items()}
    email = said.get("email", "")
    for fault in (_address(email), _mixed(email, "address"), _mixed(said.get("name", ""), "name")):
        if fault is not None:
            return fault
    phone = re.sub(r"[ ()./-]", "", said.get("phone", ""))
    if phone and not _PHONE.fullmatch(phone):
        return Fault(
            "phone", "This number has no + and country code. Write it such as +4915112345678.", shown(phone)
        )
    spoken = language(said.get("language", ""))
    if spoken is None:
        told = "This is no language. Write a code such as en or pt-br."
        return Fault("language", told, shown(said["language"]))
    names = [w for w in re.split(r"[;,|]", said.get("segments", "").lower()) if w.strip()]
    lists = tuple(dict.fromkeys(w.strip().replace(" ", "-") for w in names))
    if len(lists) > MOST_SEGMENTS or not all(map(_SEGMENT.fullmatch, lists)):
        return Fault(
            "segment", "A list has letters, digits, - and _ in its name; 20 at most.", shown(", ".join(lists))
        )
    return Row(
        email, " ".join(said.get("name", "").split())[:NAME_LIMIT], phone, spoken, lists,
        said.get("consent_source", "")[:NAME_LIMIT], said.get("consent_at", ""), said.get("state", "").lower(),
        tuple((f, said[f]) for f in WISHES if said.get(f)),
    )  # fmt: skip


def segment(text: str) -> str | None:
    """The name of one list in its plain form; "" for none, None for what can be no name."""
    found = text.strip().lower().replace(" ", "-")
    return found if not found or _SEGMENT.fullmatch(found) else None


def language(text: str) -> str | None:
    """A code such as "en" or "pt-br"; "" for none, None for what is no code."""
    found = text.strip().lower().replace("_", "-")
    return found if not found or _LANGUAGE.fullmatch(found) else None


def neutral(text: str) -> str:
    """A cell no spreadsheet takes for a formula."""
    begins = text.lstrip().startswith(_FORMULA) or text.lstrip(" ").startswith(_BREAKS_OFF)
    return f"'{text}" if begins else text


def masked(address: str) -> str:
    """Enough of an address or a number for whoever has it to know it, and for nobody else."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}" if at else f"…{address[-3:]}"


def shown(value: str) -> str:
    """What stood in a cell, so that it can be shown: characters nobody sees are named."""
    tamed = "".join(
        c if c.isprintable() and not _UNSEEN.match(c) else f"<U+{ord(c):04X}>" for c in value[:120]
    )
    return tamed if len(tamed) <= 120 else tamed[:119] + "…"


def _unguarded(cell: str) -> str:
    """A cell we neutralised ourselves comes back as it was."""
    return cell[1:] if cell[:1] == "'" and neutral(cell[1:]) == cell else cell


def _strange(field: str, value: str) -> Fault | None:
    what = field.replace("_", " ")
    if len(value) > CELL_LIMIT:
        return Fault(
            "long", f"The {what} is longer than any. Look whether a quote is missing above.", shown(value)
        )
    if _BREAKS.search(value.strip()):
        return Fault(
            "line_end", f"The {what} has a line end in it, which would add a header to a mail.", shown(value)
        )
    if _CONTROL.search(value):
        return Fault("control", f"The {what} has a control character in it.", shown(value))
    if _DIRECTION.search(value):
        return Fault("direction", f"The {what} has a character that turns the text around it.", shown(value))
    if _UNSEEN.search(value):
        return Fault("unseen", f"The {what} has a character in it that nobody sees.", shown(value))
    return None


def _address(email: str) -> Fault | None:
    if not email:
        return Fault("empty", "There is no address in this row.")
    if email.startswith(_FORMULA):
        return Fault("formula", "A formula stands where the address should.", shown(email))
    if len(email) > ADDRESS_LIMIT:
        return Fault("long", "This address is too long to be one.", shown(email))
    local, at, domain = email.rpartition("@")
    if not at or not local or "." not in domain or any(c in email for c in ' ,;:<>()[]\\"'):
        return Fault("address", "This is no mail address. Write one such as ana@example.com.", shown(email))
    if not local.isascii():
        return Fault(
            "letters", "The name before the @ has letters mail servers do not take everywhere.", shown(email)
        )
    return None


def _mixed(text: str, what: str) -> Fault | None:
    """Latin letters with Cyrillic or Greek ones in one word are there to be mistaken for others."""
    if text.isascii():
        return None
    for word in re.split(r"[\s.@-]+", text):
        scripts = {unicodedata.name(c, "").partition(" ")[0] for c in word if c.isalpha()}
        if len(scripts & {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"}) > 1:
            told = f"The {what} mixes alphabets in one word: it looks like another than it is."
            return Fault("lookalike", told, shown(text))
    return None
