"""Grades, worked out by hand."""

import polars as pl
import pytest

from retrowalk.evaluate.slopes import grade_figures, graded_windows
from tests.evaluate.builders_truth import blocks, spans, stated

#: Twenty windows of five seconds and ten metres: a hundred metres flat, then a hundred at 6 %.
WINDOWS = spans(
    [
        {"start": 5 * n, "end": 5 * n + 5, "grade_fraction": 0.05 if n >= 10 else 0.01}
        for n in range(20)
    ],
    distance_m=10.0,
    grade_source="barometer",
)
HILL = blocks({"start": 0, "end": 50}, {"start": 50, "end": 100, "grade_fraction": 0.06})
CLASSES = stated(
    {"start": 0, "end": 40, "grade_class": "level"},
    {"start": 40, "end": 100, "grade_class": "incline"},
)


def test_true_slopes_are_means_over_fifty_metres_around_each_window() -> None:
    true = graded_windows(WINDOWS, CLASSES, HILL)["true_fraction"].to_list()
    # the first window's stretch is shifted to 0..50 m; that of the window at 80..90 m reaches
    # from 60 to 110 m, 10 m of it at 6 %; that at 100..110 m from 80 to 130 m, 30 m of it
    assert true[0] == pytest.approx(0.0)
    assert true[8] == pytest.approx(0.06 * 10 / 50)
    assert true[10] == pytest.approx(0.06 * 30 / 50)
    assert true[19] == pytest.approx(0.06)


def test_workouts_have_no_part_in_each_others_slopes() -> None:
    both = pl.concat([WINDOWS, WINDOWS.with_columns(workout_id=pl.lit("x"))])
    hills = pl.concat([HILL, HILL.with_columns(workout_id=pl.lit("x"))])
    classes = pl.concat([CLASSES, CLASSES.with_columns(workout_id=pl.lit("x"))])
    true = graded_windows(both, classes, hills)["true_fraction"].to_list()
    assert true[:20] == pytest.approx(true[20:], abs=1e-12)


def test_grade_figures_are_counted_as_worked_out_by_hand() -> None:
    graded = pl.DataFrame(
        [
            # measured, source, class, true over fifty metres, true of its own
            (0.05, "barometer", "incline", 0.06, 0.06),
            (0.02, "barometer", "level", 0.04, 0.06),
            (0.00, "barometer", "level", 0.0, 0.0),
            (0.04, "barometer", "incline", 0.0, 0.0),
            (-0.04, "barometer", "decline", 0.0, 0.0),
            (0.05, "reported", "incline", 0.05, 0.05),
            (None, "none", "unknown", 0.05, 0.05),
        ],
        schema=[
            "measured_fraction",
            "grade_source",
            "grade_class",
            "true_fraction",
            "own_fraction",
        ],
        orient="row",
    ).with_columns(regime=pl.lit("r"), piece_s=pl.lit(5.0))
    (row,) = grade_figures(graded, ["regime"]).iter_rows(named=True)
    assert row["grade_known_fraction"] == pytest.approx(6 / 7)
    # errors in points of the four barometric windows with one grade around: -1, 0, 4, -4
    assert row["grade_rmse_points"] == pytest.approx((33 / 4) ** 0.5)
    # and of the one at a change
    assert row["grade_rmse_at_changes_points"] == pytest.approx(2.0)
    # of three windows with a grade at 3 % or more two are called incline
    assert row["incline_recall_fraction"] == pytest.approx(2 / 3)
    assert row["false_incline_fraction"] == pytest.approx(1 / 3)
    assert row["false_decline_fraction"] == pytest.approx(1 / 3)


def test_without_grades_nothing_is_claimed() -> None:
    blind = WINDOWS.with_columns(
        grade_fraction=pl.lit(None, pl.Float64), grade_source=pl.lit("none")
    )
    graded = graded_windows(blind, CLASSES, HILL)
    (row,) = grade_figures(graded, ["regime"]).iter_rows(named=True)
    assert row["grade_known_fraction"] == 0.0
    assert row["grade_rmse_points"] is None
    assert row["false_incline_fraction"] is None
