"""Schedules, overrides, policies and what-if, through the pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from quarterdeck.app.oncall import rotations, schedules
from quarterdeck.app.paging.directory import Directory, policy_from, schedule_from
from quarterdeck.app.paging.escalation_preview import ladder
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.oncall import Layer, Turn, on_call
from quarterdeck.store import models
from quarterdeck.web.present import oncall
from quarterdeck.web.present.week import Links, week
from support.browsing import PATIENCE, browser, company, present, queries, words


@pytest.fixture
def world(db):
    return company()


def shown(at: datetime) -> str:
    """As a datetime field sends it; the people of these tests live in UTC."""
    return at.strftime("%Y-%m-%dT%H:%M")


def on_duty(key: str, at: datetime) -> str:
    held = on_call(schedule_from(models.Schedule.objects.get(key=key)), at)
    return models.Person.objects.get(id=held.person).handle if held.person else ""


def test_the_what_if_asks_each_step_who_is_on_call_by_then(world):
    world.policy("twice", ("primary", 5), ("primary", 30))
    policy = models.EscalationPolicy.objects.get(key="twice")
    models.Service.objects.filter(key="checkout").update(policy=policy)
    start, end = world.now + timedelta(minutes=3), world.now + timedelta(hours=2)
    schedules.add_override(world.act("ana"), "primary", world.find("cleo").id, start, end)
    made = ladder(models.Service.objects.get(key="checkout"), world.now)
    called = [[c.person.name for c in firing.calls] for firing in made.firings]
    assert called[:2] == [["Ben Okonkwo"], ["Cleo Marsh"]]


def test_the_page_says_who_is_on_call_and_whom_the_policy_calls_now(world):
    said = words(browser(world, "cleo").get("/on-call"))
    assert "Ben Okonkwo now" in said
    assert "0 min Primary" in said
    assert "5 min Cleo Marsh" in said
    assert "E-mail at once, Webhook after 1 min" in said


def test_without_a_schedule_the_page_offers_to_make_one(db):
    world = present()
    world.person("ana", "administrator")
    world.person("olga", "observer")
    assert "/on-call/new" in browser(world, "ana").get("/on-call").content.decode()
    assert "/on-call/new" not in browser(world, "olga").get("/on-call").content.decode()


def test_who_is_on_call_at_any_moment_is_answered(world):
    world.schedule("days", "ben", "cleo", days=1)
    monday = datetime(2026, 3, 2, 12, tzinfo=UTC)
    client = browser(world, "olga")
    for days, name in ((0, "Ben Okonkwo"), (1, "Cleo Marsh"), (2, "Ben Okonkwo")):
        page = client.get(
            f"/on-call/schedules/days?at={shown(monday + timedelta(days=days))}"
        ).content.decode()
        assert f">{name}</output>" in page


def test_an_override_counts_at_once_and_can_be_taken_back(world):
    start = world.now + timedelta(hours=2)
    client = browser(world, "cleo")
    form = {
        "person": world.find("cleo").id,
        "start": shown(start),
        "end": shown(start + timedelta(hours=4)),
        "reason": "dentist",
    }
    said = words(client.post("/on-call/schedules/primary/overrides", form, follow=True))
    assert "Cleo Marsh takes over." in said
    assert "dentist" in said
    assert on_duty("primary", start + timedelta(hours=1)) == "cleo"
    client.post(f"/on-call/overrides/{models.Override.objects.get().id}/removal")
    assert on_duty("primary", start + timedelta(hours=1)) == "ben"


def test_an_override_backwards_is_refused_in_words(world):
    form = {
        "person": world.find("cleo").id,
        "start": shown(world.now + timedelta(hours=2)),
        "end": shown(world.now + timedelta(hours=1)),
    }
    said = words(browser(world, "cleo").post("/on-call/schedules/primary/overrides", form, follow=True))
    assert "This override ends before it starts" in said
    assert not models.Override.objects.exists()


def test_a_gap_is_shown_and_can_be_taken_with_one_button(world):
    schedules.add_override(
        world.act("ana"), "primary", world.find("ben").id, world.now, world.now + timedelta(hours=3)
    )
    models.Layer.objects.all().delete()
    client = browser(world, "cleo")
    page = client.get("/on-call/schedules/primary")
    assert "no end in sight" in words(page)
    assert "Take it" in words(page)
    answer = client.post(
        "/on-call/schedules/primary/overrides",
        {
            "person": world.find("cleo").id,
            "start": shown(world.now + timedelta(hours=3)),
            "end": shown(world.now + timedelta(hours=6)),
        },
        follow=True,
    )
    assert "Cleo Marsh takes over." in words(answer)


def test_an_observer_sees_and_cannot_change(world):
    client = browser(world, "olga")
    page = client.get("/on-call").content.decode()
    assert "/overrides" not in page
    assert "/edit" not in page
    assert client.post("/on-call/schedules/primary/overrides").status_code == 403
    assert client.get("/on-call/policies/default").status_code == 403


def test_trying_it_calls_nobody_and_names_the_whole_sequence(world):
    said = words(
        browser(world, "olga").get(
            "/on-call/whatif?whatif.service=checkout&whatif.severity=critical&whatif.at="
        )
    )
    assert "Ben Okonkwo, by E-mail" in said
    assert "Ben Okonkwo, by Webhook" in said
    assert "Cleo Marsh, by E-mail" in said
    assert "Ana Ruiz, by E-mail" in said
    assert not models.Callout.objects.exists()


def test_trying_it_without_any_policy_says_that_nobody_would_be_paged(world):
    models.EscalationPolicy.objects.all().delete()
    said = words(browser(world, "olga").get("/on-call/whatif?whatif.service=checkout"))
    assert "nobody would be paged" in said


def test_the_whole_page_takes_a_bounded_number_of_queries(world):
    client = browser(world, "ben")
    few = queries(client, "/on-call/schedules/primary")
    for n in range(12):
        world.schedule(f"more-{n}", "ben", "cleo")
        models.Override.objects.create(
            schedule=models.Schedule.objects.get(key="primary"), person=world.find("cleo"),
            created_by=world.find("ana").id, created_at=world.now, starts_at=world.now + timedelta(days=n),
            ends_at=world.now + timedelta(days=n, hours=1),
        )  # fmt: skip
    assert queries(client, "/on-call/schedules/primary") <= few
    assert few <= PATIENCE + 16  # one of them on PostgreSQL alone


def new_layer(**changes: object) -> dict[str, object]:
    return {"name": "Weeks", "length": 1, "unit": "weeks", "handover": "09:00", "weekday": "0"} | changes


def test_a_schedule_is_made_with_its_first_layer(world):
    form = new_layer(zone="Europe/Madrid", person_0=world.find("cleo").id, person_1=world.find("ben").id) | {
        "name": "Payments, nights"
    }
    answer = browser(world, "ana").post("/on-call/new", form, follow=True)
    assert "The schedule counts from now on." in words(answer)
    row = models.Schedule.objects.get(key="payments-nights")
    assert row.timezone == "Europe/Madrid"
    assert on_duty(row.key, datetime.now(UTC)) == "cleo"


def test_a_schedule_without_anybody_comes_back_with_what_was_typed(world):
    answer = browser(world, "ana").post("/on-call/new", new_layer(zone="UTC") | {"name": "Payments"})
    assert answer.status_code == 422
    assert "Choose at least one person" in words(answer)
    assert 'value="Payments"' in answer.content.decode()
    assert not models.Schedule.objects.filter(key="payments").exists()


def test_changing_a_layer_leaves_the_past_as_it_was(world):
    layer = models.Layer.objects.get()
    yesterday = world.now - timedelta(days=1)
    form = new_layer(person_0=world.find("cleo").id)
    answer = browser(world, "ana").post(f"/on-call/schedules/primary/layers/{layer.id}", form, follow=True)
    assert "Cleo Marsh now" in words(answer)
    assert on_duty("primary", yesterday) == "ben"
    assert on_duty("primary", datetime.now(UTC)) == "cleo"


def test_a_layer_that_ends_leaves_a_gap_and_the_past(world):
    layer = models.Layer.objects.get()
    browser(world, "ana").post(f"/on-call/schedules/primary/layers/{layer.id}/removal")
    assert on_duty("primary", datetime.now(UTC)) == ""
    assert on_duty("primary", world.now - timedelta(days=1)) == "ben"


def test_a_layer_may_be_changed_as_often_as_one_likes(world):
    for n in range(25):
        layer = next(x for x in models.Layer.objects.order_by("-id") if not rotations.ended(x, world.now))
        world.now += timedelta(hours=1)
        handle = ("ben", "cleo")[n % 2]
        rotations.put_layer(world.act("ana"), "primary", weekly(world, handle), layer.id)
    assert models.Layer.objects.count() <= rotations.KEPT
    assert on_duty("primary", world.now) == "ben"


def weekly(world, *handles):
    return Layer(
        id="", name="Weeks", people=tuple(world.find(h).id for h in handles), turn=Turn("weeks", 1),
        handover_time=datetime(2026, 1, 1, 9).time(), handover_weekday=0, starts_at=world.now, ends_at=None, zone="",
    )  # fmt: skip


def test_a_layer_of_strangers_is_refused(world):
    strangers = replace(weekly(world, "ben"), people=("x",))
    with pytest.raises(Refused, match="no such active person"):
        rotations.put_layer(world.act("ana"), "primary", strangers)


def test_every_change_of_a_schedule_is_audited(world):
    rotations.update(world.act("ana"), "primary", name="Primary, all", zone="Europe/Berlin")
    rotations.put_layer(world.act("ana"), "primary", weekly(world, "cleo"), models.Layer.objects.get().id)
    kinds = list(
        models.Event.objects.filter(stream="installation").order_by("-seq").values_list("kind", flat=True)[:2]
    )
    assert kinds == ["LayerSet", "ScheduleChanged"]


def policy_form(world, **changes: object) -> dict[str, object]:
    primary = models.Schedule.objects.get(key="primary")
    return {
        "name": "Payments", "use": "", "repeats": 1, "last": f"person:{world.find('ana').id}",
        "target_0_0": f"schedule:{primary.id}", "wait_0": 3,
        "target_1_0": f"person:{world.find('cleo').id}", "wait_1": 7, "wait_2": 5, "wait_3": 5,
    } | changes  # fmt: skip


def test_a_policy_is_made_of_the_lines_that_name_somebody(world):
    answer = browser(world, "ben").post("/on-call/policies/new", policy_form(world), follow=True)
    assert "The policy counts from the next alert on." in words(answer)
    made = policy_from(models.EscalationPolicy.objects.get(key="payments").definition)
    assert [int(s.wait.total_seconds()) for s in made.steps] == [180, 420]
    assert made.repeats == 1
    directory = Directory(world.now)
    assert [directory.label(t) for t in made.catch_all] == ["Ana Ruiz"]


def test_the_first_default_policy_covers_what_names_none(world):
    models.EscalationPolicy.objects.all().delete()
    client = browser(world, "ben")
    assert "default" in client.get("/on-call/policies").content.decode()
    client.post("/on-call/policies/new", policy_form(world, use="default"))
    assert models.EscalationPolicy.objects.get().key == "default"


def test_a_policy_that_reaches_nobody_is_refused(world):
    answer = browser(world, "ben").post(
        "/on-call/policies/new", policy_form(world, target_0_0="", target_1_0="", last="")
    )
    assert answer.status_code == 422
    assert "This policy reaches nobody" in words(answer)


def test_two_people_never_overwrite_a_policy_silently(world):
    client = browser(world, "ben")
    stale = policy_form(world, name="Everything else", version=1, use="default")
    client.post("/on-call/policies/default", stale | {"name": "Mine first"})
    answer = client.post("/on-call/policies/default", stale)
    assert answer.status_code == 422
    assert "Somebody changed this policy" in words(answer)
    assert models.EscalationPolicy.objects.get(key="default").name == "Mine first"


def test_what_a_policy_is_used_for_can_be_changed_where_nothing_loses_its_cover(world):
    client = browser(world, "ben")
    form = policy_form(world, name="Night", use="")
    client.post("/on-call/policies/new", form)
    answer = client.post("/on-call/policies/new", form)
    assert "There is a policy Night already" in words(answer)
    client.post("/on-call/policies/night", policy_form(world, name="Night", use="commander", version=1))
    row = models.EscalationPolicy.objects.get(name="Night")
    assert row.key == "commander"
    answer = client.post(
        "/on-call/policies/commander", policy_form(world, name="Night", use="default", version=2)
    )
    assert "There is a policy default already" in words(answer)
    client.post("/on-call/policies/commander", policy_form(world, name="Night", use="", version=2))
    assert models.EscalationPolicy.objects.filter(key="night").exists()


def test_a_policy_is_deleted_only_where_nothing_calls_by_it(world):
    client = browser(world, "ben")
    client.post("/on-call/policies/new", policy_form(world, name="Night", use=""))
    row = models.EscalationPolicy.objects.get(key="night")
    service = world.service("till", row)
    assert "the service Till is woken by it" in words(
        client.post("/on-call/policies/night/delete", follow=True)
    )
    models.Service.objects.filter(id=service.id).update(policy=None)
    models.Service.objects.exclude(id=service.id).update(policy=row)
    said = words(client.post("/on-call/policies/default/delete", follow=True))
    assert "the service Till has no policy of its own, and nobody would be paged" in said
    models.Service.objects.update(policy=models.EscalationPolicy.objects.get(key="default"))
    client.post("/on-call/policies/night/delete")
    assert not models.EscalationPolicy.objects.filter(key="night").exists()


def test_saving_a_policy_unchanged_changes_nothing(world):
    before = models.EscalationPolicy.objects.values().get(key="default")
    client = browser(world, "ben")
    page = client.get("/on-call/policies/default").content.decode()
    assert "Ana Ruiz" in page
    primary, cleo, ana = models.Schedule.objects.get(), world.find("cleo"), world.find("ana")
    form = {
        "name": "Default", "repeats": 0, "last": f"person:{ana.id}", "target_0_0": f"schedule:{primary.id}",
        "wait_0": 5, "target_1_0": f"person:{cleo.id}", "wait_1": 10, "version": 1,
    }  # fmt: skip
    client.post("/on-call/policies/default", form)
    assert models.EscalationPolicy.objects.values().get(key="default") == before


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25", "2026-11-18", "nonsense", "9999-01-01"])
def test_every_row_of_the_week_fills_the_whole_week(world, day):
    """Also where the clock jumps: the table has 168 hours whatever the day has."""
    world.schedule("days", "ben", "cleo", days=1)
    models.Person.objects.filter(handle="ben").update(timezone="Europe/Madrid")
    row = models.Schedule.objects.get(key="days")
    with timezone.override("Europe/Madrid"):
        start = oncall.monday(day, world.now)
        made = week(schedule_from(row), start, world.now, oncall.Names(world.find("ben").id), Links("/x"))
    assert start.weekday() == 0
    assert [sum(cell["span"] for cell in r["cells"]) for r in made["rows"]] == [168] * len(made["rows"])
    assert browser(world, "ben").get(f"/on-call/schedules/days?week={day}").status_code == 200


def test_an_override_that_is_refused_comes_back_as_it_was_filled_in(world):
    form = {
        "person": world.find("cleo").id, "start": "2026-03-04T10:00", "end": "2026-03-04T09:00", "reason": "Dentist",
    }  # fmt: skip
    answer = browser(world, "ben").post("/on-call/schedules/primary/overrides", form)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "ends before it starts" in page
    assert 'value="2026-03-04T10:00"' in page and 'value="Dentist"' in page
    assert f'value="{form["person"]}" selected' in page


def test_the_time_before_a_schedule_began_is_no_gap(world):
    core = schedule_from(models.Schedule.objects.get(key="primary"))
    begun = min(x.starts_at for x in core.layers)
    start = oncall.monday((begun - timedelta(days=3)).date().isoformat(), world.now)
    made = week(core, start, world.now, oncall.Names(""), Links("/x"))
    assert "gap" not in [cell.get("kind") for cell in made["rows"][-1]["cells"]]
