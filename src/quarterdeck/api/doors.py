"""Who calls: the owner of an API key, or somebody signed in with a browser. Then whether their role may.

A key that is given must be good: a bad one is not made up for by a cookie. The cookie counts for nothing that
changes something unless the form token comes with it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja.errors import AuthenticationError
from ninja.utils import check_csrf

from quarterdeck.app.act import Act, act_of
from quarterdeck.app.executives import executives
from quarterdeck.app.people.keys import owner_of
from quarterdeck.core.access import PERMISSIONS, may, require
from quarterdeck.core.kernel.refused import forbidden
from quarterdeck.store.models import Person

from .names import Names

LOGIN = "login"  # whoever has a key or a session; the operation decides the rest by who it is
SAFE = ("GET", "HEAD", "OPTIONS")


class Request(HttpRequest):
    """A request that came through a door."""

    act: Act
    person: Person
    names: Names


def known(permission: str) -> bool:
    return permission == LOGIN or permission in PERMISSIONS


class Bearer:
    """An API key in the Authorization header."""

    openapi_security_schema = {  # noqa: RUF012 - django-ninja reads it from the instance
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "qd_api_…",
    }

    def __init__(self, permission: str, *, by_executives: bool = False) -> None:
        self.permission, self.by_executives = permission, by_executives

    def __call__(self, request: Request) -> Any:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return None
        now = datetime.now(UTC)
        owner = owner_of(key.strip(), now) if scheme.lower() == "bearer" else None
        if owner is None:
            raise AuthenticationError
        return _enter(request, owner, now, self.permission, self.by_executives)


class Session:
    """The cookie of somebody who is signed in, as the pages themselves use it."""

    def __init__(self, permission: str, *, by_executives: bool = False) -> None:
        self.permission, self.by_executives = permission, by_executives
        self.openapi_security_schema = {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
        }

    def __call__(self, request: Request) -> Any:
        user = getattr(request, "user", None)
        if not isinstance(user, Person) or not user.is_authenticated or not user.is_active:
            return None
        if request.method not in SAFE and check_csrf(request) is not None:
            raise forbidden("access.form_token", "Send the form token as X-CSRFToken, or use an API key.")
        return _enter(request, user, datetime.now(UTC), self.permission, self.by_executives)


def need_key(request: Request) -> None:
    """For what people do only after they proved again who they are: here a key, and not the cookie of a session that
    was left open, or stolen.
    """
    if "Authorization" not in request.headers:
        message = "This takes an API key, or the form of the page itself, where you prove who you are."
        raise forbidden("access.key", message)


def _enter(request: Request, person: Person, now: datetime, permission: str, by_executives: bool) -> Person:
    """`by_executives`: the operation is one by which executives, too, write in a review."""
    request.person = person
    request.act = act_of(person.id, person.role, now, "api")
    request.names = Names(now)
    if permission != LOGIN and not may(request.act.who, permission):
        _as_executive(request, permission)
        require(request.act.who, permission)
    writes = permission == "review.read" and request.method not in SAFE
    if writes and not by_executives and "executive" in request.act.who.roles:
        # Whoever owns a review writes it; an executive writes the strategic part and what they were asked for.
        require(request.act.who, "review.edit")
    return person


def _as_executive(request: Request, permission: str) -> None:
    """In an incident whose role they hold they act with it; elsewhere that they tried to is counted there (X-01)."""
    asked = request.resolver_match
    incident = str(asked.kwargs.get("incident", "")) if asked else ""
    act = request.act
    request.act = Act(executives.inside(act.who, permission, incident, request.path), act.at, act.via)
    if request.method not in SAFE and not may(request.act.who, permission):
        executives.refused(act.who, act.at, incident, asked.url_name or "" if asked else "")
