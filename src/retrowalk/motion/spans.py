"""Samples to spans: sorted, cut by the clock, and brought to a uniform grid.

All workouts stand on one axis of cells. Where a span does not follow on the one before (another
workout, a break), the length of one span is left free, so that nothing is interpolated across.
What the axes of the device mean is not known here.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from retrowalk.rules.motion import MotionRules

ACCELERATION = tuple(f"acceleration_{axis}_mps2" for axis in "xyz")
FIELD = tuple(f"magnetic_{axis}_ut" for axis in "xyz")
US_PER_S = 1_000_000

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]
Integers = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Spans:
    """Spans in device axes.

    Args:
        frame: One row per span: workout, start, end, sample count and rate, placement, forward
            axis, mean magnetic field (null without one).
        acceleration_mps2: Spans x cells x axes; interpolated where a cell has no sample.
        is_covered: Spans x cells; false in a gap.
    """

    frame: pl.DataFrame
    acceleration_mps2: Floats
    is_covered: Truths

    @property
    def gap_fraction(self) -> Floats:
        """Share of each span's cells that lie in a gap."""
        covered: Floats = self.is_covered.mean(axis=1)
        return 1.0 - covered

    @property
    def has_axis(self) -> Truths:
        """Spans x 1: whether a forward axis is stated."""
        stated: Truths = self.frame["forward_axis"].is_not_null().to_numpy()
        return stated[:, np.newaxis]


def spans_from_samples(samples: pl.DataFrame, workouts: pl.DataFrame, rules: MotionRules) -> Spans:
    """Cuts samples into spans of the clock and resamples them, all workouts at once.

    Args:
        samples: As :func:`retrowalk.motion.motion_from_samples` takes them.
        workouts: Likewise.
        rules: Length of a span, rate of the grid, longest time that is interpolated.

    Returns:
        Spans with at least one sample of acceleration, by workout and time.
    """
    span_us = round(rules.span_s * US_PER_S)
    located = samples.pipe(_located, workouts, span_us)
    felt = located.filter(_is_complete_expr(ACCELERATION)).sort("workout_id", "at_us")
    placed = felt.with_columns(_interval_expr(), slot_n=_slot_expr())
    frame = placed.pipe(_spans, span_us).join(
        located.pipe(_mean_fields), on=["workout_id", "span_n"], how="left", maintain_order="left"
    )
    stated = workouts.select(
        pl.col("workout_id").cast(frame.schema["workout_id"]), "placement", "forward_axis"
    )
    frame = frame.join(stated, on="workout_id", how="left", maintain_order="left")
    acceleration, is_covered = _resampled(placed, frame["slot_n"].to_numpy(), rules)
    return Spans(frame, acceleration, is_covered)


def _located(samples: pl.DataFrame, workouts: pl.DataFrame, span_us: int) -> pl.DataFrame:
    """Samples of listed workouts, with the span of the clock that each falls into."""
    listed = pl.Enum(workouts["workout_id"].unique().sort())
    return (
        samples.select(
            pl.col("workout_id").cast(listed, strict=False),
            "week_start_date",
            *ACCELERATION,
            *FIELD,
            at_us=pl.col("sampled_at_utc").dt.epoch("us"),
        )
        .drop_nulls(["workout_id", "at_us"])
        .with_columns(span_n=pl.col("at_us") // span_us)
    )


def _is_complete_expr(columns: tuple[str, ...]) -> pl.Expr:
    """Whether a row has a number on all three axes."""
    return pl.all_horizontal(pl.col(columns).is_not_null() & pl.col(columns).is_finite())


def _interval_expr() -> pl.Expr:
    """Time since the sample before in the same span; null where there is none or it is 0."""
    interval_us = pl.col("at_us").diff()
    is_same_span = pl.col("span_n").diff().eq(0) & ~_is_other_workout_expr()
    return pl.when(is_same_span & (interval_us > 0)).then(interval_us).alias("interval_us")


def _slot_expr() -> pl.Expr:
    """Place of a row's span on the common axis, in spans; one place stays free at each break."""
    spans_on = pl.col("span_n").diff().fill_null(0)
    return pl.when(_is_other_workout_expr() | (spans_on > 1)).then(2).otherwise(spans_on).cum_sum()


def _is_other_workout_expr() -> pl.Expr:
    return pl.col("workout_id").ne(pl.col("workout_id").shift()).fill_null(value=False)


def _spans(placed: pl.DataFrame, span_us: int) -> pl.DataFrame:
    """One row per span: what can be counted."""
    started_at = (pl.col("span_n") * span_us).cast(pl.Datetime("us", "UTC"))
    rate_hz = US_PER_S / pl.coalesce("interval_us", span_us / pl.col("samples_n"))
    return (
        placed.group_by("slot_n", maintain_order=True)
        .agg(
            pl.col("workout_id", "week_start_date", "span_n").first(),
            pl.col("interval_us").median(),
            samples_n=pl.len(),
        )
        .with_columns(
            started_at_utc=started_at,
            ended_at_utc=started_at + pl.duration(microseconds=span_us),
            sample_rate_hz=rate_hz,
        )
    )


def _mean_fields(located: pl.DataFrame) -> pl.DataFrame:
    """Mean magnetic field of each span that has one."""
    return (
        located.filter(_is_complete_expr(FIELD))
        .group_by("workout_id", "span_n")
        .agg(pl.col(FIELD).mean())
    )


def _resampled(placed: pl.DataFrame, slots: Floats, rules: MotionRules) -> tuple[Floats, Truths]:
    """Acceleration at the middle of every cell of every span, and which cells are covered.

    Samples are averaged over their cell, then interpolated from the mean instant of each cell to
    its middle: averaging keeps high frequencies from folding down, interpolation takes out jitter
    and fills cells that a slow recording leaves empty.
    """
    cells_n = round(rules.span_s * rules.analysis_rate_hz)
    in_span_us = pl.col("at_us") - pl.col("span_n") * round(rules.span_s * US_PER_S)
    in_cells = pl.col("slot_n") * cells_n + in_span_us / (US_PER_S / rules.analysis_rate_hz)
    means = (
        placed.select(*ACCELERATION, position=in_cells)
        .group_by(pl.col("position").floor().alias("cell_n"), maintain_order=True)
        .agg(pl.all().mean())
    )
    if means.is_empty():
        return np.zeros((0, cells_n, 3)), np.zeros((0, cells_n), dtype=np.bool_)
    middle = (slots[:, np.newaxis] * cells_n + np.arange(cells_n) + 0.5).ravel()
    between = _between(means["position"].to_numpy(), middle, rules)
    values = means.select(ACCELERATION).to_numpy()
    share = between.share_of_after[:, np.newaxis]
    resampled: Floats = values[between.before] * (1 - share) + values[between.after] * share
    return resampled.reshape(-1, cells_n, 3), between.is_covered.reshape(-1, cells_n)


@dataclass(frozen=True, slots=True)
class _Between:
    """For each cell, the two neighbouring means and how to mix them; in a gap, the nearer one."""

    before: Integers
    after: Integers
    share_of_after: Floats
    is_covered: Truths


def _between(position: Floats, middle: Floats, rules: MotionRules) -> _Between:
    """Finds the means around the middle of each cell, and whether the cell is covered.

    A cell is covered that holds a sample or lies in an interval that is no gap.
    """
    after = np.searchsorted(position, middle, side="right")
    bounded = np.concatenate([[-np.inf], position, [np.inf]])
    to_before: Floats = middle - bounded[after]
    to_after: Floats = bounded[after + 1] - middle
    interval = to_before + to_after
    is_bridged = interval <= rules.gap_from_s * rules.analysis_rate_hz
    is_held = np.minimum(to_before, to_after) <= 0.5  # half a cell to either side
    nearer = np.greater(to_before, to_after).astype(np.float64)
    mixed = np.divide(to_before, interval, out=nearer, where=is_bridged)
    last = len(position) - 1
    return _Between(
        before=np.maximum(after - 1, 0),
        after=np.minimum(after, last),
        share_of_after=mixed,
        is_covered=is_held | is_bridged,
    )
