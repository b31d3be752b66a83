"""Targets through REST, pages and timers: exact breaches, history, what is pressing, and a miss in the record, once."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from quarterdeck.app.incidents import target_clock, target_watch
from quarterdeck.app.paging.directory import Directory
from quarterdeck.store import models, tx
from support.attacks import CANARY, org, restricted, signed_in
from support.rest import Organisation

__all__ = ["org"]
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def past(number: int, ago: timedelta, **fields: object) -> str:
    """An incident declared so long ago, resolved after as many minutes as its number says."""
    at = datetime.now(UTC) - ago
    key = f"INC-{number}"
    values: dict[str, object] = {
        "id": key, "number": number, "title": key, "type": "availability", "severity": 2, "phase": "closed",
        "phase_since": at, "template": "software", "declared_at": at, "declared_by": "x", "is_open": False,
        "resolved_at": at + number * MINUTE, "services": [], "seq": 9,
    }  # fmt: skip
    models.IncidentRow.objects.create(**(values | fields))
    return key


def commanded(key: str, minutes: int) -> None:
    at = models.IncidentRow.objects.get(id=key).declared_at + minutes * MINUTE
    models.RoleAssignmentRow.objects.create(
        id=f"a-{key}", incident_id=key, role="commander", person_id="p", started_at=at
    )


def in_force(ago: timedelta, **said: object) -> models.Target:
    """A target that was set so long ago."""
    at = datetime.now(UTC) - ago
    values: dict[str, object] = {
        "metric": "time_to_resolve",
        "at_most_seconds": 3600,
        "reason": "r",
        "set_by": "x",
    }
    return models.Target.objects.create(since=at, set_at=at, **(values | said))


def setting(org: Organisation, **said: object) -> dict:
    told = {"metric": "time_to_resolve", "at_most_seconds": 3600, "reason": "The contract says so"} | said
    answer = org.call("root", "administrator").post("/targets", told)
    assert answer.status == 201, answer.json
    return answer.json


@pytest.mark.requirement("R-231", "R-232")
def test_breaches_are_counted_and_listed_exactly(org: Organisation) -> None:
    in_force(40 * DAY)
    in_force(40 * DAY, metric="time_to_respond", at_most_seconds=300, severity=2)
    for number, minutes in ((45, 3), (60, 6), (75, 5)):
        commanded(past(number, 10 * DAY), minutes)
    past(90, 9 * DAY, severity=3)
    past(600, 9 * DAY, drill=True)
    past(500, 9 * DAY, phase="dismissed", resolved_at=None)
    found = org.call("ole", "observer").get("/figures/targets").json
    assert (found["measured"], found["missed"]) == (7, 3)
    assert [(t["metric"], t["severity"], t["measured"], t["missed"], t["median_seconds"]) for t in found["targets"]] == [
        ("time_to_respond", 2, 3, 1, 300.0),
        ("time_to_resolve", None, 4, 2, 67.5 * 60),
    ]  # fmt: skip
    assert {(m["incident"], m["metric"], m["took_seconds"]) for m in found["misses"]} == {
        ("INC-60", "time_to_respond", 360.0),
        ("INC-75", "time_to_resolve", 4500.0),
        ("INC-90", "time_to_resolve", 5400.0),
    }
    page = signed_in(org, "ole").get("/insights/targets").content.decode()
    assert "INC-75" in page and "INC-90" in page and "INC-600" not in page and "kept by 2 of 4" in page
    table = list(
        csv.DictReader(io.StringIO(signed_in(org, "ole").get("/insights/targets.csv").content.decode()))
    )
    assert [(r["incident"], r["metric"]) for r in table if r["missed"] == "yes"] == [
        ("INC-60", "time_to_respond"), ("INC-75", "time_to_resolve"), ("INC-90", "time_to_resolve"),
    ]  # fmt: skip


@pytest.mark.requirement("R-230")
def test_the_figures_of_the_page_are_exported_as_json(org: Organisation) -> None:
    for number in (10, 20, 30, 40, 100):
        past(number, 5 * DAY, impact_started_at=datetime.now(UTC) - 5 * DAY)
    found = org.call("eva", "executive").get("/figures/times").json
    by = {m["metric"]: m for m in found["metrics"]}
    all_ = by["time_to_resolve"]["all"]
    assert found["incidents"] == 5
    assert (all_["n"], all_["median"], all_["p10"], all_["p90"]) == (5, 1800.0, 840.0, 4560.0)
    assert by["time_to_resolve"]["start"] == "reported" and "relapse" in by["time_to_resolve"]["definition"]
    assert by["impact_duration"]["all"]["n"] == 5 and by["time_to_respond"]["all"]["n"] == 0


@pytest.mark.requirement("R-234")
def test_a_target_has_an_author_a_reason_and_a_beginning_and_old_incidents_keep_theirs(
    org: Organisation,
) -> None:
    in_force(40 * DAY)
    past(90, 9 * DAY)
    made = setting(
        org, at_most_seconds=7200, since=(datetime.now(UTC) + DAY).isoformat().replace("+00:00", "Z")
    )
    assert (made["set_by"]["id"], made["reason"]) == (org.id("root"), "The contract says so")
    assert org.call("ole", "observer").get("/figures/targets").json["missed"] == 1
    setting(org, at_most_seconds=6000)
    assert org.call("ole").get("/figures/targets").json["missed"] == 1, "what is over keeps its target"
    listed = org.call("ole").get("/targets").json["items"]
    assert [t["at_most_seconds"] for t in listed] == [7200, 6000, 3600]
    now = org.call("ole").get("/targets?in_force=true").json["items"]
    assert [t["at_most_seconds"] for t in now] == [7200, 6000]
    root = org.call("root")
    assert root.post(f"/targets/{now[1]['id']}/withdrawal", {"reason": "Not ours"}).json["withdrawn"] is True
    assert [t["at_most_seconds"] for t in root.get("/targets?in_force=true").json["items"]] == [7200]
    audited = models.Event.objects.filter(kind__in=("TargetSet", "TargetWithdrawn")).order_by("seq")
    assert [json.loads(e.data)["reason"] for e in audited] == ["The contract says so"] * 2 + ["Not ours"]


def test_what_cannot_be_a_target_is_refused_and_stays_typed(org: Organisation) -> None:
    said = {"metric": "time_to_resolve", "at_most_seconds": 3600, "reason": "r"}
    ana, root = org.call("ana"), org.call("root", "administrator")
    assert ana.post("/targets", said).status == 403
    assert root.post("/targets", said | {"since": "2020-01-01T00:00:00Z"}).code == "target.past"
    assert root.post("/targets", said | {"team": "nobody"}).code == "target.team"
    assert root.post("/targets", said | {"metric": "incidents"}).status == 422
    form = {"metric": "time_to_resolve", "most": "90", "unit": "minutes", "hours": "business", "reason": " "}
    page = signed_in(org, "root").post("/insights/targets", form)
    assert page.status_code == 422 and 'value="90"' in page.content.decode()
    assert not models.Target.objects.exists()
    assert signed_in(org, "root").post("/insights/targets", form | {"reason": "Ours"}).status_code == 302
    row = models.Target.objects.get()
    assert (row.at_most_seconds, row.hours, row.severity, row.team) == (5400, "business", None, "")
    assert "Ours" in signed_in(org, "ole").get("/insights/targets").content.decode()
    assert 'name="most"' not in signed_in(org, "ole").get("/insights/targets").content.decode()


def looked(key: str, at: datetime) -> None:
    with tx.write():
        target_watch.fire(key, Directory(at))


@pytest.mark.requirement("R-234")
def test_a_miss_is_written_to_the_record_once_and_shown_before(org: Organisation) -> None:
    setting(org)
    key = org.declare("ana")
    due = models.Due.objects.get(kind=target_clock.KIND, ref=key, state="waiting").due_at
    by = models.IncidentRow.objects.get(id=key).declared_at + 60 * MINUTE
    assert due == by + timedelta(microseconds=1)
    looked(key, by)
    missed = models.TimelineRow.objects.filter(incident_id=key, kind="target")
    assert not missed.exists(), "exactly in time is in time"
    assert "Targets" in signed_in(org, "ana").get(f"/incidents/{key}").content.decode()
    (standing,) = org.call("ole", "observer").get("/figures/targets/ahead").json["items"]
    assert (standing["incident"], standing["state"]) == (key, "running")
    for later in (due, due + DAY):
        looked(key, later)
    assert [r.title for r in missed] == ["A target was missed: time to resolve"]
    assert not models.Due.objects.filter(kind=target_clock.KIND, ref=key, state="waiting").exists()
    assert org.call("ana").put(f"/incidents/{key}/severity", {"severity": 1, "reason": "Worse"}).status == 200
    assert missed.count() == 1


def test_an_engine_that_was_away_blames_nobody_who_was_in_time(org: Organisation) -> None:
    setting(org)
    first, second = org.declare("ana"), org.declare("ben", title="Another")
    for key, minutes in ((first, 59), (second, 61)):
        row = models.IncidentRow.objects.get(id=key)
        row.resolved_at, row.is_open = row.declared_at + minutes * MINUTE, False
        row.save()
    for key in (first, second):
        looked(key, datetime.now(UTC) + 9 * DAY)
    written = models.TimelineRow.objects.filter(kind="target").values_list("incident_id", flat=True)
    assert list(written) == [second]


def test_what_is_pressing_stands_on_the_first_page_and_nothing_restricted_does(org: Organisation) -> None:
    in_force(DAY)
    seen, hidden = org.declare("ben"), restricted(org)
    for key in (seen, hidden):
        log_row = models.IncidentRow.objects.get(id=key)
        log_row.declared_at -= 50 * MINUTE
        log_row.save()
    for path in ("/", "/insights/targets"):
        page = signed_in(org, "ole").get(path).content.decode()
        assert seen in page and "Time to resolve" in page, path
        assert hidden not in page and CANARY not in page, path
    assert hidden in signed_in(org, "ana").get("/insights/targets").content.decode()
    ahead = org.call("ole", "observer").get("/figures/targets/ahead").json["items"]
    assert [(a["incident"], a["state"]) for a in ahead] == [(seen, "soon")]
    models.IncidentRow.objects.filter(id__in=(seen, hidden)).update(
        is_open=False, resolved_at=datetime.now(UTC) + 2 * 60 * MINUTE
    )
    assert org.call("ole").get("/figures/targets").json["missed"] == 1
    assert org.call("ana").get("/figures/targets").json["missed"] == 2


@pytest.mark.requirement("R-237")
def test_tickets_are_counted_by_hand_and_by_tools(org: Organisation) -> None:
    key = org.declare("ana")
    assert org.call("ana").get(f"/incidents/{key}/tickets").json == {"tickets": None}
    assert org.call("ana").put(f"/incidents/{key}/tickets", {"tickets": 12}).json == {"tickets": 12}
    assert signed_in(org, "ana").post(f"/incidents/{key}/tickets", {"tickets": "19"}).status_code == 302
    assert models.IncidentRow.objects.get(id=key).tickets == 19
    assert org.call("ole", "observer").put(f"/incidents/{key}/tickets", {"tickets": 1}).status == 403
    assert org.call("ana").put(f"/incidents/{key}/tickets", {"tickets": -1}).status == 422
    assert (
        "counted 19 support tickets"
        in signed_in(org, "ole").get(f"/incidents/{key}?timeline=all").content.decode()
    )


def test_a_page_of_targets_asks_no_more_for_many_incidents(org: Organisation) -> None:
    in_force(90 * DAY)
    client = signed_in(org, "ole")

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get("/insights/targets").status_code == 200
        return len(seen)

    past(70, 9 * DAY)
    queries()
    before = queries()
    for number in range(80, 280):
        past(number, 8 * DAY)
    assert queries() == before


def test_the_numbers_of_the_first_page_are_those_of_the_store(org: Organisation) -> None:
    now = datetime.now(UTC)
    open_ = {"is_open": True, "resolved_at": None, "phase": "investigating"}
    past(1, 40 * MINUTE, **open_, impact_started_at=now - 90 * MINUTE)
    past(2, 30 * MINUTE, **open_)
    past(3, 30 * MINUTE, **open_, drill=True)
    past(4, 30 * MINUTE, **open_, restricted=True)
    past(5, 30 * MINUTE)
    for key, due in (("INC-1", -5), ("INC-1", 5), ("INC-2", -1), ("INC-4", -9)):
        models.UpdateClockRow.objects.create(
            id=f"{key}/{due}", incident_id=key, audience="staff", every_seconds=900, next_due=now + due * MINUTE,
            started_at=now,
        )  # fmt: skip
    page = signed_in(org, "ole").get("/").content.decode()
    shown = re.findall(r'figure__v">([^<]*)</span><span class="figure__s">([^<]*)<', page)
    assert shown[0] in [
        (f"2 h{m}", f"2 open, {n} min together") for m, n in (("", 120), (" 1 min", 121), (" 2 min", 122))
    ]
    assert shown[1:] == [("0", "of 0"), ("2", "of 3 running"), ("–", "no answer in 4 weeks")]
