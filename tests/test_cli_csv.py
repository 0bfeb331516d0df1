"""Nothing that a spreadsheet would run leaves as CSV; every other text leaves as it is."""

import csv
import io

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrowalk.cli import safe_text

EVIL = "=cmd|' /C calc'!A0"
SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def cells(rows: pl.DataFrame) -> list[list[str]]:
    return list(csv.reader(io.StringIO(safe_text(rows).write_csv(), newline="")))


@pytest.mark.parametrize("sign", SIGNS)
def test_a_text_that_begins_as_a_formula_is_led_by_an_apostrophe(sign: str) -> None:
    assert cells(pl.DataFrame({"text": [sign + "1+1"]})) == [["text"], [f"'{sign}1+1"]]


def test_headers_are_text_too() -> None:
    assert cells(pl.DataFrame({EVIL: ["a"]}))[0] == ["'" + EVIL]


def test_a_formula_in_a_word_list_or_a_nested_column_is_no_formula_any_more() -> None:
    rows = pl.DataFrame(
        {"word": pl.Series([EVIL], dtype=pl.Enum([EVIL])), "kind": pl.Series([EVIL], dtype=pl.Categorical),
         "list": [[EVIL]], "struct": [{"a": EVIL}]}
    )  # fmt: skip
    assert not any(cell.startswith(SIGNS) for cell in cells(rows)[1])


def test_numbers_dates_and_plain_texts_stay() -> None:
    rows = pl.DataFrame({"n": [-1.5], "text": ["a=b"], "none": [None]})
    assert cells(rows) == [["n", "text", "none"], ["-1.5", "a=b", ""]]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=8), min_size=1, max_size=5), st.text(min_size=1, max_size=8))
def test_no_cell_of_text_begins_as_a_formula(texts: list[str], header: str) -> None:
    for line in cells(pl.DataFrame({header: texts})):
        assert not any(cell.startswith(SIGNS) for cell in line)
