"""Parts of components, what they depend on and their names in other languages: over REST, on the web, and in public."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from quarterdeck.app.status.publishing import page_snapshot
from quarterdeck.store import models
from support.attacks import signed_in
from support.rest import Organisation

NOW = datetime(2099, 1, 1, tzinfo=UTC)


@pytest.fixture
def org(db: None) -> Organisation:
    made = Organisation()
    made.call("ana").post("/status-pages", {"key": "main", "title": "Corvane"})
    return made


def component(org: Organisation, name: str, **values: object) -> str:
    made = org.call("ana").post("/status-pages/main/components", {"name": name, **values})
    assert made.status == 201, made.json
    return str(made.json["id"])


def test_a_part_decides_the_state_of_its_whole_and_needs_are_told(org: Organisation) -> None:
    ana = org.call("ana")
    shop = component(org, "Shop", group="Web", names={"de": "Laden", "ar": "متجر"})
    mail = component(org, "Mail", depends_on=[shop])
    pay = component(org, "Payments", parent=shop)
    ana.put(f"/components/{pay}/state", {"state": "major_outage", "reason": "x"})
    page = page_snapshot(models.StatusPage.objects.get(key="main"), NOW)
    views = {v.component.id: v for g in page.groups for v in g.components}
    assert (views[shop].state, views[pay].depth, views[mail].component.depends_on) == (
        "major_outage",
        1,
        (shop,),
    )
    assert views[shop].component.names == {"de": "Laden", "ar": "متجر"}
    told = ana.get(f"/components/{mail}").json
    assert (told["parent"], told["depends_on"], told["names"]) == (None, [shop], {})
    revision = ana.get("/status-pages/main").json["revision"]
    assert ana.patch(f"/components/{mail}", {"parent": pay}).json["parent"] == pay
    assert ana.patch(f"/components/{mail}", {"parent": ""}).json["parent"] is None
    assert (
        ana.patch(f"/components/{mail}", {"depends_on": [], "names": {"de": "Post"}}).json["depends_on"] == []
    )
    assert ana.get("/status-pages/main").json["revision"] == revision + 3


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"parent": "own"}, "component.parent"), ({"parent": "part"}, "component.parent"),
        ({"parent": "elsewhere"}, "component.parent"), ({"parent": "none"}, "component.parent"),
        ({"depends_on": ["own"]}, "component.depends_on"), ({"depends_on": ["elsewhere"]}, "component.depends_on"),
        ({"names": {"tlh": "x"}}, "component.language"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_changes_nothing(org: Organisation, values, code) -> None:
    ana = org.call("ana")
    ana.post("/status-pages", {"key": "other", "title": "Other"})
    elsewhere = ana.post("/status-pages/other/components", {"name": "x"}).json["id"]
    own = component(org, "Shop")
    ids = {"own": own, "part": component(org, "Payments", parent=own), "elsewhere": elsewhere}
    sent = {
        k: ids.get(v, v) if isinstance(v, str) else [ids[i] for i in v] if isinstance(v, list) else v
        for k, v in values.items()
    }
    refused = ana.patch(f"/components/{own}", {"name": "Changed", **sent})
    assert (refused.status, refused.code) == (400, code) or refused.code == code
    assert ana.get(f"/components/{own}").json["name"] == "Shop"


def test_parts_of_parts_end_somewhere(org: Organisation) -> None:
    above = component(org, "1")
    for name in "234":
        above = component(org, name, parent=above)
    refused = org.call("ana").post("/status-pages/main/components", {"name": "5", "parent": above})
    assert refused.code == "component.parent"


def test_the_form_sets_and_keeps_what_was_typed(org: Organisation) -> None:
    shop, pay = component(org, "Shop"), component(org, "Payments")
    org.person("root", "administrator")
    ana: Client = signed_in(org, "ana")
    sent = {"name": "Payments", "parent": shop, "depends_on": [shop], "names": "de: Zahlungen\n\nja: 支払い"}
    assert ana.post(f"/status-pages/components/{pay}", sent).status_code == 302
    row = models.Component.objects.get(id=pay)
    assert (row.parent_id, row.names) == (shop, {"de": "Zahlungen", "ja": "支払い"})
    again = ana.get(f"/status-pages/components/{pay}").content.decode()
    assert "de: Zahlungen\nja: 支払い" in again
    wrong = ana.post(f"/status-pages/components/{pay}", sent | {"names": "Zahlungen"})
    assert wrong.status_code == 422
    assert "has no colon" in wrong.content.decode()
    circle = ana.post(f"/status-pages/components/{shop}", {"name": "Shop", "parent": pay})
    assert circle.status_code == 422
    assert "cannot be a part of itself" in circle.content.decode()
