"""The name under which a status page is found, and what DNS and the proxy before it must do for that. Pure."""

from __future__ import annotations

import re

from quarterdeck.core.kernel.refused import bad

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_MOST = 253


def domain(text: str) -> str:
    """A host name as DNS has it, or "" for none. Refuses addresses, ports and paths."""
    name = text.strip().rstrip(".").lower()
    if not name:
        return ""
    try:
        name = name.encode("idna").decode("ascii") if not name.isascii() else name
    except UnicodeError:
        name = ""
    labels = name.split(".")
    fine = len(labels) > 1 and all(_LABEL.fullmatch(part) for part in labels) and not labels[-1].isdigit()
    if not fine or len(name) > _MOST:
        told = "This is no name of a host. Write it alone, without https:// and without a path: status.example.com."
        raise bad("page.domain", told, domain=told)
    return name


def steps(name: str, product: str, key: str, folder: str) -> tuple[str, ...]:
    """What is to be done outside of the product. `product` is the host it is reached at, `folder` where pages lie."""
    return (
        f"DNS: let {name} lead to the server that shows the page, with CNAME {name}. {product}. or an A record.",
        f"Proxy: serve https://{name}/ from the folder {folder}/{key}/, or pass it on to "
        f"https://{product}/status/{key}/; the folder needs nothing of Quarterdeck and stays when it is down.",
        f"Certificate: one for {name} at that proxy.",
    )
