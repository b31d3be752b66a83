"""Public holidays by region: in layers, in the calendar, in the hours; and what those hours are worth, for whom."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest

from quarterdeck.app.oncall import absences, holidays, pay, schedules
from quarterdeck.app.paging.directory import schedule_from
from quarterdeck.app.people import people
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.oncall import on_call
from quarterdeck.core.oncall.pay import PayRules, Rate
from quarterdeck.store import models
from quarterdeck.store.ids import new_id
from support.browsing import browser, company, queries, words
from support.rest import Organisation

DAY = timedelta(days=1)
# Ahead of us, a holiday in Bavaria alone, and a working day like the one after it.
EPIPHANY = next(
    d for n in range(1, 9) if (d := datetime(datetime.now(UTC).year + n, 1, 6, 12, tzinfo=UTC)).weekday() < 4
)


@pytest.fixture
def world(db):
    return company()


def test_the_days_of_a_region_are_those_of_its_law():
    bavaria, germany = holidays.days("DE-BY"), holidays.days("DE")
    assert {date(2027, 1, 6), date(2027, 12, 25)} <= bavaria
    assert date(2027, 1, 6) not in germany
    assert holidays.days("") == holidays.days("XX") == frozenset()
    assert holidays.days("DE-BY") is bavaria
    assert holidays.check("de-by") == "DE-BY"
    assert "Christmas" in holidays.named("DE-BY")[date(2027, 12, 25)]
    with pytest.raises(Refused, match="No public holidays are known for 'DE-XX'"):
        holidays.check("DE-XX")


LAYER = {
    "name": "Days", "length": "1", "unit": "weeks", "handover": "09:00", "weekday": "", "window_from": "09:00",
    "window_to": "17:00", "window_days": ["0", "1", "2", "3", "4"], "region": "DE-BY", "on_holidays": "never",
}  # fmt: skip


def test_a_layer_leaves_out_the_holidays_of_its_region(world):
    client = browser(world, "ana")
    schedule = world.schedule("bavaria", "ben")
    models.Layer.objects.filter(schedule=schedule).delete()
    form = LAYER | {"person_0": world.find("cleo").id}
    assert client.post("/on-call/schedules/bavaria/layers/new", form).status_code == 302
    core = schedule_from(models.Schedule.objects.get(key="bavaria"))
    assert on_call(core, EPIPHANY).person is None
    assert on_call(core, EPIPHANY + DAY).person == world.find("cleo").id
    layer = models.Layer.objects.get(schedule=schedule)
    page = client.get(f"/on-call/schedules/bavaria/layers/{layer.id}").content.decode()
    assert '<option value="DE-BY" selected>' in page
    assert '<option value="never" selected>' in page
    only = client.post("/on-call/schedules/bavaria/layers/new", form | {"region": ""})
    assert (only.status_code, "Choose a country or region" in words(only)) == (422, True)


def test_a_layer_with_a_region_is_made_over_rest(db):
    org = Organisation()
    for handle in ("ana", "ben"):
        org.call(handle)
    org.schedule("primary", "ana")
    window = {"start": "00:00", "end": "00:00", "holidays": "only"}
    said = {"people": [org.id("ben")], "region": "de-by", "restrictions": [window]}
    made = org.call("ana").post("/schedules/primary/layers", said)
    assert (made.status, made.json["region"], made.json["restrictions"][0]["holidays"]) == (
        201,
        "DE-BY",
        "only",
    )
    told = org.call("ana").get(f"/oncall?schedule=primary&at={EPIPHANY:%Y-%m-%dT%H:%M:%SZ}").json["items"][0]
    assert told["person"]["name"] == "Ben"
    wrong = org.call("ana").post("/schedules/primary/layers", said | {"region": "Mars"})
    assert (wrong.status, wrong.code) == (422, "holidays.region")
    me = org.call("ben").patch(f"/people/{org.id('ben')}", {"holiday_region": "US-CA"})
    assert me.json["holiday_region"] == "US-CA"
    assert org.call("ben").patch(f"/people/{org.id('ben')}", {"holiday_region": "?"}).status == 422


def test_holidays_absences_and_gaps_stand_in_the_calendar_of_a_month(world):
    people.update(world.act("ben"), world.find("ben").id, holiday_region="DE-BY")
    start = (EPIPHANY + 6 * DAY).replace(hour=9)
    absences.add(world.act("ben"), world.find("ben").id, start, start + DAY)
    schedules.add_override(
        world.act("ana"), "primary", world.find("ben").id, start, start + DAY, effect="remove"
    )
    client = browser(world, "cleo")
    page = client.get(f"/on-call/schedules/primary?span=month&month={start:%Y-%m}")
    said = words(page)
    for text in (f"January {start.year}", "Epiphany", "Nobody", "Ben Okonkwo away", "09:00 Nobody"):
        assert text in said
    assert "shift--gap" in page.content.decode()
    assert "Epiphany" in words(client.get(f"/on-call/schedules/primary?week={EPIPHANY.date()}"))
    away = words(client.get(f"/on-call/schedules/primary?week={start.date()}"))
    assert "Away 1 of them" in away
    mine = world.schedule("january", "ben", "cleo", days=1)
    layer = models.Layer.objects.get(schedule=mine)
    layer.definition = layer.definition | {"starts_at": "2026-01-01T00:00:00Z"}
    layer.save()
    near = holidays.between(["DE-BY"], world.now.date(), (world.now + 50 * DAY).date())
    shown = words(browser(world, "ben").get("/on-call/mine"))
    assert not near or any(name in shown for name in near.values())
    this = client.get("/on-call/schedules/primary?span=month").content.decode()
    assert this.count('aria-current="date"') == 1
    for odd in ("9999-99", "x", "0001-01", "2027-02-31"):
        assert client.get(f"/on-call/schedules/primary?span=month&month={odd}").status_code == 200
    month = queries(client, "/on-call/schedules/primary?span=month")
    assert month <= queries(client, "/on-call/schedules/primary")


def test_a_shift_in_the_calendar_leads_to_overriding_or_swapping_it(world):
    world.schedule("days", "ben", "cleo", days=1)
    client = browser(world, "ben")
    page = client.get("/on-call/schedules/days?span=month").content.decode()
    assert "#override" in page
    start = (world.now + 3 * DAY).replace(microsecond=0)
    asked = {"from": start.isoformat(), "to": (start + DAY).isoformat(), "who": world.find("ben").id}
    chosen = client.get("/on-call/schedules/days", asked).content.decode()
    assert 'id="override" aria-labelledby="ov-h" open data-shown' in chosen
    assert f'value="{start:%Y-%m-%dT%H:%M}"' in chosen
    assert "/on-call/swaps/new?" in chosen
    assert "#override" not in browser(world, "olga").get("/on-call/schedules/days").content.decode()
    for odd in ({"from": "x", "to": "y"}, {"from": asked["to"], "to": asked["from"]}):
        assert "open data-shown" not in client.get("/on-call/schedules/days", odd).content.decode()


def hours(world, handle, where="", **asked):
    week = {"from": "2026-12-21", "to": "2026-12-28"}
    answer = browser(world, handle).get(f"/on-call/{where}hours.csv", week | asked)
    return answer, list(
        csv.DictReader(io.StringIO(answer.content.decode()))
    ) if answer.status_code == 200 else []


@pytest.mark.requirement("R-258")
def test_the_hours_say_what_they_are_worth_and_their_sum_is_the_schedule(world):
    people.update(world.act("ben"), world.find("ben").id, holiday_region="DE", timezone="Europe/Berlin")
    rules = PayRules(
        weekday=Rate(percent=50), night=Rate("amount", cents=1000), weekend=Rate(percent=150),
        holiday=Rate("amount", cents=3000), callout_cents=2500, currency="CHF",
    )  # fmt: skip
    pay.set_rules(world.act("ana"), rules)
    called = datetime(2026, 12, 22, 3, tzinfo=UTC)
    models.Callout.objects.create(
        id=new_id(), person=world.find("ben"), subject="x", reason="x", created_at=called, expires_at=called
    )
    models.Layer.objects.update(
        definition=models.Layer.objects.get().definition | {"starts_at": "2026-01-01T00:00:00Z"}
    )
    _, rows = hours(world, "ana", schedule="primary")
    assert sum(float(r["total_h"]) for r in rows) == pytest.approx(168)
    christmas = next(r for r in rows if r["day"] == "2026-12-25")
    assert (christmas["holiday_h"], christmas["amount"], christmas["currency"]) == (
        "24.0000",
        "720.00",
        "CHF",
    )
    tuesday = next(r for r in rows if r["day"] == "2026-12-22")
    assert (tuesday["callouts"], tuesday["amount"], tuesday["counted_h"]) == ("1", "105.00", "8.0000")
    with pytest.raises(Refused):
        pay.set_rules(world.act("cleo"), rules)


@pytest.mark.requirement("R-258")
def test_hours_are_for_administrators_leads_and_ones_own(world):
    world.schedule("other", "cleo")
    for handle in ("olga", "cleo", "ed"):
        refused, _ = hours(world, handle)
        assert refused.status_code == 403
    assert "/on-call/mine/hours.csv" in words(hours(world, "olga", "schedules/primary/")[0])
    assert {r["name"] for r in hours(world, "ana")[1]} == {"Ben Okonkwo", "Cleo Marsh"}
    assert {r["name"] for r in hours(world, "cleo", "mine/")[1]} == {"Cleo Marsh"}
    assert hours(world, "olga", "mine/")[1] == []
    team = models.Team.objects.create(id=new_id(), key="core", name="Core")
    models.Membership.objects.create(team=team, person=world.find("cleo"), lead=True)
    models.Schedule.objects.filter(key="primary").update(team=team)
    assert {r["name"] for r in hours(world, "cleo", "schedules/primary/")[1]} == {"Ben Okonkwo"}
    assert hours(world, "cleo", "schedules/other/")[0].status_code == 403
    assert hours(world, "cleo")[0].status_code == 403
    assert "My hours as CSV" in words(browser(world, "olga").get("/on-call/fairness"))


def test_administrators_set_what_hours_are_worth_on_a_page(world):
    client = browser(world, "ana")
    form = {"callout": "12.50", "currency": "chf"}
    for kind in ("weekday", "night", "weekend", "holiday"):
        form |= {f"{kind}_how": "amount", f"{kind}_percent": "100", f"{kind}_amount": "3.33"}
    assert client.post("/on-call/pay", form).status_code == 302
    assert (pay.rules().holiday, pay.rules().callout_cents, pay.rules().currency) == (
        Rate("amount", 100, 333),
        1250,
        "CHF",
    )
    assert 'value="3.33"' in client.get("/on-call/pay").content.decode()
    assert models.Event.objects.filter(kind="PayRulesSet").count() == 1
    for wrong in (
        {"callout": "-1"},
        {"currency": "francs"},
        {"night_percent": "5000"},
        {"night_amount": "nan"},
        {"night_how": "x"},
    ):
        assert client.post("/on-call/pay", form | wrong).status_code == 422
    assert browser(world, "cleo").get("/on-call/pay").status_code == 403
