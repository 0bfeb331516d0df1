"""Reads GPX: tracks of segments of points (Topografix GPX 1.0 and 1.1, Garmin's extensions)."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

import polars as pl

from retrowalk.read.reading import Reading
from retrowalk.read.xml.document import Document, attributes, numbers, texts
from retrowalk.read.xml.points import Points, reading_of_points, timed_points

EXTENSIONS = ("extensions/TrackPointExtension", "extensions")
NAMES = ("name", "cmt", "desc")


def reading_of_gpx(document: Document) -> Reading:
    """Reads a GPX export.

    Args:
        document: Its elements.

    Returns:
        A workout per track with points; what lies between its segments is a pause, its name,
        comment and description are marks. Cadence may count strides or steps. Speed and course
        are read where GPX 1.0 or an extension states them.

    Raises:
        ExportError: ``no_timestamps``.
    """
    tracks = list(document.root.iter("trk"))
    points = _points(tracks)
    workouts = pl.DataFrame({"sport": texts(tracks, "type")}).with_row_index("workout_n")
    described = workouts.with_columns(
        device=pl.lit(document.root.get("creator"), pl.String),
        writer=pl.lit("gpx"),
        grain=pl.lit("record"),
        cadence_unit=pl.lit("unknown"),
        until_utc=pl.lit(None, pl.Datetime("us", "UTC")),
    )
    return reading_of_points(document, points, described, [], _names(tracks))


def _points(tracks: Sequence[Element]) -> Points:
    """One row per track point, in the order of the file."""
    placed = [
        (workout_n, segment_n, point)
        for workout_n, track in enumerate(tracks)
        for segment_n, segment in enumerate(track.iter("trkseg"))
        for point in segment.iter("trkpt")
    ]
    elements = [point for *_, point in placed]

    def extended(*names: str) -> pl.Series:
        paths = [f"{where}/{name}" for where in EXTENSIONS for name in names]
        return numbers(elements, *names, *paths)

    frame = pl.DataFrame(
        [numbers_of[:2] for numbers_of in placed],
        schema=dict.fromkeys(("workout_n", "track_n"), pl.UInt32),
        orient="row",
    ).with_columns(
        attributes(elements, "lat").cast(pl.Float64, strict=False).alias("latitude_deg"),
        attributes(elements, "lon").cast(pl.Float64, strict=False).alias("longitude_deg"),
        lap_n=pl.lit(0, pl.UInt32),
        altitude_m=numbers(elements, "ele"),
        speed_mps=extended("speed"),
        course_deg=extended("course"),
        cadence_per_min=extended("cad", "cadence"),
        heart_rate_bpm=extended("hr", "heartrate"),
    )
    return timed_points(frame, texts(elements, "time"))


def _names(tracks: Sequence[Element]) -> pl.DataFrame:
    """Name, comment and description of each track."""
    return pl.concat(
        [
            pl.DataFrame(
                {
                    "workout_n": pl.int_range(len(tracks), dtype=pl.UInt32, eager=True),
                    "text": texts(tracks, tag),
                }
            ).with_columns(source=pl.lit("session_name"))
            for tag in NAMES
        ]
    )
