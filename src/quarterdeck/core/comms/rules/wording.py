"""Plain words: jargon and abbreviations that readers may not know, and sentences they have to read twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from .. import plain
from ..finding import WARNING, Finding, Known, Reader, Text

LONG_SENTENCE_WORDS = 32
FEWEST_WORDS = 40
_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?](?=\w)[^.!?\n]*)*")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_VOWELS = re.compile(r"[aeiouyäöüéèáíóú]+", re.IGNORECASE)


def findings(text: Text, reader: Reader, known: Known) -> Iterator[Finding]:
    if reader.technical:
        return
    if reader.outside:
        yield from _jargon(text, known)
    yield from _long_sentences(text)
    grade = grade_of(text.whole())
    if grade > reader.grade:
        why = f"It reads like year {grade:.0f} of school; these readers are promised year {reader.grade:.0f}."
        field = max(text.parts(), key=lambda part: len(part[1]))[0]
        yield Finding("reading", WARNING, field, 0, 0, why, "Use shorter sentences and shorter words.")


def _jargon(text: Text, known: Known) -> Iterator[Finding]:
    parts = text.parts()
    for hint in plain.hints(text.whole(), known.acronyms, known.plain):
        for field, said in parts:
            at = said.find(hint.word)
            if at >= 0:
                say = f"Say “{hint.say}”." if hint.say else "Say it in full."
                yield Finding(
                    "jargon", WARNING, field, at, at + len(hint.word),
                    f"“{hint.word}” is not a word of these readers.", say,
                )  # fmt: skip
                break


def _long_sentences(text: Text) -> Iterator[Finding]:
    for field, said in text.parts():
        for sentence in _SENTENCE.finditer(said):
            count = len(sentence[0].split())
            if count > LONG_SENTENCE_WORDS:
                start = sentence.start() + len(sentence[0]) - len(sentence[0].lstrip())
                why = f"This sentence has {count} words."
                yield Finding("sentence", WARNING, field, start, sentence.end(), why, "Make two of it.")


def grade_of(said: str) -> float:
    """Years of school by Flesch and Kincaid; 0 where there is too little text to say. Made for English."""
    words = _WORD.findall(said)
    if len(words) < FEWEST_WORDS:
        return 0.0
    sentences = max(1, sum(1 for s in _SENTENCE.finditer(said) if len(s[0].split()) > 1))
    syllables = sum(map(_syllables, words))
    return max(0.0, 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59)


@lru_cache(maxsize=4096)
def _syllables(word: str) -> int:
    """Kept, for the same text is looked at again at each pause, and most words come again."""
    return max(1, len(_VOWELS.findall(word)) - (word.endswith("e") and len(word) > 3))
