"""Every refusal as the same JSON: a stable code, a sentence that says what to do, and the fields it is about."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.signals import got_request_exception
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException, UnreadablePostError
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from quarterdeck.core.kernel.refused import Refused

from .fields import Read

log = logging.getLogger("quarterdeck.api")

STATUS = {"bad": 422, "forbidden": 403, "missing": 404, "conflict": 409, "limited": 429}
# Faults of form rather than of value: the same request can never be right, whatever the data.
_FORM = ("extra_forbidden", "model_attributes_type", "dict_attributes_type")


class Fault(Read):
    """`fields` names the fields of the request that are meant, `details` what a program may want to know."""

    code: str
    message: str
    fields: dict[str, str] | None = None
    details: dict[str, str] | None = None


class Problem(Read):
    """What every refusal looks like."""

    error: Fault


class Unreadable(Exception):
    """The body cannot be read; `status` is the answer."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def problem(
    status: int,
    code: str,
    message: str,
    *,
    fields: Mapping[str, str] | None = None,
    details: Mapping[str, str] | None = None,
    **more: Any,
) -> HttpResponse:
    """The answer for a refusal. `more` stands beside `error`, such as the phone list."""
    error: dict[str, Any] = {"code": code, "message": message}
    if fields:
        error["fields"] = dict(fields)
    if details:
        error["details"] = dict(details)
    answer = JsonResponse({"error": error, **more}, status=status)
    if status == 401:
        answer["WWW-Authenticate"] = 'Bearer realm="Quarterdeck"'
    return answer


def refusal(refused: Refused, **more: Any) -> HttpResponse:
    return problem(
        STATUS[refused.kind],
        refused.code,
        refused.message,
        fields=refused.fields,
        details=refused.details,
        **more,
    )


def invalid(errors: list[dict[str, Any]]) -> HttpResponse:
    """What pydantic found. A name in the path that cannot exist is 404, a fault of form 400, a value 422."""
    fields: dict[str, str] = {}
    form = path = False
    for e in errors:
        place, *loc = (str(x) for x in e["loc"])
        # The first name after "body" is the parameter of our own function.
        name = ".".join(loc[1:] if place == "body" or len(loc) > 1 else loc) or place
        fields.setdefault(name[:200], _said(e))
        path = path or place == "path"
        form = form or (place == "body" and (e["type"] in _FORM or e["type"].endswith("_type")))
    if path:
        return problem(404, "http.missing", "There is nothing under this address. Check the id in it.")
    about = ", ".join(list(fields)[:5])
    message = f"This request cannot be used as it is: {about}. See what is said for each field."
    return problem(400 if form else 422, "request.unfit", message, fields=fields)


def _said(error: dict[str, Any]) -> str:
    match error["type"]:
        case "missing":
            return "This is required."
        case "extra_forbidden":
            return "There is no such field here."
    return str(error["msg"])[:300]


def install(api: NinjaAPI) -> None:
    """Have every exception of an operation answered in this form."""
    api.add_exception_handler(Refused, lambda request, e: refusal(e))
    api.add_exception_handler(ValidationError, lambda request, e: invalid(e.errors))
    api.add_exception_handler(HttpError, _http)
    api.add_exception_handler(Http404, lambda request, e: nowhere())
    api.add_exception_handler(RequestDataTooBig, lambda request, e: _too_large())
    # A form that was sent with a cookie is read to find its token, and cannot be read again.
    api.add_exception_handler(RawPostDataException, lambda request, e: wrong_type())
    api.add_exception_handler(UnreadablePostError, lambda request, e: _cut_off())
    api.add_exception_handler(DataError, lambda request, e: _unfit_value())
    api.add_exception_handler(IntegrityError, _clash)
    api.add_exception_handler(OperationalError, _busy)
    # The connection broke before, inside a transaction.
    api.add_exception_handler(InterfaceError, _busy)
    api.add_exception_handler(Exception, _failed)


def nowhere() -> HttpResponse:
    return problem(
        404, "http.missing", "There is nothing under this address. The list is in /api/v1/openapi.json."
    )


def wrong_method(allowed: str) -> HttpResponse:
    answer = problem(405, "http.method", f"This address takes {allowed or 'no method'}. Use one of them.")
    answer["Allow"] = allowed
    return answer


def _http(request: HttpRequest, e: HttpError) -> HttpResponse:
    cause = e.__cause__
    if isinstance(cause, Unreadable):
        return problem(cause.status, cause.code, cause.message)
    if e.status_code == 401:
        if request.headers.get("Authorization", "").lower().startswith("bearer "):
            message = (
                "This API key is not known, was revoked or has run out. Make a new one under Settings, Keys."
            )
            return problem(401, "access.unknown_key", message)
        return problem(
            401, "access.unknown", "Send an API key as 'Authorization: Bearer qd_api_…', or sign in."
        )
    return problem(e.status_code, f"http.{e.status_code}", e.message)


def _too_large() -> HttpResponse:
    return problem(413, "body.large", "The body is larger than this server takes. Send less at once.")


def wrong_type() -> HttpResponse:
    return problem(415, "body.type", "Send JSON with 'Content-Type: application/json'.")


def _cut_off() -> HttpResponse:
    return problem(400, "body.cut_off", "The body ended too early. Send it again.")


def _unfit_value() -> HttpResponse:
    return problem(422, "request.unfit", "A value does not fit where it belongs. Shorten texts and numbers.")


def _clash(request: HttpRequest, e: IntegrityError) -> HttpResponse:
    """The database had the last word. Rare, and worth a look when it is not a race."""
    log.error("the database refused %s: %s", request.path[:200], e, exc_info=e)
    return problem(
        409, "store.clash", "Something this depends on has changed meanwhile. Read it again, then retry."
    )


def _busy(request: HttpRequest, e: OperationalError | InterfaceError) -> HttpResponse:
    log.warning("the database could not answer %s: %s", request.path[:200], e)
    answer = problem(503, "store.busy", "The database is busy. Nothing was changed; try again in a second.")
    answer["Retry-After"] = "1"
    return answer


def _failed(request: HttpRequest, e: Exception) -> HttpResponse:
    got_request_exception.send(sender=None, request=request)
    number = request.headers.get("X-Request-Id", "")
    log.error("request %s failed: %s", number, request.path[:200], exc_info=e)
    return problem(500, "http.500", f"This failed. The fault is recorded under {number or 'this address'}.")
