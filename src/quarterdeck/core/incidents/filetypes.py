"""What a file is, by its content and never by its name. The list is short; nothing a browser could run is on it."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

from quarterdeck.core.kernel.refused import Refused, bad
from quarterdeck.core.kernel.text import line

ZIP = "application/zip"
TEXT = "text/plain"
# Type -> the extensions it may have; the first is put behind a name that has none of them.
EXTENSIONS = {
    "image/png": ("png",),
    "image/jpeg": ("jpg", "jpeg"),
    "image/webp": ("webp",),
    "image/gif": ("gif",),
    "application/pdf": ("pdf",),
    ZIP: ("zip", "docx", "xlsx", "pptx", "odt", "ods", "har.zip"),
    "application/gzip": ("gz", "tgz"),
    "application/vnd.tcpdump.pcap": ("pcap", "pcapng"),
    TEXT: (
        "txt", "log", "csv", "tsv", "json", "jsonl", "yaml", "yml", "toml", "md", "sql", "har", "diff", "patch",
        "eml", "ini", "conf",
    ),
}  # fmt: skip
# These, and no others, are shown within a page.
SHOWN = ("image/png", "image/jpeg", "image/webp")
NAME_LIMIT = 120
MOST_PIXELS = 100_000_000
ALLOWED = "PNG, JPEG, WebP and GIF images, PDF, text (logs, CSV, JSON), ZIP, GZIP, packet captures"
_BEGINS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", ZIP),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"\xd4\xc3\xb2\xa1", "application/vnd.tcpdump.pcap"),
    (b"\xa1\xb2\xc3\xd4", "application/vnd.tcpdump.pcap"),
    (b"\x0a\x0d\x0d\x0a", "application/vnd.tcpdump.pcap"),
)
# Text a browser or a viewer would run or draw; found anywhere near the beginning.
_MARKUP = re.compile(
    rb"<\s*(?:!doctype|\?xml|html|head|body|script|svg|iframe|object|embed|meta|link|style|foreignobject|[a-z]+:svg)\b",
    re.IGNORECASE,
)
_LOOK_AT = 64 * 1024
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_PATH = re.compile(r"[/\\:*?\"<>|]+")


@dataclass(frozen=True, slots=True)
class Picture:
    """The size of an image in pixels."""

    width: int
    height: int


def sniff(content: bytes) -> str:
    """The type of a file. Refuses what is empty, and every type that is not on the list."""
    if not content:
        raise bad("file.empty", "The file is empty. Choose one with something in it.", file="empty")
    kind = _type(content)
    if kind in SHOWN and picture(content) is None:
        raise _refused("The picture is damaged or larger than any screen. Save it anew and attach that.")
    return kind


def _type(content: bytes) -> str:
    for begins, kind in _BEGINS:
        if content.startswith(begins):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if _MARKUP.search(content[:_LOOK_AT]) and content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise _refused(
            "SVG, HTML and XML files can carry scripts and are not taken. Attach a PNG or PDF of it, or its text as a "
            "note."
        )
    if _is_text(content):
        return TEXT
    raise _refused(f"Files of this kind are not taken. Taken are: {ALLOWED}.")


def _refused(message: str) -> Refused:
    return bad("file.type", message, file=message)


def _is_text(content: bytes) -> bool:
    if _CONTROL.search(content):
        return False
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def name_of(given: str, kind: str) -> str:
    """The name as it is kept: one line, no folders, no direction marks, an extension of its type at the end."""
    last = line(given.replace("\\", "/"), 1000).rstrip("/").rpartition("/")[2]
    name = " ".join(_PATH.sub("_", last).split()).strip(". ") or "file"
    known = EXTENSIONS[kind]
    suffix = next((e for e in known if name.lower().endswith(f".{e}")), "")
    stem = name[: -len(suffix) - 1] if suffix else name
    ending = name[len(stem) :] if suffix else f".{known[0]}"
    return f"{stem[:NAME_LIMIT].rstrip('. ') or 'file'}{ending}"


def picture(content: bytes) -> Picture | None:
    """The size of a PNG, JPEG or WebP; None for anything else, for what is damaged and for what is too large."""
    try:
        found = _png(content) or _jpeg(content) or _webp(content)
    except (struct.error, IndexError):
        return None
    if found is None or not 0 < found.width * found.height <= MOST_PIXELS:
        return None
    return found


def _png(content: bytes) -> Picture | None:
    if not content.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"):
        return None
    return Picture(*struct.unpack_from(">II", content, 16))


def _jpeg(content: bytes) -> Picture | None:
    if not content.startswith(b"\xff\xd8\xff"):
        return None
    at = 2
    while at + 9 < len(content):
        if content[at] != 0xFF:
            return None
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", content, at + 5)
            return Picture(width, height)
        at += 2 + struct.unpack_from(">H", content, at + 2)[0]
    return None


def _webp(content: bytes) -> Picture | None:
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP":
        return None
    kind = content[12:16]
    if kind == b"VP8X":
        return Picture(
            1 + int.from_bytes(content[24:27], "little"), 1 + int.from_bytes(content[27:30], "little")
        )
    if kind == b"VP8L" and content[20] == 0x2F:
        bits = int.from_bytes(content[21:25], "little")
        return Picture(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    if kind == b"VP8 " and content[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", content, 26)
        return Picture(width & 0x3FFF, height & 0x3FFF)
    return None
