"""All workouts of a batch on one axis of time, and the cells that it is cut into.

Each workout has a band of the axis to itself, wide enough that nothing reaches into the next one.
Spans of all workouts can then be searched, cut and summed as whole arrays. Positions are whole
microseconds and only differences within a band are ever used, so no result depends on what else
is in the batch. Nothing here knows what a record says.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Truths: TypeAlias = npt.NDArray[np.bool_]

MICROSECONDS_PER_SECOND = 1_000_000
#: Room that a band leaves before and after its workout, an hour each.
_MARGIN_US = 3_600 * MICROSECONDS_PER_SECOND


@dataclass(frozen=True, slots=True)
class Timeline:
    """Where each workout lies on the axis.

    Args:
        workouts: One row per workout, in order of the axis: ``workout_index``, the band's place
            ``band_us`` and width ``width_us``, its first instant ``origin_us`` (since the epoch),
            the workout's own columns.
        cell_us: Width of a cell of the clock grid; bands begin on the grid.
    """

    workouts: pl.DataFrame
    cell_us: int


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells, and the pieces of records that they are made of; all arrays in order of time.

    Args:
        starts: First instant of each cell.
        ends: First instant after each cell.
        workout: Index of each cell's workout.
        first_piece: Place of each cell's first piece.
        piece_starts: First instant of each piece.
        piece_ends: First instant after each piece.
        piece_sample: The sample (row) that each piece belongs to.
        piece_s: Length of each piece in seconds.
    """

    starts: Ints
    ends: Ints
    workout: Ints
    first_piece: Ints
    piece_starts: Ints
    piece_ends: Ints
    piece_sample: Ints
    piece_s: Floats

    def sums(self, pieces: Floats | Ints) -> Floats:
        """Sums a value of each piece over each cell."""
        if len(self.starts) == 0:
            return np.zeros(0)
        return np.asarray(np.add.reduceat(pieces, self.first_piece), dtype=np.float64)

    def means(self, values: Floats) -> Floats:
        """Time-weighted mean over each cell of a value per sample; NaN where it has none."""
        is_unknown = np.isnan(values)
        if is_unknown.all():
            return np.full(len(self.starts), np.nan)
        weights, weighted = self.piece_s, values[self.piece_sample] * self.piece_s
        if is_unknown.any():
            is_unknown = np.isnan(weighted)
            weights = np.where(is_unknown, 0.0, weights)
            weighted = np.where(is_unknown, 0.0, weighted)
        total = self.sums(weights)
        means = np.full(len(total), np.nan)
        np.divide(self.sums(weighted), total, out=means, where=total > 0)
        return means


def timeline_of(workouts: pl.DataFrame, *, cell_s: float) -> Timeline:
    """Lays workouts end to end, each band beginning on the clock grid.

    Args:
        workouts: Rows of the table ``workouts``, any order.
        cell_s: Length of a cell of the clock grid, in seconds.
    """
    cell_us = round(cell_s * MICROSECONDS_PER_SECOND)
    start = pl.col("started_at_utc").dt.epoch("us")
    length = (pl.col("ended_at_utc") - pl.col("started_at_utc")).dt.total_microseconds()
    laid = (
        workouts.sort("workout_id")
        .with_columns(
            workout_index=pl.int_range(pl.len(), dtype=pl.Int64),
            origin_us=(start - _MARGIN_US) // cell_us * cell_us,
            width_us=(length + 3 * _MARGIN_US) // cell_us * cell_us,
        )
        .with_columns(band_us=pl.col("width_us").cum_sum() - pl.col("width_us"))
    )
    return Timeline(laid, cell_us)


def position_expr(instant: str) -> pl.Expr:
    """Place of an instant on the axis, held inside its workout's band."""
    offset = pl.col(instant).dt.epoch("us") - pl.col("origin_us")
    return pl.col("band_us") + offset.clip(0, pl.col("width_us") - 1)


def placed(
    frame: pl.DataFrame, timeline: Timeline, facts: tuple[str, ...] = (), **instants: str
) -> pl.DataFrame:
    """Adds ``workout_index`` and a position on the axis per instant, sorted by the first of them.

    Args:
        frame: Rows with ``workout_id``; those of unknown workouts are left out.
        timeline: The axis.
        facts: Columns of the workout to add.
        **instants: New column -> column with the instant.
    """
    band = ("origin_us", "band_us", "width_us")
    bands = timeline.workouts.select("workout_id", "workout_index", *band, *facts)
    located = (
        frame.join(bands, on="workout_id", maintain_order="left")
        .with_columns(**{new: position_expr(instant) for new, instant in instants.items()})
        .drop(band)
    )
    first = next(iter(instants))
    return located if located[first].is_sorted() else located.sort(first)


def instant_expr(position: str) -> pl.Expr:
    """The instant at a place of the axis; needs ``band_us`` and ``origin_us`` of its workout."""
    since_epoch = pl.col(position) - pl.col("band_us") + pl.col("origin_us")
    return since_epoch.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def held_us(
    positions: Ints, workout: Ints, usual: Ints, pauses: tuple[Ints, Ints], *, max_gap_us: int
) -> Ints:
    """How long each sample stands, from itself on.

    Until the next sample, if that follows within ``max_gap_us`` and no pause begins before it;
    else as long as is usual in its workout, but not into the next sample. A sample inside a pause
    stands for nothing, and one before a pause that is over sooner than usual stands only until
    the pause, so that the pause leaves a hole.

    Args:
        positions: Place of each sample, rising.
        workout: Index of each sample's workout.
        usual: Usual interval of each sample's workout, in microseconds.
        pauses: First and last (exclusive) places of pauses, by start.
        max_gap_us: Longest time between samples that is still covered, in microseconds.
    """
    never = np.iinfo(np.int64).max // 2
    ahead = np.diff(positions, append=never)
    ahead[:-1][np.diff(workout) != 0] = never
    begins, ends = (np.append(side, never) for side in pauses)
    ends = np.maximum.accumulate(ends)
    next_pause = np.searchsorted(begins, positions, side="left")
    until_pause, until_resumed = begins[next_pause] - positions, ends[next_pause] - positions
    last_pause = next_pause - 1
    is_paused = (last_pause >= 0) & (positions < ends[last_pause])
    is_whole = (ahead <= max_gap_us) & (until_pause >= ahead)
    lone = np.minimum(usual, ahead)
    lone = np.where(until_resumed <= lone, np.minimum(until_pause, lone), lone)
    return np.where(is_paused, 0, np.where(is_whole, ahead, lone))


def grid_cuts(starts: Ints, ends: Ints, cell_us: int) -> Ints:
    """Borders of the clock grid that lie inside the spans."""
    first, last = starts // cell_us + 1, (ends - 1) // cell_us
    many = np.maximum(last - first + 1, 0)
    place = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
    cuts: Ints = (np.repeat(first, many) + place) * cell_us
    return cuts


def borders_inside(starts: Ints, ends: Ints, borders: Ints) -> Ints:
    """Borders that lie strictly inside one of the spans, which do not overlap."""
    span = np.searchsorted(starts, borders, side="right") - 1
    is_inside = (span >= 0) & (borders > starts[span]) & (borders < ends[span])
    return borders[is_inside]


def cells_of(
    starts: Ints, held: Ints, workout: Ints, *, borders: Ints, is_series: Truths, cell_us: int
) -> Cells:
    """Cuts the time that samples stand for at the clock grid and at borders.

    Args:
        starts: Place of each sample, rising.
        held: How long each stands, in microseconds; 0 takes no part.
        workout: Index of each sample's workout.
        borders: Places at which every cell ends, rising.
        is_series: Whether the sample is one of a series; others get a cell each, off the grid.
        cell_us: Width of a cell of the clock grid.
    """
    row = np.flatnonzero(held > 0)
    begins, ends, series = starts[row], starts[row] + held[row], is_series[row]
    if len(row) == 0:
        none = np.zeros(0, dtype=np.int64)
        return Cells(none, none, none, none, none, none, none, np.zeros(0))
    cuts = np.concatenate(
        [grid_cuts(begins[series], ends[series], cell_us), borders_inside(begins, ends, borders)]
    )
    pieces = np.unique(np.concatenate([begins, cuts])) if len(cuts) else begins
    span = np.searchsorted(begins, pieces, side="right") - 1
    piece_ends = np.minimum(ends[span], np.append(pieces[1:], ends[-1]))
    is_first = np.ones(len(pieces), dtype=np.bool_)
    is_first[1:] = (
        (pieces[1:] != piece_ends[:-1])
        | (pieces[1:] // cell_us != pieces[:-1] // cell_us)
        | ~series[span][1:]
        | (workout[row][span][1:] != workout[row][span][:-1])
    )
    is_first[np.isin(pieces, borders)] = True
    first = np.flatnonzero(is_first)
    last = np.append(first[1:], len(pieces)) - 1
    return Cells(
        starts=pieces[first],
        ends=piece_ends[last],
        workout=workout[row][span][first],
        first_piece=first,
        piece_starts=pieces,
        piece_ends=piece_ends,
        piece_sample=row[span],
        piece_s=(piece_ends - pieces) / MICROSECONDS_PER_SECOND,
    )
