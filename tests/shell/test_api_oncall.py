"""Who is on call, standing in, and whom an alert would reach, over REST."""

from __future__ import annotations

import itertools
from datetime import timedelta
from urllib.parse import quote

import pytest

from quarterdeck.core.kernel.moments import text
from quarterdeck.store import models
from support.rest import Organisation


@pytest.fixture
def org(db: None) -> Organisation:
    o = Organisation()
    for handle in ("ana", "ben", "cleo"):
        o.call(handle)
    o.schedule("primary", "ana")
    o.schedule("backup", "ben")
    o.service("db", o.policy("db", ("primary", 5), ("backup", 10), repeats=1, catch_all=("cleo",)))
    return o


def at(moment: object) -> str:
    return quote(text(moment))  # type: ignore[arg-type]


def test_who_is_on_call_is_answered_for_any_instant_with_the_reason(org: Organisation) -> None:
    ana = org.call("ana")
    told = {d["schedule"]: d for d in ana.get("/oncall").json["items"]}
    assert {k: d["person"]["name"] for k, d in told.items()} == {"primary": "Ana", "backup": "Ben"}
    assert (told["primary"]["source"], bool(told["primary"]["reason"])) == ("layer", True)
    assert [d["schedule"] for d in ana.get("/oncall?schedule=backup").json["items"]] == ["backup"]
    org.service("web")
    assert ana.get("/oncall?service=web").json["items"] == []
    assert len(ana.get("/oncall?service=db").json["items"]) == 2
    before = ana.get("/oncall?at=2026-01-01T00:00:00Z&schedule=primary").json["items"][0]
    assert (before["person"], before["source"]) == (None, "nobody")
    assert ana.get("/oncall?schedule=none").code == "schedule.unknown"
    assert ana.get("/oncall?service=none").code == "service.unknown"


def test_somebody_stands_in_and_the_past_stays_as_it_was(org: Organisation) -> None:
    ana, start = org.call("ana"), org.now + timedelta(hours=1)
    said = {
        "person": org.id("cleo"),
        "starts_at": text(start),
        "ends_at": text(start + timedelta(hours=8)),
        "reason": "Dentist",
    }
    made = ana.post("/schedules/primary/overrides", said)
    assert (made.status, made.json["person"]["name"], made.json["created_by"]["name"]) == (201, "Cleo", "Ana")
    inside = ana.get(f"/oncall?schedule=primary&at={at(start + timedelta(minutes=1))}").json["items"][0]
    assert (inside["person"]["name"], inside["source"]) == ("Cleo", "override")
    assert [o["id"] for o in ana.get("/schedules/primary/overrides").json["items"]] == [made.json["id"]]
    assert ana.delete(f"/overrides/{made.json['id']}").status == 204
    assert ana.delete(f"/overrides/{made.json['id']}").status == 204
    assert (
        ana.get(f"/oncall?schedule=primary&at={at(start + timedelta(minutes=1))}").json["items"][0]["person"][
            "name"
        ]
        == "Ana"
    )
    kinds = list(models.Event.objects.filter(stream="installation").values_list("kind", flat=True))
    assert kinds[-2:] == ["OverrideAdded", "OverrideRemoved"]


def test_a_running_override_ends_now_and_one_that_is_over_stays(org: Organisation) -> None:
    ana, now = org.call("ana"), org.now
    said = {"person": org.id("cleo"), "starts_at": text(now), "ends_at": text(now + timedelta(hours=8))}
    running = ana.post("/schedules/primary/overrides", said).json["id"]
    assert ana.get("/oncall?schedule=primary").json["items"][0]["person"]["name"] == "Cleo"
    assert ana.delete(f"/overrides/{running}").status == 204
    assert ana.get("/oncall?schedule=primary").json["items"][0]["person"]["name"] == "Ana"
    assert ana.get(f"/oncall?schedule=primary&at={at(now)}").json["items"][0]["person"]["name"] == "Cleo"
    assert ana.delete(f"/overrides/{running}").code == "override.over"
    assert ana.delete("/overrides/none").status == 404


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ends_at": "2026-01-01T00:00:00Z", "starts_at": "2026-01-02T00:00:00Z"}, "override.times"),
        ({"starts_at": "2026-01-01T00:00:00Z"}, "override.past"),
        ({"ends_at": "2190-01-01T00:00:00Z"}, "override.long"),
        ({"person": "nobody"}, "person.unknown"),
    ],
)
def test_an_override_that_cannot_be_meant_is_refused(
    org: Organisation, change: dict[str, str], code: str
) -> None:
    said = {
        "person": org.id("cleo"),
        "starts_at": text(org.now),
        "ends_at": text(org.now + timedelta(hours=8)),
    }
    got = org.call("ana").post("/schedules/primary/overrides", said | change)
    assert (got.status, got.code) == (422, code)
    assert org.call("ole", "observer").post("/schedules/primary/overrides", said).status == 403


def test_a_schedule_shows_its_layers_and_its_shifts_without_holes(org: Organisation) -> None:
    ana = org.call("ana")
    assert [s["key"] for s in ana.get("/schedules").json["items"]] == ["backup", "primary"]
    one = ana.get("/schedules/primary").json
    assert ([p["name"] for p in one["layers"][0]["people"]], one["layers"][0]["turn_unit"]) == (
        ["Ana"],
        "days",
    )
    since, until = org.now, org.now + timedelta(days=14)
    shifts = ana.get(f"/schedules/primary/shifts?since={at(since)}&until={at(until)}").json["items"]
    assert (shifts[0]["starts_at"], shifts[-1]["ends_at"]) == (text(since), text(until))
    assert all(a["ends_at"] == b["starts_at"] for a, b in itertools.pairwise(shifts))
    assert (
        ana.get("/schedules/primary/shifts?since=2026-01-01T00:00:00Z&until=2027-01-01T00:00:00Z").status
        == 422
    )


def test_the_what_if_names_everybody_in_order_with_when_why_and_how(org: Organisation) -> None:
    got = org.call("ana").get("/services/db/escalation?severity=critical").json
    assert (got["policy"], got["urgency"]) == ("db", "high")
    assert [(f["after_seconds"], [c["person"]["name"] for c in f["calls"]]) for f in got["firings"]] == [
        (0, ["Ana"]),
        (300, ["Ben"]),
        (900, ["Ana"]),
        (1200, ["Ben"]),
        (1800, ["Cleo"]),
    ]
    first = got["firings"][0]["calls"][0]
    assert (first["tries"], "on call in Primary" in first["reason"]) == (
        [{"channel": "email", "after_seconds": 0}],
        True,
    )
    assert got["firings"][-1]["last"] is True
    assert models.Callout.objects.count() == 0
    late = (
        org.call("ana")
        .get(f"/services/db/escalation?severity=info&at={at(org.now + timedelta(days=30))}")
        .json
    )
    assert late["urgency"] == "low"


def test_the_what_if_shows_gaps_people_without_contact_and_services_without_policy(org: Organisation) -> None:
    org.person("dora", contacts=())
    org.schedule("empty", "ben")
    models.Layer.objects.filter(schedule__key="empty").delete()
    org.service("web", org.policy("web", ("empty", 5), ("dora", 5)))
    got = org.call("ana").get("/services/web/escalation").json["firings"]
    assert (len(got[0]["skipped"]), "Empty" in got[0]["skipped"][0]) == (1, True)
    assert got[0]["calls"][0]["unreachable"].startswith("This person has no contact")
    org.service("orphan")
    assert org.call("ana").get("/services/orphan/escalation").json == {
        "policy": None,
        "urgency": "high",
        "firings": [],
    }
    assert [p["key"] for p in org.call("ana").get("/escalation-policies").json["items"]] == ["db", "web"]
