"""Every fixed phrase of the public page, language by language: a new language is one file and one entry here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .arabic import ARABIC
from .english import ENGLISH
from .french import FRENCH
from .german import GERMAN
from .japanese import JAPANESE
from .language import Language
from .portuguese import PORTUGUESE
from .spanish import SPANISH

__all__ = ["LANGUAGES", "Language", "shipped"]

LANGUAGES: Mapping[str, Language] = MappingProxyType(
    {
        "en": ENGLISH,
        "de": GERMAN,
        "fr": FRENCH,
        "es": SPANISH,
        "pt": PORTUGUESE,
        "ja": JAPANESE,
        "ar": ARABIC,
    }
)


def shipped(code: str) -> str:
    """This language, or its main one, where there are phrases in it; else nothing."""
    return next((c for c in (code.lower(), code.lower().partition("-")[0]) if c in LANGUAGES), "")
