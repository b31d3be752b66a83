"""Pages for one audience: one component, one history, each page its part and its words, and nothing of the others'."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from quarterdeck.app.comms import sending
from quarterdeck.app.maintenance import maintenance_posts
from quarterdeck.app.status import (
    audience_pages,
    page_access,
    page_health,
    page_posts,
    page_versions,
    publishing,
    shown_openly,
    status_pages,
)
from quarterdeck.app.status.audience_pages import Chosen
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.status.posting import Written
from quarterdeck.engine import publish
from quarterdeck.store import models, tx
from support.browsing import browser, company, words
from support.rest import Caller

# What only the source's audience may read.
CANARY = "Zanzibar"


@pytest.fixture
def world(db):
    publish._out.clear()
    publish._failed.clear()
    world = company()
    act = world.act("ana")
    status_pages.create_page(act, "inner", f"{CANARY} inner", description=f"{CANARY} text")
    for name in ("Gateway", "Ledger", "Mail"):
        status_pages.create_component(
            act, "inner", f"{CANARY} {name}", group=f"{CANARY} group", description=f"{CANARY} {name} of ours"
        )
    status_pages.create_page(act, "partner", "Partner page")
    models.Component.objects.update(created_at=world.now - timedelta(days=40))
    models.ComponentState.objects.update(at=world.now - timedelta(days=40))
    yield world
    publish._out.clear()
    publish._failed.clear()


def component(name):
    return models.Component.objects.get(name=f"{CANARY} {name}")


def page(key="partner"):
    return status_pages.find_page(key)


def show(world, *names):
    chosen = [Chosen(component(n).id, f"Your {n.lower()}", "Yours", "For you") for n in names]
    return audience_pages.choose(world.act("ana"), page(), chosen)


def posted(world, key, incident, states, word="investigating", body="We look into it."):
    models.PageUpdateRow.objects.create(
        id=f"{key}-{incident}-{word}", incident_id=incident, page=page(key).id, message_id="", status_word=word,
        body=body, components={component(n).id: s for n, s in states.items()}, posted_at=world.now,
    )  # fmt: skip


def everything(key="partner"):
    """Every byte that is published of a page."""
    root = Path(settings.QUARTERDECK_STATUS) / key
    return b"\n".join(
        p.read_bytes() for p in root.rglob("*") if p.is_file() and p.suffix not in (".gz", ".br")
    )


def test_no_word_of_the_other_audience_is_in_any_published_file(world):
    show(world, "Gateway", "Mail")
    posted(world, "inner", "INC-1", {"Gateway": "major_outage"}, body=f"{CANARY} secret cause")
    posted(world, "partner", "INC-1", {"Gateway": "major_outage", "Ledger": "major_outage"})
    publish.publish_pages(world.now)
    assert CANARY.encode() in everything("inner")
    files = everything()
    assert b"Your gateway" in files
    assert b"We look into it." in files
    assert CANARY.lower().encode() not in files.lower()
    assert component("Ledger").id.encode() not in files
    # A later word of the source reaches nobody either.
    status_pages.update_component(
        world.act("ana"), component("Gateway").id, description=f"{CANARY} again", group=CANARY
    )
    status_pages.update_page(world.act("ana"), "inner", title=f"{CANARY} renamed")
    publish.publish_pages(world.now)
    assert CANARY.encode() not in everything()


def test_state_history_and_uptime_are_those_of_the_one_component(world):
    show(world, "Gateway")
    before = page().revision
    world.now += timedelta(hours=1)
    with tx.write():
        sending.set_component_states({component("Gateway").id: "partial_outage"}, "", "INC-1", world.now)
    assert page().revision == before + 1  # published again, for a change of another page's component
    world.now += timedelta(hours=5)
    both = [publishing.page_snapshot(page(key), world.now) for key in ("inner", "partner")]
    records = [{v.component.id: v.record for g in s.groups for v in g.components} for s in both]
    gateway = component("Gateway").id
    assert records[1] == {gateway: records[0][gateway]}
    assert records[1][gateway].state == "partial_outage"
    assert records[1][gateway].uptime_percent < 100
    before = page().revision
    with tx.write():
        sending.set_component_states({component("Ledger").id: "major_outage"}, "", "", world.now)
    assert publishing.page_snapshot(page(), world.now).verdict.indicator == "major"


def test_an_incident_is_as_bad_here_as_for_what_this_page_shows(world):
    show(world, "Gateway")
    posted(world, "inner", "INC-1", {"Gateway": "degraded_performance", "Ledger": "major_outage"})
    posted(world, "partner", "INC-1", {"Gateway": "degraded_performance", "Ledger": "major_outage"})
    posted(world, "inner", "INC-2", {"Ledger": "major_outage"})
    posted(world, "partner", "INC-3", {"Ledger": "major_outage"})
    inner, partner = (publishing.page_snapshot(page(key), world.now) for key in ("inner", "partner"))
    assert {i.ref: i.impact for i in inner.open_incidents} == {"INC-1": "critical", "INC-2": "critical"}
    # INC-2 was not posted here; INC-3 was, and says nothing of components that this page does not show.
    assert {i.ref: i.impact for i in partner.open_incidents} == {"INC-1": "minor", "INC-3": "none"}
    assert {i.ref: i.components for i in partner.open_incidents} == {
        "INC-1": (component("Gateway").id,), "INC-3": ()
    }  # fmt: skip


def test_what_is_not_said_is_copied_once(world):
    audience_pages.add_groups(world.act("ana"), page(), page("inner"), [f"{CANARY} group"])
    assert [s.name for s in page().shown.all()] == [f"{CANARY} {n}" for n in ("Gateway", "Ledger", "Mail")]
    status_pages.create_component(world.act("ana"), "inner", f"{CANARY} Later", group=f"{CANARY} group")
    status_pages.update_component(world.act("ana"), component("Mail").id, name="Post")
    assert [s.name for s in page().shown.all()] == [f"{CANARY} {n}" for n in ("Gateway", "Ledger", "Mail")]
    audience_pages.choose(
        world.act("ana"), page(), [Chosen(component("Ledger").id), Chosen(component("Gateway").id)]
    )
    assert [s.name for s in page().shown.all()] == [f"{CANARY} Ledger", f"{CANARY} Gateway"]


def test_own_components_stand_before_those_of_others(world):
    status_pages.create_component(world.act("ana"), "partner", "Own")
    show(world, "Mail", "Gateway")
    assert [c.name for c in audience_pages.components(page())] == ["Own", "Your mail", "Your gateway"]


def test_what_cannot_be_shown_is_refused_and_nothing_changes(world):
    show(world, "Gateway")
    own = status_pages.create_component(world.act("ana"), "partner", "Own")
    for wanted in ([Chosen("nothing")], [Chosen(own.id)], [Chosen(component("Mail").id)] * 2):
        with pytest.raises(Refused):
            audience_pages.choose(world.act("ana"), page(), wanted)
    with pytest.raises(Refused):
        audience_pages.choose(world.act("olga"), page(), [])
    assert [s.name for s in page().shown.all()] == ["Your gateway"]


def test_components_are_chosen_in_a_table_with_words_of_their_own(world):
    client, mail, ledger = browser(world, "ben"), component("Mail").id, component("Ledger").id
    form = {
        "pick": [mail, ledger], f"name.{mail}": "Post", f"group.{mail}": "", f"description.{mail}": "Letters",
        f"place.{mail}": "2", f"name.{ledger}": "Books", f"group.{ledger}": "Money", f"place.{ledger}": "1",
    }  # fmt: skip
    said = words(client.post("/status-pages/partner/components/choose", form, follow=True))
    assert "2 of other pages are shown" in said
    assert [(s.name, s.group, s.description) for s in page().shown.all()] == [
        ("Books", "Money", ""), ("Post", "", "Letters")
    ]  # fmt: skip
    wrong = client.post("/status-pages/partner/components/choose", form | {"pick": [mail, "gone"]})
    assert wrong.status_code == 422
    assert "Letters" in wrong.content.decode()
    # The state of the one component can be set from either page.
    client.post("/status-pages/partner/states", {f"component.{mail}": "major_outage", "reason": "it is down"})
    assert component("Mail").state == "major_outage"


def test_components_are_chosen_over_rest(world):
    client = browser(world, "ana")
    form = client.get("/status-pages/partner/components/choose").content.decode()
    token = form.partition('csrfmiddlewaretoken" value="')[2].partition('"')[0]
    sent = {
        "components": [{"component": component("Mail").id, "name": "Post", "group": "", "description": "x"}]
    }
    path = "/api/v1/status-pages/partner/shown-components"
    headers = {"X-CSRFToken": token}
    told = client.put(path, json.dumps(sent), content_type="application/json", headers=headers)
    assert told.status_code == 200, told.content
    assert client.get(path).json() == sent
    groups = {"page": "inner", "groups": [f"{CANARY} group"]}
    told = client.post(f"{path}/groups", json.dumps(groups), content_type="application/json", headers=headers)
    assert [c["name"] for c in told.json()["components"]] == ["Post", f"{CANARY} Gateway", f"{CANARY} Ledger"]
    unknown = client.put(
        path, '{"components": [{"component": "x"}]}', content_type="application/json", headers=headers
    )
    assert unknown.status_code == 422


def test_the_table_lists_what_is_chosen_however_much_there_is(world, monkeypatch):
    show(world, "Mail")
    monkeypatch.setattr(audience_pages, "MOST", 2)
    form = browser(world, "ben").get("/status-pages/partner/components/choose").content.decode()
    assert [n for n in ("Gateway", "Ledger", "Mail") if component(n).id in form] == ["Gateway", "Mail"]


def test_a_component_that_goes_is_taken_off_the_pages_that_showed_it_alone(world):
    show(world, "Mail")
    before = page().revision
    status_pages.remove_component(world.act("ana"), component("Mail").id)
    assert page().revision > before
    assert audience_pages.components(page()) == []


def test_what_a_page_shows_of_others_counts_as_its_own(world):
    show(world, "Gateway")
    gateway, before = component("Gateway"), page("inner").revision
    said = Written(title="Slow", body="We look into it.", status_word="investigating", reason="It is small.",
                   components={gateway.id: "partial_outage"},
                   next_update_at=world.now + timedelta(hours=1))  # fmt: skip
    page_posts.post(world.act("ana"), "partner", said)
    assert component("Gateway").state == "partial_outage"
    assert page("inner").revision > before
    with pytest.raises(Refused):
        page_posts.post(
            world.act("ana"), "partner", replace(said, components={component("Mail").id: "operational"})
        )
    window = models.MaintenanceWindow(
        id="m", title="Work", state="announced", pages=[page().id], components=[gateway.id, component("Mail").id],
        starts_at=world.now, ends_at=world.now, zone="UTC",
    )  # fmt: skip
    with tx.write():
        maintenance_posts.post(window, maintenance_posts.Words("planned", "Planned."), "", world.now)
    assert models.PagePost.objects.get(incident_ref="m").components == {gateway.id: "partial_outage"}
    gateway.services.add(models.Service.objects.get(key="checkout"))
    assert page_health._made_of(page(), ["checkout"]) == {gateway.id}


def test_a_page_is_listed_under_its_own_address(world):
    models.PageBrand.objects.create(page=page(), domain="status.partner.example", updated_at=world.now)
    for path in ("/status-pages", "/status-pages/partner/access"):
        assert (
            "https://status.partner.example/" in browser(world, "ben").get(path, follow=True).content.decode()
        )


def opened(world):
    told = models.Event.objects.filter(kind="ShownComponentsChosen").order_by("seq").last()
    return json.loads(told.data).get("opened", {}) if told else {}


def pick(client, *names):
    return client.post(
        "/status-pages/partner/components/choose", {"pick": [component(n).id for n in names]}, follow=True
    )


def test_showing_what_is_for_fewer_readers_takes_a_proof_and_is_told_in_the_audit_log(world):
    act, ben = world.act("ben"), world.find("ben")
    page_access.change(world.act("ana"), "inner", visibility="internal")
    ben.set_password("ben's own long password")
    ben.save()
    client = browser(world, "ben")
    said = pick(client, "Gateway")
    assert (
        said.status_code == 422
        and "It has been a while" in words(said)
        and "checked" in said.content.decode()
    )
    assert not page().shown.exists()
    # Neither by a program, nor by a group, nor by the cookie of a session.
    with pytest.raises(Refused, match="Without a form, only an administrator"):
        audience_pages.choose(act, page(), [Chosen(component("Gateway").id)])
    with pytest.raises(
        Refused, match="shows components of Zanzibar inner to people who cannot read that page"
    ):
        audience_pages.add_groups(act, page(), page("inner"), [f"{CANARY} group"])
    for path, body in (
        ("", {"components": [{"component": component("Gateway").id}]}),
        ("/groups", {"page": "inner", "groups": [f"{CANARY} group"]}),
    ):
        ask = client.post if path else client.put
        sent = ask(f"/api/v1/status-pages/partner/shown-components{path}", body, "application/json")
        assert sent.json()["error"]["code"] == "access.key"
        assert (
            Caller(ben)(
                "POST" if path else "PUT", f"/status-pages/partner/shown-components{path}", body
            ).status
            == 403
        )
    assert not page().shown.exists()
    form = {"pick": [component("Gateway").id], "confirm": "ben's own long password"}
    assert "1 of other pages are shown" in words(
        client.post("/status-pages/partner/components/choose", form, follow=True)
    )
    assert opened(world) == {component("Gateway").id: page("inner").id}
    # What is shown already is opened no more.
    audience_pages.choose(act, page(), [Chosen(component("Gateway").id, "Another name")])
    assert opened(world) == {}
    answer = Caller(world.find("ana")).put(
        "/status-pages/partner/shown-components", {"components": [{"component": component("Mail").id}]}
    )
    assert answer.status == 200 and opened(world) == {component("Mail").id: page("inner").id}


@pytest.mark.parametrize(
    ("theirs", "ours", "opens"),
    [
        ({"visibility": "public"}, {"visibility": "public"}, False),
        ({"visibility": "internal"}, {"visibility": "internal"}, False),
        ({"visibility": "internal"}, {"visibility": "private", "members": True}, True),
        ({"visibility": "private", "members": True}, {"visibility": "internal"}, False),
        ({"visibility": "private", "members": True}, {"visibility": "private", "members": True}, False),
        ({"visibility": "private", "domains": ["a.example"]}, {"visibility": "private", "domains": ["b.example"]}, True),
        ({"visibility": "private", "members": True}, {"visibility": "public"}, True),
    ],
)  # fmt: skip
def test_a_page_opens_what_more_people_or_others_read_of_on_it(world, theirs, ours, opens):
    for key, how in (("inner", theirs), ("partner", ours)):
        page_access.change(world.act("ana"), key, **how)
    assert bool(shown_openly.opened(page(), [component("Mail").id])) is opens


def test_a_rollback_opens_nothing_without_a_proof(world):
    show(world, "Gateway")
    shown = page_versions.versions(page())[0].number
    show(world)
    page_access.change(world.act("ana"), "inner", visibility="internal")
    with pytest.raises(Refused, match="Without a form, only an administrator"):
        page_versions.roll_back(world.act("ben"), "partner", shown, "As it was")
    client = browser(world, "ben")
    assert 'name="confirm"' in client.get("/status-pages/partner/history").content.decode()
    form = {"version": str(shown), "base": str(shown + 1), "reason": "As it was"}
    assert "It has been a while" in words(client.post("/status-pages/partner/rollback", form, follow=True))
    assert not page().shown.exists()
    page_versions.roll_back(world.act("ben"), "partner", shown, "As it was", proven=True)
    told = models.Event.objects.get(kind="StatusPageRolledBack")
    assert json.loads(told.data)["opened"] == {component("Gateway").id: page("inner").id}
    # Nor does one of the page itself, that brings a component back with the pages that showed it.
    before = page_versions.versions(page("inner"))[0].number
    status_pages.remove_component(world.act("ana"), component("Gateway").id)
    with pytest.raises(Refused, match="Without a form, only an administrator"):
        page_versions.roll_back(world.act("ben"), "inner", before, "As it was")


def test_a_page_of_our_own_that_shows_what_is_closed_lets_nobody_else_in_without_a_proof(world):
    ana, ben = world.act("ana"), world.act("ben")
    page_access.change(ana, "inner", visibility="private", domains=["a.example"])
    page_access.change(ana, "partner", visibility="internal")
    audience_pages.choose(ben, page(), [Chosen(component("Mail").id)])  # our own people: nobody else reads it
    with pytest.raises(Refused, match="Without a form, only an administrator"):
        page_access.change(ben, "partner", visibility="private", domains=["b.example"])
    asked = Caller(world.find("ben")).patch(
        "/status-pages/partner/access", {"visibility": "private", "domains": ["b.example"]}
    )
    assert asked.status == 403 and not page_access.of(page()).domains
    page_access.change(ben, "partner", visibility="private", members=True, proven=True)
    with pytest.raises(Refused, match="Without a form, only an administrator"):
        page_access.change(ben, "partner", password="a long password")
    page_access.change(ben, "partner", members=True, visibility="private")  # as it is
    page_access.change(ben, "partner", visibility="internal")
    audience_pages.choose(ben, page(), [])
    page_access.change(ben, "partner", visibility="private", domains=["b.example"])
