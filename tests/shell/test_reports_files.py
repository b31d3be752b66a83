"""A report as Markdown and as PDF: every section, the right incident, and what people wrote as nothing but text."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from pathlib import Path

import nh3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from pypdf import PdfReader

from quarterdeck.app import reports
from quarterdeck.app.reports.fonts import fonts
from quarterdeck.app.reports.markdown import escape, lines
from quarterdeck.core.incidents.events import (
    ActionItemAdded,
    CheckPassed,
    CheckPlanned,
    ClockReset,
    ClockStarted,
    DecisionMade,
    EntryCorrected,
    EntryWritten,
    FactsSet,
    ImpactSet,
    MessageDrafted,
    MessageSent,
    PageUpdatePosted,
    PhaseChanged,
    Resolved,
    ReviewEdited,
    ReviewOpened,
    TaskDone,
    TaskGiven,
    TitleSet,
)
from quarterdeck.core.reviews import PARTS, AlertMoments, Words, document, report
from support.incident_case import ANA, BEN, START, TEMPLATE, declared, name

GOLDEN = Path(__file__).with_name("test_reports_golden.md")
MINUTE = timedelta(minutes=1)
READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
CORPUS = (
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "</para><b>bold</b> & &amp; &lt; &#60;",
    "[click](javascript:alert(1)) ![x](http://evil.example/x.png) <http://evil.example>",
    "# Heading\n## Action items\n---\n***\n===",
    "> quote\n- list\n+ list\n1. first\n2) second",
    "| a | b |\n| --- | --- |\n| 1 | 2 |",
    "```\ncode\n```\n~~~\n    indented\n\ttab",
    "*bold* **bold** _it_ __it__ ~~gone~~ `code` \\*not\\* $x$ ^1",
    "[ref]: http://evil.example\n[ref]",
    "%s %d {0} {{ title }} {% load x %} ${x} %n",
    "=1+1 @SUM(A1) +cmd|' /C calc'!A0",
    "Wiśniewski Žluťoučký Ñandú ﬁ ½ € „quoted“ … – →",
    "Проверка Ελληνικά 日本語 한국어 简体中文 עברית العربية हिन्दी ไทย",
    "🔥👩‍🚒🏳️‍🌈 e\u0301 \u200b\u2028 \ufeff",
    "A" * 1_500,
    "word " * 600,
    "line\n" * 90,
    " \n\n \t\n",
    "\\",
    "*",
)


def everything(*, text=lambda n, plain: plain):
    """An incident that has something in every section; `text` may replace what people wrote."""
    case = declared(ANA, summary=text(1, "Cards are refused."))
    if text(0, "") != "":
        case.record(ANA, [TitleSet(text(0, ""))])
    case.record("engine", [ClockStarted("customers_all", 1800, case.now + 30 * MINUTE)])
    case.give_role("sme", BEN)
    case.pass_time(minutes=8)
    case.record(ANA, [PhaseChanged("triage", "investigating", text(2, "Severity agreed"))])
    case.record(ANA, [ImpactSet({"customers": "high"}, text(3, "About 900 shops"), text(4, "counted"))])
    case.record(BEN, [EntryWritten("e-1", "finding", text(5, "Pool is full"), happened_at=START + MINUTE)])
    case.record(BEN, [EntryCorrected("e-2", "e-1", text(6, "Pool is empty"), text(7, "a slip"))])
    case.record(
        ANA,
        [
            DecisionMade(
                "d-1",
                text(8, "How?"),
                (text(9, "Roll back"), "Wait"),
                text(10, "Roll back"),
                text(11, "Faster"),
                text(12, "Cho: new data"),
            )
        ],
    )
    case.record(ANA, [TaskGiven("t-1", text(13, "Roll back 4.2"), "ben", 20)])
    case.pass_time(minutes=14)
    case.record(BEN, [TaskDone("t-1", text(14, "12 of 12 hosts"), "Roll back 4.2")])
    case.record(
        ANA,
        [
            MessageDrafted(
                "m-1",
                "customers_all",
                "investigating",
                text(15, "Payments fail"),
                text(16, "We roll back."),
                "Some cards are refused.",
            )
        ],
    )
    case.record(ANA, [PageUpdatePosted("u-1", "m-1", "shop", "investigating", text(17, "Payments fail"))])
    case.record(
        "engine",
        [
            MessageSent("m-1", 412, 1, "customers_all", "Payments fail"),
            ClockReset("customers_all", case.now + 30 * MINUTE),
        ],
    )
    case.record(
        ANA, [FactsSet(cause=text(18, "A limit of 20 connections"), workaround=text(19, "Pay by invoice"))]
    )
    case.record(BEN, [CheckPlanned("c-1", text(20, "eu-west")), CheckPassed("c-1", text(21, "20 payments"))])
    case.pass_time(minutes=20)
    case.record(ANA, [Resolved("fixed", case.now, text(22, "Rolled back and watched"))])
    case.record("engine", [ReviewOpened("r-1", "ana", "2026-11-27", "SEV2 asks for a review")])
    for n, part in enumerate(PARTS, 23):
        case.record(ANA, [ReviewEdited(part.key, text(n, f"{part.title}: what we found."))])
    case.record(ANA, [ActionItemAdded("i-1", text(40, "Alarm on the pool"), "ben", "2026-12-04", "detect")])
    case.pass_time(hours=1)
    alert = AlertMoments(
        "al-1", text(41, "5xx above 10 %"), START - 4 * MINUTE, START - MINUTE, "Ben Okonkwo", case.now
    )
    return report(case.incident, TEMPLATE, case.log, Words(names=name, titles=words_of), case.now, [alert])


def words_of(key):
    return {"customers_all": "All customers", "commander": "Commander", "sme": "Expert"}.get(
        key, f"SEV{key}" if key.isdigit() else key.replace("_", " ")
    )


def text_of(pdf):
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def squeezed(text):
    return "".join(text.split())


@pytest.mark.requirement("R-077")
def test_the_markdown_is_the_golden_file():
    assert reports.markdown(everything()) == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.requirement("R-077")
def test_the_pdf_has_every_section_of_the_right_incident():
    made = everything()
    pdf = reports.pdf(made)
    told = squeezed(text_of(pdf))
    assert pdf.startswith(b"%PDF-")
    assert "INC-1042Checkoutisdown" in told
    at = 0
    for section in document(made).sections:
        at = told.find(squeezed(section.title), at)
        assert at >= 0, section.title
    for piece in (
        "A limit of 20 connections",
        "412 recipients",
        "Alarm on the pool",
        "Cho: new data",
        "Replaces: Pool is full",
    ):
        assert squeezed(piece) in told, piece
    assert PdfReader(io.BytesIO(pdf)).metadata.title == "INC-1042 Checkout is down"


def test_nothing_recorded_is_said_in_every_empty_section():
    case = declared(ANA)
    made = report(case.incident, TEMPLATE, case.log, Words(names=name), case.now)
    assert reports.markdown(made).count("*Nothing was recorded.*") == text_of(reports.pdf(made)).count(
        "Nothing was recorded."
    )


@pytest.mark.parametrize("hostile", CORPUS, ids=range(len(CORPUS)))
def test_what_people_wrote_breaks_neither_format(hostile):
    made = everything(text=lambda n, plain: hostile)
    plain = document(everything())
    html = READER.render(reports.markdown(made))
    assert [re.sub("<.*?>", "", h) for h in re.findall(r"<h[23]>.*?</h[23]>", html)] == headings(plain)
    assert not re.search(r"<(?!/?(?:h[123]|p|ul|li|strong|em|br|table|thead|tbody|tr|th|td)\b)", html)
    told = text_of(reports.pdf(made))
    for title in ("Action items", "Timeline", "Strategic view"):
        assert title in told


def headings(laid_out):
    found, group = [], ""
    for section in laid_out.sections:
        if section.group and section.group != group:
            group = section.group
            found.append(group)
        found.append(section.title)
    return found


def shown(markdown):
    """The text a reader of rendered Markdown sees, on one line."""
    html = READER.render(f"- when {markdown}")
    assert not re.search(r"<(?!/?(?:ul|li|p|br)\b)", html), html
    bare = nh3.clean(html, tags=set())
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&nbsp;", "\xa0"), ("&amp;", "&")):
        bare = bare.replace(entity, sign)
    return bare.split()


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=60))
def test_escaped_text_reads_as_it_was_written(text):
    assert shown(escape(text)) == ["when", *text.split()]


@given(st.text("ab1.)-+*_#>=~`|[]()!<&;\\\n \t", max_size=60))
def test_lines_of_any_marks_read_as_they_were_written(text):
    assert shown(lines(text, "  ")) == ["when", *text.split()]


def test_single_line_ends_stay_and_paragraphs_stay():
    html = READER.render(lines("one\ntwo\n\nthree"))
    assert html == "<p>one<br />\ntwo</p>\n<p>three</p>\n"


def test_an_address_stays_whole():
    assert escape("https://graphs.example/d/a_b-c?x=1&y=2") == "https://graphs.example/d/a_b-c?x=1&y=2"


def test_a_long_timeline_flows_over_numbered_pages():
    case = declared(ANA)
    for n in range(500):
        case.pass_time(seconds=20)
        case.record(
            ANA, [EntryWritten(f"e-{n}", "note", f"Entry number {n}: the queue is at {n * 37} messages.")]
        )
    pdf = reports.pdf(report(case.incident, TEMPLATE, case.log, Words(names=name), case.now))
    pages = PdfReader(io.BytesIO(pdf)).pages
    assert len(pages) > 8
    for number, page in enumerate(pages, 1):
        assert f"Page {number}" in page.extract_text()
    told = text_of(pdf)
    assert "Entry number 0:" in told and "Entry number 499:" in told


def test_a_drill_is_marked_on_every_page():
    case = declared(ANA, drill=True)
    for n in range(60):
        case.record(ANA, [EntryWritten(f"e-{n}", "note", "Line\nline\nline")])
    made = report(case.incident, TEMPLATE, case.log, Words(names=name), case.now)
    pages = PdfReader(io.BytesIO(reports.pdf(made))).pages
    assert len(pages) > 1
    assert all("DRILL" in page.extract_text() for page in pages)
    assert reports.markdown(made).startswith("# \\[DRILL\\] INC-1042")


def test_what_no_font_has_is_spelt_out_and_named():
    case = declared(ANA, title="Fire \U0001f525 \U00013000")
    told = text_of(reports.pdf(report(case.incident, TEMPLATE, case.log, Words(names=name), case.now)))
    assert "[U+13000]" in told
    assert "No font here has these characters" in told


def test_text_is_drawn_in_the_first_face_that_has_it():
    paper = fonts()
    first = paper.regular[0].name
    markup = paper.markup("a < b & 日本")
    assert markup.startswith("a &lt; b &amp; ")
    assert f'<font name="{first}">' not in markup
    assert paper.missing == set()
