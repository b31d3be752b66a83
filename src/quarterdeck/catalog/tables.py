"""Reads one TOML file key by key. Never guesses: a key nobody asked for is refused with its file and line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from quarterdeck.core.kernel import moments
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.kernel.text import clean

KEY = re.compile(r"[a-z][a-z0-9_]{0,63}")
_SYNTAX_LINE = re.compile(r"\(at line (\d+), column \d+\)|\(at end of document\)")
_NOTHING: Any = object()


class CatalogError(Refused):
    """A catalogue file cannot be used as it is. `file` is relative to the catalogue, `line` from 1."""

    def __init__(self, file: str, text: str, line: int | None = None) -> None:
        place = f"{file} line {line}" if line else file
        super().__init__("catalog.file", f"{place}: {text}", kind="bad")
        self.file = file
        self.line = line


@lru_cache(maxsize=1024)
def _read(source: str) -> Mapping[str, Any]:
    """The keys of a text. The shipped files are read many times over, and nobody writes into what was read."""
    return tomllib.loads(source)


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """ " Did you mean 'x'?" with a leading space, or "" when nothing is near."""
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    return f" Did you mean {near[0]!r}?" if near else ""


class Table:
    """One table of a file. Every reader names the keys it takes; `done` refuses the rest."""

    def __init__(self, file: str, source: str, data: Mapping[str, Any], above: str = "") -> None:
        self.file = file
        self._source = source
        self._data = data
        self._above = above
        self._asked: list[str] = []

    @classmethod
    def parse(cls, file: str, source: str) -> Table:
        """The whole file as a table. Raises CatalogError with the line where the TOML breaks."""
        try:
            return cls(file, source, _read(source))
        except tomllib.TOMLDecodeError as error:
            found = _SYNTAX_LINE.search(str(error))
            line = int(found[1]) if found and found[1] else None
            reason = _SYNTAX_LINE.sub("", str(error)).strip()
            raise CatalogError(file, f"this is not TOML: {reason}.", line) from error
        except ValueError as error:
            raise CatalogError(
                file, "a number is too long to be one. Write it as a text in quotes."
            ) from error
        except RecursionError as error:
            raise CatalogError(file, "lists or tables are nested too deeply. Write them flat.") from error

    def names(self) -> tuple[str, ...]:
        return tuple(self._data)

    def has(self, key: str) -> bool:
        return key in self._data

    def text(self, key: str, default: str = _NOTHING, *, limit: int = 4_000) -> str:
        value = self._get(key, str, default, 'a text in quotes, such as "scribe"')
        if default is _NOTHING and not value.strip():
            raise self.error(key, f"{key!r} is blank. Write what it is.")
        return clean(value, limit)

    def number(self, key: str, default: int = _NOTHING, *, low: int = 0, high: int = 100_000) -> int:
        value = self._get(key, int, default, "a whole number")
        if not low <= value <= high:
            raise self.error(key, f"{key!r} is {value}. Give a whole number from {low} to {high}.")
        return int(value)

    def flag(self, key: str, default: bool = _NOTHING) -> bool:
        return bool(self._get(key, bool, default, "true or false"))

    def words(self, key: str, default: tuple[str, ...] = _NOTHING) -> tuple[str, ...]:
        value = self._get(key, list, default, 'a list of texts, such as ["scribe", "sme"]')
        if not all(isinstance(word, str) for word in value):
            raise self.error(key, f'{key!r} takes a list of texts, such as ["scribe", "sme"].')
        return tuple(clean(word, 300) for word in value)

    def duration(self, key: str, default: timedelta | None = _NOTHING) -> timedelta | None:
        value = self._get(key, str, default, 'a duration, such as "15m"')
        if value is None or isinstance(value, timedelta):
            return value
        try:
            span = moments.duration(value)
        except (ValueError, OverflowError) as error:
            text = f"{key!r}: {value[:40]!r} is not a duration such as 5m, 24h or 1h 30m."
            raise self.error(key, text) from error
        if not span:
            raise self.error(key, f"{key!r} is no time at all. Leave it out, or give a duration such as 5m.")
        return span

    def table(self, key: str) -> Table:
        """The table below `key`; an empty one when it is left out."""
        value = self._get(key, dict, {}, f"a table, such as [{key}]")
        return Table(self.file, self._source, value, f"{self._above}{key}.")

    def rows(self, key: str) -> tuple[Table, ...]:
        """The tables of an array, as in [[key]]."""
        value = self._get(key, list, [], f"a list of tables, such as [[{key}]]")
        if not all(isinstance(row, dict) for row in value):
            raise self.error(key, f"{key!r} takes a list of tables, such as [[{key}]].")
        return tuple(Table(self.file, self._source, row, f"{self._above}{key}.") for row in value)

    def done(self) -> None:
        """Refuses the first key that nobody asked for."""
        for key in self._data:
            if key not in self._asked:
                where = f" in {self._above.rstrip('.')}" if self._above else ""
                raise self.error(key, f"unknown key {key!r}{where}.{did_you_mean(key, self._asked)}")

    def error(self, key: str, text: str) -> CatalogError:
        return CatalogError(self.file, text, self._line(key))

    def _get(self, key: str, kind: type, default: Any, wanted: str) -> Any:
        self._asked.append(key)
        if key not in self._data:
            if default is _NOTHING:
                below = f" below {self._above.rstrip('.')}" if self._above else ""
                near = did_you_mean(key, [k for k in self._data if k not in self._asked]).replace(
                    "Did you mean", "Is it"
                )
                raise CatalogError(self.file, f"{key!r} is missing{below}. Add it as {wanted}.{near}")
            return default
        value = self._data[key]
        # A bool is an int to Python; `version = true` is a slip all the same.
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.error(key, f"{key!r} takes {wanted}.")
        return value

    def _line(self, key: str) -> int | None:
        word = rf'"?{re.escape(key)}"?'
        head = rf"^\s*{word}\s*=|^\s*\[+[^\]=]*(?<![\w-]){word}\s*\]|[{{,]\s*{word}\s*="
        found = re.search(head, self._source, re.MULTILINE)
        return self._source.count("\n", 0, found.end()) + 1 if found else None
