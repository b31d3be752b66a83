"""Numbers in every spelling, what a text costs, and how a voice reads: with phonenumbers as the judge of numbers."""

from __future__ import annotations

from contextlib import suppress

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from quarterdeck.channels.phone_numbers import e164
from quarterdeck.channels.segments import cost, is_gsm, shortened
from quarterdeck.channels.speech import spoken
from quarterdeck.core.kernel.refused import Refused

FORMATS = (PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.RFC3966)


@pytest.mark.parametrize("form", FORMATS)
def test_the_example_number_of_every_country_is_understood(form):
    wrong = []
    for region in phonenumbers.SUPPORTED_REGIONS:
        number = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
        if number is None:
            continue
        written = phonenumbers.format_number(number, form)
        if e164(written) != phonenumbers.format_number(number, PhoneNumberFormat.E164):
            wrong.append(written)
    assert wrong == []


@pytest.mark.parametrize(
    "written",
    [
        "+49 171 1234567",
        "0049 171/1234567",
        "+49 (0)171 - 123 45 67",
        " tel:+49-171-123.45.67;ext=3",
        "+４９ １７１ １２３４５６７",
        "+٤٩١٧١١٢٣٤٥٦٧",
        "＋49‑171‑1234567",
        "\u202a+49 171 1234567\u202c",
        "(+49) 171 1234567",
    ],
)
def test_one_number_in_every_spelling_is_one_number(written):
    assert e164(written) == "+491711234567"


def test_an_italian_zero_belongs_to_the_number():
    assert e164("+39 (0)6 6982") == "+39066982"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "0171 1234567",
        "+49",
        "+0 171 1234567",
        "+999 1234567",
        "+1234567890123456",
        "+49 171 CALL-ME",
        "1711234567",
        "+49+171234567",
    ],
)
def test_what_is_no_number_is_refused_with_how_to_write_one(written):
    with pytest.raises(Refused, match="country code"):
        e164(written)


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_is_refused(text):
    with suppress(Refused):
        assert e164(text)[1:].isascii()


@pytest.mark.parametrize(
    ("text", "alphabet", "segments"),
    [
        ("a" * 160, "GSM-7", 1),
        ("a" * 161, "GSM-7", 2),
        ("a" * 306, "GSM-7", 2),
        ("a" * 307, "GSM-7", 3),
        ("€" * 80, "GSM-7", 1),
        ("€" * 81, "GSM-7", 2),
        # An escaped character does not stand across the border of two segments: 76 fit, not 76.5.
        ("€" * 152, "GSM-7", 2),
        ("€" * 153, "GSM-7", 3),
        ("ж" * 70, "UCS-2", 1),
        ("ж" * 71, "UCS-2", 2),
        ("😀" * 35, "UCS-2", 1),
        ("😀" * 36, "UCS-2", 2),
        ("😀" * 67, "UCS-2", 3),
    ],
)
def test_segments_are_counted_as_they_are_charged(text, alphabet, segments):
    assert (cost(text).alphabet, cost(text).segments) == (alphabet, segments)


@given(st.text(max_size=400), st.integers(1, 6))
def test_a_text_never_costs_more_than_allowed_and_keeps_its_end_whole(text, limit):
    tail = "\nAcknowledge: https://q.example/c/1/x/"
    made = shortened(text, limit, tail)
    assert cost(made).segments <= limit
    assert made.endswith(tail.strip())


def test_typography_alone_does_not_make_a_text_dearer():
    assert is_gsm(shortened("“Payments” – down… see → there", 1))
    assert "ж" in shortened("ж – х", 1)


def test_an_emoji_family_is_not_torn_apart():
    family = "👩‍👩‍👧‍👦"
    made = shortened(family * 30, 1)
    assert set(made.removesuffix("...").split(family)) == {""}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("INC-1042: HTTP 502 since 13:05", "INC 1 0 4 2: HTTP 5 0 2 since 13 oh 5"),
        ("SEV1, 60 % of payments", "severity 1, 60 percent of payments"),
        ("disk 12.5 GB, 1,250,000 rows", "disk 12 point 5 gigabytes, 1250000 rows"),
        ("10.0.12.7 is down", "1 0 dot 0 dot 1 2 dot 7 is down"),
        ("see https://x.example/a?b=1 [now]", "see a link now"),
        ("p99 250 ms at 09:00", "p 9 9 250 milliseconds at 9 hundred"),
        ("pod 7f3a9c21de4b failed 3 times", "pod an identifier failed 3 times"),
        ("nginx 1.25.3", "nginx 1 point 25 point 3"),
    ],
)
def test_a_voice_reads_numbers_as_people_do(text, said):
    assert spoken(text) == said
