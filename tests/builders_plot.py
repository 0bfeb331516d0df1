"""A workout of half an hour with everything that a picture can show, and a few weekly rows."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import dataframely as dy
import numpy as np
import polars as pl

from retrowalk.tables.marks import Marks
from retrowalk.tables.records import Records
from retrowalk.tables.segments import Segments
from retrowalk.tables.weekly_summary import WeeklySummary
from retrowalk.tables.windows import Windows

STARTED_AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
WEEK = date(2026, 3, 2)
WORKOUT: dict[str, Any] = {
    "workout_id": "walk",
    "participant_id": "P07",
    "started_at_utc": STARTED_AT,
    "ended_at_utc": STARTED_AT + timedelta(minutes=31),
    "utc_offset_s": 3600,
    "sport": "walking",
    "environment": "outdoor",
}
#: Start and end in minutes, what was done, direction, grade class, deciding evidence.
STORY = (
    (0.0, 1.0, "rest", "unknown", "unknown", "none"),
    (1.0, 9.0, "walk", "forward", "level", "imu"),
    (9.0, 12.5, "walk", "backward", "level", "lap_name"),
    (12.5, 16.0, "walk", "forward", "level", "compass"),
    (18.0, 22.0, "walk", "backward", "incline", "compass"),
    (22.0, 25.0, "walk", "unknown", "level", "none"),
    (25.0, 28.0, "walk", "backward", "level", "assumption"),
    (28.0, 30.0, "run", "unknown", "level", "none"),
    (30.0, 31.0, "rest", "unknown", "unknown", "none"),
)
_SPEED_MPS = {"forward": 1.35, "backward": 0.85, "unknown": 1.0}
_NATS = {"forward": -2.4, "backward": 3.0, "unknown": 0.2}


def at(minutes: float) -> datetime:
    """An instant after the start."""
    return STARTED_AT + timedelta(minutes=minutes)


def _story_of(minutes: np.ndarray[Any, np.dtype[np.float64]]) -> pl.DataFrame:
    """What was done at these minutes; none in the pause."""
    story = pl.DataFrame(
        STORY,
        schema=["from_min", "to_min", "activity", "direction", "grade_class", "evidence"],
        orient="row",
    )
    asked = pl.DataFrame({"minute": minutes})
    return asked.join_asof(story, left_on="minute", right_on="from_min").filter(
        pl.col("minute") < pl.col("to_min")
    )


def _speed_expr() -> pl.Expr:
    walking = pl.col("direction").replace_strict(_SPEED_MPS)
    is_moving = pl.when(pl.col("activity") == "rest").then(0.0)
    return is_moving.when(pl.col("activity") == "run").then(2.6).otherwise(walking)


def picture_records() -> dy.DataFrame[Records]:
    """One record a second, with noise."""
    story = _story_of(np.arange(31 * 60) / 60.0)
    noise = pl.Series(np.random.default_rng(2).normal(0.0, 1.0, len(story)))
    frame = story.select(
        pl.lit(WEEK).alias("week_start_date"),
        pl.lit("walk").alias("workout_id"),
        recorded_at_utc=pl.lit(STARTED_AT) + pl.duration(seconds=pl.col("minute") * 60.0),
        elapsed_s=pl.col("minute") * 60.0,
        speed_mps=(_speed_expr() + 0.07 * noise).clip(0.0),
        cadence_spm=pl.when(pl.col("activity") == "walk").then(108.0 + 3.0 * noise),
        heart_rate_bpm=88.0 + 16.0 * _speed_expr() + pl.col("minute") * 0.4 + noise,
    )
    empty = Records.create_empty()
    return Records.validate(pl.concat([empty, frame], how="diagonal_relaxed"), cast=True)


def picture_windows() -> dy.DataFrame[Windows]:
    """One window per five seconds."""
    story = _story_of(np.arange(31 * 12) / 12.0)
    noise = pl.Series(np.random.default_rng(3).normal(0.0, 1.0, len(story)))
    nats = pl.col("direction").replace_strict(_NATS)
    is_walk = pl.col("activity") == "walk"
    frame = story.select(
        pl.lit(WEEK).alias("week_start_date"),
        pl.lit("walk").alias("workout_id"),
        "activity",
        started_at_utc=pl.lit(STARTED_AT) + pl.duration(seconds=pl.col("minute") * 60.0),
        ended_at_utc=pl.lit(STARTED_AT) + pl.duration(seconds=pl.col("minute") * 60.0 + 5.0),
        records_n=5,
        speed_mean_mps=(_speed_expr() + 0.03 * noise).clip(0.0),
        cadence_mean_spm=pl.when(is_walk).then(108.0 + noise),
        heart_rate_mean_bpm=88.0 + 16.0 * _speed_expr() + pl.col("minute") * 0.4,
        grade_fraction=pl.when(pl.col("grade_class") == "incline")
        .then(0.052 + 0.002 * noise)
        .otherwise(0.001 * noise),
        grade_source=pl.lit("barometer"),
        is_label_contradicted=pl.lit(value=False),
        label_log_likelihood_ratio_nats=pl.when(pl.col("evidence") == "lap_name").then(5.5),
        compass_log_likelihood_ratio_nats=pl.when(is_walk & (pl.col("minute") > 12.5)).then(
            0.9 * nats + 0.5 * noise
        ),
        imu_log_likelihood_ratio_nats=pl.when(is_walk & (pl.col("minute") < 22.0)).then(
            0.5 * nats + 0.6 * noise
        ),
        gait_log_likelihood_ratio_nats=pl.when(is_walk).then(0.15 * nats + 0.2 * noise),
        backward_probability=pl.when(is_walk).then(
            1.0 / (1.0 + (-(1.4 * nats + 0.4 * noise)).exp())
        ),
    )
    empty = Windows.create_empty()
    return Windows.validate(pl.concat([empty, frame], how="diagonal_relaxed"), cast=True)


def picture_segments() -> dy.DataFrame[Segments]:
    """One segment per line of the story."""
    rows = [
        {
            "week_start_date": WEEK,
            "workout_id": "walk",
            "segment_n": n,
            "participant_id": "P07",
            "started_at_utc": at(start),
            "ended_at_utc": at(end),
            "activity": activity,
            "direction": direction,
            "grade_class": grade,
            "walking_class": _walking_class(activity, direction, grade),
            "direction_evidence": evidence,
            "is_direction_assumed": evidence == "assumption",
            "is_label_contradicted": False,
            "duration_s": (end - start) * 60.0,
            "cadence_usable_s": 0.0,
            "heart_rate_usable_s": 0.0,
            "grade_source": "none",
        }
        for n, (start, end, activity, direction, grade, evidence) in enumerate(STORY)
    ]
    empty = Segments.create_empty()
    return Segments.validate(
        pl.concat([empty, pl.DataFrame(rows)], how="diagonal_relaxed"), cast=True
    )


def _walking_class(activity: str, direction: str, grade: str) -> str:
    if activity != "walk":
        return "not_walking"
    return f"{grade}_{direction}" if grade == "incline" else direction


def picture_marks() -> dy.DataFrame[Marks]:
    """A labelled lap, two plain ones, a pause and a turn."""
    marks = (
        ("lap", 0.0, 9.0, None, None),
        ("lap_name", 9.0, 12.5, "Rückwärts", "backward"),
        ("session_name", 0.0, 31.0, "Hin vorwärts, zurück rückwärts, und noch einmal", "forward"),
        ("lap", 12.5, 31.0, None, None),
        ("pause", 16.0, 18.0, None, None),
        ("turn", 20.0, 20.0, None, None),
    )
    rows = [
        {
            "week_start_date": WEEK,
            "workout_id": "walk",
            "mark_n": n,
            "source": source,
            "started_at_utc": at(start),
            "ended_at_utc": at(end),
            "text": text,
            "direction": direction,
        }
        for n, (source, start, end, text, direction) in enumerate(marks)
    ]
    frame = pl.DataFrame(rows, infer_schema_length=None)
    return Marks.validate(
        pl.concat([Marks.create_empty(), frame], how="diagonal_relaxed"), cast=True
    )


def weekly_rows(*rows: dict[str, Any]) -> dy.DataFrame[WeeklySummary]:
    """Weekly rows of which only what a picture shows is given; the rest is null."""
    shown = [
        {
            "week_start_date": WEEK,
            "week_status": "complete",
            "backward_min": 0.0,
            "incline_backward_min": 0.0,
            "forward_min": 0.0,
            "unknown_direction_min": 0.0,
            **row,
        }
        for row in rows
    ]
    parts = ("backward_min", "forward_min", "unknown_direction_min")
    frame = pl.DataFrame(shown).with_columns(walking_min=pl.sum_horizontal(parts))
    return WeeklySummary.cast(
        frame.select(
            pl.col(name) if name in frame.columns else pl.lit(None).alias(name)
            for name in WeeklySummary.column_names()
        )
    )
