"""Figures of direction: confusion, what was wrong, and whether probabilities mean what they say.

Every function takes a table and the columns to group by, and gives one row per group and whatever
it counts. What a good figure is stands in :mod:`retrowalk.evaluate.targets`.
"""

from collections.abc import Sequence

import polars as pl

from retrowalk.evaluate.pieces import minutes_expr
from retrowalk.units import SECONDS_PER_HOUR

_DIRECTIONS = ("forward", "backward")
#: What the probability is where nothing speaks.
_NOTHING_TOLD = 0.5


def confusion(pieces: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Counts minutes by what was done and what was stated.

    Args:
        pieces: As from :func:`retrowalk.evaluate.pieces.pieces_of`.
        by: Columns to group by.

    Returns:
        ``by``, ``truth``, ``stated``, ``duration_min``; one row per pair that occurs.
    """
    return (
        pieces.group_by(*by, "truth", "stated")
        .agg(duration_min=minutes_expr())
        .sort(*by, "truth", "stated")
    )


def share_expr(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    """Part of a whole; null where the whole is nothing."""
    return pl.when(whole > 0).then(part / whole)


def direction_figures(pieces: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Counts what was decided of the direction, and how much of it is wrong.

    Args:
        pieces: As from :func:`retrowalk.evaluate.pieces.pieces_of`.
        by: Columns to group by.

    Returns:
        One row per group: ``recorded_min`` (everything), ``walked_min`` (truly walking),
        ``unknown_fraction`` of the walking for which no direction is stated,
        ``right_fraction`` of the walking for which one is, ``wrong_min_per_h`` decided,
        ``wrong_beyond_labels_min`` (wrong directions that no label stated), and
        ``wrongly_backward_fraction``: share of everything recorded that is called backward and is
        not. Null where there is nothing to divide by.
    """
    seconds = pl.col("piece_s")
    is_walk, is_decided = pl.col("truth").is_in(_DIRECTIONS), pl.col("stated").is_in(_DIRECTIONS)
    is_wrong = is_walk & is_decided & (pl.col("truth") != pl.col("stated"))
    is_called = (pl.col("stated") == "backward") & (pl.col("truth") != "backward")
    walked, decided = (seconds.filter(kind).sum() for kind in (is_walk, is_walk & is_decided))
    wrong = seconds.filter(is_wrong).sum()
    return (
        pieces.group_by(by)
        .agg(
            recorded_min=minutes_expr(),
            walked_min=walked / 60.0,
            unknown_fraction=share_expr(walked - decided, walked),
            right_fraction=share_expr(decided - wrong, decided),
            wrong_min_per_h=share_expr(wrong / 60.0, decided / SECONDS_PER_HOUR),
            wrong_beyond_labels_min=(seconds - pl.col("misled_s")).filter(is_wrong).sum() / 60.0,
            wrongly_backward_fraction=share_expr(seconds.filter(is_called).sum(), seconds.sum()),
        )
        .sort(by)
    )


def reliability(cells: pl.DataFrame, by: Sequence[str], *, bins_n: int = 10) -> pl.DataFrame:
    """Compares probabilities with how often they came true, in bins of equal width.

    Windows of which nothing tells, at exactly one half, are left out: they claim nothing, and
    would hide what the others claim.

    Args:
        cells: As from :func:`retrowalk.evaluate.pieces.cells_of`.
        by: Columns to group by.
        bins_n: Number of bins from 0 to 1.

    Returns:
        One row per group and bin that occurs: its borders, ``duration_min``, the mean
        ``backward_probability``, and ``backward_fraction``, the share that was truly backward.
    """
    place = (pl.col("probability") * bins_n).floor().clip(0, bins_n - 1)
    weighted = pl.col("piece_s").sum()
    return (
        cells.filter(pl.col("probability") != _NOTHING_TOLD)
        .with_columns(bin_n=place.cast(pl.Int64))
        .group_by(*by, "bin_n")
        .agg(
            duration_min=minutes_expr(),
            backward_probability=(pl.col("probability") * pl.col("piece_s")).sum() / weighted,
            backward_fraction=pl.col("piece_s").filter("is_backward").sum() / weighted,
        )
        .with_columns(
            low_probability=pl.col("bin_n") / bins_n,
            high_probability=(pl.col("bin_n") + 1) / bins_n,
        )
        .sort(*by, "bin_n")
        .drop("bin_n")
    )


def calibration_figures(reliable: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Mean distance of probabilities from how often they came true, weighted by minutes.

    Args:
        reliable: As from :func:`reliability`.
        by: Columns to group by.

    Returns:
        One row per group: ``told_min`` and ``expected_calibration_error_fraction``.

    References:
        Naeini, Cooper and Hauskrecht 2015, AAAI (expected calibration error).
    """
    gap = (pl.col("backward_probability") - pl.col("backward_fraction")).abs()
    return (
        reliable.group_by(by)
        .agg(
            told_min=pl.col("duration_min").sum(),
            expected_calibration_error_fraction=(gap * pl.col("duration_min")).sum()
            / pl.col("duration_min").sum(),
        )
        .sort(by)
    )
