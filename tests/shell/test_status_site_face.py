"""What the public sees of a busy page: in each language, from right to left, as a calendar, as figures, in a frame."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta

import icalendar
import pytest
import recurring_ical_events
from prometheus_client.parser import text_string_to_metric_families

from quarterdeck.channels.status_site import SiteSettings, render
from quarterdeck.channels.status_site.phrases import LANGUAGES
from quarterdeck.channels.status_site.words import words
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.status import Component, Post, StateChange, snapshot
from support.html_page import Page
from support.status_sample import COMPONENTS, NOW, PAGE, URL, at, busy_page, changes, posts, quiet_page

SITE = SiteSettings(URL, languages=("en", "ar", "de"))


def shown(
    flow: list[Post], settings: SiteSettings = SITE, components: list[Component] = COMPONENTS
) -> dict[str, bytes]:
    return render(snapshot(PAGE, components, changes(), flow, NOW), settings)


def test_thirty_components_and_ten_incidents_travel_in_sixty_kilobytes_whole_without_script():
    parts = [
        Component(
            f"c{n}",
            f"Group {n % 5}",
            f"Component number {n}",
            "What it is for",
            n,
            f"c{n - 15}" if n > 24 else "",
        )
        for n in range(30)
    ]
    flow = [StateChange(p.id, "operational", at("08:00", 80)) for p in parts]
    told = [Post(f"p{n}-{m}", f"INC-{n}", f"Incident number {n} of some length", "investigating" if n < 5 else "resolved",
                 "A sentence of some length that says what customers notice. " * 6, at("10:00", n), components={f"c{n}": "major_outage"})
            for n in range(10) for m in range(3)]  # fmt: skip
    files = render(
        snapshot(PAGE, parts, flow, told, NOW),
        replace(SITE, header_text="Hello", footer_text="Bye", logo=b"<svg></svg>"),
    )
    loaded = ["index.html.br", "status.css.br", "age.js.br", "icon.svg", "logo.svg"]
    assert sum(len(files[name]) for name in loaded) < 60_000
    said = Page(files["index.html"]).words
    assert all(p.name in said for p in parts)
    assert all(f"Incident number {n}" in said for n in range(10))


@pytest.mark.slow
def test_five_thousand_components_are_one_whole_page():
    parts = [Component(f"c{n}", f"Group {n % 100}", f"Component {n}", "", n) for n in range(5000)]
    flow = [StateChange(p.id, "operational", at("08:00", 80)) for p in parts]
    files = render(snapshot(PAGE, parts, flow, [], NOW), replace(SITE, languages=("en",)))
    page = files["index.html"]
    assert page.count(b'<div class="comp">') == 5000
    assert page.count(b'<details class="group">') == 100  # folded: all is well
    assert page.rstrip().endswith(b"</html>")
    assert len(files["index.html.br"]) < 60_000


def test_a_page_from_right_to_left_says_so_and_keeps_foreign_texts_apart():
    files = shown([Post("p", "INC-1", "Cards fail", "investigating", "We look.", at("10:00"))])
    page = Page(files["index.ar.html"])
    assert ("html", {"lang": "ar", "dir": "rtl"}) in page.tags
    assert {a["lang"] for _, a in page.tags if a.get("dir") == "auto" and "lang" in a} == {"en"}
    assert "18 نوفمبر 2026" in page.words
    assert ("html", {"lang": "en"}) in Page(files["index.html"]).tags
    css = files["status.css"].decode()
    assert not re.search(
        r"(?:margin|padding|border)-(?:left|right)|[;{ ](?:left|right):|text-align:(?:left|right)", css
    )


def test_a_post_is_shown_in_the_language_of_the_page_or_as_it_is_with_a_note():
    told = [Post("p", "INC-1", "Cards fail", "investigating", "We look.", at("10:00"), words={"de": ("Karten gehen nicht", "Wir suchen.")}),
            Post("q", "INC-1", "", "identified", "Found it.", at("10:10"))]  # fmt: skip
    files = shown(told)
    english, german = Page(files["index.html"]), Page(files["index.de.html"])
    assert "Karten gehen nicht" in german.words
    assert "Wir suchen." in german.words
    assert "We look." not in german.words
    assert german.words.count("Übersetzung folgt") == 1
    assert [a for t, a in german.tags if t == "div" and a.get("lang")] == [
        {"class": "prose", "lang": "en", "dir": "auto"}
    ]
    assert "Translation pending" not in english.words
    in_german = shown([replace(told[0], language="de", words={})])
    assert "Translation pending" in Page(in_german["index.html"]).words
    assert "Übersetzung folgt" not in Page(in_german["index.de.html"]).words


@pytest.mark.parametrize(
    ("language", "day", "figure"),
    [("en", "Wed 18 November", "99.84 %"), ("de", "Mi. 18. November", "99,84 %"), ("fr", "mer. 18 novembre", "99,84 %"),
     ("es", "mié, 18 de noviembre", "99,84 %"), ("pt", "qua., 18 de novembro", "99,84 %"), ("ja", "11月18日(水)", "99.84%"),
     ("ar", "الأربعاء 18 نوفمبر", "99.84 %")],
)  # fmt: skip
def test_days_and_figures_are_written_as_the_language_does(language, day, figure):
    told = words(language, "Europe/Berlin")
    assert (told.long_day(NOW.date()), told.percent(99.84)) == (day, figure)
    assert (
        LANGUAGES[language].name
        in Page(render(busy_page(), replace(SITE, languages=tuple(LANGUAGES)))["index.html"]).words
    )


def test_a_correction_stands_beside_what_it_corrects_and_a_summary_says_it_is_one():
    told = [Post("p", "INC-1", "Cards fail", "investigating", "In Spain.", at("10:00")),
            Post("q", "INC-1", "", "monitoring", "Repaired.", at("10:10")),
            Post("r", "INC-1", "", "monitoring", "It was in Portugal.", at("10:20"), kind="correction", corrects="p"),
            Post("s", "INC-1", "", "resolved", "What happened.", at("10:30"), kind="summary")]  # fmt: skip
    content = shown(told)["incidents/INC-1/index.html"].decode()
    items = re.split(r"<li>", content)[1:]
    first = next(item for item in items if "In Spain." in item)
    assert "It was in Portugal." in first
    assert "Correction" in first
    assert len(items) == 3
    assert "Summary" in items[0]


def test_what_was_entered_later_and_what_was_called_off_is_seen():
    work = {"impact": "maintenance", "scheduled_for": at("01:00", -2), "scheduled_until": at("03:00", -2)}
    told = [Post("p", "INC-1", "An old one", "resolved", "Over.", at("10:00", 3), retroactive=True),
            Post("m", "MNT-1", "New disks", "scheduled", "Short.", at("09:00"), **work),
            Post("n", "MNT-1", "", "cancelled", "Not needed.", at("09:30"), **work),
            Post("o", "MNT-2", "New fans", "in_progress", "Loud.", at("09:30"), **work)]  # fmt: skip
    page = shown(told)["index.html"].decode()
    assert re.search(r"An old one</a> <span class=\"tag\">Entered later</span>", page)
    assert re.search(r"<s><a [^>]*>New disks</a></s>", page)
    assert "Cancelled" in page
    assert not re.search(r"<s><a [^>]*>New fans</a></s>", page)
    assert "In progress" in page
    later = snapshot(PAGE, COMPONENTS, changes(), told, NOW + timedelta(days=9))
    assert "New disks" not in Page(render(later, SITE)["index.html"]).words


def test_parts_and_needs_are_told_and_names_are_in_the_language_of_the_page():
    parts = [
        Component("a", "Web", "Shop", names={"de": "Laden"}),
        Component("b", "", "Cards", parent="a", depends_on=("a",)),
    ]
    files = shown([], components=parts)
    assert "Depends on: Shop" in Page(files["index.html"]).words
    assert "Hängt ab von: Laden" in Page(files["index.de.html"]).words
    assert "Teil von Laden" in Page(files["index.de.html"]).words
    assert any(a.get("class") == "comp comp--1" for _, a in Page(files["index.html"]).tags)


def test_how_much_is_recorded_is_said_where_it_is_not_everything():
    parts = [Component("new", "", "New"), Component("old", "", "Old")]
    flow = [
        StateChange("new", "operational", at("00:00", 9)),
        StateChange("old", "operational", at("00:00", 200)),
    ]
    said = Page(render(snapshot(PAGE, parts, flow, [], NOW), SITE)["index.html"]).words
    assert said.count("recorded on 10 days of 90") == 1


def test_the_calendar_of_maintenance_is_read_by_calendar_programs():
    files = shown(posts())
    calendar = icalendar.Calendar.from_ical(files["maintenance.ics"])
    found = recurring_ical_events.of(calendar).between(NOW, NOW + timedelta(days=30))
    assert [(str(e["UID"]), str(e["SUMMARY"]), e["DTSTART"].dt, e["DTEND"].dt) for e in found] == [
        ("MNT-17@status.corvane.example", "Larger database for seat and cabin reservation", at("01:00", -4), at("03:00", -4)),
    ]  # fmt: skip
    moved = Post(
        "db-2",
        "MNT-17",
        "",
        "cancelled",
        "Not now.",
        at("14:00"),
        scheduled_for=at("01:00", -5),
        scheduled_until=at("03:00", -5),
    )
    again = icalendar.Calendar.from_ical(shown([*posts(), moved])["maintenance.ics"])
    event = next(e for e in again.walk("VEVENT") if str(e["UID"]).startswith("MNT-17@"))
    assert (str(event["STATUS"]), event["SEQUENCE"], event["DTSTART"].dt) == ("CANCELLED", 1, at("01:00", -5))
    assert files["maintenance.ics"].count(b"\r\n") == files["maintenance.ics"].count(b"\n")


def test_the_json_feed_has_what_the_atom_feed_has():
    feed = json.loads(shown(posts())["feed.json"])
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert (feed["home_page_url"], feed["feed_url"]) == (f"{URL}/", f"{URL}/feed.json")
    assert len({item["id"] for item in feed["items"]}) == len(feed["items"]) == 9
    assert all(datetime.fromisoformat(item["date_modified"]) for item in feed["items"])


def test_each_component_is_a_number_for_programs_that_graph():
    files = shown(posts())
    document = json.loads(files["metrics.json"])
    values = {c["id"]: c["value"] for c in document["components"]}
    assert (values["cards"], values["seats"], values["wallets"]) == (4, 2, 0)
    assert (document["value"], document["open_incidents"]) == (4, 2)
    families = {f.name: f for f in text_string_to_metric_families(files["metrics.txt"].decode())}
    samples = {s.labels["id"]: s.value for s in families["status_component_state"].samples}
    assert samples == values
    assert families["status_page_as_of_seconds"].samples[0].value == NOW.timestamp()


def test_each_component_has_a_badge_and_the_page_a_frame_for_other_sites():
    files = shown(posts())
    assert "Major outage" in files["badges/cards.svg"].decode()
    assert "Operational" in files["badges/wallets.svg"].decode()
    frame = Page(files["embed.html"])
    assert "Card payments failing at checkout" in frame.words
    assert "As of 18 Nov 2026, 15:28 CET\n" in frame.words
    outside = [a for t, a in frame.tags if t == "a" and a["href"]]
    assert all(a["target"] == "_blank" and a["href"].startswith(URL) for a in outside)
    assert "embed.ar.html" in files


def test_the_page_says_as_of_when_it_is_and_how_long_it_is_fresh():
    page = Page(shown([], replace(SITE, fresh_for=600))["index.html"])
    line = next(a for t, a in page.tags if a.get("class") == "age")
    assert (line["data-at"], line["data-fresh-for"]) == ("2026-11-18T14:28:00Z", "600")
    warning = next(a for t, a in page.tags if a.get("id") == "stale")
    assert "hidden" in warning
    assert "{age}" in str(warning["data-says"])


@pytest.mark.requirement("R-273")
def test_a_brand_is_on_the_page_and_cannot_take_the_state_or_its_age_away():
    brand = replace(SITE, accent="#8a2be2", header_text="**Hello** <b>x</b>", footer_text="[Imprint](https://corvane.example/i)",
                    favicon=b"\x89PNG\r\n\x1a\n1", css=".verdict h1, .age { color: #fdeeec; background-color: #fdeeec }")  # fmt: skip
    files = shown(posts(), brand)
    page, css = files["index.html"].decode(), files["status.css"].decode()
    assert "<strong>Hello</strong> &lt;b&gt;x&lt;/b&gt;" in page
    assert '<a href="https://corvane.example/i" rel="noopener nofollow">Imprint</a>' in page
    assert '<link rel="icon" href="favicon.png">' in page
    assert files["favicon.png"] == brand.favicon
    assert "--accent:#8a2be2" in css
    assert css.index(".verdict h1, .age{color:#fdeeec") > 0
    assert re.search(r"\.verdict h1\{[^}]*color: var\(--ink\) !important", css)
    assert re.search(r"\.verdict \.age[^{]*\{[^}]*color: var\(--ink\) !important", css)
    for wrong in (
        {"css": "a{color:url(x)}"},
        {"accent_dark": "blue"},
        {"favicon": b"GIF89a"},
        {"footer_text": "x" * 3000},
    ):
        with pytest.raises(Refused):
            replace(SITE, **wrong)


def test_a_link_to_the_page_has_a_picture_of_its_state():
    files = shown(posts())
    metas = {
        a["property"]: a["content"]
        for t, a in Page(files["index.html"]).tags
        if t == "meta" and "property" in a
    }
    assert metas["og:title"] == "Corvane status"
    assert str(metas["og:image"]).startswith(f"{URL}/preview.png?v=")
    assert files["preview.png"][16:24] == (1200).to_bytes(4, "big") + (630).to_bytes(4, "big")
    assert render(quiet_page(), SITE)["preview.png"] != files["preview.png"]
    assert render(busy_page(), replace(SITE, languages=("ja",)))["preview.png"].startswith(b"\x89PNG")


def test_trouble_that_touches_no_component_is_no_green_check():
    told = [Post("p", "INC-1", "Mail is slow", "investigating", "We look.", at("10:00"))]
    page = render(snapshot(PAGE, COMPONENTS[:1], [], told, NOW), SITE)["index.html"].decode()
    assert '<section class="verdict on-orange"' in page
    assert (
        "verdict on-green" in render(snapshot(PAGE, COMPONENTS[:1], [], [], NOW), SITE)["index.html"].decode()
    )
