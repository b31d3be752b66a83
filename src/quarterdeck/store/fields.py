"""Columns that mean the same on SQLite and PostgreSQL, through the ORM and through plain SQL.

An instant is a whole number of microseconds (BIGINT); JSON is canonical text, so a hash over it stays true.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db import models

from quarterdeck.core.kernel.chain import canonical
from quarterdeck.core.kernel.moments import from_micros, micros


class MomentField(models.BigIntegerField):
    """An aware UTC datetime, stored as microseconds since 1970."""

    description = "Instant (microseconds since 1970, UTC)"

    def from_db_value(self, value: int | None, expression: object, connection: object) -> datetime | None:
        return None if value is None else from_micros(value)

    def to_python(self, value: Any) -> datetime | None:
        if value is None or isinstance(value, datetime):
            return value
        return from_micros(int(value))

    def get_prep_value(self, value: Any) -> int | None:
        if isinstance(value, datetime):
            return micros(value)
        return super().get_prep_value(value)


class JsonText(models.TextField):
    """Any JSON value, stored as canonical text."""

    description = "JSON as canonical text"

    def from_db_value(self, value: str | None, expression: object, connection: object) -> Any:
        return None if value is None else json.loads(value)

    def to_python(self, value: Any) -> Any:
        return value

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else canonical(value)

    def value_to_string(self, obj: models.Model) -> str:
        return canonical(self.value_from_object(obj))


def key(**options: Any) -> models.CharField:
    """A primary key: a UUIDv7 as text, the same on both databases."""
    return models.CharField(max_length=40, primary_key=True, **options)


def ref(**options: Any) -> models.CharField:
    """The id of something kept elsewhere, without a foreign key (read tables are disposable)."""
    return models.CharField(max_length=40, **options)
