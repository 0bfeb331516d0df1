"""Reads a CSV whose rows are raw motion samples: rows in, one workout and its samples out."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import dataframely as dy
import polars as pl

from retrowalk.errors import ExportError
from retrowalk.read.csv.cells import LINE, cells_from_source
from retrowalk.read.csv.faults import Fault, fault_in, merged_faults, reason_of
from retrowalk.read.csv.preamble import Stated, first_word, start_of, stated_in
from retrowalk.read.csv.recognise import Layout
from retrowalk.read.csv.shape import shaped
from retrowalk.read.csv.source import Source
from retrowalk.read.csv.times import LONGEST_RECORDING_S, UTC_INSTANT, Instants
from retrowalk.read.reading import Reading, ReadMarks, ReadSamples, ReadWorkouts
from retrowalk.tables.vocabulary import FORWARD_AXES, PLACEMENTS


def reading_of_motion(source: Source, layout: Layout, *, time_zone: str | None) -> Reading:
    """Reads an export with one row per raw motion sample.

    Args:
        source: The text, with ``# key: value`` lines before the header.
        layout: What it is and where its rows begin.
        time_zone: Zone in which a start without an offset is read.

    Returns:
        One workout without records, its samples, and a lap for each span between ``lap_at``.

    Raises:
        ExportError: ``no_timestamps`` where ``started_at`` is missing or unusable, or no row has
            a time.
    """
    stated = stated_in(layout)
    start = start_of(stated, layout.dialect, time_zone)
    pieces = list(cells_from_source(source, layout))
    if not pieces:
        raise ExportError("no_timestamps", "The file has a header and no row below it.")
    cells = pl.concat([piece.frame for piece in pieces]).with_columns(
        elapsed_s=pl.when(pl.col("elapsed_s").abs() <= LONGEST_RECORDING_S).then("elapsed_s")
    )
    faults = _faults(cells, [f for piece in pieces for f in piece.faults], layout)
    timed = cells.drop_nulls("elapsed_s").sort("elapsed_s", maintain_order=True)
    if not timed.height:
        raise ExportError("no_timestamps", f"No row has a usable time; {faults[0]}.")
    ends_s = _end_s(timed["elapsed_s"])
    return Reading(
        format="csv",
        dialect=layout.dialect.name,
        reason_code="rows_set_aside" if faults else "ok",
        reason=reason_of(faults, read_n=timed.height, rows_n=cells.height, decided=start.traps),
        recovered_fraction=timed.height / cells.height,
        workouts=_workout(start, ends_s, stated, layout, cells.height - timed.height),
        marks=_laps(start.at_utc[0], ends_s, _lap_borders(stated)),
        samples=_samples(timed, start.at_utc[0]),
        traps=(*layout.traps, *start.traps, *_unread(stated)),
    )


def _faults(cells: pl.DataFrame, found: Sequence[Fault], layout: Layout) -> tuple[Fault, ...]:
    """Names samples without a time as rows lost, and other odd cells as cells."""
    header = layout.header_of("elapsed_s")
    untimed = tuple(
        replace(f, expected="seconds", takes_row=True) for f in found if f.header == header
    )
    if not untimed:
        blank = pl.Series([""]).new_from_index(0, cells.height)
        is_bad = cells["elapsed_s"].is_null()
        untimed = fault_in(
            blank, is_bad, cells[LINE], header=header, expected="seconds", takes_row=True
        )
    return merged_faults([*untimed, *[f for f in found if f.header != header]])


def _end_s(elapsed_s: pl.Series) -> float:
    """End of the last sample: one usual interval after its time."""
    steps = elapsed_s.diff().drop_nulls()
    usual = steps.filter(steps > 0).median()
    last = elapsed_s[-1]
    return float(last) + (float(str(usual)) if usual is not None else 0.0)


def _workout(
    start: Instants,
    ends_s: float,
    stated: Stated,
    layout: Layout,
    set_aside_n: int,
) -> dy.DataFrame[ReadWorkouts]:
    placement = first_word(stated, "placement")
    axis = first_word(stated, "forward_axis")
    started_at: datetime = start.at_utc[0]
    row = pl.DataFrame(
        {
            "workout_n": 0,
            "started_at_utc": started_at,
            "ended_at_utc": started_at + timedelta(seconds=ends_s),
            "file_utc_offset_s": start.offset_s[0],
            "sport": first_word(stated, "sport"),
            "sub_sport": first_word(stated, "sub_sport"),
            "writer": layout.dialect.name,
            "grain": layout.dialect.grain,
            "cadence_unit": "unknown",
            "placement": placement if placement in PLACEMENTS else "unknown",
            "forward_axis": axis if axis in FORWARD_AXES else None,
            "records_set_aside_n": set_aside_n,
        }
    )
    return shaped(row, ReadWorkouts)


def _samples(timed: pl.DataFrame, started_at: datetime) -> dy.DataFrame[ReadSamples]:
    elapsed = pl.duration(microseconds=(pl.col("elapsed_s") * 1e6).round())
    return shaped(
        timed.with_columns(
            workout_n=pl.lit(0, pl.UInt32),
            sampled_at_utc=pl.lit(started_at, UTC_INSTANT) + elapsed,
        ),
        ReadSamples,
    )


def _lap_borders(stated: Stated) -> list[float]:
    return sorted(float(at) for at in stated.get("lap_at", []) if _is_number(at))


def _laps(started_at: datetime, ends_s: float, borders: list[float]) -> dy.DataFrame[ReadMarks]:
    """Laps between the stated borders; none where no border is stated."""
    inside = [at for at in borders if 0.0 < at < ends_s]
    if not inside:
        return ReadMarks.create_empty()
    edges = [started_at + timedelta(seconds=at) for at in (0.0, *inside, ends_s)]
    laps = pl.DataFrame(
        {
            "workout_n": 0,
            "source": "lap",
            "started_at_utc": edges[:-1],
            "ended_at_utc": edges[1:],
            "text": [str(n) for n in range(1, len(edges))],
        }
    )
    return shaped(laps, ReadMarks)


def _unread(stated: Stated) -> tuple[str, ...]:
    """Names the lines before the header that were there but could not be used."""
    traps = []
    for key, allowed in (("placement", PLACEMENTS), ("forward_axis", FORWARD_AXES)):
        word = first_word(stated, key)
        if word is not None and word not in allowed:
            traps.append(f"'# {key}: {word}' is not known; known are {', '.join(allowed)}.")
    traps.extend(
        f"'# lap_at: {at}' is no number of seconds."
        for at in stated.get("lap_at", [])
        if not _is_number(at)
    )
    known = {"started_at", "placement", "forward_axis", "lap_at", "sport", "sub_sport"}
    traps.extend(f"'# {key}:' is not known, left unread." for key in stated if key not in known)
    return tuple(traps)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?\d+(\.\d*)?|[+-]?\.\d+", text.strip()) is not None
