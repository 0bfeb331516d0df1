"""All figures of any number of cohorts, as tables."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import polars as pl

from retrowalk.evaluate.changes import border_figures
from retrowalk.evaluate.cohorts import Found
from retrowalk.evaluate.figures import (
    calibration_figures,
    confusion,
    direction_figures,
    reliability,
)
from retrowalk.evaluate.slopes import grade_figures
from retrowalk.evaluate.targets import Target, judged


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured.

    Args:
        figures: One row per group and figure: ``figure, value``, and of those that have a target
            ``at_least, at_most, is_met``.
        confusion: Minutes per group, ``truth`` and ``stated``.
        reliability: Probabilities beside how often they came true, per group and bin.
    """

    figures: pl.DataFrame
    confusion: pl.DataFrame
    reliability: pl.DataFrame


def joined(found: Sequence[Found]) -> Found:
    """Puts cohorts together."""
    return Found(
        **{
            field.name: pl.concat([getattr(one, field.name) for one in found])
            for field in fields(Found)
        }
    )


def measured(
    found: Sequence[Found], targets: Sequence[Target], by: Sequence[str] = ("regime",)
) -> Measured:
    """Counts everything.

    Args:
        found: Cohorts.
        targets: What is asked of which regime; only figures grouped by regime alone are judged.
        by: Columns to group by: ``regime``, and ``kind`` for each kind of participant apart.

    Returns:
        Figures by group, in the order of their definition; null values where nothing was counted.
    """
    everything = joined(found)
    reliable = reliability(everything.cells, by)
    wide = (
        direction_figures(everything.pieces, by)
        .join(calibration_figures(reliable, by), on=by, how="left", maintain_order="left")
        .join(border_figures(everything.borders, by), on=by, how="left", maintain_order="left")
        .join(grade_figures(everything.graded, by), on=by, how="left", maintain_order="left")
    )
    long = wide.with_columns(pl.exclude(*by).cast(pl.Float64)).unpivot(
        index=list(by), variable_name="figure", value_name="value"
    )
    order = {name: n for n, name in enumerate(wide.columns)}
    rank = pl.col("figure").replace_strict(order, return_dtype=pl.Int64)
    return Measured(
        figures=judged(long.sort(*by, rank), targets if list(by) == ["regime"] else ()),
        confusion=confusion(everything.pieces, by),
        reliability=reliable,
    )
