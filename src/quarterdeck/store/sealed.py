"""Columns whose value opens a door elsewhere, sealed with a key that is not in the database.

A copy of the database, or of a backup without secrets.json, does not show them. Encrypted with Fernet (AES-128-CBC and
HMAC-SHA256) under a key derived from the installation's own; what a former key sealed still opens.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from . import boxes


class Closed(str):
    """Empty for everybody who reads it; keeps what nobody here can open."""

    sealed: str

    def __new__(cls, sealed: str) -> Closed:
        made = super().__new__(cls, "")
        made.sealed = sealed
        return made


class SealedText(models.TextField):
    """A text that is stored sealed. Reads as "" where its key is lost, and is written back as it was: the key may come
    back. It cannot be searched for.
    """

    description = "Text, sealed"

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str | None:
        return value if not value else opened(value) or Closed(value)

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, Closed):
            return value.sealed
        return seal(value) if isinstance(value, str) and value else value


def seal(text: str) -> str:
    """Never the same twice, so two rows do not show that they hold the same."""
    return boxes.box(*_keys()).encrypt(text.encode()).decode()


def opened(sealed: str) -> str:
    """What was sealed; "" where this process does not hold the key."""
    return boxes.opened(sealed, *_keys())


def _keys() -> tuple[str, ...]:
    return (settings.QUARTERDECK_LINK_KEY, *settings.QUARTERDECK_LINK_KEYS_BEFORE)
