"""One question about a service says whose it is and who is on call for it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quarterdeck.app.oncall import schedules
from quarterdeck.store import models
from support.browsing import browser, words
from support.rest import Organisation


@pytest.fixture
def org(db: None) -> Organisation:
    """Checkout is Payments', led by Lea; Primary is held by Ben. Search has no policy of its own."""
    found = Organisation()
    found.person("root", "administrator", name="Root")
    for handle, name in {"lea": "Lea Lead", "ben": "Ben Okonkwo", "cleo": "Cleo Marsh"}.items():
        found.person(handle, name=name)
    found.schedule("primary", "ben")
    found.schedule("fallback", "cleo")
    found.service("checkout", found.policy("pay", ("primary", 5)))
    found.policy("default", ("fallback", 5))
    found.service("search")
    team = models.Team.objects.create(key="payments", name="Payments")
    models.Membership.objects.create(team=team, person=found.find("lea"), lead=True)
    models.Membership.objects.create(team=team, person=found.find("ben"))
    models.Service.objects.filter(key="checkout").update(team=team)
    return found


@pytest.mark.requirement("R-199")
def test_one_query_finds_the_owner_of_a_service_and_who_is_on_call_for_it(org: Organisation) -> None:
    told = org.call("cleo").get("/services/checkout").json
    lea = {"id": org.id("lea"), "name": "Lea Lead"}
    assert told["owner"] == {"key": "payments", "name": "Payments", "leads": [lea]}
    assert [(d["name"], [p["name"] for p in d["people"]]) for d in told["on_call"]] == [
        ("Primary", ["Ben Okonkwo"])
    ]
    found = browser(org, "cleo").get("/search.json", {"q": "check"}).json()["results"]
    assert [r["hint"] for r in found if r["group"] == "Services"] == ["Payments; on call now: Ben Okonkwo"]
    assert "Payments; on call now: Ben Okonkwo" in words(browser(org, "cleo").get("/search", {"q": "check"}))


def test_a_service_without_owner_or_policy_says_so_and_names_whom_the_default_policy_calls(
    org: Organisation,
) -> None:
    told = org.call("cleo").get("/services/search").json
    assert told["owner"] is None
    assert [p["name"] for d in told["on_call"] for p in d["people"]] == ["Cleo Marsh"]
    models.EscalationPolicy.objects.filter(key="default").delete()
    assert org.call("cleo").get("/services/search").json["on_call"] == []


def test_the_owner_of_a_later_instant_is_asked_with_its_time(org: Organisation) -> None:
    span = (org.now + timedelta(days=1), org.now + timedelta(days=2))
    schedules.add_override(org.act("root"), "primary", org.id("lea"), *span)
    at = (org.now + timedelta(days=1, hours=1)).isoformat().replace("+00:00", "Z")
    told = org.call("cleo").get(f"/services/checkout?at={at}").json
    assert [d["person"]["name"] for d in told["on_call"]] == ["Lea Lead"]
