"""Which links out of foreign text may be shown: http, https, mailto. Never fetches, never escapes."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

MAX_URL = 2_000

# What no address needs and a reader or a parser can be fooled with: control characters, white space of other
# scripts, lone surrogates, characters that turn or hide text, and the backslash that browsers read as "/".
_REFUSED = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00a0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\u061c\ufeff\ufff9-\uffff\ud800-\udfff\\]"
)
_WEB = re.compile(r"(https?)://([^/?#]+)([/?#].*)?", re.IGNORECASE)
_PLAIN_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*)(?::(\d{1,5}))?")
_MAIL = re.compile(r"mailto:([^@\s?,:/]+@[^@\s?,:/]+)(\?.*)?", re.IGNORECASE)
# Browsers send these percent-encoded anyway; so no sink ever meets a quote or an angle bracket in a link.
_ENCODED = {ord(c): f"%{ord(c):02X}" for c in " \"'<>^`{|}"}
_LINE_END = re.compile(r"%0[ad]", re.IGNORECASE)


def safe_url(text: str) -> str | None:
    """The address as it may be shown and opened, or None. At most 2,000 characters.

    Spaces around it are dropped; a space, quote or bracket inside its path is percent-encoded. Refused are
    every other scheme, relative addresses, a name or password before the host, and a host that cannot be
    read.
    """
    url = text.strip(" ")
    if len(url) > MAX_URL or _REFUSED.search(url):
        return None
    if found := _WEB.fullmatch(url):
        scheme, host, rest = found.groups()
        safe = f"{scheme.lower()}://{host}{(rest or '').translate(_ENCODED)}" if _is_host(host) else None
    elif found := _MAIL.fullmatch(url):
        address, query = found.groups()
        safe = None if _LINE_END.search(url) else f"mailto:{address}{query or ''}".translate(_ENCODED)
    else:
        return None
    return safe if safe is not None and len(safe) <= MAX_URL else None


def _is_host(host: str) -> bool:
    """Whether it is a host and maybe a port; a user part ("bank.example@evil.example") misleads."""
    if found := _PLAIN_HOST.fullmatch(host):
        return int(found.group(1) or 1) in range(1, 65_536)
    if "@" in host or "%" in host or host.translate(_ENCODED) != host:
        return False
    try:
        parts = urlsplit(f"//{host}")
        # Reading the port is what checks it. In other scripts, a sign that becomes "/" or "@" is refused too.
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
