"""Which addresses out of foreign text become links."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.kernel.links import safe_url

SCRIPT = "java" + "script:alert(1)"


@pytest.mark.parametrize(
    "url",
    [
        "https://wiki.example/runbook?a=1&b=%20#top",
        "http://prom.example:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1",
        "http://10.0.0.1/",
        "http://[2001:db8::1]:9090/x",
        "https://bücher.example/ä",
        "mailto:ana@example.org?subject=Hello",
    ],
)
def test_web_and_mail_addresses_are_kept_as_they_are(url):
    assert safe_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        SCRIPT,
        SCRIPT.upper(),
        "  " + SCRIPT,
        SCRIPT.replace("s", "s\t", 1),
        SCRIPT.replace("s", "s\n", 1),
        "\x01" + SCRIPT,
        "java&#115;cript:alert(1)",
        "data:text/html,<script src=x></script>",
        "vbscript:msgbox(1)",
        "view-source:https://a.example",
        "file:///etc/passwd",
        "ftp://a.example",
        "blob:https://a.example/1",
        "//a.example/x",
        "/x",
        "a.example",
        "",
        "https:a.example",
        "https:/a.example",
        "https://",
        "https:///x",
        "https://?q",
        "https:\\\\a.example",
        "https://a.example\\@b.example",
        "https://bank.example@evil.example/",
        "https://user:secret@a.example/",
        "https://a.example%2f@b.example",
        "https://a.example%00.b.example",
        "https://a b.example/",
        "https://[::1",
        "https://a.example:99999/",
        "https://a.example:x/",
        "https://a.example:0/",
        "https://a.example\uff0fb.example/",
        "https://a.example/\u202egnp.exe",
        "https://a.example/\u200b",
        "https://a.example/\x00",
        "https://a.example/\x85",
        "https://a.example/\n",
        "\nhttps://a.example/",
        "https://a.example/\ud800",
        "mailto:a@b.example%0abcc:c@d.example",
        "mailto:a@b.example\r\nbcc:c@d.example",
        "mailto:",
        "mailto:ana",
    ],
)
def test_everything_that_could_run_or_mislead_is_refused(url):
    assert safe_url(url) is None


def test_signs_that_end_an_attribute_are_encoded():
    assert safe_url("https://a.example/x y\"'<>`") == "https://a.example/x%20y%22%27%3C%3E%60"


def test_the_scheme_is_put_in_lower_case_and_spaces_around_are_dropped():
    assert safe_url(" HTTPS://a.example/X ") == "https://a.example/X"


def test_an_address_may_have_two_thousand_characters_after_encoding():
    base = "https://a.example/"
    assert safe_url(base + "x" * (2_000 - len(base))) is not None
    assert safe_url(base + "x" * (2_001 - len(base))) is None
    assert safe_url(base + '"' * 1_000) is None


odd = st.text(
    st.sampled_from(list("htps:/maildjv@.?#[]%0a\\\t\n \"'<>é\u202e\ud800\x00")) | st.characters(),
    max_size=30,
)
starts = ("", "http://", "HTTPS://a.example", "mailto:", "java" + "script:", "https://a.example/")


@given(st.sampled_from(starts), odd)
def test_what_passes_is_plain_and_passes_again_unchanged(start, rest):
    url = safe_url(start + rest)
    if url is not None:
        assert re.match(r"https?://[^/?#@]|mailto:[^@]+@", url)
        assert not re.search(r"[\x00-\x20\x7f-\x9f\"'<>`\\\ud800-\udfff\u202a-\u202e]", url)
        assert len(url) <= 2_000
        assert safe_url(url) == url
