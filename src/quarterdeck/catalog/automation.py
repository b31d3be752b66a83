"""Rules of automation that come with the product, to be taken over and switched on by who wants them."""

from __future__ import annotations

from quarterdeck.catalog.folders import shipped

FILE = "automation.toml"


def examples() -> str:
    """The shipped file as text, in the form rules are exported in."""
    return (shipped() / FILE).read_text(encoding="utf-8")
