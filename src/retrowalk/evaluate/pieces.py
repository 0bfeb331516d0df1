"""What was stated, laid over what was done: pieces in which neither changes.

What the pieces amount to is counted in :mod:`retrowalk.evaluate.figures`.
"""

import polars as pl

from retrowalk.units import SECONDS_PER_MINUTE

_OPPOSITE = {"forward": "backward", "backward": "forward"}


def overlapping(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """Pairs rows of two tables of spans that overlap within a workout.

    Args:
        left: Rows with ``workout_id, started_at_utc, ended_at_utc``.
        right: Likewise; its other columns must have names of their own.

    Returns:
        One row per pair that shares time, with ``started_at_utc, ended_at_utc`` of the shared
        time and its length ``piece_s``, by workout and time. Spans are ``[start, end)``.
    """
    start = pl.max_horizontal("started_at_utc", "started_at_utc_right")
    end = pl.min_horizontal("ended_at_utc", "ended_at_utc_right")
    return (
        left.join(right, on="workout_id", how="inner")
        .with_columns(started_at_utc=start, ended_at_utc=end)
        .drop("started_at_utc_right", "ended_at_utc_right")
        .filter(pl.col("started_at_utc") < pl.col("ended_at_utc"))
        .with_columns(
            piece_s=(pl.col("ended_at_utc") - pl.col("started_at_utc")).dt.total_microseconds()
            / 1e6
        )
        .sort("workout_id", "started_at_utc", "ended_at_utc")
    )


def state_expr() -> pl.Expr:
    """The direction of what is walking, the activity of everything else."""
    direction, activity = pl.col("direction").cast(pl.String), pl.col("activity").cast(pl.String)
    return pl.when(activity == "walk").then(direction).otherwise(activity)


def misleading_labels(truth: pl.DataFrame) -> pl.DataFrame:
    """Spans of labels that state a direction, with the direction that would be wrong under them.

    Args:
        truth: Blocks with ``label_direction, label_started_at_utc, label_ended_at_utc``, null
            where nobody labelled.

    Returns:
        ``workout_id, started_at_utc, ended_at_utc, label_direction``, one row per label.
    """
    return truth.filter(pl.col("label_direction").is_not_null()).select(
        "workout_id",
        "label_direction",
        started_at_utc="label_started_at_utc",
        ended_at_utc="label_ended_at_utc",
    )


def pieces_of(segments: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """Cuts what was stated at what was done.

    Args:
        segments: Rows of the table ``segments``.
        truth: Blocks of what was done: ``workout_id, started_at_utc, ended_at_utc, activity,
            direction, is_paused``, labels as people gave them, and any columns to group by.

    Returns:
        One row per piece with ``truth`` and ``stated`` (a direction or ``unknown`` where walking,
        else the activity), ``piece_s``, and ``misled_s``: for how much of it a label stated the
        direction opposite to the true one. Time with the timer stopped is left out, and so is
        time of which nothing was recorded.
    """
    done = truth.filter(~pl.col("is_paused")).with_columns(truth=state_expr())
    blocks = done.drop(
        "activity", "direction", "label_direction", "label_started_at_utc", "label_ended_at_utc"
    )
    stated = segments.select("workout_id", "started_at_utc", "ended_at_utc", stated=state_expr())
    pieces = overlapping(stated, blocks).with_row_index("piece_n")
    misled = (
        overlapping(
            pieces.select("workout_id", "started_at_utc", "ended_at_utc", "truth", "piece_n"),
            misleading_labels(truth),
        )
        .filter(pl.col("label_direction") == pl.col("truth").replace(_OPPOSITE))
        .filter(pl.col("label_direction") != pl.col("truth"))
        .group_by("piece_n")
        .agg(misled_s=pl.col("piece_s").sum())
    )
    return (
        pieces.join(misled, on="piece_n", how="left", maintain_order="left")
        .with_columns(pl.col("misled_s").fill_null(0.0))
        .drop("piece_n")
    )


def cells_of(windows: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """Lays the probability of walking backward over what was done.

    Args:
        windows: Rows of the table ``windows``.
        truth: Blocks of what was done.

    Returns:
        One row per piece of a walking window in which somebody truly walked and a probability is
        given: ``probability``, ``is_backward``, ``piece_s``, and the columns of ``truth`` to group
        by.
    """
    done = truth.filter(~pl.col("is_paused") & (pl.col("activity") == "walk"))
    blocks = done.with_columns(is_backward=pl.col("direction") == "backward").drop(
        "activity", "direction", "label_direction", "label_started_at_utc", "label_ended_at_utc"
    )
    told = windows.filter(pl.col("backward_probability").is_not_null()).select(
        "workout_id", "started_at_utc", "ended_at_utc", probability="backward_probability"
    )
    return overlapping(told, blocks)


def minutes_expr(seconds: str = "piece_s") -> pl.Expr:
    """Sum of seconds, in minutes."""
    return pl.col(seconds).sum() / SECONDS_PER_MINUTE
