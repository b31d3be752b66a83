"""A request that an operator declares for a provider of their own, with `{{ field }}` in it and nothing cleverer.

Each value is escaped for the place it stands in; what stands around it is the operator's and sent as it is written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote, urlencode
from xml.sax.saxutils import escape

from quarterdeck.core.kernel.refused import bad

from . import answers
from .answers import judge, unreached
from .outcome import GaveUp, Outcome, Retry, Sent
from .safe_http import Reply, SafeClient, Unreached, parse_target

FIELDS = ("to", "digits", "text", "subject", "link", "key")
_FIELD = re.compile(r"\{\{\s*(\w*)\s*\}\}")
_MARK = re.compile(r"\{\{|\}\}")
_PATH = re.compile(r"^[\w-]+(?:\.[\w-]+)*$")
_ORIGIN = re.compile(r"^https?://[^/?#]*")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TYPES = {
    "form": "application/x-www-form-urlencoded",
    "json": "application/json",
    "xml": "application/xml; charset=utf-8",
}
_MOST_DEEP = 10


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent for each message. `fields` for form and json, `document` for xml; query needs the url alone."""

    url: str = field(default="", repr=False, metadata={"label": "Address", "secret": True})
    method: Literal["POST", "PUT", "GET"] = field(default="POST", metadata={"label": "Method"})
    format: Literal["form", "json", "xml", "query"] = field(default="form", metadata={"label": "Format"})
    fields: dict[str, Any] = field(
        default_factory=dict, repr=False, metadata={"label": "Fields", "secret": True}
    )
    document: str = field(default="", repr=False, metadata={"label": "Document", "secret": True})
    headers: dict[str, str] = field(
        default_factory=dict, repr=False, metadata={"label": "Headers", "secret": True}
    )
    accepted: str = field(default="", metadata={"label": "Accepted when"})
    id: str = field(default="", metadata={"label": "Message id at"})

    def __post_init__(self) -> None:
        if self.url:
            origin = _ORIGIN.match(self.url)
            if origin is None or "{" in origin[0]:
                raise bad("gateway.url", "Write the whole address, such as https://sms.example.com/send")
            parse_target(_filled(self.url, dict.fromkeys(FIELDS, "x"), _in_url))
        for text in (self.url, self.document, *_texts(self.fields)):
            _check(text)
        for name, value in self.headers.items():
            if not (name + value).isascii() or not value.isprintable() or _MARK.search(name + value):
                raise bad("gateway.headers", f"The header {name[:40]} is plain letters, with no field in it.")
        path = self.accepted.partition("=")[0].strip()
        if self.accepted and not (_PATH.match(path) and "=" in self.accepted):
            raise bad(
                "gateway.accepted", "Write where the answer says so and what, such as messages.0.status = 0"
            )
        if self.id and not _PATH.match(self.id):
            raise bad("gateway.id", "Write where the answer has the id, such as messages.0.id")


def post(
    http: SafeClient, request: Request, values: Mapping[str, str], limit_seconds: float, name: str
) -> Outcome:
    """Sends what is declared with these values, and says what became of it."""
    if not request.url:
        return GaveUp(f"{name} is not set up: url is missing.")
    headers = dict(request.headers)
    content = body(request, values)
    if request.format in _TYPES:
        headers = {"content-type": _TYPES[request.format], **headers}
    url = _filled(request.url, values, _in_url)
    try:
        reply = http.request(
            request.method, url, headers=headers, content=content, deadline_seconds=limit_seconds
        )
    except Unreached as failed:
        return unreached(failed, name)
    return outcome_of(reply, request, name)


def body(request: Request, values: Mapping[str, str]) -> bytes:
    """The body of the request. Pure."""
    if request.format == "json":
        made = _deep(request.fields, values)
        return json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    if request.format == "xml":
        return _filled(request.document, values, _in_xml).encode("utf-8", "replace")
    if request.format == "form":
        return urlencode(
            {k: _filled(str(v), values, str) for k, v in request.fields.items()}, errors="replace"
        ).encode()
    return b""


def outcome_of(reply: Reply, request: Request, name: str) -> Outcome:
    """2xx counts only where the answer says so too: by the declared place, else unless it speaks of an error."""
    if not 200 <= reply.status < 300:
        return judge(reply, name)
    told = answers.told(reply.body)
    if request.accepted:
        path, _, wanted = request.accepted.partition("=")
        well = _at(told, path.strip()) in {w.strip() for w in wanted.split("|")}
    else:
        well = not _speaks_of_error(told)
    if not well:
        return Retry(f"{name} answered {reply.status} and did not take it over", elsewhere=True)
    return Sent(_at(told, request.id)[:200] if request.id else "", reply.shown)


def _speaks_of_error(told: object) -> bool:
    if not isinstance(told, dict):
        return False
    return (
        bool(told.get("error") or told.get("errors"))
        or told.get("ok") is False
        or told.get("success") is False
    )


def _at(told: object, path: str) -> str:
    """The value at a dotted place of an answer as text; empty where there is none."""
    found = told
    for part in path.split("."):
        if isinstance(found, dict):
            found = found.get(part)
        elif isinstance(found, list) and part.isdigit() and int(part) < len(found):
            found = found[int(part)]
        else:
            return ""
    if isinstance(found, bool):
        return "true" if found else "false"
    return str(found) if isinstance(found, str | int | float) else ""


def _check(text: str) -> None:
    for found in _FIELD.finditer(text):
        if found[1] not in FIELDS:
            raise bad(
                "gateway.field",
                f"There is no field {{{{ {found[1][:40]} }}}}. There are: {', '.join(FIELDS)}.",
            )
    if _MARK.search(_FIELD.sub("", text)):
        raise bad("gateway.field", "A field is written {{ text }}: two braces, one name, two braces.")


def _texts(value: Any, depth: int = 0) -> list[str]:
    if depth > _MOST_DEEP:
        raise bad("gateway.fields", f"The fields are nested deeper than {_MOST_DEEP} times.")
    if isinstance(value, Mapping):
        return [t for k, v in value.items() for t in (*_texts(k, depth + 1), *_texts(v, depth + 1))]
    if isinstance(value, list):
        return [t for v in value for t in _texts(v, depth + 1)]
    return [value] if isinstance(value, str) else []


def _deep(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {k: _deep(v, values) for k, v in value.items()}
    if isinstance(value, list):
        return [_deep(v, values) for v in value]
    return _filled(value, values, str) if isinstance(value, str) else value


def _filled(text: str, values: Mapping[str, str], escaped: Callable[[str], str]) -> str:
    """Each field once; what stands in a value is not looked at again."""
    return _FIELD.sub(lambda m: escaped(values.get(m[1], "")), text)


def _in_url(value: str) -> str:
    return quote(value, safe="", errors="replace")


def _in_xml(value: str) -> str:
    return escape(_NOT_XML.sub("", value), {'"': "&quot;", "'": "&apos;"})
