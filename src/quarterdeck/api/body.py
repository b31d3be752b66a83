"""Reads a request body as JSON, strictly: what is wrong with its form is said, and nothing of it goes further."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from django.http import HttpRequest
from ninja.parser import Parser

from .problems import Unreadable

MAX_DEPTH = 20
MAX_DIGITS = 40


class StrictJson(Parser):
    """JSON in UTF-8 with the matching content type; no name twice, no NaN, no depth that exhausts a parser."""

    def parse_body(self, request: HttpRequest) -> Any:
        kind = (request.content_type or "").lower()
        if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
            raise Unreadable(415, "body.type", "Send JSON with 'Content-Type: application/json'.")
        try:
            found = json.loads(
                request.body.decode("utf-8"),
                object_pairs_hook=_once,
                parse_constant=_no_constant,
                parse_int=_whole,
            )
        except RecursionError:
            raise _malformed("it is nested too deeply") from None
        except UnicodeDecodeError as e:
            raise _malformed(f"byte {e.start} is not UTF-8") from None
        except json.JSONDecodeError as e:
            raise _malformed(f"{e.msg} at line {e.lineno}, column {e.colno}") from None
        if _deeper(found, MAX_DEPTH):
            raise _malformed("it is nested too deeply")
        return found


def _malformed(why: str) -> Unreadable:
    return Unreadable(400, "body.malformed", f"The body is not JSON this server takes: {why}.")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _malformed("a name is given twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise _malformed(f"{name} is not a JSON number")


def _whole(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise _malformed(f"a number has more than {MAX_DIGITS} digits")
    return int(digits)


def _deeper(value: Any, levels: int) -> bool:
    """Whether lists and objects are nested more than `levels` deep. Without recursion: depth is the attack."""
    layer = [value]
    for _ in range(levels + 1):
        layer = [
            inner
            for outer in layer
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not layer:
            return False
    return True
