"""Controls written at once are to the letter those of Django's templates, whatever they are given."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.web.form_controls import CONTROLS, Renderer

OURS, THEIRS = Renderer(), DjangoTemplates()
texts = st.one_of(
    st.text(alphabet="<>&\"' aß😀\n%{}", max_size=6),
    st.integers(-20_000, 20_000),
    st.booleans(),
    st.none(),
    st.floats(allow_nan=False, width=16),
    st.sampled_from([mark_safe("<b>&amp;</b>"), gettext_lazy("Save")]),
)
attributes = st.dictionaries(
    st.sampled_from(["class", "id", "data-<x", "required", "min"]), texts.filter(lambda v: v is not None)
)
flat = st.lists(st.tuples(texts, texts), max_size=5)
choices = st.lists(st.one_of(st.tuples(texts, texts), st.tuples(st.text(max_size=3), flat)), max_size=5)
SIMPLE = (
    forms.TextInput, forms.NumberInput, forms.EmailInput, forms.URLInput, forms.HiddenInput, forms.CheckboxInput,
    forms.DateInput, forms.TimeInput, forms.DateTimeInput, forms.Textarea,
)  # fmt: skip
MANY = (forms.Select, forms.SelectMultiple, forms.RadioSelect, forms.CheckboxSelectMultiple)


def both(widget: Any, name: str, value: Any, attrs: dict[str, Any]) -> None:
    ours, theirs = (widget.render(name, value, attrs, renderer) for renderer in (OURS, THEIRS))
    assert ours == theirs


@given(st.sampled_from(SIMPLE), st.text(max_size=4), texts, attributes)
def test_a_control_is_written_as_the_templates_write_it(
    kind: Any, name: str, value: Any, attrs: dict[str, Any]
):
    both(kind(), name, value, attrs)


@given(st.sampled_from(MANY), choices, texts, attributes)
def test_a_list_of_choices_is_written_as_the_templates_write_it(
    kind: Any, found: list[Any], value: Any, attrs: dict[str, Any]
):
    both(kind(choices=found), "what", value, attrs)
    form = type("F", (forms.Form,), {"what": forms.MultipleChoiceField(choices=found, widget=kind)})
    bound = [form(renderer=renderer)["what"] for renderer in (OURS, THEIRS)]
    assert [w.tag() for w in bound[0].subwidgets] == [w.tag() for w in bound[1].subwidgets]


def test_passwords_are_never_written_back_and_files_are_left_to_django():
    both(forms.PasswordInput(), "password", "secret", {})
    assert "secret" not in forms.PasswordInput().render("password", "secret", {}, OURS)
    assert forms.ClearableFileInput.template_name not in CONTROLS
    both(forms.ClearableFileInput(), "file", None, {"id": "f"})
