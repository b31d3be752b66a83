"""The words of a question without their endings: "payments failing" finds "payment fails", "Zahlungen" finds "Zahlung".

What is stored is compared by parts of words on every store, so only the question has to be cut.
"""

from __future__ import annotations

from django.db.models import Q

MOST_WORDS = 8
# English and German endings, the longer first, each with how many letters must stay before it.
_ENDINGS = (
    ("ings", 4), ("ing", 4), ("ies", 4), ("ied", 4), ("ern", 5), ("es", 4), ("ed", 4), ("en", 5), ("em", 5),
    ("s", 4), ("n", 6), ("e", 5),
)  # fmt: skip
# Letters that stay doubled where an ending goes: call(ing), pass(es), off(s), buzz(es).
_DOUBLES = "lsfz"


def words(q: str) -> tuple[str, ...]:
    """What every answer must contain. In quotation marks a question stands as it is."""
    if len(q) > 2 and q[0] == q[-1] == '"':
        return (q[1:-1],)
    return tuple(dict.fromkeys(stem(w) for w in q.split()[:MOST_WORDS]))


def stem(word: str) -> str:
    """The word without its ending; a name, a number or a short word as it is."""
    if not word.isalpha():
        return word
    low = word.casefold()
    for ending, left in _ENDINGS:
        if low.endswith(ending) and len(low) - len(ending) >= left and not low.endswith("ss"):
            return _single(word[: -len(ending)], ending)
    return word


def _single(word: str, ending: str) -> str:
    last = word[-1].casefold()
    doubled = len(word) > 3 and ending in ("ing", "ings", "ed") and word[-2:].casefold() == last * 2
    return word[:-1] if doubled and last not in _DOUBLES else word


def contains(q: str, *fields: str) -> Q:
    """Every word stands in one of these fields, in capitals or not."""
    found = Q()
    for word in words(q):
        one = Q()
        for field in fields:
            for spelt in _spelt(word):
                one |= Q(**{f"{field}__icontains": spelt})
        found &= one
    return found


def _spelt(word: str) -> tuple[str, ...]:
    """SQLite folds the capitals of ASCII alone: Überlast and überlast are two words to it."""
    if word.isascii():
        return (word,)
    return tuple(dict.fromkeys((word, word.lower(), word.capitalize(), word.upper())))


def excerpt(text: str, q: str, most: int) -> str:
    """The part of a text around the first word that was asked for."""
    flat = " ".join(text.split())
    low = flat.casefold()
    places = [at for w in words(q) if (at := low.find(w.casefold())) >= 0]
    start = max(0, min(places, default=0) - most // 4)
    start = flat.rfind(" ", 0, start) + 1 if start else 0
    cut = flat[start : start + most]
    return f"{'… ' if start else ''}{cut}{' …' if start + most < len(flat) else ''}"
