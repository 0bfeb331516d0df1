"""Kind ``persistence``: in how many of the last weeks days per week met their rule."""

import polars as pl

from retrowalk.adherence.facts import Facts
from retrowalk.adherence.spans import week_spans
from retrowalk.adherence.verdicts import Exit, decided, interval_verdict_expr
from retrowalk.prescribed import WEEK_KEYS, counted_weeks, met_weeks

_BY = ["participant_id", "protocol"]


def persistence(rules: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Shows the share of weeks that met it; a counter, never a claim about an outcome.

    A week that may have met it (unknown direction, a quarantined export, nothing received) opens
    an interval.
    """
    is_short = (pl.col("elapsed_n") < pl.col("weeks_n")).fill_null(value=True)
    is_shown = pl.col("target_low").is_null() & pl.col("target_high").is_null()
    spans = week_spans(rules, facts.weeks)
    past = counted_weeks(facts.past_weeks, facts.days)
    return (
        spans.join(
            looked_back(spans, met_weeks(past, facts.frequency)),
            on=[*WEEK_KEYS, "rule_id"],
            how="left",
        )
        .with_columns(
            observed=pl.col("met_n") / pl.col("elapsed_n"),
            observed_upper=pl.col("may_have_met_n") / pl.col("elapsed_n"),
            note=pl.format(
                "The longest run of such weeks is {}.", pl.col("longest_run_n").fill_null(0)
            ),
        )
        .with_columns(
            decided(
                Exit(~pl.col("is_over"), "pending", "period_not_over"),
                Exit(is_short, "pending", "too_little_history"),
                Exit(is_shown, "not_applicable", "shown_only"),
                verdict=interval_verdict_expr(),
            )
        )
    )


def looked_back(spans: pl.DataFrame, met: pl.DataFrame) -> pl.DataFrame:
    """Counts, for each week and rule, the weeks that it looks back on, itself included.

    A week that was not wholly under the rule counts for nothing, and ends a run.
    """
    runs = pl.col("met").fill_null(value=False).rle()
    longest = runs.struct.field("len").filter(runs.struct.field("value")).max()
    return (
        spans.select(
            *WEEK_KEYS, "rule_id", back_n=pl.int_ranges(0, pl.col("weeks_n").cast(pl.Int64))
        )
        .explode("back_n", empty_as_null=True, keep_nulls=True)
        .with_columns(seen_week=pl.col("week_start_date") - pl.duration(days=7 * pl.col("back_n")))
        .join(
            met,
            left_on=[*_BY, "seen_week"],
            right_on=[*_BY, "week_start_date"],
            how="left",
        )
        .sort("seen_week")
        .group_by(*WEEK_KEYS, "rule_id", maintain_order=True)
        .agg(
            met_n=pl.col("met").sum(),
            may_have_met_n=pl.col("may_have_met").sum(),
            elapsed_n=pl.col("met").count(),
            longest_run_n=longest,
        )
        .filter(pl.col("elapsed_n") > 0)
    )
