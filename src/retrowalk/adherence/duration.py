"""Kind ``duration``: backward minutes of a session or of a local day."""

import polars as pl

from retrowalk.adherence.facts import Facts
from retrowalk.adherence.verdicts import Exit, decided, interval_verdict_expr


def duration(rules: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Judges the interval from certain to certain and unknown minutes.

    A span without any backward walking is no attempt at the exercise: the rule does not apply to
    it. A day that is not over can still grow, so only `over` is said of it.
    """
    sessions = facts.week_sessions.with_columns(
        scope=pl.lit("session"), scope_key=pl.col("workout_id"), is_open=pl.lit(value=False)
    )
    days = facts.week_days.with_columns(
        scope=pl.lit("day"),
        scope_key=pl.col("local_date").cast(pl.String),
        is_open=pl.col("local_date") >= pl.col("today"),
    )
    spans = pl.concat([sessions, days], how="diagonal_relaxed")
    return (
        spans.join(rules, on=["protocol", "scope"])
        .filter(pl.col("week_n").is_between("from_week", "to_week"))
        .with_columns(observed="least_min", observed_upper="most_min")
        .with_columns(decided(*_exits(), verdict=interval_verdict_expr(pl.col("tolerance"))))
    )


def _exits() -> tuple[Exit, ...]:
    """What comes before the limits."""
    is_none, is_perhaps_none = pl.col("observed_upper") <= 0, pl.col("observed") <= 0
    unknown = pl.col("unknown_direction_min") / pl.col("walking_min")
    is_over = pl.col("observed") > pl.col("target_high") + pl.col("tolerance") + 1e-6
    is_mostly_unknown = unknown > pl.col("unknown_up_to_fraction") + 1e-9
    return (
        Exit(is_none & pl.col("is_open"), "pending", "period_not_over"),
        Exit(is_none, "not_applicable", "no_backward_walking"),
        Exit(is_mostly_unknown & ~pl.col("is_open"), "not_evaluable", "direction_unknown"),
        Exit(is_perhaps_none & ~pl.col("is_open"), "not_evaluable", "direction_unknown"),
        Exit(pl.col("is_open") & (~is_over | is_mostly_unknown), "pending", "period_not_over"),
    )
