"""Kinds ``start_slow`` and ``gradual_time``: how speed and minutes grow from week to week."""

import polars as pl

from retrowalk.adherence.facts import Facts
from retrowalk.adherence.spans import nothing_received_expr, week_spans
from retrowalk.adherence.verdicts import Exit, decided, interval_verdict_expr, verdict_expr
from retrowalk.aggregates import exact_sum_expr
from retrowalk.prescribed import LOOKBACK_WEEKS_N, WEEK_KEYS

_BY = ["participant_id", "protocol"]


def weeks_with_last(facts: Facts, weekly: pl.DataFrame) -> pl.DataFrame:
    """Adds each week's own values and, as ``last_*``, those of the last week before that has any.

    Args:
        facts: What the rules look at.
        weekly: One row per participant, protocol and week that has values.

    Returns:
        A row per week; ``apart_n`` weeks lie between, at most seven.
    """
    values = [name for name in weekly.columns if name not in WEEK_KEYS]
    earlier = weekly.rename({name: f"last_{name}" for name in values}).with_columns(
        last_week_start_date="week_start_date"
    )
    apart = (pl.col("week_start_date") - pl.col("last_week_start_date")).dt.total_days() // 7
    joined = (
        facts.weeks.join(weekly, on=WEEK_KEYS, how="left")
        .sort("week_start_date")
        .join_asof(
            earlier.sort("week_start_date"),
            on="week_start_date",
            by=_BY,
            strategy="backward",
            allow_exact_matches=False,
            check_sortedness=False,
        )
        .with_columns(apart_n=apart)
    )
    is_seen = pl.col("apart_n") <= LOOKBACK_WEEKS_N
    return joined.with_columns(
        pl.when(is_seen).then(pl.col(f"last_{name}")).alias(f"last_{name}") for name in values
    )


def backward_minutes(facts: Facts) -> pl.DataFrame:
    """Backward minutes of each week with any session."""
    return facts.sessions.group_by(WEEK_KEYS).agg(
        week_least_min=exact_sum_expr(pl.col("least_min")),
        week_most_min=exact_sum_expr(pl.col("most_min")),
    )


def nothing_to_see() -> tuple[Exit, ...]:
    """A week without backward walking has no progress, for one reason or another."""
    most = pl.col("week_most_min").fill_null(0.0)
    least = pl.col("week_least_min").fill_null(0.0)
    return (
        Exit(nothing_received_expr(), "not_evaluable", "no_sessions"),
        Exit(most <= 0, "not_applicable", "no_backward_walking"),
        Exit(least <= 0, "not_evaluable", "direction_unknown"),
    )


def start_slow(rules: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Judges the speed of the first sessions in the week that completes them, and every rise.

    The start is judged while it lies within the seven weeks that are looked back to.
    """
    measured = facts.sessions.filter(pl.col("backward_speed_median_mps").is_not_null())
    weekly = measured.group_by(WEEK_KEYS).agg(
        speed_mps=pl.col("backward_speed_median_mps").median()
    )
    rise = (pl.col("speed_mps") - pl.col("last_speed_mps")) / pl.col("apart_n")
    starts = first_sessions(measured, rules)
    start_over = pl.col("start_mps") > pl.col("start_high_mps") + 1e-9
    by_start = start_over.fill_null(value=False) | pl.col("rise_mps").is_null()
    return (
        week_spans(rules, weeks_with_last(facts, weekly))
        .join(backward_minutes(facts), on=WEEK_KEYS, how="left")
        .join(starts, on=[*WEEK_KEYS, "rule_id"], how="left")
        .with_columns(rise_mps=rise, sees_start=pl.col("week_n") <= LOOKBACK_WEEKS_N + 1)
        .with_columns(start_mps=pl.when("sees_start").then("start_mps"))
        .with_columns(
            observed=pl.when(by_start).then("start_mps").otherwise("rise_mps"),
            target_high=pl.when(by_start & pl.col("start_mps").is_not_null())
            .then("start_high_mps")
            .otherwise("target_high"),
            note=pl.format(
                "Median speed of the first sessions {} m/s; rise over the last week {} m/s a week.",
                _or_dash("start_mps"),
                _or_dash("rise_mps"),
            ),
        )
        .with_columns(
            decided(
                Exit(start_over, "over", "ok"),
                *_start_exits(),
                verdict=verdict_expr(pl.col("observed"), pl.lit(None), pl.col("target_high")),
            )
        )
    )


def _start_exits() -> tuple[Exit, ...]:
    """What comes before the limit on speed."""
    is_started = pl.col("is_started").fill_null(value=False)
    return (
        Exit(~pl.col("is_over"), "pending", "period_not_over"),
        *nothing_to_see(),
        Exit(pl.col("speed_mps").is_null(), "not_evaluable", "no_speed"),
        Exit(pl.col("sees_start") & ~is_started, "pending", "too_little_history"),
        Exit(pl.col("observed").is_null(), "pending", "too_little_history"),
    )


def _or_dash(name: str) -> pl.Expr:
    """A number for a sentence."""
    return pl.col(name).round(2).cast(pl.String).fill_null("not known")


def first_sessions(measured: pl.DataFrame, rules: pl.DataFrame) -> pl.DataFrame:
    """Median speed of a prescription's first sessions, in the week that completes them.

    Returns:
        A row for each week with a session, with whether the first sessions are all done by then.
    """
    place = pl.col("started_at_utc").rank("ordinal").over(*_BY, "starts_on_date", "rule_id")
    run = [*_BY, "starts_on_date", "rule_id"]
    is_first = pl.col("place_n") <= pl.col("first_sessions_n")
    start = pl.col("backward_speed_median_mps").filter(is_first).median().over(run)
    completes = pl.col("place_n") == pl.col("first_sessions_n")
    return (
        measured.join(rules.select("protocol", "rule_id", "first_sessions_n"), on="protocol")
        .with_columns(place_n=place)
        .with_columns(start_mps=start)
        .group_by(*WEEK_KEYS, "rule_id")
        .agg(
            start_mps=pl.col("start_mps").filter(completes).first(),
            is_started=(pl.col("place_n") >= pl.col("first_sessions_n")).any(),
        )
    )


def gradual_time(rules: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Judges the rise of the mean minutes a session; unknown direction opens an interval."""
    weekly = (
        facts.sessions.filter(pl.col("most_min") > 0)
        .group_by(WEEK_KEYS)
        .agg(
            mean_least_min=exact_sum_expr(pl.col("least_min")) / pl.len(),
            mean_most_min=exact_sum_expr(pl.col("most_min")) / pl.len(),
        )
    )
    apart = pl.col("apart_n")
    return (
        week_spans(rules, weeks_with_last(facts, weekly))
        .join(backward_minutes(facts), on=WEEK_KEYS, how="left")
        .with_columns(
            observed=(pl.col("mean_least_min") - pl.col("last_mean_most_min")) / apart,
            observed_upper=(pl.col("mean_most_min") - pl.col("last_mean_least_min")) / apart,
        )
        .with_columns(
            decided(
                Exit(~pl.col("is_over"), "pending", "period_not_over"),
                *nothing_to_see(),
                Exit(pl.col("observed").is_null(), "pending", "too_little_history"),
                verdict=interval_verdict_expr(),
            )
        )
    )
