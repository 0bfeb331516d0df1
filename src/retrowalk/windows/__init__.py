"""Room ``windows``: a workout in cells of five seconds, with what each says of direction.

Samples are laid on one axis of time (:mod:`.samples`) and cut into cells (:mod:`.timeline`),
channels are averaged (:mod:`.features`, :mod:`.heart_rate`), grade is chosen (:mod:`.grade`), labels
are laid over (:mod:`.labels`), activity is told (:mod:`.activity`, :mod:`.chain`), evidence is weighed
(:mod:`.evidence`, :mod:`.imu`, :mod:`.modes`, :mod:`.gait`), turned the way the sensors face
(:mod:`.orientation`) and joined over time (:mod:`.direction`).
"""

import dataframely as dy
import numpy as np
import polars as pl

from retrowalk.rules.evidence import EvidenceRules
from retrowalk.rules.plausibility import PlausibilityRules
from retrowalk.tables import Marks, Motion, Records, Windows, Workouts
from retrowalk.windows.activity import (
    is_label_contradicted_expr,
    sport_kind_expr,
    with_activity,
)
from retrowalk.windows.direction import with_backward_probability
from retrowalk.windows.evidence import label_nats_expr, with_motion
from retrowalk.windows.features import (
    channel,
    features_of_cells,
    step_length_expr,
    with_travel_by_position,
)
from retrowalk.windows.gait import with_gait_signs
from retrowalk.windows.grade import barometric_grades, with_grade
from retrowalk.windows.heart_rate import with_heart_rate_doubt
from retrowalk.windows.labels import borders_of, with_stated
from retrowalk.windows.orientation import with_oriented_sensors
from retrowalk.windows.samples import holding, samples_on, with_holding
from retrowalk.windows.timeline import (
    Timeline,
    cells_of,
    instant_expr,
    placed,
    timeline_of,
)

#: What cells need to know of it.
_OF_WORKOUT = (
    "workout_index",
    "workout_id",
    "participant_id",
    "week_start_date",
    "band_us",
    "origin_us",
    "sport",
    "sub_sport",
    "grain",
)


def measured_cells(
    samples: pl.DataFrame, marks: pl.DataFrame, timeline: Timeline, rules: PlausibilityRules
) -> pl.DataFrame:
    """Cuts the time that samples stand for into cells, and measures each.

    Args:
        samples: Samples in order of the axis.
        marks: Marks on the axis, whose borders end cells.
        timeline: The axis.
        rules: How time, heart rate and slopes are counted.

    Returns:
        One row per cell, in order, with features, barometric grade, and whether it begins at a
        border of a mark.
    """
    held = holding(samples, marks, timeline, rules.max_gap_s)
    positions = samples["position_us"].to_numpy()
    borders = borders_of(marks)
    cells = cells_of(
        positions,
        held,
        samples["workout_index"].to_numpy(),
        borders=borders,
        is_series=samples["is_series"].to_numpy(),
        cell_us=timeline.cell_us,
    )
    is_whole = np.append(positions[1:], 0) == positions + held
    features, distances = features_of_cells(samples, cells, positions, is_whole, rules)
    grades = barometric_grades(
        cells,
        channel(samples, "altitude_m"),
        distances,
        (samples["altitude_source"] == "barometer").to_numpy(),
        rules,
    )
    return features.with_columns(
        barometric_grade_fraction=pl.Series(grades, nan_to_null=True),
        is_at_border=pl.Series(np.isin(cells.starts, borders)),
    )


def with_statements(cells: pl.DataFrame, marks: pl.DataFrame) -> pl.DataFrame:
    """Adds the direction that the strongest label states, and the grade with its source."""
    grade = ("mark_grade_fraction", "mark_grade_source")
    return (
        cells.pipe(with_stated, marks, "direction", into=("label_direction", "label_source"))
        .pipe(with_stated, marks, "grade_fraction", into=grade)
        .pipe(with_grade)
    )


def windows_from_records(
    records: dy.DataFrame[Records],
    marks: dy.DataFrame[Marks],
    motion: dy.DataFrame[Motion],
    workouts: dy.DataFrame[Workouts],
    *,
    evidence: EvidenceRules,
    plausibility: PlausibilityRules,
    habits: pl.DataFrame | None = None,
) -> dy.DataFrame[Windows]:
    """Cuts workouts into cells of the clock grid and says what each cell tells of direction.

    A record stands until the next one; before a hole longer than ``plausibility.max_gap_s`` or a
    pause, and at the end, it stands for the workout's median interval. Cells are those of the
    five-second clock grid, cut at every border of a mark and at holes. A workout without records
    has cells where it has motion spans; a row of a list of workouts has one cell, cut at marks.

    Args:
        records: Samples of any number of workouts, any order.
        marks: Their marks.
        motion: Their motion spans.
        workouts: The workouts; records, marks and motion of others are not taken.
        evidence: What each source of evidence is worth.
        plausibility: What is plausible of walking, and how time is counted.
        habits: How participants walk by their own labelled sessions, as from
            :func:`retrowalk.windows.gait.habits_from_windows`; None: no histories.

    Returns:
        One row per cell, by workout and time. ``backward_probability`` is null where the cell is
        not walking and one half where nothing tells.
    """
    timeline = timeline_of(with_holding(workouts, plausibility), cell_s=plausibility.cell_length_s)
    marked = placed(marks, timeline, first_us="started_at_utc", last_us="ended_at_utc")
    moved = placed(motion, timeline, first_us="started_at_utc", last_us="ended_at_utc")
    samples = samples_on(timeline, records, motion)
    return (
        measured_cells(samples, marked, timeline, plausibility)
        .join(timeline.workouts.select(*_OF_WORKOUT), on="workout_index", maintain_order="left")
        .pipe(with_heart_rate_doubt, plausibility)
        .pipe(with_travel_by_position, plausibility)
        .pipe(with_motion, moved, plausibility)
        .pipe(with_statements, marked)
        .with_columns(sport_kind=sport_kind_expr(plausibility))
        .pipe(with_activity, evidence, plausibility)
        .with_columns(
            is_label_contradicted=is_label_contradicted_expr(plausibility),
            step_length_mean_m=step_length_expr(),
            label_log_likelihood_ratio_nats=label_nats_expr(evidence),
        )
        .pipe(with_oriented_sensors, moved, evidence)
        .pipe(with_gait_signs, habits, evidence)
        .pipe(with_backward_probability, evidence)
        .with_columns(
            started_at_utc=instant_expr("start_us"),
            ended_at_utc=instant_expr("end_us"),
        )
        .select(Windows.column_names())
        .pipe(Windows.validate, cast=True)
    )
