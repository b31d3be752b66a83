"""The demo's story: told once for this file into a real database, then looked at from every side."""

from __future__ import annotations

import json
import shutil
import stat
import tempfile
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import override_settings

from quarterdeck.app import casebook
from quarterdeck.app.oncall import roster
from quarterdeck.app.people import demo_login, keys
from quarterdeck.boot import demo
from quarterdeck.boot.demo import scale
from quarterdeck.boot.demo.login import FOR_VISITORS
from quarterdeck.core.access import ENGINE
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.oncall import gaps
from quarterdeck.store import log, models, project
from support.database import _admin
from support.world import World

NOW = datetime(2026, 11, 18, 14, 27, 8, tzinfo=UTC)  # a Wednesday afternoon
OPEN = ("INC-60", "INC-61", "INC-62")
pytestmark = pytest.mark.timeout(900)


@contextmanager
def fresh(migrated: str, folder: Path, postgres: bool) -> Iterator[None]:
    """A migrated, empty database for as long as it lasts."""
    names = ("QUARTERDECK_DATA", "QUARTERDECK_RUN", "QUARTERDECK_JOURNAL", "QUARTERDECK_STATUS")
    saved = {name: getattr(settings, name) for name in names}
    run = Path(tempfile.mkdtemp(prefix="qd-"))
    settings.QUARTERDECK_DATA, settings.QUARTERDECK_RUN = folder, run
    settings.QUARTERDECK_JOURNAL, settings.QUARTERDECK_STATUS = folder / "journal.db", folder / "status"
    connections.close_all()
    before = connections["default"].settings_dict["NAME"]
    name = f"qd_{uuid.uuid4().hex[:16]}" if postgres else str(folder / "quarterdeck.db")
    if postgres:
        _admin(migrated, f'CREATE DATABASE "{name}" TEMPLATE "{migrated}"')
    else:
        shutil.copy(migrated, name)
    connections["default"].settings_dict["NAME"] = name
    yield
    connections.close_all()
    connections["default"].settings_dict["NAME"] = migrated if postgres else before
    if postgres:
        _admin(migrated, f'DROP DATABASE "{name}" WITH (FORCE)')
    for key, value in saved.items():
        setattr(settings, key, value)
    shutil.rmtree(run, ignore_errors=True)


@pytest.fixture(scope="module")
def story(
    migrated: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[demo.Credentials]:
    """The whole story, told once."""
    folder = tmp_path_factory.mktemp("story")
    with fresh(migrated, folder, request.config.getoption("--db") == "postgres"):
        yield demo.seed(NOW, folder)


def the(model: type, **what: Any) -> Any:
    return model.objects.get(**what)


def test_the_company_is_big_enough_to_look_around_in(story: demo.Credentials) -> None:
    people = Counter(models.Person.objects.values_list("role", flat=True))
    assert people["observer"] == people["executive"] == 3
    assert sum(people.values()) >= 40
    assert models.Team.objects.count() == 8
    assert models.Service.objects.filter(team__isnull=False, policy__isnull=False).count() == 25
    assert models.Component.objects.count() == 12
    assert models.Schedule.objects.count() >= 12
    assert {"default", "commander", "role-scribe"} <= set(
        models.EscalationPolicy.objects.values_list("key", flat=True)
    )


def test_half_a_year_of_incidents_has_every_severity_and_ends_in_every_way(story: demo.Credentials) -> None:
    rows = models.IncidentRow.objects.exclude(id__in=OPEN)
    assert 45 <= rows.count() <= 60
    assert set(rows.values_list("severity", flat=True)) == {1, 2, 3, 4, 5}
    types = set(rows.values_list("type", flat=True))
    assert {"availability", "security", "safety", "public_relations", "third_party"} <= types
    assert set(rows.values_list("template", flat=True)) == {"software", "general"}
    assert len(set(rows.values_list("resolution_code", flat=True))) >= 8
    assert rows.filter(phase="dismissed").count() == rows.filter(drill=True, drill_kind="").count() == 1
    assert min(r.declared_at for r in rows) < NOW - timedelta(days=170)


def test_every_severe_incident_has_a_review_and_some_promises_are_overdue(story: demo.Credentials) -> None:
    severe = models.IncidentRow.objects.filter(severity__lte=2, drill_kind="").exclude(id__in=OPEN)
    reviews = {r.incident_id: r for r in models.ReviewRow.objects.all()}
    assert all(reviews[row.id].sections.get("what_happened") for row in severe)
    # A drill's results are talked over instead of a review.
    drills = set(models.IncidentRow.objects.exclude(drill_kind="").values_list("id", flat=True))
    assert {r.state for i, r in reviews.items() if i not in drills} == {"reviewed", "draft"}
    overdue = models.ActionItemRow.objects.filter(done_at=None, due_on__lt=f"{NOW:%Y-%m-%d}")
    assert 3 <= overdue.count() <= 12
    assert models.ActionItemRow.objects.exclude(done_at=None).count() >= 20


def test_the_company_has_practised_and_its_drills_can_be_compared(story: demo.Credentials) -> None:
    scores = models.DrillScore.objects.order_by("held_at")
    assert scores.count() >= 5 and {s.team for s in scores} == {"payments"}
    assert all(s.score is not None and s.command is not None for s in scores)
    assert scores[0].command > scores[5].command and scores[0].score < scores[5].score
    gaps = models.DrillGap.objects.filter(state="confirmed").values_list("item_id", flat=True)
    assert models.ActionItemRow.objects.filter(id__in=gaps, done_at=None).exists()
    assert models.DrillPlan.objects.get().state == "active"


def test_the_log_of_every_incident_and_of_the_installation_proves_itself(story: demo.Credentials) -> None:
    assert [broken for stream in log.streams() if (broken := log.verify(stream))] == []


@pytest.mark.parametrize("incident", ["INC-10", "INC-61", "INC-62"])
def test_the_read_tables_of_a_told_incident_are_folds_of_its_log(
    story: demo.Credentials, incident: str
) -> None:
    before = told_of(incident)
    casebook.rebuild(incident, NOW)
    assert told_of(incident) == before


def told_of(incident: str) -> dict[str, list[dict[str, Any]]]:
    """Every row of every read table of one incident."""
    tables = {**project.TABLES, "timeline": models.TimelineRow}
    key = {t: "id" if t == "incident" else "incident_id" for t in tables}
    return {
        t: list(m._default_manager.filter(**{key[t]: incident}).order_by("pk").values())
        for t, m in tables.items()
    }


def test_nothing_of_the_past_waits_to_be_sent_or_done(story: demo.Credentials) -> None:
    assert not models.Delivery.objects.filter(state__in=("queued", "sending")).exists()
    # What an open incident has to do next, its channel is about to.
    late = models.Due.objects.filter(state="waiting", due_at__lt=NOW).exclude(kind="channel", ref__in=OPEN)
    assert list(late.values_list("kind", "ref", "due_at")) == []
    assert not models.Alarm.objects.filter(cleared_at=None).exists()
    running = models.Run.objects.filter(state="running")
    assert {r.incident_id for r in running} <= {"", *OPEN}
    live = models.Alert.objects.filter(status="open").values_list("id", flat=True)
    assert {r.alert_id for r in running} - {""} == set(live)
    old = models.Callout.objects.filter(state="waiting", created_at__lt=NOW - timedelta(hours=1))
    assert not old.exists()


def test_everybody_is_reached_by_the_console_and_no_mail_leaves(story: demo.Credentials) -> None:
    assert not models.ContactMethod.objects.exclude(kind="console").filter(disabled=False).exists()
    for urgency in ("high", "low"):
        reached = models.NotificationRule.objects.filter(urgency=urgency, contact__kind="console")
        assert reached.count() == models.Person.objects.count()


def test_one_incident_is_in_full_swing_and_the_visitor_commands_it(story: demo.Credentials) -> None:
    case = casebook.load("INC-61", ENGINE)
    me = the(models.Person, email=story.email)
    incident = case.incident
    assert (incident.severity, incident.phase, incident.commander.person) == (1, "identified", me.id)
    assert incident.alerts
    assert timedelta(minutes=34) <= NOW - incident.declared_at <= timedelta(minutes=36)
    assert {"technical_lead", "communications_lead", "deputy", "sme"} <= {
        a.role for a in incident.open_assignments()
    }
    assert not incident.holder("scribe")
    assert [h.state for h in incident.handovers.values() if h.role == "commander"] == ["accepted"]
    assert [t.late for t in incident.tasks.values() if t.is_open].count(True) == 1
    states = Counter((m.audience, m.state) for m in incident.messages.values())
    assert (states["customers_all", "sent"], states["customers_all", "draft"]) == (3, 1)
    assert {"sent", "draft", "in_review"} <= {state for _, state in states}
    assert timedelta(0) < incident.next_update_at - NOW < timedelta(minutes=10)
    assert {e.kind for e in incident.entries.values()} >= {"finding", "impact_pulse"}
    assert len(incident.decisions) == 1


def test_the_technical_and_the_business_tab_have_work_on_them(story: demo.Credentials) -> None:
    incident = casebook.load("INC-61", ENGINE).incident
    tech, business = incident.technical, incident.business
    assert {h.state for h in incident.crew.hypotheses.values()} == {"refuted", "confirmed", "proposed"}
    assert {r.risk for r in tech.remediations.values()} == {"low", "medium"}
    assert len(tech.findings) == 2 == len(tech.steps) == len(tech.choices)
    assert [p.is_open for p in tech.polls.values()] == [False]
    assert models.Change.objects.count() == 2
    assert {c.kind for c in business.costs.values()} == {"cost", "budget"}
    assert len(business.open_cases()) == len(business.regulatory) == len(business.delegations) == 1
    assert Counter(models.Report.objects.values_list("state", flat=True)) == {"new": 2, "linked": 1}


def test_the_business_responds_and_a_message_is_on_its_way_to_many(story: demo.Credentials) -> None:
    case = casebook.load("INC-62", ENGINE)
    emergency, response = case.incident.emergency, case.incident.response
    assert (response.parent, response.step, len(response.answers)) == ("INC-61", "emergency_ops", 6)
    assert Counter(s.state for s in emergency.switches.values())["halted"] == 3
    assert {a.state for a in emergency.areas.values()} >= {"normal", "affected", ""}
    assert {m.state for m in case.incident.messages.values()} == {"in_review"}
    paused = the(models.Mailing, state="paused")
    states = Counter(models.Recipient.objects.filter(message_id=paused.id).values_list("state", flat=True))
    assert set(states) == {"handed", "bounced", "suppressed", "queued"}
    assert not models.Mailing.objects.filter(state="running").exists()
    assert set(models.ContactImport.objects.values_list("state", flat=True)) == {"done", "preview"}


def test_what_was_learned_can_be_found_again(story: demo.Credentials) -> None:
    assert models.LessonRow.objects.values("incident_id").distinct().count() == 3
    assert models.KnowledgeArticle.objects.exclude(incident_id="").count() == 2
    assert models.KnowledgeArticle.objects.filter(incident_id="").count() == 1
    assert models.TrainingSession.objects.filter(held_at__gt=NOW).count() == 3


def test_the_wall_has_open_acknowledged_and_silenced_alerts_with_repeats(story: demo.Credentials) -> None:
    standing = models.Alert.objects.exclude(status="resolved")
    assert set(standing.values_list("status", flat=True)) == {"open", "acknowledged", "silenced"}
    assert standing.order_by("-count").first().count > 500
    assert models.Callout.objects.filter(state="waiting", person__email=story.email).exists()


def test_the_first_of_each_rotation_is_on_call_and_one_gap_lies_ahead(story: demo.Credentials) -> None:
    duties = {d.schedule.key: d for d in roster.duties(NOW)}
    assert duties["commander-primary"].person.email == story.email
    assert all(d.person is not None for d in duties.values())
    from quarterdeck.app.paging.directory import schedule_from

    rows = models.Schedule.objects.prefetch_related("layers", "overrides")
    holes = {r.key: gaps(schedule_from(r), NOW, NOW + timedelta(days=7)) for r in rows}
    assert [(hole.ends_at - hole.starts_at) for hole in holes.pop("payments-primary")] == [timedelta(hours=6)]
    assert not any(holes.values())


def test_on_call_has_something_to_show_on_every_page(story: demo.Credentials) -> None:
    me = the(models.Person, email=story.email)
    assert models.Swap.objects.filter(state="offered", other_id=me.id, reason__gt="").exists()
    assert models.Absence.objects.filter(person=me, starts_at__gt=NOW).exists()
    assert models.QuietHours.objects.filter(person=me).exists()
    assert models.Snooze.objects.filter(ended_at=None, until__gt=NOW).count() == 1
    assert models.ShiftNote.objects.values("author_id").distinct().count() == 2
    assert models.CalendarFeed.objects.filter(owner=me, revoked_at=None).count() == 2
    certified = models.Certification.objects.exclude(certified_at=None)
    assert {"commander", "scribe"} <= set(certified.values_list("role", flat=True))
    assert models.Certification.objects.filter(certified_at=None, planned_for__gt=NOW).exists()
    regions = set(models.Person.objects.values_list("holiday_region", flat=True))
    assert {"DE-BY", "FR", "GB"} <= regions
    steps = [s for p in models.EscalationPolicy.objects.all() for s in p.definition["steps"]]
    assert any(s.get("severities") for s in steps)
    assert any(s.get("windows") for s in steps)
    assert not models.ContactMethod.objects.filter(verified_at=None).exists()


def test_components_have_a_past_that_comes_from_the_incidents(story: demo.Credentials) -> None:
    page = the(models.StatusPage, key="corvane")
    states = models.ComponentState.objects.filter(component__page=page)
    assert states.exclude(incident_id="").values("incident_id").distinct().count() >= 20
    assert min(s.at for s in states) < NOW - timedelta(days=90)
    now = dict(models.Component.objects.values_list("name", "state"))
    assert now["Card payments at checkout and in the app"] == "partial_outage"
    assert Counter(now.values())["operational"] == 10


def test_the_keys_and_the_login_of_the_story_open_the_doors(story: demo.Credentials) -> None:
    me = the(models.Person, email=story.email)
    assert me.role == "administrator"
    assert me.check_password(story.password)
    assert keys.owner_of(story.api_key, NOW) == me
    kind = the(models.Integration, key_hash=keys.digest(story.integration_key)).kind
    assert kind == "any"
    assert demo_login.shown() is None
    with override_settings(QUARTERDECK_DEMO=True):
        assert demo_login.shown() == {"login": story.email, "password": story.password}


def test_what_is_handed_to_visitors_can_be_read_by_its_owner_alone(
    story: demo.Credentials, tmp_path: Path
) -> None:
    path = demo.hand_out(tmp_path, "http://127.0.0.1:8080", story)
    assert path.name == FOR_VISITORS
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((Path(settings.QUARTERDECK_DATA) / demo_login.FILE).stat().st_mode) == 0o600
    told = json.loads(path.read_text(encoding="utf-8"))
    assert set(told) == {"base_url", "login", "api_key", "integration_key"}
    assert told["login"] == {"email": story.email, "password": story.password}
    assert demo.credentials(Path(settings.QUARTERDECK_DATA)) == story
    assert demo.credentials(tmp_path) is None


def test_a_store_with_people_in_it_is_left_alone(story: demo.Credentials, tmp_path: Path) -> None:
    before = models.Event.objects.count()
    with pytest.raises(Refused, match="people in this store"):
        demo.seed(NOW, tmp_path)
    assert models.Event.objects.count() == before
    assert not (tmp_path / demo_login.FILE).exists()


def test_copies_for_measurements_are_incidents_with_a_log_of_their_own(story: demo.Credentials) -> None:
    before, alerts = models.IncidentRow.objects.count(), models.Alert.objects.count()
    scale.multiply(before + 60, 30)
    assert models.IncidentRow.objects.count() == before + 60
    assert models.Alert.objects.count() >= alerts + 30
    copied = [f"INC-{before + n}" for n in (1, 3, 44, 60)]
    assert [log.verify(key) for key in copied] == [None] * 4
    for key in copied:
        told = told_of(key)
        casebook.rebuild(key, NOW)
        assert told_of(key) == told
    numbers = models.IncidentRow.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, before + 61))
    assert models.IncidentRow.objects.filter(is_open=True).count() == len(OPEN)


def test_after_the_story_the_engine_pages_only_for_what_is_open(story: demo.Credentials) -> None:
    """The last to look at the story: it lets a quarter of an hour pass."""
    world = World()
    world.now = NOW
    world.pass_time(minutes=15)
    called = models.Callout.objects.filter(created_at__gt=NOW)
    unanswered = set(models.Alert.objects.filter(status="open").values_list("id", flat=True))
    assert called.exists()
    assert all(c.incident_id in OPEN or c.alert_id in unanswered for c in called)
    assert {kind for kind, _ in world.outbox.sent} == {"console"}
    assert not models.Delivery.objects.filter(state="queued").exists()


def test_the_same_seed_tells_the_same_story(
    migrated: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    told = []
    for number in (1, 2):
        folder = tmp_path / str(number)
        folder.mkdir()
        with fresh(migrated, folder, request.config.getoption("--db") == "postgres"):
            demo.seed(NOW, folder, history=False)
            lines = models.TimelineRow.objects.order_by("incident_id", "seq")
            told.append(
                [
                    list(lines.values_list("incident_id", "seq", "happened_at", "title", "text")),
                    list(
                        models.Alert.objects.order_by("dedup_key").values_list("summary", "status", "count")
                    ),
                    list(
                        models.Callout.objects.order_by("created_at", "person__name", "subject").values_list(
                            "person__name", "subject", "state", "created_at"
                        )
                    ),
                ]
            )
    assert told[0] == told[1]
    assert len(told[0][0]) > 80
