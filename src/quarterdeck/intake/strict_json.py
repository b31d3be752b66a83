"""Reads a body as JSON, strictly, and says in words what is wrong with it. Never lets a fault of a body pass
as anything but `Refused`, whatever its bytes are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from types import NoneType
from typing import TypeVar

import msgspec

from quarterdeck.core.kernel.refused import Refused

from .limits import MAX_ALERTS, MAX_BODY, MAX_DEPTH, MAX_LABELS, MAX_NAME

T = TypeVar("T")

_PLAIN = frozenset({str, bool, NoneType})
# Every escape in turn, so that the "\\" of "\\ud800" is never taken for the start of a surrogate.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[dD][89a-fA-F][0-9a-fA-F]{2}|.)", re.S
)
_LONE_LENGTH = len(rb"\ud800")
_UTF16_OR_32 = (b"\xff\xfe", b"\xfe\xff", b"\x00")
_SPACED_COLON = (b" :", b"\t:", b"\n:", b"\r:")
_AT = re.compile(r" - at (?:`(key)` in )?`\$\.?(.*)`$")
_EXPECTED = re.compile(r"Expected `([^`]+)`(?:, got `([^`]+)`)?")
_SPOKEN = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "object": "an object",
    "array": "a list",
    "datetime": "a time such as 2026-11-22T03:10:25Z",
    "null": "null",
}


def refuse(code: str, message: str, field: str = "") -> Refused:
    """A refusal of the body, with the message also under the name of the field that is meant."""
    return Refused(f"intake.{code}", message, kind="bad", fields={field: message} if field else None)


def check_encoding(raw: bytes) -> None:
    """Refuses what is empty, too long or not UTF-8 without a byte order mark."""
    if len(raw) > MAX_BODY:
        raise refuse(
            "too_large", f"The body has {len(raw)} bytes; {MAX_BODY} is the limit. Send fewer alerts at once."
        )
    if not raw.strip():
        raise refuse("empty", "The body is empty. Send JSON.")
    if raw.startswith(b"\xef\xbb\xbf"):
        raise refuse("encoding", "The body starts with a byte order mark. Send UTF-8 without one.")
    if raw.startswith(_UTF16_OR_32) or raw[1:2] == b"\x00":
        raise refuse("encoding", "The body is not UTF-8 (it looks like UTF-16 or UTF-32). Send UTF-8.")
    try:
        raw.isascii() or raw.decode()
    except UnicodeDecodeError as fault:
        raise refuse("encoding", f"Byte {fault.start} of the body is not UTF-8. Send UTF-8.") from None


def decode(decoder: msgspec.json.Decoder[T], raw: bytes, root: str = "") -> T:
    """The typed value, half surrogate pairs as U+FFFD. Raises Refused; `root` names what `$` stands for."""
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as fault:
        raise _misfit(str(fault), root) from None
    except RecursionError:
        raise _too_deep() from None
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        mended = _ESCAPE.sub(_mend, raw)
        if mended != raw:
            return decode(decoder, mended, root)
        check_encoding(raw)
        check_shape(raw)
        raise refuse("not_json", f"The body is not JSON: {fault}.") from None


def is_plain(raw: bytes, members: int) -> bool:
    """Whether `members`, the names counted after decoding, is all that `raw` holds: none twice, none skipped.

    A name in JSON ends with a quote and a colon. Without white space before colons, the count of these pairs
    is at least the number of names; equal to the number decoded, it leaves none over. (A text may hold the
    pair too: then the answer is False and the slower `check_shape` decides.)
    """
    return raw.count(b'":') == members and not any(colon in raw for colon in _SPACED_COLON)


def check_shape(raw: bytes, max_nodes: int = MAX_BODY) -> None:
    """Refuses a name given twice, NaN and Infinity, nesting too deep, and more values than `max_nodes`."""
    shape = _Shape(max_nodes)
    try:
        top = json.loads(
            raw.decode(),
            object_pairs_hook=shape.seen,
            parse_int=str,
            parse_float=str,
            parse_constant=_no_constant,
        )
    except RecursionError:
        raise _too_deep() from None
    except json.JSONDecodeError as fault:
        raise refuse("not_json", f"The body is not JSON: {fault}.") from None
    if shape.depth_of([top]) > MAX_DEPTH:
        raise _too_deep()


class _Shape:
    """Counts while the standard parser reads. An object is replaced by its depth as an int: numbers come as
    text here, so an int is nothing else, and the tree is thrown away as it is read."""

    __slots__ = ("left", "max_nodes")

    def __init__(self, max_nodes: int) -> None:
        self.max_nodes = self.left = max_nodes

    def seen(self, pairs: list[tuple[str, object]]) -> int:
        members = dict(pairs)
        if len(members) != len(pairs):
            raise _twice(pairs)
        self._take(len(pairs))
        values = members.values()
        return 1 if _PLAIN.issuperset(map(type, values)) else 1 + self.depth_of(values)

    def depth_of(self, values: Iterable[object]) -> int:
        """How deep the values nest; lists are walked without recursion, objects know their depth already."""
        deepest, depth = 0, 0
        level = list(values)
        while level:
            deepest = max(deepest, depth + max((v for v in level if type(v) is int), default=0))
            lists = [v for v in level if isinstance(v, list)]
            depth += bool(lists)
            deepest = max(deepest, depth)
            self._take(sum(map(len, lists)))
            level = [v for inner in lists for v in inner]
        return deepest

    def _take(self, nodes: int) -> None:
        self.left -= nodes
        if self.left < 0:
            words = f"The body holds more than {self.max_nodes} values. Send less at once."
            raise refuse("too_many_values", words)


def _twice(pairs: list[tuple[str, object]]) -> Refused:
    names: set[str] = set()
    for name, _ in pairs:
        if name in names:
            break
        names.add(name)
    return refuse("name_twice", f"The name {name[:40]!r} occurs twice in one object. Send each name once.")


def _no_constant(word: str) -> object:
    raise refuse("number", f"{word} is not a JSON number. Send a finite number or null.")


def _too_deep() -> Refused:
    return refuse("too_deep", f"The body nests deeper than {MAX_DEPTH} objects or lists. Send a flatter one.")


def _mend(found: re.Match[bytes]) -> bytes:
    escape = found.group()
    return rb"\ufffd" if len(escape) == _LONE_LENGTH else escape


def _misfit(fault: str, root: str) -> Refused:
    """A misfit between body and type, as found by msgspec, in words that name the field."""
    at = _AT.search(fault)
    is_name, path = (at.group(1) is not None, at.group(2)) if at else (False, "")
    field = _field(root, path)
    if "of length" in fault:
        return _length(fault, field, is_name)
    if "missing required field" in fault:
        name = fault.split("`")[1]
        field = f"{field}.{name}" if path or root else name
        return refuse("missing", f"{field} is missing. Send it.", field)
    if "RFC3339" in fault:
        return refuse("time", f"{field} is not a time such as 2026-11-22T03:10:25Z.", field)
    if "out of range" in fault:
        return refuse("number", f"{field} holds a number that is too large. Send it as a text.", field)
    if found := _EXPECTED.search(fault):
        wanted = " or ".join(_SPOKEN.get(t, t) for t in found.group(1).split(" | ") if t != "null")
        got = _SPOKEN.get(found.group(2) or "", found.group(2) or "something else")
        return refuse("type", f"{field} must be {wanted or 'null'}, but {got} was sent.", field)
    return refuse("type", f"{field}: {fault.split(' - at ')[0]}.", field)


def _length(fault: str, field: str, is_name: bool) -> Refused:
    if is_name:
        what = "an empty name" if ">= 1" in fault else f"a name of more than {MAX_NAME} characters"
        return refuse("name", f"{field} holds {what}. Names have 1 to {MAX_NAME} characters.", field)
    if "`array`" in fault:
        return refuse(
            "too_many_alerts", f"{field} holds more than {MAX_ALERTS} alerts. Send them in parts.", field
        )
    return refuse(
        "too_many_labels", f"{field} holds more than {MAX_LABELS} names; {MAX_LABELS} is the limit.", field
    )


def _field(root: str, path: str) -> str:
    path = path.replace("[...]", "")
    if not path:
        return root or "the body"
    return f"{root}{path}" if path.startswith("[") else f"{root}.{path}" if root else path
