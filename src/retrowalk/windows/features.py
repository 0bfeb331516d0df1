"""What each cell measured: distance, speed, cadence, heart rate, altitude, place and directions."""

import numpy as np
import polars as pl

from retrowalk.rules.plausibility import PlausibilityRules
from retrowalk.units import SECONDS_PER_MINUTE
from retrowalk.windows.heart_rate import cleaned_heart_rate
from retrowalk.windows.timeline import MICROSECONDS_PER_SECOND, Cells, Floats, Ints, Truths


def channel(samples: pl.DataFrame, name: str) -> Floats:
    """A column of samples as an array, NaN where it is null."""
    return samples[name].cast(pl.Float64).to_numpy()


def covered_speed(
    distance: Floats, positions: Ints, workout: Ints, is_whole: Truths, *, max_gap_us: int
) -> Floats:
    """Speed from each sample on, by the distance channel, up to the next sample that has one.

    NaN where the next distance is too far off, smaller (the counter was reset), or lies beyond a
    pause.
    """
    known = np.flatnonzero(~np.isnan(distance))
    if len(known) == 0:
        return np.full(len(distance), np.nan)
    covered_m, elapsed_us = np.diff(distance[known]), np.diff(positions[known])
    is_sound = (covered_m >= 0) & (elapsed_us <= max_gap_us) & (np.diff(workout[known]) == 0)
    speed = np.full(len(known), np.nan)
    speed[:-1][is_sound] = (covered_m / elapsed_us)[is_sound] * MICROSECONDS_PER_SECOND
    last_known = np.cumsum(~np.isnan(distance)) - 1
    return np.where((last_known >= 0) & is_whole, speed[np.maximum(last_known, 0)], np.nan)


def piece_distances(cells: Cells, by_distance: Floats, by_speed: Floats) -> Floats:
    """Distance covered in each piece: by the distance channel, else speed times time."""
    speed = np.where(np.isnan(by_distance), by_speed, by_distance)
    return speed[cells.piece_sample] * cells.piece_s


def summed_where_known(cells: Cells, pieces: Floats) -> Floats:
    """Sums what is known of each cell; NaN where nothing is."""
    is_known = ~np.isnan(pieces)
    total = cells.sums(np.where(is_known, pieces, 0.0))
    return np.where(cells.sums(is_known.astype(np.int64)) > 0, total, np.nan)


def circular_means(cells: Cells, degrees: Floats) -> Floats:
    """Time-weighted circular mean over each cell, from 0 up to 360 degrees; NaN where unknown."""
    if np.isnan(degrees).all():
        return np.full(len(cells.starts), np.nan)
    angle = np.radians(degrees)
    mean = np.arctan2(cells.means(np.sin(angle)), cells.means(np.cos(angle)))
    return np.degrees(mean) % 360.0


def speeds(
    samples: pl.DataFrame, positions: Ints, is_whole: Truths, rules: PlausibilityRules
) -> tuple[Floats, Floats]:
    """Speed of each sample by the distance channel, and as given, filled from the former."""
    by_distance = covered_speed(
        channel(samples, "distance_m"),
        positions,
        samples["workout_index"].to_numpy(),
        is_whole,
        max_gap_us=round(rules.max_gap_s * MICROSECONDS_PER_SECOND),
    )
    given = channel(samples, "speed_mps")
    return by_distance, np.where(np.isnan(given), by_distance, given)


def usable_channels(
    samples: pl.DataFrame, positions: Ints, speed: Floats, rules: PlausibilityRules
) -> dict[str, Floats]:
    """Channels of samples whose means are taken, without what is no measurement.

    Cadences of zero while moving are left out: watches drop steps at low speed. So are courses
    below ``rules.course_from_mps``. Heart rate is cleaned.
    """
    cadence = channel(samples, "cadence_spm")
    with np.errstate(invalid="ignore"):
        is_dropped = (cadence == 0) & (speed >= rules.rest_below_mps)
    heart_rate = cleaned_heart_rate(
        channel(samples, "heart_rate_bpm"),
        channel(samples, "age_at_start_year"),
        positions,
        samples["workout_index"].to_numpy(),
        rules,
    )
    return {
        "speed_mean_mps": speed,
        "cadence_mean_spm": np.where(is_dropped, np.nan, cadence),
        "heart_rate_mean_bpm": heart_rate,
        "altitude_mean_m": channel(samples, "altitude_m"),
        "east_mean_m": channel(samples, "east_m"),
        "north_mean_m": channel(samples, "north_m"),
        "reported_grade_fraction": channel(samples, "grade_fraction"),
    }


def features_of_cells(
    samples: pl.DataFrame, cells: Cells, positions: Ints, is_whole: Truths, rules: PlausibilityRules
) -> tuple[pl.DataFrame, Floats]:
    """Averages the channels of samples over cells, weighted by time.

    Args:
        samples: Samples in order of the axis, with ``workout_index`` and ``age_at_start_year``.
        cells: The cells they were cut into.
        positions: Place of each sample.
        is_whole: Whether the sample stands until the next one.
        rules: Limits.

    Returns:
        One row per cell, in order, and the distance of each piece in metres (NaN: not known).
    """
    by_distance, speed = speeds(samples, positions, is_whole, rules)
    distances = piece_distances(cells, by_distance, speed)
    with np.errstate(invalid="ignore"):
        has_course = speed >= rules.course_from_mps
    course = np.where(has_course, channel(samples, "course_deg"), np.nan)
    usable = usable_channels(samples, positions, speed, rules)
    columns = {
        "distance_m": summed_where_known(cells, distances),
        **{name: cells.means(values) for name, values in usable.items()},
        "course_mean_deg": circular_means(cells, course),
        "heading_mean_deg": circular_means(cells, channel(samples, "heading_deg")),
    }
    is_begun = cells.piece_starts == positions[cells.piece_sample]
    frame = pl.DataFrame(
        {
            "workout_index": cells.workout,
            "start_us": cells.starts,
            "end_us": cells.ends,
            "records_n": cells.sums(is_begun.astype(np.int64)).astype(np.int64),
        }
    ).with_columns(pl.Series(name, values, nan_to_null=True) for name, values in columns.items())
    return frame, distances


def is_joined_expr() -> pl.Expr:
    """Whether a cell follows on the one before it without a hole."""
    is_joined = pl.col("start_us") == pl.col("end_us").shift()
    return is_joined.fill_null(value=False)


def travel_exprs(cells_apart: int) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Way east, way north and time from so many cells before to so many after, without a hole.

    Nearer cells stand in where there are none that far. Positions of cells are means, which
    scatter less than single ones.
    """
    stretch = pl.col("stretch_n")

    def across(value: pl.Expr) -> pl.Expr:
        ends = []
        for sign in (1, -1):
            steps = range(cells_apart, 0, -1)
            far = [
                pl.when(stretch.shift(sign * n) == stretch).then(value.shift(sign * n))
                for n in steps
            ]
            ends.append(pl.coalesce(*far, value))
        return ends[1] - ends[0]

    middle = (pl.col("start_us") + pl.col("end_us")) / (2 * MICROSECONDS_PER_SECOND)
    return across(pl.col("east_mean_m")), across(pl.col("north_mean_m")), across(middle)


def with_travel_by_position(cells: pl.DataFrame, rules: PlausibilityRules) -> pl.DataFrame:
    """Fills speed, distance and course from positions where no channel gave them.

    Speed is that from the cell before to the cell after, about ten seconds apart. The direction of
    travel, ``travel_deg``, is taken over the shortest of 10, 20 and 30 s in which the way is at
    least ``rules.travel_least_m``: positions scatter by metres.
    """
    east, north, elapsed_s = travel_exprs(1)
    speed = pl.when(elapsed_s > 0).then((east**2 + north**2).sqrt() / elapsed_s)
    ways = [travel_exprs(n)[:2] for n in (1, 2, 3)]
    bearings = [
        pl.when((east**2 + north**2).sqrt() >= rules.travel_least_m).then(
            pl.arctan2(east, north).degrees() % 360.0
        )
        for east, north in ways
    ]
    duration_s = (pl.col("end_us") - pl.col("start_us")) / MICROSECONDS_PER_SECOND
    has_course = pl.col("speed_mean_mps") >= rules.course_from_mps
    return (
        cells.with_columns(stretch_n=(~is_joined_expr()).cum_sum())
        .with_columns(travel_mps=speed, travel_deg=pl.coalesce(bearings))
        .with_columns(
            speed_mean_mps=pl.coalesce("speed_mean_mps", "travel_mps"),
            distance_m=pl.coalesce("distance_m", pl.col("travel_mps") * duration_s),
        )
        .with_columns(
            course_mean_deg=pl.coalesce("course_mean_deg", pl.when(has_course).then("travel_deg"))
        )
        .drop("travel_mps", "stretch_n")
    )


def step_length_expr() -> pl.Expr:
    """Speed over steps per second; null without cadence."""
    cadence = pl.col("cadence_mean_spm")
    return pl.when(cadence > 0).then(pl.col("speed_mean_mps") * SECONDS_PER_MINUTE / cadence)
