"""Reads a phyphox export: a file per sensor in seconds since the start, and a table of starts."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import PurePosixPath

import polars as pl

from retrowalk.errors import ExportError
from retrowalk.read.csv.phone.recording import Recording, location_of, part_of_file, small_table
from retrowalk.read.csv.times import UTC_INSTANT

DIALECTS = ("phyphox_motion", "phyphox_location")


def recording_of_phyphox(members: Mapping[str, bytes], clock: str) -> Recording:
    """Places phyphox's experiment time by its table of starts and pauses."""
    events = small_table(members[clock])
    starts = [event for event in events if event.get("event") == "START"]
    if not starts:
        raise ExportError("no_timestamps", f"{clock} names no START.")
    began = pl.DataFrame(
        {
            "since_s": [_seconds(event, "experiment time", clock) for event in starts],
            "start_s": [_seconds(event, "system time", clock) for event in starts],
        }
    ).sort("since_s")
    parts = [
        part_of_file(name, data, DIALECTS, "elapsed_s")
        for name, data in members.items()
        if PurePosixPath(name).parent.name != "meta"
    ]
    placed = [_placed_by_start(part.cells, began) for part in parts if part.cells is not None]
    located = [frame for frame in placed if "latitude_deg" in frame.columns]
    return Recording(
        dialect="phyphox",
        sensors=[frame for frame in placed if "latitude_deg" not in frame.columns],
        location=location_of(located[0]) if located else None,
        marks=_pauses(events, clock),
        offset_s=_offset_in(starts[0].get("system time text", "")),
        device=None,
        faults=tuple(fault for part in parts for fault in part.faults),
    )


def _seconds(event: Mapping[str, str], column: str, clock: str) -> float:
    """Reads a time of the table of starts."""
    written = event.get(column, "")
    try:
        return float(written)
    except ValueError as error:
        problem = f"{clock}: column {column!r} holds {written!r}, not a number of seconds."
        raise ExportError("no_timestamps", problem) from error


def _placed_by_start(cells: pl.DataFrame, began: pl.DataFrame) -> pl.DataFrame:
    """Adds the instant: that of the last start, and what has passed since."""
    joined = cells.sort("elapsed_s").join_asof(
        began, left_on="elapsed_s", right_on="since_s", check_sortedness=False
    )
    since = (pl.col("start_s") + pl.col("elapsed_s") - pl.col("since_s")) * 1e6
    return joined.with_columns(
        recorded_at_utc=since.round().cast(pl.Int64).cast(UTC_INSTANT)
    ).drop_nulls("recorded_at_utc")


def _pauses(events: Sequence[Mapping[str, str]], clock: str) -> pl.DataFrame:
    """Pauses between a PAUSE and the next START."""
    spans = [
        (_seconds(a, "system time", clock), _seconds(b, "system time", clock))
        for a, b in pairwise(events)
        if a.get("event") == "PAUSE" and b.get("event") == "START"
    ]
    frame = pl.DataFrame(spans, schema={"a": pl.Float64, "b": pl.Float64}, orient="row")
    return frame.select(
        source=pl.lit("pause"),
        started_at_utc=(pl.col("a") * 1e6).round().cast(pl.Int64).cast(UTC_INSTANT),
        ended_at_utc=(pl.col("b") * 1e6).round().cast(pl.Int64).cast(UTC_INSTANT),
    )


def _offset_in(text: str) -> int | None:
    """Local minus UTC in a text such as ``2025-10-05 10:20:00.000 UTC+02:00``."""
    found = pl.Series([text]).str.extract_groups(r"([+-])(\d\d):?(\d\d)$").struct.unnest()
    sign, hours, minutes = found.row(0)
    if sign is None:
        return None
    return (-1 if sign == "-" else 1) * (int(hours) * 3600 + int(minutes) * 60)
