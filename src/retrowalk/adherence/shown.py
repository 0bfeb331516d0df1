"""Kinds that are shown and hardly judged: environment, incline, backward share, any backward."""

import polars as pl

from retrowalk.adherence.facts import Facts
from retrowalk.adherence.spans import nothing_received_expr, session_spans, week_spans
from retrowalk.adherence.verdicts import Exit, decided
from retrowalk.aggregates import exact_sum_expr
from retrowalk.prescribed import WEEK_KEYS

_SAFER = ["treadmill", "indoor", "track"]
_MINUTES = ("least_min", "most_min", "walking_min", "incline_backward_min", "unknown_grade_min")
_SHOWN = Exit(pl.lit(value=True), "not_applicable", "shown_only")


def environment(rules: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Shows whether a session took place where falling is less likely."""
    place = pl.col("environment").cast(pl.String)
    return (
        session_spans(rules, facts)
        .with_columns(
            observed=pl.when(place != "unknown").then(place.is_in(_SAFER).cast(pl.Float64)),
            note=pl.format("Environment: {}.", place),
        )
        .with_columns(
            decided(
                Exit(place == "unknown", "not_evaluable", "no_environment"),
                _SHOWN,
                verdict=pl.lit("not_applicable"),
            )
        )
    )


def week_totals(rules: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Each week with the rules that hold in it and the sums of its sessions."""
    sums = facts.sessions.group_by(WEEK_KEYS).agg(
        *(exact_sum_expr(pl.col(name)).alias(name) for name in _MINUTES),
        pl.col("alternations_n").sum(),
    )
    totals = [name for name in sums.columns if name not in WEEK_KEYS]
    return (
        week_spans(rules, facts.weeks)
        .join(sums, on=WEEK_KEYS, how="left")
        .with_columns(pl.col(totals).fill_null(0))
    )


def _open_or_silent() -> tuple[Exit, Exit]:
    """A week that is not over, or of which nothing is known."""
    return (
        Exit(~pl.col("is_over"), "pending", "period_not_over"),
        Exit(nothing_received_expr(), "not_evaluable", "no_sessions"),
    )


def incline(rules: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Shows the backward minutes uphill."""
    walking = pl.col("walking_min")
    no_grade = (walking > 0) & (pl.col("unknown_grade_min") >= walking - 1e-6)
    return (
        week_totals(rules, facts)
        .with_columns(observed=pl.when(~no_grade).then("incline_backward_min"))
        .with_columns(
            decided(
                *_open_or_silent(),
                Exit(pl.col("most_min") <= 0, "not_applicable", "no_backward_walking"),
                Exit(no_grade, "not_evaluable", "no_grade"),
                _SHOWN,
                verdict=pl.lit("not_applicable"),
            )
        )
    )


def backward_share(rules: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Shows the backward share of walking and how often direction changed."""
    walking = pl.col("walking_min")
    return (
        week_totals(rules, facts)
        .with_columns(
            observed=pl.when(walking > 0).then(pl.col("least_min") / walking),
            observed_upper=pl.when(walking > 0).then(pl.col("most_min") / walking),
            note=pl.format("Direction changed {} times.", "alternations_n"),
        )
        .with_columns(
            decided(
                *_open_or_silent(),
                Exit(walking <= 0, "not_applicable", "no_sessions"),
                Exit(
                    (pl.col("least_min") <= 0) & (pl.col("most_min") >= walking - 1e-6),
                    "not_evaluable",
                    "direction_unknown",
                ),
                _SHOWN,
                verdict=pl.lit("not_applicable"),
            )
        )
    )


def any_backward(rules: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Judges whether there was any backward walking; `met` may be said before the week is over."""
    return (
        week_totals(rules, facts)
        .with_columns(observed="least_min", observed_upper="most_min")
        .with_columns(
            decided(
                Exit(pl.col("least_min") > 0, "met", "ok"),
                Exit(~pl.col("is_over"), "pending", "period_not_over"),
                Exit(pl.col("most_min") > 0, "not_evaluable", "direction_unknown"),
                Exit(pl.col("quarantined_n") > 0, "not_evaluable", "export_quarantined"),
                Exit(nothing_received_expr(), "not_evaluable", "no_sessions"),
                verdict=pl.lit("under"),
            )
        )
    )
