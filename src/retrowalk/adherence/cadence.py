"""Kind ``cadence``: steps per minute while walking backward."""

import polars as pl

from retrowalk.adherence.facts import Facts
from retrowalk.adherence.spans import no_backward_walking, not_enough_expr, session_spans
from retrowalk.adherence.verdicts import Exit, decided, verdict_expr


def cadence(rules: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Judges the session's median cadence, if cadence covers enough of its backward minutes."""
    median, usable = pl.col("backward_cadence_median_spm"), pl.col("backward_cadence_usable_min")
    limits = pl.col("target_low"), pl.col("target_high")
    is_missing = median.is_null() | not_enough_expr(usable, pl.col("least_min"))
    return (
        session_spans(rules, facts)
        .with_columns(observed=median)
        .with_columns(
            decided(
                *no_backward_walking(),
                Exit(is_missing, "not_evaluable", "no_cadence"),
                verdict=verdict_expr(pl.col("observed"), *limits, pl.col("tolerance")),
            )
        )
    )
