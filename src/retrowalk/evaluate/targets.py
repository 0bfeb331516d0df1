"""What figures are held against; the values stand in ``targets.toml`` beside this file."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import polars as pl

from retrowalk.errors import RulesError


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure of a regime should be.

    Args:
        regime: Which regime.
        figure: Which figure.
        at_least: Least value; null: none.
        at_most: Largest value; null: none.
    """

    regime: str
    figure: str
    at_least: float | None
    at_most: float | None


@cache
def load_targets() -> tuple[Target, ...]:
    """Reads the shipped targets: one per regime and figure that a target names.

    Raises:
        RulesError: A target asks nothing.
    """
    text = files(__package__).joinpath("targets.toml").read_text(encoding="utf-8")
    found = tuple(
        Target(regime, entry["figure"], entry.get("at_least"), entry.get("at_most"))
        for entry in tomllib.loads(text)["target"]
        for regime in entry["regimes"]
    )
    for target in found:
        if (target.at_least is None) == (target.at_most is None):
            raise RulesError(
                f"targets.toml: {target.figure} of {target.regime} needs one of at_least, at_most."
            )
    return found


def judged(figures: pl.DataFrame, targets: Sequence[Target]) -> pl.DataFrame:
    """Adds what is asked of each figure, and whether it is met.

    Args:
        figures: Rows with ``regime, figure, value``.
        targets: What is asked.

    Returns:
        The same rows with ``at_least, at_most, is_met``; all null where nothing is asked.
        ``is_met`` is null too where the figure has no value: nothing was there to be judged.
    """
    asked = pl.DataFrame(
        [(t.regime, t.figure, t.at_least, t.at_most) for t in targets],
        schema={
            "regime": pl.String,
            "figure": pl.String,
            "at_least": pl.Float64,
            "at_most": pl.Float64,
        },
        orient="row",
    )
    value = pl.col("value")
    return figures.join(
        asked, on=["regime", "figure"], how="left", maintain_order="left"
    ).with_columns(is_met=pl.coalesce(value >= pl.col("at_least"), value <= pl.col("at_most")))
