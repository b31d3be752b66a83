"""Every operation of the REST interface with the permission it takes. One that declares none stops the start."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from http.client import responses
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.http.response import HttpResponseBase
from ninja import NinjaAPI, Router
from ninja.responses import Status

from .doors import Bearer, Session, known

View = Callable[..., Any]
ROUTER = Router()
# What a reading or a changing operation may answer besides its own.
_READING = frozenset({401, 403, 404, 405, 422, 503})
_CHANGING = _READING | {400, 409, 413, 415, 429}


def _refusals(method: str) -> dict[int, dict[str, Any]]:
    """How the description tells of refusals.

    Said here and not as answers to check: each of those would be a model of its own, several thousand of them, which
    took half of the time in which the interface started.
    """
    return {
        status: {
            "description": responses[status],
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in (_READING if method == "GET" else _CHANGING)
    }


@dataclass(frozen=True, slots=True)
class Operation:
    """`path` is below /api/v1, with the names of its parts in braces. `permission` is one of `core.access`, or
    "login" for everybody who is somebody.
    """

    method: str
    path: str
    name: str
    permission: str


OPERATIONS: list[Operation] = []


class Noun:
    """The operations on one kind of thing; `prefix` stands before their paths."""

    def __init__(self, title: str, prefix: str) -> None:
        self.title = title
        self.prefix = prefix

    def get(self, path: str, permission: str, answer: Any, **options: Any) -> Callable[[View], View]:
        return self._operation("GET", path, permission, 200, answer, options)

    def post(
        self, path: str, permission: str, answer: Any, *, status: int = 201, **options: Any
    ) -> Callable[[View], View]:
        return self._operation("POST", path, permission, status, answer, options)

    def put(self, path: str, permission: str, answer: Any = None, **options: Any) -> Callable[[View], View]:
        return self._operation("PUT", path, permission, 200 if answer else 204, answer, options)

    def patch(self, path: str, permission: str, answer: Any, **options: Any) -> Callable[[View], View]:
        return self._operation("PATCH", path, permission, 200, answer, options)

    def delete(
        self, path: str, permission: str, answer: Any = None, **options: Any
    ) -> Callable[[View], View]:
        return self._operation("DELETE", path, permission, 200 if answer else 204, answer, options)

    def _operation(
        self, method: str, path: str, permission: str, status: int, answer: Any, options: dict[str, Any]
    ) -> Callable[[View], View]:
        if not known(permission):
            raise ImproperlyConfigured(f"{method} {self.prefix}{path}: '{permission}' is no permission.")
        full = self.prefix + path

        def declare(view: View) -> View:
            OPERATIONS.append(Operation(method, full, view.__name__, permission))
            answers: dict[Any, Any] = {status: answer} | options.pop("more", {})
            extra: dict[str, Any] = options.pop("openapi_extra", {})
            by_executives = bool(options.pop("by_executives", False))
            refusals = {code: said for code, said in _refusals(method).items() if code not in answers}
            told = extra | {"responses": refusals | extra.get("responses", {})}
            summary = (
                (view.__doc__ or view.__name__.replace("_", " ").capitalize()).strip().partition("\n")[0]
            )
            ROUTER.api_operation(
                [method],
                full,
                auth=[
                    Bearer(permission, by_executives=by_executives),
                    Session(permission, by_executives=by_executives),
                ],
                response=answers,
                operation_id=view.__name__,
                summary=summary.rstrip("."),
                tags=[self.title],
                openapi_extra=told,
                **options,
            )(view)
            # After django-ninja has read the signature, which a wrapper would hide from it.
            view._ninja_operation.view_func = _with_status(view, status)  # type: ignore[attr-defined]
            return view

        return declare


def _with_status(view: View, status: int) -> View:
    """The view with its answer under the status that was declared for it."""

    @functools.wraps(view)
    def inner(*args: Any, **kwargs: Any) -> Any:
        result = view(*args, **kwargs)
        return result if isinstance(result, HttpResponseBase) else Status(status, result)

    return inner


def require_all_declared(api: NinjaAPI) -> None:
    """Raises ImproperlyConfigured when an operation has no permission, or two share a name."""
    seen: set[str] = set()
    for router in api._get_bound_routers():
        for path, view in router.path_operations.items():
            for operation in view.operations:
                doors = operation.auth_callbacks
                if not doors or not all(known(getattr(d, "permission", "")) for d in doors):
                    raise ImproperlyConfigured(f"No permission is declared for {operation.methods} {path}.")
                name = operation.operation_id or ""
                if name in seen:
                    raise ImproperlyConfigured(f"Two operations are called {name}. Rename one.")
                seen.add(name)
