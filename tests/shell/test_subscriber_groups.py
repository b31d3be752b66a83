"""Whole groups and shown components: on the form, over the interface, in lists; with names nobody should trust."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

from quarterdeck.app.comms import contact_imports
from quarterdeck.app.status import audience_pages, page_order, status_pages
from quarterdeck.app.subscribers import subscriber_lists
from quarterdeck.store import models
from quarterdeck.store.ids import new_id
from support.attacks import org, signed_in
from support.rest import Organisation
from support.smtp_sink import SmtpSink, smtp_sink
from support.subscribing import Page, channels, link_in, mail, settle, visitor

__all__ = ["org"]
HOSTILE = '"><img src=x onerror=alert(1)>; Shop'


@pytest.fixture
def page(org: Organisation) -> Page:
    return Page(org)


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with smtp_sink() as found, channels(email=mail(found.port)):
        yield found


def component(page: Page, name: str, group: str = "") -> models.Component:
    return models.Component.objects.create(
        id=new_id(), page=page.row, name=name, group=group, created_at=page.org.now, updated_at=page.org.now
    )


def show(page: Page, ident: str, name: str, group: str = "") -> None:
    models.ShownComponent.objects.create(
        id=new_id(),
        page=page.row,
        component_id=ident,
        name=name,
        group=group,
        position=1,
        created_at=page.org.now,
    )


def bring(page: Page, text: str) -> models.ContactImport:
    audience = subscriber_lists.PAGE + page.row.id
    act = page.org.act("root")
    made = contact_imports.begin(act, audience, "l.csv", io.BytesIO(text.encode()), source="contract")
    contact_imports.start(act, made.id)
    page.org.settle()
    made.refresh_from_db()
    return made


def taken(page: Page) -> str:
    out = signed_in(page.org, "root").get(f"/status-pages/{page.row.key}/subscribers.csv")
    return b"".join(out.streaming_content).decode()  # type: ignore[attr-defined]


@pytest.mark.requirement("R-045")
def test_a_whole_group_is_chosen_on_the_form_and_takes_in_what_is_added_to_it(
    org: Organisation, page: Page, sink: SmtpSink
) -> None:
    browser = visitor()
    assert "All of Shop, and what is added to it later" in browser.get(page.url).content.decode()
    assert "Alles aus Shop" in browser.get(f"{page.url}?lang=de").content.decode()
    asked = {"kind": "email", "address": "kim@example.com", "events": "incidents", "groups": "Shop"}
    assert browser.post(page.url, asked | {"groups": "Nothing"}).status_code == 422
    assert browser.post(page.url, asked).status_code == 200
    settle(org)
    browser.post(link_in(sink.mails[0].message.get_body(("plain",)).get_content()))
    org.now += timedelta(minutes=1)
    new = component(page, "Cart", "Shop")
    page.post(components={new.id: "major_outage"})
    page.post(components={page.parts["Billing"]: "major_outage"})
    settle(org)
    assert Counter(m.rcpt_to[0] for m in sink.mails) == {"kim@example.com": 2}
    made = org.call("root").post(
        "/status-pages/acme/subscribers",
        {"address": "li@example.com", "source": "by mail", "groups": ["Shop"]},
    )
    assert made.json["groups"] == ["Shop"]
    seen = signed_in(org, "root").get(f"/status-pages/acme/subscribers/{made.json['id']}").content.decode()
    assert "all of Shop" in seen and "the whole page" not in seen


def test_a_list_knows_what_an_audience_page_shows_by_its_own_words_and_comes_back_as_it_went(
    org: Organisation, page: Page
) -> None:
    other = Page(org, "partners")
    other.row.components.all().delete()
    show(other, page.parts["Search"], "Find things", "Yours")
    show(other, page.parts["Checkout"], "支払い", "Yours; all")
    text = (
        "email,components,component_groups\n"
        "a@example.com,find-things,\n"
        f"b@example.com,{page.parts['Checkout']},\n"
        'c@example.com,,"""Yours; all"";Yours"\n'
        "d@example.com,search,\ne@example.com,,Shop\n"
    )
    made = bring(other, text)
    assert (made.added, made.refused, made.reasons) == (3, 2, {"component": 1, "wishes": 1})
    rows = {r.address[0]: r for r in models.Subscriber.objects.filter(page=other.row)}
    assert rows["a"].components == [page.parts["Search"]]
    assert rows["b"].components == [page.parts["Checkout"]]
    assert rows["c"].groups == ["Yours; all", "Yours"]
    out = taken(other)
    assert "Search" not in out and "find-things" in out, "in its own words"
    models.Subscriber.objects.filter(page=other.row).delete()
    again = bring(other, out)
    assert (again.added, again.refused) == (3, 0)
    back = {r.address[0]: r for r in models.Subscriber.objects.filter(page=other.row)}
    assert {k: (r.components, r.groups) for k, r in back.items()} == {
        k: (r.components, r.groups) for k, r in rows.items()
    }


def test_names_that_are_alike_or_gone_never_widen_what_somebody_chose(org: Organisation, page: Page) -> None:
    one, two = component(page, "API", "EU"), component(page, "api", "US")
    page.active(address="kim@example.com", components=[two.id])
    page.active(address="li@example.com", components=["gone-long-ago"])
    (kim, li) = sorted(csv.DictReader(io.StringIO(taken(page))), key=lambda row: row["address"])
    assert (kim["components"], li["components"]) == (two.id, "gone-long-ago")
    made = bring(
        page, f"email,components\nx@example.com,api\ny@example.com,{one.id}\nz@example.com,gone-long-ago\n"
    )
    assert (made.added, made.reasons) == (1, {"component": 2})


def test_the_example_file_comes_in_as_it_is(org: Organisation, page: Page) -> None:
    client = signed_in(org, "root")
    listing = client.get("/status-pages/acme/subscribers").content.decode()
    assert "component_groups" in listing and "/status-pages/acme/subscribers-example.csv" in listing
    text = client.get("/status-pages/acme/subscribers-example.csv").content.decode()
    assert signed_in(org, "ole").get("/status-pages/acme/subscribers-example.csv").status_code == 403
    made = bring(page, text)
    assert (made.added, made.refused) == (3, 0), made.reasons
    eve = models.Subscriber.objects.get(address="eve@example.com")
    assert (eve.groups, eve.digest, eve.events) == (["Shop"], "daily", ["maintenance"])


def test_a_group_with_a_hostile_name_harms_nobody_anywhere(
    org: Organisation, page: Page, sink: SmtpSink
) -> None:
    part = component(page, "=1+1", HOSTILE)
    browser, client = visitor(), signed_in(org, "root")
    row = page.active(address="kim@example.com", groups=[HOSTILE], components=[part.id])
    settle(org)
    shown = [
        browser.get(page.url),
        browser.post(page.url, {"kind": "email", "address": "x", "groups": HOSTILE, "events": "incidents"}),
        client.get("/status-pages/acme/subscribers"),
        client.get(f"/status-pages/acme/subscribers/{row.id}"),
    ]
    for answer in shown:
        assert b"<img src=x" not in answer.content and b"&lt;img src=x" in answer.content
    assert b'value="&quot;&gt;&lt;img src=x onerror=alert(1)&gt;; Shop" checked' in shown[1].content
    out = taken(page)
    models.Subscriber.objects.all().delete()
    assert bring(page, out).added == 1
    back = models.Subscriber.objects.get()
    assert (back.groups, back.components) == ([HOSTILE], [part.id])
    page.post(components={part.id: "major_outage"})
    org.now += timedelta(minutes=1)
    page.post("updated", components={part.id: "major_outage"})
    settle(org)
    html = sink.mails[-1].message.get_body(("html",))
    assert html is None or "<img src=x" not in html.get_content()


def test_a_group_that_is_renamed_keeps_its_followers_and_one_that_stays_its_own(
    org: Organisation, page: Page
) -> None:
    kim = page.active(address="kim@example.com", groups=["Shop", "Other"])
    act = org.act("root")

    def groups() -> list[str]:
        kim.refresh_from_db()
        return kim.groups

    status_pages.update_component(act, page.parts["Checkout"], group="Store")
    assert groups() == ["Shop", "Other"], "something is left in it"
    status_pages.update_component(act, page.parts["Search"], group="Store")
    assert groups() == ["Store", "Other"]
    order = [(page.parts["Billing"], ""), (page.parts["Search"], "Buy"), (page.parts["Checkout"], "Buy")]
    page_order.put(act, "acme", order)
    assert groups() == ["Buy", "Other"]
    page_order.put(act, "acme", [(ident, "") for ident, _ in order])
    assert groups() == ["Other"] and sorted(kim.components) == sorted(
        [page.parts["Search"], page.parts["Checkout"]]
    )
    other = Page(org, "partners")
    li = other.active(address="li@example.com", groups=["Yours"])
    for group in ("Yours", "Ours"):
        audience_pages.choose(act, other.row, [audience_pages.Chosen(page.parts["Search"], "Find", group)])
    li.refresh_from_db()
    assert li.groups == ["Ours"]
