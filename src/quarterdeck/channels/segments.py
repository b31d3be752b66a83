"""What a text message costs: its alphabet and its segments (3GPP TS 23.038), and the longest text that fits. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from .graphemes import fit, split

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Sent as two: an escape and the character.
_EXTENDED = frozenset("\f^{}\\[~]|€")
_GSM_ONE, _GSM_MORE = 160, 153
_UCS_ONE, _UCS_MORE = 70, 67
# Typography that would make every character of a text cost twice, and what says the same.
_PLAIN = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "‚": "'", "–": "-", "—": "-", "‐": "-",
     "‑": "-", "−": "-", "…": "...", "•": "-", "·": "-", "→": "->", "←": "<-", "≥": ">=", "≤": "<=", "×": "x",
     "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\t": " ", "`": "'"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cost:
    """How a text is sent: "GSM-7" or "UCS-2", and in how many segments it is charged."""

    alphabet: str
    segments: int


def cost(text: str) -> Cost:
    """The alphabet and segments of a text. No character is torn apart between two segments."""
    gsm = is_gsm(text)
    sizes = [_gsm_size(c) if gsm else len(c.encode("utf-16-be", "replace")) // 2 for c in text]
    one, more = (_GSM_ONE, _GSM_MORE) if gsm else (_UCS_ONE, _UCS_MORE)
    name = "GSM-7" if gsm else "UCS-2"
    if sum(sizes) <= one:
        return Cost(name, 1)
    count, used = 1, 0
    for size in sizes:
        if used + size > more:
            count, used = count + 1, 0
        used += size
    return Cost(name, count)


def is_gsm(text: str) -> bool:
    """Whether the telephone's own alphabet has all of it."""
    return all(c in _BASIC or c in _EXTENDED for c in text)


def plain(text: str) -> str:
    """The text with typographic marks made plain, where that lets it go out in the cheaper alphabet."""
    simple = text.translate(_PLAIN)
    return simple if is_gsm(simple) else text


def shortened(text: str, limit: int, tail: str = "") -> str:
    """`text` and `tail` in at most `limit` segments; the text gives way, at a whole character as people count them."""
    text, tail = plain(text), plain(tail)
    if cost(text + tail).segments <= limit:
        return text + tail
    parts = split(text)
    low, high = 0, len(parts)
    while low < high:
        middle = (low + high + 1) // 2
        if cost(_cut(parts, middle) + tail).segments <= limit:
            low = middle
        else:
            high = middle - 1
    return (_cut(parts, low) if low else "") + (tail if low else fit(tail.lstrip(), 1600))


def _cut(parts: list[str], count: int) -> str:
    return "".join(parts[:count]).rstrip() + "..."


def _gsm_size(c: str) -> int:
    return 2 if c in _EXTENDED else 1
