"""Kind ``heart_rate_delta``: heart rate above rest; shown, and judged only on request."""

import polars as pl

from retrowalk.adherence.facts import Facts
from retrowalk.adherence.spans import no_backward_walking, not_enough_expr, session_spans
from retrowalk.adherence.verdicts import Exit, decided, verdict_expr


def heart_rate_delta(rules: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Shows the difference; judges it as ceiling or floor where the protocol says which."""
    usable = pl.col("backward_heart_rate_usable_min")
    is_missing = (
        pl.col("backward_heart_rate_median_bpm").is_null()
        | not_enough_expr(usable, pl.col("least_min"))
        | (usable < pl.col("usable_from_min") - 1e-6)
    )
    reading, threshold = pl.col("reading"), pl.col("threshold_bpm")
    return (
        session_spans(rules, facts)
        .with_columns(
            observed="heart_rate_delta_bpm",
            target_low=pl.when(reading == "floor").then(threshold),
            target_high=pl.when(reading == "ceiling").then(threshold),
        )
        .with_columns(
            decided(
                *no_backward_walking(),
                Exit(is_missing, "not_evaluable", "no_heart_rate"),
                Exit(pl.col("observed").is_null(), "not_evaluable", "no_resting_heart_rate"),
                Exit(reading == "none", "not_evaluable", "reading_not_chosen"),
                verdict=verdict_expr(
                    pl.col("observed"),
                    pl.col("target_low"),
                    pl.col("target_high"),
                    pl.col("tolerance"),
                ),
            )
        )
    )
