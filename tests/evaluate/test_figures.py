"""Figures of direction, worked out by hand."""

import polars as pl
import pytest

from retrowalk.evaluate.figures import (
    calibration_figures,
    confusion,
    direction_figures,
    reliability,
)


def pieces(*rows: tuple[str, str, float, float]) -> pl.DataFrame:
    """Rows of truth, stated, minutes, and minutes in which a label misled."""
    frame = pl.DataFrame(rows, schema=["truth", "stated", "minutes", "misled"], orient="row")
    return frame.select(
        "truth",
        "stated",
        piece_s=pl.col("minutes") * 60.0,
        misled_s=pl.col("misled") * 60.0,
        regime=pl.lit("r"),
    )


WALK = pieces(
    ("forward", "forward", 50.0, 0.0),
    ("forward", "backward", 4.0, 3.0),
    ("forward", "unknown", 6.0, 0.0),
    ("backward", "backward", 25.0, 0.0),
    ("backward", "forward", 1.0, 0.0),
    ("backward", "rest", 4.0, 0.0),
    ("rest", "backward", 1.0, 0.0),
    ("rest", "rest", 9.0, 0.0),
)


def test_confusion_counts_minutes_of_every_pair() -> None:
    counted = confusion(pl.concat([WALK, WALK]), ["regime"])
    assert counted.height == 8
    assert counted.row(0) == ("r", "backward", "backward", 50.0)


def test_direction_is_counted_as_worked_out_by_hand() -> None:
    (row,) = direction_figures(WALK, ["regime"]).iter_rows(named=True)
    assert row["recorded_min"] == pytest.approx(100.0)
    # 60 forward and 30 backward
    assert row["walked_min"] == pytest.approx(90.0)
    # 6 unknown and 4 taken for rest
    assert row["unknown_fraction"] == pytest.approx(10.0 / 90.0)
    # decided 80, of which 4 and 1 are wrong
    assert row["right_fraction"] == pytest.approx(75.0 / 80.0)
    assert row["wrong_min_per_h"] == pytest.approx(5.0 / (80.0 / 60.0))
    # of the 5 wrong minutes a label misled 3
    assert row["wrong_beyond_labels_min"] == pytest.approx(2.0)
    # 4 of walking forward and 1 of rest
    assert row["wrongly_backward_fraction"] == pytest.approx(5.0 / 100.0)


def test_shares_of_nothing_are_null() -> None:
    only_rest = pieces(("rest", "rest", 10.0, 0.0))
    (row,) = direction_figures(only_rest, ["regime"]).iter_rows(named=True)
    assert row["unknown_fraction"] is None
    assert row["right_fraction"] is None
    assert row["wrongly_backward_fraction"] == 0.0


CELLS = pl.DataFrame(
    [
        # 0.95 twice a minute, once wrong; 0.15 for two minutes, never backward; 0.5 says nothing
        (0.95, True, 60.0),
        (0.95, False, 60.0),
        (0.15, False, 120.0),
        (0.5, True, 600.0),
    ],
    schema=["probability", "is_backward", "piece_s"],
    orient="row",
).with_columns(regime=pl.lit("r"))


def test_reliability_sets_claims_beside_what_came_true() -> None:
    table = reliability(CELLS, ["regime"])
    shown = table.select(
        "low_probability",
        "high_probability",
        "duration_min",
        "backward_probability",
        "backward_fraction",
    ).rows()
    assert shown == [
        (0.1, 0.2, 2.0, pytest.approx(0.15), 0.0),
        (0.9, 1.0, 2.0, pytest.approx(0.95), 0.5),
    ]


def test_a_probability_of_one_lies_in_the_last_bin() -> None:
    sure = CELLS.head(1).with_columns(probability=pl.lit(1.0))
    assert reliability(sure, ["regime"])["low_probability"].to_list() == [0.9]


def test_the_calibration_error_is_the_mean_gap_weighted_by_minutes() -> None:
    (row,) = calibration_figures(reliability(CELLS, ["regime"]), ["regime"]).iter_rows(named=True)
    assert row["told_min"] == pytest.approx(4.0)
    # two minutes off by 0.15 and two off by 0.45
    assert row["expected_calibration_error_fraction"] == pytest.approx((0.15 + 0.45) / 2.0)
