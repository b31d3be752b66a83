"""The published page as HTML: what it says, that it stays small, and that no text can do anything."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import quarterdeck.channels.status_site as site
from quarterdeck.channels.status_site import SiteSettings, etag, matches, render
from quarterdeck.channels.status_site.phrases import LANGUAGES
from quarterdeck.channels.status_site.site import readable_on
from quarterdeck.channels.status_site.words import words
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.status import Component, Post, StateChange, StatusPage, snapshot
from support.status_sample import COMPONENTS, NOW, PAGE, URL, at, busy_page, changes, posts, quiet_page

SITE = SiteSettings(URL, subscribe_url="https://desk.corvane.example/subscribe")
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
TAGS = {
    "html": {"lang"}, "head": set(), "title": set(), "meta": {"charset", "name", "content", "http-equiv"},
    "link": {"rel", "href", "type", "title"}, "body": set(), "div": {"class"}, "header": {"class"},
    "main": {"id"}, "footer": {"class"}, "nav": {"class", "aria-label"}, "section": {"class", "aria-labelledby"},
    "article": {"class", "aria-labelledby"}, "h1": {"id"}, "h2": {"id"}, "h3": {"id"}, "p": {"class", "id"},
    "a": {"href", "class", "rel", "hreflang", "lang", "aria-current"}, "b": set(), "small": set(), "strong": set(),
    "em": set(), "s": set(), "br": set(), "ul": {"class", "aria-label"}, "ol": {"class"}, "li": set(), "code": set(),
    "pre": set(), "blockquote": set(), "span": {"class", "aria-hidden"}, "time": {"datetime", "title"},
    "details": {"class", "open"}, "summary": set(), "form": {"method", "action"}, "label": {"for"},
    "input": {"class", "id", "type", "name", "value", "autocomplete", "required", "aria-describedby"},
    "button": {"class"}, "img": {"src", "alt", "height"}, "defs": set(), "symbol": {"id", "viewbox"},
    "svg": {"class", "aria-hidden", "aria-label", "width", "height", "role", "viewbox", "preserveaspectratio"},
    "path": {"d", "id", "class", "fill"}, "circle": {"cx", "cy", "r"}, "use": {"href", "class"},
}  # fmt: skip
HOSTILE = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</title><script>alert(1)</script>",
    "' onmouseover='alert(1)", "</style><svg onload=alert(1)>", "<!--", "]]><x/>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "[click](javascript:alert(1))", "[click](JaVaScRiPt:alert(1))", "[c](data:text/html;base64,PHNjcmlwdD4=)",
    "[c](vbscript:x)", "<javascript:alert(1)>", "![x](https://evil.example/track.png)", "[c](//evil.example)",
    '[c](https://a.example "onmouseover=alert(1)")', "<a href=https://a.example onclick=alert(1)>x</a>",
    "`<img src=x onerror=alert(1)>`", "```\n</code></pre><script>alert(1)</script>\n```", "{{ settings }}{% debug %}",
    "<iframe src=https://evil.example>", "<base href=https://evil.example>", "\u202egnp.exe", "a\x00b\x0bc\ufffe",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>", "<details open ontoggle=alert(1)>",
]  # fmt: skip


class Page(HTMLParser):
    """The tags and words of a page."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(content.decode())

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words += data

    def links(self) -> list[str]:
        return [str(attributes["href"]) for tag, attributes in self.tags if tag == "a"]


def page_of(files: dict[str, bytes], name: str = "index.html") -> Page:
    return Page(files[name])


def html_files(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if name.endswith(".html")}


def hostile_page(text: str):
    """A page on which every text from outside is `text`."""
    parts = [Component("c1", text, text, text, 1), Component("c2", "", text, text, 2)]
    flow = [
        Post("p1", "INC-1", text, "investigating", text, at("10:00"), components={"c1": "major_outage"}),
        Post("p2", "INC-2", text, "resolved", text, at("09:00", 3)),
        Post("p3", "INC-3", text, "postmortem", text, at("09:00", 4)),
        Post("p4", "MNT-1", text, "scheduled", text, at("09:00"), impact="maintenance",
             scheduled_for=at("01:00", -2), scheduled_until=at("03:00", -2)),
    ]  # fmt: skip
    history = [
        StateChange("c1", "operational", at("08:00", 99)),
        StateChange("c1", "major_outage", at("10:00")),
    ]
    page = StatusPage("p", text, "Europe/Berlin", description=text, support_url=text)
    return snapshot(page, parts, history, flow, NOW)


def test_the_start_page_says_what_is_wrong_and_when_it_speaks_next():
    words_said = page_of(render(busy_page(), SITE)).words
    assert (
        "Card payments failing at checkout; Gate scanners at two Greek ports use offline lists." in words_said
    )
    assert "Written 18 Nov 2026, 15:28 CET." in words_said
    assert "Next update by 15:44 CET." in words_said
    assert "1 earlier update" in words_said
    assert "Sun 22 November, 02:00 to 04:00 CET" in words_said
    assert "Resolved after 1 h 12 min." in words_said


def test_a_quiet_page_says_so_and_shows_what_will_appear():
    words_said = page_of(render(quiet_page(), SiteSettings(URL))).words
    assert "All systems are operational." in words_said
    assert "No incident in the last 90 days." in words_said
    assert "100 % available" in words_said


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
    assert sum(len(files[name]) for name in ("index.html", "status.css", "icon.svg")) < 60_000
    assert all(len(content) < 60_000 for content in html_files(files).values())


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


def test_pages_need_no_script_and_carry_no_inline_style():
    for name, content in html_files(render(busy_page(), replace(SITE, logo=PNG))).items():
        tags = page_of({name: content}, name).tags
        assert not {tag for tag, _ in tags} & {"script", "style", "iframe", "object"}
        assert not [
            attributes
            for _, attributes in tags
            if any(a == "style" or a.startswith("on") for a in attributes)
        ]
        policy = next(a["content"] for t, a in tags if a.get("http-equiv") == "Content-Security-Policy")
        assert str(policy).startswith("default-src 'none'; style-src 'self'; img-src 'self'; form-action ")
        assert not any(a.get("http-equiv") == "refresh" for _, a in tags)


@pytest.mark.parametrize("nasty", HOSTILE)
def test_no_text_can_do_anything_on_any_page(nasty):
    for name, content in html_files(render(hostile_page(nasty), SITE)).items():
        for tag, attributes in Page(content).tags:
            assert tag in TAGS, f"{name}: {tag}"
            assert set(attributes) <= TAGS[tag], f"{name}: {tag} {attributes}"
            for attribute in ("href", "src", "action"):
                target = str(attributes.get(attribute, "")).strip().lower()
                assert re.match(r"^(https://|http://|mailto:|\./|\.\./|#|[a-z0-9./?=-]*$)", target), target
                assert not target.startswith("//")


def test_links_in_posts_give_nothing_away():
    page = hostile_page("[x](https://evil.example) and https://evil.example")
    tags = page_of(render(page, SITE)).tags
    outside = [a for tag, a in tags if tag == "a" and str(a.get("href")).startswith("https://evil.example")]
    assert outside
    assert all(a["rel"] == "noopener nofollow" for a in outside)


def test_markdown_keeps_emphasis_lists_and_code():
    body = "**Bold** and *soft*.\n\n- one\n- two\n\n`code`\n\n# no heading\n\n---"
    page = hostile_page(body)
    content = render(page, SITE)["incidents/INC-1/index.html"].decode()
    for part in (
        "<strong>Bold</strong>",
        "<em>soft</em>",
        "<li>one</li>",
        "<code>code</code>",
        "# no heading",
    ):
        assert part in content
    assert content.count("<h1") == 1


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
    folder = Path(site.__file__).parent
    sources = [p for p in folder.rglob("*") if p.suffix in (".py", ".html") and p.name != "phrases.py"]
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


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": ""}, {"url": "javascript:alert(1)"}, {"home_url": "javascript:alert(1)"}, {"subscribe_url": "//x"},
        {"accent": "red;}*{display:none"}, {"accent": "#12345g"}, {"accent": "#123456\n"}, {"languages": ()},
        {"languages": ("xx",)},
    ],
)  # fmt: skip
def test_settings_that_could_break_the_page_are_refused(wrong):
    with pytest.raises(Refused):
        replace(SITE, **wrong)


@pytest.mark.parametrize(
    "logo", [b"GIF89a", b"<html><script>", b"%PDF", PNG + b"\0" * 70_000, b"RIFF0000AVI "]
)
def test_a_logo_that_is_no_picture_is_refused(logo):
    with pytest.raises(Refused, match="logo"):
        render(quiet_page(), replace(SITE, logo=logo))


def test_a_logo_is_a_file_of_the_site():
    files = render(quiet_page(), replace(SITE, logo=b'<?xml version="1.0"?><svg xmlns="x"></svg>'))
    assert 'src="logo.svg"' in files["index.html"].decode()
    assert files["logo.svg"].endswith(b"</svg>")


@pytest.mark.parametrize("ref", ["../../etc", "INC 1", "", "a/b", "ü", "x" * 65, ".hidden"])
def test_a_ref_that_would_leave_its_folder_is_refused(ref):
    flow = [Post("p", ref, "t", "resolved", "b", at("10:00"))]
    with pytest.raises(Refused, match="address"):
        render(snapshot(PAGE, COMPONENTS, [], flow, NOW), SITE)


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

    ink = {"#fff": "#ffffff", "#000": "#000000"}[readable_on(colour)]
    lighter, darker = sorted((luminance(ink), luminance(colour)), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


@settings(max_examples=60)
@given(st.text(max_size=200))
def test_any_text_makes_a_page_of_known_elements(text):
    for content in html_files(render(hostile_page(text), SITE)).values():
        assert {tag for tag, _ in Page(content).tags} <= set(TAGS)


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
