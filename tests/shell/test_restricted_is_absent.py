"""Restricted incidents change nothing for outsiders: every page, list, search, count, file, feed and figure of a store
with them says what it said without them.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from prometheus_client import CollectorRegistry, generate_latest
from pypdf import PdfReader

from quarterdeck.api.operations import OPERATIONS
from quarterdeck.app.comms import messages
from quarterdeck.app.executives import executives
from quarterdeck.app.exports.write import export
from quarterdeck.app.incidents import attachments, command, incidents, record, replay, tasks
from quarterdeck.app.learning import reviews
from quarterdeck.app.paging import paging
from quarterdeck.app.quick import quick
from quarterdeck.core.escalation.policy import Target
from quarterdeck.core.incidents import Content, Declaration, content_hash
from quarterdeck.core.kernel.chain import canonical
from quarterdeck.store import feed, log, models, project
from quarterdeck.web import edge_metrics
from quarterdeck.web.edge_health import Figures, Health
from quarterdeck.web.routes import pages
from support.attacks import BACKEND, CANARY, QUERIES, org
from support.rest import HOST, Organisation

__all__ = ["org"]
OUTSIDERS = ("root", "ben", "eva")
# Ids, tokens and clocks differ between two looks at the same thing.
_VARIES = (
    (re.compile(r"<time\b.*?</time>", re.DOTALL), "<time>"),
    (re.compile(r"\b[A-Za-z0-9_-]{40,}={0,2}"), "<token>"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.]\d+)?)?(?:Z|\+00:00)?"), "<moment>"),
    (re.compile(r"\b\d\d?:\d\d(?::\d\d)?\b"), "<clock>"),
    (re.compile(r"\b\d+ (?:s|min|h|seconds?|minutes?)\b"), "<span>"),
    (re.compile(r"[\d.]+ GiB are free"), "<disk>"),
    (re.compile(r" tl__item--new"), ""),  # of the last seconds
    # Hours carried up to this moment, which may pass a whole one; calls are compared.
    (re.compile(r'[\d,]+(</span><span class="figure__s">h, weighed)'), r"<hours>\1"),
    (re.compile(r'(data-label="(?:Burden|Hours)">(?:<b>)?)[\d,.]+'), r"\1<hours>"),
    (re.compile(r'\b(x1|x2|cx|width)="[\d.]+%?"'), "<now>"),  # lines at the present moment
    # Where the log of all stands: a place to resume from that says nothing of what is in it.
    (re.compile(r'data-live-after="[^"]*"'), "<place>"),
)
# The audit trail keeps for administrators that somebody paged by hand or exported a record, so that nobody does it
# unseen; of a restricted incident it says neither which one nor whom (see the test below).
# Those who run the product see how many timers and pages are due this second, by kind.
# The cost of an incident grows from second to second (see test_the_cost_of_an_incident_is_its_own).
_OF_ITS_OWN = frozenset(
    {"/settings/audit", "/settings/engine", "/api/v1/engine", "/api/v1/incidents/INC-1/costs"}
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path):
    before = settings.QUARTERDECK_ATTACHMENTS
    settings.QUARTERDECK_ATTACHMENTS = tmp_path / "attachments"
    yield
    settings.QUARTERDECK_ATTACHMENTS = before


def known(text: str) -> str:
    for pattern, instead in _VARIES:
        text = pattern.sub(instead, text)
    return text


def ordinary(org: Organisation) -> str:
    """A company with an incident that everybody sees, an alert, a schedule, a page, a review."""
    org.person("cleo")
    org.schedule("primary", "ben", "cleo")
    org.service("shop", org.policy("shop", ("primary", 600), ("ben", 600)))
    org.alert("disk")
    models.Team.objects.create(key="shop", name="Shop")
    models.StatusPage.objects.create(id="page-1", key="shop", title="Shop", created_at=org.now)
    said = {"type": "availability", "severity": 3, "services": ("shop",), "both_reason": "The same people."}
    incident = incidents.declare(org.act("ben"), Declaration("Search is slow", **said)).incident.key
    record.write(org.act("ben"), incident, "note", "The queue grows")
    org.settle()
    return incident


def hidden(org: Organisation) -> list[str]:
    """Two restricted incidents with all that an incident can have, one of them over; only Ana and Cleo know of them."""
    keys = []
    for over in (True, False):
        said = {"type": "security", "severity": 1, "restricted": True, "summary": CANARY}
        ana = org.act("ana")
        key = incidents.declare(ana, Declaration(f"{CANARY} title", both_reason=CANARY, **said)).incident.key
        keys.append(key)
        record.write(ana, key, "finding", f"{CANARY} finding", followup=True)
        record.decide(ana, key, f"{CANARY} question", "yes")
        attachments.attach(ana, key, f"{CANARY}.log", b"a line\n")
        tasks.give(ana, key, f"{CANARY} task", org.id("cleo"), 10)
        tasks.plan_check(ana, key, f"{CANARY} region")
        quick.say(ana, key, f"/fact cause: {CANARY}")
        command.assign_role(ana, key, "scribe", org.id("cleo"))
        executives.off_channel(ana, key, f"{CANARY} restart", CANARY)
        paging.page(ana, [Target("person", org.id("cleo"))], f"{CANARY} page", CANARY, incident_id=key)
        told = Content("responders", f"{CANARY} news", body=CANARY, final=True)
        messages.draft(ana, key, told)
        message = models.MessageRow.objects.filter(incident_id=key).order_by("drafted_at").last()
        assert message is not None
        messages.release(ana, key, message.id, content_hash(project.load(key).messages[message.id]))
        if over:
            incidents.change_phase(ana, key, "investigating", CANARY, CANARY)
            incidents.resolve(ana, key, "fixed", None, CANARY, override_reason="small")
            reviews.add_action_item(ana, key, f"{CANARY} item", org.id("cleo"), "2027-03-20")
        org.settle()
        # Whoever was called for a role has answered or not; an outsider who was called would be none.
        assert not models.Callout.objects.filter(incident_id=key, person__handle__in=OUTSIDERS).exists()
    return keys


def addresses(org: Organisation, incident: str) -> list[str]:
    """Everything that can be read: each page and operation, with the ids of what is there."""
    ids = {
        "incident_id": incident, "incident": incident, "person_id": org.id("ana"), "person": org.id("ana"),
        "key": "shop", "service": "shop", "team": "shop", "schedule": "primary", "page": "shop", "name": "timeline",
        "role": "commander", "alert_id": models.Alert.objects.get().id, "alert": models.Alert.objects.get().id,
    }  # fmt: skip
    found = [p.pattern for p in pages() if not p.pattern.startswith(("api/", "accounts/", "^accounts/"))]
    found += [f"api/v1{o.path.replace('{', '<').replace('}', '>')}" for o in OPERATIONS if o.method == "GET"]
    filled = {"/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda m: ids.get(m[1], m[0]), p).strip("^$") for p in found}
    plain = sorted(a for a in filled if "<" not in a and "(" not in a and a not in _OF_ITS_OWN)
    more = [a + q for a in plain for q in QUERIES.get(a, ())]
    more += [f"/catalog/people/{org.id('cleo')}", "/api/v1/incidents?open=true", f"/api/v1/incidents?q={CANARY[:-2]}",
             "/parts/now/incidents", "/insights?days=365"]  # fmt: skip
    return [*plain, *more]


def entered(org: Organisation, handle: str) -> Client:
    client = Client(headers={"host": HOST, "accept": "text/html, application/json"})
    client.force_login(org.find(handle), backend=BACKEND)
    return client


def looked(client: Client, where: list[str]) -> dict[str, str]:
    told = {}
    for address in where:
        got = client.get(address)
        content = b"".join(got.streaming_content) if got.streaming else got.content
        told[address] = f"{got.status_code} {known(readable(content))}"
    return told


def readable(content: bytes) -> str:
    """As a reader sees it: the drawing of a PDF bears the minute it was made in."""
    if content.startswith(b"%PDF"):
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    return content.decode("utf-8", "replace")


def exported(org: Organisation, incident: str) -> dict[str, bytes]:
    out = io.BytesIO()
    export(org.act("ben"), incident, out)
    with zipfile.ZipFile(io.BytesIO(out.getvalue())) as archive:
        return {n: archive.read(n) for n in archive.namelist() if n.endswith((".jsonl", "incident.json"))}


def metrics() -> str:
    """The figures of `/metrics`, but for ages."""
    registry = CollectorRegistry()
    state = Health(settings.QUARTERDECK_DATA / "beat")._look()
    registry.register(edge_metrics._Collector(Figures(), state))
    return re.sub(r"(_seconds(?:_\w+)?) [-\d.e+]+", r"\1", generate_latest(registry).decode())


@pytest.mark.requirement("R-293", "X-25")
def test_a_store_with_restricted_incidents_is_for_outsiders_the_same_as_one_without(
    org: Organisation,
) -> None:
    incident = ordinary(org)
    where = addresses(org, incident)
    record_before = exported(org, incident)
    assert len(where) > 120
    clients = {handle: entered(org, handle) for handle in OUTSIDERS}
    before = {handle: looked(clients[handle], where) for handle in OUTSIDERS}
    again = looked(clients["ben"], where)
    # What differs between two looks at the same store (a fresh token, a PDF with its time) says nothing.
    varying = {a: _first(before["ben"][a], again[a]) for a in where if before["ben"][a] != again[a]}
    assert len(varying) <= 6, varying
    metrics_before, began = metrics(), feed.now()
    keys = hidden(org)
    heard, _ = feed.changes_since(began)
    after = {handle: looked(clients[handle], where) for handle in OUTSIDERS}
    leaks = []
    for handle in OUTSIDERS:
        for address in where:
            if address not in varying and before[handle][address] != after[handle][address]:
                leaks.append(f"{handle} {address}: {_first(before[handle][address], after[handle][address])}")
    assert not leaks, "\n".join(leaks)
    assert exported(org, incident) == record_before
    assert metrics() == metrics_before
    # Of the feed an outsider hears nothing but that a list may have changed.
    assert {c.seq for c in heard if c.topic in ("incidents", "alerts")} <= {0}
    assert {c.topic for c in heard if c.topic.startswith("incident:")} == {f"incident:{k}" for k in keys}
    for handle in ("ana", "cleo"):
        assert CANARY in looked(entered(org, handle), ["/incidents?show=all"])["/incidents?show=all"]
    replay.forget()


def test_the_audit_trail_says_neither_which_restricted_incident_nor_whom(org: Organisation) -> None:
    ordinary(org)
    began = log.head(log.INSTALLATION)[0]
    keys = hidden(org)
    export(org.act("ana"), keys[0], io.BytesIO())
    told = log.read(log.INSTALLATION, began)
    assert {"PagedByHand", "RecordExported"} <= {e.kind for e in told}
    for e in told:
        said = canonical(e.data)
        assert not any(word in said for word in (CANARY, *keys, org.id("cleo"))), said


def _first(before: str, after: str) -> str:
    """Where two texts part, for whoever reads the failure."""
    at = next(
        (n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b),
        min(len(before), len(after)),
    )
    return f"…{before[max(0, at - 80) : at + 80]!r} became …{after[max(0, at - 80) : at + 80]!r}"


@pytest.mark.requirement("R-293")
def test_the_cost_of_an_incident_is_its_own(org: Organisation) -> None:
    incident = ordinary(org)
    keys = hidden(org)
    client = entered(org, "ben")
    told = client.get(f"/api/v1/incidents/{incident}/costs").content.decode()
    assert CANARY not in told and not [key for key in keys if key in told]
    assert [client.get(f"/api/v1/incidents/{key}/costs").status_code for key in keys] == [404, 404]
