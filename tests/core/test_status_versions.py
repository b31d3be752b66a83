"""What differs between two configurations of a page, in words; domains of pages; pictures by their content."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.kernel.refused import Refused
from quarterdeck.core.status import domains, pictures
from quarterdeck.core.status.versions import differences, moved

IDS = st.lists(st.integers(0, 40).map(str), unique=True, max_size=30)


def config(components=(), brand=None, **page):
    return {"page": {"title": "Shop"} | page, "brand": brand or {}, "components": list(components)}


def part(id: str, **values):
    return {"id": id, "name": id.title(), "group": "", "position": 0} | values


def test_each_difference_is_one_sentence():
    old = config(
        [part("cards"), part("login"), part("help")], {"css": "a\nb", "logo": "1", "social_preview": True}
    )
    new = config(
        [part("login", name="Sign-in", parent_id="gifts"), part("cards"), part("gifts", group="Selling")],
        {"css": "a\nc", "logo": "", "social_preview": False}, title="The Shop",
    )  # fmt: skip
    assert differences(old, new) == [
        "Title: “Shop” became “The Shop”.",
        "Style sheet: 1 line added (“c”), 1 line removed (“b”).",
        "Logo: removed.",
        "Preview picture for links: yes became no.",
        "Component Gifts added in Selling.",
        "Component Help removed.",
        "Sign-in: name “Login” became “Sign-in”.",
        "Sign-in: part of nothing became “Gifts”.",
        "Sign-in moved: it stands at the top.",
    ]  # fmt: skip


def test_a_field_that_a_newer_release_added_is_told_by_its_own_name():
    assert differences(config(), config(new_thing="x")) == ["New thing: nothing became “x”."]
    assert differences(config(), config(new_thing="")) == []


@given(IDS, st.randoms(use_true_random=False))
def test_what_moved_is_the_least_that_explains_the_new_order(old, random):
    new = list(old)
    random.shuffle(new)
    gone = set(moved(old, new))
    assert [n for n in old if n not in gone] == [n for n in new if n not in gone]
    assert bool(gone) == (old != new)


@given(IDS, IDS)
def test_the_same_configuration_has_no_differences_and_another_has_some(old, new):
    one, other = config([part(i) for i in old]), config([part(i) for i in new])
    assert differences(one, one) == []
    assert bool(differences(one, other)) == (old != new)


@pytest.mark.parametrize(
    ("text", "name"), [(" Status.Example.com. ", "status.example.com"), ("", ""), ("bücher.example", "xn--bcher-kva.example")]
)  # fmt: skip
def test_a_domain_is_kept_as_dns_has_it(text, name):
    assert domains.domain(text) == name


@pytest.mark.parametrize(
    "text", ["https://a.example", "a.example/x", "a.example:80", "a", "127.0.0.1", "a..b", "a_b.example", "x" * 300 + ".example"]
)  # fmt: skip
def test_what_is_no_name_of_a_host_is_refused(text):
    with pytest.raises(Refused) as refused:
        domains.domain(text)
    assert refused.value.fields.keys() == {"domain"}


@given(
    st.binary(max_size=300)
    | st.binary(max_size=200).map(lambda b: b"<svg xmlns='http://www.w3.org/2000/svg'>" + b)
)
def test_whatever_is_given_as_a_picture_is_one_or_is_refused(content):
    try:
        kind, served = pictures.checked(content)
    except Refused:
        return
    assert kind in ("image/png", "image/webp", "image/svg+xml")
    assert b"<script" not in served.lower() or kind != "image/svg+xml"


def test_style_sheets_of_thousands_of_lines_are_compared_at_once():
    def took(lines: int) -> float:
        old, new = ({"brand": {"css": f"{one}\n" * lines}} for one in ("", " "))
        began = time.process_time()
        assert "lines added" in differences(old, new)[0]
        return time.process_time() - began

    assert min(took(9_000) for _ in range(2)) < took(900) * 30 + 0.02
