"""What was measured, as a person reads it in a terminal."""

from typing import Any

import polars as pl
from rich.table import Table

from retrowalk.evaluate.measured import Measured

#: Order in which states are shown; others follow.
_STATES = ("forward", "backward", "unknown", "walk", "run", "rest", "other")


def number(value: object) -> str:
    """Three decimals, or a dash where nothing was counted."""
    return f"{value:.3f}" if isinstance(value, float) else "-"


def target_text(row: dict[str, object]) -> str:
    """What is asked of a figure; empty where nothing is."""
    for name, sign in (("at_least", ">="), ("at_most", "<=")):
        if isinstance(row[name], float):
            return f"{sign} {row[name]:g}"
    return ""


def verdict(row: dict[str, Any]) -> str:
    """Whether a figure meets its target; empty where none is asked."""
    if not target_text(row):
        return ""
    words = {True: "[green]met[/]", False: "[red]not met[/]", None: "[dim]nothing claimed[/]"}
    return words[row["is_met"]]


def figures_table(figures: pl.DataFrame) -> Table:
    """A row per group and figure, with its target."""
    by = [name for name in ("regime", "kind") if name in figures.columns]
    table = Table(*by, "figure", title="Figures")
    for name in ("value", "target"):
        table.add_column(name, justify="right")
    table.add_column("verdict")
    before: list[object] = []
    for row in figures.iter_rows(named=True):
        place = [row[name] for name in by]
        shown = ["" if place == before else str(part) for part in place]
        if before and place != before:
            table.add_section()
        table.add_row(*shown, row["figure"], number(row["value"]), target_text(row), verdict(row))
        before = place
    return table


def confusion_table(minutes: pl.DataFrame) -> Table:
    """Truth down, statements across, in minutes."""
    by = [name for name in ("regime", "kind") if name in minutes.columns]
    present = set(minutes["stated"]) | set(minutes["truth"])
    states = [name for name in _STATES if name in present]
    wide = minutes.pivot("stated", index=[*by, "truth"], values="duration_min").sort(*by, "truth")
    shown = [name for name in states if name in wide.columns]
    table = Table(*by, "truth", title="Minutes: what was done, and what was stated")
    for name in shown:
        table.add_column(f"stated {name}", justify="right")
    for row in wide.iter_rows(named=True):
        cells = [f"{row[name]:.1f}" if row[name] is not None else "-" for name in shown]
        table.add_row(*(row[name] for name in by), row["truth"], *cells)
    return table


def reliability_table(reliable: pl.DataFrame) -> Table:
    """Bins of probability beside how often walking was backward."""
    by = [name for name in ("regime", "kind") if name in reliable.columns]
    table = Table(*by, title="Probability of backward: claimed, and come true")
    for name in ("from", "to", "minutes", "claimed", "true"):
        table.add_column(name, justify="right")
    for row in reliable.iter_rows(named=True):
        table.add_row(
            *(row[name] for name in by),
            f"{row['low_probability']:.1f}",
            f"{row['high_probability']:.1f}",
            f"{row['duration_min']:.1f}",
            number(row["backward_probability"]),
            number(row["backward_fraction"]),
        )
    return table


def tables_of(measured: Measured) -> list[Table]:
    """All tables, figures last."""
    return [
        confusion_table(measured.confusion),
        reliability_table(measured.reliability),
        figures_table(measured.figures),
    ]
