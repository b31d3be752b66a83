"""The published page against hostile texts and settings: nothing in it can do anything."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from xml.etree import ElementTree as Xml

import feedparser
import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quarterdeck.channels.status_site import SiteSettings, render
from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.status import Component, Post, StateChange, StatusPage, snapshot
from quarterdeck.core.status.metrics import Metric, fold, single
from support.budgets import examples
from support.html_page import Page, html_files
from support.status_sample import COMPONENTS, NOW, PAGE, URL, at, busy_page, quiet_page

SITE = SiteSettings(URL, subscribe_url="https://desk.corvane.example/subscribe")
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
TAGS = {
    "html": {"lang", "dir"}, "head": set(), "title": set(), "meta": {"charset", "name", "content", "http-equiv", "property"},
    "link": {"rel", "href", "type", "title"}, "body": set(), "div": {"class", "lang", "dir"}, "header": {"class"},
    "script": {"src", "defer"}, "figure": set(), "figcaption": set(), "table": set(), "thead": set(), "tbody": set(),
    "tr": set(), "th": {"scope"}, "td": set(), "main": {"id", "class"}, "footer": {"class"}, "nav": {"class", "aria-label"}, "section": {"class", "aria-labelledby"},
    "article": {"class", "aria-labelledby"}, "h1": {"id", "lang", "dir"}, "h2": {"id"}, "h3": {"id"},
    "p": {"class", "id", "role", "hidden", "data-at", "data-fresh-for", "data-says"},
    "a": {"href", "class", "rel", "hreflang", "lang", "dir", "aria-current", "target"}, "b": {"dir"}, "bdi": set(), "small": set(), "strong": set(),
    "em": set(), "s": set(), "br": set(), "ul": {"class", "aria-label"}, "ol": {"class"}, "li": set(), "code": set(),
    "pre": set(), "blockquote": set(), "span": {"class", "aria-hidden", "id"}, "time": {"datetime", "title"},
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


def hostile_page(text: str):
    """A page on which every text from outside is `text`."""
    other = {"ar": (text, text), "de": (text, "")}
    parts = [
        Component("c1", text, text, text, 1, names={"ar": text}),
        Component("c2", "", text, text, 2, "c1", ("c1",)),
    ]
    flow = [
        Post("p1", "INC-1", text, "investigating", text, at("10:00"), components={"c1": "major_outage"}, words=other),
        Post("p1-c", "INC-1", "", "investigating", text, at("10:05"), kind="correction", corrects="p1", language="fr"),
        Post("p2", "INC-2", text, "resolved", text, at("09:00", 3), language="ja", retroactive=True),
        Post("p3", "INC-3", text, "postmortem", text, at("09:00", 4), kind="summary"),
        Post("p4", "MNT-1", text, "scheduled", text, at("09:00"), impact="maintenance",
             scheduled_for=at("01:00", -2), scheduled_until=at("03:00", -2)),
        Post("p5", "MNT-2", text, "cancelled", text, at("09:00"), impact="maintenance",
             scheduled_for=at("01:00", -2), scheduled_until=at("03:00", -2)),
    ]  # fmt: skip
    history = [
        StateChange("c1", "operational", at("08:00", 99)),
        StateChange("c1", "major_outage", at("10:00")),
    ]
    page = StatusPage("p", text, "Europe/Berlin", description=text, support_url=text)
    metric = fold(
        Metric("m", text, text[:20], (("ar", text),)), [single(at("10:00"), 3.5), single(at("11:00"), 4)], NOW
    )
    return snapshot(page, parts, history, flow, NOW, metrics=[metric])


def hostile_site(text: str) -> SiteSettings:
    """Settings in whose texts of the operator is `text` too."""
    return replace(SITE, languages=("en", "ar"), header_text=text, footer_text=text)


def test_pages_need_no_script_and_carry_no_inline_style():
    for content in html_files(render(busy_page(), replace(SITE, logo=PNG))).values():
        tags = Page(content).tags
        assert not {tag for tag, _ in tags} & {"style", "iframe", "object"}
        scripts = [(a["src"].partition("?")[0].removeprefix("../"), set(a)) for t, a in tags if t == "script"]
        assert scripts in ([], [("age.js", {"src", "defer"})])
        assert not [
            attributes
            for _, attributes in tags
            if any(a == "style" or a.startswith("on") for a in attributes)
        ]
        policy = next(a["content"] for t, a in tags if a.get("http-equiv") == "Content-Security-Policy")
        assert str(policy).startswith(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action "
        )
        assert not any(a.get("http-equiv") == "refresh" for _, a in tags)


@pytest.mark.parametrize("nasty", HOSTILE)
def test_no_text_can_do_anything_on_any_page(nasty):
    for name, content in html_files(render(hostile_page(nasty), hostile_site(nasty))).items():
        for tag, attributes in Page(content).tags:
            assert tag in TAGS, f"{name}: {tag}"
            assert set(attributes) <= TAGS[tag], f"{name}: {tag} {attributes}"
            if tag == "script":
                assert re.fullmatch(r"(\.\./)*age\.js\?v=[0-9a-f]{12}", str(attributes["src"]))
            for attribute in ("href", "src", "action"):
                target = str(attributes.get(attribute, "")).strip().lower()
                assert re.match(r"^(https://|http://|mailto:|\./|\.\./|#|[a-z0-9./?=-]*$)", target), target
                assert not target.startswith("//")


@pytest.mark.parametrize("nasty", HOSTILE)
def test_no_text_can_do_anything_in_a_feed_a_badge_a_calendar_or_figures(nasty):
    files = render(hostile_page(nasty), hostile_site(nasty))
    for name in ("feed.atom", "history.atom", "history.rss"):
        read = feedparser.parse(files[name], sanitize_html=False)
        assert not read.bozo
        for entry in read.entries:
            told = entry.get("content", [{"value": entry.get("summary", "")}])[0]["value"]
            assert {tag for tag, _ in Page(told.encode()).tags} <= set(TAGS)
    items = json.loads(files["feed.json"])["items"]
    assert len(items) == 5
    for item in items:
        for tag, attributes in Page(item["content_html"].encode("utf-8", "replace")).tags:
            assert set(attributes) <= TAGS[tag]
    for name in ("feed.json", "metrics.json", "api/v2/summary.json"):
        assert not set(files[name].decode()) & set("<>&\u2028")
    for name in ("badge.svg", "badges/c1.svg", "badges/c2.svg"):
        drawn = {node.tag.partition("}")[2] for node in Xml.fromstring(files[name]).iter()}
        assert drawn <= {"svg", "title", "rect", "path", "g", "text"}
    events = list(icalendar.Calendar.from_ical(files["maintenance.ics"]).walk("VEVENT"))
    assert {str(e["uid"]).partition("@")[0] for e in events} == {"MNT-1", "MNT-2"}
    assert {key for e in events for key in e} <= {
        "UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "URL", "STATUS", "TRANSP",
    }  # fmt: skip
    lines = files["metrics.txt"].decode().splitlines()
    assert all(re.fullmatch(r"#.*|\w+\{(\w+=\"([^\"\\]|\\.)*\",?)+\} \d+", line) for line in lines)
    assert files["preview.png"].startswith(b"\x89PNG")


def test_links_in_posts_give_nothing_away():
    page = hostile_page("[x](https://evil.example) and https://evil.example")
    tags = Page(render(page, SITE)["index.html"]).tags
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


@pytest.mark.parametrize("ref", ["../../etc", "INC 1", "", "a/b", "ü", "x" * 65, ".hidden"])
def test_a_ref_that_would_leave_its_folder_is_refused(ref):
    flow = [Post("p", ref, "t", "resolved", "b", at("10:00"))]
    with pytest.raises(Refused, match="address"):
        render(snapshot(PAGE, COMPONENTS, [], flow, NOW), SITE)


@settings(max_examples=examples(20))
@given(st.text(max_size=200))
def test_any_text_makes_a_page_of_known_elements(text):
    for content in html_files(render(hostile_page(text), hostile_site(text))).values():
        assert {tag for tag, _ in Page(content).tags} <= set(TAGS)
