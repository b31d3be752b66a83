"""Which HTTP status a refusal has, and bodies of JSON. Never decides whether to refuse."""

from __future__ import annotations

import msgspec

from quarterdeck.core.kernel.refused import Refused

_STATUS = {"bad": 400, "forbidden": 403, "missing": 404, "conflict": 409}


def status_of(refused: Refused) -> int:
    """4xx: the peers take it as "never send this again". A body that is too long is 413."""
    return 413 if refused.code == "intake.too_large" else _STATUS[refused.kind]


def json_body(value: object) -> bytes:
    """Compact JSON in UTF-8."""
    return msgspec.json.encode(value)
