"""When an installation tests itself, what it writes down of it, and when people hear of it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from django.conf import settings
from django.test import override_settings

from quarterdeck.app.health import alarm_calls, probes, selftests
from quarterdeck.boot import selftest_job
from quarterdeck.boot.config import Config, Selftest
from quarterdeck.cli.shadow import Failed, _is_ours, without_settings
from quarterdeck.cli.shadow_drill import Report, _beyond, plain
from quarterdeck.store import models
from quarterdeck.store.ids import made_at, new_id
from support.world import World

DAY = timedelta(days=1)
WELL = {"well": True, "seconds": 110.5, "figures": {"accepted": 150}, "wrong": []}


def at_four(days: int) -> datetime:
    """Four in the morning, so many days from now."""
    return (datetime.now(UTC) + days * DAY).replace(hour=4, minute=10)


@pytest.fixture
def weekly(db: None) -> Iterator[None]:
    config: Config = settings.QUARTERDECK
    with override_settings(
        QUARTERDECK=msgspec.structs.replace(config, selftest=Selftest()), QUARTERDECK_DEMO=False
    ):
        yield


@pytest.mark.usefixtures("weekly")
def test_the_first_is_due_at_its_hour_once_the_installation_is_a_day_old() -> None:
    assert selftests.claim(datetime.now(UTC)) == ""
    assert selftests.claim(at_four(3).replace(hour=5)) == ""
    run = selftests.claim(at_four(3))
    assert run
    assert selftests.claim(at_four(3)) == "", "somebody else runs it"


@pytest.mark.usefixtures("weekly")
def test_the_next_is_due_a_week_later() -> None:
    selftests.ended(selftests.claim(at_four(3)), WELL, at_four(3))
    assert selftests.claim(at_four(9)) == ""
    assert selftests.claim(at_four(10) - timedelta(minutes=5))


@pytest.mark.usefixtures("weekly")
def test_nothing_is_tested_while_somebody_is_being_paged() -> None:
    run = models.Run.objects.create(id=new_id(), subject="s", policy={}, started_at=at_four(3))
    assert selftests.claim(at_four(3)) == ""
    models.Run.objects.filter(id=run.id).update(state="answered")
    assert selftests.claim(at_four(3))


@pytest.mark.usefixtures("db")
def test_a_demo_and_an_installation_that_does_not_want_it_are_left_alone() -> None:
    config = settings.QUARTERDECK
    never = msgspec.structs.replace(config, selftest=Selftest(every_days=0))
    with override_settings(QUARTERDECK=never, QUARTERDECK_DEMO=False):
        assert selftests.claim(at_four(3)) == ""
        selftests.watch(at_four(30))
        assert not list(selftests.look(at_four(30)))
    with override_settings(QUARTERDECK_DEMO=True):
        assert selftests.claim(at_four(3)) == ""
    assert not models.Alarm.objects.exists()


@pytest.mark.usefixtures("weekly")
def test_one_that_failed_is_told_to_people_and_the_next_that_succeeds_ends_the_alarm() -> None:
    world = World()
    world.person("ana", role="administrator")
    now = at_four(3)
    lost = {"well": False, "seconds": 100, "wrong": ["the alert selftest-3 was neither paged nor says why"]}
    selftests.ended(selftests.claim(now), lost, now)
    (alarm,) = models.Alarm.objects.filter(kind="selftest")
    assert alarm.text.startswith("The self-test found a promise broken: the alert selftest-3 was neither")
    assert alarm_calls.tell(now)
    (finding,) = selftests.look(now)
    assert (finding.level, "selftest-3" in finding.text) == ("fault", True)
    selftests.ended(selftests.claim(at_four(10)), WELL, at_four(10))
    assert not models.Alarm.objects.filter(kind="selftest", cleared_at=None)
    (finding,) = selftests.look(at_four(11))
    assert finding.level == "ok"
    assert "150 alerts, none lost" in finding.text


@pytest.mark.usefixtures("weekly")
def test_an_alarm_says_that_none_succeeded_for_long() -> None:
    selftests.watch(at_four(10))
    assert not models.Alarm.objects.exists()
    selftests.watch(at_four(17))
    assert "No self-test has succeeded for 1" in models.Alarm.objects.get().text
    assert [f.level for f in selftests.look(at_four(17))] == ["warning"]


@pytest.mark.usefixtures("weekly")
def test_one_that_was_cut_off_counts_as_failed_and_as_no_probe_of_a_channel() -> None:
    run = selftests.claim(at_four(3))
    later = at_four(3) + timedelta(minutes=30)
    probes.collect(later)
    assert models.ProbeRun.objects.get(id=run).ended_at is None
    selftests.watch(later)
    found = models.ProbeRun.objects.get(id=run)
    assert (found.well, found.text) == (False, "It was cut off.")
    assert [a.kind for a in models.Alarm.objects.all()] == ["selftest"]


@pytest.mark.usefixtures("weekly")
def test_the_job_writes_down_what_its_process_says(monkeypatch: pytest.MonkeyPatch) -> None:
    code = 'import sys; print(\'a warning\'); print(\'{"well": true, "figures": {"accepted": 7}}\')'
    monkeypatch.setattr(selftest_job, "COMMAND", (*selftest_job.COMMAND[:2], code))
    selftest_job.tick(at_four(3), threading.Event())
    found = models.ProbeRun.objects.get(kind="selftest")
    assert (found.well, found.detail["figures"]) == (True, {"accepted": 7})


def test_what_is_no_json_is_a_self_test_that_could_not_be_carried_out() -> None:
    assert selftest_job._read("Traceback: out of memory")["well"] is None


def test_an_id_says_when_it_was_made() -> None:
    assert abs(made_at(new_id()) - datetime.now(UTC)) < timedelta(seconds=2)


def test_copies_beyond_the_bound_are_named_and_those_within_it_are_not() -> None:
    from collections import Counter

    assert _beyond("the mail", Counter({"<a>": 2, "<b>": 3}), {"<a>": 2, "<b>": 2}) == [
        "the mail <b> went out 3 times, and 2 are allowed"
    ]
    assert _beyond("the mail", Counter({"<c>": 1}), {}) == [
        "the mail <c> went out 1 times, and 0 are allowed"
    ]


def test_a_report_is_well_when_nothing_is_wrong() -> None:
    assert plain(Report())["well"] is True
    assert plain(Report(wrong=["x"]))["well"] is False


def test_a_shadow_knows_nothing_of_our_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTERDECK_EMAIL_HOST", "mail.example.com")
    monkeypatch.setenv("DATABASE_URL", "postgres://somewhere/else")
    assert not [k for k in without_settings() if k.startswith("QUARTERDECK_") or k == "DATABASE_URL"]
    assert issubclass(Failed, Exception)


def test_a_shadow_ends_its_own_processes_and_never_one_of_the_real_installation(tmp_path: Path) -> None:
    """A number of the shadow's may have been given to another process by now."""
    found = []
    for data in (tmp_path / "shadow", tmp_path / "shadow-real"):
        process = subprocess.Popen(
            [sys.executable, "-c", "print(flush=True); input()", "quarterdeck"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"QUARTERDECK_DATA": str(data)},
        )
        assert process.stdout is not None
        process.stdout.readline()  # before it runs its program, its settings are not to be read
        found.append(_is_ours(process.pid, tmp_path / "shadow"))
        process.communicate(b"\n")
    assert found == [True, False]
