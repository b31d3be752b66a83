"""Policies with conditions from the store to the page: kept, read by an older release, refused, fired, and shown."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from quarterdeck.app.incidents import incidents
from quarterdeck.app.paging import advancing, escalations, policies, preflight
from quarterdeck.app.paging.directory import Directory, policy_data, policy_from
from quarterdeck.app.paging.escalations import Subject
from quarterdeck.core.escalation.policy import Policy, Step, Target, Window
from quarterdeck.core.incidents.declare import Declaration
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models, tx
from support.browsing import browser, words
from support.rest import Organisation
from support.world import START, World

MINUTE = timedelta(minutes=1)
NIGHT = Window(time(22), time(6), (), "Europe/Berlin")
OFFICE = Window(time(6), time(22), (0, 1, 2, 3, 4), "Europe/Berlin")
OLD = {
    "key": "old", "name": "Old", "repeats": 1, "catch_all": [{"kind": "team", "ref": "t"}],
    "steps": [{"wait_seconds": 300, "targets": [{"kind": "person", "ref": "p"}]}],
}  # fmt: skip


@pytest.fixture
def world(db: None) -> World:
    w = World()
    for handle in ("ana", "ben", "cleo"):
        w.person(handle)
    return w


def person(world: World, handle: str) -> Target:
    return Target("person", world.find(handle).id)


def send(world: World, severity: str = "critical", key: str = "disk") -> models.Alert:
    integration = models.Integration.objects.first() or world.integration()
    payload = {"summary": f"{key} is full", "source": "db-1", "severity": severity, "component": "db"}
    event = {"routing_key": "k", "event_action": "trigger", "dedup_key": key, "payload": payload}
    world.journal("pagerduty", json.dumps(event).encode(), integration)
    world.expand()
    world.settle()
    return models.Alert.objects.get(dedup_key=key)


def called() -> list[str]:
    rows = models.Callout.objects.exclude(person__handle="root").order_by("created_at", "id")
    return list(rows.values_list("person__handle", flat=True))


def test_a_policy_of_before_conditions_reads_as_ever_and_is_kept_as_the_same_text():
    assert policy_from(OLD) == Policy(
        "old", "Old", (Step((Target("person", "p"),)),), 1, (Target("team", "t"),)
    )
    assert policy_data(policy_from(OLD)) == OLD


def test_everything_that_a_policy_says_is_kept():
    role = Target("role", "commander")
    policy = Policy(
        "p", "P", (Step((role, Target("team", "t")), 9 * MINUTE, ("info",), (NIGHT, OFFICE), "one_of", "low"),), 2,
        (role,), 45 * MINUTE,
    )  # fmt: skip
    kept = json.loads(json.dumps(policy_data(policy)))
    assert policy_from(kept) == policy


def test_a_release_that_knows_no_roles_pages_the_others_of_the_step():
    """It reads `targets` and `catch_all` alone, and raises an error at a kind that it does not know."""
    both = (Target("role", "commander"), Target("person", "p"))
    kept = policy_data(Policy("p", "P", (Step(both), Step(both[:1])), 0, both))
    read = [[t["kind"] for t in s["targets"]] for s in kept["steps"]] + [
        [t["kind"] for t in kept["catch_all"]]
    ]
    assert read == [["person"], [], ["person"]]


def test_the_engine_passes_over_what_does_not_apply_and_says_so(world: World) -> None:
    steps = (
        Step((person(world, "ana"),), 5 * MINUTE, windows=(NIGHT,)),
        Step((person(world, "ben"),), 5 * MINUTE, severities=("info",)),
        Step((person(world, "cleo"),), 5 * MINUTE, urgency="low"),
    )
    service(world, steps)
    send(world, "critical")
    assert called() == ["cleo"]
    assert models.Callout.objects.get(person__handle="cleo").urgency == "low"
    told = list(models.AlertEntry.objects.filter(kind="not_paged").values_list("text", flat=True))
    assert told == [
        "Step 1 does not apply: It applies every day 22:00–06:00 Europe/Berlin, and it is Mon 10:00 there"
        " (step 1 of 3, first round, skipped at once).",
        "Step 2 does not apply: It is for info alerts, and this one is critical (step 2 of 3, first round, skipped at"
        " once).",
    ]
    send(world, "info", "chatty")
    assert called() == ["cleo", "ben"]


def service(world: World, steps: tuple[Step, ...], **more: object) -> models.EscalationPolicy:
    row = policies.create(world.act("ana"), Policy("db", "Databases", steps, **more))
    world.service("db", row)
    return row


def test_a_role_is_whoever_holds_it_in_the_incident_else_whoever_is_called_for_it(world: World) -> None:
    world.policy("commander", ("ben", 5))
    role = Target("role", "commander")
    service(world, (Step((person(world, "ana"),), 5 * MINUTE), Step((role,), 5 * MINUTE)))
    alert = send(world)
    send(world, key="other")
    incidents.declare(world.act("cleo"), Declaration(title="Disks"), alert_ids=[alert.id])
    world.pass_time(minutes=6)
    rows = models.Callout.objects.filter(step=1).exclude(alert_id="").order_by("alert_id")
    assert [(c.person.handle, c.reason) for c in rows] == [
        ("cleo", "Cleo holds the role Commander (step 2 of 2, first round)"),
        ("ben", "Ben is named in the policy, for the role Commander (step 2 of 2, first round)"),
    ]


def test_a_thousand_runs_with_conditions_cost_as_few_statements_as_ten(world: World) -> None:
    world.schedule("primary", "ana", "ben")
    step = Step(
        (world.target("primary"), person(world, "cleo")), severities=("critical", "info"), windows=(OFFICE,)
    )
    policy = Policy(
        "p", "P", (Step((person(world, "ben"),), windows=(NIGHT,)), step), 0, (person(world, "ana"),)
    )
    counts = {n: statements(world, policy, n) for n in (10, 1_000)}
    # Statements of many rows go out in parts; what is asked and written for each is the same.
    assert counts[1_000] <= counts[10] + 60
    assert models.Callout.objects.count() == 2 * 1_010


def statements(world: World, policy: Policy, count: int) -> int:
    integration = models.Integration.objects.first() or world.integration()
    rows = models.Alert.objects.bulk_create(
        models.Alert(
            id=f"{count}-{n}", dedup_key=f"{count}-{n}", integration=integration, status="open", summary="x",
            severity=("critical", "info")[n % 2], source="", first_seen_at=START, last_seen_at=START, paged=True, reason="",
        )
        for n in range(count)
    )  # fmt: skip
    with tx.write():
        runs = [escalations.start(policy, Subject("x", alert_id=a.id), world.now).id for a in rows]
        with CaptureQueriesContext(connection) as asked:
            found = []
            for part in range(0, count, 500):
                found += advancing.standing(runs[part : part + 500])
            advancing.advance(found, Directory(world.now))
    return len(asked)


def test_the_times_at_which_a_policy_reaches_nobody_are_found_before_they_come(world: World) -> None:
    models.ContactMethod.objects.filter(person__handle="ben").update(disabled=True)
    steps = (
        Step((person(world, "ana"),), windows=(OFFICE,)),
        Step((person(world, "ben"),), severities=("critical",)),
    )
    found = preflight.unreached(Policy("p", "P", steps), START)
    assert [(s.starts_at, s.ends_at, s.severities) for s in found[:2]] == [
        (datetime(2026, 3, 2 + n, 21, tzinfo=UTC), datetime(2026, 3, 3 + n, 5, tzinfo=UTC), ())
        for n in (0, 1)
    ]
    assert (found[4].starts_at.day, found[4].ends_at.day) == (6, 9)  # over the weekend
    assert preflight.told(found, 1) == (
        "In the next 7 days it reaches nobody from Mon 02 Mar 21:00 to Tue 03 Mar 05:00 UTC and 4 more times: then"
        " only the administrators are called."
    )
    never = Policy("p", "P", (Step((person(world, "ana"),), severities=("info",)),))
    assert [s.severities for s in preflight.unreached(never, START)] == [("critical", "error", "warning")]
    assert preflight.unreached(Policy("p", "P", steps, catch_all=(person(world, "cleo"),)), START) == []


def test_the_largest_policy_is_looked_through_in_a_moment(world: World) -> None:
    models.ContactMethod.objects.all().update(disabled=True)
    everybody = tuple(person(world, h) for h in ("ana", "ben", "cleo"))
    steps = tuple(Step(everybody, severities=("info", "error"), windows=(NIGHT, OFFICE)) for _ in range(20))
    began = datetime.now(UTC)
    assert len(preflight.unreached(Policy("p", "P", steps, 10), START)) == 1
    assert datetime.now(UTC) - began < timedelta(seconds=15)


@pytest.mark.parametrize(
    ("target", "code"),
    [(Target("role", "pirate"), "target.unknown"), (Target("team", "x"), "target.unknown")],
)
def test_a_target_that_is_not_there_is_refused(world: World, target: Target, code: str) -> None:
    with pytest.raises(Refused) as refused:
        policies.create(world.act("ana"), Policy("p", "P", (Step((target,)),)))
    assert refused.value.code == code


def form(world: World, **more: object) -> dict[str, object]:
    ana, ben = (f"person:{world.find(h).id}" for h in ("ana", "ben"))
    return {
        "name": "Payments", "use": "", "repeats": 1, "last": "", "ack_minutes": 30, "target_0_0": ana, "wait_0": 3,
        "severity_0": ["critical", "error"], "mode_0": "one_of", "urgency_0": "high", "from_0_0": "22:00",
        "to_0_0": "06:00", "days_0_0": ["4", "5"], "zone_0_0": "Europe/Berlin", "target_1_0": ben, "wait_1": 7,
        "wait_2": 5, "wait_3": 5,
    } | more  # fmt: skip


def test_all_of_it_is_written_by_the_form_and_comes_back_in_it(world: World) -> None:
    client = browser(world, "ana")
    answer = client.post("/on-call/policies/new", form(world), follow=True)
    assert "The policy counts from the next alert on." in words(answer)
    made = policy_from(models.EscalationPolicy.objects.get(key="payments").definition)
    night = Window(time(22), time(6), (4, 5), "Europe/Berlin")
    ana = person(world, "ana")
    assert made.steps[0] == Step((ana,), 3 * MINUTE, ("critical", "error"), (night,), "one_of", "high")
    assert made.ack_timeout == 30 * MINUTE
    page = client.get("/on-call/policies/payments")
    said = words(page)
    for text in ("only critical or error", "Fri, Sat 22:00–06:00 Europe/Berlin", "high urgency",
                 "Acknowledged, and still firing after 30 min"):  # fmt: skip
        assert text in said
    html = page.content.decode()
    assert 'value="Europe/Berlin"' in html
    assert 'value="22:00"' in html


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"zone_0_0": "Berlin"}, "names the zone 'Berlin', which is none"),
        ({"use": "commander", "target_1_1": "role:scribe"}, "that would go in a circle"),
        ({"from_0_0": "25:00"}, "Enter a valid time"),
        ({"severity_0": ["sev1"]}, "sev1 is not one of the available choices"),
        ({"ack_minutes": 5_000}, "less than or equal to 1440"),
    ],
)
def test_what_the_form_cannot_mean_is_said_and_what_was_typed_stays(world: World, wrong, said: str) -> None:
    answer = browser(world, "ana").post("/on-call/policies/new", form(world, **wrong))
    assert answer.status_code == 422
    assert said in words(answer)
    assert 'value="Payments"' in answer.content.decode()


def test_over_rest_a_policy_is_made_read_changed_and_deleted(db: None) -> None:
    org = Organisation()
    ana = org.call("ana")
    body = {
        "key": "night", "name": "Night", "repeats": 1, "ack_timeout_minutes": 20,
        "steps": [{
            "targets": [{"kind": "person", "id": org.id("ana")}, {"kind": "role", "id": "commander"}],
            "wait_seconds": 60, "severities": ["critical"], "mode": "one_of", "urgency": "high",
            "windows": [{"start": "22:00", "end": "06:00", "weekdays": [4, 5], "zone": "Europe/Berlin"}],
        }],
    }  # fmt: skip
    made = ana.post("/escalation-policies", body)
    assert made.status == 201, made.json
    step = made.json["steps"][0]
    assert [t["name"] for t in step["targets"]] == ["Ana", "Commander"]
    assert (step["windows"], step["mode"], made.json["ack_timeout_minutes"]) == (
        body["steps"][0]["windows"],
        "one_of",
        20,
    )
    assert made.json["unreached"]
    assert made.json["ends_in_nobody"]
    read = ana.get("/escalation-policies/night").json
    assert read["steps"] == made.json["steps"]
    assert [p["key"] for p in ana.get("/escalation-policies").json["items"]] == ["night"]
    put = {k: v for k, v in body.items() if k != "key"} | {"catch_all": body["steps"][0]["targets"][:1]}
    assert ana.put("/escalation-policies/night", put | {"version": read["version"]}).json["unreached"] == []
    assert ana.put("/escalation-policies/night", put | {"version": read["version"]}).code == "policy.moved"
    for wrong in ({"windows": [{"start": "24:00", "end": "06:00"}]}, {"severities": ["sev1"]}, {"mode": "x"},
                  {"windows": [{"start": "22:00", "end": "06:00", "zone": "Nowhere"}]}, {"targets": []}):  # fmt: skip
        refused = ana.put("/escalation-policies/night", put | {"steps": [put["steps"][0] | wrong]})
        assert refused.status in (400, 422), (wrong, refused.json)
    assert ana.delete("/escalation-policies/night").status == 204
    assert ana.get("/escalation-policies/night").status == 404
    assert org.call("eve", "observer").post("/escalation-policies", body).status == 403
