"""Something to be shown once, on the page after the one that made it: a key, a link. Sealed until then.

A reload of that page shows it no more, and makes nothing a second time.
"""

from __future__ import annotations

from cryptography.fernet import InvalidToken
from django.http import HttpRequest

from .adapter import box

_UNDER = "once"


def keep(request: HttpRequest, about: str, secret: str) -> None:
    """For the next page about this thing; it takes the place of what was kept before."""
    request.session[_UNDER] = [about, box().encrypt(secret.encode()).decode()]


def take(request: HttpRequest, about: str) -> str:
    """What was kept about this thing, and from now on nothing."""
    about_, sealed = request.session.get(_UNDER) or ("", "")
    if not sealed or about_ != about or request.method != "GET":
        return ""
    del request.session[_UNDER]
    try:
        return box().decrypt(sealed.encode()).decode()
    except InvalidToken:
        return ""
