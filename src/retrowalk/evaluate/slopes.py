"""Grade: how far measured slopes lie from the true ones, and what is wrongly called incline."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from retrowalk.evaluate.pieces import overlapping

Floats: TypeAlias = npt.NDArray[np.float64]

#: Length over which slopes are compared, in metres, as they are fitted.
STRETCH_M = 50.0
#: A true slope from which on a window should be called incline.
INCLINE_FROM_FRACTION = 0.03
#: Workouts are set this far apart on the common way, in metres.
_APART_M = 1000.0
_POINTS = 100.0
#: Slopes that differ by less are the same but for rounding.
_SAME = 1e-6


def with_class(windows: pl.DataFrame, segments: pl.DataFrame) -> pl.DataFrame:
    """Adds the grade class of the segment that each window lies in."""
    classes = segments.select(
        "workout_id", "started_at_utc", grade_class=pl.col("grade_class").cast(pl.String)
    ).sort("started_at_utc")
    return windows.sort("started_at_utc").join_asof(
        classes, on="started_at_utc", by="workout_id", check_sortedness=False
    )


def graded_windows(
    windows: pl.DataFrame, segments: pl.DataFrame, truth: pl.DataFrame
) -> pl.DataFrame:
    """Sets measured grades beside true ones.

    Args:
        windows: Rows of the table ``windows``.
        segments: Rows of the table ``segments``.
        truth: Blocks of what was done, with ``grade_fraction``.

    Returns:
        One row per window in which somebody truly walked, by workout and time:
        ``measured_fraction, grade_source, grade_class, own_fraction`` (its own true grade),
        ``true_fraction`` (the mean true slope over the fifty metres around it, shifted at the ends
        of the workout), ``piece_s``, and the
        columns of ``truth`` to group by.
    """
    walked = truth.filter(~pl.col("is_paused") & (pl.col("activity") == "walk"))
    blocks = walked.drop(
        "activity", "direction", "label_direction", "label_started_at_utc", "label_ended_at_utc"
    ).rename({"grade_fraction": "block_fraction"})
    measured = with_class(windows, segments).select(
        "workout_id",
        "started_at_utc",
        "ended_at_utc",
        "distance_m",
        "grade_class",
        grade_source=pl.col("grade_source").cast(pl.String),
        measured_fraction="grade_fraction",
        window_n=pl.int_range(pl.len()),
    )
    seconds, grade = pl.col("piece_s"), pl.col("block_fraction")
    others = pl.exclude(
        "window_n", "piece_s", "block_fraction", "is_paused", "started_at_utc", "ended_at_utc"
    )
    whole = (
        overlapping(measured, blocks)
        .group_by("window_n", maintain_order=True)
        .agg(
            others.first(),
            started_at_utc=pl.col("started_at_utc").min(),
            own_fraction=(grade * seconds).sum() / seconds.sum(),
            piece_s=seconds.sum(),
        )
        .sort("workout_id", "started_at_utc")
    )
    return whole.with_columns(true_fraction=pl.Series(true_slopes(whole))).drop("window_n")


def true_slopes(windows: pl.DataFrame) -> Floats:
    """Mean true slope over the fifty metres around each window's middle.

    Args:
        windows: By workout and time, with ``workout_id, distance_m`` (null: none was covered) and
            ``own_fraction``, the true grade of each.

    Returns:
        One value per window. A workout shorter than fifty metres is taken whole.
    """
    steps = windows["distance_m"].fill_null(0.0).to_numpy()
    climbs = steps * windows["own_fraction"].to_numpy()
    rank = windows["workout_id"].rle_id().to_numpy()
    apart = _APART_M * rank
    ends, heights = np.cumsum(steps), np.cumsum(climbs)
    # both ends of each window, so that nothing is interpolated from one workout to the next
    way = np.stack([ends - steps + apart, ends + apart], axis=1).ravel()
    height = np.stack([heights - climbs, heights], axis=1).ravel()
    middle = ends - steps / 2.0 + apart
    first = np.searchsorted(rank, rank, side="left")
    last = np.searchsorted(rank, rank, side="right") - 1
    lowest, highest = (ends - steps)[first] + apart, ends[last] + apart
    length = np.minimum(highest - lowest, STRETCH_M)
    begin = np.clip(middle - length / 2.0, lowest, highest - length)
    climbed = np.interp(begin + length, way, height) - np.interp(begin, way, height)
    slopes: Floats = np.divide(climbed, length, out=np.zeros_like(climbed), where=length > 0)
    return slopes


def grade_figures(graded: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Sums up grades of walking.

    Args:
        graded: As from :func:`graded_windows`.
        by: Columns to group by.

    Returns:
        One row per group: ``grade_known_fraction`` of the walking time; of barometric windows
        ``grade_rmse_points`` (percentage points, weighted by time) where the fifty metres around
        have one grade, and ``grade_rmse_at_changes_points`` where it changes within them, as a fit
        cannot follow; of windows with a grade ``incline_recall_fraction`` (of those truly at 3 % or more, called incline),
        ``false_incline_fraction`` and ``false_decline_fraction`` (of those flat for fifty metres
        around). Null where there is nothing to count.
    """
    seconds, known = pl.col("piece_s"), pl.col("measured_fraction").is_not_null()
    is_barometric = pl.col("grade_source") == "barometer"
    has_one = (pl.col("true_fraction") - pl.col("own_fraction")).abs() < _SAME
    squared = (pl.col("measured_fraction") - pl.col("true_fraction")).pow(2) * seconds
    is_steep = known & (pl.col("true_fraction") >= INCLINE_FROM_FRACTION)
    is_flat = known & (pl.col("true_fraction").abs() < _SAME)

    def among(kind: pl.Expr, called: str) -> pl.Expr:
        whole = seconds.filter(kind).sum()
        part = seconds.filter(kind & (pl.col("grade_class") == called)).sum()
        return pl.when(whole > 0).then(part / whole)

    def root_mean_square(kind: pl.Expr) -> pl.Expr:
        fitted_s = seconds.filter(kind).sum()
        mean = pl.when(fitted_s > 0).then(squared.filter(kind).sum() / fitted_s)
        return mean.sqrt() * _POINTS

    return (
        graded.group_by(by)
        .agg(
            grade_known_fraction=seconds.filter(known).sum() / seconds.sum(),
            grade_rmse_points=root_mean_square(is_barometric & has_one),
            grade_rmse_at_changes_points=root_mean_square(is_barometric & ~has_one),
            incline_recall_fraction=among(is_steep, "incline"),
            false_incline_fraction=among(is_flat, "incline"),
            false_decline_fraction=among(is_flat, "decline"),
        )
        .sort(by)
    )
