"""Heart rate, cleaned: what cannot be is dropped, spikes are smoothed, short holes are bridged."""

import numpy as np
import polars as pl

from retrowalk.rules.plausibility import PlausibilityRules
from retrowalk.windows.timeline import MICROSECONDS_PER_SECOND, Floats, Ints


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
