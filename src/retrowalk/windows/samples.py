"""Samples of a batch on the axis of time, and how long each of them stands."""

import numpy as np
import polars as pl

from retrowalk.rules.plausibility import PlausibilityRules
from retrowalk.windows.timeline import (
    MICROSECONDS_PER_SECOND,
    Ints,
    Timeline,
    held_us,
    placed,
    position_expr,
)

#: What samples need to know of their workout.
_FACTS = (
    "age_at_start_year",
    "altitude_source",
    "is_series",
    "usual_us",
    "listed_us",
    "overall_mps",
)


def with_holding(workouts: pl.DataFrame, rules: PlausibilityRules) -> pl.DataFrame:
    """Adds how long the samples of each workout stand.

    ``usual_us``: a sample before a hole; ``listed_us``: the one sample of a listed workout, which
    stands for the moving time from the start on, at the mean speed ``overall_mps``; ``is_series``:
    whether samples follow one another in time at all.
    """
    is_listed = (pl.col("grain") == "workout") & (pl.col("moving_s") > 0)
    interval_s = pl.when(pl.col("median_interval_s") > 0).then("median_interval_s")
    usual_s = pl.min_horizontal(interval_s, pl.lit(rules.max_gap_s))
    usual_s = pl.when(interval_s.is_null()).then(rules.usual_interval_s).otherwise(usual_s)
    return workouts.with_columns(
        is_series=pl.col("grain") == "record",
        usual_us=_microseconds(usual_s),
        listed_us=pl.when(is_listed).then(_microseconds(pl.col("moving_s"))),
        overall_mps=pl.when(is_listed).then(pl.col("distance_m") / pl.col("moving_s")),
    )


def _microseconds(seconds: pl.Expr) -> pl.Expr:
    return (seconds * MICROSECONDS_PER_SECOND).round().cast(pl.Int64)


def stand_ins(motion: pl.DataFrame, workouts: pl.DataFrame, recorded: pl.Series) -> pl.DataFrame:
    """Samples without values for workouts that have none: motion spans, or the workout itself.

    Motion spans lie on a grid of their own; what reaches over the workout's ends is cut off.
    """
    has_none = ~pl.col("workout_id").is_in(recorded.implode())
    ends = workouts.filter(has_none).select("workout_id", "grain", "started_at_utc", "ended_at_utc")
    start = pl.max_horizontal("started_at_utc", "started_at_utc_right")
    span = pl.min_horizontal("ended_at_utc", "ended_at_utc_right") - start
    moved = (
        motion.join(ends, on="workout_id", maintain_order="left")
        .select("workout_id", recorded_at_utc=start, span_us=span.dt.total_microseconds())
        .filter(pl.col("span_us") > 0)
    )
    listed = ends.filter(pl.col("grain") == "workout").select(
        "workout_id", recorded_at_utc="started_at_utc", span_us=pl.lit(None, pl.Int64)
    )
    return pl.concat([moved, listed])


def samples_on(timeline: Timeline, records: pl.DataFrame, motion: pl.DataFrame) -> pl.DataFrame:
    """Records, and stand-ins where a workout has none, in order of the axis."""
    own = stand_ins(motion, timeline.workouts, records["workout_id"].unique())
    return placed(
        pl.concat([records.drop("week_start_date"), own], how="diagonal"),
        timeline,
        _FACTS,
        position_us="recorded_at_utc",
    ).with_columns(
        speed_mps=pl.coalesce("overall_mps", "speed_mps"),
        usual_us=pl.coalesce("span_us", "usual_us"),
    )


def holding(
    samples: pl.DataFrame, marks: pl.DataFrame, timeline: Timeline, max_gap_s: float
) -> Ints:
    """How long each sample stands, in microseconds; see :func:`held_us`.

    A sample of a lap table stands until the next lap or the end, that of a listed workout for its
    moving time.
    """
    positions, workout = samples["position_us"].to_numpy(), samples["workout_index"].to_numpy()
    pauses = marks.filter((pl.col("source") == "pause") & (pl.col("first_us") < pl.col("last_us")))
    held = held_us(
        positions,
        workout,
        samples["usual_us"].to_numpy(),
        (pauses["first_us"].to_numpy(), pauses["last_us"].to_numpy()),
        max_gap_us=round(max_gap_s * MICROSECONDS_PER_SECOND),
    )
    ends = timeline.workouts.select(position_expr("ended_at_utc")).to_series().to_numpy()
    following = np.append(positions[1:], np.iinfo(np.int64).max)
    until_end = np.minimum(ends[workout], following) - positions
    alone = samples["listed_us"].fill_null(np.iinfo(np.int64).max).to_numpy()
    is_series = samples["is_series"].to_numpy()
    return np.where(is_series, held, np.maximum(np.minimum(until_end, alone), 0))
