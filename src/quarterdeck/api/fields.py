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
    PlainSerializer,
    StrictBool,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core.core_schema import int_schema, no_info_before_validator_function, str_schema

from quarterdeck.core.kernel.links import safe_url
from quarterdeck.core.kernel.moments import parse
from quarterdeck.core.kernel.moments import text as moment_text
from quarterdeck.core.kernel.text import clean

INCIDENT = r"^INC-[1-9][0-9]{0,8}$"
ID = r"^[0-9A-Za-z][0-9A-Za-z_.:@-]{0,39}$"
KEY = r"^[0-9A-Za-z][0-9A-Za-z_.-]{0,59}$"
NEW_KEY = r"^[a-z0-9](?:[a-z0-9_-]{0,58}[a-z0-9])?$"
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


class Text:
    """A text of a request: `least` to `most` characters, made safe. Use it in Annotated[str, Text(300)]."""

    def __init__(self, most: int, *, least: int = 0, pattern: str | None = None) -> None:
        self.most, self.least, self.pattern = most, least, pattern

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        inner = str_schema(strict=True, min_length=self.least, max_length=self.most, pattern=self.pattern)
        return no_info_before_validator_function(self._tamed, inner)

    def _tamed(self, value: Any) -> Any:
        # A text that is too long is refused as it came, even if it would fit without what no reader should meet.
        fits = isinstance(value, str) and len(value) <= self.most
        return clean(value, max(len(value), 1)) if fits else value


class Number:
    """A whole number of a JSON body, neither text nor true or false. Use it in Annotated[int, Number(1, 5)]."""

    def __init__(self, low: int, high: int) -> None:
        self.low, self.high = low, high

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        return int_schema(strict=True, ge=self.low, le=self.high)


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


def _flag(value: Any) -> Any:
    if isinstance(value, str) and value not in ("true", "false"):
        raise PydanticCustomError("bool", "Write true or false.")
    return value


# -- what comes in

Word = Annotated[str, Text(60)]
Line = Annotated[str, Text(300)]
LongLine = Annotated[str, Text(500)]
Prose = Annotated[str, Text(10_000)]
Essay = Annotated[str, Text(40_000)]
Id = Annotated[str, Text(40, pattern=ID)]
Key = Annotated[str, Text(60, pattern=KEY)]
NewKey = Annotated[str, Text(60, pattern=NEW_KEY)]
IncidentId = Annotated[str, Text(13, pattern=INCIDENT)]
Url = Annotated[str, Text(2000), AfterValidator(_link)]
When = Annotated[
    datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})
]
Day = Annotated[str, Text(10, pattern=r"^[12][0-9]{3}-[01][0-9]-[0-3][0-9]$")]
Yes = StrictBool
Flag = Annotated[bool, BeforeValidator(_flag)]

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
