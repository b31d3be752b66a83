"""How django-allauth behaves here: nobody signs up alone, second factors are sealed, mail goes through the
outbox.
"""

from __future__ import annotations

import base64
import functools
import logging
import os
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.signals import password_reset
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth.password_validation import MinimumLengthValidator
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from quarterdeck.app.act import act_of
from quarterdeck.app.paging import proofs
from quarterdeck.app.people import accounts
from quarterdeck.channels import email

log = logging.getLogger("quarterdeck.sign-in")
LONGEST = 512
SITE = {"name": "Quarterdeck", "domain": "quarterdeck"}


class Accounts(DefaultAccountAdapter):
    """People are invited by an administrator; there is no open sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def format_email_subject(self, subject: str) -> str:
        return f"Quarterdeck: {subject}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Into the outbox; this process sends nothing and holds no mail password."""
        known = {
            "request": self.request, "email": email, "current_site": SITE,
            "public_url": settings.QUARTERDECK_PUBLIC_URL, **context,
        }  # fmt: skip
        message = self.render_mail(template_prefix, email, known)
        accounts.queue_mail(email, message.subject, str(message.body))

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Under the configured address: the Host header of whoever asks has no say in where the mail leads."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return f"{settings.QUARTERDECK_PUBLIC_URL}{path.replace('UID-KEY', quote(key))}"

    def set_password(self, user: Any, password: str) -> None:
        """By the person, recorded; every other session of theirs ends."""
        act = act_of(user.pk, user.role, datetime.now(UTC))
        user.password = accounts.set_password(act, user.pk, password).password

    def post_login(self, request: HttpRequest, user: Any, **how: Any) -> HttpResponse:
        log.info("signed in", extra={"person": user.pk})
        answer: HttpResponse = super().post_login(request, user, **how)
        return answer

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        log.warning("sign-in refused from %s", request.META.get("REMOTE_ADDR", ""))
        super().authentication_failed(request, **credentials)


def _came_by_mail(sender: Any, user: Any, **more: Any) -> None:
    """Whoever chose a password by the link reads that mailbox, unless the link was given by hand."""
    if email.KIND in settings.QUARTERDECK_CHANNELS:
        proofs.came_by_mail(user.pk, datetime.now(UTC))


password_reset.connect(_came_by_mail, dispatch_uid="quarterdeck.proofs")


class SecondFactors(DefaultMFAAdapter):
    """Authenticator secrets and recovery seeds are sealed with a key that is not in the database."""

    def encrypt(self, text: str) -> str:
        return box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """What was sealed with another installation's key opens nothing: a random secret stands for it, which no
        code fits. Passkeys are not sealed; `quarterdeck user forget-second-factor` lets its owner in again.
        """
        try:
            return box().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            log.error("a second factor was sealed with a key that is not in secrets.json")
            return base64.b32encode(os.urandom(20)).decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return {**entity, "name": "Quarterdeck"}


def box() -> MultiFernet:
    """What seals small secrets with the web process' own key, and opens what a former key sealed."""
    return _box(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@functools.lru_cache(maxsize=4)
def _box(*keys: str) -> MultiFernet:
    derived = [
        HKDF(SHA256(), 32, salt=None, info=b"quarterdeck second factors 1").derive(key.encode())
        for key in keys
    ]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])


class Length(MinimumLengthValidator):
    """8 characters at least, 15 advised; nothing is cut off, and nothing so long that hashing it is an
    attack.
    """

    def validate(self, password: str, user: Any = None) -> None:
        super().validate(password, user)
        if len(password) > LONGEST:
            raise ValidationError(f"At most {LONGEST} characters.", code="password_too_long")

    def get_help_text(self) -> str:
        return f"{self.min_length} characters at least; 15 or more (four unrelated words) are much better."


def shown_as(person: Any) -> str:
    """What allauth's pages call somebody."""
    return person.name or person.email
