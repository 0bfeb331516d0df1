"""Reads TCX: activities of laps of tracks of points (Garmin's Training Center Database, v2)."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

import polars as pl

from retrowalk.read.reading import Reading
from retrowalk.read.xml.document import Document, attributes, numbers, texts
from retrowalk.read.xml.points import Points, instants, reading_of_points, timed_points

#: Names that stand in an activity, and which kind of mark each becomes.
NAMES = (("Notes", "session_name"), ("Training/Plan/Name", "session_name"))


def reading_of_tcx(document: Document) -> Reading:
    """Reads a TCX export.

    Args:
        document: Its elements.

    Returns:
        A workout per activity. Its records are its points; an activity without any has one record
        a lap, with the lap's averages. Laps, their notes, pauses, and the activity's notes and
        plan are marks. ``RunCadence`` counts strides; plain ``Cadence`` may count either.

    Raises:
        ExportError: ``no_timestamps``.
    """
    activities = list(document.root.iter("Activity"))
    laps = [(n, lap) for n, activity in enumerate(activities) for lap in activity.iter("Lap")]
    lap_frame = _laps(laps)
    points = _points(laps)
    has_points = points.frame["workout_n"].unique()
    sole_laps = lap_frame.filter(~pl.col("workout_n").is_in(has_points.implode()))
    both = Points(
        pl.concat([points.frame, _lap_records(sole_laps)], how="diagonal"), points.untimed
    )
    marks = [
        lap_frame.with_columns(source=pl.lit("lap"), text=pl.lit(None, pl.String)),
        lap_frame.with_columns(source=pl.lit("lap_name")).drop_nulls("text"),
    ]
    workouts = _workouts(activities, lap_frame, both.frame, has_points)
    return reading_of_points(document, both, workouts, marks, _names(activities))


def _laps(laps: Sequence[tuple[int, Element]]) -> pl.DataFrame:
    """One row per lap with a start: its span, totals, averages and notes."""
    elements = [lap for _, lap in laps]
    frame = pl.DataFrame(
        {
            "workout_n": pl.Series([n for n, _ in laps], dtype=pl.UInt32),
            "timer_s": numbers(elements, "TotalTimeSeconds"),
            "total_distance_m": numbers(elements, "DistanceMeters"),
            "heart_rate_bpm": numbers(elements, "AverageHeartRateBpm/Value"),
            "run_cadence": numbers(elements, "Extensions/LX/AvgRunCadence"),
            "cadence": numbers(elements, "Cadence"),
            "text": texts(elements, "Notes"),
        }
    )
    length = pl.duration(microseconds=(pl.col("timer_s") * 1e6).round())
    return (
        pl.concat([frame, instants(attributes(elements, "StartTime"))], how="horizontal")
        .rename({"recorded_at_utc": "started_at_utc"})
        .filter(pl.col("started_at_utc").is_not_null() & (pl.col("timer_s") > 0))
        .sort("workout_n", "started_at_utc", maintain_order=True)
        .with_columns(
            # A lap with pauses in it lasts until the next one starts.
            ended_at_utc=pl.max_horizontal(
                pl.col("started_at_utc") + length,
                pl.col("started_at_utc").shift(-1).over("workout_n"),
            ),
            lap_n=pl.int_range(pl.len(), dtype=pl.UInt32),
        )
    )


def _points(laps: Sequence[tuple[int, Element]]) -> Points:
    """One row per track point, in the order of the file."""
    placed = [
        (workout_n, lap_n, track_n, point)
        for lap_n, (workout_n, lap) in enumerate(laps)
        for track_n, track in enumerate(lap.iter("Track"))
        for point in track.iter("Trackpoint")
    ]
    elements = [point for *_, point in placed]
    frame = pl.DataFrame(
        [numbers_of[:3] for numbers_of in placed],
        schema=dict.fromkeys(("workout_n", "lap_n", "track_n"), pl.UInt32),
        orient="row",
    ).with_columns(
        speed_mps=numbers(elements, "Extensions/TPX/Speed"),
        distance_m=numbers(elements, "DistanceMeters"),
        run_cadence=numbers(elements, "Extensions/TPX/RunCadence"),
        cadence=numbers(elements, "Cadence"),
        heart_rate_bpm=numbers(elements, "HeartRateBpm/Value"),
        altitude_m=numbers(elements, "AltitudeMeters"),
        latitude_deg=numbers(elements, "Position/LatitudeDegrees"),
        longitude_deg=numbers(elements, "Position/LongitudeDegrees"),
    )
    return timed_points(_with_cadence(frame), texts(elements, "Time"))


def _with_cadence(frame: pl.DataFrame) -> pl.DataFrame:
    """Takes ``RunCadence``, which counts strides, where a workout has any; else ``Cadence``."""
    has_strides = pl.col("run_cadence").is_not_null().any().over("workout_n")
    cadence = pl.when(has_strides).then("run_cadence").otherwise("cadence")
    return frame.with_columns(cadence_per_min=cadence, has_strides=has_strides)


def _lap_records(laps: pl.DataFrame) -> pl.DataFrame:
    """One record a lap, with its averages."""
    return _with_cadence(laps).select(
        "workout_n",
        "lap_n",
        "offset_s",
        "heart_rate_bpm",
        "cadence_per_min",
        "has_strides",
        track_n=pl.lit(0, pl.UInt32),
        recorded_at_utc="started_at_utc",
        speed_mps=pl.col("total_distance_m") / pl.col("timer_s"),
    )


def _workouts(
    activities: Sequence[Element], laps: pl.DataFrame, points: pl.DataFrame, has_points: pl.Series
) -> pl.DataFrame:
    """What the export says of each activity."""
    creator = texts(activities, "Creator/Name")
    said = pl.DataFrame({"sport": attributes(activities, "Sport"), "device": creator})
    totals = laps.group_by("workout_n").agg(
        pl.col("timer_s").sum(),
        pl.when(pl.col("total_distance_m").count() > 0).then(pl.col("total_distance_m").sum()),
        until_utc=pl.col("ended_at_utc").max(),
    )
    strides = points.group_by("workout_n").agg(pl.col("has_strides").any())
    is_series = pl.col("workout_n").is_in(has_points.implode())
    return (
        said.with_row_index("workout_n")
        .join(totals, on="workout_n", how="left")
        .join(strides, on="workout_n", how="left")
        .with_columns(
            # A device's name begins with its maker's, or is one of Garmin's, who made the format.
            writer=pl.col("device").str.extract(r"^(\w+)", 1).str.to_lowercase(),
            grain=pl.when(is_series).then(pl.lit("record")).otherwise(pl.lit("lap")),
            cadence_unit=pl.when(pl.col("has_strides"))
            .then(pl.lit("strides"))
            .otherwise(pl.lit("unknown")),
        )
    )


def _names(activities: Sequence[Element]) -> pl.DataFrame:
    """Notes and plan of each activity."""
    return pl.concat(
        [
            pl.DataFrame(
                {
                    "workout_n": pl.int_range(len(activities), dtype=pl.UInt32, eager=True),
                    "text": texts(activities, path),
                }
            ).with_columns(source=pl.lit(source))
            for path, source in NAMES
        ]
    )
