"""What other tools send, as signals. One module a dialect, found by looking; nothing here stores or decides.

A dialect is a module of this package with a `DIALECT`. Its docstring is the help shown while setting it up.

    NAME, SITE                                     how the sender is called, and where it is documented
    check(raw)                                     how many alerts it holds; raises Refused(kind="bad"); runs before
                                                   the 2xx, so it is fast
    parse(raw, mapping, received_at, event_id="")  list[Signal]; never fails on what `check` let pass
    accepted_body(raw, event_id="")                (status, body) for a stored delivery
    refusal_body(refused)                          (status, body) in the shape of the sender's own peer
    limited_body(message)                          (status, body) for a source that sends too much: what makes the
                                                   real sender come back, and not drop it
    EXAMPLES                                       [(payload, signals)]: one that fires, one that recovers

`raw` is the body as received, inflated. `mapping` is that of the integration (dialect "webhook"),
`received_at` when the body was journalled, `event_id` its unguessable id: give `parse` and `accepted_body`
the same one.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType, ModuleType


@cache
def dialects() -> Mapping[str, ModuleType]:
    """Every dialect by the name used in its address (/in/<dialect>/<key>), in the order of names."""
    modules = (import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    return MappingProxyType({m.DIALECT: m for m in sorted(modules, key=_order) if hasattr(m, "DIALECT")})


def setup_help(dialect: str, base_url: str, key: str) -> str:
    """The help of a dialect with this installation's address and this integration's key put in.

    `base_url` as the sender reaches it ("https://pager.shop.example", with a path if it has one). Plain text.
    """
    scheme, _, rest = base_url.rstrip("/").partition("://")
    host, slash, path = rest.partition("/")
    text = (dialects()[dialect].__doc__ or "").strip()
    text = text.replace("https://quarterdeck.example", f"{scheme}://{rest}")
    text = text.replace('"quarterdeck.example"', f'"{host}"').replace("scheme: https", f"scheme: {scheme}")
    text = text.replace("path_prefix: /in/", f"path_prefix: {slash}{path}/in/")
    return text.replace("YOUR_KEY", key)


def _order(module: ModuleType) -> str:
    return str(getattr(module, "DIALECT", ""))
