"""A page shows the viewer's zone and says so once; what leaves the product says UTC and names the zone of its reader."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from quarterdeck.app import reports
from quarterdeck.store import models
from quarterdeck.web.present.zoned import zoned, zoned_html
from support.browsing import browser
from support.rest import Organisation

SAID = datetime(2026, 12, 31, 23, 10, tzinfo=UTC)


@pytest.fixture
def org(db: None) -> Organisation:
    o = Organisation()
    o.call("ana", "administrator")
    o.call("ben")
    models.Person.objects.filter(handle="ana").update(timezone="Asia/Tokyo")
    return o


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("due at 23:50 UTC", "due at 08:50"),
        ("since 23:05:09 UTC", "since 08:05:09"),
        ("began on 31 Dec at 23:05 UTC", "began on 1 Jan, 08:05"),
        ("due 2 Jan 00:30 UTC: x", "due 2 Jan, 09:30: x"),
        ("now ends 2027-01-01 00:00 UTC", "now ends 1 Jan 2027, 09:00"),
        ("on 31 Feb 10:00 UTC", "on 31 Feb 10:00 UTC"),
        ("in 9999-12-31 23:30 UTC", "in 9999-12-31 23:30 UTC"),
        ("in 9999-12-31T23:30Z", "in 9999-12-31T23:30Z"),
        ("at 25:00 UTC, UTC", "at 25:00 UTC, UTC"),
        ("nothing to see", "nothing to see"),
    ],
)
def test_a_stored_sentence_is_told_on_the_clock_of_its_reader(stored: str, shown: str) -> None:
    with timezone.override(ZoneInfo("Asia/Tokyo")):
        assert zoned(stored, SAID) == shown
        assert zoned_html(f"<b>{stored}", SAID).startswith("&lt;b&gt;")
    with timezone.override(UTC):
        assert zoned(stored, SAID) == stored


def test_the_time_in_a_sentence_is_one_that_the_switch_to_utc_reaches() -> None:
    with timezone.override(ZoneInfo("Asia/Tokyo")):
        told = zoned_html("due at 00:50 UTC", SAID)
    assert told == 'due at <time datetime="2027-01-01T00:50:00Z" data-tick="at-time">09:50</time>'


def test_no_page_of_an_incident_says_utc_beside_local_times_and_its_papers_do(org: Organisation) -> None:
    incident = org.declare()
    ana = org.call("ana")
    said = {"title": "The next update is due at 15:10 UTC"}
    assert models.TimelineRow.objects.filter(incident_id=incident).update(**said)
    page = browser(org, "ana")
    main = page.get(f"/incidents/{incident}").content.decode().partition("data-list")[2]
    told = main.partition("</main>")[0]
    assert 'data-tick="at-time"' in told
    assert re.search(r'data-row-label="[^"]*The next update is due at \d\d:\d\d ?"', told)
    shown = "".join(part.partition(">")[2] for part in told.split("<"))
    assert " UTC" not in shown
    held = ana.put(f"/incidents/{incident}/roles/commander/holder", {"person": org.id("ben")})
    assert held.status == 409 and " UTC. " in held.json["error"]["message"]
    for path in ("report.md", "report"):
        paper = page.get(f"/reviews/{incident}/{path}").content.decode()
        assert "All times are UTC; Asia/Tokyo was UTC+09:00 then." in paper, path
    ben = reports.markdown(reports.build(incident, org.act("ben").who, org.now))
    assert "All times are UTC." in ben
