"""Whether a channel that has a table is set up whole: what is missing, and what nobody outside can reach.

Reads settings only; no secret is told. What each channel needs, its own module says (`lacks`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from quarterdeck.channels import channels, read_settings
from quarterdeck.core.kernel.refused import Refused

from .health_finding import Finding, fault, warning


def look(ways: Mapping[str, Mapping[str, Any]], public_url: str) -> Iterator[Finding]:
    """Findings of channels that are set up by halves. `ways` are the values of each channel's table."""
    for kind, module in channels().items():
        if kind not in ways or not hasattr(module, "lacks"):
            continue
        name = f"channel: {module.NAME}"
        try:
            lacking = module.lacks(read_settings(kind, ways[kind]))
        except (Refused, TypeError) as e:
            text = e.message if isinstance(e, Refused) else "A setting has a value of another kind."
            yield fault(name, f"Its settings cannot be used: {text}", "Correct them in quarterdeck.toml.")
            continue
        table = f"[channels.{kind}]"
        if lacking.to_send:
            text = f"Nothing can be sent: {lacking.to_send} is missing."
            yield fault(name, text, f"Set it under {table} and start serve again.")
        elif lacking.to_answer:
            text = f"{lacking.to_answer} is missing: {lacking.lost}."
            yield warning(name, text, f"Set it under {table} and start serve again.")
        elif lacking.lost and urlsplit(public_url).scheme != "https":
            text = f"public_url is {public_url}, which a provider cannot reach: {lacking.lost}."
            yield warning(name, text, "Set public_url to the https address at which it can be reached.")
