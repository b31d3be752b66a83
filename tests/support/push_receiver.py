"""A browser's side of Web Push, written from the RFCs alone and sharing nothing with the sender: keys, reading, proof."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def unpadded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def raw_of(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Receiver:
    """One subscription of a browser."""

    def __init__(self, private: bytes | None = None, auth: bytes | None = None) -> None:
        curve = ec.SECP256R1()
        self._key = (
            ec.derive_private_key(int.from_bytes(private), curve)
            if private
            else ec.generate_private_key(curve)
        )
        self._point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self._auth = auth or os.urandom(16)
        self.p256dh, self.auth = unpadded(self._point), unpadded(self._auth)

    def read(self, body: bytes) -> bytes:
        """What was sent (RFC 8188, 2.1 and RFC 8291, 3.4). Raises where it was not for this browser."""
        salt, size, length = body[:16], int.from_bytes(body[16:20]), body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(body) <= 4096, "a push service need not take more"
        assert len(sealed) <= size, "one record"
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        secret = self._key.exchange(ec.ECDH(), theirs)
        known = _expand(_extract(self._auth, secret), b"WebPush: info\0" + self._point + sender, 32)
        first = _extract(salt, known)
        key, nonce = (
            _expand(first, b"Content-Encoding: aes128gcm\0", 16),
            _expand(first, b"Content-Encoding: nonce\0", 12),
        )
        padded = AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\0")
        assert padded[-1:] == b"\2", "the mark of the last record"
        return padded[:-1]


def _extract(salt: bytes, material: bytes) -> bytes:
    return hmac.new(salt, material, hashlib.sha256).digest()


def _expand(key: bytes, info: bytes, length: int) -> bytes:
    return hmac.new(key, info + b"\1", hashlib.sha256).digest()[:length]


def proven(authorization: str) -> tuple[str, dict[str, Any]]:
    """The sender's public key and claims, its signature checked as a push service does (RFC 8292, 4)."""
    scheme, _, rest = authorization.partition(" ")
    assert scheme == "vapid"
    given = dict(part.strip().split("=", 1) for part in rest.split(","))
    head, claims, signature = given["t"].split(".")
    assert json.loads(raw_of(head)) == {"typ": "JWT", "alg": "ES256"}
    raw = raw_of(signature)
    assert len(raw) == 64
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw_of(given["k"]))
    written = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    key.verify(written, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))
    return given["k"], json.loads(raw_of(claims))
