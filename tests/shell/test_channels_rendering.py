"""Rendering: short texts never tear a letter or lose the link, and mail HTML is inert."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.channels.graphemes import fit, split
from quarterdeck.channels.outcome import Outgoing
from quarterdeck.channels.rendering import facts, html, is_web_link, plain_text

PAGE = Outgoing(
    key="k",
    to="ana@example.com",
    subject="Card payments fail",
    text="Six in ten fail.",
    link="https://quarterdeck.example/ack/abc",
)
WHOLE = ["é", "e\u0301", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪", "👍🏽", "각", "\u1100\u1161\u11a8", "नि", "\r\n", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"]
HOSTILE = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</title><script>alert(1)</script>",
    "' onmouseover='alert(1)", "javascript:alert(1)", "https://a.example/\"onclick=alert(1)", "<!--", "]]>",
    "https://a.example/<script>", "&lt;script&gt;", "</style><svg onload=alert(1)>", "data:text/html,<b>x",
]  # fmt: skip
ALLOWED = {
    "html": {"lang"}, "head": set(), "meta": {"charset", "name", "content"}, "title": set(), "style": set(),
    "body": {"style"}, "main": {"style"}, "h1": {"style"}, "p": {"style"}, "dl": {"style"}, "dt": {"style"},
    "dd": {"style"}, "a": {"href", "style"},
}  # fmt: skip


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words += data


@pytest.mark.parametrize("whole", WHOLE)
def test_a_letter_of_several_characters_is_one(whole):
    assert split(f"a{whole}b") == ["a", whole, "b"]


def test_flags_are_counted_in_pairs():
    assert split("🇩🇪🇫🇷🇯🇵") == ["🇩🇪", "🇫🇷", "🇯🇵"]


@given(
    st.lists(st.sampled_from([*WHOLE, "a", " ", "ß", "中"]), max_size=40), st.integers(0, 60), st.booleans()
)
def test_a_cut_text_is_whole_letters_within_the_limit(parts, limit, in_bytes):
    text = "".join(parts)
    cut = fit(text, limit, in_bytes=in_bytes)
    assert (len(cut.encode()) if in_bytes else len(cut)) <= limit
    if cut != text and cut:
        assert cut.endswith("…")
        kept = split(cut.removesuffix("…"))
        assert kept == split(text)[: len(kept)]


def test_a_callout_names_its_facts_in_order_and_keeps_others_behind():
    page = replace(PAGE, facts=(("Why you", "on call"), ("impact", "all"), ("Service", "checkout")))
    assert facts(page) == (
        ("Service", "checkout"), ("Severity", "unknown"), ("Symptom", "unknown"), ("Impact", "all"),
        ("Also called", "unknown"), ("Why you", "on call"), ("Unknown", "Runbook, Graphs, Chat, Call"),
    )  # fmt: skip
    message = replace(page, kind="message", facts=(("Next update", "15:44"), ("Empty", "")))
    assert facts(message) == (("Next update", "15:44"),)


@pytest.mark.parametrize("nasty", HOSTILE)
def test_mail_html_is_inert_whatever_the_texts_say(nasty):
    page = replace(
        PAGE, subject=nasty, text=f"{nasty}\n\n{nasty}", link=nasty, link_label=nasty, recipient_name=nasty,
        facts=(("Service", nasty), (nasty, nasty)), data={"unsubscribe_url": nasty},
    )  # fmt: skip
    for outgoing in (page, replace(page, kind="message")):
        tags = Tags(html(outgoing))
        for tag, attributes in tags.found:
            assert set(attributes) <= ALLOWED[tag]
            assert attributes.get("href", "https://").startswith(("https://", "http://"))
        assert nasty in tags.words


def test_mail_html_has_a_big_button_and_fits_both_themes():
    page = html(PAGE)
    assert re.search(r'<a href="https://quarterdeck.example/ack/abc" style="[^"]*padding:16px', page)
    assert 'name="color-scheme" content="light dark"' in page
    assert "<table" not in page
    assert "<img" not in page


def test_a_drill_says_so_everywhere():
    drill = replace(PAGE, drill=True)
    for text in (plain_text(drill), html(drill)):
        assert "DRILL" in text


@pytest.mark.parametrize(
    ("url", "is_link"),
    [
        ("https://a.example/x", True),
        ("http://a.example", True),
        ("javascript:alert(1)", False),
        ("https://a.example/ x", False),
        ('https://a.example/"x', False),
        ("//a.example", False),
        ("", False),
    ],
)
def test_only_plain_web_addresses_become_links(url, is_link):
    assert is_web_link(url) is is_link


def test_a_full_stop_after_a_link_is_not_part_of_it():
    page = html(replace(PAGE, text="See https://a.example/x. Or (https://b.example/y)."))
    assert 'href="https://a.example/x"' in page
    assert 'href="https://b.example/y"' in page
