"""Customers' feedback: the public form, one answer a token, figures on the incident, over a period and at home."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client, override_settings
from tests.shell.test_inquiries import sent

from quarterdeck.app import casebook
from quarterdeck.app.comms import customer_feedback, ledger
from quarterdeck.channels.status_site import outside
from quarterdeck.store import models
from quarterdeck.store.ids import new_id
from quarterdeck.web.present.incident import clocks
from support.attacks import CANARY, org, restricted, signed_in
from support.rest import HOST, Organisation

__all__ = ["org"]
DAY = timedelta(days=1)
AUDIENCE = "customers_all"


def link_of(org: Organisation, incident: str, audience: str = AUDIENCE) -> str:
    made = org.call("ana").post(f"/incidents/{incident}/feedback-links", {"audience": audience})
    assert made.status == 201, made.json
    return "/" + made.json["url"].split("/", 3)[3]


def visitor(address: str = "203.0.113.1") -> Client:
    return Client(headers={"host": HOST}, REMOTE_ADDR=address)


def own_page(link: str, client: Client) -> str:
    answer = client.get(link)
    assert answer.status_code == 302
    return answer["Location"]


def answered(incident: str, rating: int, ago: timedelta = DAY, **fields: object) -> models.FeedbackAnswer:
    values: dict[str, object] = {
        "link_id": "l", "incident_id": incident, "audience": AUDIENCE, "token": new_id(), "rating": rating,
        "at": datetime.now(UTC) - ago,
    }  # fmt: skip
    return models.FeedbackAnswer.objects.create(**(values | fields))


@pytest.mark.requirement("R-086")
def test_an_answer_is_kept_once_a_token_and_the_average_shows_on_the_incident(org: Organisation) -> None:
    incident = org.declare("ana")
    link = link_of(org, incident)
    assert link_of(org, incident) == link
    client = visitor()
    page = own_page(link, client)
    assert own_page(link, client) != page
    form = client.get(page).content.decode()
    assert "How did we handle this?" in form and "Checkout is down" not in form
    said = client.post(page, {"rating": "5", "text": "Fast \u202enews"})
    assert said.status_code == 302 and said["Location"] == page
    again = client.post(page, {"rating": "1", "text": "changed my mind"})
    shown = again.content.decode()
    assert again.status_code == 200 and "Fast news" in shown and "Very good" in shown
    assert "changed my mind" not in shown and "<form" not in shown
    other = visitor("203.0.113.2")
    other.post(own_page(link, other), {"rating": "2", "text": "<script>x</script>"})
    told = org.call("ole", "observer").get(f"/incidents/{incident}/feedback").json
    assert (told["answers"], told["average"], told["satisfied_percent"]) == (2, 3.5, 50)
    assert [s["rating"] for s in told["said"]["items"]] == [2, 5]
    seen = signed_in(org, "ole").get(f"/incidents/{incident}/customers").content.decode()
    assert re.search(r'figure__v">3\.5<', seen) and "2 answers" in seen
    assert "&lt;script&gt;x" in seen and "<script>x" not in seen


@pytest.mark.requirement("R-086")
def test_a_final_message_carries_the_link_in_each_mail_and_on_the_page(org: Organisation) -> None:
    incident = org.declare("ana")
    link_of(org, incident)
    for name in ("one", "two"):
        models.AudienceContact.objects.create(
            id=new_id(), audience=AUDIENCE, email=f"{name}@customer.example", name=name, created_at=org.now
        )
    page = models.StatusPage.objects.create(id=new_id(), key="public", title="P", created_at=org.now)
    models.PageBrand.objects.create(page=page, languages=["de", "en"])
    ana = org.call("ana")
    for final in (False, True):
        said = {"audience": AUDIENCE, "headline": f"It works again {final}", "body": "Thank you for your patience.",
                "customer_effect": "None any more.", "action": "Nothing to do.", "pages": [page.id],
                "status_word": "resolved" if final else "identified", "final": final}  # fmt: skip
        if not final:
            said["next_update_at"] = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        made = ana.post(f"/incidents/{incident}/messages", said)
        assert made.status == 201, made.json
        ready = ana.get(f"/incidents/{incident}/messages/{made.json['id']}").json
        sent = ana.put(
            f"/incidents/{incident}/messages/{made.json['id']}/release",
            {"content_hash": ready["content_hash"], "break_glass": "A test", "override": "A test"},
        )
        assert sent.status in (200, 201), sent.json
    mails = models.Delivery.objects.filter(cls="message", contact_id__gt="").order_by("created_at", "id")
    links = [m.body.get("link", "") for m in mails]
    assert links[:2] == ["", ""] and len(set(links[2:])) == 2
    posts = models.PageUpdateRow.objects.order_by("posted_at")
    asked = outside.phrases("de")["f_link"]
    assert [asked in p.body for p in posts] == [False, True], "in the page's first language"
    client = visitor()
    mine = "/" + links[2].split("/", 3)[3]
    assert "It works again True" in client.get(mine).content.decode()
    client.post(mine, {"rating": "4"})
    client.post(mine, {"rating": "1"})
    assert list(models.FeedbackAnswer.objects.values_list("rating", flat=True)) == [4]


def test_the_form_refuses_what_is_no_rating_keeps_the_words_and_slows_a_flood(org: Organisation) -> None:
    link = link_of(org, org.declare("ana"))
    client = visitor()
    page = own_page(link, client)
    refused = client.post(page, {"rating": "9", "text": "words that stay"})
    assert refused.status_code == 422 and "words that stay" in refused.content.decode()
    long = client.post(page, {"rating": "3", "text": "x" * 100_000})
    assert (
        long.status_code == 302
        and len(models.FeedbackAnswer.objects.get().text) == customer_feedback.TEXT_LIMIT
    )
    for _ in range(customer_feedback.MOST_OF_SOURCE - 1):
        assert client.post(own_page(link, client), {"rating": "3"}).status_code == 302
    assert client.post(own_page(link, client), {"rating": "1"}).status_code == 429
    elsewhere = visitor("198.51.100.7")
    assert elsewhere.post(own_page(link, elsewhere), {"rating": "3"}).status_code == 302
    assert not models.FeedbackAnswer.objects.filter(source__contains="203.0").exists()
    old = own_page(link, elsewhere)
    models.FeedbackLink.objects.update(created_at=datetime.now(UTC) - customer_feedback.OPEN_FOR)
    assert elsewhere.post(old, {"rating": "3"}).status_code == 422
    assert "no longer taken" in elsewhere.get(old).content.decode()
    link_of(org, models.IncidentRow.objects.get().id)
    assert elsewhere.post(old, {"rating": "3"}).status_code == 302


def test_wrong_links_are_all_the_same_and_a_restricted_incident_says_nothing(org: Organisation) -> None:
    secret = restricted(org)
    link = link_of(org, secret)
    models.MessageRow.objects.create(
        id="m1", incident_id=secret, audience=AUDIENCE, phase="triage", headline=f"{CANARY} headline",
        state="sent", drafted_by="x", drafted_at=org.now, sent_at=org.now,
    )  # fmt: skip
    client = visitor()
    page = own_page(link, client)
    form = client.get(page).content.decode()
    assert CANARY not in form and secret not in form
    slug = link.strip("/").split("/")[1]
    token = page.strip("/").split("/")[2]
    other = link_of(org, org.declare("ana")).strip("/").split("/")[1]
    wrong = ["/f/nothing/", f"/f/{slug}/x/", f"/f/{slug}/x.y/", f"/f/{slug}/{token}x/", f"/f/{other}/{token}/",
             f"/f/nothing/{token}/"]  # fmt: skip
    pages = [client.get(w) for w in wrong] + [client.post(w, {"rating": "1"}) for w in wrong[1:]]
    assert {p.status_code for p in pages} == {404}
    assert len({re.search(r"<main.*</main>", p.content.decode(), re.DOTALL)[0] for p in pages}) == 1
    client.post(page, {"rating": "1", "text": f"{CANARY} words"})
    for outsider in ("ben", "root"):
        caller = org.call(outsider)
        assert caller.get(f"/incidents/{secret}/feedback").status == 404
        assert caller.post(f"/incidents/{secret}/feedback-links", {"audience": "staff"}).status == 404
        assert caller.get("/satisfaction").json["answers"] == 0
        browser = signed_in(org, outsider)
        for path in ("/insights/satisfaction", "/insights/satisfaction.csv"):
            assert CANARY not in browser.get(path).content.decode()
        assert browser.get(f"/incidents/{secret}/customers").status_code == 404
    assert org.call("ana").get("/satisfaction").json["answers"] == 1
    stopped = org.call("ana")("DELETE", f"/incidents/{secret}/feedback-links/{AUDIENCE}")
    assert stopped.status == 200 and stopped.json["closed_at"]
    fresh = own_page(link, client)
    assert "no longer taken" in client.get(fresh).content.decode()
    assert client.post(fresh, {"rating": "5"}).status_code == 422


@pytest.mark.requirement("R-023", "R-233")
def test_satisfaction_has_average_and_number_an_incident_and_a_period(org: Organisation) -> None:
    one, two = org.declare("ana"), org.declare("ana", title="Search is slow", severity=4)
    for incident, rating, days in ((one, 5, 1), (one, 4, 2), (one, 1, 9), (two, 3, 1), (two, 5, 200)):
        answered(incident, rating, days * DAY)
    answered(one, 1, drill=True)
    ole = org.call("ole", "observer")
    period = ole.get("/satisfaction").json
    assert (period["answers"], period["average"], period["satisfied_percent"]) == (4, 3.25, 50)
    assert ole.get("/satisfaction?severity=4").json["by_rating"] == {"1": 0, "2": 0, "3": 1, "4": 0, "5": 0}
    assert (
        ole.get("/satisfaction?since=2026-01-01T00:00:00Z&until=2025-01-01T00:00:00Z").code == "period.length"
    )
    browser = signed_in(org, "ole")
    page = browser.get("/insights/satisfaction").content.decode()
    assert re.search(r'figure__v">50 %<', page) and re.search(r'figure__v">3\.2<', page)
    assert "gave 4 or 5" in page and "Drills never count" in page
    rows = list(csv.DictReader(io.StringIO(browser.get("/insights/satisfaction.csv").content.decode())))
    assert sorted(int(r["rating"]) for r in rows) == [1, 3, 4, 5]
    weeks = browser.get("/insights/satisfaction.csv?table=weeks").content.decode()
    assert sum(int(r["answers"]) for r in csv.DictReader(io.StringIO(weeks))) == 4


def test_a_goal_is_kept_with_its_history_and_judges_the_weeks(org: Organisation) -> None:
    incident = org.declare("ana")
    answered(incident, 5)
    root = org.call("root", "administrator")
    assert (
        org.call("ole", "observer").post("/satisfaction/goals", {"at_least_percent": 5, "reason": "x"}).status
        == 403
    )
    assert root.post("/satisfaction/goals", {"at_least_percent": 0, "reason": "x"}).code == "goal.none"
    browser = signed_in(org, "root")
    typed = {"at_least_percent": "180", "reason": "We promised it"}
    refused = browser.post("/insights/satisfaction", typed)
    assert refused.status_code == 422 and "We promised it" in refused.content.decode()
    assert browser.post("/insights/satisfaction", typed | {"at_least_percent": "80"}).status_code == 302
    assert root.get("/satisfaction").json["goal_percent"] == 80
    models.FeedbackGoal.objects.update(since=datetime.now(UTC) - 30 * DAY)
    page = browser.get("/insights/satisfaction").content.decode()
    assert "We promised it" in page and "met in 1 of 1 weeks" in page
    assert root.post("/satisfaction/goals", {"at_least_percent": 0, "reason": "Over"}).json["withdrawn"]
    assert root.get("/satisfaction").json["goal_percent"] is None
    assert len(root.get("/satisfaction/goals").json["items"]) == 2


def one_number(sql: str) -> int:
    with connection.cursor() as c:
        c.execute(sql)
        return int(c.fetchone()[0] or 0)


@pytest.mark.requirement("R-003")
def test_the_figures_of_the_home_page_equal_those_of_the_tables(org: Organisation) -> None:
    """Impact minutes, services not well, clocks overdue, satisfaction: counted anew by SQL over the same data."""
    one = org.declare("ana")
    two = org.declare("ana", title="Search is slow")
    now = datetime.now(UTC)
    for n, incident in enumerate((one, two)):
        began = now - timedelta(minutes=30 * (n + 1), seconds=20)
        models.IncidentRow.objects.filter(id=incident).update(declared_at=began, impact_started_at=None)
    models.UpdateClockRow.objects.all().delete()
    for n in range(3):
        models.UpdateClockRow.objects.create(
            id=f"c{n}", incident_id=one, audience=f"a{n}", every_seconds=900, started_at=now,
            next_due=now + timedelta(minutes=10 * (n - 1) - 5), running=True,
        )  # fmt: skip
    page = models.StatusPage.objects.create(id=new_id(), key="public", title="P", created_at=now)
    for n, state in enumerate(("operational", "major_outage")):
        component = models.Component.objects.create(
            id=new_id(), page=page, name=f"C{n}", state=state, updated_at=now, created_at=now
        )
        component.services.add(models.Service.objects.create(id=new_id(), key=f"s{n}", name=f"S{n}"))
    for rating, days in ((5, 1), (4, 5), (2, 20), (3, 40)):
        answered(one, rating, days * DAY)
    shown = signed_in(org, "ana").get("/").content.decode()
    figures = dict(
        re.findall(
            r'<dt>([^<]*)</dt><dd><span class="figure__v">([^<]*)</span><span class="figure__s">[^<]*', shown
        )
    )
    notes = dict(
        re.findall(
            r'<dt>([^<]*)</dt><dd><span class="figure__v">[^<]*</span><span class="figure__s">([^<]*)', shown
        )
    )
    micros = int(now.timestamp() * 1_000_000)
    minutes = one_number(
        f"SELECT SUM(({micros} - declared_at) / 60000000) FROM incident WHERE is_open AND NOT drill"
    )
    assert f"{minutes} min together" in notes["Open impact"]
    joins = models.Component.services.through._meta.db_table
    unwell = one_number(
        f"SELECT COUNT(DISTINCT cs.service_id) FROM {joins} cs JOIN component c ON c.id = cs.component_id"
        " WHERE c.state <> 'operational'"
    )
    assert figures["Services not well"] == str(unwell) == "1"
    late = one_number(f"SELECT COUNT(*) FROM update_clock WHERE running AND next_due < {micros}")
    assert figures["Update clocks overdue"] == str(late) == "2"
    since = micros - 28 * 86_400_000_000
    satisfied = one_number(
        f"SELECT ROUND(100.0 * SUM(CASE WHEN rating >= 4 THEN 1 ELSE 0 END) / COUNT(*)) FROM feedback_answer"
        f" WHERE at > {since} AND NOT drill"
    )
    assert figures["Satisfied customers"] == f"{satisfied} %" == "67 %"
    assert notes["Satisfied customers"] == "of 3 answers in 4 weeks, +67 points"


def test_pages_for_people_outside_bear_the_name_of_the_organisation_and_not_the_products(
    org: Organisation,
) -> None:
    incident = org.declare("ana")
    link = customer_feedback.ask(org.act("ana"), incident, "customers_all")
    recipient = models.Recipient.objects.create(
        message_id="m", channel="email", address="a@b.example", next_at=org.now
    )
    client = Client(SERVER_NAME="127.0.0.1", HTTP_ACCEPT="text/html")
    for name in ("Halden <Ferries>", ""):
        with override_settings(QUARTERDECK_ORGANISATION=name):
            for path in (f"/f/{link.slug}/", ledger.unsubscribe_path(recipient.id)):
                page = client.get(path, follow=True).content.decode()
                text = re.sub(r"<(script|link|meta)[^>]*>", "", page)
                assert "Quarterdeck" not in text.replace("QUARTERDECK", ""), path
                assert ("Halden &lt;Ferries&gt;" in text) == bool(name)


def test_customers_heard_nothing_when_only_partners_did(org: Organisation) -> None:
    incident = org.declare("ana")
    for audience in ("partners_vendors", "customers_all"):
        models.AudienceContact.objects.create(audience=audience, email="a@b.example", created_at=org.now)

    def heard() -> bool:
        shown = clocks(casebook.load(incident), datetime.now(UTC))
        return "since" in next(c for c in shown if c["label"] == "Customers last heard")

    sent(org, incident, "For our partners", "partners_vendors")
    assert not heard()
    sent(org, incident, "For customers")
    assert heard()
