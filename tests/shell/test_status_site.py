"""The published page as HTML: what it says, that it stays small, and that no text can do anything."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

import quarterdeck.channels.status_site as site
from quarterdeck.channels.status_site import SiteSettings, etag, matches, render
from quarterdeck.channels.status_site.phrases import LANGUAGES
from quarterdeck.channels.status_site.words import words
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.status import Component, Post, StateChange, snapshot
from quarterdeck.core.status.branding import ink_on
from support.html_page import Page, html_files
from support.status_sample import COMPONENTS, NOW, PAGE, URL, at, busy_page, changes, posts, quiet_page

SITE = SiteSettings(URL, subscribe_url="https://desk.corvane.example/subscribe")


def page_of(files: dict[str, bytes], name: str = "index.html") -> Page:
    return Page(files[name])


def test_the_start_page_says_what_is_wrong_and_when_it_speaks_next():
    words_said = page_of(render(busy_page(), SITE)).words
    assert (
        "Card payments failing at checkout; Gate scanners at two Greek ports use offline lists." in words_said
    )
    assert "As of 18 Nov 2026, 15:28 CET\n" in words_said
    assert "Next update by 15:44 CET." in words_said
    assert "1 earlier update" in words_said
    assert "Sun 22 November, 02:00 to 04:00 CET" in words_said
    assert "Resolved after 1 h 12 min." in words_said


def test_a_quiet_page_says_so_and_shows_what_will_appear():
    words_said = page_of(render(quiet_page(), SiteSettings(URL))).words
    assert "All systems are operational." in words_said
    assert "No incident in the last 90 days." in words_said
    assert "100 % available" in words_said


def test_planned_work_that_has_begun_stands_with_what_is_felt_now():
    work = [p for p in posts() if p.incident_ref == "MNT-17"]
    begun = replace(
        work[0], id="db-2", status_word="in_progress", title="", body="Work has begun.", at=at("14:20")
    )
    before, after = (
        render(snapshot(PAGE, COMPONENTS, [], told, NOW), SITE) for told in (work, [*work, begun])
    )
    name = "Larger database for seat and cabin reservation"
    for files, heading in ((before, "Planned maintenance"), (after, "Now")):
        content = files["index.html"].decode()
        assert re.findall(r"<h2>(Now|Planned maintenance)</h2>", content) == [heading]
        assert content.index(f"<h2>{heading}</h2>") < content.index(name) and content.count(f">{name}<") == 1
    assert "Work has begun." in page_of(after).words
    assert name in page_of(after, "embed.html").words


def test_each_open_incident_says_when_it_is_spoken_of_next():
    content = render(busy_page(), SITE)["index.html"].decode()
    heads = content.split('<header class="post__head">')[1:]
    said = [re.findall(r"<b>(.*?)</b>", head.split("</header>")[0]) for head in heads]
    assert said == [["Next update by 15:44 CET."], ["Next update by 15:54 CET."]]


def test_the_grey_of_days_without_data_is_explained_where_it_is_shown():
    def key(files):
        return re.search(r'<ul class="key".*?</ul>', files["index.html"].decode(), re.DOTALL)[0]

    assert "Not measured" in key(render(busy_page(), SITE))  # one component is younger than 90 days
    assert "Not measured" not in key(render(quiet_page(), SITE))


def test_a_component_that_was_never_measured_invents_no_record():
    page = snapshot(PAGE, COMPONENTS, [], [], NOW)
    content = render(page, SITE)["index.html"].decode()
    assert "available" not in content
    assert 'class="days"' not in content


def test_days_before_a_component_existed_are_shown_as_such():
    content = render(busy_page(), SITE)["index.html"].decode()
    partners = content[content.index("Partner interface") :]
    assert 'class="d-none"' in partners[: partners.index("</svg>", partners.index("viewBox"))]


def test_each_bad_day_says_its_state_and_length():
    page = page_of(render(busy_page(), SITE))
    assert "7 Oct: Partial outage, 1 h 11 min" in page.words
    labels = [str(attributes.get("aria-label")) for tag, attributes in page.tags if tag == "svg"]
    assert any("5 days with a disturbance" in label and "18 Nov: Major outage" in label for label in labels)
    assert any(label == "Timetable and fare search, last 90 days: no disturbance" for label in labels)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_everything_a_visitor_loads_is_under_sixty_kilobytes(language):
    many = [
        Component(f"c{n}", f"Group {n % 6}", f"Component number {n} of a large company", "", n)
        for n in range(40)
    ]
    place = {component.id: n for n, component in enumerate(COMPONENTS)}
    flow = [replace(change, component=f"c{place[change.component] * 4}") for change in changes()]
    started = [StateChange(f"c{n}", "operational", at("08:00", 60 + n)) for n in range(40)]
    files = render(snapshot(PAGE, many, started + flow, posts(), NOW), replace(SITE, languages=(language,)))
    loaded = ("index.html.br", "status.css.br", "age.js.br", "icon.svg")
    assert sum(len(files[name]) for name in loaded) < 60_000
    assert all(len(brotli.compress(content)) < 30_000 for content in html_files(files).values())


def test_a_page_on_which_everything_is_broken_every_day_still_travels_small():
    parts = [Component(f"c{n}", f"Group {n % 6}", f"Component number {n}", "", n) for n in range(60)]
    states = ("major_outage", "partial_outage", "degraded_performance", "under_maintenance")
    flow = [
        StateChange(part.id, states[(day + n) % 4], at("08:00", day))
        for n, part in enumerate(parts)
        for day in range(95)
    ]
    files = render(snapshot(PAGE, parts, flow, posts(), NOW), SITE)
    assert sum(len(files[f"{name}.gz"]) for name in ("index.html", "status.css")) < 60_000


def test_every_link_inside_the_site_leads_to_a_file_of_it():
    settings_ = replace(SITE, languages=("en", "de"))
    files = render(busy_page(), settings_)
    for name, content in html_files(files).items():
        folder = Path("/site", name).parent
        for link in Page(content).links():
            if link.startswith(("https://", "#")):
                continue
            target = Path(re.sub(r"/[^/]+/\.\.", "", str(folder / link)))
            path = str((folder / link).resolve().relative_to("/site")) if target else ""
            path = "" if path == "." else path
            assert path in files or f"{path}/index.html".lstrip("/") in files, f"{name}: {link}"


def test_each_language_has_every_phrase_and_every_phrase_is_used():
    english = set(LANGUAGES["en"].phrases)
    for made in LANGUAGES.values():
        assert set(made.phrases) == english
        assert (len(made.days), len(made.months)) == (7, 12)
        for key, phrase in made.phrases.items():
            assert set(re.findall(r"\{\w+\}", phrase)) == set(
                re.findall(r"\{\w+\}", LANGUAGES["en"].phrases[key])
            ), key
    folder = Path(site.__file__).parent
    sources = [p for p in folder.rglob("*") if p.suffix in (".py", ".html") and p.parent.name != "phrases"]
    source = "".join(p.read_text() for p in sources)
    unused = [
        key for key in english
        if not key.startswith(("state_", "verdict_"))
        and not re.search(rf"\b{re.sub('_(one|many)$', '', key)}\b", source)
    ]  # fmt: skip
    assert not unused


def test_a_page_in_german_is_german_throughout():
    files = render(busy_page(), replace(SITE, languages=("en", "de")))
    german = page_of(files, "index.de.html")
    assert ("html", {"lang": "de"}) in german.tags
    for text in (
        "Jetzt",
        "Ausfall",
        "99,94 % verfügbar",
        "So. 22. November, 02:00 bis 04:00 CET",
        "Nächste Meldung",
    ):
        assert text in german.words
    for english in ("Major outage", "available", "Resolved", "Written", "Affects"):
        assert english not in german.words
    assert "history/index.de.html" in german.links()
    assert (
        page_of(render(quiet_page(), replace(SITE, languages=("de",)))).words.count("Alle Systeme arbeiten.")
        == 1
    )


def test_a_permanent_page_stays_the_same_bytes_until_its_incident_changes():
    first = render(busy_page(), SITE)
    later = render(snapshot(PAGE, COMPONENTS, changes(), posts(), NOW + timedelta(days=40)), SITE)
    for name in (
        "incidents/INC-1031/index.html",
        "incidents/INC-1039/index.html",
        "history/index.html",
        "status.css",
    ):
        assert first[name] == later[name]
    assert first["index.html"] != later["index.html"]
    assert "13 Nov 2026, 10:10 to 10:44 CET, 34 min" in page_of(first, "incidents/INC-1031/index.html").words


def test_the_same_snapshot_gives_the_same_bytes():
    assert render(busy_page(), SITE) == render(busy_page(), SITE)


def test_compressed_twins_unpack_to_the_file():
    files = render(busy_page(), SITE)
    assert {
        "index.html.gz",
        "index.html.br",
        "status.css.br",
        "api/v2/summary.json.gz",
        "history.atom.br",
    } <= set(files)
    for name, content in files.items():
        if name.endswith(".gz"):
            assert gzip.decompress(content) == files[name.removesuffix(".gz")]
        if name.endswith(".br"):
            assert brotli.decompress(content) == files[name.removesuffix(".br")]


def test_a_long_history_is_split_by_year():
    flow = [
        Post(f"p{n}", f"INC-{n}", f"Incident {n}", "resolved", "Over.", at("10:00", n * 4))
        for n in range(1, 151)
    ]
    files = render(snapshot(PAGE, COMPONENTS, [], flow, NOW), SITE)
    first = page_of(files, "history/index.html")
    assert sum(tag == "h3" for tag, _ in first.tags) == 100
    assert {"2026/", "2025/"} <= set(first.links())
    assert "Incident 150" in page_of(files, "history/2025/index.html").words


def test_a_logo_is_a_file_of_the_site():
    files = render(quiet_page(), replace(SITE, logo=b'<?xml version="1.0"?><svg xmlns="x"></svg>'))
    assert 'src="logo.svg"' in files["index.html"].decode()
    assert files["logo.svg"].endswith(b"</svg>")


def test_an_unknown_zone_is_refused_and_not_guessed():
    with pytest.raises(Refused, match="zone"):
        render(replace(quiet_page(), page=replace(PAGE, zone="Europe/Pariss")), SITE)


@given(st.integers(0, 0xFFFFFF))
def test_the_ink_on_the_brands_colour_can_always_be_read(number):
    colour = f"#{number:06x}"

    def luminance(hexadecimal: str) -> float:
        channels = [int(hexadecimal[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    ink = {"#fff": "#ffffff", "#000": "#000000"}[ink_on(colour)]
    lighter, darker = sorted((luminance(ink), luminance(colour)), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_zones_without_letters_and_with_half_hours_are_told():
    moment = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
    assert words("en", "America/Sao_Paulo").clock(moment) == "09:00 UTC-03"
    assert words("en", "Asia/Kolkata").zone_told(moment) == "IST (UTC+5:30)"
    assert words("en", "UTC").zone_told(moment) == "UTC"
    assert words("en", "America/St_Johns").zone_told(moment) == "NDT (UTC-2:30)"


def test_availability_is_never_rounded_up():
    told = words("en", "UTC")
    assert [told.percent(value) for value in (100.0, 99.999, 99.9, 0.0, 95.05)] == [
        "100 %", "99.99 %", "99.9 %", "0 %", "95.05 %",
    ]  # fmt: skip


def test_an_entity_tag_is_of_the_content_and_its_encoding():
    assert etag(b"a") == etag(b"a")
    assert len({etag(b"a"), etag(b"b"), etag(b"a", "gzip"), etag(b"a", "br")}) == 4
    tag = etag(b"a")
    assert matches(tag, tag)
    assert matches(f'"x", W/{tag}', tag)
    assert matches("*", tag)
    assert not matches('"x"', tag)
    assert not matches("", tag)


def test_a_reader_finds_the_other_ways_to_subscribe_in_their_language() -> None:
    files = render(busy_page(), replace(SITE, languages=("en", "de", "ar")))
    for name, language in (("index.html", "en"), ("index.de.html", "de"), ("index.ar.html", "ar")):
        links = page_of(files, name).links()
        assert f"https://desk.corvane.example/subscribe?lang={language}" in links
    without = render(busy_page(), replace(SITE, subscribe_url=""))["index.html"].decode()
    assert "Other ways" not in without
