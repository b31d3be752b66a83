"""The phrases of subscribing to a status page, language by language: a new language is one module here."""

from __future__ import annotations

from collections.abc import Mapping

from . import ar, de, en, es, fr, ja, pt

LANGUAGES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    module.CODE: (module.NAME, module.PHRASES) for module in (en, de, fr, es, pt, ja, ar)
}


def phrases(language: str) -> Mapping[str, str]:
    """All phrases in this language, or its main one; in English where there is none."""
    found = LANGUAGES.get(language) or LANGUAGES.get(language.partition("-")[0])
    return found[1] if found else en.PHRASES


def said(language: str, key: str, **values: str) -> str:
    """A phrase with its places filled. The result is plain text."""
    text = phrases(language)[key]
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text
