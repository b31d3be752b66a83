"""Who is on call, standing in, and whom an alert would reach, over REST."""

from __future__ import annotations

import itertools
from datetime import timedelta
from urllib.parse import quote

import pytest

from quarterdeck.cli.respond import _ladder
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
        "by_turns": False,
    }
    assert [p["key"] for p in org.call("ana").get("/escalation-policies").json["items"]] == ["db", "web"]


def test_a_schedule_is_made_with_a_layer_of_several_at_once(org: Organisation) -> None:
    ana = org.call("ana")
    made = ana.post("/schedules", {"key": "pair", "name": "Pair", "timezone": "Europe/Berlin"})
    assert (made.status, made.json["timezone"]) == (201, "Europe/Berlin")
    said = {
        "name": "Months",
        "people": [org.id("ben"), org.id("cleo")],
        "at_once": 2,
        "turn_unit": "months",
        "handover_day": 31,
        "restrictions": [{"start": "00:00", "end": "00:00"}],
        "gaps_allowed": False,
    }
    layer = ana.post("/schedules/pair/layers", said)
    assert (layer.status, layer.json["at_once"], layer.json["turn_unit"]) == (201, 2, "months")
    assert ana.get("/schedules/pair").json["layers"] == [layer.json]
    told = ana.get("/oncall?schedule=pair").json["items"][0]
    assert {p["name"] for p in told["people"]} == {"Ben", "Cleo"}
    assert told["person"] == told["people"][0]
    shift = ana.get("/schedules/pair/shifts").json["items"][-1]
    assert len(shift["people"]) == 2
    changed = ana.put(f"/schedules/pair/layers/{layer.json['id']}", said | {"at_once": 1})
    assert (changed.status, changed.json["at_once"]) == (200, 1)
    assert ana.delete(f"/schedules/pair/layers/{changed.json['id']}").status == 204
    assert ana.patch("/schedules/pair", {"timezone": "Mars/Base"}).status in (400, 422)


@pytest.mark.parametrize(
    "wrong",
    [
        {"people": []},
        {"people": ["nobody"]},
        {"at_once": 3},
        {"turn_length": 0},
        {"turn_unit": "months", "turn_length": 13},
        {"turn_unit": "years"},
        {"handover_time": "25:00"},
        {"ends_at": "2020-01-01T00:00:00Z"},
        {"region": "XX"},
        {"restrictions": [{"start": "9", "end": "10"}]},
        {
            "fixed": [
                {"person": "nobody", "starts_at": "2027-01-01T00:00:00Z", "ends_at": "2027-01-01T00:00:00Z"}
            ]
        },
    ],
)
def test_a_layer_that_means_nothing_is_refused(org: Organisation, wrong: dict[str, object]) -> None:
    said = {"people": [org.id("ben"), org.id("cleo")]} | wrong
    refused = org.call("ana").post("/schedules/primary/layers", said)
    assert refused.status in (400, 422)
    assert refused.json["error"]["message"]


def test_fixed_shifts_come_from_a_program(org: Organisation) -> None:
    ana = org.call("ana")
    start = org.now + timedelta(hours=1)
    shift = {"person": org.id("cleo"), "starts_at": text(start), "ends_at": text(start + timedelta(hours=2))}
    made = ana.post("/schedules/primary/layers", {"fixed": [shift | {"ref": "roster-7"}]})
    assert (made.status, made.json["fixed"][0]["ref"]) == (201, "roster-7")
    told = ana.get(f"/oncall?schedule=primary&at={at(start)}").json["items"][0]
    assert (told["person"]["name"], told["source"]) == ("Cleo", "fixed")


def test_a_swap_and_cover_go_over_rest(org: Organisation) -> None:
    ana, cleo = org.call("ana"), org.call("cleo")
    start = org.now + timedelta(days=1)
    slot = {"schedule": "primary", "starts_at": text(start), "ends_at": text(start + timedelta(days=1))}
    made = ana.post("/swaps", slot | {"other": org.id("cleo"), "reason": "Concert"})
    assert (made.status, made.json["state"]) == (201, "offered")
    assert [s["id"] for s in cleo.get("/swaps?mine=true").json["items"]] == [made.json["id"]]
    assert org.call("ben").put(f"/swaps/{made.json['id']}/answer", {"answer": "accept"}).status == 403
    assert cleo.put(f"/swaps/{made.json['id']}/answer", {"answer": "accept"}).json["state"] == "accepted"
    told = ana.get(f"/oncall?schedule=primary&at={at(start)}").json["items"][0]
    assert (told["person"]["name"], told["source"]) == ("Cleo", "swap")
    assert ana.post("/swaps", slot | {"other": org.id("cleo")}).code == "swap.not_held"
    assert ana.post("/swaps", slot | {"other": org.id("cleo"), "schedule": "none"}).status == 404
    later = {k: text(start + timedelta(days=n)) for k, n in (("starts_at", 2), ("ends_at", 3))}
    sought = ana.post("/covers", slot | later)
    assert sought.status == 201
    assert ana.put(f"/covers/{sought.json['id']}/answer", {"answer": "withdraw"}).json["state"] == "withdrawn"


def test_a_shift_is_taken_and_an_absence_names_what_it_hits(org: Organisation) -> None:
    ana, ben = org.call("ana"), org.call("ben")
    taken = ben.post("/schedules/primary/takeover", {"until": text(org.now + timedelta(hours=3))})
    assert (taken.status, taken.json["effect"], taken.json["instead_of"]["name"]) == (201, "one", "Ana")
    assert ana.get("/oncall?schedule=primary").json["items"][0]["person"]["name"] == "Ben"
    assert ben.post("/schedules/primary/takeover", {}).code == "take.already"
    span = {"starts_at": text(org.now + timedelta(days=1)), "ends_at": text(org.now + timedelta(days=2))}
    away = ana.post("/absences", span)
    assert (away.status, [h["schedule"] for h in away.json["hits"]]) == (201, ["primary"])
    assert ben.delete(f"/absences/{away.json['id']}").status == 403
    assert ana.delete(f"/absences/{away.json['id']}").status == 204
    assert ana.get("/absences").json["items"] == []


def test_the_command_line_tells_the_exact_sequence(org: Organisation) -> None:
    told = org.call("ana").get(f"/services/db/escalation?severity=critical&at={at(org.now)}").json
    lines = _ladder(told)
    assert lines[0] == "Policy db, urgency high, if nobody answers:"
    assert any(line.startswith("+00:00:00  Ana") for line in lines)
    assert any(line.startswith("+00:05:00  Ben") for line in lines)
    assert "the end:" in lines[-1]
    assert _ladder({"policy": None}) == ["No policy covers this service: nobody would be paged."]
