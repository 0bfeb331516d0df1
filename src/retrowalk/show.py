"""Tables as a person reads them in a terminal."""

import polars as pl
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from retrowalk.tables import FLOW, table_name
from retrowalk.units import SECONDS_PER_HOUR, unit_of

_MARKS = {
    "met": "[green]met[/]",
    "under": "[yellow]under[/]",
    "over": "[yellow]over[/]",
    "pending": "[dim]pending[/]",
    "not_applicable": "[dim]n/a[/]",
    "not_evaluable": "[dim]?[/]",
}
_WIDTH = 150
#: How many participants a line names.
_NAMED_N = 5
_MINUTES = ("backward_min", "forward_min", "unknown_direction_min", "incline_min")


def wide_console() -> Console:
    """A console on which the weekly table fits, also where it is piped or the window is narrow."""
    console = Console()
    return Console(width=max(console.width, _WIDTH))


def minutes(value: float | None) -> str:
    """Minutes with one decimal; a dash for none."""
    return "-" if not value else f"{value:.1f}"


def energy(row: dict[str, object]) -> str:
    """Gross energy with its interval, or why there is none."""
    point, low, high = (
        row[name]
        for name in ("energy_gross_kcal", "energy_gross_low_kcal", "energy_gross_high_kcal")
    )
    if isinstance(point, float) and isinstance(low, float) and isinstance(high, float):
        return f"{point:.0f} ({low:.0f}-{high:.0f})"
    met_minutes = row["energy_gross_met_min"]
    if isinstance(met_minutes, float) and met_minutes > 0:
        return f"{met_minutes:.0f} MET-min"
    return "-"


def verdicts(row: dict[str, object]) -> str:
    """The verdicts of the scored rules in one line."""
    listed = row["rule_verdicts"]
    scored = (
        [item for item in listed if item["role"] == "scored"] if isinstance(listed, list) else []
    )
    return "  ".join(f"{item['rule_id']} {_MARKS[item['verdict']]}" for item in scored) or "-"


def weekly_table(summary: pl.DataFrame) -> Table:
    """A row per participant and week, oldest week first."""
    table = Table(
        title="Weekly summary",
        caption="Minutes of walking by class; incline counts every direction. Verdicts: ? = the data "
        "do not tell, n/a = the rule does not apply.",
        box=box.SIMPLE_HEAD,
    )
    for name in ("participant", "week of", "status"):
        table.add_column(name, no_wrap=True)
    for name in ("backward", "forward", "unknown", "incline", "sessions", "kcal (low-high)"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("verdicts of the scored rules")
    for row in summary.sort("participant_id", "week_start_date").iter_rows(named=True):
        table.add_row(
            escape(row["participant_id"]),
            str(row["week_start_date"]),
            str(row["week_status"]),
            *(minutes(row[name]) for name in _MINUTES),
            str(row["sessions_n"]),
            energy(row),
            verdicts(row),
        )
    return table


def export_table(exports: pl.DataFrame) -> Table:
    """How many files ended in which status, and the first reasons of those not scored whole."""
    table = Table(title="Exports", box=box.SIMPLE_HEAD)
    for name in ("status", "reason", "files", "for example"):
        table.add_column(name, overflow="fold")
    grouped = (
        exports.group_by("status", "reason_code")
        .agg(pl.len().alias("n"), pl.col("path").first(), pl.col("reason").first())
        .sort("status", "reason_code")
    )
    for row in grouped.iter_rows(named=True):
        example = "" if row["status"] == "scored" else f"{row['path']}: {row['reason']}"
        table.add_row(str(row["status"]), str(row["reason_code"]), str(row["n"]), escape(example))
    return table


def due_lines(reasons: pl.DataFrame) -> list[str]:
    """Which weeks are scored anew and why, a line each.

    Example:
        >>> weeks = pl.DataFrame({"week_start_date": ["2026-11-16"], "reason": ["registry"],
        ...                       "participants": [["P01", "P02"]]})
        >>> due_lines(weeks)
        ['2026-11-16: registry (P01, P02)']
    """
    told = reasons.with_columns(
        shown=pl.col("participants").list.head(_NAMED_N).list.join(", "),
        more=pl.when(pl.col("participants").list.len() > _NAMED_N)
        .then(pl.format(" and {} more", pl.col("participants").list.len() - _NAMED_N))
        .otherwise(pl.lit("")),
    )
    return (
        told.with_columns(line=pl.format("{} ({}{})", "reason", "shown", "more"))
        .group_by("week_start_date", maintain_order=True)
        .agg(pl.col("line").str.join("; "))
        .select(pl.format("{}: {}", "week_start_date", "line"))
        .to_series()
        .to_list()
    )


def dictionary_table(name: str) -> Table:
    """The columns of one table: type, unit, meaning."""
    schema = next(table for table in FLOW if table_name(table) == name)
    table = Table(title=name, box=box.SIMPLE_HEAD)
    for heading in ("column", "unit", "null", "meaning"):
        table.add_column(heading, overflow="fold")
    for column, described in schema.columns().items():
        null = "yes" if described.nullable else "no"
        table.add_row(column, unit_of(column), null, described.description or "")
    return table


def speed_line(recorded_s: float, elapsed_s: float) -> str:
    """How fast a run was.

    Example:
        >>> speed_line(7200.0, 0.5)
        'Scored 2.0 hours of recording in 0.5 s: 4.0 hours of recording per second.'
    """
    hours = recorded_s / SECONDS_PER_HOUR
    rate = hours / max(elapsed_s, 1e-9)
    return f"Scored {hours:.1f} hours of recording in {elapsed_s:.1f} s: {rate:.1f} hours of recording per second."


def print_result(console: Console, exports: pl.DataFrame, summary: pl.DataFrame) -> None:
    """Prints what became of the exports, then the weekly table."""
    console.print(export_table(exports))
    console.print(weekly_table(summary))
