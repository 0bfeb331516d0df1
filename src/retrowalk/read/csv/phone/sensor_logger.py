"""Reads a Sensor Logger export: a file per sensor, told apart by name, in epoch nanoseconds."""

from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import PurePosixPath

import polars as pl

from retrowalk.read.csv.phone.recording import (
    AXES,
    UNITS_OF_SENSOR,
    Recording,
    location_of,
    part_of_file,
    small_table,
    with_nearest,
)
from retrowalk.read.csv.times import UTC_INSTANT

DIALECTS = ("sensor_logger_motion", "sensor_logger_location")
FILES = {
    "TotalAcceleration.csv": "total",
    "Accelerometer.csv": "acceleration",
    "Gravity.csv": "gravity",
    "Gyroscope.csv": "rotation",
    "Magnetometer.csv": "magnetic",
    "Location.csv": "location",
}
#: Other files of the app, of which nothing is read.
OTHER_FILES = (
    "AccelerometerUncalibrated", "Activity", "Barometer", "Battery", "Bluetooth", "Brightness",
    "Compass", "GyroscopeUncalibrated", "Headphone", "HeartRate", "Image", "Light", "LocationGps",
    "LocationNetwork", "MagnetometerUncalibrated", "Microphone", "Network", "Orientation",
    "Pedometer", "StudyMetadata", "Watch", "WristMotion",
)  # fmt: skip


def is_sensor_logger(files: Collection[str]) -> bool:
    """Whether files of one folder, by their names, are a recording of the app."""
    has_gravity = "TotalAcceleration.csv" in files or {"Accelerometer.csv", "Gravity.csv"} <= set(
        files
    )
    return has_gravity or ("Metadata.csv" in files and any(name in files for name in FILES))


def is_file_of_sensor_logger(name: str) -> bool:
    """Whether a file is called as the app calls one of its own."""
    file = PurePosixPath(name).name
    return file in (*FILES, "Metadata.csv", "Annotation.csv") or file.startswith(OTHER_FILES)


def recording_of_sensor_logger(members: Mapping[str, bytes]) -> Recording:
    """Tells Sensor Logger's files apart by name and adds gravity to the acceleration."""
    by_file = {PurePosixPath(name).name: data for name, data in members.items()}
    parts = {
        what: part_of_file(file, by_file[file], DIALECTS, "recorded_at")
        for file, what in FILES.items()
        if file in by_file
    }
    placed = {
        what: part.cells.with_columns(
            recorded_at_utc=_epoch_ns(part.cells["recorded_at"])
        ).drop_nulls("recorded_at_utc")
        for what, part in parts.items()
        if part.cells is not None
    }
    sensors = [
        _as_sensor(placed[what], what) for what in ("rotation", "magnetic") if what in placed
    ]
    acceleration, lacking = _with_gravity(placed)
    if acceleration is not None:
        sensors.insert(0, acceleration)
    facts = small_table(by_file["Metadata.csv"]) if "Metadata.csv" in by_file else []
    start = min(
        (frame["recorded_at_utc"].min() for frame in placed.values() if frame.height),
        default=None,
        key=str,
    )
    zone = facts[0].get("recording timezone") if facts else None
    return Recording(
        dialect="sensor_logger",
        sensors=sensors,
        location=location_of(placed["location"]) if "location" in placed else None,
        marks=_annotations(by_file.get("Annotation.csv")),
        offset_s=_offset_in_zone(start, zone),
        device=facts[0].get("device name") if facts else None,
        faults=(*lacking, *(fault for part in parts.values() for fault in part.faults)),
    )


def _epoch_ns(text: pl.Series) -> pl.Series:
    return (text.cast(pl.Int64, strict=False) // 1000).cast(UTC_INSTANT)


def _as_sensor(frame: pl.DataFrame, sensor: str) -> pl.DataFrame:
    """Renames the axes, which the file names alike for every sensor."""
    unit = UNITS_OF_SENSOR[sensor]
    return frame.select(
        "recorded_at_utc",
        **{f"{sensor}_{axis}_{unit}": pl.col(f"acceleration_{axis}_mps2") for axis in AXES},
    )


def _with_gravity(
    placed: Mapping[str, pl.DataFrame],
) -> tuple[pl.DataFrame | None, tuple[str, ...]]:
    """The acceleration with gravity: as logged, or the sum of the two that the app parts."""
    if "total" in placed:
        return _as_sensor(placed["total"], "acceleration"), ()
    if "acceleration" not in placed:
        return None, ("The recording holds no acceleration.",)
    if "gravity" not in placed:
        trap = "Acceleration without gravity and no Gravity.csv beside it: it is left out."
        return None, (trap,)
    both = with_nearest(
        _as_sensor(placed["acceleration"], "acceleration"),
        _as_sensor(placed["gravity"], "acceleration").rename(
            {f"acceleration_{axis}_mps2": f"gravity_{axis}" for axis in AXES}
        ),
    )
    summed = {
        f"acceleration_{a}_mps2": pl.col(f"acceleration_{a}_mps2") + pl.col(f"gravity_{a}")
        for a in AXES
    }
    return both.select("recorded_at_utc", **summed), ()


def _annotations(data: bytes | None) -> pl.DataFrame:
    """Labels of Annotation.csv: each holds until the next one."""
    rows = small_table(data) if data is not None else []
    marks = [(row.get("time", ""), row.get("text", "")) for row in rows]
    frame = pl.DataFrame(marks, schema={"time": pl.String, "text": pl.String}, orient="row")
    timed = frame.with_columns(started_at_utc=_epoch_ns(frame["time"])).sort("started_at_utc")
    return (
        timed.with_columns(ended_at_utc=pl.col("started_at_utc").shift(-1))
        .drop_nulls(["started_at_utc", "ended_at_utc"])
        .filter(pl.col("text") != "")
        .select("started_at_utc", "ended_at_utc", "text", source=pl.lit("lap_name"))
    )


def _offset_in_zone(start: object, zone: str | None) -> int | None:
    """Local minus UTC of an instant in a zone that the app states; null where it states none."""
    if not isinstance(start, datetime) or not zone:
        return None
    try:
        local = pl.Series([start]).dt.convert_time_zone(zone).dt.replace_time_zone(None)
    except pl.exceptions.PolarsError:
        return None
    there: datetime = local[0]
    return round((there - start.replace(tzinfo=None)).total_seconds())
