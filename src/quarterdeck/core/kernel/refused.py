"""The one exception of the core: a rule says no, in words a tired person can act on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Kind = Literal["bad", "forbidden", "missing", "conflict", "limited"]


class Refused(Exception):
    """A rule was broken and nothing was changed.

    `code` is stable for programs ("incident.not_open"), `message` says what is so and then what to do.
    `kind` picks the HTTP answer: bad 400/422, forbidden 403, missing 404, conflict 409, limited 429.
    `fields` names form fields with their own message. (A plain class: frozen exceptions break tracebacks.)
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        kind: Kind = "conflict",
        fields: Mapping[str, str] | None = None,
        details: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.kind: Kind = kind
        self.fields = dict(fields or {})
        self.details = dict(details or {})


def bad(code: str, message: str, **fields: str) -> Refused:
    """What was sent cannot be used as it is."""
    return Refused(code, message, kind="bad", fields=fields)


def missing(code: str, message: str) -> Refused:
    """What was named does not exist, or not for this actor."""
    return Refused(code, message, kind="missing")


def forbidden(code: str, message: str) -> Refused:
    """It exists, but this actor may not."""
    return Refused(code, message, kind="forbidden")
