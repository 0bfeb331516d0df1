"""What is in one export, as a person wants to know it before scoring it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl
from rich import box
from rich.markup import escape
from rich.table import Table

from retrowalk.errors import ExportError
from retrowalk.exports import IGNORED_CODES
from retrowalk.read.content import Payload, format_of, reading_of, sha256_of, size_bytes_of
from retrowalk.read.csv import Dialect, shipped_dialects, starter_dialect
from retrowalk.read.fit import decode_parts
from retrowalk.read.reading import Reading
from retrowalk.walk.inbox import Inbox

_SHOWN = 20


def grid(title: str, rows: pl.DataFrame) -> Table:
    """A frame as a table for the terminal."""
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left")
    for name in rows.columns:
        table.add_column(name, overflow="fold")
    for row in rows.head(_SHOWN).iter_rows():
        table.add_row(*("" if value is None else escape(str(value)) for value in row))
    if rows.height > _SHOWN:
        table.caption = f"{_SHOWN} of {rows.height} rows"
    return table


def channels(reading: Reading) -> pl.DataFrame:
    """Each channel of each workout: how much of it there is, and its range."""
    names = [
        name for name in reading.records.columns if name not in ("workout_n", "recorded_at_utc")
    ]
    if reading.records.is_empty():
        return pl.DataFrame(schema={"workout_n": pl.UInt32, "channel": pl.String})
    return (
        reading.records.unpivot(names, index="workout_n", variable_name="channel")
        .group_by("workout_n", "channel", maintain_order=True)
        .agg(
            covered_fraction=pl.col("value").is_not_null().mean().round(3),
            least=pl.col("value").min().round(3),
            median=pl.col("value").median().round(3),
            most=pl.col("value").max().round(3),
        )
        .filter(pl.col("covered_fraction") > 0)
    )


def on_its_side(workouts: pl.DataFrame) -> pl.DataFrame:
    """One line per property that any workout has, one column per workout."""
    shown = workouts.head(6).select(pl.exclude("workout_n").cast(pl.String))
    names = [f"workout {number}" for number in workouts["workout_n"].head(6)]
    turned = shown.transpose(include_header=True, header_name="property", column_names=names)
    return turned.filter(pl.any_horizontal(pl.col(names).is_not_null())) if names else turned


def messages(data: bytes) -> pl.DataFrame:
    """The messages of a FIT file, by name."""
    found = decode_parts(data).messages
    return pl.DataFrame(
        {
            "message": list(found),
            "rows_n": [frame.height for frame in found.values()],
            "fields": [", ".join(frame.columns) for frame in found.values()],
        }
    ).sort("message")


def parts_of(path: str, payload: Payload, dialects: Sequence[Dialect]) -> Iterator[Table | str]:
    """Everything that is told of one export."""
    form = format_of(payload)
    size, digest = size_bytes_of(payload), sha256_of(payload)[:12]
    yield f"{path}: {size:,} bytes, {form}, sha256 {digest}"
    if not isinstance(payload, bytes):
        yield f"one recording of {len(payload)} files: {', '.join(payload)}"
    try:
        reading = reading_of(payload, time_zone=None, distance_unit=None, dialects=dialects)
    except ExportError as error:
        became = "ignored" if error.reason_code in IGNORED_CODES else "quarantined"
        yield f"It would be {became}: {error.reason_code}. {error.reason}"
        if error.reason_code == "unknown_dialect" and isinstance(payload, bytes):
            yield "A dialect to begin with; save it as registry/dialects/<name>.toml and fill it in:"
            yield starter_dialect(payload)
        return
    yield f"dialect {reading.dialect}; {reading.reason_code}: {reading.reason}"
    yield f"recovered {reading.recovered_fraction:.1%}"
    yield grid("workouts", on_its_side(reading.workouts))
    yield grid("channels", channels(reading))
    yield grid("labels and borders", reading.marks)
    if reading.files_named:
        yield f"{len(reading.files_named)} rows name the file that holds their recording"
    if reading.samples.height:
        yield f"{reading.samples.height:,} raw motion samples"
    if form == "fit" and isinstance(payload, bytes):
        yield grid("messages", messages(payload))
    yield from (f"trap: {trap}" for trap in reading.traps)


def describe(file: Path, dialects: Sequence[Dialect] | None = None) -> Iterator[Table | str]:
    """Tells what is in a file or in the folder of a recording: for an archive, in each member.

    Local times without a zone are shown as if they were UTC; scoring reads them in the
    participant's zone.

    Args:
        file: The file or folder.
        dialects: What a CSV may be; by default those that come with the package.
    """
    known = shipped_dialects() if dialects is None else dialects
    inbox = Inbox.of_paths([file])
    for path in inbox.arrivals:
        try:
            exports = inbox.exports_in(path)
            for export in exports:
                yield from parts_of(export, inbox.content(export), known)
        except ExportError as error:
            yield f"{path} would be quarantined: {error.reason_code}. {error.reason}"
