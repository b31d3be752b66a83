"""Filling templates: fields and nothing else, values once and never again."""

from __future__ import annotations

import re
from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.comms.substitute import fields, fill, stray, unfilled

names = st.text(ascii_lowercase + "_0123456789", max_size=8).map(lambda rest: "f" + rest)
# Text that is likely to look like a template, and values that are likely to look like one, too.
anything = st.text(st.sampled_from("ab {}%.()_\n…é") | st.characters(codec="utf-8"), max_size=30)
values = anything.filter(str.strip)
plain = anything.map(lambda text: re.sub(r"[{}]", "", text))
facts = st.dictionaries(names, values | st.just("{{ title }}"), max_size=5)


def test_a_field_becomes_its_fact():
    assert (
        fill("Since {{ started_at }}: {{title}}.", {"started_at": "14:02", "title": "down"})
        == "Since 14:02: down."
    )


@pytest.mark.parametrize("given_facts", [{}, {"workaround": ""}, {"workaround": "  \n"}])
def test_a_field_without_a_fact_stays_visible_and_is_reported(given_facts):
    text = "Until then: {{ workaround }}"
    assert fill(text, given_facts) == "Until then: [workaround?]"
    assert unfilled(text, given_facts) == ("workaround",)


@pytest.mark.parametrize(
    "text",
    [
        "{{ a.b }}",
        "{{ a() }}",
        "{{ a | upper }}",
        "{% if a %}",
        "{{ A }}",
        "{{ 1a }}",
        "{{}}",
        "{{ a",
        "{{\na }}",
    ],
)
def test_what_is_no_field_stands_as_it_is_and_is_named(text):
    assert fill(text, {"a": "x", "b": "y", "A": "z"}) == text
    assert fields(text) == ()
    assert stray(text)


@given(plain, facts)
def test_text_without_fields_comes_out_unchanged(text, known):
    assert fill(text, known) == text
    assert fields(text) == stray(text) == ()


@given(st.lists(st.tuples(plain, names), max_size=6), plain, facts)
def test_the_result_is_the_pieces_with_the_facts_between(pieces, end, known):
    text = "".join(f"{piece}{{{{ {name} }}}}" for piece, name in pieces) + end
    wanted = "".join(piece + known.get(name, f"[{name}?]") for piece, name in pieces) + end
    assert fill(text, known) == wanted
    assert fields(text) == tuple(dict.fromkeys(name for _, name in pieces))
    assert unfilled(text, known) == tuple(name for name in fields(text) if name not in known)
    assert stray(text) == ()


@given(facts.filter(bool))
def test_a_value_that_looks_like_a_field_is_never_filled(known):
    name = next(iter(known))
    assert fill(f"{{{{ {name} }}}}", {**known, "title": "secret"} | {name: "{{ title }}"}) == "{{ title }}"


@given(anything, facts)
def test_only_what_is_filled_changes(text, known):
    if unfilled(text, known) or not fields(text):
        assert fill(text, {}).count("?]") >= len(fields(text))
    assert fill(text, {name: f"{{{{ {name} }}}}" for name in fields(text)}).replace(" ", "") == text.replace(
        " ", ""
    )


@given(anything)
def test_nothing_that_looks_like_a_placeholder_goes_unnoticed(text):
    if "{{" in text or "}}" in text or "{%" in text:
        assert fields(text) or stray(text)
