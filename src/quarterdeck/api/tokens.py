"""The Idempotency-Key of a request: whoever repeats it with the same key gets the first answer."""

from __future__ import annotations

import re
from typing import Any

from quarterdeck.core.kernel.refused import bad

from .doors import Request

_TOKEN = re.compile(r"[!-~]{1,120}")


def header(what: str) -> dict[str, Any]:
    """How the description tells of it; `what` it does."""
    return {
        "parameters": [
            {
                "in": "header",
                "name": "Idempotency-Key",
                "required": False,
                "description": f"{what} once, however often the request is repeated with the same key.",
                "schema": {"type": "string", "pattern": "^[!-~]{1,120}$"},
            }
        ]
    }


def token(request: Request) -> str:
    """The key, "" without one. Refuses one that could not be kept."""
    given = request.headers.get("Idempotency-Key")
    if given is not None and not _TOKEN.fullmatch(given):
        message = "An Idempotency-Key has 1 to 120 characters without spaces. Send a fresh UUID."
        raise bad("request.token", message, **{"Idempotency-Key": message})
    return given or ""
