"""Lints the switches of a template: outward activity that may have to stand still."""

from __future__ import annotations

from collections.abc import Iterator

from quarterdeck.catalog.findings import Finding, fault
from quarterdeck.catalog.tables import KEY, did_you_mean
from quarterdeck.core.incidents.structure import Template


def lint_switches(where: str, template: Template) -> Iterator[Finding]:
    """Each has a key of its own, an owner who is a role here, and a webhook only over https."""
    roles = [r.key for r in template.roles]
    seen: set[str] = set()
    for switch in template.switches:
        if not KEY.fullmatch(switch.key):
            text = f"{switch.key!r} is not a key of a switch"
            yield fault(where, text, "Use a-z, 0-9 and _, such as 'paid_ads'.")
        if switch.key in seen:
            yield fault(where, f"two switches have the key {switch.key!r}", "Rename one of them.")
        seen.add(switch.key)
        if switch.owner not in roles:
            text = (
                f"the switch {switch.key!r} belongs to {switch.owner!r}, a role this template does not have"
            )
            yield fault(where, text, f"Name a role of the template.{did_you_mean(switch.owner, roles)}")
        if switch.webhook and not switch.webhook.startswith("https://"):
            text = f"the webhook of the switch {switch.key!r} is not https"
            yield fault(where, text, "Give an address that begins with https://, or leave it out.")
