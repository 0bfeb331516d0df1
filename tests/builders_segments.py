"""Segments and workouts for tests, the smallest that their tables accept."""

import datetime as dt
from typing import Any

import dataframely as dy
import polars as pl

from retrowalk.tables import Participants, Segments, Workouts

WEEK = dt.date(2026, 11, 16)
START = dt.datetime(2026, 11, 16, 9, tzinfo=dt.UTC)

_SEGMENT = {
    "week_start_date": WEEK,
    "workout_id": "w1",
    "participant_id": "p1",
    "activity": "walk",
    "direction": "backward",
    "grade_class": "level",
    "direction_probability": None,
    "direction_evidence": "none",
    "is_direction_assumed": False,
    "is_label_contradicted": False,
    "habits_version": None,
    "duration_s": 600.0,
    "distance_m": None,
    "speed_mean_mps": 1.565,
    "cadence_median_spm": None,
    "cadence_usable_s": 0.0,
    "heart_rate_mean_bpm": None,
    "heart_rate_usable_s": 0.0,
    "heart_rate_doubted_s": None,
    "step_length_mean_m": None,
    "grade_mean_fraction": 0.0,
    "grade_source": "none",
}
_WORKOUT = {
    "week_start_date": WEEK,
    "workout_id": "w1",
    "export_id": "e1",
    "participant_id": "p1",
    "workout_n": 0,
    "started_at_utc": START,
    "ended_at_utc": START + dt.timedelta(hours=1),
    "utc_offset_s": 0,
    "utc_offset_source": "file",
    "local_date": START.date(),
    "environment": "outdoor",
    "grain": "record",
    "elapsed_s": 3600.0,
    "moving_s": 3600.0,
    "records_n": 0,
    "records_set_aside_n": 0,
    "cadence_factor_source": "no_cadence",
    "altitude_source": "none",
    "resting_heart_rate_grade": "none",
    "body_mass_kg": 70.0,
    "body_mass_source": "registry",
    "recording_fingerprint": "0",
    "age_at_start_year": 40.0,
}


def walking_class_of(activity: str, direction: str, grade_class: str) -> str:
    """Direction and grade class in one word, as the table has it."""
    if activity != "walk":
        return "not_walking"
    prefix = f"{grade_class}_" if grade_class in ("incline", "decline") else ""
    return f"{prefix}{direction}"


def segment_row(**changes: Any) -> dict[str, Any]:
    """A plain backward segment of ten minutes at 3.5 mph on the level, but for the changes."""
    row: dict[str, Any] = {**_SEGMENT, **changes}
    if row["activity"] != "walk":
        row["direction"] = "unknown"
    if row["grade_class"] == "unknown":
        row["grade_mean_fraction"] = None
    row["walking_class"] = walking_class_of(row["activity"], row["direction"], row["grade_class"])
    return row


def segments_of(*rows: dict[str, Any]) -> dy.DataFrame[Segments]:
    """The segments, one after the other within each workout, numbered in order."""
    frame = pl.DataFrame([segment_row(**row) for row in rows], infer_schema_length=None)
    end_s = pl.col("duration_s").cum_sum().over("workout_id")
    end = pl.lit(START) + pl.duration(microseconds=(end_s * 1e6).round())
    return (
        frame.with_columns(
            segment_n=pl.int_range(pl.len()).over("workout_id"),
            ended_at_utc=end,
            started_at_utc=end - pl.duration(microseconds=(pl.col("duration_s") * 1e6).round()),
        )
        .select(Segments.column_names())
        .pipe(Segments.validate, cast=True)
    )


def workouts_of(*rows: dict[str, Any]) -> dy.DataFrame[Workouts]:
    """Workouts of one person of 40 years and 70 kg, but for the changes; one if none is given."""
    full = [dict.fromkeys(Workouts.column_names()) | _WORKOUT | row for row in rows or ({},)]
    return Workouts.validate(
        pl.DataFrame(full, infer_schema_length=None).select(Workouts.column_names()), cast=True
    )


def participants_of(*rows: dict[str, Any]) -> dy.DataFrame[Participants]:
    """Registry rows of person p1, valid from 2026-01-01, but for the changes."""
    plain = {"participant_id": "p1", "valid_from_date": dt.date(2026, 1, 1)}
    full = [dict.fromkeys(Participants.column_names()) | plain | row for row in rows]
    return Participants.validate(
        pl.DataFrame(full, infer_schema_length=None).select(Participants.column_names()), cast=True
    )
