"""The page's one sentence in each language: the core's own words in English, the same facts in the others."""

from __future__ import annotations

from quarterdeck.core.status.shapes import PageSnapshot

from .spoken import Tongue
from .words import Words

_NAMED = 3


def sentence(page: PageSnapshot, words: Words, tongue: Tongue) -> str:
    """Titles of open incidents; else what is not well; else that all is. Plain text, one line."""
    titles = [tongue.title(i).text.rstrip(". ") for i in page.open_incidents if i.title]
    if titles and len(titles) <= _NAMED:
        return " ".join(("; ".join(titles) + ".").split())
    if words.language == "en" == tongue.first:
        return " ".join(page.verdict.sentence.split())
    troubled = [v for g in page.groups for v in g.components if v.state != "operational" and not v.inherited]
    if troubled and not titles and len(troubled) <= _NAMED:
        return " ".join(f"{tongue.name(v.component)}: {words.state(v.state)}." for v in troubled)
    return f"{words.t[f'verdict_{page.verdict.indicator}']}."
