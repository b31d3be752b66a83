"""Rows of contact lists: what is taken, and the reason against what is not."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarterdeck.core.comms.contact_rows import Fault, Row, columns_of, has_titles, neutral, read, segment

COLUMNS = columns_of(["E-Mail", "Full name", "Phone", "Language", "Segments"])


def test_columns_are_known_by_the_titles_of_usual_exports() -> None:
    assert COLUMNS == {"email": 0, "name": 1, "phone": 2, "language": 3, "segments": 4}
    assert columns_of(["\ufeffEmail Address", "Opted-in at"])["email"] == 0
    assert columns_of(["ana@example.com", "Ana"]) == {"email": 0, "name": 1}
    assert not has_titles(["ana@example.com", "Ana"])
    assert "email" not in columns_of(["Street", "Town"])


def test_a_good_row_is_taken_apart() -> None:
    found = read([" Ana@Example.com ", "Ana  Ruiz", "+49 (171) 123-4567", "pt_BR", "EU; Gold,eu"], COLUMNS)
    assert found == Row("Ana@Example.com", "Ana Ruiz", "+491711234567", "pt-br", ("eu", "gold"))


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (["", "Ana"], "empty"),
        (["ana@example.com\r\nBcc: all@example.com", "Ana"], "line_end"),
        (["ana@example.com", "Ana\nBcc: all@example.com"], "line_end"),
        (["ana@example.com", "Ana\u2028Bcc: x"], "line_end"),
        (["ana@example.com", "Ana\x00"], "control"),
        (["ana@example.com", "\u202egnp.ana"], "direction"),
        (["a\u200bna@example.com", "Ana"], "unseen"),
        (["ana@ex\u0430mple.com", "Ana"], "lookalike"),
        (["ana@example.com", "\u0410na"], "lookalike"),
        (["=HYPERLINK(1)@example.com", "Ana"], "formula"),
        (["ana at example.com", "Ana"], "address"),
        (["ana@example.com, ben@example.com", "Both"], "address"),
        (["ana@localhost", "Ana"], "address"),
        (["\xe4na@example.com", "Ana"], "letters"),
        ([f"{'a' * 260}@example.com", "Ana"], "long"),
        (["ana@example.com", "Ana", "0171 1234567"], "phone"),
        (["ana@example.com", "Ana", "", "English"], "language"),
        (["ana@example.com", "Ana", "", "", "<b>"], "segment"),
    ],
)
def test_each_bad_row_has_its_own_reason(cells: list[str], code: str) -> None:
    found = read(cells, COLUMNS)
    assert isinstance(found, Fault) and found.code == code
    assert found.value.isprintable()


def test_names_in_one_foreign_alphabet_are_taken() -> None:
    for name in (
        "\u0410\u043d\u0430 \u0420\u0443\u0438\u0437",
        "Ana \u0420\u0443\u0438\u0437",
        "\u5c71\u7530",
        "Zo\xeb",
    ):
        assert isinstance(read(["ana@example.com", name], COLUMNS), Row)


@given(st.lists(st.text(max_size=40), max_size=6))
def test_whatever_stands_in_a_row_no_line_end_or_turning_character_gets_through(cells: list[str]) -> None:
    found = read(cells, COLUMNS)
    if isinstance(found, Row):
        assert not any(c in found.email + found.name for c in "\r\n\x00\u202e\u2066\u2028")


@given(st.text(max_size=30))
def test_no_exported_cell_is_a_formula_and_our_own_guard_comes_off_again(text: str) -> None:
    cell = neutral(text)
    assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    for mark in "=+-@＝＋－＠":
        assert all(neutral(f"{blank}{mark}1").startswith("'") for blank in ("", "\u00a0", "\n", "\u3000"))
    out = io.StringIO()
    csv.writer(out).writerow(["ana@example.com", neutral("=1+1")])
    taken = read(next(csv.reader(io.StringIO(out.getvalue()))), COLUMNS)
    assert isinstance(taken, Row) and taken.name == "=1+1"


def test_the_name_of_a_list_is_plain() -> None:
    assert (segment(" Affected EU "), segment(""), segment("a b/c")) == ("affected-eu", "", None)
