"""The key an installation signs its records with, and the public halves that others compare a record with.

It is made from the web process' own key (`secrets.json`), so it is kept, backed up and replaced with that; the former
ones stay known for as long as `quarterdeck keys forget` has not been said. Never gives the private half away.
"""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

_PURPOSE = b"quarterdeck signature of records 1"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """`key` is the raw Ed25519 key in hex; `id` tells keys apart at a glance. `present`: new records carry it."""

    id: str
    key: str
    present: bool


def sign(text: bytes) -> tuple[str, str]:
    """The signature over `text` and the public key that proves it, both in hex."""
    private = _private(settings.SECRET_KEY)
    return private.sign(text).hex(), _public(private)


def public_keys() -> list[PublicKey]:
    """The public half of the present key, then of the former ones that are still kept."""
    known = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    keys = [_public(_private(k)) for k in known if k]
    return [PublicKey(key_id(k), k, n == 0) for n, k in enumerate(keys)]


def key_id(key: str) -> str:
    """The first 16 digits of the SHA-256 of a public key."""
    return hashlib.sha256(bytes.fromhex(key)).hexdigest()[:16]


@functools.lru_cache(maxsize=8)
def _private(secret: str) -> Ed25519PrivateKey:
    seed = HKDF(SHA256(), 32, salt=None, info=_PURPOSE).derive(secret.encode())
    return Ed25519PrivateKey.from_private_bytes(seed)


def _public(private: Ed25519PrivateKey) -> str:
    return private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
