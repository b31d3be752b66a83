"""One spelling for telephone numbers: E.164, as ITU-T writes it down. Never asks anybody whether a number is in use."""

from __future__ import annotations

import re
import unicodedata

from quarterdeck.core.kernel.refused import Refused, bad

# Calling codes by ITU-T E.164: those that stand alone, and ranges of which nearly all are assigned.
_ALONE = (
    "1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 "
    "86 90 91 92 93 94 95 98 211 212 213 216 218 297 298 299 389 420 421 423 800 808 850 852 853 855 856 870 878 880 "
    "881 882 883 886 888 970 971 972 973 974 975 976 977 979 992 993 994 995 996 998"
)
_RANGES = (
    (220, 258), (260, 269), (290, 291), (350, 359), (370, 378), (380, 383), (385, 387), (500, 509), (590, 599),
    (670, 670), (672, 683), (685, 692), (960, 968),
)  # fmt: skip
_CODES = frozenset(_ALONE.split()) | {str(c) for first, last in _RANGES for c in range(first, last + 1)}
# Where the 0 after the calling code belongs to the number.
_ZERO_KEPT = ("39", "378", "379")
_FORMS = "Write it with its country code, such as +49 171 1234567."
_MARKS = re.compile(r"[\s().\-/‐‑‒–—−·]+")
_OPTIONAL_ZERO = re.compile(r"\(\s*0\s*\)")


def e164(text: str) -> str:
    """A number in any usual international spelling as "+" and digits. Raises Refused with what to write.

    Understood are blanks, dots, dashes, slashes and brackets, "00" for "+", "(0)", `tel:`, and any script's digits.
    """
    written = "".join(_plain(c) for c in text.strip() if unicodedata.category(c) != "Cf")
    if written[:4].lower() == "tel:":
        written = written[4:].partition(";")[0]
    kept = _MARKS.sub("", _OPTIONAL_ZERO.sub("\0", written))
    number = "+" + kept[2:] if kept.startswith("00") else kept
    if not number.startswith("+"):
        raise _unusable("has no country code")
    code = _code_of(number[1:])
    zero = "0" if code in _ZERO_KEPT else ""
    digits = number[1:].replace("\0", zero, 1)
    if not (digits.isdigit() and digits.isascii()):
        raise _unusable("has something other than digits in it")
    if not code:
        raise _unusable("begins with a country code that does not exist")
    if not 7 <= len(digits) <= 15:
        raise _unusable("is too short" if len(digits) < 7 else "is too long")
    return f"+{digits}"


def _plain(c: str) -> str:
    """A digit or plus of any script as ASCII; everything else as it is."""
    digit = unicodedata.decimal(c, None)
    return str(digit) if digit is not None else "+" if c in "＋﹢" else c


def _code_of(digits: str) -> str:
    return next((digits[:n] for n in (1, 2, 3) if digits[:n] in _CODES), "")


def _unusable(what: str) -> Refused:
    return bad("phone.number", f"This number {what}. {_FORMS}")
