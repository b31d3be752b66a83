"""Times by which something is said to be repaired: nobody can keep that; the next update can be kept (R-213)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..finding import Finding, Known, Reader, Text

_WHEN = (
    r"(?:(?:with)?in|by|before|until|after)\s+(?:about\s+|around\s+|approximately\s+|roughly\s+|less\s+than\s+|"
    r"the\s+next\s+|another\s+|a\s+few\s+|~\s*)*"
    r"(?:\d{1,2}[:.h]\d{2}|\d+(?:\s*(?:-|–|to)\s*\d+)?\s*(?:s|sec|second|m|min|minute|h|hr|hour|day|week)s?\b|"
    r"\d{1,2}\s*(?:am|pm)\b|(?:an?|one|two|three|half\s+an?|ten|thirty)\s+(?:minute|hour|day|moment)s?|"
    r"minutes|hours|noon|midday|midnight|tonight|tomorrow|(?:the\s+)?end\s+of\s+(?:the\s+)?(?:day|week)|today|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day)"
)
_DONE = (
    r"(?:fixed|repaired|resolved|solved|restored|back(?:\s+(?:up|online|to\s+normal|in\s+service))?|up(?:\s+again)?|"
    r"online|available|working(?:\s+again)?|recovered|over|done|finished|completed?|normal)"
)
_AHEAD = (
    r"(?:will|’ll|'ll|should|shall|"
    r"expect(?:s|ed|ing)?|plan(?:s|ned)?|aim(?:s|ing)?|hope|going\s+to|likely\s+to|to)"
)
_PROMISES = (
    re.compile(rf"\b{_AHEAD}\b[^.!?\n]{{0,60}}?\b{_DONE}\b[^.!?\n]{{0,30}}?\b{_WHEN}", re.IGNORECASE),
    re.compile(rf"(?<!was )(?<!were )(?<!been )\b(?<!got )\b{_DONE}\s+{_WHEN}", re.IGNORECASE),
    re.compile(
        rf"\b(?:a\s+|the\s+)?(?:fix|repair|solution|resolution|recovery)\b(?!\s+(?:was|were|has|had))[^.!?\n]{{0,40}}?\b{_WHEN}",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:will|’ll|'ll|going\s+to|expect(?:s|ed)?\s+to|should)\s+(?:be\s+able\s+to\s+)?(?:have\s+)?"
        rf"(?:fix|repair|resolve|solve|restore|recover|finish|complete)\b[^.!?\n]{{0,60}}?\b{_WHEN}",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:ETA|ETR|estimated\s+(?:time\s+(?:of|to)\s+)?(?:repair|fix|resolution|recovery|restoration))\b"
        r"[^.!?\n]{0,25}?\d[^.!?\n]{0,12}",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:\d+|an?|one|two|three)\s*(?:min|minute|hr|hour|h)s?\s+(?:until|till|before)\s+(?:it|this|we|service)\b[^.!?\n]{0,40}",
        re.IGNORECASE,
    ),
)
# What can be promised: to say something again.
_NEWS = re.compile(
    r"\b(?:next\s+(?:update|news)|(?:post|give|send|share|bring|update)\w*\s+(?:you|an?\s+update|news|more)|hear\s+from\s+us)\b",
    re.IGNORECASE,
)
_PAST = re.compile(r"\b(?:was|were|has\s+been|have\s+been|had\s+been)\s+(?:\w+\s+)?$", re.IGNORECASE)
# Without a time and a word of repair nothing is promised: most sentences are read no further.
_TIMED = re.compile(
    r"\d|\b(?:hour|minute|day|moment|noon|mid|night|tonight|week|end|today|tomorrow|\w{3,6}day)",
    re.IGNORECASE,
)
_REPAIR = re.compile(
    r"fix|repair|resol|solv|solution|restor|back|up|online|available|working|recover|over|done|finish|complet|normal|"
    r"et[ar]\b|estimated|until|till|before",
    re.IGNORECASE,
)
# How far back a word that tells of the past may stand.
_NEAR = 80
_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?](?=\d)[^.!?\n]*)*[.!?]?")


def findings(text: Text, reader: Reader, known: Known) -> Iterator[Finding]:
    if reader.technical:
        return
    for field, said in text.parts():
        if not _TIMED.search(said):
            continue
        for sentence in _SENTENCE.finditer(said[:20_000]):
            span = _promise(sentence[0])
            if span is None:
                continue
            start, end = sentence.start() + span[0], sentence.start() + span[1]
            why = f"“{said[start:end][:80]}” promises when it will be repaired."
            say = "Say what you are doing and when the next update comes."
            yield Finding("promise", reader.level, field, start, end, why, say)


def _promise(sentence: str) -> tuple[int, int] | None:
    if not _TIMED.search(sentence) or not _REPAIR.search(sentence):
        return None
    news = _NEWS.search(sentence)
    for pattern in _PROMISES:
        for found in pattern.finditer(sentence):
            past = _PAST.search(sentence[max(0, found.start() - _NEAR) : found.start()])
            if not past and (news is None or news.end() > found.end()):
                return found.span()
    return None
