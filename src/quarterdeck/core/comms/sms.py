"""How many parts a text message has: 160 letters of the telephone alphabet, or 70 of any other, fewer when joined."""

from __future__ import annotations

from dataclasses import dataclass

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TWICE = frozenset("^{}\\[~]|€\f")


@dataclass(frozen=True, slots=True)
class Segments:
    """`alphabet`: GSM-7 or UCS-2. `left` is how much fits into the last part still."""

    alphabet: str
    length: int
    count: int
    left: int


def segments(text: str) -> Segments:
    """As networks count (GSM 03.38): no character is torn apart between two parts."""
    if all(c in _BASIC or c in _TWICE for c in text):
        return _cut("GSM-7", [2 if c in _TWICE else 1 for c in text], 160, 153)
    return _cut("UCS-2", [2 if ord(c) > 0xFFFF else 1 for c in text], 70, 67)


def _cut(alphabet: str, sizes: list[int], alone: int, joined: int) -> Segments:
    length = sum(sizes)
    if length <= alone:
        return Segments(alphabet, length, 1 if length else 0, alone - length)
    count, used = 1, 0
    for size in sizes:
        if used + size > joined:
            count, used = count + 1, 0
        used += size
    return Segments(alphabet, length, count, joined - used)
