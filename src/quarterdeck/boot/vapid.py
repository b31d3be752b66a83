"""The key that signs Web Push, made from the engine's own: the same on every node and after every start.

Only processes that send are given it. The web process learns the public half from the store, where the engine puts it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

KIND = "web_push"


def with_key(
    values: Mapping[str, Any], engine_key: str, public_url: str, previous_engine_key: str = ""
) -> dict[str, Any]:
    """The values of [channels.web_push] with a key and a contact, where the operator named none. While the engine's key
    changes, devices that believe the key made from the one before are still reached.
    """
    # Loaded where it is needed: the supervisor, which reads the configuration too, stays small.
    from quarterdeck.channels.web_push_crypto import derived_scalar

    made: dict[str, Any] = {"key": derived_scalar(engine_key)} if engine_key else {}
    if previous_engine_key:
        made["previous_key"] = derived_scalar(previous_engine_key)
    if public_url.startswith("https://"):
        made["contact"] = public_url
    return made | {name: value for name, value in values.items() if value}
