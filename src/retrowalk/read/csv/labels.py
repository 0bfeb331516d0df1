"""Forms marks from the label columns of samples: directions, laps, lap names, and pauses.

What a lap's name says about direction is not decided here.
"""

import dataframely as dy
import polars as pl

from retrowalk.read.csv.cells import LINE
from retrowalk.read.csv.faults import Fault, fault_in
from retrowalk.read.csv.preamble import Stated, first_text
from retrowalk.read.csv.recognise import Layout
from retrowalk.read.csv.shape import shaped
from retrowalk.read.reading import ReadMarks

DIRECTIONS = ("forward", "backward")
NO_DIRECTION = ("unknown", "none")


def marks_of_samples(
    timed: pl.DataFrame, with_events: pl.DataFrame, layout: Layout, stated: Stated
) -> dy.DataFrame[ReadMarks]:
    """Spans over which a label column holds the same: directions, laps, lap names; and pauses."""
    spans = [_pauses(with_events, layout), _names(timed, stated)]
    if "direction" in layout.places:
        spans.append(_runs(timed, "direction", "csv_column"))
    if "lap" in layout.places:
        spans.append(_runs(timed, "lap", "lap"))
    if "lap_name" in layout.places:
        spans.append(_runs(_with_name_of_lap(timed), "lap_name", "lap_name", "lap"))
    marks = pl.concat(spans, how="diagonal_relaxed")
    return shaped(marks.sort("workout_n", "started_at_utc", "source"), ReadMarks)


def _pauses(frame: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """Spans from a row that begins a pause to the next that ends one."""
    begins, ends = layout.dialect.pause_begins, layout.dialect.pause_ends
    return (
        frame.filter(pl.col("row_kind").is_in([*begins, *ends]))
        .sort("recorded_at_utc", maintain_order=True)
        .with_columns(
            started_at_utc="recorded_at_utc",
            ended_at_utc=pl.col("recorded_at_utc").shift(-1).over("workout_n"),
            next_kind=pl.col("row_kind").shift(-1).over("workout_n"),
        )
        .filter(pl.col("row_kind").is_in(begins), pl.col("next_kind").is_in(ends))
        .select("workout_n", "started_at_utc", "ended_at_utc", source=pl.lit("pause"))
    )


def _names(timed: pl.DataFrame, stated: Stated) -> pl.DataFrame:
    """The recording's name, where the lines before the header state one, over each workout."""
    name = first_text(stated, "session_name", "")
    spans = timed.group_by("workout_n").agg(
        started_at_utc=pl.col("recorded_at_utc").min(), ended_at_utc=pl.col("until_utc").max()
    )
    named = spans.with_columns(source=pl.lit("session_name"), text=pl.lit(name))
    return named if name else named.clear()


def _runs(timed: pl.DataFrame, label: str, source: str, *borders: str) -> pl.DataFrame:
    """Longest spans of one label; rows without one end a span and begin none."""
    keys = ["workout_n", *borders, label]
    is_new = pl.any_horizontal(pl.col(key).ne_missing(pl.col(key).shift()) for key in keys)
    spans = (
        timed.select(*dict.fromkeys(keys), "recorded_at_utc", "until_utc", run=is_new.cum_sum())
        .filter(pl.col(label).is_not_null())
        .group_by("run", maintain_order=True)
        .agg(
            pl.col("workout_n").first(),
            started_at_utc=pl.col("recorded_at_utc").first(),
            ended_at_utc=pl.col("until_utc").last(),
            text=pl.col(label).first(),
        )
    )
    direction = pl.col("text") if label == "direction" else pl.lit(None, pl.String)
    return spans.with_columns(source=pl.lit(source), direction=direction)


def _with_name_of_lap(timed: pl.DataFrame) -> pl.DataFrame:
    """Lets the only name that stands anywhere in a lap count for all of it."""
    lap_n = (
        pl.any_horizontal(
            pl.col(key).ne_missing(pl.col(key).shift()) for key in ("workout_n", "lap")
        )
    ).cum_sum()
    names = pl.col("lap_name").drop_nulls()
    is_only = (names.n_unique().over("lap_n") == 1) & pl.col("lap").is_not_null()
    return timed.with_columns(lap_n=lap_n).with_columns(
        lap_name=pl.when(is_only).then(pl.col("lap_name").max().over("lap_n")).otherwise("lap_name")
    )


def directions_from_text(text: pl.Series) -> pl.Series:
    """Brings directions into the tables' words by their distinct texts; null where none is stated."""
    kinds = text.unique()
    words = kinds.str.to_lowercase()
    clean = words.set(~words.is_in(list(DIRECTIONS)), None)
    return text if clean.equals(kinds) else text.replace_strict(kinds, clean)


def direction_faults(frame: pl.DataFrame, layout: Layout) -> tuple[Fault, ...]:
    """Names cells of a direction column that state none of the known directions."""
    if "direction" not in frame.columns:
        return ()
    word = frame["direction"]
    kinds = word.unique().drop_nulls()
    odd = kinds.filter(~kinds.str.to_lowercase().is_in([*DIRECTIONS, *NO_DIRECTION]))
    bad = word.is_in(odd.implode()).fill_null(value=False)
    header, expected = layout.header_of("direction"), "forward, backward or empty"
    return fault_in(word, bad, frame[LINE], header=header, expected=expected)
