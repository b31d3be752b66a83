"""Values of any shape as named texts that a person can read. Never fails, and never grows past its limits."""

from __future__ import annotations

import msgspec

from quarterdeck.core.kernel.text import clean, counted, line

from .limits import MAX_DETAILS, MAX_NAME, MAX_VALUE

_LONGEST = MAX_NAME + 1


def tamed(text: str, limit: int = MAX_VALUE) -> str:
    """As `clean`, without looking at what is far beyond the limit: cleaning costs by the character."""
    if len(text) <= limit and text.isprintable():
        return text  # nearly every label
    return clean(text[: limit * 2], limit)


def tamed_line(text: str, limit: int = MAX_NAME) -> str:
    """As `line`, without looking at what is far beyond the limit."""
    return line(text[: limit * 4], limit)


def text_of(value: object) -> str:
    """A JSON value as text: a number as 5 or 0.5, true, false; null is empty; lists and objects stay JSON."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case _:
            return msgspec.json.encode(value).decode()


def flat(value: object) -> dict[str, str]:
    """Objects flattened to dotted names, {"host": {"cpu": 97}} to {"host.cpu": "97"}; empty values left out.

    At most 64 names; what is more is counted under "left out". A value that is no object is named "value".
    """
    found: dict[str, str] = {}
    left_out = 0
    # A stack instead of recursion: the order of the sender is kept by pushing backwards.
    waiting: list[tuple[str, object]] = [("", value)]
    while waiting:
        path, inner = waiting.pop()
        if isinstance(inner, dict):
            # Cut while it grows: a name of 300 kB over 10,000 values would be 3 GB of paths.
            waiting.extend((f"{path}.{k}"[:_LONGEST].lstrip("."), v) for k, v in reversed(inner.items()))
            continue
        if len(found) == MAX_DETAILS - 1:
            left_out += 1
        elif words := tamed(text_of(inner)):
            found[tamed_line(path) or "value"] = words
    if left_out:
        found["left out"] = f"{counted(left_out, 'more value')} of this event"
    return found
