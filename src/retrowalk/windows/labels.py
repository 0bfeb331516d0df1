"""What labels state of each cell: the strongest one that covers it decides."""

import numpy as np
import polars as pl

from retrowalk.tables.vocabulary import DIRECTION_EVIDENCE
from retrowalk.windows.timeline import Ints

#: Sources of marks that are labels, strongest first.
LABEL_SOURCES = DIRECTION_EVIDENCE[: DIRECTION_EVIDENCE.index("compass")]
#: Longer than any label, some 35 years: sets sources apart when labels are ranked.
_LONGEST_US = 2**50


def strongest_stated(marks: pl.DataFrame, value: str) -> pl.DataFrame:
    """Says for each stretch between borders of labels what the strongest covering label states.

    The stronger source wins; of one source the shorter label, which is the more particular one.
    Labels of one source and length that contradict each other cancel out.

    Args:
        marks: Marks with ``first_us``, ``last_us`` (exclusive) and ``source``.
        value: Column with what they state; marks where it is null take no part.

    Returns:
        One row per border of a label, by place: ``stretch_us``, and ``value`` and ``source`` from
        there to the next border, null where no label covers it; null value where they cancel out.
    """
    strength = {source: n for n, source in enumerate(LABEL_SOURCES)}
    labels = marks.filter(
        pl.col(value).is_not_null()
        & pl.col("source").is_in(LABEL_SOURCES)
        & (pl.col("first_us") < pl.col("last_us"))
    ).select(
        "first_us",
        "last_us",
        "source",
        value=value,
        weakness=pl.col("source").replace_strict(strength, return_dtype=pl.Int64) * _LONGEST_US
        + (pl.col("last_us") - pl.col("first_us")),
    )
    borders = pl.concat([labels["first_us"], labels["last_us"]]).unique().sort().alias("stretch_us")
    return (
        borders.to_frame()
        .join_where(
            labels,
            pl.col("stretch_us") >= pl.col("first_us"),
            pl.col("stretch_us") < pl.col("last_us"),
        )
        .filter(pl.col("weakness") == pl.col("weakness").min().over("stretch_us"))
        .group_by("stretch_us")
        .agg(
            pl.col("source").first(),
            pl.when(pl.col("value").n_unique() == 1).then(pl.col("value").first()).alias("value"),
        )
        .join(borders.to_frame(), on="stretch_us", how="right")
        .sort("stretch_us")
    )


def with_stated(
    cells: pl.DataFrame, marks: pl.DataFrame, value: str, *, into: tuple[str, str]
) -> pl.DataFrame:
    """Adds what the strongest label states of each cell, and which source it is.

    Cells end at every border of a mark, so a label covers a cell whole or not at all.

    Args:
        cells: Cells with ``start_us``.
        marks: Marks on the axis.
        value: Column of marks with what they state.
        into: Names of the added columns: what is stated, null where nothing is, and the source
            that states it.
    """
    named, source_named = into
    stated = strongest_stated(marks, value).select(
        "stretch_us",
        pl.col("value").alias(named),
        pl.when(pl.col("value").is_not_null()).then("source").alias(source_named),
    )
    return cells.join_asof(stated, left_on="start_us", right_on="stretch_us").drop("stretch_us")


def borders_of(marks: pl.DataFrame) -> Ints:
    """Every place where a mark begins or ends, rising."""
    return np.unique(marks.select("first_us", "last_us").to_numpy().ravel()).astype(np.int64)
