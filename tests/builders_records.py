"""Records, marks, motion and workouts for tests, the smallest that their tables accept."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import dataframely as dy
import polars as pl

from retrowalk.rules.evidence import evidence_rules
from retrowalk.rules.plausibility import plausibility_rules
from retrowalk.segments import segments_from_windows
from retrowalk.tables import (
    Annotations,
    Marks,
    Motion,
    Prescriptions,
    Records,
    Segments,
    Windows,
    Workouts,
)
from retrowalk.windows import windows_from_records

WEEK = dt.date(2026, 11, 16)
START = dt.datetime(2026, 11, 16, 9, tzinfo=dt.UTC)

_WORKOUT: dict[str, Any] = {
    "week_start_date": WEEK,
    "workout_id": "w1",
    "export_id": "e1",
    "participant_id": "p1",
    "workout_n": 0,
    "started_at_utc": START,
    "ended_at_utc": START + dt.timedelta(hours=1),
    "utc_offset_s": 0,
    "utc_offset_source": "assumed_utc",
    "local_date": WEEK,
    "sport": "walking",
    "environment": "unknown",
    "grain": "record",
    "elapsed_s": 3600.0,
    "moving_s": 3600.0,
    "records_n": 3600,
    "records_set_aside_n": 0,
    "median_interval_s": 1.0,
    "cadence_factor_source": "no_cadence",
    "altitude_source": "none",
    "resting_heart_rate_grade": "none",
    "body_mass_source": "none",
    "recording_fingerprint": "0",
}
_MARK: dict[str, Any] = {
    "week_start_date": WEEK,
    "workout_id": "w1",
    "source": "lap_name",
}
_MOTION: dict[str, Any] = {
    "week_start_date": WEEK,
    "workout_id": "w1",
    "samples_n": 300,
    "sample_rate_hz": 100.0,
    "gap_fraction": 0.0,
    "step_frequency_hz": 1.8,
    "vertical_rms_mps2": 2.0,
    "coherence_fraction": 0.9,
    "placement": "trunk",
    "forward_axis": "+z",
}

TableT = TypeVar("TableT", bound=dy.Schema)


def at(seconds: float) -> dt.datetime:
    """The instant so many seconds after the start."""
    return START + dt.timedelta(seconds=seconds)


def table(schema: type[TableT], rows: Iterable[Mapping[str, Any]]) -> dy.DataFrame[TableT]:
    """Rows of a table; columns that are not given are null."""
    types = {name: column.dtype for name, column in schema.columns().items()}
    plain = {name: pl.String if dtype == pl.Enum else dtype for name, dtype in types.items()}
    filled = [{name: row.get(name) for name in types} for row in rows]
    return schema.validate(pl.DataFrame(filled, schema=plain), cast=True)


def workouts(*changes: Mapping[str, Any], **change: Any) -> dy.DataFrame[Workouts]:
    """Workouts with these changes; one workout if none are given."""
    return table(Workouts, [{**_WORKOUT, **change, **each} for each in changes or ({},)])


def marks(*changes: Mapping[str, Any]) -> dy.DataFrame[Marks]:
    """Marks; ``start_s`` and ``end_s`` count from the start."""
    rows = [
        {
            **_MARK,
            "mark_n": n,
            "started_at_utc": at(each["start_s"]),
            "ended_at_utc": at(each["end_s"]),
            **each,
        }
        for n, each in enumerate(changes)
    ]
    return table(Marks, rows)


def lap(
    start_s: float, end_s: float, direction: str | None = None, **change: Any
) -> dict[str, Any]:
    """A named lap."""
    return {"start_s": start_s, "end_s": end_s, "direction": direction, **change}


def pause(start_s: float, end_s: float) -> dict[str, Any]:
    """A pause."""
    return {"start_s": start_s, "end_s": end_s, "source": "pause"}


def records(
    seconds: Iterable[float], workout_id: str = "w1", **channels: Any
) -> dy.DataFrame[Records]:
    """One record at each of the seconds; a channel is a number or a value for each record."""
    times = list(seconds)
    columns = {
        name: value if isinstance(value, Sequence) else [value] * len(times)
        for name, value in channels.items()
    }
    rows = [
        {
            "week_start_date": WEEK,
            "workout_id": workout_id,
            "recorded_at_utc": at(second),
            "elapsed_s": max(second, 0.0),
            **{name: values[n] for name, values in columns.items()},
        }
        for n, second in enumerate(times)
    ]
    return table(Records, rows)


def walk(
    seconds: Iterable[float], speed_mps: float = 1.0, **channels: Any
) -> dy.DataFrame[Records]:
    """Records of a steady walk with speed and 100 steps a minute."""
    return records(seconds, **{"speed_mps": speed_mps, "cadence_spm": 100.0, **channels})


def motion(*changes: Mapping[str, Any]) -> dy.DataFrame[Motion]:
    """Motion spans; ``start_s`` and ``end_s`` count from the start."""
    rows = [
        {
            **_MOTION,
            "started_at_utc": at(each["start_s"]),
            "ended_at_utc": at(each["end_s"]),
            **each,
        }
        for each in changes
    ]
    return table(Motion, rows)


def annotations(*rows: Mapping[str, Any]) -> dy.DataFrame[Annotations]:
    """Annotations; ``start_s`` and ``end_s`` count from the start."""
    spans = [
        {
            "participant_id": "p1",
            "started_at_utc": at(row["start_s"]),
            "ended_at_utc": at(row["end_s"]),
            **row,
        }
        for row in rows
    ]
    return table(Annotations, spans)


def prescriptions(unlabelled_walking: str, **change: Any) -> dy.DataFrame[Prescriptions]:
    """One prescription from the week's Monday on."""
    row = {
        "participant_id": "p1",
        "starts_on_date": WEEK,
        "protocol": "general",
        "unlabelled_walking": unlabelled_walking,
        **change,
    }
    return table(Prescriptions, [row])


def windows_of(
    recorded: pl.DataFrame,
    marked: pl.DataFrame | None = None,
    moved: pl.DataFrame | None = None,
    of: pl.DataFrame | None = None,
) -> dy.DataFrame[Windows]:
    """The windows of records, by the shipped rules."""
    return windows_from_records(
        Records.validate(recorded),
        marks() if marked is None else Marks.validate(marked),
        motion() if moved is None else Motion.validate(moved),
        workouts() if of is None else Workouts.validate(of),
        evidence=evidence_rules(),
        plausibility=plausibility_rules(),
    )


def segments_of(
    recorded: pl.DataFrame,
    marked: pl.DataFrame | None = None,
    moved: pl.DataFrame | None = None,
    of: pl.DataFrame | None = None,
    prescribed: dy.DataFrame[Prescriptions] | None = None,
) -> dy.DataFrame[Segments]:
    """The segments of records, by the shipped rules."""
    return segments_from_windows(
        windows_of(recorded, marked, moved, of),
        workouts() if of is None else Workouts.validate(of),
        table(Prescriptions, []) if prescribed is None else prescribed,
        evidence=evidence_rules(),
        plausibility=plausibility_rules(),
    )
