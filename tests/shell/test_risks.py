"""The risk register: out of reviews and patterns, on the page of the service, in the digest of what is overdue."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from quarterdeck.app.learning import overdue
from quarterdeck.store import models
from support.attacks import CANARY, org, restricted, signed_in
from support.browsing import queries
from support.rest import Organisation

__all__ = ["org"]
MONDAY = datetime(2031, 6, 2, 5, 0, tzinfo=UTC)


def written(org: Organisation, handle: str = "ana", **said: object) -> dict:
    body = {"title": "The certificate runs out", "owner": org.id("ben"), "due_on": "2031-05-20"} | said
    answer = org.call(handle).post("/risks", body)
    assert answer.status == 201, answer.json
    return answer.json


def told(person: str) -> list[str]:
    rows = models.Delivery.objects.filter(person_id=person, key__startswith="overdue/")
    return [row.body["text"] for row in rows]


@pytest.mark.requirement("R-009", "R-250")
def test_a_risk_out_of_a_finding_of_a_review_is_on_the_page_of_the_service_and_in_the_digest(
    org: Organisation,
) -> None:
    models.Service.objects.create(key="checkout", name="Checkout")
    incident, ana = org.declare("ana", services=["checkout"]), signed_in(org, "ana")
    body = {"owner": org.id("ana"), "due_on": "2031-01-01", "reason": "To learn"}
    assert org.call("ana").post(f"/incidents/{incident}/review", body).status == 201
    item = {
        "title": "Nobody watches the expiry",
        "owner": org.id("ben"),
        "due_on": "2031-05-01",
        "kind": "prevent",
    }
    assert org.call("ana").post(f"/incidents/{incident}/action-items", item).status == 201
    page = ana.get(f"/reviews/{incident}").content.decode()
    (form,) = re.findall(rf'href="(/prevention/risks/new\?incident={incident}&amp;item=[^"]+)"', page)
    form = form.replace("&amp;", "&")
    shown = ana.get(form).content.decode()
    assert 'value="Nobody watches the expiry"' in shown and 'value="checkout" checked' in shown
    said = {
        "title": "The certificate runs out unseen", "likelihood": "4", "effect": "4", "services": ["checkout"],
        "safeguard": "An alert 30 days ahead", "safeguard_state": "planned", "owner": org.id("ben"),
        "due_on": "2031-05-20", "incident": incident, "item": re.search(r"item=([^&]+)", form)[1],
    }  # fmt: skip
    wrong = ana.post("/prevention/risks/new", said | {"due_on": "soon"})
    assert wrong.status_code == 422 and "The certificate runs out unseen" in wrong.content.decode()
    made = ana.post("/prevention/risks/new", said, follow=True).content.decode()
    assert "Severe" in made and incident in made and "Nobody watches the expiry" in made
    service = signed_in(org, "ole").get("/catalog/services/checkout").content.decode()
    assert "The certificate runs out unseen" in service and "Planned" in service
    assert overdue.Weekly()(MONDAY - timedelta(days=1)) == 0
    assert overdue.Weekly()(MONDAY) == 1
    (text,) = told(org.id("ben"))
    assert "Risk, since 2031-05-20: The certificate runs out unseen" in text
    assert "Action item, since 2031-05-01: Nobody watches the expiry" in text
    assert overdue.Weekly()(MONDAY + timedelta(hours=3)) == 0, "nobody is told twice in a week"
    assert len(told(org.id("ben"))) == 1
    row = models.Risk.objects.get()
    assert [(x.kind, x.ref) for x in row.links.order_by("kind")] == [
        ("incident", incident),
        ("item", said["item"]),
    ]


def test_a_changed_risk_keeps_what_it_was_and_moves_by_its_rules(org: Organisation) -> None:
    made = written(org)
    at, ben, ole = f"/risks/{made['id']}", org.call("ben"), org.call("ole", "observer")
    assert ole.patch(at, {"title": "Mine"}).status == 403 and ole.get(at).json["level"] == "moderate"
    said = {"safeguard": "A watch", "safeguard_state": "planned", "effect": 5, "note": "Seen twice"}
    assert ben.patch(at, said).json["level"] == "severe"
    assert ben.put(f"{at}/state", {"state": "reduced"}).code == "risk.safeguard"
    kept = ben.put(f"{at}/acceptance", {"until": "2190-01-01", "note": "Rare"})
    assert kept.code == "risk.until"
    until = (org.now + timedelta(days=90)).date().isoformat()
    accepted = ben.put(f"{at}/acceptance", {"until": until, "note": "Rare", "by": org.id("eva")}).json
    assert (accepted["state"], accepted["accepted_by"]["id"]) == ("accepted", org.id("eva"))
    assert ben.patch(at, {"safeguard_state": "in_place"}).status == 200
    assert ben.put(f"{at}/state", {"state": "reduced"}).json["accepted_until"] == ""
    history = ole.get(f"{at}/history").json
    assert history[-1]["what"]["effect"] == [3, 5] and history[-1]["note"] == "Seen twice"
    assert [h["what"].get("state") for h in history[:3]] == [
        ["accepted", "reduced"],
        None,
        ["open", "accepted"],
    ]
    page = signed_in(org, "ole").get(f"/prevention/risks/{made['id']}").content.decode()
    assert "effect: 3 → 5" in page and "Change it" not in page


def test_the_list_is_filtered_as_a_matrix_and_as_a_file(org: Organisation) -> None:
    models.Service.objects.create(key="search", name="Search")
    written(org, title="=cmd()", services=["search"], likelihood=5, effect=5)
    for number in range(60):
        written(org, title=f"Small {number}", likelihood=1, effect=1)
    ana = signed_in(org, "ana")
    grave = ana.get("/prevention?level=severe").content.decode()
    assert "=cmd()" in grave and "Small 1" not in grave
    matrix = ana.get("/prevention?view=matrix&service=search").content.decode()
    assert "riskgrid__cell--red" in matrix and "=cmd()" in matrix and "Small 1" not in matrix
    table = ana.get("/prevention/risks.csv?service=search").content.decode().splitlines()
    assert len(table) == 2 and "'=cmd()" in table[1]
    assert org.call("ben").get("/risks?service=search&is_live=true").json["items"][0]["title"] == "=cmd()"
    few = queries(ana, "/prevention?service=search")
    assert queries(ana, "/prevention") <= few + 1, "more rows ask for no more"


def test_a_risk_of_a_restricted_incident_is_for_its_people_only(org: Organisation) -> None:
    secret = restricted(org)
    link = {"kind": "incident", "ref": secret}
    title = f"{CANARY} keys leak"
    assert org.call("ben").post(
        "/risks", {"title": title, "owner": org.id("ben"), "due_on": "2031-05-20", "links": [link]}
    ).status == 404  # fmt: skip
    outside = org.call("ana").post(
        "/risks", {"title": title, "owner": org.id("ben"), "due_on": "2031-05-20", "links": [link]}
    )
    assert outside.code == "owner.outside"
    models.Service.objects.create(key="vault", name="Vault")
    made = written(
        org, title=title, owner=org.id("ana"), links=[link], services=["vault"], due_on="2026-01-05"
    )
    open_ = written(org, title="Known to all", owner=org.id("ana"))
    assert org.call("ana").post(f"/risks/{open_['id']}/links", link).code == "risk.restricted"
    for outsider in ("ben", "root"):
        assert org.call(outsider).get(f"/risks/{made['id']}").status == 404
        for page in ("/prevention?show=late", "/prevention/overdue", "/catalog/services/vault", "/prevention/calendar?month=2026-01"):  # fmt: skip
            assert CANARY not in signed_in(org, outsider).get(page).content.decode(), page
        assert CANARY not in str(org.call(outsider).get("/overdue").json)
        assert CANARY not in signed_in(org, outsider).get("/prevention/risks.csv?show=late").content.decode()
    assert CANARY in signed_in(org, "ana").get("/prevention/overdue").content.decode()
    overdue.Weekly()(MONDAY)
    assert "something restricted" in told(org.id("ana"))[0]
    assert not models.Event.objects.filter(kind__startswith="Risk", data__contains=CANARY).exists()
    assert not any(
        CANARY in str(row.body) for row in models.Delivery.objects.filter(key__startswith="overdue/")
    )


def test_the_digest_is_written_some_people_at_a_time(
    org: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overdue, "AT_ONCE", 2)
    for handle in ("ana", "ben", "ole"):
        models.Risk.objects.create(
            title="A disk", owner=org.call(handle) and org.id(handle), due_on="2031-05-01", created_by=org.id("ana"),
            created_at=org.now, changed_at=org.now,
        )  # fmt: skip
    weekly = overdue.Weekly()
    assert [weekly(MONDAY + timedelta(minutes=n)) for n in range(3)] == [2, 1, 0]
    assert all(len(told(org.id(h))) == 1 for h in ("ana", "ben", "ole"))
