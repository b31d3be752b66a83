"""One's own API keys: made, listed, revoked. A key acts as its owner."""

from __future__ import annotations

from typing import Annotated

from ninja import Query

from quarterdeck.app.people import keys as acts
from quarterdeck.core.kernel.refused import forbidden
from quarterdeck.store import models

from .doors import LOGIN, Request
from .fields import Id, Moment, Number, Read, Text, Write
from .operations import Noun
from .pages import Page, PageAsked, page

NOUN = Noun("Keys", "/keys")


class ApiKey(Read):
    """`hint` is the beginning and the end of the key."""

    id: str
    name: str
    hint: str
    created_at: Moment
    expires_at: Moment
    last_used_at: Moment | None
    revoked_at: Moment | None


class ApiKeyMade(ApiKey):
    """`key` cannot be read again."""

    key: str


class ApiKeyWrite(Write):
    """It lives for `days`, a year at most."""

    name: Annotated[str, Text(120, least=1)]
    days: Annotated[int, Number(1, acts.LONGEST_DAYS)] = 90


@NOUN.get("", LOGIN, Page[ApiKey])
def list_keys(request: Request, asked: Query[PageAsked]) -> Page[ApiKey]:
    """One's own keys, the newest first."""
    rows = models.ApiKey.objects.filter(person_id=request.act.person)
    return page(asked, rows, ("-id",), lambda found: [ApiKey.model_validate(r) for r in found])


@NOUN.post("", LOGIN, ApiKeyMade)
def create_key(request: Request, body: ApiKeyWrite) -> ApiKeyMade:
    """A key that acts as oneself; the answer is the only place it is ever shown."""
    if "Authorization" in request.headers:
        # Else a leaked key outlives its end and its revocation in the keys it made.
        raise forbidden(
            "key.by_key",
            "A key makes no further key. Sign in with a browser and make it under Settings, Keys.",
        )
    row, key = acts.create_api_key(request.act, body.name, body.days)
    return ApiKeyMade(**{name: getattr(row, name) for name in ApiKey.model_fields}, key=key)


@NOUN.delete("/{key}", LOGIN)
def revoke_key(request: Request, key: Id) -> None:
    """From now on the key is refused."""
    acts.revoke_api_key(request.act, key)
