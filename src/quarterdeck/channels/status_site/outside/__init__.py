"""The phrases of what readers meet around a status page, language by language: its door, an address where nothing is,
the end of messages, and how customers say what they think. A new language is one module here.
"""

from __future__ import annotations

from collections.abc import Mapping

from . import ar, de, en, es, fr, ja, pt

PHRASES: Mapping[str, Mapping[str, str]] = {
    "en": en.PHRASES,
    "de": de.PHRASES,
    "fr": fr.PHRASES,
    "es": es.PHRASES,
    "pt": pt.PHRASES,
    "ja": ja.PHRASES,
    "ar": ar.PHRASES,
}


def phrases(language: str, **values: str) -> Mapping[str, str]:
    """All phrases in this language with their places filled, in English where it is none of ours. Plain text."""
    found = PHRASES.get(language, en.PHRASES)
    return {key: _filled(text, values) for key, text in found.items()} if values else found


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text
