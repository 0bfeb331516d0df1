"""Reads phone recordings that come as several CSV files: phyphox and Sensor Logger.

One file alone does not say when (phyphox) or which sensor (Sensor Logger): the files are read
together, by their names, into one workout with raw motion samples and the records of the GPS.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import TypeVar

import dataframely as dy
import polars as pl

from retrowalk.errors import ExportError
from retrowalk.read.csv.dialect import CHANNELS
from retrowalk.read.csv.phone.phyphox import recording_of_phyphox
from retrowalk.read.csv.phone.recording import UNITS_OF_SENSOR, Recording, with_nearest
from retrowalk.read.csv.phone.sensor_logger import (
    is_file_of_sensor_logger,
    is_sensor_logger,
    recording_of_sensor_logger,
)
from retrowalk.read.csv.shape import shaped
from retrowalk.read.csv.times import UTC_INSTANT
from retrowalk.read.reading import Reading, ReadMarks, ReadRecords, ReadSamples, ReadWorkouts

PHYPHOX_CLOCK = "meta/time.csv"
MOTION = tuple(c for c, kind in CHANNELS.items() if kind in UNITS_OF_SENSOR)

S = TypeVar("S", bound=dy.Schema)


def phone_recordings(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Finds among the names of files those that are of one recording of phyphox or Sensor Logger.

    Args:
        names: Names with their folders, forward slashes.

    Returns:
        Folder of a recording -> its files, in the given order: with phyphox every CSV of the
        folder and of its ``meta``; with Sensor Logger the files that are called as the app calls
        them. The folder is ``""`` for files that lie in none.

    Example:
        >>> phone_recordings(["a/Raw Data.csv", "a/meta/time.csv", "a/notes.txt", "b/walk.csv"])
        {'a': ('a/Raw Data.csv', 'a/meta/time.csv')}
        >>> phone_recordings(["activities.csv", "activities/1.fit"])
        {}
    """
    by_folder: dict[str, list[str]] = {}
    for name in names:
        folder, _, file = name.rpartition("/")
        if file.lower().endswith(".csv") and not file.startswith("."):
            by_folder.setdefault(folder, []).append(name)
    found: dict[str, tuple[str, ...]] = {}
    for folder, files in by_folder.items():
        meta = by_folder.get(f"{folder}/meta" if folder else "meta", [])
        if any(PurePosixPath(name).name == "time.csv" for name in meta):
            found[folder] = (*files, *meta)
        elif is_sensor_logger({PurePosixPath(name).name for name in files}):
            found[folder] = tuple(n for n in files if is_file_of_sensor_logger(n))
    return found


def reading_of_phone_recording(members: Mapping[str, bytes]) -> Reading:
    """Reads the files of one phone recording.

    Args:
        members: Name -> content of each file, in any folder.

    Returns:
        One workout; its samples in device axes with gravity, SI units, gyroscope and magnetometer
        beside the acceleration nearest in time; records of the GPS; labels and pauses as marks.

    Raises:
        ExportError: ``no_timestamps``, ``unreadable_csv`` or ``unknown_dialect`` where the files do
            not make up a recording.
    """
    clock = next((n for n in members if PurePosixPath(n).match(PHYPHOX_CLOCK)), None)
    recording = (
        recording_of_phyphox(members, clock) if clock else recording_of_sensor_logger(members)
    )
    samples = _joined(recording.sensors)
    times = [samples["sampled_at_utc"]]
    if recording.location is not None:
        times.append(recording.location["recorded_at_utc"])
    instants = pl.concat(times).drop_nulls()
    if instants.is_empty():
        raise ExportError("no_timestamps", "The recording holds no sample with a usable time.")
    records = pl.DataFrame() if recording.location is None else recording.location
    return Reading(
        format="csv",
        dialect=recording.dialect,
        reason_code="rows_set_aside" if recording.faults else "ok",
        reason=" ".join(
            [f"Read {samples.height} samples and {records.height} positions.", *recording.faults]
        ),
        workouts=_workout(recording, instants),
        records=_numbered(records, ReadRecords),
        marks=_numbered(recording.marks, ReadMarks),
        samples=_numbered(samples, ReadSamples),
    )


def _numbered(frame: pl.DataFrame, table: type[S]) -> dy.DataFrame[S]:
    """Gives a frame its table's columns; all of it belongs to the recording's only workout."""
    if frame.is_empty():
        return table.create_empty()
    return shaped(frame.with_columns(workout_n=pl.lit(0, pl.UInt32)), table)


def _workout(recording: Recording, instants: pl.Series) -> dy.DataFrame[ReadWorkouts]:
    return shaped(
        pl.DataFrame(
            {
                "workout_n": 0,
                "started_at_utc": instants.min(),
                "ended_at_utc": instants.max(),
                "file_utc_offset_s": recording.offset_s,
                "device": recording.device,
                "writer": recording.dialect,
                "grain": "record",
                "cadence_unit": "unknown",
                "placement": "unknown",
                "records_set_aside_n": 0,
            }
        ),
        ReadWorkouts,
    )


def _joined(sensors: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Puts all sensors beside the first, which holds the acceleration if there is one."""
    empty = pl.DataFrame(schema={"sampled_at_utc": UTC_INSTANT})
    ordered = sorted(sensors, key=lambda frame: "acceleration_x_mps2" not in frame.columns)
    if not ordered:
        return empty
    slim = [
        frame.select("recorded_at_utc", *[c for c in MOTION if c in frame.columns])
        for frame in ordered
    ]
    joined = slim[0].sort("recorded_at_utc")
    for other in slim[1:]:
        joined = with_nearest(joined, other)
    return joined.rename({"recorded_at_utc": "sampled_at_utc"})
