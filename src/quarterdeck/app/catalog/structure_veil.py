"""Addresses that the switches of a structure call, for whoever reads its file and may not change it: the host alone.

An address on the web may be as good as a password. Never what is stored, and never what is compared.
"""

from __future__ import annotations

import re

from quarterdeck.core.access import Who, may

_ADDRESS = re.compile(
    r"""(webhook["']?\s*=\s*["']{1,3}\s*)https?://([^/?#@\s"']*@)?([^/?#@\s"']+)[^"'\n]*""", re.I
)


def readable(text: str, who: Who) -> str:
    """A file of the catalogue as `who` may read it."""
    if who.is_system or may(who, "settings.edit") or "webhook" not in text.lower():
        return text
    return _ADDRESS.sub(r"\1https://\3/…", text)
