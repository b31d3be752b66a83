"""Status pages of other products are read into our words; what cannot be is said, and nothing hostile breaks it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.status.imports import SOURCES, read
from quarterdeck.core.status.words import COMPONENT_STATES, MAINTENANCE_WORDS

STATUSPAGE = {
    "components": [
        {"id": "g1", "name": "API", "group": True},
        {"id": "c1", "name": "Gateway", "group": False, "group_id": "g1", "status": "major_outage", "description": "In"},
        {"id": "c2", "name": "Mail", "status": "strange", "group": False},
    ],
    "incidents": [
        {
            "id": "i1", "name": "Down", "impact": "critical", "status": "resolved",
            "incident_updates": [
                {"id": "u2", "status": "resolved", "body": "Over", "created_at": "2026-01-02T11:00:00.000Z"},
                {
                    "id": "u1", "status": "investigating", "body": "<b>We</b> look<br>into it",
                    "created_at": "2026-01-02T10:00:00.000-05:00", "display_at": "2026-01-02T10:00:00.000Z",
                    "affected_components": [{"code": "c1", "new_status": "major_outage", "old_status": "operational"}],
                },
                {"id": "u3", "status": "resolved", "body": "When?", "created_at": "yesterday"},
            ],
        },
        {"id": "i2", "name": "Empty", "incident_updates": []},
    ],
    "scheduled_maintenances": [
        {
            "id": "m1", "name": "Upgrade", "status": "completed", "impact": "maintenance",
            "scheduled_for": "2026-02-01T01:00:00Z", "scheduled_until": "2026-02-01T03:00:00Z",
            "incident_updates": [{"id": "u9", "status": "completed", "body": "", "created_at": "2026-02-01T02:00:00Z"}],
        }
    ],
}  # fmt: skip
CACHET = {
    "groups": {"data": [{"id": 1, "name": "API"}]},
    "components": {"meta": {}, "data": [{"id": 7, "name": "Gateway", "status": "4", "group_id": 1}]},
    "incidents": {"data": [
        {"id": 3, "name": "Down", "status": 4, "message": "Seen", "component_id": 7, "component_status": 4, "visible": 1,
         "occurred_at": "2026-01-02 10:00:00", "updates": [{"id": 1, "status": 4, "message": "Over", "created_at": "2026-01-02 11:00:00"}]},
        {"id": 4, "name": "Secret", "status": 1, "visible": 0, "created_at": "2026-01-02 10:00:00"},
    ]},
    "schedules": {"data": [{"id": 1, "name": "Upgrade", "status": 2, "scheduled_at": "2026-02-01 01:00:00",
                            "created_at": "2026-01-20 00:00:00", "completed_at": "2026-02-01 03:00:00"}]},
}  # fmt: skip
INSTATUS = {
    "components": [{"id": "c", "name": "Gateway", "status": "MAJOROUTAGE", "group": {"name": "API"}}],
    "incidents": [{"id": "i", "name": "Down", "components": [{"id": "c", "status": "MAJOROUTAGE"}], "updates": [
        {"id": "b", "status": "RESOLVED", "message": "Over", "started": "2026-01-02T11:00:00Z"},
        {"id": "a", "status": "INVESTIGATING", "message": "Seen", "started": "2026-01-02T10:00:00Z"}]}],
    "maintenances": [{"id": "m", "name": "Upgrade", "start": "2026-02-01T01:00:00Z", "updates": [
        {"id": "x", "status": "COMPLETED", "message": "", "started": "2026-02-01T03:00:00Z"}]}],
}  # fmt: skip
KUMA = {
    "config": {"slug": "x"},
    "publicGroupList": [{"name": "API", "monitorList": [{"id": 7, "name": "Gateway"}]}],
    "incident": {"id": 1, "title": "Down", "content": "Seen", "style": "danger", "createdDate": "2026-01-02 10:00:00.123"},
    "maintenanceList": [{"id": 2, "title": "Upgrade", "status": "scheduled",
                         "timeslotList": [{"startDate": "2026-02-01 01:00:00", "endDate": "2026-02-01 03:00:00"}]}],
}  # fmt: skip
PAGES = {"statuspage": STATUSPAGE, "cachet": CACHET, "instatus": INSTATUS, "kuma": KUMA}


def taken(source):
    return read(source, json.dumps(PAGES[source]).encode())


@pytest.mark.parametrize("source", SOURCES)
def test_each_product_tells_the_same_story(source):
    found = taken(source)
    gateway = found.components[0]
    assert (gateway.name, gateway.group) == ("Gateway", "API")
    assert gateway.state == ("operational" if source == "kuma" else "major_outage")
    down = found.incidents[0]
    assert down.title == "Down"
    assert down.updates[0].at.replace(microsecond=0) == datetime(2026, 1, 2, 10, tzinfo=UTC)
    assert down.updates[0].word == "investigating"
    if source != "kuma":
        assert [u.word for u in down.updates] == ["investigating", "resolved"]
        assert down.updates[0].states == {gateway.source: "major_outage"}
    (planned,) = [i for i in found.incidents if i.planned]
    assert planned.title == "Upgrade"
    assert planned.scheduled_for == datetime(2026, 2, 1, 1, tzinfo=UTC)
    assert {u.word for u in planned.updates} <= set(MAINTENANCE_WORDS)


def test_what_cannot_be_taken_is_said_with_its_reason():
    told = [(n.kind, n.name, n.verdict) for n in taken("statuspage").notes]
    assert told == [
        ("component", "Mail", "changes"), ("update", "Down", "cannot"), ("incident", "Empty", "cannot")
    ]  # fmt: skip
    assert ("incident", "Secret", "cannot") in [(n.kind, n.name, n.verdict) for n in taken("cachet").notes]


def test_markup_of_others_is_words_here():
    assert taken("statuspage").incidents[0].updates[0].body == "We look\ninto it"


def test_subscribers_are_counted_and_those_without_an_address_named():
    rows = b"\xef\xbb\xbfmode,email,phone_number,quarantined_at\nemail,a@b.example,,\nsms,,+4930,\nemail,,,\nemail,c@d.example,,2026\n"
    found = read("statuspage", rows)
    assert found.subscribers == 2
    assert [n.name for n in found.notes] == ["row 4", "row 5"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"{",
        b"[[[[",
        b"null",
        b'"x"',
        b"{}",
        b'{"a": 1}',
        b"name,age\n",
        b"[" * 200_000,
        b"\0" * 10,
        b"NaN",
    ],
)
def test_what_is_no_page_is_refused_in_words(content):
    for source in SOURCES:
        with pytest.raises(Refused) as refused:
            read(source, content)
        assert refused.value.kind == "bad"
    with pytest.raises(Refused):
        read("nothing", b"{}")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
    | st.sampled_from(["2026-01-02T10:00:00Z", "resolved", "RESOLVED", "4", "<b>", "\ud800", "9999-99-99 99:99"]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(sorted({k for p in PAGES.values() for k in p} | {
            "id", "name", "status", "updates", "incident_updates", "data", "monitorList", "timeslotList", "body",
            "created_at", "group", "group_id", "affected_components", "code", "new_status", "visible", "startDate",
        })), inner, max_size=6,
    ),
    max_leaves=25,
)  # fmt: skip


@settings(max_examples=40)
@given(st.sampled_from(list(SOURCES)), JSON)
def test_no_shape_of_json_breaks_the_reading(source, document):
    try:
        found = read(source, json.dumps(document).encode())
    except Refused:
        return
    assert all(c.name and c.state in COMPONENT_STATES for c in found.components)
    for incident in found.incidents:
        assert incident.updates
        assert incident.title
        assert all(u.at.tzinfo is UTC for u in incident.updates)
