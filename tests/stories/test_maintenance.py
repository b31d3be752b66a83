"""A maintenance from its plan to its end, on a clock of its own: what the page says, who is told, which alerts stay silent."""

from __future__ import annotations

import json
from copy import copy
from datetime import UTC, datetime, timedelta

import pytest

from quarterdeck.app import due
from quarterdeck.app.alerts import alerts
from quarterdeck.app.maintenance import maintenance, maintenance_conflicts
from quarterdeck.app.maintenance.maintenance_drafts import Draft
from quarterdeck.app.status import publishing
from quarterdeck.app.subscribers import subscriber_notices
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from quarterdeck.store.ids import new_id
from support.world import World

HOUR = timedelta(hours=1)


@pytest.fixture
def world(db: None) -> World:
    w = World()
    for handle, role in (("ana", "administrator"), ("ben", "responder"), ("cleo", "responder")):
        w.person(handle, role)
    w.schedule("shop-duty", "cleo")
    service = w.service("checkout", w.policy("shop", ("shop-duty", 5)))
    w.service("search", models.EscalationPolicy.objects.get())
    page = models.StatusPage.objects.create(id=new_id(), key="shop", title="Shop", created_at=w.now)
    component = models.Component.objects.create(
        id=new_id(), page=page, name="Checkout", created_at=w.now, updated_at=w.now
    )
    component.services.add(service)
    w.integration()
    return w


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[subscriber_notices.Posted]:
    """What the subscribers are told of, in order; it is still told as always."""
    heard: list[subscriber_notices.Posted] = []
    tell = subscriber_notices.tell

    def listen(posted: subscriber_notices.Posted) -> None:
        heard.append(posted)
        tell(posted)

    monkeypatch.setattr(subscriber_notices, "tell", listen)
    return heard


def draft(world: World, **more: object) -> Draft:
    component = models.Component.objects.get(name="Checkout")
    starts = world.now + 96 * HOUR
    values: dict[str, object] = {
        "title": "Database upgrade", "text": "Payments may be slow.", "starts_at": starts, "ends_at": starts + 2 * HOUR,
        "zone": "Europe/Berlin", "services": ["checkout"], "components": {component.id: ""},
        "people": [world.find("ben").id],
    }  # fmt: skip
    return Draft(**(values | more))  # type: ignore[arg-type]


def planned(world: World, **more: object) -> models.MaintenanceWindow:
    """Planned by ben, approved by ana."""
    row = maintenance.plan(world.act("ben"), draft(world, **more))[0]
    maintenance.propose(world.act("ben"), row.id)
    return maintenance.approve(world.act("ana"), row.id)


def now_as(row: models.MaintenanceWindow) -> models.MaintenanceWindow:
    row.refresh_from_db()
    return row


def send(world: World, severity: str = "error", key: str = "5xx", action: str = "trigger") -> models.Alert:
    body = {
        "routing_key": "k",
        "event_action": action,
        "dedup_key": key,
        "payload": {"summary": key, "source": "lb", "severity": severity, "component": "checkout"},
    }
    world.journal("pagerduty", json.dumps(body).encode(), models.Integration.objects.get())
    world.expand()
    world.settle()
    return models.Alert.objects.get(dedup_key=key)


def component() -> str:
    return models.Component.objects.get(name="Checkout").state


def words(row: models.MaintenanceWindow) -> list[str]:
    posts = models.PagePost.objects.filter(incident_ref=row.id).order_by("at", "id")
    assert {p.source for p in posts} <= {"maintenance"}
    return [p.status_word for p in posts]


def mails(world: World, handle: str) -> list[str]:
    address = f"{handle}@example.com"
    return [o.subject for _, o in world.outbox.sent if o.to == address and o.kind == "message"]


@pytest.mark.requirement("R-047")
def test_from_plan_to_end_with_a_reminder_a_silenced_alert_and_an_extension(
    world: World, told: list[subscriber_notices.Posted]
) -> None:
    row = planned(world)
    page = models.StatusPage.objects.get()
    published = page.revision
    world.pass_time(hours=23)
    assert (now_as(row).state, words(row)) == ("approved", [])
    world.pass_time(hours=2)
    assert (now_as(row).state, words(row), component()) == ("announced", ["scheduled"], "operational")
    assert models.StatusPage.objects.get().revision > published
    shown = publishing.page_snapshot(page, world.now).maintenance
    assert [(m.title, m.status, m.scheduled_for) for m in shown] == [
        ("Database upgrade", "scheduled", row.starts_at)
    ]
    world.pass_time(hours=70)
    assert [t.event for t in told] == ["planned", "reminded", "reminded"]
    assert "begins in 1 h" in told[-1].body
    world.now = row.starts_at - timedelta(minutes=1)
    world.pass_time(minutes=1)
    assert (now_as(row).state, component(), words(row)[-1]) == (
        "in_progress",
        "under_maintenance",
        "in_progress",
    )

    alert = send(world)
    assert (alert.status, world.pages("cleo")) == ("silenced", [])
    assert "maintenance “Database upgrade” until" in alert.reason

    world.pass_time(minutes=100)
    mine = "Silenced by Ben: known."
    other = copy(alert)
    other.id, other.reason, other.dedup_key = new_id(), mine, "other"
    other.save(force_insert=True)
    maintenance.extend(world.act("ben"), row.id, row.ends_at + HOUR, "The index takes longer.")
    assert "extended" in models.Alert.objects.get(id=alert.id).reason
    assert models.Alert.objects.get(id=other.id).reason == mine
    other.delete()
    world.pass_time(minutes=60)
    alerts.end_silences(world.now)
    world.settle()
    assert (now_as(row).state, world.pages("cleo")) == ("in_progress", [])

    world.pass_time(minutes=20)
    alerts.end_silences(world.now)
    world.settle()
    assert (now_as(row).state, component()) == ("completed", "operational")
    assert words(row) == [
        "scheduled", "scheduled", "scheduled", "in_progress", "in_progress", "completed",
    ]  # fmt: skip
    assert [t.event for t in told] == ["planned", "reminded", "reminded", "started", "extended", "finished"]
    assert told[4].scheduled_until == row.planned_end + HOUR
    assert "The index takes longer." in told[4].body
    assert models.Alert.objects.get().status == "open"
    assert len(world.pages("cleo")) == 1
    assert not publishing.page_snapshot(page, world.now).maintenance
    heard = [s.partition(":")[0] for s in mails(world, "cleo")]
    assert heard == [
        "Maintenance announced", "Maintenance started", "Maintenance extended", "Maintenance finished",
    ]  # fmt: skip
    kinds = list(row.entries.order_by("id").values_list("kind", flat=True))
    assert kinds == [
        "planned", "proposed", "approved", "announced", "reminded", "reminded", "started", "extended",
        "ending", "completed",
    ]  # fmt: skip


@pytest.mark.requirement("R-047")
def test_the_start_silences_what_is_open_and_an_early_end_lets_it_page_again(world: World) -> None:
    row = planned(world)
    world.pass_time(hours=95, minutes=58)
    send(world)
    assert len(world.pages("cleo")) == 1
    world.pass_time(minutes=3)
    alert = models.Alert.objects.get()
    assert (alert.status, now_as(row).state) == ("silenced", "in_progress")
    world.pass_time(minutes=30)
    assert len(world.pages("cleo")) == 1
    maintenance.verify(world.act("ben"), row.id)
    assert now_as(row).state == "verifying"
    maintenance.finish(world.act("ben"), row.id, "Done, faster than ever.")
    alerts.end_silences(world.now)
    world.settle()
    assert (models.Alert.objects.get().status, len(world.pages("cleo"))) == ("open", 2)
    assert words(row)[-2:] == ["verifying", "completed"]
    world.pass_time(hours=10)
    assert words(row).count("completed") == 1


def test_spared_severities_and_services_page_nevertheless(world: World) -> None:
    planned(world, spared=["critical"])
    world.pass_time(hours=96, minutes=1)
    assert send(world, "error", "slow").status == "silenced"
    assert send(world, "critical", "down").status == "open"
    assert len(world.pages("cleo")) == 1
    other = planned(world, services=["checkout", "search"], spared_services=["checkout"], components={})
    world.pass_time(hours=96, minutes=1)
    assert now_as(other).state == "in_progress"
    assert send(world, "error", "third").status == "open"


def test_an_engine_that_wakes_late_starts_late_leaves_reminders_out_and_says_so(
    world: World, told: list[subscriber_notices.Posted]
) -> None:
    row = planned(world)
    world.now = row.starts_at + timedelta(minutes=40)
    world.settle()
    assert (now_as(row).state, component(), words(row)) == (
        "in_progress",
        "under_maintenance",
        ["in_progress"],
    )
    assert [t.event for t in told] == ["started"]
    said = row.entries.get(kind="started").text
    assert "40 min late" in said
    assert "Reminders that were still to come were left out." in said
    world.now = row.ends_at + 5 * HOUR
    world.settle()
    assert (now_as(row).state, component(), words(row)[-1]) == ("completed", "operational", "completed")
    assert "5 h late" in row.entries.get(kind="completed").text


def test_a_window_that_went_by_as_a_whole_is_not_started_and_somebody_is_asked(world: World) -> None:
    row = planned(world)
    world.now = row.ends_at + HOUR
    world.settle()
    assert (now_as(row).state, component(), words(row)) == ("approved", "operational", [])
    assert models.Alarm.objects.get(kind="maintenance", cleared_at=None).subject == row.id
    assert any(s.startswith("Maintenance did not take place") for s in mails(world, "ben"))
    with pytest.raises(Refused, match="Its end has passed"):
        maintenance.start(world.act("ben"), row.id)
    maintenance.move(world.act("ben"), row.id, world.now + HOUR, world.now + 3 * HOUR, "The engine was down.")
    assert not models.Alarm.objects.filter(kind="maintenance", cleared_at=None).exists()
    world.pass_time(hours=4)
    assert now_as(row).state == "completed"


def test_an_open_incident_holds_the_start_until_it_is_over(world: World) -> None:
    row = planned(world)
    world.now = row.starts_at - timedelta(minutes=5)
    world.settle()
    incident = models.IncidentRow.objects.create(
        id="INC-7", number=7, title="Cards fail", type="availability", severity=2, phase="investigating",
        phase_since=world.now, template="software", services=["checkout"], declared_at=world.now, declared_by="x", seq=1,
        commander_id=world.find("cleo").id,
    )  # fmt: skip
    assert [c.kind for c in maintenance_conflicts.found(row, world.now)] == ["incident"]
    world.pass_time(minutes=20)
    assert (now_as(row).state, component()) == ("announced", "operational")
    assert row.held_reason == "INC-7 is open on Checkout."
    assert models.Alarm.objects.filter(kind="maintenance", cleared_at=None).count() == 1
    assert [s for s in mails(world, "cleo") if "held" in s] == ["Maintenance is held: Database upgrade"]
    models.IncidentRow.objects.filter(id=incident.id).update(is_open=False)
    world.pass_time(minutes=3)
    assert (now_as(row).state, row.held_reason) == ("in_progress", "")
    assert not models.Alarm.objects.filter(kind="maintenance", cleared_at=None).exists()


def test_by_hand_it_asks_for_its_start_and_an_overrun_ends_the_silence_until_it_is_extended(
    world: World,
) -> None:
    row = planned(world, auto_start=False, auto_finish=False)
    world.pass_time(hours=96, minutes=10)
    assert now_as(row).state == "announced"
    assert any(s.startswith("Maintenance waits to be started") for s in mails(world, "ben"))
    maintenance.start(world.act("ben"), row.id)
    send(world)
    world.now = row.ends_at
    world.settle()
    alerts.end_silences(world.now)
    world.settle()
    assert (now_as(row).state, len(world.pages("cleo"))) == ("in_progress", 1)
    assert models.Alarm.objects.filter(kind="maintenance", cleared_at=None).count() == 1
    maintenance.extend(world.act("ben"), row.id, world.now + HOUR, "Nearly there.")
    assert models.Alert.objects.get().status == "silenced"
    assert not models.Alarm.objects.filter(kind="maintenance", cleared_at=None).exists()
    maintenance.finish(world.act("ben"), row.id)
    assert now_as(row).state == "completed"


def test_two_who_finish_it_at_once_finish_it_once(
    world: World, told: list[subscriber_notices.Posted]
) -> None:
    row = planned(world)
    world.pass_time(hours=96, minutes=10)
    for handle in ("ben", "cleo", "ana"):
        maintenance.finish(world.act(handle), row.id)
    assert words(row).count("completed") == 1
    assert [t.event for t in told].count("finished") == 1
    with pytest.raises(Refused, match="It is over; plan another one"):
        maintenance.cancel(world.act("ben"), row.id, "Too late")


def test_a_cancellation_wins_over_a_start_that_is_due_and_undoes_one_that_came_first(world: World) -> None:
    first = planned(world)
    world.pass_time(hours=95)
    world.now = first.starts_at
    maintenance.cancel(world.act("ben"), first.id, "The disk did not arrive.")
    world.settle()
    assert (now_as(first).state, component(), words(first)[-1]) == ("cancelled", "operational", "cancelled")
    assert (
        due.next_due() is None or not models.Due.objects.filter(kind="maintenance", state="waiting").exists()
    )
    second = planned(world)
    world.pass_time(hours=96, minutes=1)
    send(world)
    assert component() == "under_maintenance"
    with pytest.raises(Refused, match="Say why"):
        maintenance.cancel(world.act("ben"), second.id, "  ")
    maintenance.cancel(world.act("ben"), second.id, "It broke the shop.")
    alerts.end_silences(world.now)
    world.settle()
    assert (component(), words(second)[-1], models.Alert.objects.get().status) == (
        "operational",
        "cancelled",
        "open",
    )
    assert "has been stopped" in models.PagePost.objects.filter(incident_ref=second.id).latest("id").body


def test_another_person_approves_and_a_change_has_to_be_approved_again(world: World) -> None:
    models.Person.objects.filter(handle="root").update(is_active=False)
    row = maintenance.plan(world.act("ana"), draft(world))[0]
    with pytest.raises(Refused, match="Propose it first"):
        maintenance.approve(world.act("ana"), row.id)
    maintenance.propose(world.act("ana"), row.id)
    with pytest.raises(Refused, match=r"maintenance\.approver"):
        maintenance.approve(world.act("ben"), row.id)
    assert "nobody else here may" in str(
        maintenance.approve(world.act("ana"), row.id).entries.get(kind="approved").text
    )
    second = maintenance.plan(world.act("ana"), draft(world))[0]
    maintenance.propose(world.act("ana"), second.id)
    team = models.Team.objects.create(id=new_id(), key="shop", name="Shop")
    models.Service.objects.filter(key="checkout").update(team=team)
    models.Membership.objects.create(team=team, person=world.find("ben"), lead=True)
    with pytest.raises(Refused, match=r"maintenance\.own"):
        maintenance.approve(world.act("ana"), second.id)
    maintenance.send_back(world.act("ben"), second.id, "At night, please.")
    assert any(s.startswith("Maintenance sent back") for s in (world.settle(), mails(world, "ana"))[1])
    maintenance.propose(world.act("ana"), second.id)
    maintenance.approve(world.act("ben"), second.id)
    changed = maintenance.change(world.act("ben"), second.id, draft(world, title="Database move"))
    assert (changed.state, changed.title, changed.approved_at) == ("draft", "Database move", None)
    with pytest.raises(Refused, match="has changed since you opened it"):
        maintenance.change(world.act("ben"), second.id, draft(world), seen=1)


def test_a_component_is_given_back_once_the_last_window_on_it_is_over_and_an_outage_stays(
    world: World,
) -> None:
    first, second = planned(world), planned(world, ends_at=world.now + 99 * HOUR)
    assert [c.kind for c in maintenance_conflicts.found(first, world.now)] == ["overlap"]
    world.pass_time(hours=98, minutes=1)
    assert (now_as(first).state, now_as(second).state, component()) == (
        "completed",
        "in_progress",
        "under_maintenance",
    )
    world.pass_time(hours=1)
    assert component() == "operational"
    third = planned(world)
    world.pass_time(hours=96, minutes=1)
    models.Component.objects.update(state="major_outage")
    maintenance.finish(world.act("ben"), third.id)
    assert component() == "major_outage"


def test_a_window_that_comes_again_keeps_its_hour_when_clocks_change(world: World) -> None:
    starts = datetime(2026, 3, 22, 1, 30, tzinfo=UTC)  # 02:30 in Berlin; on the 29th there is no 02:30
    rows = maintenance.plan(
        world.act("ben"),
        draft(world, starts_at=starts, ends_at=starts + HOUR, rule="FREQ=WEEKLY;COUNT=3"),
    )
    assert [r.starts_at for r in rows] == [
        starts,
        datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
        datetime(2026, 4, 5, 0, 30, tzinfo=UTC),
    ]
    assert len({r.series for r in rows}) == 1
    maintenance.propose(world.act("ben"), rows[0].id, series=True)
    maintenance.approve(world.act("ana"), rows[0].id, series=True)
    assert {now_as(r).state for r in rows} == {"approved"}
    maintenance.cancel(world.act("ben"), rows[1].id, "", series=True)
    assert [now_as(r).state for r in rows] == ["approved", "cancelled", "cancelled"]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=WEEKLY", "FREQ=HOURLY;COUNT=3", "FREQ=DAILY;COUNT=60", "FREQ=MONTHLY;COUNT=20", "nonsense",
        "FREQ=WEEKLY;COUNT=x", "FREQ=WEEKLY;BYDAY=XX;COUNT=2", "FREQ=DAILY;COUNT=3;EXDATE=1",
        "FREQ=WEEKLY;UNTIL=20200101",
    ],
)  # fmt: skip
def test_a_rule_that_has_no_end_or_makes_no_sense_is_refused(world: World, rule: str) -> None:
    with pytest.raises(Refused, match=r"maintenance\.rule"):
        maintenance.plan(world.act("ben"), draft(world, rule=rule))
    assert not models.MaintenanceWindow.objects.exists()


def test_what_cannot_be_planned_is_refused_by_its_field(world: World) -> None:
    for more, name in (
        ({"title": " "}, "title"),
        ({"services": ["nowhere"]}, "services"),
        ({"components": {"x": ""}}, "components"),
        ({"pages": ["nowhere"]}, "pages"),
        ({"people": ["nobody"]}, "people"),
        ({"spared": ["loud"]}, "spared"),
        ({"spared_services": ["search"]}, "spared_services"),
        ({"starts_at": world.now - HOUR}, "starts_at"),
    ):
        with pytest.raises(Refused) as refused:
            maintenance.plan(world.act("ben"), draft(world, **more))
        assert name in refused.value.fields
    assert not models.MaintenanceWindow.objects.exists()
