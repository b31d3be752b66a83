"""A zip file whose every byte follows from its contents: stored, one date, names as given. Reading accepts no other
form, so that a byte changed between the files is found like one changed within them.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

_LOCAL = struct.Struct("<IHHHHHIIIHH")
_CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")
_END = struct.Struct("<IHHHHIIH")
_LOCAL_MARK, _CENTRAL_MARK, _END_MARK = 0x04034B50, 0x02014B50, 0x06054B50
_VERSION, _UTF8, _STORED, _MIDNIGHT, _DATE = 20, 0x800, 0, 0, 0x21  # 1980-01-01 00:00
_UNIX, _FILE_MODE = 3 << 8, 0o100644 << 16
LONGEST_NAME = 300
# Beyond it a zip file needs fields that not every program reads.
LARGEST = (1 << 32) - (1 << 26)
MOST_FILES = 65_000
_PIECE = 1 << 20


class Damaged(Exception):
    """These bytes are no container that this product wrote; the message says where."""


class TooLarge(Exception):
    """More than such a file can hold."""


@dataclass(frozen=True, slots=True)
class Part:
    """One file inside: where its content stands, in bytes from the beginning."""

    name: str
    start: int
    size: int

    def pieces(self, data: memoryview) -> Iterator[memoryview]:
        """The content in pieces that fit into memory."""
        for at in range(self.start, self.start + self.size, _PIECE):
            yield data[at : min(at + _PIECE, self.start + self.size)]


def write(out: BinaryIO, files: Iterable[tuple[str, bytes]]) -> int:
    """Write these files in their order; returns the bytes written. Raises TooLarge."""
    at, central, number = 0, bytearray(), 0
    for name, content in files:
        head = _local(name, zlib.crc32(content), len(content))
        central += _listed(name, zlib.crc32(content), len(content), at)
        number += 1
        if at + len(head) + len(content) + len(central) > LARGEST or number > MOST_FILES:
            raise TooLarge
        out.write(head)
        out.write(content)
        at += len(head) + len(content)
    out.write(central)
    end = _end(number, len(central), at)
    out.write(end)
    return at + len(central) + len(end)


def read(data: memoryview) -> list[Part]:
    """The files of a container, in their order. Raises Damaged unless every byte outside their contents is the one
    that `write` would have put there; the contents are for the caller to judge.
    """
    parts: list[Part] = []
    central = bytearray()
    at = 0
    while _mark(data, at, parts) == _LOCAL_MARK:
        part = _one(data, at, parts)
        checksum = 0
        for piece in part.pieces(data):
            checksum = zlib.crc32(piece, checksum)
        if bytes(data[at : part.start]) != _local(part.name, checksum, part.size):
            raise Damaged(f"{part.name}: was changed, or the head before it was (at byte {at} of the file)")
        central += _listed(part.name, checksum, part.size, at)
        parts.append(part)
        at = part.start + part.size
    expected = bytes(central) + _end(len(parts), len(central), at)
    if bytes(data[at:]) != expected:
        raise Damaged(f"the list of files at the end was changed (at byte {_differs(data, at, expected)})")
    return parts


def _mark(data: memoryview, at: int, parts: Sequence[Part]) -> int:
    if at + 4 > len(data):
        raise Damaged(f"the file ends in the middle{_after(parts)} (at byte {at}): it was cut off")
    (mark,) = struct.unpack_from("<I", data, at)
    if mark not in (_LOCAL_MARK, _CENTRAL_MARK, _END_MARK):
        raise Damaged(f"what stands{_after(parts)} is no file (at byte {at})")
    return int(mark)


def _one(data: memoryview, at: int, parts: Sequence[Part]) -> Part:
    if at + _LOCAL.size > len(data):
        raise Damaged(f"the file ends in the middle{_after(parts)} (at byte {at}): it was cut off")
    head = _LOCAL.unpack_from(data, at)
    size, name_size, extra = head[8], head[9], head[10]
    start = at + _LOCAL.size + name_size
    if extra or not 0 < name_size <= LONGEST_NAME or start + size > len(data):
        raise Damaged(f"the head of the file{_after(parts)} was changed (at byte {at})")
    try:
        name = bytes(data[at + _LOCAL.size : start]).decode()
    except UnicodeDecodeError:
        raise Damaged(f"the name of the file{_after(parts)} was changed (at byte {at})") from None
    return Part(name, start, size)


def _after(parts: Sequence[Part]) -> str:
    return f" after {parts[-1].name}" if parts else " at the beginning"


def _differs(data: memoryview, at: int, expected: bytes) -> int:
    for n, (found, wanted) in enumerate(zip(data[at:], expected, strict=False)):
        if found != wanted:
            return at + n
    return at + min(len(data) - at, len(expected))


def _local(name: str, checksum: int, size: int) -> bytes:
    known = name.encode()
    return (
        _LOCAL.pack(
            _LOCAL_MARK, _VERSION, _UTF8, _STORED, _MIDNIGHT, _DATE, checksum, size, size, len(known), 0
        )
        + known
    )


def _listed(name: str, checksum: int, size: int, at: int) -> bytes:
    known = name.encode()
    head = _CENTRAL.pack(
        _CENTRAL_MARK, _UNIX | _VERSION, _VERSION, _UTF8, _STORED, _MIDNIGHT, _DATE, checksum, size, size,
        len(known), 0, 0, 0, 0, _FILE_MODE, at,
    )  # fmt: skip
    return head + known


def _end(number: int, size: int, at: int) -> bytes:
    return _END.pack(_END_MARK, 0, 0, number, number, size, at, 0)
