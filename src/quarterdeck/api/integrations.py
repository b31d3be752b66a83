"""Integrations: where alerts come in. The key of one is shown once, when it is made."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ninja import Query

from quarterdeck.app.incidents import services
from quarterdeck.app.people import keys as acts
from quarterdeck.core.kernel.refused import bad, missing
from quarterdeck.intake import dialects
from quarterdeck.store import models

from .doors import Request
from .fields import Flag, Id, Moment, Read, Text, Word, Write
from .operations import Noun
from .pages import Page, PageAsked, page

NOUN = Noun("Integrations", "/integrations")


class Integration(Read):
    """`kind` is a dialect, or "any". `hint` is the beginning and the end of the key. `source_kind` is that of its
    alerts: monitor, heartbeat, customer, employee.
    """

    id: str
    name: str
    kind: str
    source_kind: str
    service: str | None
    policy: str | None
    hint: str
    created_at: Moment
    revoked_at: Moment | None
    last_event_at: Moment | None
    event_count: int


class IntegrationMade(Integration):
    """`key` cannot be read again."""

    key: str


class IntegrationWrite(Write):
    """`service` and `policy` are keys, empty for none."""

    name: Annotated[str, Text(120, least=1)]
    kind: Word = "any"
    source_kind: Literal["monitor", "heartbeat", "customer", "employee"] = "monitor"
    service: Word = ""
    policy: Word = ""


class IntegrationsAsked(PageAsked):
    revoked: Flag | None = None


@NOUN.get("", "settings.read", Page[Integration])
def list_integrations(request: Request, asked: Query[IntegrationsAsked]) -> Page[Integration]:
    rows = acts.integrations().select_related("service", "policy")
    if asked.revoked is not None:
        rows = rows.filter(revoked_at__isnull=not asked.revoked)
    return page(asked, rows, ("id",), lambda found: [Integration(**_plain(r)) for r in found])


@NOUN.post("", "key.edit", IntegrationMade)
def create_integration(request: Request, body: IntegrationWrite) -> IntegrationMade:
    """A new integration; the answer is the only place its key is ever shown."""
    known = ["any", *sorted(dialects())]
    if body.kind not in known:
        message = f"There is no dialect {body.kind!r}. Choose one of: {', '.join(known)}."
        raise bad("integration.kind", message, kind=message)
    policy = models.EscalationPolicy.objects.filter(key=body.policy).first() if body.policy else None
    if body.policy and policy is None:
        raise bad("policy.unknown", "There is no such policy. Choose one from the list.", policy="unknown")
    service = services.find(body.service) if body.service else None
    row, key = acts.create_integration(
        request.act, body.name, body.kind, service=service, policy=policy, source_kind=body.source_kind
    )
    return IntegrationMade(**_plain(row), key=key)


@NOUN.get("/{integration}", "settings.read", Integration)
def get_integration(request: Request, integration: Id) -> Integration:
    row = acts.integrations().select_related("service", "policy").filter(id=integration).first()
    if row is None:
        raise missing("integration.unknown", "There is no such integration. Look it up in the list.")
    return Integration(**_plain(row))


@NOUN.delete("/{integration}", "key.edit")
def revoke_integration(request: Request, integration: Id) -> None:
    """From now on its key is refused; what it sent stays."""
    acts.revoke_integration(request.act, integration)


def _plain(row: models.Integration) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "kind": row.kind,
        "source_kind": row.source_kind,
        "service": row.service.key if row.service else None,
        "policy": row.policy.key if row.policy else None,
        "hint": row.hint,
        "created_at": row.created_at,
        "revoked_at": row.revoked_at,
        "last_event_at": row.last_event_at,
        "event_count": row.event_count,
    }
