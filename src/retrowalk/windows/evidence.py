"""What each source of evidence says of each cell, backward against forward, in nats."""

import numpy as np
import polars as pl

from retrowalk.rules.evidence import EvidenceRules
from retrowalk.rules.plausibility import PlausibilityRules
from retrowalk.units import SECONDS_PER_MINUTE
from retrowalk.windows.timeline import Ints, borders_inside


def overlaps(
    starts: Ints, ends: Ints, cell_starts: Ints, cell_ends: Ints
) -> tuple[Ints, Ints, Ints]:
    """Pairs spans with the cells that they overlap; neither spans nor cells overlap each other.

    Returns:
        For each pair: row of the span, row of the cell, length of the overlap in microseconds.
    """
    none = np.zeros(0, dtype=np.int64)
    if len(starts) == 0 or len(cell_starts) == 0:
        return none, none, none
    borders = np.union1d(cell_starts, cell_ends)
    pieces = np.unique(np.concatenate([starts, borders_inside(starts, ends, borders)]))
    span = np.searchsorted(starts, pieces, side="right") - 1
    piece_ends = np.minimum(ends[span], np.append(pieces[1:], ends[-1]))
    cell = np.searchsorted(cell_starts, pieces, side="right") - 1
    is_inside = (cell >= 0) & (pieces < cell_ends[cell]) & (pieces < piece_ends)
    return span[is_inside], cell[is_inside], (piece_ends - pieces)[is_inside]


def spoken_spans(motion: pl.DataFrame, plausibility: PlausibilityRules) -> pl.DataFrame:
    """What each motion span says beside direction: steps a minute (0 standing still), heading."""
    rms, step = pl.col("vertical_rms_mps2"), pl.col("step_frequency_hz")
    cadence = pl.when(rms < plausibility.standing_vertical_rms_mps2).then(0.0).otherwise(step)
    heading = pl.col("heading_deg").radians()
    return motion.select(
        cadence=cadence * SECONDS_PER_MINUTE, east=heading.sin(), north=heading.cos()
    )


def motion_of_cells(spans: pl.DataFrame) -> pl.DataFrame:
    """Averages motion spans over each cell, from one row per span and cell that overlap.

    Args:
        spans: Rows as from :func:`spoken_spans` with ``cell_n`` and ``overlap_us``.

    Returns:
        One row per cell: ``cell_n, motion_cadence_spm, motion_heading_deg``.
    """
    overlap = pl.col("overlap_us")
    known_us = overlap.filter(pl.col("cadence").is_not_null()).sum()
    turn = pl.arctan2((pl.col("east") * overlap).sum(), (pl.col("north") * overlap).sum())
    return spans.group_by("cell_n", maintain_order=True).agg(
        pl.when(known_us > 0)
        .then((pl.col("cadence") * overlap).sum() / known_us)
        .alias("motion_cadence_spm"),
        pl.when(pl.col("east").count() > 0)
        .then(turn.degrees() % 360.0)
        .alias("motion_heading_deg"),
    )


def with_motion(
    cells: pl.DataFrame, motion: pl.DataFrame, plausibility: PlausibilityRules
) -> pl.DataFrame:
    """Fills cadence and heading from motion spans where records have none.

    ``is_axis_stated`` says that the heading is that of a stated forward axis.
    """
    span, cell, length = overlaps(
        motion["first_us"].to_numpy(),
        motion["last_us"].to_numpy(),
        cells["start_us"].to_numpy(),
        cells["end_us"].to_numpy(),
    )
    spans = spoken_spans(motion, plausibility)[span].with_columns(
        cell_n=pl.Series(cell), overlap_us=pl.Series(length)
    )
    return (
        cells.with_row_index("cell_n")
        .join(motion_of_cells(spans), on="cell_n", how="left", maintain_order="left")
        .with_columns(
            is_axis_stated=pl.col("heading_mean_deg").is_null()
            & pl.col("motion_heading_deg").is_not_null(),
            cadence_mean_spm=pl.coalesce("cadence_mean_spm", "motion_cadence_spm"),
            heading_mean_deg=pl.coalesce("heading_mean_deg", "motion_heading_deg"),
        )
        .drop("cell_n")
    )


def label_nats_expr(rules: EvidenceRules) -> pl.Expr:
    """Evidence of the label that covers the cell; null without one."""
    label = pl.col("label_direction")
    return (
        pl.when(label == "backward")
        .then(rules.label_nats)
        .when(label == "forward")
        .then(-rules.label_nats)
    )
