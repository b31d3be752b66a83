"""Signs a mail as its domain (DKIM, RFC 6376; Ed25519 by RFC 8463), relaxed in header and body. Verifies nothing."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from quarterdeck.core.kernel.refused import bad

# Named twice where a second one would change what is read: then none can be added later.
SIGNED = (
    "from", "to", "subject", "date", "message-id", "reply-to", "in-reply-to", "references", "auto-submitted",
    "list-unsubscribe", "list-unsubscribe-post", "mime-version", "content-type",
)  # fmt: skip
_TWICE = ("from", "to", "subject", "date")
_BLANKS = re.compile(rb"[ \t]+")
_LABELS = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,200}[A-Za-z0-9])?")
Private = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class Key:
    """Whose signature, by which record of the domain (`selector`._domainkey.`domain`)."""

    domain: str
    selector: str
    private: Private


def check(domain: str, selector: str, file: str, from_address: str) -> None:
    """Refuses names that cannot be, and a domain that has nothing to do with the sender's: nobody would believe it."""
    if not (domain or selector or file):
        return
    if not (domain and selector and file):
        raise bad("email.dkim", "Signing needs dkim_domain, dkim_selector and dkim_key_file, all three.")
    if not (_LABELS.fullmatch(domain) and _LABELS.fullmatch(selector)):
        raise bad(
            "email.dkim", "dkim_domain and dkim_selector are names as in DNS, such as example.com and mail1."
        )
    sends = from_address.rpartition("@")[2].lower()
    if sends and not (sends == domain.lower() or sends.endswith("." + domain.lower())):
        raise bad(
            "email.dkim_domain", f"The sender's address is at {sends}: sign as that domain, or one above it."
        )


def load(domain: str, selector: str, file: str) -> Key | None:
    """The key of a PEM file, read once while it stays as it is; None where none is set. Raises Refused."""
    if not file:
        return None
    try:
        return _load(domain, selector, file, Path(file).stat().st_mtime_ns)
    except OSError as e:
        raise bad("email.dkim_key_file", f"The DKIM key {file} cannot be read: {e.strerror}.") from None


@lru_cache(maxsize=4)
def _load(domain: str, selector: str, file: str, _: int) -> Key:
    try:
        private = serialization.load_pem_private_key(Path(file).read_bytes(), password=None)
    except (ValueError, TypeError):
        raise bad("email.dkim_key_file", f"{file} is no PEM file with a private key.") from None
    if isinstance(private, rsa.RSAPrivateKey) and private.key_size >= 1024:
        return Key(domain, selector, private)
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return Key(domain, selector, private)
    raise bad("email.dkim_key_file", f"{file} is no RSA key of 1024 bits or more, and no Ed25519 key.")


def sign(mail: bytes, key: Key) -> bytes:
    """The header that goes before this mail, with its line end. The mail has CRLF line ends and no doubled dots."""
    head, _, body = mail.partition(b"\r\n\r\n")
    fields = _fields(head)
    names = [n for n in SIGNED if n in fields]
    listed = [*names, *_TWICE]
    kind = "rsa-sha256" if isinstance(key.private, rsa.RSAPrivateKey) else "ed25519-sha256"
    start = (
        f"v=1; a={kind}; c=relaxed/relaxed; d={key.domain}; s={key.selector};\r\n"
        f" h={':'.join(listed)};\r\n bh={body_hash(body)};\r\n b="
    ).encode("ascii")
    signed = b"".join(_relaxed(n.encode(), fields[n]) + b"\r\n" for n in names)
    signed += _relaxed(b"dkim-signature", start)
    return b"DKIM-Signature: " + start + _folded(_signature(signed, key.private)) + b"\r\n"


def body_hash(body: bytes) -> str:
    lines = [_BLANKS.sub(b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    text = b"\r\n".join(lines) + (b"\r\n" if lines else b"")
    return base64.b64encode(hashlib.sha256(text).digest()).decode()


def _signature(signed: bytes, private: Private) -> str:
    if isinstance(private, rsa.RSAPrivateKey):
        made = private.sign(signed, padding.PKCS1v15(), hashes.SHA256())
    else:
        made = private.sign(hashlib.sha256(signed).digest())
    return base64.b64encode(made).decode()


def _fields(head: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for line in re.split(rb"\r\n(?![ \t])", head):
        name, _, value = line.partition(b":")
        found[name.decode("ascii", "replace").strip().lower()] = value
    return found


def _relaxed(name: bytes, value: bytes) -> bytes:
    return name + b":" + _BLANKS.sub(b" ", value.replace(b"\r\n", b"")).strip(b" ")


def _folded(text: str) -> bytes:
    return "\r\n ".join(text[n : n + 70] for n in range(0, len(text), 70)).encode("ascii")
