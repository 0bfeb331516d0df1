"""Kind ``speed``: how fast backward walking gets."""

import polars as pl

from retrowalk.adherence.facts import Facts
from retrowalk.adherence.spans import no_backward_walking, not_enough_expr, session_spans
from retrowalk.adherence.verdicts import Exit, decided, verdict_expr


def speed(rules: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Judges the session's peak speed, if speed covers enough of its backward minutes."""
    peak, usable = pl.col("backward_speed_peak_mps"), pl.col("backward_speed_usable_min")
    is_missing = peak.is_null() | not_enough_expr(usable, pl.col("least_min"))
    critical = pl.format("This is critical: at or above {} m/s.", "critical_mps")
    return (
        session_spans(rules, facts)
        .with_columns(
            observed=peak,
            note=pl.when(peak >= pl.col("critical_mps")).then(critical),
        )
        .with_columns(
            decided(
                *no_backward_walking(),
                Exit(is_missing, "not_evaluable", "no_speed"),
                verdict=verdict_expr(
                    pl.col("observed"), pl.lit(None), pl.col("target_high"), pl.col("tolerance")
                ),
            )
        )
    )
