"""The room ``motion``: raw motion samples, reduced to what direction evidence needs.

It measures and does not judge: which direction a phase speaks for, and how loudly, is decided by
the room ``windows``. Four steps: samples to spans on a uniform grid (:mod:`.spans`), device axes to
body axes (:mod:`.body`), body axes to step and phase (:mod:`.step`), spans to the table (here).
"""

import dataframely as dy
import numpy as np
import polars as pl

from retrowalk.motion.body import Body, body_from_spans, heading_deg
from retrowalk.motion.spans import Floats, Spans, spans_from_samples
from retrowalk.motion.step import Step, step_from_body
from retrowalk.rules.motion import MotionRules
from retrowalk.tables.motion import Motion


def motion_from_samples(
    samples: pl.DataFrame, workouts: pl.DataFrame, rules: MotionRules
) -> dy.DataFrame[Motion]:
    """Reduces raw acceleration and magnetic field to one row per span of three seconds.

    Spans lie on the clock's grid, and no number of a span depends on any other span, so a log
    split in two gives the same spans, except for the one that the cut goes through.

    Vertical is the direction of the span's mean acceleration, upward; anterior-posterior (AP) is
    the stated forward axis made orthogonal to it, forward. Without a stated one it is the horizontal
    axis that moves with the steps, and which of its ends is forward stays open. The phase is that of AP minus that of
    vertical at the step frequency, in (-pi, pi]. The body is lowest and fastest when both feet
    are down and is slowed by the step that follows, so in forward walking AP runs ahead of
    vertical by a quarter to a third of a step (about +2.1 rad), and in backward walking, where
    braking pushes the other way along the same axis, it lies about half a turn from there
    (about -1.3 rad). Coherence is the share of AP that keeps this phase; two unrelated signals
    have a mean of one over the number of tapers, not 0.

    Acceleration must be specific force as an accelerometer feels it: at rest the axis that points
    up reads +9.8 m/s^2. With all signs the other way round, forward and backward are exchanged,
    and nothing in the signal shows it.

    Args:
        samples: Columns of :class:`retrowalk.read.reading.ReadSamples` with ``workout_id`` and
            ``week_start_date`` for ``workout_n``; any number of workouts, any order. Acceleration
            and field may come in rows of their own. Samples at the same instant are averaged.
        workouts: One row per workout with ``workout_id, placement, forward_axis``. Samples of a
            workout that is not listed are left out: it is not scored.
        rules: Lengths, bands and limits.

    Returns:
        One row per span with an acceleration sample, by workout and time. ``sample_rate_hz`` is
        the inverse of the span's median interval; of a span with one sample alone, its samples
        over its length. ``gap_fraction`` counts what lies in intervals longer than
        ``rules.gap_from_s``. Null: everything but counts where gravity is missing from the mean
        (already removed, other unit, tumbling device); steps where the rate is too low or the
        gaps are too many; step, phase and coherence where no peak is clear; what rests on the
        forward axis where it points up or down; the found axis where one is stated; the heading
        where no axis is stated, no field is measured or it is not the Earth's. The heading is magnetic: declination is not taken off.

    References:
        Riedel and Sidorenko 1995, IEEE Trans Signal Process 43(1):188-195 (sine tapers).
    """
    spans = spans_from_samples(samples, workouts, rules)
    with np.errstate(divide="ignore", invalid="ignore"):  # 0/0 is NaN is null: not known
        body = body_from_spans(spans, rules)
        step = step_from_body(body, spans, rules)
        heading = heading_deg(body, spans, rules)
    columns = _columns(spans, body, step, heading, rules)
    frame = spans.frame.with_columns(pl.Series(n, v, nan_to_null=True) for n, v in columns.items())
    return Motion.validate(frame.select(Motion.column_names()), cast=True)


def _columns(
    spans: Spans, body: Body, step: Step, heading: Floats, rules: MotionRules
) -> dict[str, Floats]:
    """The measured columns of the table, NaN where one is not to be told."""
    tells_steps = (
        body.has_gravity
        & (spans.frame["sample_rate_hz"].to_numpy() >= rules.rate_low_hz)
        & (spans.gap_fraction <= rules.gap_high_fraction)
    )
    has_step = tells_steps & step.is_clear
    return {
        "gap_fraction": spans.gap_fraction,
        "step_frequency_hz": np.where(has_step, step.frequency_hz, np.nan),
        "vertical_rms_mps2": np.where(tells_steps, step.vertical_rms_mps2, np.nan),
        "anterior_posterior_rms_mps2": np.where(
            tells_steps, step.anterior_posterior_rms_mps2, np.nan
        ),
        "vertical_anterior_posterior_phase_rad": np.where(has_step, step.phase_rad, np.nan),
        "coherence_fraction": np.where(has_step, step.coherence_fraction, np.nan),
        "stride_fraction": np.where(has_step, step.stride_fraction, np.nan),
        **{
            f"found_axis_{axis}_fraction": np.where(has_step, step.found_axis[:, n], np.nan)
            for n, axis in enumerate("xyz")
        },
        "heading_deg": heading,
    }
