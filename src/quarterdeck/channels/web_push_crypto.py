"""What Web Push asks of cryptography: a message only one browser can read (RFC 8291) and the proof of who sends it
(VAPID, RFC 8292). Knows no network, no clock and no store.
"""

from __future__ import annotations

import binascii
import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

# A push service must take 4096 bytes: 86 of them are the header, 16 the seal, one the mark of the last record.
MOST_BYTES = 4096 - 86 - 16 - 1
POINT_BYTES, AUTH_BYTES, SCALAR_BYTES = 65, 16, 32
_CURVE = ec.SECP256R1()
# The order of the group of P-256 (FIPS 186-4, D.1.2.3): a private key is from 1 to one less.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def b64(raw: bytes) -> str:
    """Base64url without padding, as everything of Web Push is written."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """The bytes of base64url with or without padding. Raises ValueError."""
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, UnicodeError) as broken:
        raise ValueError("not base64url") from broken


def private_key(scalar: str) -> ec.EllipticCurvePrivateKey:
    """A key from its 32 bytes in base64url. Raises ValueError."""
    raw = unb64(scalar)
    if len(raw) != SCALAR_BYTES:
        raise ValueError("not 32 bytes")
    return ec.derive_private_key(int.from_bytes(raw), _CURVE)


def public_half(key: ec.EllipticCurvePrivateKey) -> str:
    """The public key as browsers take it: the uncompressed point in base64url."""
    return b64(key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def derived_scalar(secret: str) -> str:
    """The private key that belongs to a secret of ours: always the same, and of no use to find the secret.

    48 bytes are reduced to the group (FIPS 186-4, B.4.1), so that no key is likelier than another.
    """
    raw = HKDF(SHA256(), 48, salt=None, info=b"quarterdeck web push vapid p-256").derive(secret.encode())
    return b64((int.from_bytes(raw) % (_ORDER - 1) + 1).to_bytes(SCALAR_BYTES))


def check_point(p256dh: str) -> bytes:
    """The browser's public key: 65 bytes, and a point of the curve. Raises ValueError."""
    raw = unb64(p256dh)
    if len(raw) != POINT_BYTES or raw[0] != 4:
        raise ValueError("not an uncompressed point")
    ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, raw)
    return raw


def encrypt(
    message: bytes,
    p256dh: str,
    auth: str,
    sender: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """The body of a push: one aes128gcm record (RFC 8188) that only this browser can open. `sender` and `salt` are
    fresh for each unless given. Raises ValueError where a key of the browser is none, or the message is too long.
    """
    point, secret = check_point(p256dh), unb64(auth)
    if len(message) > MOST_BYTES:
        raise ValueError(f"longer than {MOST_BYTES} bytes")
    sender = sender or ec.generate_private_key(_CURVE)
    salt = salt or os.urandom(16)
    ours = sender.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = sender.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point))
    known = HKDF(SHA256(), 32, salt=secret, info=b"WebPush: info\0" + point + ours).derive(shared)
    key = HKDF(SHA256(), 16, salt=salt, info=b"Content-Encoding: aes128gcm\0").derive(known)
    nonce = HKDF(SHA256(), 12, salt=salt, info=b"Content-Encoding: nonce\0").derive(known)
    sealed = AESGCM(key).encrypt(nonce, message + b"\2", None)
    return salt + (4096).to_bytes(4) + bytes([len(ours)]) + ours + sealed


def vapid(key: ec.EllipticCurvePrivateKey, audience: str, contact: str, until: int) -> str:
    """The Authorization of a push: a JWT (ES256) for one push service until a moment (seconds since 1970), and our
    public key.
    """
    parts = [{"typ": "JWT", "alg": "ES256"}, {"aud": audience, "exp": until, "sub": contact}]
    signed = ".".join(b64(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(SHA256())))
    signature = b64(r.to_bytes(SCALAR_BYTES) + s.to_bytes(SCALAR_BYTES))
    return f"vapid t={signed}.{signature}, k={public_half(key)}"
