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

__all__ = ["LANGUAGES", "Language"]

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
