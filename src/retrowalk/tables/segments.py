"""Table ``segments``: longest runs of one class."""

import dataframely as dy
import polars as pl

from retrowalk.tables import columns as c
from retrowalk.tables.vocabulary import (
    ACTIVITIES,
    DIRECTION_EVIDENCE,
    DIRECTIONS,
    GRADE_CLASSES,
    GRADE_SOURCES,
    WALKING_CLASSES,
)


class Segments(dy.Schema):
    """One row per longest gap-free run of one activity, direction, evidence and grade class."""

    week_start_date = c.week_start_date()
    workout_id = c.workout_id(primary_key=True)
    segment_n = c.count(
        "Number of the segment within its workout, from 0, by time.", primary_key=True
    )
    participant_id = c.participant_id()
    started_at_utc = c.started_at_utc()
    ended_at_utc = c.ended_at_utc()
    activity = dy.Enum(ACTIVITIES, description="What was done.")
    direction = dy.Enum(
        DIRECTIONS, description="Direction of walking; `unknown` where the evidence does not carry."
    )
    grade_class = dy.Enum(GRADE_CLASSES, description="Level, incline, decline, or unknown.")
    walking_class = dy.Enum(
        WALKING_CLASSES, description="Direction and grade of walking in one word."
    )
    direction_probability = c.fraction(
        "Posterior probability of the direction that the segment states; for `unknown` that of the "
        "likelier direction. Null where it is not walking or where only an assumption decided."
    )
    direction_evidence = dy.Enum(
        DIRECTION_EVIDENCE, description="The source that decided; `none` where none did."
    )
    is_direction_assumed = c.truth("Whether the prescription's setting decided, not a measurement.")
    is_label_contradicted = c.truth("Whether physics contradicts the label that decided.")
    habits_version = c.habits_version()
    duration_s = c.amount("End minus start; pauses and gaps are never inside.")
    distance_m = c.number("Distance covered.", min=0.0)
    speed_mean_mps = c.number("Time-weighted mean speed.", min=0.0)
    cadence_median_spm = c.number("Time-weighted median cadence.", min=0.0)
    cadence_usable_s = c.amount("Time with a usable cadence.")
    heart_rate_mean_bpm = c.number("Time-weighted mean of the cleaned heart rate.", min=0.0)
    heart_rate_usable_s = c.amount("Time with a usable heart rate.")
    heart_rate_doubted_s = c.amount(
        "Part of it in which the heart rate stays with the cadence or does not change; null where "
        "no heart rate is known.",
        nullable=True,
    )
    step_length_mean_m = c.number("Mean step length; null without cadence or speed.", min=0.0)
    grade_mean_fraction = c.number("Mean grade, rise over run; null where the class is unknown.")
    grade_source = dy.Enum(GRADE_SOURCES, description="Where the grade comes from.")

    @dy.rule()
    def duration_is_end_minus_start(cls) -> pl.Expr:
        """The duration is exactly the span."""
        span = (cls.ended_at_utc.col - cls.started_at_utc.col).dt.total_microseconds() / 1e6
        return (cls.duration_s.col - span).abs() < 1e-6

    @dy.rule()
    def only_walking_has_a_direction(cls) -> pl.Expr:
        """What is not walking has direction `unknown` and walking class `not_walking`."""
        is_walk = cls.activity.col == "walk"
        return (is_walk & (cls.walking_class.col != "not_walking")) | (
            ~is_walk & (cls.walking_class.col == "not_walking") & (cls.direction.col == "unknown")
        )
