"""Characters that look like others or turn the text around: what is read is not what stands there."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice

from ..finding import ERROR, MOST, Finding, Known, Reader, Text

_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")
_HIDDEN = re.compile("[\u200b\u2060\ufeff\u00ad\u180e]")
_WORD = re.compile(r"[^\W\d_]+")
_LOOK_ALIKE = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")


def findings(text: Text, reader: Reader, known: Known) -> Iterator[Finding]:
    for field, said in text.parts():
        if said.isascii():
            continue
        for found in islice(_TURNING.finditer(said), MOST):
            why = "A hidden character turns the direction of the text around."
            yield Finding("bidi", ERROR, field, *found.span(), why, "Type the sentence anew.")
        for found in islice(_HIDDEN.finditer(said), MOST):
            yield Finding(
                "hidden",
                reader.level,
                field,
                *found.span(),
                "A hidden character stands here.",
                "Type the word anew.",
            )
        for found in _WORD.finditer(said):
            if not found[0].isascii() and len(_scripts(found[0])) > 1:
                why = f"“{found[0][:40]}” mixes letters of several alphabets that look alike."
                yield Finding("look_alike", reader.level, field, *found.span(), why, "Type the word anew.")


def _scripts(word: str) -> set[str]:
    names = (unicodedata.name(c, "").split(" ", 1)[0] for c in word)
    return {n for n in names if n in _LOOK_ALIKE}
