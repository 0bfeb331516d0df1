"""Heart rate, cleaned: what cannot be is dropped, spikes are smoothed, short holes are bridged.

What may be no heart rate, yet can be one, is kept and flagged.
"""

import numpy as np
import polars as pl

from retrowalk.rules.plausibility import PlausibilityRules
from retrowalk.windows.timeline import MICROSECONDS_PER_SECOND, Floats, Ints

#: Means of one heart rate differ in the last digits.
_SAME_BPM = 1e-6


def plausible(heart_rate: Floats, age: Floats, rules: PlausibilityRules) -> Floats:
    """Drops what lies out of range: for the age, where it is known, and for anybody."""
    for_age = rules.heart_rate_age_bpm - age + rules.heart_rate_margin_bpm
    high = np.fmin(for_age, rules.heart_rate_high_bpm)
    with np.errstate(invalid="ignore"):
        is_plausible = (heart_rate >= rules.heart_rate_low_bpm) & (heart_rate <= high)
    return np.where(is_plausible, heart_rate, np.nan)


def without_steps(heart_rate: Floats, positions: Ints, workout: Ints, step_bpm: float) -> Floats:
    """Drops what differs from the sample before by more than a heart can change in the time."""
    elapsed_s = np.maximum(np.diff(positions) / MICROSECONDS_PER_SECOND, 1.0)
    is_step = np.zeros(len(heart_rate), dtype=np.bool_)
    with np.errstate(invalid="ignore"):
        is_step[1:] = (np.abs(np.diff(heart_rate)) > step_bpm * elapsed_s) & (np.diff(workout) == 0)
    return np.where(is_step, np.nan, heart_rate)


def centred_median(heart_rate: Floats, positions: Ints, width_s: float) -> Floats:
    """Median over ``width_s`` around each sample; NaN where the sample itself is.

    Bands of the axis are hours apart, so that no median reaches from one workout into another.
    """
    width_us = round(width_s * MICROSECONDS_PER_SECOND)
    trailing = (
        pl.DataFrame({"at": positions, "bpm": pl.Series(heart_rate, nan_to_null=True)})
        .select(pl.col("bpm").rolling_median_by("at", window_size=f"{width_us}i"))
        .to_series()
        .to_numpy()
    )
    latest = np.searchsorted(positions, positions + width_us // 2, side="right") - 1
    return np.where(np.isnan(heart_rate), np.nan, trailing[latest])


def bridged(values: Floats, positions: Ints, workout: Ints, bridge_s: float) -> Floats:
    """Fills holes between two samples of a workout that are at most ``bridge_s`` apart."""
    holes, known = np.flatnonzero(np.isnan(values)), np.flatnonzero(~np.isnan(values))
    after = np.searchsorted(known, holes)
    holes, after = (
        holes[(after > 0) & (after < len(known))],
        after[(after > 0) & (after < len(known))],
    )
    low, high = known[after - 1], known[after]
    apart = positions[high] - positions[low]
    is_short = (workout[low] == workout[high]) & (apart <= bridge_s * MICROSECONDS_PER_SECOND)
    holes, low, high, apart = (side[is_short] for side in (holes, low, high, apart))
    share = (positions[holes] - positions[low]) / apart
    filled = values.copy()
    filled[holes] = values[low] + share * (values[high] - values[low])
    return filled


def cleaned_heart_rate(
    heart_rate: Floats, age: Floats, positions: Ints, workout: Ints, rules: PlausibilityRules
) -> Floats:
    """Cleans heart rates; NaN is not known, before and after.

    Args:
        heart_rate: As measured, in bpm, one per sample.
        age: Age in years, NaN where not known, one per sample.
        positions: Place of each sample on the axis, rising.
        workout: Index of each sample's workout.
        rules: Range, steps, median and bridge.
    """
    if len(heart_rate) == 0 or np.isnan(heart_rate).all():
        return heart_rate
    in_range = plausible(heart_rate, age, rules)
    calm = without_steps(in_range, positions, workout, rules.heart_rate_step_bpm)
    smooth = centred_median(calm, positions, rules.heart_rate_median_s)
    return bridged(smooth, positions, workout, rules.heart_rate_bridge_s)


def stretch_s_expr(is_begun: pl.Expr) -> pl.Expr:
    """How long the stretch lasts that a cell lies in; ``is_begun`` where a new one begins."""
    run = is_begun.fill_null(value=True).cum_sum()
    return (pl.col("end_us") - pl.col("start_us")).sum().over(run) / MICROSECONDS_PER_SECOND


def with_heart_rate_doubt(cells: pl.DataFrame, rules: PlausibilityRules) -> pl.DataFrame:
    """Adds ``heart_rate_doubt``: heart rates that may be the cadence, or a sensor that hangs.

    Wrist sensors take the swing of steps or strides for the pulse. A heart can beat at the cadence
    too, so nothing is dropped. Only records in time are judged: one mean of a lap cannot hang.

    Args:
        cells: Cells in order of the axis, with ``workout_index``, ``start_us``, ``end_us``,
            ``grain`` of the workout and the means of heart rate and cadence.
        rules: How near, and how long.
    """
    beats, steps = pl.col("heart_rate_mean_bpm"), pl.col("cadence_mean_spm")
    is_apart = pl.col("start_us") != pl.col("end_us").shift()
    off = pl.min_horizontal((beats - steps).abs(), (beats - steps / 2.0).abs())
    is_near = ((steps > 0) & (off <= rules.heart_rate_lock_bpm)).fill_null(value=False)
    is_changed = (beats - beats.shift()).abs() > _SAME_BPM
    is_series = pl.col("grain") == "record"
    locked_s = stretch_s_expr(is_apart | (is_near != is_near.shift()))
    flat_s = stretch_s_expr(is_apart | is_changed.fill_null(value=True))
    return cells.with_columns(
        heart_rate_doubt=pl.when(is_series & is_near & (locked_s >= rules.heart_rate_lock_s))
        .then(pl.lit("cadence_lock"))
        .when(is_series & beats.is_not_null() & (flat_s > rules.heart_rate_flat_s))
        .then(pl.lit("flat_line"))
    )
