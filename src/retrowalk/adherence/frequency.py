"""Kinds ``days_per_week`` and ``cap``: on how many days of the week there was a session."""

import polars as pl

from retrowalk.adherence.facts import Facts
from retrowalk.adherence.spans import nothing_received_expr, partly_in_force, week_spans
from retrowalk.adherence.verdicts import Exit, decided, interval_verdict_expr
from retrowalk.prescribed import counted_weeks


def days_per_week(rules: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Judges the number of qualifying days; `over` may be said before the week is over."""
    is_shown = pl.col("target_low").is_null() & pl.col("target_high").is_null()
    is_over = pl.col("observed") > pl.col("target_high") + 1e-9
    by_direction = agreed_without_quarantine()
    return (
        week_spans(rules, counted_weeks(facts.weeks, facts.days))
        .with_columns(
            observed=pl.col("certain_n").cast(pl.Float64),
            observed_upper=pl.col("further_n").cast(pl.Float64),
        )
        .with_columns(
            decided(
                partly_in_force(),
                Exit(is_over.fill_null(value=False) & ~is_shown, "over", "ok"),
                Exit(~pl.col("is_over"), "pending", "period_not_over"),
                Exit(_only_quarantined(), "not_evaluable", "export_quarantined"),
                Exit(nothing_received_expr(), "not_evaluable", "no_sessions"),
                Exit(is_shown, "not_applicable", "shown_only"),
                Exit(by_direction, "not_evaluable", "export_quarantined"),
                verdict=interval_verdict_expr(),
            )
        )
    )


def _only_quarantined() -> pl.Expr:
    """Whether what arrived for the week cannot be read at all."""
    return nothing_received_expr() & (pl.col("quarantined_n") > 0)


def agreed_without_quarantine() -> pl.Expr:
    """Whether only quarantined exports, and no unknown direction, leave the verdict open."""
    low, high = pl.col("target_low"), pl.col("target_high")
    possible = pl.col("possible_n").cast(pl.Float64)

    def side(value: pl.Expr) -> pl.Expr:
        return (value >= low).fill_null(value=True).cast(pl.Int8) + (value > high).fill_null(
            value=False
        ).cast(pl.Int8)

    certain = side(pl.col("observed"))
    return (certain == side(possible)) & (certain != side(pl.col("observed_upper")))


def cap(rules: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Flags a week with too many qualifying days or a day with too many minutes."""
    days_over, day_over = _over("certain_n", "longest_min")
    may_days_over, may_day_over = _over("further_n", "longest_upper_min")
    is_by_day = day_over & ~days_over
    return (
        week_spans(rules, counted_weeks(facts.weeks, facts.days))
        .with_columns(
            observed=pl.col("certain_n").cast(pl.Float64),
            observed_upper=pl.col("further_n").cast(pl.Float64),
            note=pl.when(is_by_day).then(
                pl.format(
                    "The longest day holds {} backward minutes; flagged above {}.",
                    pl.col("longest_min").round(1),
                    "day_high_min",
                )
            ),
        )
        .with_columns(
            decided(
                Exit(days_over | day_over, "over", "ok"),
                Exit(~pl.col("is_over"), "pending", "period_not_over"),
                Exit(_only_quarantined(), "not_evaluable", "export_quarantined"),
                Exit(nothing_received_expr(), "not_evaluable", "no_sessions"),
                Exit(pl.col("quarantined_n") > 0, "not_evaluable", "export_quarantined"),
                Exit(may_days_over | may_day_over, "not_evaluable", "direction_unknown"),
                verdict=pl.lit("met"),
            )
        )
    )


def _over(days: str, minutes: str) -> tuple[pl.Expr, pl.Expr]:
    """Whether days, and minutes of the longest day, exceed the cap."""
    return (
        pl.col(days) > pl.col("target_high") + 1e-9,
        pl.col(minutes) > pl.col("day_high_min") + 1e-6,
    )
