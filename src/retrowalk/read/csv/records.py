"""Reads a CSV whose rows are samples: rows in, records and the marks that its columns state out.

Nothing is decided about what a label means; a column that states a direction is passed on.
"""

from dataclasses import dataclass

import dataframely as dy
import polars as pl

from retrowalk.errors import ExportError
from retrowalk.read.csv.cells import LINE, cells_from_source, ends_in_half_a_row
from retrowalk.read.csv.faults import Fault, fault_in, merged_faults, reason_of
from retrowalk.read.csv.labels import direction_faults, directions_from_text, marks_of_samples
from retrowalk.read.csv.preamble import Stated, first_word, start_of, stated_in
from retrowalk.read.csv.recognise import DELIMITERS, Layout
from retrowalk.read.csv.shape import shaped
from retrowalk.read.csv.source import Source
from retrowalk.read.csv.sports import with_sports
from retrowalk.read.csv.times import (
    LONGEST_RECORDING_S,
    Instants,
    in_the_hour_that_came_again,
    instants_from_text,
    seconds_from_clock,
)
from retrowalk.read.reading import Reading, ReadRecords, ReadWorkouts

#: Columns of which runs become marks.
LABELS = ("direction", "lap", "lap_name")
#: Two samples at most this far apart follow each other; after more there was a pause.
FOLLOWS_WITHIN_S = 30.0
#: Two samples more than this far apart are of two recordings that share a file.
NEW_WORKOUT_AFTER_S = 6 * 3600
#: Interval of a recording too short to have one.
SOLE_INTERVAL_S = 1.0


@dataclass(frozen=True, slots=True)
class Samples:
    """Timed rows of one file.

    Args:
        frame: One row per usable row: ``recorded_at_utc``, ``offset_s`` and the channels.
        faults: What could not be used.
        rows_n: Rows that were there.
        traps: What was met.
    """

    frame: pl.DataFrame
    faults: tuple[Fault, ...]
    rows_n: int
    traps: tuple[str, ...]


def reading_of_records(source: Source, layout: Layout, *, time_zone: str | None) -> Reading:
    """Reads an export with one row per sample.

    Args:
        source: The text.
        layout: What it is and where its rows begin.
        time_zone: Zone in which times without an offset are read.

    Returns:
        One workout; more where the sport changes or hours lie between two rows.

    Raises:
        ExportError: ``no_timestamps`` where no row has a usable time; ``unreadable_csv``.
    """
    stated = stated_in(layout)
    samples = _samples(source, layout, time_zone, stated)
    return reading_of_samples(samples, layout, stated)


def reading_of_samples(samples: Samples, layout: Layout, stated: Stated) -> Reading:
    """Forms workouts, records and marks from timed rows.

    Args:
        samples: The rows of one file, in its order.
        layout: What the file is.
        stated: What the lines before the header state.

    Returns:
        As :func:`reading_of_records`.
    """
    numbered = _with_workout_n(_with_text_channels(samples.frame, layout, stated))
    frame = _without_events(numbered, layout)
    timed = _with_span_ends(frame)
    read_n = samples.frame.height
    return Reading(
        format="csv",
        dialect=layout.dialect.name,
        reason_code="rows_set_aside" if samples.faults else "ok",
        reason=reason_of(
            samples.faults, read_n=read_n, rows_n=samples.rows_n, decided=samples.traps
        ),
        recovered_fraction=read_n / samples.rows_n,
        workouts=_workouts(timed, layout, samples.rows_n - read_n),
        records=shaped(frame, ReadRecords),
        marks=marks_of_samples(timed, numbered, layout, stated),
        traps=(*layout.traps, *samples.traps, *_unknown_columns(layout)),
    )


def _samples(source: Source, layout: Layout, time_zone: str | None, stated: Stated) -> Samples:
    """Reads all pieces of a file and sets aside the rows without a time."""
    is_cut = ends_in_half_a_row(source, layout)
    counts_from_start = not layout.has_instants
    start = start_of(stated, layout.dialect, time_zone) if counts_from_start else None
    whole = source.up_to_last_line() if is_cut else source
    usable: list[pl.DataFrame] = []
    faults: list[Fault] = []
    traps: list[str] = []
    line_n = layout.header_line + 1
    rows_n = int(is_cut)
    for cells in cells_from_source(whole, layout):
        instants = _instants(cells.frame, layout, time_zone, start)
        rows_n += cells.frame.height
        line_n = cells.last_line_n
        faults.extend((*_time_faults(cells.frame, instants.at_utc, layout), *cells.faults))
        faults.extend(direction_faults(cells.frame, layout))
        traps.extend(instants.traps)
        usable.append(_timed(cells.frame, instants))
    if is_cut:
        header = layout.headers[0].strip()
        faults.append(Fault(header, "a whole row", 1, line_n + 1, "half a row", takes_row=True))
    if not rows_n:
        raise ExportError("no_timestamps", "The file has a header and no row below it.")
    every = merged_faults(faults)
    if not sum(frame.height for frame in usable):
        raise ExportError("no_timestamps", f"No row has a usable time; {every[0]}.")
    joined = _with_totals(pl.concat(usable, how="diagonal"), layout)
    if "later_by" in joined.columns:
        joined, met = in_the_hour_that_came_again(joined)
        traps.extend(met)
    return Samples(joined, every, rows_n, tuple(dict.fromkeys(traps)))


def _timed(cells: pl.DataFrame, instants: Instants) -> pl.DataFrame:
    """Puts the instants in place of their texts; rows without one are left out."""
    later = [] if instants.later_by is None else [instants.later_by.alias("later_by")]
    return (
        cells.drop(LINE, "recorded_at", "elapsed_s", strict=False)
        .with_columns(instants.at_utc.alias("recorded_at_utc"), instants.offset_s, *later)
        .drop_nulls("recorded_at_utc")
    )


def _with_totals(frame: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """Adds up the channels that hold what was added since the row before."""
    added = [c for c, (_, column) in layout.places.items() if column.is_increment]
    return frame.with_columns(pl.col(c).cum_sum() for c in added)


def _time_faults(frame: pl.DataFrame, at_utc: pl.Series, layout: Layout) -> tuple[Fault, ...]:
    """Names the rows that have no usable time."""
    channel = "recorded_at" if layout.has_instants else "elapsed_s"
    if not at_utc.null_count():
        return ()
    written = frame[channel].cast(pl.String).fill_null("")
    others = "".join(sign for sign in DELIMITERS if sign != layout.delimiter)
    is_unsplit = at_utc.is_null() & written.str.contains(f"[{others}]")
    header = layout.header_of(channel)
    split = f"cells split by {layout.delimiter!r} like the header"
    return (
        *fault_in(written, is_unsplit, frame[LINE], header=header, expected=split, takes_row=True),
        *fault_in(
            written,
            at_utc.is_null() & ~is_unsplit,
            frame[LINE],
            header=header,
            expected="a usable time",
            takes_row=True,
        ),
    )


def _instants(
    cells: pl.DataFrame, layout: Layout, time_zone: str | None, start: Instants | None
) -> Instants:
    """Times of the rows: as written, or counted from the start."""
    if start is None:
        return instants_from_text(cells["recorded_at"], layout.dialect.time, time_zone)
    elapsed = cells["elapsed_s"]
    seconds = seconds_from_clock(elapsed) if elapsed.dtype == pl.String else elapsed
    seconds = seconds.set(seconds.abs() > LONGEST_RECORDING_S, None)
    micros = (seconds * 1e6).round().cast(pl.Int64).cast(pl.Duration("us"))
    return Instants(
        at_utc=start.at_utc.new_from_index(0, len(micros)) + micros,
        offset_s=start.offset_s.new_from_index(0, len(micros)),
        traps=start.traps,
    )


def _with_text_channels(frame: pl.DataFrame, layout: Layout, stated: Stated) -> pl.DataFrame:
    """Adds the text channels that the file lacks and brings directions into the tables' words.

    A sport that stands before the header, or else that of the dialect, holds for every row.
    """
    default = {
        "sport": first_word(stated, "sport") or layout.dialect.sport,
        "sub_sport": first_word(stated, "sub_sport"),
    }
    texts = (*LABELS, "sport", "sub_sport", "row_kind")
    named = frame.with_columns(
        pl.lit(default.get(name), pl.String).alias(name)
        for name in texts
        if name not in frame.columns
    )
    return named.with_columns(directions_from_text(named["direction"]))


def _with_workout_n(frame: pl.DataFrame) -> pl.DataFrame:
    """Numbers the workouts: a new one begins where sport or sub-sport changes, or after hours.

    An empty cell goes on with the sport before it; rows before the first named sport belong to it.
    """
    gap = pl.col("recorded_at_utc").diff() > pl.duration(seconds=NEW_WORKOUT_AFTER_S)
    changes = [gap]
    if frame["sport"].null_count() + frame["sub_sport"].null_count() < 2 * frame.height:
        known = with_sports(frame.select("sport", "sub_sport")).select(
            pl.all().forward_fill().backward_fill()
        )
        frame = frame.with_columns(known["sport"], known["sub_sport"])
        changes += [pl.col(c).ne_missing(pl.col(c).shift()) for c in known.columns]
    begins = pl.any_horizontal(changes).fill_null(value=False)
    number = frame.select(begins.cum_sum().cast(pl.UInt32)).to_series()
    return frame.with_columns((number - number[0]).alias("workout_n"))


def _without_events(frame: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """Leaves out rows that only begin or end a pause and measure nothing."""
    events = [*layout.dialect.pause_begins, *layout.dialect.pause_ends]
    measured = [c for c in layout.places if c in ReadRecords.column_names()]
    if not events or not measured:
        return frame
    is_bare = pl.col("row_kind").is_in(events) & pl.all_horizontal(
        pl.col(c).is_null() for c in measured
    )
    kept = frame.filter(~is_bare.fill_null(value=False))
    return kept if kept.height else frame


def _with_span_ends(frame: pl.DataFrame) -> pl.DataFrame:
    """Sorts by time and says until when each sample stands.

    Until the next one, if that follows; else for the workout's median interval.
    """
    labels = frame.select("workout_n", "recorded_at_utc", "offset_s", "sport", "sub_sport", *LABELS)
    is_ordered = frame["recorded_at_utc"].is_sorted()
    ordered = (
        labels if is_ordered else labels.sort("workout_n", "recorded_at_utc", maintain_order=True)
    )
    follows = pl.col("workout_n").shift(-1) == pl.col("workout_n")
    ahead_us = (pl.col("recorded_at_utc").shift(-1) - pl.col("recorded_at_utc")).cast(pl.Int64)
    steps = ordered.select("workout_n", step_us=pl.when(follows).then(ahead_us))
    usual = steps.group_by("workout_n").agg(
        usual_us=pl.col("step_us").filter(pl.col("step_us") > 0).median()
    )
    usual_us = pl.col("workout_n").replace_strict(
        usual["workout_n"], usual["usual_us"].fill_null(SOLE_INTERVAL_S * 1e6).round()
    )
    is_next = pl.col("step_us") <= FOLLOWS_WITHIN_S * 1e6
    stands_us = pl.when(is_next).then("step_us").otherwise(usual_us).cast(pl.Int64)
    held = steps.select(held=stands_us.cast(pl.Duration("us"))).to_series()
    return ordered.with_columns(until_utc=ordered["recorded_at_utc"] + held)


def _workouts(timed: pl.DataFrame, layout: Layout, set_aside_n: int) -> dy.DataFrame[ReadWorkouts]:
    by_workout = timed.group_by("workout_n", maintain_order=True).agg(
        started_at_utc=pl.col("recorded_at_utc").min(),
        ended_at_utc=pl.col("until_utc").max(),
        file_utc_offset_s=pl.when(
            (pl.col("offset_s").n_unique() == 1) & pl.col("offset_s").is_not_null().all()
        ).then(pl.col("offset_s").first()),
        sport=pl.col("sport").first(),
        sub_sport=pl.col("sub_sport").first(),
    )
    return shaped(
        by_workout.with_columns(
            writer=pl.lit(layout.dialect.name),
            grain=pl.lit("record"),
            cadence_unit=pl.lit(layout.cadence_counts),
            placement=pl.lit("unknown"),
            records_set_aside_n=pl.when(pl.col("workout_n") == 0).then(set_aside_n).otherwise(0),
        ),
        ReadWorkouts,
    )


def _unknown_columns(layout: Layout) -> tuple[str, ...]:
    """Names the columns that the dialect does not know and nothing was read from."""
    unknown = layout.unknown_headers
    if not unknown:
        return ()
    listed = ", ".join(header.strip() for header in unknown[:12])
    more = f" and {len(unknown) - 12} more" if len(unknown) > 12 else ""
    return (f"Columns not known to the dialect, left unread: {listed}{more}.",)
