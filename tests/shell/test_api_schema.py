"""The description against what is served: schemathesis makes requests from the document, good and bad ones, and
compares each answer with what the document promises.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, settings
from schemathesis import checks
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi import checks as openapi
from support.rest import HOST, Caller, Organisation

from quarterdeck.core.kernel.moments import text

CHECKS = [
    checks.not_a_server_error,
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_schema_conformance,
    openapi.negative_data_rejection,
    openapi.unsupported_method,
    openapi.missing_required_header,
    openapi.ignored_auth,
]
# Deterministic, so that a run is the same on every machine; `max_examples` is the budget of each operation.
CONFIG = {"generation": {"deterministic": True, "max-examples": 8}, "phases": {"coverage": {"enabled": True}}}


@pytest.fixture
def schema(db: None) -> Iterator[BaseSchema]:
    """The served document, an administrator's key, and a little of everything to find."""
    org = Organisation()
    root = org.call("root", "administrator")
    there = populate(org, root)
    found = schemathesis.openapi.from_wsgi(
        "/api/v1/openapi.json",
        get_wsgi_application(),
        config=SchemathesisConfig.from_dict({"headers": root.headers, **CONFIG}),
        headers=root.headers,
        base_url=f"http://{HOST}",
    )
    found.there = there  # type: ignore[attr-defined]
    yield found


def populate(org: Organisation, root: Caller) -> dict[str, str]:
    """One of each kind of thing; its names, by the part of an address that holds them."""
    org.call("ben")
    org.schedule("primary", "ben")
    org.service("db", org.policy("default", ("primary", 5), ("ben", 5)))
    alert = org.alert("disk")
    incident = org.declare("root", severity=1)
    where = f"/incidents/{incident}"
    later = text(datetime.now(UTC) + timedelta(hours=1))
    message = {"audience": "customers_all", "headline": "h", "customer_effect": "e", "action": "a", "next_update_at": later}
    root.post("/status-pages", {"key": "main", "title": "Main"})
    root.post("/teams", {"key": "pay", "name": "Payments"})
    made = {
        "task": root.post(f"{where}/tasks", {"title": "t", "assignee": org.id("root"), "minutes": 5}),
        "check": root.post(f"{where}/checks", {"subject": "eu"}),
        "message": root.post(f"{where}/messages", message),
        "silence": root.post("/silences", {"matchers": [{"name": "a", "value": "b"}], "ends_at": later, "comment": "c"}),
        "component": root.post("/status-pages/main/components", {"name": "c"}),
        "integration": root.post("/integrations", {"name": "i"}),
        "contact": root.post("/audience-contacts", {"audience": "staff", "email": "a@example.com"}),
    }
    callout = root.post("/callouts", {"people": [org.id("root")], "reason": "r"}).json["items"][0]["id"]
    entry = root.post(f"{where}/entries", {"text": "n"}).json["entry"]
    return {
        "incident": incident, "alert": alert.id, "callout": callout, "entry": entry, "person": org.id("root"), "service": "db",
        "schedule": "primary", "team": "pay", "page": "main", "role": "scribe", "audience": "staff", "section": "strategic",
        "phase": "triage", "index": "0", **{name: a.json["id"] for name, a in made.items()},
    }  # fmt: skip



def test_every_answer_is_what_the_description_promises(schema: BaseSchema) -> None:
    from schemathesis.engine import events, from_schema
    for e in from_schema(schema).execute():
        print(type(e).__name__)
        if isinstance(e, events.ScenarioFinished):
            for case_id, cs in e.recorder.checks.items():
                for c in cs:
                    if c.status.value!="success" and c.name not in ("ignored_auth","positive_data_acceptance"): print("   ", e.recorder.label, c.name, str(c.failure_info.failure.title if c.failure_info else c)[:300], (e.recorder.interactions[case_id].request.uri), repr(c.failure_info and c.failure_info.failure.message), repr(e.recorder.interactions[case_id].request.body), repr(e.recorder.cases[case_id].value.meta), e.recorder.interactions[case_id].response.content)
        if isinstance(e,(events.NonFatalError,events.FatalError)): print(e)
