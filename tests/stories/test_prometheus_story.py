"""One incident from the first failed scrape to the exported review: real programs, and the pages that people use."""

from __future__ import annotations

import io
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import feedparser
import httpx2
import pytest
from pypdf import PdfReader

from support.mailbox import links, wait_for_mail, words
from support.prometheus import prometheus
from support.server import PASSWORD, Server
from support.serving import Installation
from support.smtp_sink import SmtpSink, smtp_sink
from support.visitor import Visitor

HEADLINE = "Payments fail for some customers"
EFFECT = "Card payments are refused for some of you."

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def sink() -> Iterator[SmtpSink]:
    with smtp_sink() as running:
        yield running


@pytest.fixture
def installation(tmp_path: Path, sink: SmtpSink) -> Installation:
    return Installation(
        tmp_path,
        QUARTERDECK_EMAIL_HOST="127.0.0.1",
        QUARTERDECK_EMAIL_PORT=str(sink.port),
        QUARTERDECK_EMAIL_TLS="none",
        QUARTERDECK_EMAIL_FROM="pager@example.com",
    )


@pytest.fixture
def made(installation: Installation) -> dict[str, str]:
    found: dict[str, str] = installation.ask("support.shop:furnish")
    return found


@pytest.fixture
def server(installation: Installation, made: dict[str, str]) -> Iterator[Server]:
    running = installation.serve()
    running.wait_until_ready()
    yield running
    running.stop()


def wait_for(what: str, look: Callable[[], Any], seconds: float = 30.0) -> Any:
    """The first thing found that is true."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, f"{what}: not within {seconds:g} s"
        time.sleep(0.1)
    return found


@pytest.mark.requirement("R-033", "R-039")
def test_a_failed_scrape_wakes_somebody_and_ends_in_a_review_that_can_be_proven(
    installation: Installation, made: dict[str, str], server: Server, sink: SmtpSink, tmp_path: Path
) -> None:
    with prometheus(tmp_path / "prometheus", installation.port, made["key"]) as watched:
        watched.value = 0
        alert = _paged_and_acknowledged_from_the_mail(sink, server.url)
        dev = Visitor(server.url).sign_in("dev@example.com", PASSWORD)
        ana = Visitor(server.url).sign_in("ana@example.com", PASSWORD)
        incident = _declared(dev, alert)
        _command_is_handed_over(dev, ana, incident, made["ana"], server)
        _something_is_decided(ana, incident)
        _an_update_is_released(ana, incident, made, sink)
        _the_page_shows(server.url, "partial_outage", "investigating", HEADLINE)
        watched.value = 1
        wait_for("the alert resolves", lambda: "resolved" in _status_of(dev, alert))
    _resolved(ana, incident)
    _the_end_is_told(ana, incident, sink)
    _the_page_shows(server.url, "operational", "resolved", HEADLINE)
    _review_is_written_and_exported(ana, incident)
    assert server.stop() == 0
    proof = installation.command("verify")
    assert re.search(rf"whole +{incident} ", proof), proof


def _paged_and_acknowledged_from_the_mail(sink: SmtpSink, url: str) -> str:
    """The link in the page acknowledges without a login; returns the address of the alert."""
    mail = wait_for_mail(sink, "dev@example.com", "Checkout answers nobody")
    assert "https://wiki.example/checkout" in words(mail)
    link = next(found for found in links(mail) if "/c/" in found)
    reader = Visitor(url)
    page = reader.open(link)
    assert "Checkout answers nobody" in page
    assert "It is yours" not in page  # to look is not to acknowledge
    page = reader.submit(link.removeprefix(url))
    assert "It is yours. Nobody else is called." in page
    found = re.search(r'href="(/alerts/[^"]+)"', page)
    assert found, page
    return found[1]


def _status_of(visitor: Visitor, alert: str) -> str:
    found = visitor.download(f"/api/v1{alert}").json()
    return str(found["status"])


def _declared(dev: Visitor, alert: str) -> str:
    assert _status_of(dev, alert) == "acknowledged"
    dev.open(f"/declare?alert={alert.rpartition('/')[2]}")
    assert dict(dev.form("/declare").fields)["title"] == "Checkout answers nobody"
    dev.submit("/declare", severity="2")
    incident = dev.path.rpartition("/")[2]
    assert re.fullmatch(r"INC-\d+", incident)
    assert "Dev Patel" in _commander(dev, incident)
    return incident


def _commander(visitor: Visitor, incident: str) -> str:
    page = visitor.open(f"/incidents/{incident}/parts/command")
    found = re.search(r'class="lead">.*?</div>', page, re.DOTALL)
    assert found, page
    return found[0]


def _command_is_handed_over(dev: Visitor, ana: Visitor, incident: str, to: str, server: Server) -> None:
    """Offered, accepted, briefed, effective; until the last step Dev commands, also after a crash in between."""
    room = f"/incidents/{incident}"
    dev.open(f"{room}/handover")
    dev.submit(f"{room}/handovers", person=to, note="You know the payment partners.")
    for visitor, step, fields in (
        (ana, "accept", {}),
        (dev, "brief", {"briefing": "Checkout is down since the deploy; a rollback is being prepared."}),
        (ana, "effective", {}),
    ):
        assert "Dev Patel" in _commander(ana, incident)
        if step == "brief":
            before = server.kill("web")
            server.wait_for("web", before)
            assert "Dev Patel" in _commander(ana, incident)
        visitor.open(room)
        (action,) = {
            f.action for f in visitor.forms() if f.action.endswith(f"/{step}") and "/handovers/" in f.action
        }
        visitor.submit(action, fields)
    assert "Ana Ruiz" in _commander(dev, incident)
    record = ana.download(f"/api/v1{room}/timeline?limit=200").json()["items"]
    passed = [line["title"] for line in record if line["kind"] == "handover"]
    assert [title.split(maxsplit=3)[2] for title in passed] == ["offered", "accepted", "was", "took"], passed


DECISION = "Do we roll the deploy back?"


def _something_is_decided(ana: Visitor, incident: str) -> None:
    room = f"/incidents/{incident}"
    ana.open(room)
    ana.submit(f"{room}/entries", kind="decision", text=f"{DECISION}\nYes, in every region at once.")
    assert DECISION in ana.open(room)


def _an_update_is_released(ana: Visitor, incident: str, made: dict[str, str], sink: SmtpSink) -> None:
    room = f"/incidents/{incident}"
    ana.open(room)
    ana.submit(f"{room}/phase", phase="investigating", reason="We look at the deploy.")
    ana.open(f"{room}/communication?draft=1&audience=customers_all")
    ana.submit(
        f"{room}/messages",
        {f"component.{made['component']}": "partial_outage"},
        headline=HEADLINE,
        customer_effect=EFFECT,
        action="We are rolling back the change that did it.",
        body="",
        page=made["page"],
    )
    ana.submit(ana.form(f"{room}/messages/*").action)
    mail = wait_for_mail(sink, "customer@example.net", HEADLINE)
    assert EFFECT in words(mail)


def _the_page_shows(url: str, state: str, status: str, headline: str) -> None:
    """The published page, the interface that others' tools read, and the feed say the same."""
    with httpx2.Client(base_url=f"{url}/status/shop", timeout=10, trust_env=False) as public:

        def summary() -> dict[str, Any]:
            answer = public.get("/api/v2/summary.json")
            return json.loads(answer.content) if answer.status_code == 200 else {}

        def is_told() -> bool:
            return [c["status"] for c in summary().get("components", []) if c["name"] == "Checkout"] == [
                state
            ]

        wait_for(f"Checkout is shown as {state}", is_told)
        page = public.get("/").text
        assert headline in page
        told = json.loads(public.get("/api/v2/incidents.json").content)["incidents"]
        assert [(i["name"], i["status"]) for i in told] == [(headline, status)]
        feed = feedparser.parse(io.BytesIO(public.get("/history.atom").content))
        assert not feed.bozo
        assert [entry.title for entry in feed.entries] == [headline]
        assert EFFECT in feed.entries[0].content[0].value or EFFECT in feed.entries[0].summary


def _resolved(ana: Visitor, incident: str) -> None:
    room = f"/incidents/{incident}"
    ana.open(f"{room}/resolve")
    assert "rolled_back" in ana.form(f"{room}/resolution").choices["code"]
    ana.submit(f"{room}/resolution", code="rolled_back", summary="The change was rolled back.")
    assert ana.download(f"/api/v1{room}").json()["phase"] == "resolved"


def _the_end_is_told(ana: Visitor, incident: str, sink: SmtpSink) -> None:
    """The last message puts the components right by itself."""
    room = f"/incidents/{incident}"
    ana.open(f"{room}/communication?draft=1&audience=customers_all")
    assert ("final", "1") in ana.form(f"{room}/messages").fields
    ana.submit(
        f"{room}/messages",
        headline="Payments work again",
        customer_effect="No payment is refused any more.",
        action="We rolled the change back.",
        body="",
    )
    ana.submit(ana.form(f"{room}/messages/*").action)
    wait_for_mail(sink, "customer@example.net", "Payments work again")


def _review_is_written_and_exported(ana: Visitor, incident: str) -> None:
    review = f"/reviews/{incident}"
    for section, text in (
        ("what_happened", "A deploy broke the connection to the acquirer."),
        ("how_we_responded", "The change was rolled back."),
        ("improvements", "Deploys go to one region first."),
        ("root_cause", "The new pool held two connections."),
    ):
        ana.open(review)
        ana.submit(f"{review}/sections/{section}", text=text)
    assert DECISION in ana.open(review)
    ana.submit(f"{review}/submit")
    ana.submit(f"{review}/publish", reason="Talked over at once")
    answer = ana.download(f"{review}/report.pdf?names=1&timeline=all")
    assert answer.headers["content-type"] == "application/pdf"
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    flat = " ".join(text.split())
    for said in (
        incident,
        "Checkout answers nobody",
        "Ana Ruiz",
        "Dev Patel",
        HEADLINE,
        "Deploys go to one region first.",
        DECISION,
    ):
        assert said in flat, said
