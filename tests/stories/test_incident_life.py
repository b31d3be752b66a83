"""A whole incident through the product's own functions: alert, command, messages, resolution, review, proof."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from quarterdeck.app import casebook
from quarterdeck.app.alerts import alert_links
from quarterdeck.app.comms import messages
from quarterdeck.app.incidents import command, incidents, record, tasks
from quarterdeck.app.learning import reviews
from quarterdeck.core.incidents import Content, rows
from quarterdeck.core.incidents.declare import Declaration
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import log, models, project
from quarterdeck.store.ids import new_id
from support.world import World


@pytest.fixture
def world(db: None) -> World:
    w = World()
    for handle in ("ana", "ben", "cleo", "dev"):
        w.person(handle)
    w.schedule("shop-primary", "dev")
    w.service("checkout", w.policy("shop", ("shop-primary", 5)))
    w.policy("role-communications_lead", ("cleo", 5), ("ben", 5))
    models.AudienceContact.objects.create(
        id=new_id(), audience="customers_all", email="customer@example.net", created_at=w.now
    )
    page = models.StatusPage.objects.create(id=new_id(), key="shop", title="Shop", created_at=w.now)
    models.Component.objects.create(
        id=new_id(), page=page, name="Checkout", created_at=w.now, updated_at=w.now
    )
    return w


def declared(world: World, handle: str = "ana", **said: object) -> str:
    fields = {
        "title": "Checkout fails",
        "type": "availability",
        "severity": 2,
        "services": ("checkout",),
    } | said
    return incidents.declare(
        world.act(handle), Declaration(**fields, both_reason="The same people are needed.")
    ).incident.key  # type: ignore[arg-type]


def update(**changes: object) -> Content:
    page, component = models.StatusPage.objects.get(), models.Component.objects.get()
    fields = {
        "audience": "customers_all",
        "headline": "Payments fail for some customers",
        "customer_effect": "Some card payments are refused.",
        "action": "We are rolling back a change.",
        "components": {component.id: "partial_outage"},
        "pages": (page.id,),
    } | changes
    return Content(**fields)  # type: ignore[arg-type]


def named_for(world: World, role: str, handle: str) -> None:
    if not models.Person.objects.filter(handle=handle).exists():
        world.person(handle)
    world.policy(f"role-{role}", (handle, 5))


@pytest.mark.requirement("R-014")
def test_legal_is_called_out_for_data_and_customer_care_only_told_of_an_outage(world: World) -> None:
    named_for(world, "legal_officer", "lea")
    named_for(world, "customer_liaison", "cus")
    breach, outage = declared(world, type="security"), declared(world, "ben", type="availability")
    world.settle()
    asked = {
        (c.incident_id, c.role): (c.kind, c.state)
        for c in models.Callout.objects.filter(role__in=("legal_officer", "customer_liaison"))
    }
    assert asked == {
        (breach, "legal_officer"): ("callout", "waiting"),
        (outage, "customer_liaison"): ("heads_up", "informed"),
    }
    assert any("legal officer" in p for p in world.pages("lea"))
    world.pass_time(minutes=30)
    runs = models.Run.objects.filter(role__in=("legal_officer", "customer_liaison"))
    assert {(r.incident_id, r.role, r.state) for r in runs} == {(breach, "legal_officer", "exhausted")}
    assert len(world.pages("cus")) == 1


def test_declaring_calls_the_roles_the_severity_needs_until_somebody_answers(world: World) -> None:
    incident = declared(world)
    world.settle()
    assert any("Technical Lead needed" in p for p in world.pages("dev"))
    assert any("Communications Lead needed" in p for p in world.pages("cleo"))
    world.pass_time(minutes=5)
    assert any("Communications Lead needed" in p for p in world.pages("ben"))
    lines = models.TimelineRow.objects.filter(incident_id=incident, kind__contains="call")
    assert lines.exists()


@pytest.mark.requirement("R-013")
def test_declaring_again_with_the_same_token_changes_nothing(world: World) -> None:
    said = Declaration(title="Checkout fails", type="availability", severity=2)
    first = incidents.declare(world.act("ana"), said, token="retry-1").incident.key
    again = incidents.declare(world.act("ana"), said, token="retry-1").incident.key
    assert first == again
    assert models.IncidentRow.objects.count() == 1


@pytest.mark.requirement("R-017")
def test_an_overdue_update_alarms_its_owner_and_then_the_commander_and_a_sent_one_resets_the_clock(
    world: World,
) -> None:
    incident = declared(world, severity=1)
    command.assign_role(world.act("ana"), incident, "communications_lead", world.find("cleo").id)
    world.pass_time(minutes=8)  # the first word is due after five, and has five more of grace
    assert not any("Update overdue" in p for p in world.pages("cleo"))
    world.pass_time(minutes=4)
    assert any("Update overdue: All customers" in p for p in world.pages("cleo"))
    world.pass_time(minutes=5)
    assert any("Update overdue: All customers" in p for p in world.pages("ana"))
    send(world, incident)
    clock = models.UpdateClockRow.objects.get(incident_id=incident, audience="customers_all")
    assert clock.overdue_level == 0
    assert clock.next_due == world.now + timedelta(
        minutes=5
    )  # who is affected follows the first word within five


def send(world: World, incident: str, **changes: object) -> str:
    content = update(next_update_at=world.now + timedelta(minutes=20), **changes)
    _, message_id = messages.draft(world.act("ana"), incident, content)
    digest = models.MessageRow.objects.get(id=message_id)
    messages.release(world.act("ana"), incident, message_id, hash_of(incident, digest.id))
    world.settle()
    return message_id


def hash_of(incident: str, message_id: str) -> str:
    from quarterdeck.core.incidents import content_hash

    return content_hash(project.load(incident).messages[message_id])


def test_a_released_update_reaches_the_audience_once_and_stands_on_the_page(world: World) -> None:
    incident = declared(world)
    send(world, incident)
    mails = [o for _, o in world.outbox.sent if o.to == "customer@example.net"]
    assert [m.subject for m in mails] == ["Payments fail for some customers"]
    assert models.PageUpdateRow.objects.get().status_word == "investigating"
    assert models.Component.objects.get().state == "partial_outage"
    page = models.StatusPage.objects.get()
    assert page.published < page.revision


@pytest.mark.requirement("R-048")
def test_a_broadcast_reaches_every_current_responder_once(world: World) -> None:
    incident = declared(world)
    command.assign_role(world.act("ana"), incident, "scribe", world.find("ben").id)
    command.assign_role(world.act("ana"), incident, "internal_liaison", world.find("ben").id)
    command.assign_role(world.act("ana"), incident, "technical_lead", world.find("dev").id)
    world.settle()
    world.outbox.sent.clear()
    record.write(world.act("ana"), incident, "broadcast", "Stop all deployments now")
    world.settle()
    assert world.pages("ben") == ["Stop all deployments now"]
    assert world.pages("dev") == ["Stop all deployments now"]
    assert world.pages("ana") == []


@pytest.mark.requirement("R-075", "R-287")
def test_a_task_nobody_acknowledges_is_reminded_after_a_minute_and_late_at_the_end_of_its_time_box(
    world: World,
) -> None:
    incident = declared(world)
    with pytest.raises(Refused, match="task.incomplete"):
        tasks.give(world.act("ana"), incident, "Check the pool", "", 10)
    tasks.give(world.act("ana"), incident, "Check the pool", world.find("dev").id, 10)
    world.pass_time(seconds=61)
    assert any("Not yet acknowledged: Check the pool" in p for p in world.pages("dev"))
    world.pass_time(minutes=10)
    task = models.TaskRow.objects.get()
    assert (task.reminded, task.late) == (True, True)
    assert (
        models.TimelineRow.objects.filter(incident_id=incident, title__contains="Check the pool").count() >= 3
    )


@pytest.mark.requirement("R-183")
def test_an_untriaged_incident_alarms_its_commander_when_the_triage_time_is_over(world: World) -> None:
    incident = declared(world, severity=None, type="")
    row = models.IncidentRow.objects.get(id=incident)
    assert row.severity_unknown and row.severity <= 2
    world.pass_time(minutes=11)
    assert any("not triaged yet" in p for p in world.pages("ana"))


@pytest.mark.requirement("R-018", "R-021")
def test_a_resolved_incident_has_a_code_a_time_and_a_review_with_owner_and_date(world: World) -> None:
    incident = declared(world)
    act = world.act("ana")
    incidents.change_phase(act, incident, "investigating", "")
    tasks.plan_check(act, incident, "eu-west")
    with pytest.raises(Refused, match="phase.gate"):
        incidents.resolve(act, incident, "fixed", None, "Rolled back")
    check = models.CheckRow.objects.get()
    tasks.pass_check(act, incident, check.id)
    code = codes()[0]
    incidents.resolve(act, incident, code, None, "Rolled back", override_reason="small")
    row = models.IncidentRow.objects.get(id=incident)
    assert (row.phase, row.resolution_code, row.resolved_at) == ("resolved", code, world.now)
    review = models.ReviewRow.objects.get()
    assert review.owner == world.find("ana").id
    assert review.due_on > f"{world.now:%Y-%m-%d}"
    reviews.edit(act, incident, "runbook_change", "Step 3: roll back *before* raising the limit.")
    assert models.ReviewRow.objects.get().sections["runbook_change"].startswith("Step 3")
    reviews.add_action_item(act, incident, "Add a canary", world.find("dev").id, "2026-03-20")
    assert models.ActionItemRow.objects.get().owner == world.find("dev").id


def codes() -> list[str]:
    from quarterdeck.app.catalog.catalogue import current

    return [c.key for c in current().resolution_codes]


@pytest.mark.requirement("R-073")
def test_the_log_proves_itself_and_the_read_tables_are_rebuilt_from_it_unchanged(world: World) -> None:
    incident = declared(world)
    world.settle()
    record.write(world.act("ana"), incident, "finding", "The pool is empty")
    entry = models.TimelineRow.objects.exclude(entry_id="").get()
    record.correct(world.act("ana"), incident, entry.entry_id, "The pool was full", "wrong graph")
    send(world, incident)
    before = {
        t: list(m.objects.filter(**key(m, incident)).order_by("pk").values()) for t, m in tables().items()
    }
    casebook.rebuild(incident, world.now)
    after = {
        t: list(m.objects.filter(**key(m, incident)).order_by("pk").values()) for t, m in tables().items()
    }
    assert after == before
    assert set(rows(project.load(incident))) == set(project.TABLES)
    assert log.verify(incident) is None
    both = models.TimelineRow.objects.filter(
        incident_id=incident, text__contains="pool"
    ) | models.TimelineRow.objects.filter(incident_id=incident, title__contains="pool")
    assert both.count() >= 2


def tables() -> dict[str, type]:
    return {**project.TABLES, "timeline": models.TimelineRow}


def key(model: type, incident: str) -> dict[str, str]:
    return {"id" if model is models.IncidentRow else "incident_id": incident}


@pytest.mark.requirement("R-073")
def test_the_database_refuses_to_change_or_remove_what_was_logged(world: World) -> None:
    from django.db import DatabaseError, transaction

    declared(world)
    for act in (lambda: models.Event.objects.update(actor="x"), lambda: models.Event.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_an_alert_of_the_incident_that_recovers_is_written_into_its_timeline(world: World) -> None:
    integration = world.integration()
    body = {
        "event_action": "trigger", "dedup_key": "k", "routing_key": "r",
        "payload": {"summary": "5xx", "source": "a", "severity": "critical", "component": "checkout"},
    }  # fmt: skip
    world.journal("pagerduty", json.dumps(body).encode(), integration)
    world.expand()
    alert = models.Alert.objects.get()
    incident = incidents.declare(
        world.act("ana"), Declaration(title="5xx", type="availability", severity=2), alert_ids=(alert.id,)
    ).incident.key
    assert models.Alert.objects.get().incident_id == incident
    world.journal("pagerduty", json.dumps(body | {"event_action": "resolve"}).encode(), integration)
    world.expand()
    assert models.AlertLinkRow.objects.get().resolved_at is not None
    with pytest.raises(Refused, match="alert.linked"):
        alert_links.link(world.act("ana"), declared(world), alert.id)
