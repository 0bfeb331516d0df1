"""Kind ``alternate_days``: no session on neighbouring days, across the week's borders too."""

import polars as pl

from retrowalk.adherence.facts import Facts
from retrowalk.adherence.spans import nothing_received_expr, week_spans
from retrowalk.adherence.verdicts import Exit, decided, interval_verdict_expr
from retrowalk.prescribed import WEEK_KEYS, monday_expr

_BY = ["participant_id", "protocol"]


def alternate_days(rules: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Counts pairs of neighbouring qualifying days that touch the week.

    A pair over a week's border shows in both weeks, since in each of them a day was walked that
    should have been rest. A week is open until its last pair can no longer arise: that is until
    the Monday after it, if its Sunday may qualify.
    """
    is_over = pl.col("observed") > pl.col("target_high") + 1e-9
    sunday_open = pl.col("sunday_may_qualify") & (
        pl.col("today") <= pl.col("week_start_date").dt.offset_by("7d")
    )
    return week_spans(rules, paired_weeks(facts)).with_columns(
        decided(
            Exit(is_over, "over", "ok"),
            Exit(~pl.col("is_over") | sunday_open, "pending", "period_not_over"),
            Exit(
                nothing_received_expr() & (pl.col("quarantined_n") == 0),
                "not_evaluable",
                "no_sessions",
            ),
            Exit(pl.col("unsure_n") > 0, "not_evaluable", "local_time_uncertain"),
            Exit(
                pl.col("quarantined_n") + pl.col("quarantined_beside_n") > 0,
                "not_evaluable",
                "export_quarantined",
            ),
            verdict=interval_verdict_expr(),
        )
    )


def paired_weeks(facts: Facts) -> pl.DataFrame:
    """Adds to each week its certain and possible pairs, and what else leaves it open."""
    unsure = (
        facts.days.filter("is_day_unsure")
        .with_columns(week=pl.concat_list(*_weeks_near(pl.col("local_date"))))
        .explode("week", empty_as_null=True, keep_nulls=True)
        .unique([*_BY, "local_date", "week"])
        .group_by(*_BY, week_start_date="week")
        .agg(unsure_n=pl.len())
    )
    sundays = (
        facts.days.filter(pl.col("local_date").dt.weekday() == 7)
        .group_by(WEEK_KEYS)
        .agg(sunday_may_qualify=pl.col("may_qualify").any())
    )
    return (
        facts.weeks.join(pairs_per_week(facts.days), on=WEEK_KEYS, how="left")
        .join(unsure, on=WEEK_KEYS, how="left")
        .join(sundays, on=WEEK_KEYS, how="left")
        .join(quarantined_beside(facts), on=WEEK_KEYS, how="left")
        .with_columns(
            pl.col("observed", "observed_upper").fill_null(0.0),
            pl.col("unsure_n", "quarantined_beside_n").fill_null(0),
            pl.col("sunday_may_qualify").fill_null(value=False),
        )
    )


def quarantined_beside(facts: Facts) -> pl.DataFrame:
    """Unread exports of the week before or after, where Monday or Sunday may need a neighbour."""
    day = pl.col("local_date")
    beside = (
        pl.when(day.dt.weekday() == 1)
        .then(day.dt.offset_by("-1d"))
        .when(day.dt.weekday() == 7)
        .then(day.dt.offset_by("1d"))
    )
    return (
        facts.days.filter("may_qualify")
        .select(*WEEK_KEYS, beside=monday_expr(beside))
        .drop_nulls("beside")
        .join(
            facts.quarantined,
            left_on=["participant_id", "beside"],
            right_on=["participant_id", "week_start_date"],
        )
        .group_by(WEEK_KEYS)
        .agg(quarantined_beside_n=pl.col("quarantined_n").sum())
    )


def _weeks_near(day: pl.Expr) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """The week of a day and those of its neighbours."""
    return (
        monday_expr(day),
        monday_expr(day.dt.offset_by("1d")),
        monday_expr(day.dt.offset_by("-1d")),
    )


def pairs_per_week(days: pl.DataFrame) -> pl.DataFrame:
    """Neighbouring days that both qualify, surely and possibly, for each week that they touch."""
    following = days.select(
        *_BY,
        local_date=pl.col("local_date").dt.offset_by("-1d"),
        next_surely="qualifies_surely",
        next_may="may_qualify",
    )
    day = pl.col("local_date")
    return (
        days.join(following, on=[*_BY, "local_date"])
        .with_columns(
            week=pl.concat_list(monday_expr(day), monday_expr(day.dt.offset_by("1d"))).list.unique()
        )
        .explode("week", empty_as_null=True, keep_nulls=True)
        .group_by(*_BY, week_start_date="week")
        .agg(
            observed=(pl.col("qualifies_surely") & pl.col("next_surely")).sum().cast(pl.Float64),
            observed_upper=(pl.col("may_qualify") & pl.col("next_may")).sum().cast(pl.Float64),
        )
    )
