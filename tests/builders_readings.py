"""What readers hand to the rooms: raw workouts and raw records, the smallest that rooms accept."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import dataframely as dy
import polars as pl

from retrowalk.read.reading import ReadMarks, ReadRecords, ReadWorkouts
from retrowalk.rules.recording import recording_rules
from retrowalk.tables import Participants, Workouts
from retrowalk.workouts import workouts_from_readings
from tests.builders_records import START, WEEK, at, table

_KEY = {"workout_id": "w1", "week_start_date": WEEK}
_WORKOUT: dict[str, Any] = {
    "workout_n": 0,
    "started_at_utc": START,
    "ended_at_utc": START,
    "grain": "record",
    "cadence_unit": "unknown",
    "placement": "unknown",
    "records_set_aside_n": 0,
}
_LOCAL: dict[str, Any] = {
    "export_id": "e1",
    "participant_id": "p1",
    "local_date": WEEK,
    "utc_offset_s": 0,
    "utc_offset_source": "assumed_utc",
    "recovered_fraction": 1.0,
    "recording_fingerprint": "0",
}


def keyed(rows: pl.DataFrame, **key: Any) -> pl.DataFrame:
    return rows.with_columns(**{name: pl.lit(value) for name, value in {**_KEY, **key}.items()})


def raw_workouts(**change: Any) -> pl.DataFrame:
    """One workout as read; columns that the walk adds may be changed too."""
    local = {name: change.pop(name, value) for name, value in _LOCAL.items()}
    return keyed(table(ReadWorkouts, [{**_WORKOUT, **change}]), **local)


def raw_records(seconds: Iterable[float], **channels: Any) -> pl.DataFrame:
    """One sample at each of the seconds; a channel is a number or a value for each sample."""
    times = list(seconds)
    values = {
        name: value if isinstance(value, Sequence) else [value] * len(times)
        for name, value in channels.items()
    }
    rows = [
        {"workout_n": 0, "recorded_at_utc": at(second), **{k: v[n] for k, v in values.items()}}
        for n, second in enumerate(times)
    ]
    return keyed(table(ReadRecords, rows)).drop("workout_n")


def raw_pause(start_s: float, end_s: float) -> pl.DataFrame:
    row = {
        "workout_n": 0,
        "source": "pause",
        "started_at_utc": at(start_s),
        "ended_at_utc": at(end_s),
    }
    return keyed(table(ReadMarks, [row])).drop("workout_n")


def no_marks() -> pl.DataFrame:
    return keyed(ReadMarks.create_empty()).drop("workout_n")


def registered(*rows: Mapping[str, Any]) -> dy.DataFrame[Participants]:
    """Rows of one participant's registry."""
    return table(Participants, [{"participant_id": "p1", **row} for row in rows])


def described(
    samples: pl.DataFrame,
    marked: pl.DataFrame | None = None,
    people: dy.DataFrame[Participants] | None = None,
    **change: Any,
) -> dict[str, Any]:
    """The one row of ``workouts`` that a reading becomes, by the shipped rules."""
    rows = workouts_from_readings(
        raw_workouts(**change),
        samples,
        no_marks() if marked is None else marked,
        registered() if people is None else people,
        recording_rules(),
        max_gap_s=30.0,
    )
    return Workouts.validate(rows).row(0, named=True)
