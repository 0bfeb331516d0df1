"""Grade of each cell: what a person or the device states, else the slope of altitude over distance.

Altitude that comes from GPS, does not move or is of unknown origin gives no grade, and no grade
is not level.
"""

import numpy as np
import polars as pl

from retrowalk.rules.plausibility import PlausibilityRules
from retrowalk.windows.timeline import MICROSECONDS_PER_SECOND, Cells, Floats, Ints, Truths

#: Distances are summed in whole tenths of a millimetre and altitudes in whole millimetres: sums of
#: whole numbers come out the same whatever else is in the batch.
_UNITS_PER_METRE = 10_000
_ALTITUDE_UNITS_PER_METRE = 1_000
#: Stretches are set 100 m apart on the way, so that none touches the next.
_APART = 100 * _UNITS_PER_METRE


def stretches(cells: Cells, altitude: Floats, slack_m: float) -> Ints:
    """Numbers the stretches of pieces that no hole and no jump of altitude interrupts."""
    is_new = np.ones(len(cells.piece_starts), dtype=np.bool_)
    elapsed_s = np.maximum(np.diff(cells.piece_starts) / MICROSECONDS_PER_SECOND, 1.0)
    with np.errstate(invalid="ignore"):
        is_new[1:] = (cells.piece_starts[1:] != cells.piece_ends[:-1]) | (
            np.abs(np.diff(altitude)) > slack_m * elapsed_s
        )
    return np.cumsum(is_new) - 1


def prefix_sums(*terms: Ints) -> tuple[Ints, ...]:
    """Sums of all terms before each place, wrapping round; their differences are exact."""
    return tuple(np.concatenate([[0], np.cumsum(term)]) for term in terms)


def fitted_slopes(x: Ints, y: Ints, low: Ints, high: Ints) -> Floats:
    """Least-squares slope of ``y`` over ``x`` for each range ``[low, high)`` of points.

    NaN for ranges of fewer than three points or of one place.
    """
    sums = prefix_sums(x, y, x * x, x * y)
    origin = np.minimum(low, max(len(x) - 1, 0))
    x0, y0, count = x[origin], y[origin], high - low
    sum_x, sum_y, sum_xx, sum_xy = (total[high] - total[low] for total in sums)
    sum_xy = sum_xy - x0 * sum_y - y0 * sum_x + count * x0 * y0
    sum_xx = sum_xx - 2 * x0 * sum_x + count * x0 * x0
    sum_x, sum_y = sum_x - count * x0, sum_y - count * y0
    many = np.maximum(count, 1)
    spread = sum_xx - sum_x.astype(np.float64) * sum_x / many
    shared = sum_xy - sum_x.astype(np.float64) * sum_y / many
    is_fit = (count >= 3) & (spread > 0)
    slopes = np.full(len(low), np.nan)
    np.divide(shared, spread, out=slopes, where=is_fit)
    return slopes


def fit_spans(
    x: Ints, stretch: Ints, own: Ints, centre: Ints, *, least: int, most: int
) -> tuple[Ints, Ints, Truths]:
    """Where on the way each cell's slope is fitted: around it, inside its own stretch.

    Args:
        x: Place of each point on the way, rising.
        stretch: Stretch of each point.
        own: Stretch of each cell.
        centre: Place of each cell on the way.
        least: Shortest span that is fitted.
        most: Length of the span, where the stretch is as long.

    Returns:
        Per cell: begin and end of the span, and whether it is long enough.
    """
    first = np.searchsorted(stretch, own, side="left")
    last = np.searchsorted(stretch, own, side="right") - 1
    lowest, highest = x[np.minimum(first, len(x) - 1)], x[np.maximum(last, 0)]
    length = np.minimum(highest - lowest, most)
    begin = np.maximum(np.minimum(centre - length // 2, highest - length), lowest)
    return begin, begin + length, (last >= first) & (length >= least)


def barometric_grades(
    cells: Cells,
    altitude: Floats,
    distances: Floats,
    is_barometer: Truths,
    rules: PlausibilityRules,
) -> Floats:
    """Slope of altitude over distance around each cell, by least squares.

    The stretch that is fitted is ``rules.grade_stretch_m`` long and centred on the cell; near a
    hole or an end of the recording it is shifted so as not to reach across.

    Args:
        cells: The cells.
        altitude: Altitude of each sample, NaN where not known.
        distances: Distance of each piece, NaN where not known.
        is_barometer: Whether each sample's altitude is barometric.
        rules: Length of the stretch and the least that is fitted.

    Returns:
        Rise over run per cell; NaN where altitude is not barometric or spans too little distance.
    """
    at_piece = np.where(is_barometer, altitude, np.nan)[cells.piece_sample]
    is_point = ~np.isnan(at_piece)
    is_point[1:] &= np.diff(cells.piece_sample) != 0
    points = np.flatnonzero(is_point)
    if len(points) == 0:
        return np.full(len(cells.starts), np.nan)
    stretch = stretches(cells, at_piece, rules.grade_slack_m)
    steps = np.rint(np.nan_to_num(distances) * _UNITS_PER_METRE).astype(np.int64)
    way = np.concatenate([[0], np.cumsum(steps)[:-1]]) + stretch * _APART
    x = way[points]
    y = np.rint(at_piece[points] * _ALTITUDE_UNITS_PER_METRE).astype(np.int64)
    begin, end, is_long = fit_spans(
        x,
        stretch[points],
        stretch[cells.first_piece],
        way[cells.first_piece] + cells.sums(steps).astype(np.int64) // 2,
        least=round(rules.grade_least_m * _UNITS_PER_METRE),
        most=round(rules.grade_stretch_m * _UNITS_PER_METRE),
    )
    low, high = np.searchsorted(x, begin, side="left"), np.searchsorted(x, end, side="right")
    slopes = fitted_slopes(x, y, low, high) * (_UNITS_PER_METRE / _ALTITUDE_UNITS_PER_METRE)
    return np.where(is_long, slopes, np.nan)


def with_grade(cells: pl.DataFrame) -> pl.DataFrame:
    """Chooses each cell's grade: stated by a mark, else reported, else barometric, else none.

    Needs ``mark_grade_fraction, mark_grade_source, reported_grade_fraction,
    barometric_grade_fraction``; adds ``grade_fraction, grade_source``.
    """
    stated = pl.when(pl.col("mark_grade_source") == "annotation").then(pl.lit("annotation"))
    source = (
        pl.when(pl.col("mark_grade_fraction").is_not_null())
        .then(stated.otherwise(pl.lit("reported")))
        .when(pl.col("reported_grade_fraction").is_not_null())
        .then(pl.lit("reported"))
        .when(pl.col("barometric_grade_fraction").is_not_null())
        .then(pl.lit("barometer"))
        .otherwise(pl.lit("none"))
    )
    return cells.with_columns(
        grade_fraction=pl.coalesce(
            "mark_grade_fraction", "reported_grade_fraction", "barometric_grade_fraction"
        ),
        grade_source=source,
    )
