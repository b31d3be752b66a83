"""Proving anew who one is, before what opens something: with the form itself, or on the page django-allauth has for it.

Whoever signed in a few minutes ago has proven it. A session that was left open on a desk, or stolen, has not.
"""

from __future__ import annotations

import time
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from allauth.mfa.base.forms import ReauthenticateForm
from allauth.mfa.base.internal.flows import post_authentication
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from quarterdeck.core.kernel.refused import bad

__all__ = ["FIELD", "LAPSED", "confirm", "proven"]
FIELD = "confirm"
LAPSED = "It has been a while since you signed in: type your password, or a code of your second factor."
_LONGEST = 512


def proven(request: HttpRequest) -> bool:
    """Whether this session proved who it belongs to within the last minutes."""
    user: Any = request.user
    last = [r.get("at", 0) for r in get_authentication_records(request, user) if isinstance(r, dict)]
    age = time.time() - max(last, default=0)
    return 0 <= age < app_settings.REAUTHENTICATION_TIMEOUT


def confirm(request: HttpRequest, typed: str) -> None:
    """Refuses unless they proved it lately or `typed` is their password, or a code of their second factor."""
    if proven(request):
        return
    if not typed:
        _refuse(LAPSED)
    user: Any = request.user
    if len(typed) > _LONGEST or not (_is_code(request, user, typed) or _is_password(request, user, typed)):
        _refuse("This is neither your password nor a code of your second factor. Nothing was changed.")


def _is_code(request: HttpRequest, user: Any, typed: str) -> bool:
    code = typed.replace(" ", "")
    if not code.isdigit() or not user.authenticator_set.exclude(type="webauthn").exists():
        return False
    form = ReauthenticateForm({"code": code}, user=user)
    if not form.is_valid():
        return False
    post_authentication(request, form.authenticator, reauthenticated=True)
    return True


def _is_password(request: HttpRequest, user: Any, typed: str) -> bool:
    try:
        if not user.has_usable_password() or not get_adapter().reauthenticate(user, typed):
            return False
    except ValidationError:  # too many that were wrong
        _refuse("Too many that were wrong. Wait some minutes, then try again.")
    reauthenticate_by_password(request)
    return True


def _refuse(message: str) -> None:
    raise bad("access.confirm", message, **{FIELD: message})
