"""Figures from what the product recorded: exact values, the right incidents, and the same numbers on page and file."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from quarterdeck.app.figures import insights
from quarterdeck.app.figures.insights import Question
from quarterdeck.core.access import Who
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.store import models
from quarterdeck.store.ids import new_id
from support.reviewed import declared, organisation, reviewed
from support.world import START, World

MINUTE = timedelta(minutes=1)
PERIOD = Question(START - timedelta(days=7), START + timedelta(days=14))
ANYBODY = Who("anybody", frozenset({"responder"}))


@pytest.fixture
def world(db: None) -> World:
    return organisation(World())


def row(number: int, at: datetime, **fields: object) -> str:
    """An incident of the past, resolved after as many minutes as its number says."""
    key = f"INC-{number}"
    values: dict[str, object] = {
        "id": key, "number": number, "title": key, "type": "availability", "severity": 2, "phase": "closed",
        "phase_since": at, "template": "software", "declared_at": at, "declared_by": "decl", "is_open": False,
        "resolved_at": at + number * MINUTE, "services": ["checkout"], "seq": 9,
    }  # fmt: skip
    models.IncidentRow.objects.create(**(values | fields))
    return key


def acknowledged(key: str, at: datetime, by: str = "dev", first: datetime | None = None) -> None:
    integration = models.Integration.objects.first() or models.Integration.objects.create(
        id=new_id(), name="x", key_hash="h", hint="h", created_at=at
    )
    models.Alert.objects.create(
        id=new_id(), dedup_key=new_id(), integration=integration, status="resolved", summary="x", severity="critical",
        source="y", first_seen_at=first or at, last_seen_at=at, acknowledged_at=at, acknowledged_by=by,
        incident_id=key, reason="r",
    )  # fmt: skip


def posted(key: str, at: datetime) -> None:
    models.PageUpdateRow.objects.create(
        id=new_id(), incident_id=key, message_id="m", page="p", status_word="investigating", body="b", posted_at=at,
        posted_by="x",
    )  # fmt: skip


def commanded(key: str, at: datetime, by: str) -> None:
    models.RoleAssignmentRow.objects.create(
        id=new_id(), incident_id=key, role="commander", person_id=by, exclusive=False, started_at=at
    )


def figures(asked: Question = PERIOD, who: Who = ANYBODY):
    made = insights.figures(insights.times(who, asked), asked)
    assert insights.read(who, asked) == made, "one query says what the incidents one by one say"
    return made, {m.metric.key: m for m in made.measures}


@pytest.mark.requirement("R-023", "R-230", "R-238")
def test_an_incident_with_known_times_has_exactly_these_values(world: World) -> None:
    reviewed(world)
    made, by = figures()
    assert made.incidents == 1
    assert {key: m.all.median for key, m in by.items()} == {
        "time_to_acknowledge": 4 * MINUTE,
        "time_to_respond": 4 * MINUTE,
        "time_to_first_customer_message": 10 * MINUTE,
        "time_to_first_public_update": 16 * MINUTE,
        "time_to_resolve": 66 * MINUTE,
        "impact_duration": None,
    }


@pytest.mark.requirement("R-230")
def test_median_spread_and_number_are_exact(world: World) -> None:
    for n, minutes in enumerate((10, 20, 30, 40, 100)):
        row(minutes, START + timedelta(days=n))
    made, by = figures()
    s = by["time_to_resolve"].all
    assert (s.n, s.median, s.p10, s.p90, s.iqr) == (5, 30 * MINUTE, 14 * MINUTE, 76 * MINUTE, 20 * MINUTE)
    assert by["time_to_acknowledge"].all.n == 0
    assert [(w.name, w.count) for w in made.weeks] == [
        ("2026-W09", 0),
        ("2026-W10", 5),
        ("2026-W11", 0),
        ("2026-W12", 0),
    ]


def test_the_moments_come_from_the_first_of_each_kind(world: World) -> None:
    key = row(60, START, declared_by="ana")
    acknowledged(key, START + 9 * MINUTE, first=START - 3 * MINUTE)
    acknowledged(key, START + 5 * MINUTE, first=START + MINUTE)
    acknowledged(key, START + MINUTE, by="source")  # the tool itself, which is no person
    posted(key, START + 20 * MINUTE)
    posted(key, START + 12 * MINUTE)
    commanded(key, START, "ana")  # by declaring
    commanded(key, START + 2 * MINUTE, "ben")
    (one,) = insights.times(ANYBODY, PERIOD)
    assert one.reported_at == START - 3 * MINUTE
    assert one.acknowledged_at == START + 5 * MINUTE
    assert one.first_public_update_at == START + 12 * MINUTE
    assert one.commander_at == START + 2 * MINUTE
    assert (one.resolved_at, one.team) == (START + 60 * MINUTE, "shop")


def test_severity_team_service_and_period_choose_the_incidents(world: World) -> None:
    world.service("search")
    row(1, START, severity=1)
    row(2, START, services=["search"])
    row(3, START, services=["search", "checkout"])
    row(4, START - timedelta(days=8))
    row(5, START + timedelta(days=14))

    def chosen(**asked: object) -> list[str]:
        found = insights.times(ANYBODY, Question(PERIOD.since, PERIOD.until, **asked))  # type: ignore[arg-type]
        return [i.ref for i in found]

    assert chosen() == ["INC-1", "INC-2", "INC-3"]
    assert chosen(severity=1) == ["INC-1"]
    assert chosen(service="search") == ["INC-2", "INC-3"]
    assert chosen(team="shop") == ["INC-1", "INC-3"]
    assert chosen(team="none", service="search") == []


@pytest.mark.requirement("R-191")
def test_a_drill_moves_no_figure(world: World) -> None:
    row(10, START)
    before = figures()
    key = row(500, START, drill=True)
    acknowledged(key, START + MINUTE)
    declared(world, drill=True)
    assert figures() == before


def test_a_restricted_incident_counts_only_for_its_members(world: World) -> None:
    row(10, START)
    row(20, START, restricted=True, declared_by=world.find("ana").id)
    ana = Who(world.find("ana").id, frozenset({"responder"}))
    assert [i.ref for i in insights.times(ANYBODY, PERIOD)] == ["INC-10"]
    assert [i.ref for i in insights.times(ana, PERIOD)] == ["INC-10", "INC-20"]


def test_figures_take_the_permission_to_see_them(world: World) -> None:
    with pytest.raises(Refused, match=r"access\.insight\.read"):
        insights.times(Who("x", frozenset({"stranger"})), PERIOD)


def test_the_number_of_queries_does_not_grow_with_the_incidents(world: World) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            insights.times(ANYBODY, PERIOD)
        return len(seen)

    row(1, START)
    few = asked()
    for n in range(2, 60):
        key = row(n, START + n * MINUTE)
        acknowledged(key, START + n * MINUTE)
        posted(key, START + n * MINUTE)
        commanded(key, START + n * MINUTE, "x")
    assert asked() == few == 7


# -- the page and the files


def browser(world: World, handle: str = "ana") -> Client:
    client = Client(SERVER_NAME="127.0.0.1", HTTP_ACCEPT="text/html")
    client.force_login(world.find(handle))
    return client


def recent(number: int, days: int = 1, **fields: object) -> str:
    return row(number, datetime.now(UTC) - timedelta(days=days), **fields)


def table(world: World, name: str, **asked: str) -> list[dict[str, str]]:
    answer = browser(world).get("/insights.csv", {"table": name, **asked})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == f'attachment; filename="quarterdeck-{name}.csv"'
    return list(csv.DictReader(io.StringIO(answer.content.decode())))


def test_the_page_shows_medians_with_their_number_and_what_is_measured(world: World) -> None:
    for minutes in (10, 20, 90):
        recent(minutes)
    html = browser(world).get("/insights").content.decode()
    assert "3 incidents" in html
    assert "median of 3" in html and "20 min" in html
    assert "From the first report to the last resolution" in html
    assert "Fewer reports are not better work" in html


def test_an_empty_installation_says_what_will_be_here(world: World) -> None:
    assert "No figures yet" in browser(world).get("/insights").content.decode()
    assert "No incident matches" in browser(world).get("/insights?severity=1").content.decode()


@pytest.mark.parametrize(
    "junk", ["weeks=9999999999", "weeks=²", "severity=x", "team=%00", "service='--", "weeks=-1"]
)
def test_questions_that_cannot_be_read_mean_the_usual(world: World, junk: str) -> None:
    recent(10)
    assert browser(world).get(f"/insights?{junk}").status_code == 200
    assert browser(world).get(f"/insights.csv?{junk}").status_code == 200


@pytest.mark.requirement("R-230")
def test_every_table_comes_as_a_file_with_the_same_numbers(world: World) -> None:
    for minutes in (10, 20, 90):
        recent(minutes)
    assert [(r["incident"], r["time_to_resolve_seconds"]) for r in table(world, "incidents")] == [
        ("INC-10", "600"),
        ("INC-20", "1200"),
        ("INC-90", "5400"),
    ]
    resolved = [r for r in table(world, "figures") if (r["metric"], r["severity"]) == ("time_to_resolve", "")]
    assert [(r["n"], r["median"]) for r in resolved] == [("3", "1200")]
    weeks = table(world, "weeks", weeks="4")
    assert len(weeks) == 4
    assert sum(int(r["incidents"]) for r in weeks) == sum(int(r["severity_2"]) for r in weeks) == 3


def test_a_table_that_does_not_exist_is_not_found(world: World) -> None:
    assert browser(world).get("/insights.csv?table=people").status_code == 404


def test_filters_of_the_page_hold_for_its_files(world: World) -> None:
    recent(10, severity=1)
    recent(20, severity=3)
    html = browser(world).get("/insights?severity=1&weeks=26").content.decode()
    assert "/insights.csv?weeks=26&amp;severity=1&amp;table=incidents" in html
    assert [r["incident"] for r in table(world, "incidents", severity="1", weeks="26")] == ["INC-10"]


def test_executives_see_figures_and_strangers_do_not(world: World) -> None:
    assert browser(world, "eva").get("/insights").status_code == 200
    assert Client(SERVER_NAME="127.0.0.1").get("/insights").status_code == 302
