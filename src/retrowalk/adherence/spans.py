"""The rows that a rule looks at: weeks or sessions, each with the rules that hold there."""

import polars as pl

from retrowalk.adherence.facts import Facts
from retrowalk.adherence.verdicts import Exit
from retrowalk.prescribed import DAYS_OF_WEEK_N


def in_phase_expr() -> pl.Expr:
    """Whether the rule holds in this week of the prescription."""
    return pl.col("week_n").is_between("from_week", "to_week")


def week_spans(rules: pl.DataFrame, weeks: pl.DataFrame) -> pl.DataFrame:
    """Each week with the rules that hold in it."""
    return (
        weeks.join(rules, on="protocol")
        .filter(in_phase_expr())
        .with_columns(scope_key=pl.col("week_start_date").cast(pl.String))
    )


def session_spans(rules: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Each session of the weeks asked for with the rules that hold for it."""
    return (
        facts.week_sessions.join(rules, on="protocol")
        .filter(in_phase_expr())
        .with_columns(scope_key=pl.col("workout_id"))
    )


def nothing_received_expr() -> pl.Expr:
    """Whether no workout at all reached us for the week: not walking looks just the same."""
    return pl.col("workouts_n") == 0


def partly_in_force() -> Exit:
    """A rule on the whole week says nothing of a week that is only partly under it."""
    return Exit(pl.col("in_force_n") < DAYS_OF_WEEK_N, "not_applicable", "partly_in_force")


def no_backward_walking() -> tuple[Exit, Exit]:
    """A rule on how someone walks backward does not apply to who did not, for certain."""
    return (
        Exit(pl.col("most_min") <= 0, "not_applicable", "no_backward_walking"),
        Exit(pl.col("least_min") <= 0, "not_evaluable", "direction_unknown"),
    )


def not_enough_expr(usable_min: pl.Expr, of_min: pl.Expr) -> pl.Expr:
    """Whether a channel covers less than the share of minutes that the rule asks for."""
    return usable_min < of_min * pl.col("coverage_from_fraction") - 1e-6
