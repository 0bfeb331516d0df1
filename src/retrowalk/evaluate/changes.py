"""Borders: how far from a true change of direction the stated one lies."""

from collections.abc import Sequence

import polars as pl

#: Further off than this, a stated change is not that of the border.
REACH_S = 60.0


def changes_in(spans: pl.DataFrame) -> pl.DataFrame:
    """Finds where the direction changes, whatever lies between the two directions.

    Args:
        spans: ``workout_id, started_at_utc, ended_at_utc``, a direction (only rows that state
            one), and any other columns, which are taken from the span after the change.

    Returns:
        One row per change, by workout and time: ``left_at_utc``, when the old direction ended,
        ``entered_at_utc``, when the new one began, ``direction``, the new one, and
        ``middle_at_utc``. What was neither (a rest, an unknown stretch) lies between the two.
    """
    same = "workout_id"
    before = pl.col("direction").shift().over(same)
    left, entered = pl.col("ended_at_utc").shift().over(same), pl.col("started_at_utc")
    return (
        spans.sort("workout_id", "started_at_utc")
        .with_columns(left_at_utc=left, entered_at_utc=entered, before=before)
        .filter(pl.col("before").is_not_null() & (pl.col("before") != pl.col("direction")))
        .with_columns(middle_at_utc=left_to_middle_expr())
        .drop("before", "started_at_utc", "ended_at_utc")
    )


def left_to_middle_expr() -> pl.Expr:
    """The instant half-way between leaving the one direction and entering the other."""
    half = (pl.col("entered_at_utc") - pl.col("left_at_utc")) / 2
    return pl.col("left_at_utc") + half


def border_errors(segments: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """Finds for each true change of direction how far off it was stated.

    The stated change into the same direction that lies nearest counts, if it is within
    :data:`REACH_S`. Its error is the larger of how far the end of the old direction and the
    beginning of the new one are off, so an unknown stretch at the border counts in full.

    Args:
        segments: Rows of the table ``segments``.
        truth: Blocks of what was done.

    Returns:
        One row per true change, with ``error_s`` (null: it was not found) and the columns of
        ``truth`` to group by.
    """
    directions = ("forward", "backward")
    stated = segments.filter(pl.col("direction").cast(pl.String).is_in(directions)).select(
        "workout_id",
        "started_at_utc",
        "ended_at_utc",
        direction=pl.col("direction").cast(pl.String),
    )
    done = truth.filter(~pl.col("is_paused") & pl.col("direction").is_in(directions))
    found = changes_in(stated).rename(
        {"left_at_utc": "stated_left_at_utc", "entered_at_utc": "stated_entered_at_utc"}
    )
    off = pl.max_horizontal(
        (pl.col(f"stated_{side}_at_utc") - pl.col(f"{side}_at_utc")).abs().dt.total_microseconds()
        for side in ("left", "entered")
    )
    return (
        changes_in(done)
        .sort("middle_at_utc")
        .join_asof(
            found.sort("middle_at_utc"),
            on="middle_at_utc",
            by=["workout_id", "direction"],
            strategy="nearest",
            tolerance=f"{REACH_S:.0f}s",
            check_sortedness=False,
        )
        .with_columns(error_s=off / 1e6)
        .drop("stated_left_at_utc", "stated_entered_at_utc")
        .sort("workout_id", "middle_at_utc")
    )


def border_figures(errors: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Sums up border errors.

    Args:
        errors: As from :func:`border_errors`.
        by: Columns to group by.

    Returns:
        One row per group: ``borders_n``, ``borders_found_fraction``, and of those found
        ``border_error_median_s`` and ``border_error_p90_s`` (linear between neighbours).
    """
    return (
        errors.group_by(by)
        .agg(
            borders_n=pl.len(),
            borders_found_fraction=pl.col("error_s").is_not_null().mean(),
            border_error_median_s=pl.col("error_s").median(),
            border_error_p90_s=pl.col("error_s").quantile(0.9, interpolation="linear"),
        )
        .sort(by)
    )
