"""What is said in the language of a page: the translation of a title, a post or a name, else the original."""

from __future__ import annotations

from dataclasses import dataclass

from quarterdeck.core.status.shapes import Component, IncidentView, PostView


@dataclass(frozen=True, slots=True)
class Said:
    """`lang` is the language of the text where it is not the page's own: its translation is pending then."""

    text: str
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Tongue:
    """The language of a page, and the one in which what has no language of its own was written."""

    language: str
    first: str

    def title(self, incident: IncidentView) -> Said:
        translated = incident.titles.get(self.language, "")
        written = (incident.posts[-1].language if incident.posts else "") or self.first
        return self._said(incident.title, written, translated)

    def body(self, post: PostView) -> Said:
        return self._said(post.body, post.language or self.first, post.words.get(self.language, ("", ""))[1])

    def name(self, component: Component) -> str:
        return component.names.get(self.language) or component.name

    def metric(self, names: tuple[tuple[str, str], ...], name: str) -> str:
        return dict(names).get(self.language) or name

    def _said(self, original: str, written: str, translated: str) -> Said:
        if written == self.language or not original.strip():
            return Said(original)
        return Said(translated) if translated else Said(original, written)
