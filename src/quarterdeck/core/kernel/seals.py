"""How two installations that share a key know each other: a question with a nonce, an answer sealed over it.

Whoever does not know the key can neither ask nor answer, and no old answer passes for a new one.
"""

from __future__ import annotations

import hashlib
import hmac
import re

_NONCE = re.compile(r"^[A-Za-z0-9_-]{16,64}$")
SCHEME = "Quarterdeck"


def question(key: str, nonce: str) -> str:
    """The value of an Authorization header."""
    return f"{SCHEME} {nonce}.{_seal(key, 'ask', nonce, b'')}"


def asked(key: str, header: str) -> str | None:
    """The nonce of a question that was sealed with our key, else None."""
    scheme, _, rest = header.partition(" ")
    nonce, _, seal = rest.partition(".")
    if not key or scheme != SCHEME or not _NONCE.match(nonce):
        return None
    return nonce if hmac.compare_digest(seal.encode(), _seal(key, "ask", nonce, b"").encode()) else None


def answer(key: str, nonce: str, body: bytes) -> str:
    """The seal of an answer."""
    return _seal(key, "answer", nonce, body)


def answered(key: str, nonce: str, body: bytes, seal: str) -> bool:
    """Whether this body answers our question."""
    return hmac.compare_digest(seal.encode(), answer(key, nonce, body).encode())


def _seal(key: str, what: str, nonce: str, body: bytes) -> str:
    return hmac.new(key.encode(), f"{what}\n{nonce}\n".encode() + body, hashlib.sha256).hexdigest()
