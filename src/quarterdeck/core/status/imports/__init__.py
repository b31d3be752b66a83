"""Reading the status pages of other products: one module each, none of which stores or decides anything."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from quarterdeck.core.kernel.refused import bad

from . import cachet, instatus, kuma, statuspage
from .found import MOST_SUBSCRIBERS, Found, FoundComponent, FoundIncident, FoundUpdate, Note, text

__all__ = ["SOURCES", "Found", "FoundComponent", "FoundIncident", "FoundUpdate", "Note", "read"]

_READERS = {"statuspage": statuspage, "cachet": cachet, "instatus": instatus, "kuma": kuma}
SOURCES: Mapping[str, str] = {key: module.NAME_OF_IT for key, module in _READERS.items()}
_DEPTH = 40
_MAIL = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]{1,190}\.[^@\s,;<>\"]{2,60}")


def read(source: str, content: bytes) -> Found:
    """What is in a file of this product: JSON, or for Statuspage also the CSV of its subscribers. Raises Refused."""
    module = _READERS.get(source)
    if module is None:
        raise bad(
            "import.source",
            f"Pages come from one of these: {', '.join(SOURCES)}. Choose one.",
            source="unknown",
        )
    words = _decoded(content)
    if not words.lstrip().startswith(("{", "[")):
        return _subscribers(words)
    document = _json(words)
    if isinstance(document, list):
        document = _named(document)
    if not isinstance(document, Mapping) or not any(part in document for part in module.PARTS):
        parts = ", ".join(module.PARTS)
        message = f"This is no page of {module.NAME_OF_IT}. Give one JSON object with {parts}."
        raise bad("import.shape", message, file="unknown")
    reader: Callable[[Mapping[str, Any]], Found] = module.read
    return reader(document)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise bad("import.utf8", "This file is not UTF-8 text. Save it as UTF-8.", file="not UTF-8") from None


def _json(words: str) -> Any:
    depth = found = 0
    for c in words if words.count("[") + words.count("{") > _DEPTH else "":
        depth += (c in "[{") - (c in "]}")
        found = max(found, depth)
    # Brackets inside texts count, too: far more than any page has.
    if found > _DEPTH * 50:
        raise bad("import.deep", "This file is nested deeper than any page is.", file="too deep")
    try:
        return json.loads(words)
    except (ValueError, RecursionError):
        raise bad(
            "import.json", "This file is no JSON. Save it again from the other product.", file="no JSON"
        ) from None


def _named(rows: list[Any]) -> dict[str, Any]:
    """A bare array, as the management API answers: incidents tell updates, everything else is components."""
    told = any(isinstance(r, Mapping) and ("incident_updates" in r or "updates" in r) for r in rows)
    return {"incidents" if told else "components": rows}


def _subscribers(words: str) -> Found:
    """A CSV of subscribers, its columns by their names."""
    found = Found()
    rows = csv.DictReader(io.StringIO(words.replace("\0", "")))
    columns = [text(c).lower() for c in rows.fieldnames or []]
    if not {"email", "phone_number", "endpoint", "mode"} & set(columns):
        raise bad(
            "import.csv", "This CSV names no column email, phone_number or endpoint.", file="no columns"
        )
    try:
        for n, row in enumerate(rows):
            if n >= MOST_SUBSCRIBERS:
                found.note("subscriber", "all further", "cannot", f"{MOST_SUBSCRIBERS} are read at once.")
                break
            _subscriber(
                found, {text(k).lower(): text(v) for k, v in row.items() if isinstance(k, str)}, n + 2
            )
    except csv.Error:
        raise bad("import.csv", "This CSV cannot be read to its end. Save it again.", file="broken") from None
    return found


def _subscriber(found: Found, row: Mapping[str, str], number: int) -> None:
    if row.get("quarantined_at"):
        found.note("subscriber", f"row {number}", "cannot", "It could not be reached any more there.")
    elif (
        (row.get("email") and _MAIL.fullmatch(row["email"])) or row.get("phone_number") or row.get("endpoint")
    ):
        found.subscribers += 1
    else:
        found.note("subscriber", f"row {number}", "cannot", "It has no address that can be written to.")
