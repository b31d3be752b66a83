"""Catalogue files on their way out and in: one file, or a template with its role cards as a ZIP. Writes nothing.

What comes in is bounded before it is unpacked, and its place is told from what it says where its name does not.
"""

from __future__ import annotations

import io
import lzma
import tomllib
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import PurePosixPath

from quarterdeck import catalog as shipped
from quarterdeck.core.kernel.refused import Refused, bad

from ..act import Act
from . import structures

MOST_BYTES = 2 * 1024 * 1024
_FIXED = (1980, 1, 1, 0, 0, 0)
# What the standard library raises at an archive that is damaged, locked, or packed in a way it does not know.
_UNREADABLE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError, EOFError, OSError, ValueError
)  # fmt: skip


def pack(act: Act, template: str) -> bytes:
    """A template, its role cards and its message texts as a ZIP; the same files give the same bytes."""
    wanted = [
        f
        for f in structures.files(act)
        if f.path == f"templates/{template}.toml"
        or f.path.startswith((f"roles/{template}/", f"messages/{template}/"))
    ]
    if not any(f.kind == "Template" for f in wanted):
        raise Refused("template.unknown", f"There is no template {template!r}.", kind="missing")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as box:
        for f in wanted:
            box.writestr(zipfile.ZipInfo(f.path, _FIXED), f.text)
    return out.getvalue()


def unpack(given: Iterable[tuple[str, bytes]], template: str = "") -> dict[str, str]:
    """Uploaded files as texts by their place in the catalogue. `template` is whose role cards they are, where neither
    name nor text says it. Refused with what is wrong and with which file.
    """
    found: dict[str, str] = {}
    for name, content in given:
        for inner, raw in _inside(name, content):
            text = _text(inner, raw)
            place = _place(inner, text, template)
            if not place:
                raise bad(
                    "file.place",
                    f"Where {inner} belongs is not to be seen from its name or its text. Name it as the catalogue "
                    "does, or choose the template whose role card it is.",
                    file="Name it as the catalogue does.",
                )
            found[place] = text
    if not found:
        raise bad("file.missing", "Choose at least one TOML file, or a ZIP of them.", file="Choose a file.")
    if len(found) > structures.MOST_FILES:
        raise bad("files.count", f"Give at most {structures.MOST_FILES} files.", file="Fewer files.")
    return found


def _inside(name: str, content: bytes) -> Iterable[tuple[str, bytes]]:
    if not content.startswith(b"PK\x03\x04"):
        return [(name, content)]
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as box:
            infos = [i for i in box.infolist() if i.filename.endswith(".toml") and not i.is_dir()]
            if len(infos) > structures.MOST_FILES or sum(i.file_size for i in infos) > MOST_BYTES:
                raise bad(
                    "file.large", f"{name} holds too much. Give fewer or smaller files.", file="Too large."
                )
            # The size a ZIP claims may be a lie: no more than that is ever read.
            return [(i.filename, _bounded(box, i)) for i in infos]
    except _UNREADABLE as e:
        raise bad("file.zip", f"{name} is not a ZIP that can be read.", file="Not a ZIP.") from e


def _bounded(box: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with box.open(info) as f:
        return f.read(min(info.file_size, structures.MOST_LETTERS * 4) + 1)


def _text(name: str, raw: bytes) -> str:
    if len(raw) > structures.MOST_LETTERS * 4:
        raise bad("file.large", f"{name} is too large for a catalogue file.", file="Too large.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise bad("file.encoding", f"{name} is not UTF-8. Save it as UTF-8.", file="Not UTF-8.") from e


def _place(name: str, text: str, template: str) -> str:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    for n in (3, 2, 1):
        end = "/".join(parts[-n:])
        if len(parts) >= n and shipped.is_place(end):
            return end
    # As one file is named when it is downloaded: its place with dots.
    dotted = name.split(".", 2 if name.startswith(("roles.", "messages.")) else 1)
    if shipped.is_place("/".join(dotted)):
        return "/".join(dotted)
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError):
        data = {}
    key = data.get("key")
    if isinstance(key, str) and "phases" in data:
        return _if_place(f"templates/{key}.toml")
    if isinstance(key, str) and "purpose" in data and template:
        return _if_place(f"roles/{template}/{key}.toml")
    if isinstance(data.get("headline"), str) and "body" in data and template:
        return _if_place(f"messages/{template}/{parts[-1] if parts else ''}")
    if isinstance(data.get("source"), str) and isinstance(data.get("target"), str):
        return _if_place(f"mappings/{data['source']}-{data['target']}.toml")
    return ""


def _if_place(path: str) -> str:
    return path if shipped.is_place(path) else ""
