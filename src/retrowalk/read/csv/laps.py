"""Reads a CSV whose rows are the laps of one workout: a row in, a lap with one record out."""

import dataframely as dy
import polars as pl

from retrowalk.errors import ExportError
from retrowalk.read.csv.faults import reason_of
from retrowalk.read.csv.preamble import first_word, start_of, stated_in
from retrowalk.read.csv.recognise import Layout
from retrowalk.read.csv.shape import shaped
from retrowalk.read.csv.source import Source
from retrowalk.read.csv.summaries import (
    in_metres,
    summaries_from_source,
    untimed,
    with_speed,
)
from retrowalk.read.csv.times import Instants
from retrowalk.read.reading import Reading, ReadMarks, ReadRecords, ReadWorkouts

#: What a row below the laps is called that sums them up.
SUMMARY = r"(?i)^(summary|total|zusammenfassung|resumen|résumé|riepilogo|samenvatting)$"


def reading_of_laps(
    source: Source, layout: Layout, *, time_zone: str | None, distance_unit: str | None
) -> Reading:
    """Reads an export with one row per lap.

    Args:
        source: The text; a line ``# started_at: ...`` before the header states the start.
        layout: What it is and where its rows begin.
        time_zone: Zone in which a start without an offset is read.
        distance_unit: ``km`` or ``mi`` where the rows themselves do not tell.

    Returns:
        One workout; each lap is a mark and one record that carries its averages.

    Raises:
        ExportError: ``no_timestamps`` where no start is stated or no lap has a duration.
    """
    stated = stated_in(layout)
    start = start_of(stated, layout.dialect, time_zone)
    summaries = summaries_from_source(source, layout)
    all_rows = summaries.frame.filter(~pl.col("lap").str.contains(SUMMARY).fill_null(value=False))
    no_length = all_rows["timer_s"].is_null()
    faults = (*untimed(all_rows, no_length, layout), *summaries.faults)
    rows = all_rows.filter(~no_length)
    if not rows.height:
        raise ExportError("no_timestamps", "No lap has a duration.")
    measured, traps = in_metres(rows, layout, distance_unit)
    default = {name: pl.lit(first_word(stated, name), pl.String) for name in ("sport", "sub_sport")}
    laps = _placed(with_speed(measured), start).with_columns(
        pl.coalesce(name, value).alias(name) for name, value in default.items()
    )
    return Reading(
        format="csv",
        dialect=layout.dialect.name,
        reason_code="rows_set_aside" if faults else "ok",
        reason=reason_of(
            faults, read_n=laps.height, rows_n=all_rows.height, decided=(*start.traps, *traps)
        ),
        recovered_fraction=laps.height / all_rows.height,
        workouts=_workout(laps, layout, all_rows.height - laps.height),
        records=shaped(laps.with_columns(recorded_at_utc="started_at_utc"), ReadRecords),
        marks=_marks(laps),
        traps=(*layout.traps, *start.traps, *traps),
    )


def _placed(laps: pl.DataFrame, start: Instants) -> pl.DataFrame:
    """Lays the laps one after the other from the start."""
    until = pl.col("length_s").cum_sum()
    first = pl.lit(start.at_utc[0], start.at_utc.dtype)
    return laps.with_columns(
        workout_n=pl.lit(0, pl.UInt32),
        started_at_utc=first
        + pl.duration(microseconds=((until - pl.col("length_s")) * 1e6).round()),
        ended_at_utc=first + pl.duration(microseconds=(until * 1e6).round()),
        file_utc_offset_s=pl.lit(start.offset_s[0], pl.Int32),
    )


def _workout(laps: pl.DataFrame, layout: Layout, set_aside_n: int) -> dy.DataFrame[ReadWorkouts]:
    def total(channel: str) -> pl.Expr:
        return pl.when(pl.col(channel).is_not_null().any()).then(pl.col(channel).sum())

    return shaped(
        laps.group_by("workout_n").agg(
            pl.col("started_at_utc").min(),
            pl.col("ended_at_utc").max(),
            pl.col("file_utc_offset_s", "sport", "sub_sport").first(),
            timer_s=total("timer_s"),
            total_distance_m=total("total_distance_m"),
            total_steps_n=total("total_steps_n"),
            writer=pl.lit(layout.dialect.name),
            grain=pl.lit(layout.dialect.grain),
            cadence_unit=pl.lit(layout.cadence_counts),
            placement=pl.lit("unknown"),
            records_set_aside_n=pl.lit(set_aside_n),
        ),
        ReadWorkouts,
    )


def _marks(laps: pl.DataFrame) -> dy.DataFrame[ReadMarks]:
    """Each lap, and its name where it has one."""
    spans = laps.select("workout_n", "started_at_utc", "ended_at_utc", "lap", "lap_name")
    borders = spans.with_columns(source=pl.lit("lap"), text="lap")
    names = spans.filter(pl.col("lap_name").is_not_null()).with_columns(
        source=pl.lit("lap_name"), text="lap_name"
    )
    return shaped(pl.concat([borders, names]).sort("started_at_utc", "source"), ReadMarks)
