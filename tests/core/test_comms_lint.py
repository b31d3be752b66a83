"""The linter of messages: what must not reach readers outside is found where it stands, and ordinary words are not."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.comms.finding import FIELDS, Known, Reader, Text
from quarterdeck.core.comms.lint import errors, lint
from quarterdeck.core.comms.rules.wording import grade_of
from quarterdeck.core.comms.sms import segments

START = datetime(2026, 11, 22, 14, 2, tzinfo=UTC)
CUSTOMERS = Reader("customers_all", "All customers", outside=True, grade=10)
EXECUTIVES = Reader("executives", "Executives", outside=False)
RESPONDERS = Reader("responders", "Responders", outside=False, technical=True)
KNOWN = Known(
    people=("Ana Ferreira", "Ben Okonkwo", "Will May"),
    hosts=("payline7",),
    plain={"failover": "switch to the spare system"},
    customers_affected="about 1,200",
    started_at=START,
)
TEXT = Text(
    "customers_all", "Card payments fail", "Payments by card fail for some of you.", "We are adding capacity.", "",
    START + timedelta(hours=1), status_word="identified",
)  # fmt: skip


def found(
    said: str, reader: Reader = CUSTOMERS, known: Known = KNOWN, field: str = "action"
) -> dict[str, str]:
    """Code -> level of what is said about these words."""
    text = replace(TEXT, **{field: said})
    return {f.code: f.level for f in lint(text, reader, known)}


@pytest.mark.parametrize(
    "words",
    [
        "db-prod-03", "db-1.internal", "web01", "PROD-DB-1", "checkout-db-3.prod.example.com", "srv-app01.corp.example.com",
        "kafka-2", "eu-west-redis-1", "payments.example.com:5432", "localhost:8080", "payline7", "node4.dc1.example.net",
    ],
)  # fmt: skip
def test_the_name_of_a_machine_is_an_error_outside_and_fine_for_the_team(words):
    said = f"We restart {words} now."
    assert found(said).get("host") == "error"
    assert found(said, EXECUTIVES).get("host") == "warning"
    assert "host" not in found(said, RESPONDERS)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("address", "10.2.3.4"), ("address", "fe80::1ff:fe23:4567:890a"), ("path", "/var/log/pay/error.log"),
        ("trace", "Traceback (most recent call last)"), ("trace", "java.lang.NullPointerException: x"),
        ("trace", "at com.shop.Pay.charge(Pay.java:120)"), ("trace", "SIGSEGV"), ("trace", 'File "pay.py", line 12'),
        ("secret", "password=hunter22"), ("name", "Ben Okonkwo"), ("bidi", "pay\u202ement"), ("look_alike", "p\u0430yment"),
    ],
)  # fmt: skip
def test_what_belongs_inside_is_an_error_at_its_place(code, words):
    said = f"We look at {words} again."
    hits = [f for f in lint(replace(TEXT, action=said), CUSTOMERS, KNOWN) if f.code == code]
    assert hits and hits[0].level == "error" and hits[0].suggestion
    assert said[hits[0].start : hits[0].end] in said[len("We look at ") :]
    assert hits[0].field == "action"


@pytest.mark.requirement("R-213")
@pytest.mark.parametrize(
    "said",
    [
        "It is expected to be fixed in 10 min.", "expected to be fixed in 10 min", "We will have this resolved by 15:30.",
        "Service should be back within an hour.", "A fix is expected by noon.", "ETA 20 minutes.",
        "We expect to restore payments by end of day.", "Fixed in about 30 minutes.", "It’ll be back up in 2 hours.",
    ],
)  # fmt: skip
def test_a_promised_time_of_repair_is_an_error(said):
    assert found(said).get("promise") == "error"


@pytest.mark.parametrize(
    "said",
    [
        "Next update by 15:10 UTC.", "It was resolved at 15:24 and lasted 42 min.", "We will post an update within 30 minutes.",
        "Payments have been restored within 20 minutes.", "We found the cause and are repairing it.",
        "You can pay by bank transfer until then. See https://status.example.com or write to support@example.com.",
        "Version 2.1 of our app is not affected; 4 in 10 payments still fail.", "Please try again at 10:30 or later.",
        "We may restart payments. Opening hours are 9 am to 5 pm.", "Your data in EU region 2 is safe.",
    ],
)  # fmt: skip
def test_ordinary_words_are_no_errors(said):
    text = replace(TEXT, action="We are on it.", body=said)
    known = replace(KNOWN, is_over=True)
    assert not errors(lint(text, CUSTOMERS, known))


@pytest.mark.requirement("R-144")
def test_jargon_and_a_missing_effect_are_flagged_and_the_reader_comes_first():
    assert found("We prepare the failover.")["jargon"] == "warning"
    assert found(" ", field="customer_effect")["impact.missing"] == "error"
    assert found("We broke payments.", field="customer_effect")["impact.first"] == "warning"
    assert not {"jargon", "impact.missing", "impact.first"} & found("We add capacity.").keys()


def test_the_next_time_is_said_unless_it_is_the_last():
    silent = replace(TEXT, next_update_at=None)
    assert "next_update.missing" in {f.code for f in lint(silent, CUSTOMERS, KNOWN)}
    assert "next_update.missing" not in {f.code for f in lint(replace(silent, final=True), CUSTOMERS, KNOWN)}


def test_audiences_are_told_the_same_numbers_states_and_times():
    other = replace(
        TEXT, audience="executives", body="Since 14:02, 30% of payments fail.", status_word="identified"
    )
    known = replace(KNOWN, others=(other,))
    same = found("About 1200 customers are affected since 14:02; 30 % of orders.", known=known, field="body")
    assert not {"numbers", "times", "state"} & same.keys()
    assert found("3,000 customers are affected.", known=known)["numbers"] == "warning"
    assert found("50% of payments fail.", known=known)["numbers"] == "warning"
    assert found("It fails since 13:40.", known=known)["times"] == "warning"
    assert found("It is fixed.", known=known)["state"] == "error"
    assert found("resolved", field="status_word", known=known)["state"] == "error"


def test_a_name_that_may_be_named_passes_and_a_common_word_is_no_name():
    assert "name" not in found("Ask Ana Ferreira.", known=replace(KNOWN, named=("Ana Ferreira",)))
    assert not {"name", "name.first"} & found("You may pay later. Will it work? It will.").keys()
    assert found("We asked Ana about it.")["name.first"] == "warning"
    assert "name" not in found("Ana Ferreira leads.", EXECUTIVES)


def test_long_sentences_and_hard_words_are_warned_of():
    hard = "Notwithstanding organisational considerations regarding infrastructural interdependencies, " * 6
    codes = found(hard + "end.", field="body")
    assert codes["reading"] == codes["sentence"] == "warning"
    assert grade_of("We see it. We are on it. " * 10) < 5


@pytest.mark.parametrize(
    ("text", "alphabet", "count"),
    [
        ("", "GSM-7", 0), ("a" * 160, "GSM-7", 1), ("a" * 161, "GSM-7", 2), ("a" * 307, "GSM-7", 3),
        ("€" * 80, "GSM-7", 1), ("€" * 81, "GSM-7", 2), ("ж" * 70, "UCS-2", 1), ("ж" * 71, "UCS-2", 2),
        ("😀" * 35, "UCS-2", 1), ("😀" * 36, "UCS-2", 2), ("“" + "a" * 70, "UCS-2", 2),
    ],
)  # fmt: skip
def test_parts_of_a_text_message_are_counted_as_networks_do(text, alphabet, count):
    assert (segments(text).alphabet, segments(text).count) == (alphabet, count)


@given(st.text(max_size=300), st.text(max_size=300), st.sampled_from((CUSTOMERS, EXECUTIVES, RESPONDERS)))
def test_whatever_is_typed_findings_stand_within_the_text(headline, body, reader):
    text = replace(TEXT, headline=headline, body=body)
    for f in lint(text, reader, KNOWN):
        if f.field in FIELDS:
            assert 0 <= f.start <= f.end <= len(getattr(text, f.field))
        assert f.text


@pytest.mark.parametrize(
    "piece",
    ["host7 ", "10.0.0.1 ", "\u202e", "a.", "fix in 5 h. ", "Person1 Of ", "It was fixed by noon today, "],
)
def test_a_text_of_one_thing_over_and_over_is_looked_through_in_linear_time(piece: str) -> None:
    """Twice the text takes about twice the steps: what is slow shows as the square of it."""
    known = Known(
        people=tuple(f"Person{n} Of Name{n}" for n in range(50)), hosts=tuple(f"host{n}" for n in range(50))
    )

    def took(letters: int) -> float:
        body = (piece * letters)[:letters]
        text = Text("customers_all", "Slow", "Slow", "We look", body, START)
        best = 1e9
        for _ in range(3):
            start = time.process_time()
            lint(text, CUSTOMERS, known)
            best = min(best, time.process_time() - start)
        return best

    took(2_000)
    assert took(16_000) < 6 * took(4_000) + 0.02
