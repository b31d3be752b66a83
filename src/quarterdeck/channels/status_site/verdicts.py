"""The page's one sentence in each language: the core's own words in English, the same facts in the others."""

from __future__ import annotations

from quarterdeck.core.status.shapes import PageSnapshot

from .words import Words

_NAMED = 3


def sentence(page: PageSnapshot, words: Words) -> str:
    """Titles of open incidents; else what is not well; else that all is. Plain text, one line."""
    if words.language == "en":
        return " ".join(page.verdict.sentence.split())
    titles = [incident.title.rstrip(". ") for incident in page.open_incidents if incident.title]
    if titles and len(titles) <= _NAMED:
        return "; ".join(titles) + "."
    troubled = [v for group in page.groups for v in group.components if v.state != "operational"]
    if troubled and not titles and len(troubled) <= _NAMED:
        return " ".join(f"{v.component.name}: {words.state(v.state)}." for v in troubled)
    return f"{words.t[f'verdict_{page.verdict.indicator}']}."
