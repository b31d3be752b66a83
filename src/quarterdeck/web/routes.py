"""Every way into the web process with the permission it takes: the Django pages and the native routes.

Nothing is served that is not declared here: a route without a permission stops the start, and a request to
one is refused. A declaration says who may come in at all; what they may do to one incident is `app`'s to
decide.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern, URLResolver, get_resolver, include, path

from quarterdeck.core.access import PERMISSIONS, allowed

PUBLIC = "public"  # anybody
LOGIN = "login"  # anybody who is signed in
KEY = "key"  # a key in the request, checked by the route itself (alert sources, metrics)
PER_OPERATION = "operation"  # each operation of the REST interface declares and checks its own

_OPEN = frozenset({PUBLIC, KEY, PER_OPERATION})
_ATTRIBUTE = "permission"
View = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Native:
    """A route the edge answers without Django. `prefix` ends in "/" when everything below it belongs to the
    route.
    """

    prefix: str
    permission: str
    methods: tuple[str, ...] = ("GET", "HEAD")

    def covers(self, requested: str) -> bool:
        return requested.startswith(self.prefix) if self.prefix.endswith("/") else requested == self.prefix


NATIVE = (
    Native("/in/", KEY, ("GET", "HEAD", "POST", "PUT")),
    Native("/status/", PUBLIC),
    Native("/static/", PUBLIC),
    Native("/live", LOGIN, ("GET",)),
    Native("/healthz", PUBLIC),
    Native("/metrics", KEY),
    Native("/buddy", KEY),
)


def route(pattern: str, view: View, *, name: str, permission: str) -> URLPattern:
    """A page, with who may open it: PUBLIC, LOGIN, KEY or a permission of `core.access`."""
    _known(permission, name)
    return path(pattern, declared(view, permission), name=name)


def below(prefix: str, routes: Iterable[URLPattern | URLResolver]) -> URLResolver:
    """These routes under a common prefix."""
    return path(prefix, include(list(routes)))


def adopted(
    patterns: Iterable[URLPattern | URLResolver],
    permissions: Mapping[str, str],
    *,
    otherwise: str | None = None,
) -> list[URLPattern | URLResolver]:
    """The routes of a library, each by its name with a permission; those not named are left out (or
    `otherwise`).

    Raises ImproperlyConfigured when `permissions` names a route the library does not have: it was renamed or
    removed.
    """
    for name, permission in permissions.items():
        _known(permission, name)
    kept, seen = _adopt(patterns, permissions, otherwise)
    lost = sorted(set(permissions) - seen)
    if lost:
        raise ImproperlyConfigured(
            f"No route is called {', '.join(lost)}. Take it out of the table in boot/urls.py."
        )
    return kept


def _adopt(
    patterns: Iterable[URLPattern | URLResolver], permissions: Mapping[str, str], otherwise: str | None
) -> tuple[list[URLPattern | URLResolver], set[str]]:
    kept: list[URLPattern | URLResolver] = []
    seen: set[str] = set()
    for p in patterns:
        if isinstance(p, URLResolver):
            inner, found = _adopt(p.url_patterns, permissions, otherwise)
            seen |= found
            if inner:
                kept.append(URLResolver(p.pattern, inner, p.default_kwargs, p.app_name, p.namespace))
            continue
        permission = permissions.get(p.name or "", otherwise)
        if permission is not None:
            seen.add(p.name or "")
            kept.append(URLPattern(p.pattern, declared(p.callback, permission), p.default_args, p.name))
    return kept, seen


def _known(permission: str, name: str) -> None:
    if permission not in PERMISSIONS and permission not in (*_OPEN, LOGIN):
        raise ImproperlyConfigured(
            f"Route {name}: '{permission}' is no permission. See core/access/permissions.py."
        )


def declared(view: View, permission: str) -> View:
    """The view, carrying what it takes. For routes that `route` cannot make."""

    @functools.wraps(view)
    def carrying(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs)

    setattr(carrying, _ATTRIBUTE, permission)
    return carrying


def permission_of(view: View) -> str | None:
    """What a view was declared with; None when it was not."""
    return getattr(view, _ATTRIBUTE, None)


def admits(permission: str, role: str | None) -> bool:
    """Whether somebody with this organisation role (None: not signed in) may open a route."""
    if permission in _OPEN:
        return True
    if role is None:
        return False
    return permission == LOGIN or allowed(role, permission)


@dataclass(frozen=True, slots=True)
class Page:
    """A Django route as the registry knows it. `pattern` is as written, such as "incidents/<str:id>/"."""

    pattern: str
    name: str
    permission: str | None
    view: View


def pages(patterns: Iterable[URLPattern | URLResolver] | None = None, prefix: str = "") -> Iterator[Page]:
    """Every Django route there is."""
    for p in get_resolver().url_patterns if patterns is None else patterns:
        at = prefix + str(p.pattern)
        if isinstance(p, URLResolver):
            yield from pages(p.url_patterns, at)
        else:
            yield Page(at, p.name or "", permission_of(p.callback), p.callback)


def require_all_declared(patterns: Iterable[URLPattern | URLResolver] | None = None) -> None:
    """Raises ImproperlyConfigured when a route has no permission: the web process must not start."""
    bare = [page.pattern or "/" for page in pages(patterns) if page.permission is None]
    if bare:
        raise ImproperlyConfigured(
            f"No permission is declared for: {', '.join(bare)}. Declare each with web.routes.route()."
        )
