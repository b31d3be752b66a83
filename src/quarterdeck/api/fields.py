"""The kinds of values that requests and answers are made of: texts, ids, moments, numbers, each with its bounds.

What comes in is made safe here, once. Nothing that passes can overflow a column or upset a database.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StrictBool,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from quarterdeck.core.kernel.links import safe_url
from quarterdeck.core.kernel.moments import parse
from quarterdeck.core.kernel.moments import text as moment_text
from quarterdeck.core.kernel.text import clean

INCIDENT = r"^INC-[1-9][0-9]{0,8}$"
ID = r"^[0-9A-Za-z][0-9A-Za-z_.:@-]{0,39}$"
KEY = r"^[0-9A-Za-z][0-9A-Za-z_.-]{0,59}$"
_ZONED = re.compile(r"(?:[Zz]|[+-]\d\d:\d\d)$")


class Write(BaseModel):
    """What a request may say. A field that is not listed is refused, whatever the table behind it has."""

    model_config = ConfigDict(extra="forbid")


class Asked(BaseModel):
    """The part of an address behind the question mark."""

    model_config = ConfigDict(extra="ignore")


class Read(BaseModel):
    """What an answer says: these fields and no others."""

    model_config = ConfigDict(from_attributes=True, protected_namespaces=())


def _tame(value: Any) -> Any:
    return clean(value, max(len(value), 1)) if isinstance(value, str) else value


_Tamed = BeforeValidator(_tame)


def _moment(value: Any) -> datetime:
    if not isinstance(value, str):
        raise PydanticCustomError("string_type", "Give a time as text, such as 2026-11-22T03:10:25Z.")
    try:
        found = parse(value) if _ZONED.search(value) else None
    except ValueError:
        found = None
    if found is None:
        raise PydanticCustomError(
            "moment", "Give a time with its zone between 1971 and 2199, such as 2026-11-22T03:10:25Z."
        )
    return found


def _link(value: str) -> str:
    found = safe_url(value) if value else ""
    if found is None or found.startswith("mailto:"):
        raise PydanticCustomError("link", "This is not a link that a browser opens. Start it with https://.")
    return found


def _whole(value: Any) -> Any:
    """A whole number of a JSON body: neither a text nor true or false."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise PydanticCustomError("int_type", "Give a whole number.")
    return value


def _flag(value: Any) -> Any:
    if isinstance(value, str) and value not in ("true", "false"):
        raise PydanticCustomError("bool", "Write true or false.")
    return value


# -- what comes in

Word = Annotated[str, _Tamed, StringConstraints(strict=True, max_length=60)]
Line = Annotated[str, _Tamed, StringConstraints(strict=True, max_length=300)]
LongLine = Annotated[str, _Tamed, StringConstraints(strict=True, max_length=500)]
Prose = Annotated[str, _Tamed, StringConstraints(strict=True, max_length=10_000)]
Essay = Annotated[str, _Tamed, StringConstraints(strict=True, max_length=40_000)]
Id = Annotated[str, _Tamed, StringConstraints(strict=True, pattern=ID)]
Key = Annotated[str, _Tamed, StringConstraints(strict=True, pattern=KEY)]
IncidentId = Annotated[str, _Tamed, StringConstraints(strict=True, pattern=INCIDENT)]
Url = Annotated[str, _Tamed, StringConstraints(strict=True, max_length=2000), AfterValidator(_link)]
When = Annotated[
    datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})
]
Day = Annotated[str, _Tamed, StringConstraints(strict=True, pattern=r"^[12][0-9]{3}-[01][0-9]-[0-3][0-9]$")]
Yes = StrictBool
Flag = Annotated[bool, BeforeValidator(_flag)]


def number(low: int, high: int) -> Any:
    """A whole number of a body from `low` to `high`."""
    return Annotated[int, BeforeValidator(_whole), Field(ge=low, le=high)]


# -- what goes out

Moment = Annotated[
    datetime,
    PlainSerializer(moment_text, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]


class Named(Read):
    """A person."""

    id: str
    name: str
