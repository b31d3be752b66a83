"""Rules run once for what happened: through the log, the engine and a crash; with their own rights, and never for ever."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from quarterdeck.app.act import Act
from quarterdeck.app.automation import deeds, dry_run, files, rules, running
from quarterdeck.app.incidents import incidents
from quarterdeck.app.upkeep import retention
from quarterdeck.core.incidents import Declaration
from quarterdeck.core.incidents.automation import read
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import log, models, tx
from support.attacks import org, restricted
from support.rest import Organisation

__all__ = ["org"]


def rule(org: Organisation, key: str = "watch", *, on: bool = True, **said: Any) -> models.AutomationRule:
    told = {
        "trigger": "incident.declared",
        "condition": "always",
        "grants": ["page.send", "timeline.write"],
        "actions": [
            {"do": "page", "to": f"person:{org.id('ben')}", "text": "{{ incident }}: {{ title }}"},
            {"do": "note", "text": "Look at {{ link }}"},
        ],
    } | said
    row = rules.create(org.act("root"), key, rules.Draft(key.title(), read(told)))
    return rules.switch(org.act("root"), key, True) if on else row


def work(org: Organisation, **span: float) -> None:
    org.settle()
    org.now += timedelta(**span)
    running.work(org.now)


def the_run(**by: Any) -> models.AutomationRun:
    return models.AutomationRun.objects.get(**by)


def titles(incident: str) -> list[str]:
    return list(
        models.TimelineRow.objects.filter(incident_id=incident)
        .order_by("seq")
        .values_list("title", flat=True)
    )


@pytest.mark.requirement("R-195")
def test_a_run_is_logged_with_its_version_condition_and_actions_and_stands_on_the_timeline(
    org: Organisation,
) -> None:
    rule(org, condition="severity <= 2")
    incident = org.declare("ana")
    work(org)
    run = the_run()
    assert (run.state, run.version, run.holds, run.incident_id) == ("done", 1, True, incident)
    assert run.explained == [[0, "severity <= 2", True, "2"]]
    assert [(o["do"], o["state"]) for o in run.outcomes] == [("page", "done"), ("note", "done")]
    paged = models.Callout.objects.get(person=org.find("ben"))
    assert paged.subject == f"{incident}: Checkout is down" and paged.reason == "Automation: Watch"
    assert (paged.created_by, paged.kind) == ("rule:watch", "callout")
    assert "The rule “Watch” ran" in titles(incident)
    written = models.TimelineRow.objects.filter(incident_id=incident, kind="note").get()
    assert written.actor == "rule:watch" and f"/incidents/{incident}" in written.text
    work(org)
    assert models.Callout.objects.filter(person=org.find("ben")).count() == 1


def test_a_rule_calls_for_a_role_by_its_policy_once(org: Organisation) -> None:
    org.person("kim")
    org.policy("role-scribe", ("kim", 5))
    rule(org, grants=["callout.send"], actions=[{"do": "call_role", "role": "scribe"}])
    incident = org.declare("ana", severity=4)
    work(org)
    assert [(o["state"], o["text"]) for o in the_run().outcomes] == [("done", "Calls for the role Scribe")]
    run = models.Run.objects.get(incident_id=incident, role="scribe")
    assert (run.state, run.subject) == ("running", f"{incident}: Scribe needed – Checkout is down")
    org.settle()
    assert models.Callout.objects.get(run_id=run.id).person_id == org.id("kim")


def test_a_condition_that_does_not_hold_is_logged_and_nothing_is_done(org: Organisation) -> None:
    rule(org, condition="severity == 1")
    org.declare("ana")
    work(org)
    assert (the_run().state, the_run().holds) == ("skipped", False)
    assert not models.Callout.objects.filter(person=org.find("ben")).exists()


@pytest.mark.parametrize("falls", [0, 1, 2])
def test_a_crash_between_event_and_actions_leaves_each_action_done_once(
    org: Organisation, falls: int, monkeypatch
) -> None:
    """The engine dies before the run, after its first action, and before its commit; the next one carries it out."""
    rule(org)
    incident = org.declare("ana")
    org.settle()
    work_, done = deeds.perform, 0

    class Died(BaseException):
        pass

    def dies(desk: Any, deed: str, values: Any) -> str:
        nonlocal done
        if done == falls:
            raise Died
        done += 1
        said = work_(desk, deed, values)
        if done == falls == 2:
            raise Died
        return said

    monkeypatch.setattr(running, "perform", dies)
    with pytest.raises(Died):
        running.work(org.now)
    monkeypatch.setattr(running, "perform", work_)
    assert the_run().state == "queued" and not models.Callout.objects.filter(person=org.find("ben")).exists()
    for _ in range(3):
        running.work(org.now)
    assert the_run().state == "done"
    assert models.Callout.objects.filter(person=org.find("ben")).count() == 1
    assert titles(incident).count("The rule “Watch” ran") == 1


def test_an_event_is_queued_with_what_happened_or_not_at_all(org: Organisation) -> None:
    rule(org)

    def half() -> None:
        with tx.write():
            incidents.declare(org.act("ana"), Declaration("Checkout is down", both_reason="Both"))
            assert models.AutomationRun.objects.count() == 1
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    assert not models.AutomationRun.objects.exists() and not models.IncidentRow.objects.exists()


def test_two_rules_that_set_each_other_off_are_stopped_and_it_is_seen(org: Organisation) -> None:
    for key in ("tick", "tock"):
        rule(
            org, key, trigger="incident.role_assigned" if key == "tick" else "incident.role_vacant",
            grants=["role.assign"], actions=[{"do": "assign_role", "role": "scribe", "to": f"person:{org.id('ben')}"}],
        )  # fmt: skip
    rule(
        org, "self", trigger="incident.facts", grants=["clock.manage", "timeline.write"],
        actions=[{"do": "note", "text": "x"}],
    )  # fmt: skip
    org.declare("ana")
    for _ in range(10):
        work(org)
    ended = models.AutomationRun.objects.exclude(state__in=("queued", "again"))
    assert ended.count() == models.AutomationRun.objects.count()
    loops = ended.filter(state="stopped")
    assert loops.exists() and all(r.reason.startswith("stopped: loop") for r in loops)


def test_a_rule_that_fails_again_and_again_is_switched_off_with_an_alarm(org: Organisation) -> None:
    gone = org.person("gone")
    row = rule(
        org, actions=[{"do": "page", "to": f"person:{gone.id}", "text": "x"}, {"do": "note", "text": "still"}]
    )
    models.Person.objects.filter(id=gone.id).update(is_active=False)
    for n in range(running.MOST_FAILURES):
        incident = org.declare("ana", title=f"Number {n}")
        for _ in range(3):
            work(org, minutes=6)
        assert models.TimelineRow.objects.filter(incident_id=incident, kind="note").count() == 1
    row.refresh_from_db()
    assert not row.enabled and "failed" in row.stopped
    assert models.Alarm.objects.filter(kind="automation", subject=row.id, cleared_at=None).exists()
    run = models.AutomationRun.objects.order_by("queued_at").first()
    assert run is not None and (run.state, run.attempts) == ("failed", 2)
    assert "not active" in run.outcomes[0]["text"] and run.outcomes[1]["state"] == "done"
    rules.switch(org.act("root"), "watch", True)
    assert not models.Alarm.objects.filter(kind="automation", cleared_at=None).exists()


def test_a_run_that_breaks_is_tried_again_and_then_given_up(org: Organisation) -> None:
    rule(org)
    org.declare("ana")
    org.settle()
    for _ in range(3):
        run_id = running.first(org.now)
        running.broke(run_id, "KeyError()", org.now)
        org.now += timedelta(minutes=6)
    assert (the_run().state, running.first(org.now)) == ("failed", "")


def test_a_drill_runs_its_rules_and_nothing_of_it_leaves(org: Organisation) -> None:
    rule(
        org, grants=["page.send", "webhook.send"],
        actions=[
            {"do": "page", "to": f"person:{org.id('ben')}", "text": "x"},
            {"do": "webhook", "url": "https://hooks.example.com/x", "text": "{{ incident }}"},
        ],
    )  # fmt: skip
    org.declare("ana", drill=True)
    running.work(org.now + timedelta(minutes=1))
    assert the_run().drill and the_run().state == "done"
    assert models.Callout.objects.get(person=org.find("ben")).drill
    assert models.Delivery.objects.get(channel="webhook").drill


def test_a_webhook_is_a_delivery_with_one_key_and_no_secret_in_the_log(org: Organisation) -> None:
    rule(
        org, grants=["webhook.send"],
        actions=[{"do": "webhook", "url": "https://hooks.example.com/services/T0P-SECRET", "text": "{{ incident }}"}],
    )  # fmt: skip
    incident = org.declare("ana")
    running.work(org.now + timedelta(minutes=1))
    row = models.Delivery.objects.get(channel="webhook")
    assert row.key == f"rule/{the_run().id}/0" and row.body["data"]["incident"] == incident
    assert "T0P-SECRET" not in str(titles(incident)) + str(the_run().outcomes)


def test_a_restricted_incident_is_only_for_rules_that_say_so_by_an_author_who_may_know(
    org: Organisation,
) -> None:
    rule(org, "plain")
    rule(org, "let-in", grants=["page.send", "timeline.write", "incident.restricted"])
    restricted(org)
    running.work(org.now + timedelta(minutes=1))
    assert [r.state for r in models.AutomationRun.objects.all()] == ["skipped"]
    assert not models.Callout.objects.filter(person=org.find("ben"), created_by__startswith="rule:").exists()
    assert not rules.runs(org.act("ole").who).exists()


def test_an_incident_that_stays_open_is_told_and_one_that_ends_is_not(org: Organisation) -> None:
    rule(org, trigger="incident.open_for", minutes=30)
    first, second = org.declare("ana"), org.declare("ana", title="A short one")
    incidents.dismiss(org.act("ana"), second, "No trouble")
    running.work(org.now + timedelta(minutes=29))
    assert the_run(incident_id=first).state == "queued"
    assert the_run(incident_id=second).state == "skipped"
    running.work(org.now + timedelta(minutes=32))
    assert the_run(incident_id=first).state == "done"


def test_a_task_of_a_rule_is_worked_on_like_any_other_and_nobody_writes_to_the_rule(
    org: Organisation,
) -> None:
    rule(
        org, grants=["task.assign"], actions=[{"do": "task", "text": "Look", "role": "commander", "minutes": "10"}],
    )  # fmt: skip
    incident = org.declare("ana")
    work(org)
    (task,) = org.call("ana").get(f"/incidents/{incident}/tasks").json["items"]
    assert task["given_by"]["name"] == "Automation: Watch"
    answer = org.call("ana").put(f"/incidents/{incident}/tasks/{task['id']}/reply", {"reply": "unknown"})
    assert answer.status == 200, answer.json


def alert_rule(org: Organisation, key: str = "declares", **said: Any) -> None:
    told = {
        "trigger": "alert.received",
        "condition": "alert.severity == critical",
        "grants": ["incident.declare"],
        "actions": [
            {
                "do": "declare",
                "text": "{{ service }}: {{ alert }}",
                "commander": f"person:{org.id('ana')}",
                "severity": "2",
                "type": "availability",
            }
        ],
    } | said
    rule(org, key, **told)


def fire(org: Organisation, key: str, integration: models.Integration, severity: str = "critical") -> None:
    told = {"summary": f"{key} is full", "source": "db-1", "severity": severity}
    body = {"event_action": "trigger", "dedup_key": key, "payload": told}
    org.journal("pagerduty", json.dumps(body).encode(), integration)
    org.expand()


@pytest.mark.requirement("R-195")
def test_an_alert_declares_one_incident_for_a_service_and_the_next_one_joins_it(org: Organisation) -> None:
    alert_rule(org)
    integration = org.integration(service=org.service("shop", org.policy("p", ("ben", 5))))
    fire(org, "one", integration)
    fire(org, "calm", integration, "info")
    fire(org, "two", integration)
    running.work(org.now + timedelta(minutes=1))
    (incident,) = models.IncidentRow.objects.all()
    assert (incident.title, incident.severity, incident.declared_by) == (
        "Shop: one is full",
        2,
        "rule:declares",
    )
    assert incident.commander_id == org.id("ana")
    linked = models.Alert.objects.filter(incident_id=incident.id).values_list("dedup_key", flat=True)
    assert set(linked) == {"one", "two"} and models.AutomationRun.objects.count() == 2


def test_a_quiet_alert_makes_its_incident_propose_and_a_person_decides(org: Organisation) -> None:
    alert_rule(
        org, trigger="alert.quiet_for", minutes=30, condition="always", grants=["proposal.make"],
        actions=[{"do": "propose_phase", "phase": "investigating", "text": "{{ alert }} is quiet"}],
    )  # fmt: skip
    alert_rule(org, "declares2")
    fire(org, "one", org.integration())
    running.work(org.now + timedelta(minutes=1))
    org.now += timedelta(minutes=20)
    fire(org, "one", models.Integration.objects.get())
    running.work(org.now + timedelta(minutes=15))
    assert not models.ProposalRow.objects.exists()
    running.work(org.now + timedelta(minutes=31))
    one = models.ProposalRow.objects.get()
    incident = models.IncidentRow.objects.get()
    assert (one.kind, one.value, incident.phase) == ("phase", "investigating", "triage")
    refused = org.call("ole", "observer").put(
        f"/incidents/{incident.id}/proposals/{one.id}", {"outcome": "accepted"}
    )
    assert refused.status == 403
    # A person judges the severity first: what the rule was given is a default that nobody confirmed.
    assert org.call("ana").put(f"/incidents/{incident.id}/severity", {"severity": 2}).status == 200
    taken = org.call("ana").put(f"/incidents/{incident.id}/proposals/{one.id}", {"outcome": "accepted"})
    assert taken.status == 200, taken.json
    assert models.IncidentRow.objects.get().phase == "investigating"
    assert models.ProposalRow.objects.get().outcome == "accepted"


def test_a_storm_of_alerts_is_bounded_and_says_what_was_left_out(org: Organisation) -> None:
    alert_rule(
        org, per_hour=3, grants=["page.send"], actions=[{"do": "page", "to": "role:commander", "text": "x"}]
    )
    integration = org.integration()
    told = {"summary": "n", "source": "db-1", "severity": "critical"}
    for n in range(6):
        body = {"event_action": "trigger", "dedup_key": f"k{n}", "payload": told}
        org.journal("pagerduty", json.dumps(body).encode(), integration)
    org.expand()
    states = list(models.AutomationRun.objects.values_list("state", flat=True))
    assert sorted(states) == ["queued", "queued", "queued", "stopped"]
    assert "3 more alerts" in the_run(state="stopped").reason


def store() -> dict[str, list[tuple[Any, ...]]]:
    from django.apps import apps

    return {m._meta.db_table: sorted(m._default_manager.values_list(), key=repr) for m in apps.get_models()}


@pytest.mark.requirement("R-195")
def test_a_dry_run_shows_matches_values_and_texts_and_changes_nothing_in_any_table(org: Organisation) -> None:
    row = rule(org, on=False, condition="severity <= 2 and not drill")
    incident = org.declare("ana")
    org.declare("ana", title="Small", severity=4)
    restricted(org)
    alert_rule(org, trigger="alert.received", condition="alert.severity == critical")
    org.alert("disk")
    org.settle()
    before = store()
    shown = dry_run.dry_run(org.act("root"), rules.said(row), row.name)
    given = dry_run.dry_run(org.act("root"), rules.said(row), row.name, incident)
    of_alert = dry_run.dry_run(org.act("root"), rules.said(rules.find("declares")), "Declares")
    for one in files.examples():
        dry_run.dry_run(org.act("root"), one.draft.rule, one.draft.name)
    assert store() == before
    assert (shown.seen, shown.held, shown.complete) == (2, 1, True)
    assert [(m.about, m.holds) for m in shown.matches if m.holds] == [(incident, True)]
    assert [(p.text, p.holds) for p in given.parts][:2] == [("both of", True), ("severity <= 2", True)]
    assert (given.actions[0].to, given.actions[0].text) == ("Ben", f"{incident}: Checkout is down")
    assert of_alert.seen == 1 and of_alert.actions[0].text == "unknown: disk is full"


def test_the_shipped_rules_are_sound_and_survive_export_and_import(org: Organisation) -> None:
    found = files.examples()
    assert len(found) == 5
    root = org.act("root")
    assert {state for _, state in files.take_in(root, found, "Start")} == {"made"}
    assert not models.AutomationRule.objects.filter(enabled=True).exists()
    text = files.dump(list(rules.rules()))
    assert [(r.key, r.draft) for r in files.parse(text)] == [
        (r.key, r.draft) for r in sorted(found, key=lambda r: r.draft.name)
    ]
    assert {state for _, state in files.take_in(root, files.parse(text), "Again")} == {"same"}


def test_every_change_is_a_version_and_an_entry_of_the_audit(org: Organisation) -> None:
    row = rule(org)
    draft = rules.Draft("Watch", read({**rules.versions(row)[0].definition, "condition": "severity == 1"}))
    with pytest.raises(Refused, match="why"):
        rules.change(org.act("root"), "watch", draft, "")
    rules.change(org.act("root"), "watch", draft, "Only the worst")
    rules.switch(org.act("root"), "watch", False, "Holidays")
    assert [(v.version, v.reason, v.author) for v in rules.versions(row)] == [
        (2, "Only the worst", org.id("root")),
        (1, "Made", org.id("root")),
    ]
    kinds = [e.kind for e in log.read(log.INSTALLATION) if e.kind.startswith("Rule")]
    assert kinds == ["RuleCreated", "RuleEnabled", "RuleChanged", "RuleDisabled"]
    for doing in (
        lambda a: rules.create(a, "other", draft),
        lambda a: rules.switch(a, "watch", True),
        lambda a: rules.change(a, "watch", draft, "x"),
    ):
        with pytest.raises(Refused) as refused:
            doing(org.act("ana"))
        assert refused.value.kind == "forbidden"


def test_runs_are_kept_as_long_as_other_records_of_work(org: Organisation) -> None:
    rule(org)
    org.declare("ana")
    work(org)
    assert retention.tidy(org.now + timedelta(days=80)) == 0 or models.AutomationRun.objects.exists()
    retention.tidy(org.now + timedelta(days=100))
    assert not models.AutomationRun.objects.exists()


def test_a_rule_acts_with_what_it_was_given_when_it_runs_not_with_more(org: Organisation) -> None:
    row = rule(org)
    version = rules.version_of(row)
    models.AutomationVersion.objects.filter(id=version.id).update(
        definition=version.definition | {"grants": []}
    )
    incident = org.declare("ana")
    work(org)
    assert {o["state"] for o in the_run().outcomes} == {"failed"}
    assert not models.Callout.objects.filter(person=org.find("ben")).exists()
    assert not models.TimelineRow.objects.filter(incident_id=incident, kind="note").exists()
    assert isinstance(org.act("root"), Act)


def test_a_rule_calls_for_a_role_by_the_policy_of_that_role(org: Organisation) -> None:
    org.policy("role-legal_officer", ("ben", 5))
    rule(org, grants=["callout.send"], actions=[{"do": "call_role", "role": "legal_officer"}])
    incident = org.declare("ana", severity=4)
    models.Run.objects.filter(incident_id=incident).delete()
    work(org)
    run = the_run(incident_id=incident)
    assert (run.state, [o["text"] for o in run.outcomes]) == ("done", ["Calls for the role Legal Officer"])
    assert models.Run.objects.filter(incident_id=incident, role="legal_officer").exists()
