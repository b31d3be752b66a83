"""Coverage ahead, fairness, hours for a payroll, who is on call at a moment, and what was changed."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from quarterdeck.app.oncall import absences, coverage, fairness, rotations, schedules, swaps
from quarterdeck.app.oncall.roster import duties, held_by, roster
from quarterdeck.app.oncall.swaps import Wish
from quarterdeck.app.paging.directory import schedule_from
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.oncall import Layer, Turn, on_call, shifts
from quarterdeck.store import models
from quarterdeck.store.ids import new_id
from support.browsing import PATIENCE, browser, company, queries, words

DAY = timedelta(days=1)


@pytest.fixture
def world(db):
    return company()


def pair(world, key="pair", **more):
    """Ben and Cleo on call together, in turns of days."""
    row = world.schedule(key, "ben", "cleo", days=1)
    layer = models.Layer.objects.get(schedule=row)
    layer.definition = layer.definition | {"at_once": 2} | more
    layer.save()
    return row


def test_everybody_of_several_on_call_is_counted_and_shown(world):
    pair(world)
    duty = next(d for d in duties(world.now) if d.schedule.key == "pair")
    assert {p.handle for p in duty.people} == {"ben", "cleo"}
    for handle in ("ben", "cleo"):
        assert any(len(held.people) == 2 for held in held_by(world.find(handle).id, world.now))
    known = roster(world.now)
    assert {d["person"] for d in known["on_call"] if d["schedule"] == "Pair"} == {"Ben Okonkwo", "Cleo Marsh"}
    assert {s["person"] for s in known["shifts"] if s["schedule"] == "Pair"} == set(duty_ids(world))
    page = browser(world, "olga").get("/on-call/schedules/pair")
    assert "Ben Okonkwo, Cleo Marsh now" in words(page) or "Cleo Marsh, Ben Okonkwo now" in words(page)
    assert "2 at once" in words(page)


def duty_ids(world):
    return world.find("ben").id, world.find("cleo").id


def test_a_layer_of_months_with_two_at_once_is_made_in_the_form(world):
    client = browser(world, "ana")
    form = {
        "name": "Months", "length": "1", "unit": "months", "handover": "09:00", "weekday": "", "month_day": "31",
        "at_once": "2", "when_absent": "skip", "no_gap": "on", "person_0": world.find("ben").id,
        "person_1": world.find("cleo").id,
    }  # fmt: skip
    client.post("/on-call/schedules/primary/layers/new", form)
    made = next(x for x in models.Layer.objects.all() if x.name == "Months").definition
    assert (made["turn"], made["at_once"], made["handover_day"]) == ({"unit": "months", "length": 1}, 2, 31)
    assert (made["when_absent"], made["gaps_allowed"]) == ("skip", False)
    assert "each month, 09:00, 2 at once" in words(client.get("/on-call/schedules/primary/edit"))
    refused = client.post("/on-call/schedules/primary/layers/new", form | {"at_once": "3"})
    assert (refused.status_code, "Choose 1 to 2" in words(refused)) == (422, True)


def test_changing_a_layer_in_the_form_keeps_what_the_form_does_not_show(world):
    layer = models.Layer.objects.get(schedule__key="primary")
    window = {"start": "08:00", "end": "12:00", "weekdays": [0]}
    layer.definition = layer.definition | {
        "restrictions": [window, window | {"start": "14:00", "end": "18:00"}]
    }
    layer.save()
    form = {
        "name": "Primary", "length": "7", "unit": "days", "handover": "09:00", "weekday": "",
        "person_0": world.find("cleo").id, "window_from": "09:00", "window_to": "12:00", "window_days": ["0"],
    }  # fmt: skip
    browser(world, "ana").post(f"/on-call/schedules/primary/layers/{layer.id}", form)
    made = models.Layer.objects.exclude(id=layer.id).get(schedule__key="primary").definition
    assert [w["start"] for w in made["restrictions"]] == ["09:00", "14:00"]


def test_the_past_of_fifty_layers_stays(world):
    row = models.Schedule.objects.get(key="primary")
    spare = layer_of(world, "cleo")
    for n in range(49):
        models.Layer.objects.create(
            id=new_id(),
            schedule=row,
            position=n + 1,
            name=f"L{n}",
            definition=models.Layer.objects.first().definition,
        )
    old = models.Layer.objects.filter(schedule=row).last()
    rotations.put_layer(world.act("ana"), "primary", spare, old.id)
    assert models.Layer.objects.filter(id=old.id).exists()
    with pytest.raises(Refused, match="at most 50 layers"):
        rotations.put_layer(world.act("ana"), "primary", spare)


def layer_of(world, *handles, **more):
    return Layer(
        id="", name="Weeks", people=tuple(world.find(h).id for h in handles), turn=Turn("weeks"),
        handover_time=time(9), handover_weekday=0, starts_at=world.now, ends_at=None, zone="", **more,
    )  # fmt: skip


@pytest.mark.requirement("R-279")
def test_a_gap_in_the_commanders_schedule_is_an_alarm_to_who_manages_it(world):
    team = models.Team.objects.create(id=new_id(), key="response", name="Response")
    models.Membership.objects.create(team=team, person=world.find("cleo"), lead=True)
    row = world.schedule("command", "ben")
    models.Schedule.objects.filter(id=row.id).update(team=team)
    world.policy("commander", ("command", 5), catch_all=("ana",))
    assert coverage.watch(world.now) == 0
    layer = models.Layer.objects.get(schedule=row)
    later = layer_of(world, "ben", gaps_allowed=True)
    rotations.put_layer(world.act("ana"), "command", replace(later, ends_at=world.now + 30 * DAY), layer.id)
    assert coverage.watch(world.now) == 1
    alarm = models.Alarm.objects.get(kind="coverage", cleared_at=None)
    assert "Nobody is on call in Command from" in alarm.text
    told = models.Delivery.objects.filter(body__contains="Nobody is on call ahead: Command")
    assert [d.person_id for d in told] == [world.find("cleo").id]
    assert coverage.watch(world.now + timedelta(hours=1)) == 1
    assert told.count() == 1
    rotations.put_layer(world.act("ana"), "command", later)
    assert coverage.watch(world.now + timedelta(hours=2)) == 0
    assert not models.Alarm.objects.filter(kind="coverage", cleared_at=None).exists()


def test_a_gap_where_gaps_are_allowed_is_shown_and_no_alarm(world):
    world.schedule("hours", "ben")
    layer = models.Layer.objects.get(schedule__key="hours")
    layer.definition = layer.definition | {
        "restrictions": [{"start": "09:00", "end": "17:00", "weekdays": [0, 1]}]
    }
    layer.save()
    assert coverage.watch(world.now) == 0
    assert "more gaps" in words(browser(world, "olga").get("/on-call/coverage"))
    layer.definition = layer.definition | {"gaps_allowed": False}
    layer.save()
    assert coverage.watch(world.now) == 1
    assert "allows no gap" in models.Alarm.objects.get(kind="coverage").text


def test_a_save_that_leaves_a_gap_says_so(world):
    layer = models.Layer.objects.get()
    said = words(
        browser(world, "ana").post(f"/on-call/schedules/primary/layers/{layer.id}/removal", follow=True)
    )
    assert "1 gap in the next 90 days, the first now" in said


@pytest.mark.requirement("R-116")
def test_coverage_names_departments_without_a_schedule_and_people_and_policies_that_fail(world):
    models.Team.objects.create(id=new_id(), key="legal", name="Legal")
    world.policy("short", ("primary", 5))
    short = models.EscalationPolicy.objects.get(key="short")
    models.Service.objects.filter(key="checkout").update(policy=short)
    ben = world.find("ben")
    models.ContactMethod.objects.filter(person=ben).update(verified_at=None)
    absences.add(world.act("ben"), ben.id, world.now + DAY, world.now + 3 * DAY)
    client = browser(world, "olga")
    said = words(client.get("/on-call/coverage"))
    assert "Teams without a schedule 1 Legal" in said
    assert "no of 2 ways tried out" in said
    assert "it calls nobody in the end" in said
    assert "Ben Okonkwo is away" in said
    assert "Ben Okonkwo is alone on call for 100 % of the time" in said
    # Five of them are the panel of drills and who may plan one, five the training of executives on duty; they do not
    # grow with drills, teams or people.
    assert queries(client, "/on-call/coverage") <= PATIENCE + 27


def test_a_person_who_was_switched_off_is_missing_ahead(world):
    models.Person.objects.filter(handle="ben").update(is_active=False)
    found = next(coverage.covers(world.now))
    assert not found.found.is_whole


@pytest.mark.requirement("R-255")
def test_the_load_of_each_person_is_shown_with_nights_calls_and_a_score(world):
    pair(world)
    night = (world.now - DAY).replace(hour=2, minute=30)
    for _ in range(3):
        models.Callout.objects.create(
            id=new_id(), person=world.find("ben"), subject="x", reason="x", created_at=night, expires_at=night
        )
    found = fairness.read(world.now - 28 * DAY, world.now, world.now)
    ben = next(x for x in found.loads if x.person == world.find("ben").id)
    assert (ben.interruptions, ben.wakeups) == (3, 3)
    assert ben.nights >= 27
    assert 0 <= found.score < 100
    page = words(browser(world, "olga").get("/on-call/fairness?span=28"))
    assert f"Balance {found.score} of 100" in page
    assert "Hoover" not in page
    assert "2 h for each wake-up" in page


@pytest.mark.requirement("R-258")
def test_the_hours_for_a_payroll_add_up_to_the_schedule(world):
    pair(world, "pair")
    start, end = datetime(2026, 3, 23, tzinfo=UTC), datetime(2026, 4, 2, tzinfo=UTC)
    address = "/on-call/hours.csv?schedule=pair&from=2026-03-23&to=2026-04-02"
    answer = browser(world, "ana").get(address)
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    core = schedule_from(models.Schedule.objects.get(key="pair"))
    owed = sum(
        ((s.ends_at - s.starts_at) * len(s.people) for s in shifts(core, start, end)), timedelta(0)
    ) / timedelta(hours=1)
    assert owed == 480
    assert sum(float(r["total_h"]) for r in rows) == pytest.approx(owed)
    kinds = ("by_day_h", "by_night_h", "weekend_h", "holiday_h")
    assert all(float(r["total_h"]) == pytest.approx(sum(float(r[k]) for k in kinds), abs=1e-3) for r in rows)
    client = browser(world, "ana")
    assert client.get("/on-call/hours.csv?from=x&to=y").status_code == 422
    assert client.get("/on-call/hours.csv?from=2026-03-23&to=2019-04-02").status_code == 422
    assert client.get("/on-call/hours.csv?schedule=none").status_code == 404


def test_who_is_on_call_and_the_ladder_are_answered_for_any_moment(world):
    client = browser(world, "olga")
    said = words(client.get("/on-call/who?service=checkout&severity=critical&at=2027-01-01T03:00"))
    assert "Ben Okonkwo, by E-mail" in said
    assert "Primary" in said
    wrong = client.get("/on-call/who?at=nonsense")
    assert (wrong.status_code, "Give a date and time" in words(wrong)) == (422, True)
    assert client.get("/on-call/who?service=none&severity=none").status_code == 200


def test_the_changes_of_a_schedule_are_told_with_who_and_what(world):
    start = world.now + DAY
    schedules.add_override(world.act("ana"), "primary", world.find("cleo").id, start, start + DAY, "Dentist")
    wish = Wish("primary", world.find("ben").id, start + 2 * DAY, start + 3 * DAY, world.find("cleo").id)
    swaps.offer(world.act("ben"), wish)
    said = words(browser(world, "olga").get("/on-call/schedules/primary/history"))
    assert "Ana Ruiz Put Cleo Marsh on call instead of whoever has the turn" in said
    assert "“Dentist”" in said
    assert "Ben Okonkwo offered Cleo Marsh a shift" in said
    assert browser(world, "olga").get("/on-call/schedules/none/history").status_code == 404


@pytest.mark.parametrize(
    "path", ["mine", "who", "coverage", "fairness", "schedules/primary/history", "hours.csv"]
)
def test_nobody_without_a_login_sees_them_and_an_empty_installation_shows_them(world, path):
    assert browser(world, None).get(f"/on-call/{path}").status_code in (302, 401, 403)
    models.EscalationPolicy.objects.all().delete()
    if "primary" not in path:
        models.Schedule.objects.all().delete()
    assert browser(world, "ana").get(f"/on-call/{path}").status_code == 200


def test_who_stands_in_by_a_swap_is_on_call(world):
    start = world.now + DAY
    wish = Wish("primary", world.find("ben").id, start, start + DAY, world.find("cleo").id)
    swaps.accept(world.act("cleo"), swaps.offer(world.act("ben"), wish).id)
    held = on_call(schedule_from(models.Schedule.objects.get(key="primary")), start)
    assert (held.people, held.source) == ((world.find("cleo").id,), "swap")


def test_four_weeks_fit_on_the_page_and_the_week_stays_chosen(world):
    client = browser(world, "olga")
    page = client.get("/on-call/schedules/primary?span=4w&week=2026-11-16")
    assert "Weeks 47 to 50, 16 November to 13 December 2026" in words(page)
    assert page.content.decode().count('<th scope="col"') == 28
    assert "week=2026-12-14&amp;span=4w" in page.content.decode()
    assert client.get("/on-call/schedules/primary?span=nonsense").status_code == 200


@pytest.mark.requirement("R-193")
def test_who_commanded_through_a_bad_night_rests_and_the_rotation_passes_them_over(world):
    world.schedule("command", "ben", "cleo", days=7)
    layer = models.Layer.objects.get(schedule__key="command")
    layer.definition = layer.definition | {"when_absent": "skip"}
    layer.save()
    row = models.Schedule.objects.get(key="command")
    held = models.Person.objects.get(id=on_call(schedule_from(row), world.now).person)
    other = "cleo" if held.handle == "ben" else "ben"
    # It is night wherever it is now.
    models.Person.objects.filter(id=held.id).update(timezone=night_zone(world.now))
    for minutes in (70, 40):
        at = world.now - timedelta(minutes=minutes)
        models.Callout.objects.create(
            id=new_id(), person=held, subject="x", reason="x", created_at=at, expires_at=at
        )
    client = browser(world, "ana")
    page = client.get("/on-call/fairness")
    assert "woken 2 times in the night" in words(page)
    assert browser(world, other).post("/on-call/reliefs", {"person": held.id}).status_code in (302, 403)
    assert not models.Absence.objects.exists()
    client.post("/on-call/reliefs", {"person": held.id})
    later = datetime.now(UTC)
    assert on_call(schedule_from(row), later).people == (world.find(other).id,)
    rested, core = later + DAY, schedule_from(row)
    assert on_call(core, rested) == on_call(replace(core, absences=()), rested)
    assert "woken 2 times" not in words(client.get("/on-call/fairness"))


def night_zone(now):
    """A zone in which it is about two in the morning."""
    hours = (2 - now.hour + 12) % 24 - 12
    return f"Etc/GMT{-hours:+d}" if hours else "UTC"


def test_saving_a_policy_that_ends_in_nobody_says_so(world):
    form = {
        "name": "Short", "use": "", "repeats": 1, "last": "", "wait_0": 5, "wait_1": 5, "wait_2": 5, "wait_3": 5,
        "target_0_0": f"schedule:{models.Schedule.objects.get(key='primary').id}",
    }  # fmt: skip
    said = words(browser(world, "ana").post("/on-call/policies/new", form, follow=True))
    assert "The policy counts from the next alert on. It calls nobody in the end" in said
    default = models.EscalationPolicy.objects.get(key="default")
    assert coverage.ends_in_nobody(default, world.now) == ""
    models.Person.objects.filter(handle="ana").update(is_active=False)
    assert "switched off" in coverage.ends_in_nobody(default, world.now)
