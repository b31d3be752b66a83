"""Addresses that rules call, for whoever reads rules and may not change them: the host alone. An address on the web may
be as good as a password. Never what is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from quarterdeck.core.access import Who, may
from quarterdeck.core.incidents.automation import Rule

WEBHOOK = "webhook"


def address(url: str) -> str:
    """Where it goes, and nothing more of it."""
    host = url.partition("://")[2].partition("/")[0].rpartition("@")[2].partition("?")[0]
    return f"https://{host}/…" if host else "…"


def of_rule(rule: Rule, who: Who) -> Rule:
    """The rule as `who` may read it."""
    if may(who, "settings.edit"):
        return rule
    return replace(
        rule,
        actions=tuple(
            replace(a, values={**a.values, "url": address(a.values.get("url", ""))})
            if a.deed == WEBHOOK
            else a
            for a in rule.actions
        ),
    )


def of_definition(definition: Mapping[str, Any], who: Who) -> dict[str, Any]:
    """The same of a version as it is kept."""
    told = dict(definition)
    if not may(who, "settings.edit"):
        told["actions"] = [
            {**a, "url": address(str(a.get("url", "")))} if a.get("do") == WEBHOOK else a
            for a in told.get("actions", [])
        ]
    return told
