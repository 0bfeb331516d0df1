"""Borders, worked out by hand."""

import polars as pl
import pytest

from retrowalk.evaluate.changes import border_errors, border_figures
from tests.evaluate.builders_truth import blocks, stated

THERE_AND_BACK = blocks(
    {"start": 0, "end": 100},
    {"start": 100, "end": 200, "direction": "backward"},
    {"start": 200, "end": 230, "activity": "rest", "direction": "unknown"},
    {"start": 230, "end": 400},
)


def errors(*rows: dict[str, object]) -> list[float | None]:
    return border_errors(stated(*rows), THERE_AND_BACK)["error_s"].to_list()


def test_a_border_is_off_by_how_far_it_was_stated_from_where_it_was() -> None:
    # 3 s late; then left 2 s early and entered 6 s late around a rest: the larger counts
    assert errors(
        {"start": 0, "end": 103, "direction": "forward"},
        {"start": 103, "end": 198, "direction": "backward"},
        {"start": 198, "end": 236, "activity": "rest"},
        {"start": 236, "end": 400, "direction": "forward"},
    ) == [3.0, 6.0]


def test_an_unknown_stretch_at_a_border_counts_in_full() -> None:
    assert errors(
        {"start": 0, "end": 95, "direction": "forward"},
        {"start": 95, "end": 115},
        {"start": 115, "end": 200, "direction": "backward"},
        {"start": 200, "end": 230, "activity": "rest"},
        {"start": 230, "end": 400, "direction": "forward"},
    ) == [15.0, 0.0]


def test_a_border_that_nobody_states_is_not_found() -> None:
    assert errors({"start": 0, "end": 400, "direction": "forward"}) == [None, None]


def test_a_change_the_other_way_is_another_border() -> None:
    assert errors(
        {"start": 0, "end": 100, "direction": "backward"},
        {"start": 100, "end": 400, "direction": "forward"},
    ) == [None, None]


def test_a_change_more_than_a_minute_off_is_another_border() -> None:
    assert errors(
        {"start": 0, "end": 161, "direction": "forward"},
        {"start": 161, "end": 230, "direction": "backward"},
        {"start": 230, "end": 400, "direction": "forward"},
    ) == [None, 30.0]


def test_border_figures_rest_on_the_borders_that_were_found() -> None:
    found = pl.DataFrame({"error_s": [0.0, 10.0, None, 20.0], "regime": ["r"] * 4})
    (row,) = border_figures(found, ["regime"]).iter_rows(named=True)
    assert row["borders_n"] == 4
    assert row["borders_found_fraction"] == pytest.approx(0.75)
    assert row["border_error_median_s"] == pytest.approx(10.0)
    # nine tenths of the way from the first to the third of 0, 10, 20
    assert row["border_error_p90_s"] == pytest.approx(18.0)
