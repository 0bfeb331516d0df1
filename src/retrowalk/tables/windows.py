"""Table ``windows``: a workout in cells of five seconds, with what each cell says of direction."""

import dataframely as dy
import polars as pl

from retrowalk.tables import columns as c
from retrowalk.tables.vocabulary import (
    ACTIVITIES,
    DIRECTION_EVIDENCE,
    DIRECTIONS,
    GRADE_SOURCES,
    HEART_RATE_DOUBTS,
)


class Windows(dy.Schema):
    """One row per cell of the five-second clock grid, cut at the borders of marks and gaps.

    Cells are aligned to the clock, so that a split log falls into the same cells; a cell exists
    where the workout's records cover time and its timer ran.
    """

    week_start_date = c.week_start_date()
    workout_id = c.workout_id(primary_key=True)
    started_at_utc = c.started_at_utc(primary_key=True)
    ended_at_utc = c.ended_at_utc()
    records_n = c.count("Records that fall into the cell.")
    distance_m = c.number("Distance covered in the cell.", min=0.0)
    speed_mean_mps = c.number("Time-weighted mean speed.", min=0.0)
    cadence_mean_spm = c.number(
        "Time-weighted mean of cadence, zeros while moving left out.", min=0.0
    )
    heart_rate_mean_bpm = c.number("Time-weighted mean of the cleaned heart rate.", min=0.0)
    heart_rate_doubt = dy.Enum(
        HEART_RATE_DOUBTS,
        nullable=True,
        description="Why the heart rate, which is kept, may be none: it stays with the cadence for "
        "30 s, or does not change for over a minute. Null where nothing speaks against it.",
    )
    altitude_mean_m = c.number("Time-weighted mean altitude.")
    east_mean_m = c.number("Mean position, metres east of the workout's first position.")
    north_mean_m = c.number("Mean position, metres north of the workout's first position.")
    course_mean_deg = c.number(
        "Circular mean of the direction of travel; null below 0.5 m/s.", min=0.0, max=360.0
    )
    heading_mean_deg = c.number("Circular mean of the heading.", min=0.0, max=360.0)
    step_length_mean_m = c.number("Speed over steps per second; null without cadence.", min=0.0)
    grade_fraction = c.number("Grade of the stretch around the cell, rise over run.")
    grade_source = dy.Enum(GRADE_SOURCES, description="Where the grade comes from.")
    activity = dy.Enum(ACTIVITIES, description="What was done in the cell.")
    label_direction = dy.Enum(
        DIRECTIONS[:2], nullable=True, description="Direction that the strongest label states."
    )
    label_source = dy.Enum(DIRECTION_EVIDENCE, nullable=True, description="Which label that is.")
    is_label_contradicted = c.truth(
        "Whether physics contradicts the label; it is kept all the same."
    )
    label_log_likelihood_ratio_nats = c.number("Evidence of labels, backward against forward.")
    compass_log_likelihood_ratio_nats = c.number("Evidence of heading against course.")
    imu_log_likelihood_ratio_nats = c.number("Evidence of the motion sensors.")
    gait_log_likelihood_ratio_nats = c.number("Evidence of gait signs at 1 Hz, capped.")
    habits_version = c.habits_version()
    backward_probability = c.fraction(
        "Probability that walking in this cell is backward, given all evidence; null where it is "
        "not walking. An assumption of the prescription does not enter here."
    )

    @dy.rule()
    def window_ends_after_it_starts(cls) -> pl.Expr:
        """A window has a positive length."""
        return cls.ended_at_utc.col > cls.started_at_utc.col
