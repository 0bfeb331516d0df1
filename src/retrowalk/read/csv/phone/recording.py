"""What the parts of a phone recording have in common, whichever app wrote them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import polars as pl

from retrowalk.errors import ExportError
from retrowalk.read.csv.cells import cells_from_source
from retrowalk.read.csv.dialect_toml import shipped_dialects
from retrowalk.read.csv.faults import merged_faults
from retrowalk.read.csv.recognise import layout_from_source, split_line
from retrowalk.read.csv.source import source_from_bytes

#: Samples of two sensors at most this far apart are of the same instant.
SAME_INSTANT_S = 0.1
AXES = ("x", "y", "z")
UNITS_OF_SENSOR = {"acceleration": "mps2", "rotation": "radps", "magnetic": "ut"}


@dataclass(frozen=True, slots=True)
class Recording:
    """A phone recording's tables, placed in time.

    Args:
        dialect: The app.
        sensors: Motion samples of each sensor, with ``at_utc``.
        location: GPS samples with ``at_utc``; null where there are none.
        marks: Labels and pauses.
        offset_s: Local minus UTC, as the app states it.
        device: As the app states it.
        faults: What could not be used, file by file.
    """

    dialect: str
    sensors: Sequence[pl.DataFrame]
    location: pl.DataFrame | None
    marks: pl.DataFrame
    offset_s: int | None
    device: str | None
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a recording.

    Args:
        cells: Its numbers, rows with a time; null where the file could not be used.
        rows_n: Rows that were there.
        faults: Rows and cells that could not be used, or why the file could not.
    """

    cells: pl.DataFrame | None
    rows_n: int
    faults: tuple[str, ...]


def part_of_file(name: str, data: bytes, dialects: Collection[str], time: str) -> Part:
    """Reads one file's numbers; a file that cannot be used costs itself, not the recording."""
    known = [dialect for dialect in shipped_dialects() if dialect.name in dialects]
    try:
        source = source_from_bytes(data)
        layout = layout_from_source(source, known)
        pieces = list(cells_from_source(source, layout))
    except ExportError as error:
        return Part(None, 0, (f"{name} is left unread: {error.reason}",))
    if not pieces:
        return Part(None, 0, (f"{name} is left unread: it has a header and no row.",))
    cells = pl.concat([piece.frame for piece in pieces])
    faults = merged_faults([fault for piece in pieces for fault in piece.faults])
    timed = cells.drop_nulls(time).drop("line_n")
    lost_n = cells.height - timed.height
    untimed = (f"{name}: {lost_n} rows without a time are set aside.",) if lost_n else ()
    return Part(timed, cells.height, (*(f"{name}: {fault}." for fault in faults), *untimed))


def small_table(data: bytes) -> list[dict[str, str]]:
    """Reads a file of a few rows: header -> cell of each."""
    lines = [line for line in source_from_bytes(data).lines(1000) if line.strip()]
    delimiter = max((",", ";", "\t"), key=lines[0].count)
    header = [name.strip().lower() for name in split_line(lines[0], delimiter)]
    return [dict(zip(header, split_line(line, delimiter), strict=False)) for line in lines[1:]]


def with_nearest(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """Joins to each row the row of another sensor that is nearest in time."""
    return left.sort("recorded_at_utc").join_asof(
        right.sort("recorded_at_utc"),
        on="recorded_at_utc",
        strategy="nearest",
        tolerance=f"{int(SAME_INSTANT_S * 1000)}ms",
    )


def location_of(cells: pl.DataFrame) -> pl.DataFrame:
    """Drops speeds and courses below 0, by which phones say that they know none."""
    below = [c for c in ("speed_mps", "course_deg") if c in cells.columns]
    return cells.with_columns(pl.when(pl.col(c) >= 0).then(c).alias(c) for c in below)
