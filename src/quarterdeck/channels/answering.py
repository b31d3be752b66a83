"""What a message that can be answered in place carries: which callout it is about, and its short code. Pure.

Both come from the link of the message, so that no channel needs a key of its own.
"""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple
from urllib.parse import quote

from .outcome import Outgoing
from .rendering import is_web_link

_CALLOUT = re.compile(r"^(?P<base>https?://[^/?#]+)/c/(?P<callout>[\w-]{1,64})/(?P<token>[\w-]{16,64})/$")
CODE_DIGITS = 5


class Answerable(NamedTuple):
    """`base` is the public address of this installation, without a path."""

    base: str
    callout_id: str
    token: str

    def callback(self, path: str, key: str) -> str:
        """The address to which a provider reports on the delivery with this key."""
        return callback(self.base, path, key)


def callback(base: str, path: str, key: str) -> str:
    return f"{base}/callbacks/{path}?key={quote(key, safe='')}"


def answerable(outgoing: Outgoing) -> Answerable | None:
    """What may be answered; None for a message that asks for no answer."""
    found = _CALLOUT.match(outgoing.link) if is_web_link(outgoing.link) else None
    return Answerable(found["base"], found["callout"], found["token"]) if found else None


def short_code(token: str) -> str:
    """The digits somebody types to answer by text message. They count only from the number that was written to."""
    return f"{int.from_bytes(hashlib.sha256(b'code' + token.encode()).digest()[:8], 'big') % 10**CODE_DIGITS:05d}"


def label_of(outgoing: Outgoing) -> str:
    """What a button that acts in place is called: it opens nothing, and takes all that its page stands for."""
    return "Acknowledge" if outgoing.link_label.startswith("Acknowledge") else "Acknowledge all"
