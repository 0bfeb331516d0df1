"""Reads a CSV whose rows are whole workouts: a row in, a workout with one record of averages out.

What a title or an activity type says about direction is not decided here.
"""

from dataclasses import dataclass

import dataframely as dy
import polars as pl

from retrowalk.errors import ExportError
from retrowalk.read.csv.cells import LINE
from retrowalk.read.csv.faults import Fault, fault_in, reason_of
from retrowalk.read.csv.recognise import Layout
from retrowalk.read.csv.shape import shaped
from retrowalk.read.csv.source import Source
from retrowalk.read.csv.summaries import (
    in_metres,
    summaries_from_source,
    untimed,
    with_speed,
)
from retrowalk.read.csv.times import instants_from_text
from retrowalk.read.reading import Reading, ReadMarks, ReadRecords, ReadWorkouts


@dataclass(frozen=True, slots=True)
class Rows:
    """The usable rows of a list, what was wrong with others, how many there were, what was met."""

    frame: pl.DataFrame
    faults: tuple[Fault, ...]
    rows_n: int
    traps: tuple[str, ...]


def reading_of_activities(
    source: Source,
    layout: Layout,
    *,
    time_zone: str | None,
    distance_unit: str | None,
) -> Reading:
    """Reads an export with one row per workout.

    Args:
        source: The text.
        layout: What it is and where its rows begin.
        time_zone: Zone in which times without an offset are read.
        distance_unit: ``km`` or ``mi`` where the rows themselves do not tell.

    Returns:
        One workout per usable row, each with one record that carries the row's averages, a mark
        for its title, and the file that it names, which is another recording of the same walk.

    Raises:
        ExportError: ``no_timestamps``, ``undecidable_units`` or ``unreadable_csv``.
    """
    rows = _usable_rows(source, layout, time_zone)
    measured, unit_traps = in_metres(rows.frame, layout, distance_unit)
    workouts = with_speed(measured).with_row_index("workout_n")
    return Reading(
        format="csv",
        dialect=layout.dialect.name,
        reason_code="rows_set_aside" if rows.faults else "ok",
        reason=reason_of(rows.faults, read_n=workouts.height, rows_n=rows.rows_n),
        recovered_fraction=workouts.height / rows.rows_n,
        workouts=_workouts(workouts, layout, rows.rows_n - workouts.height),
        records=shaped(workouts.with_columns(recorded_at_utc="started_at_utc"), ReadRecords),
        marks=_marks(workouts),
        traps=(*layout.traps, *rows.traps, *unit_traps),
        files_named=_files_named(workouts),
    )


def _usable_rows(source: Source, layout: Layout, time_zone: str | None) -> Rows:
    """Reads the rows and sets aside those without a start or a duration."""
    summaries = summaries_from_source(source, layout)
    placed, traps = _placed(summaries.frame, layout, time_zone)
    no_start = placed["started_at_utc"].is_null()
    no_length = placed["timer_s"].is_null() & ~no_start
    faults = (
        *fault_in(
            placed["recorded_at"].fill_null(""),
            no_start,
            placed[LINE],
            header=layout.header_of("recorded_at"),
            expected="a usable time",
            takes_row=True,
        ),
        *untimed(placed, no_length, layout),
        *summaries.faults,
    )
    usable = placed.filter(~no_start & ~no_length)
    if not usable.height:
        raise ExportError("no_timestamps", f"No row can be used: {faults[0]}.")
    return Rows(usable, faults, placed.height, traps)


def _files_named(workouts: pl.DataFrame) -> dict[int, str]:
    """Place of a workout -> the file that its row names, with forward slashes."""
    named = workouts.select(
        "workout_n", pl.col("file_name").str.strip_chars().str.replace_all("\\", "/", literal=True)
    ).filter(pl.col("file_name") != "")
    return dict(named.iter_rows())


def _placed(
    rows: pl.DataFrame, layout: Layout, time_zone: str | None
) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Places the rows in time, and takes their length from their end where nothing else states it.

    Rows that only name a day lie one after the other from noon, where no change of clocks and no
    change of day can touch them.
    """
    form = layout.dialect.time
    start = instants_from_text(rows["recorded_at"], form, time_zone)
    end = instants_from_text(rows["ended_at"], form, time_zone)
    span_s = pl.col("ended_at_utc") - pl.col("started_at_utc")
    placed = rows.with_columns(
        start.at_utc.alias("started_at_utc"),
        end.at_utc.alias("ended_at_utc"),
        start.offset_s.alias("offset_s"),
    ).with_columns(span_s=span_s.dt.total_microseconds() / 1e6)
    timed = placed.with_columns(span_s=pl.when(pl.col("span_s") > 0).then("span_s")).with_columns(
        timer_s=pl.coalesce("timer_s", "span_s"),
        length_s=pl.max_horizontal("length_s", "span_s"),
    )
    if not layout.dialect.is_date_only:
        return timed, (*start.traps, *end.traps)
    before_s = pl.col("length_s").fill_null(0.0).cum_sum().over("started_at_utc") - pl.col(
        "length_s"
    ).fill_null(0.0)
    shift = pl.duration(microseconds=(before_s * 1e6).round(), hours=12)
    trap = "Rows name a day and no time: they are placed one after the other from noon."
    return timed.with_columns(started_at_utc=pl.col("started_at_utc") + shift), (
        *start.traps,
        trap,
    )


def _workouts(rows: pl.DataFrame, layout: Layout, set_aside_n: int) -> dy.DataFrame[ReadWorkouts]:
    return shaped(
        rows.with_columns(
            ended_at_utc=_end_expr(),
            file_utc_offset_s=pl.coalesce("offset_s", _stated_offset_expr()),
            writer=pl.lit(layout.dialect.name),
            grain=pl.lit(layout.dialect.grain),
            cadence_unit=pl.lit(layout.cadence_counts),
            placement=pl.lit("unknown"),
            records_set_aside_n=pl.when(pl.col("workout_n") == 0).then(set_aside_n).otherwise(0),
        ),
        ReadWorkouts,
    )


def _end_expr() -> pl.Expr:
    length = pl.duration(microseconds=(pl.col("length_s") * 1e6).round())
    return pl.col("started_at_utc") + length


def _stated_offset_expr() -> pl.Expr:
    """Local minus UTC from a column of its own, such as ``UTC+0300``."""
    sign, hours, minutes = (
        pl.col("utc_offset").str.extract(r"([+-])(\d\d):?(\d\d)", n) for n in (1, 2, 3)
    )
    size_s = hours.cast(pl.Int32) * 3600 + minutes.cast(pl.Int32) * 60
    return pl.when(sign == "-").then(-size_s).otherwise(size_s)


def _marks(rows: pl.DataFrame) -> dy.DataFrame[ReadMarks]:
    """Titles and stated directions, each over its whole workout."""
    span = rows.with_columns(ended_at_utc=_end_expr()).drop("grade_fraction")
    direction = pl.col("direction").str.to_lowercase()
    titles = span.filter(pl.col("session_name").is_not_null()).with_columns(
        source=pl.lit("session_name"), text="session_name", direction=pl.lit(None, pl.String)
    )
    stated = span.filter(direction.is_in(["forward", "backward"])).with_columns(
        source=pl.lit("csv_column"), text="direction", direction=direction
    )
    return shaped(pl.concat([titles, stated]).sort("workout_n", "source"), ReadMarks)
