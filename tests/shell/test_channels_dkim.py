"""Signing mails: the body hash of RFC 8463's own example, and signatures that hold and break."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from quarterdeck.channels import dkim
from quarterdeck.channels.email import Settings
from quarterdeck.channels.mail_message import Sender
from quarterdeck.channels.mail_template import Slots, Template
from quarterdeck.channels.outcome import Outgoing
from quarterdeck.core.kernel.refused import Refused

BODY = b"Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n"
SLOTS = Slots(
    "ana@example.com",
    "Ana \u0420\u0443\u0438\u0437",
    "<r1.abc@example.com>",
    "https://ops.example.com/u/1/" + "t" * 90 + "/",
)
OUTGOING = Outgoing(
    "m1", "", "Search \u2014 slow", ".dots\n. at the start\n" + "long " * 60, kind="message", thread="T"
)


def test_the_body_hash_is_that_of_the_standard() -> None:
    assert dkim.body_hash(BODY) == "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8="
    assert dkim.body_hash(b"\r\n\r\n") == base64.b64encode(hashlib.sha256(b"").digest()).decode()


def holds(mail: bytes, public: rsa.RSAPublicKey | ed25519.Ed25519PublicKey) -> bool:
    """A second reading of RFC 6376, written for this test."""
    head, _, body = mail.partition(b"\r\n\r\n")
    fields = [f.split(b":", 1) for f in re.split(rb"\r\n(?![ \t])", head)]
    tidy = lambda v: re.sub(rb"[ \t]+", b" ", v.replace(b"\r\n", b"")).strip()  # noqa: E731
    signature = next(v for n, v in fields if n.lower() == b"dkim-signature")
    tags = {k.strip(): re.sub(rb"\s", b"", v) for k, v in (t.split(b"=", 1) for t in signature.split(b";"))}
    data, left = b"", list(fields)
    for name in tags[b"h"].split(b":"):
        found = next((f for f in reversed(left) if f[0].lower() == name), None)
        if found is not None:
            left.remove(found)
            data += name + b":" + tidy(found[1]) + b"\r\n"
    bare = re.sub(rb"b=[^;]*$", b"b=", signature)
    data += b"dkim-signature:" + tidy(bare)
    if tags[b"bh"].decode() != dkim.body_hash(body):
        return False
    made = base64.b64decode(tags[b"b"])
    try:
        if isinstance(public, rsa.RSAPublicKey):
            public.verify(made, data, padding.PKCS1v15(), hashes.SHA256())
        else:
            public.verify(made, hashlib.sha256(data).digest())
    except InvalidSignature:
        return False
    return True


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_every_mail_of_a_template_is_signed_for_its_own_recipient(kind: str, tmp_path: Path) -> None:
    private = rsa.generate_private_key(65537, 2048) if kind == "rsa" else ed25519.Ed25519PrivateKey.generate()
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "key.pem").write_bytes(pem)
    key = dkim.load("example.com", "mail1", str(tmp_path / "key.pem"))
    template = Template(
        OUTGOING, Sender("status@example.com"), datetime(2026, 1, 1, tzinfo=UTC), with_link=True, key=key
    )
    mail = template.mail(SLOTS).removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")
    assert holds(mail, private.public_key())
    assert not holds(mail.replace(b"ana@", b"eve@", 1), private.public_key())
    assert not holds(mail.replace(b"dots", b"dogs"), private.public_key())
    assert not holds(b"Subject: another\r\n" + mail, private.public_key())


def test_a_template_makes_whole_mails_whose_text_ends_where_it_should() -> None:
    template = Template(
        OUTGOING, Sender("status@example.com"), datetime(2026, 1, 1, tzinfo=UTC), with_link=True
    )
    wire = template.mail(SLOTS)
    assert wire.endswith(b"\r\n.\r\n") and wire.count(b"\r\n.\r\n") == 1
    assert max(map(len, wire.split(b"\r\n"))) < 200
    mail = message_from_bytes(wire.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n."), policy=default)
    assert mail["List-Unsubscribe"].strip("<>") == SLOTS.unsubscribe_url
    for part in ("plain", "html"):
        text = mail.get_body((part,)).get_content()
        assert SLOTS.unsubscribe_url in text and ".dots" in text and "qdslot" not in text
    assert mail["To"].addresses[0].display_name == SLOTS.name


def test_a_domain_that_is_not_the_senders_is_refused() -> None:
    with pytest.raises(Refused):
        Settings(from_address="a@example.com", dkim_domain="other.org", dkim_selector="x", dkim_key_file="k")
    with pytest.raises(Refused):
        Settings(from_address="a@example.com", dkim_domain="example.com")
