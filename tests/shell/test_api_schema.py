"""The description against what is served: schemathesis makes requests from the document, good and bad ones, and
compares each answer with what the document promises.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.db import connections
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.schemas import BaseSchema

from quarterdeck.api.operations import OPERATIONS
from quarterdeck.core.kernel.moments import text
from support.rest import HOST, Caller, Organisation

CHECKED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
    "missing_required_header",
    "use_after_free",
)
# positive_data_acceptance: rules of the trade refuse what a schema allows, such as a task for nobody.
# ignored_auth: sends over the network, which is not there; test_api_doors asks every operation without a key.
LEFT_OUT = ("positive_data_acceptance", "ignored_auth")
SOAK = bool(os.environ.get("QUARTERDECK_SOAK"))


def config(headers: dict[str, str]) -> SchemathesisConfig:
    """Deterministic, so that a run is the same everywhere; `max-examples` is the budget of each operation."""
    checks = {name: {"enabled": True} for name in CHECKED} | {name: {"enabled": False} for name in LEFT_OUT}
    return SchemathesisConfig.from_dict(
        {
            "headers": headers,
            "generation": {"deterministic": True, "max-examples": 200 if SOAK else 2},
            "phases": {"stateful": {"enabled": SOAK}, "coverage": {"enabled": SOAK}},
            "checks": checks,
        }
    )


@pytest.fixture
def schema(db: None) -> Iterator[BaseSchema]:
    """The served document, an administrator's key, and a little of everything to find."""
    org = Organisation()
    root = org.call("root", "administrator")
    populate(org, root)
    yield schemathesis.openapi.from_wsgi(
        "/api/v1/openapi.json",
        get_wsgi_application(),
        config=config(root.headers),
        headers=root.headers,
        base_url=f"http://{HOST}",
    )
    connections.close_all()


def populate(org: Organisation, root: Caller) -> None:
    """One of each kind of thing."""
    org.call("ben")
    org.schedule("primary", "ben")
    org.service("db", org.policy("default", ("primary", 5), ("ben", 5)))
    org.alert("disk")
    incident = org.declare("root", severity=1)
    where = f"/incidents/{incident}"
    later = text(datetime.now(UTC) + timedelta(hours=1))
    message = {
        "audience": "customers_all",
        "headline": "h",
        "customer_effect": "e",
        "action": "a",
        "next_update_at": later,
    }
    root.post("/status-pages", {"key": "main", "title": "Main"})
    root.post("/teams", {"key": "pay", "name": "Payments"})
    for path, body in (
        (f"{where}/tasks", {"title": "t", "assignee": org.id("root"), "minutes": 5}),
        (f"{where}/checks", {"subject": "eu"}),
        (f"{where}/messages", message),
        (f"{where}/entries", {"text": "n"}),
        ("/silences", {"matchers": [{"name": "a", "value": "b"}], "ends_at": later, "comment": "c"}),
        ("/status-pages/main/components", {"name": "c"}),
        ("/integrations", {"name": "i"}),
        ("/audience-contacts", {"audience": "staff", "email": "a@example.com"}),
        ("/callouts", {"people": [org.id("root")], "reason": "r"}),
    ):
        assert root.post(path, body).status == 201, path


@pytest.mark.slow
@pytest.mark.timeout(3600 if SOAK else 600)
def test_every_answer_is_what_the_description_promises(schema: BaseSchema) -> None:
    reached: set[str] = set()
    wrong: list[str] = []
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            wrong.append(str(getattr(event, "info", event)))
        if isinstance(event, events.ScenarioFinished):
            reached.add(str(event.recorder.label))
            wrong += list(_failures(event.recorder))
    assert not wrong, "\n".join(wrong[:20])
    # The document itself is where schemathesis begins; it is not asked again.
    assert {f"{op.method} /api/v1{op.path}" for op in OPERATIONS if op.name != "openapi"} <= reached


def _failures(recorder: Any) -> Iterator[str]:
    for case_id, checks in recorder.checks.items():
        for check in checks:
            if check.status.value != "success":
                sent = recorder.interactions[case_id]
                why = check.failure_info.failure.message if check.failure_info else check.status.value
                yield f"{recorder.label} {check.name}: {why} ({sent.request.uri} {sent.request.body!r})"
