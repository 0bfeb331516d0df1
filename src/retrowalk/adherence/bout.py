"""Kind ``bout_length``: how far each backward bout goes."""

import polars as pl

from retrowalk.adherence.facts import Facts
from retrowalk.adherence.route import is_inside_expr
from retrowalk.adherence.spans import no_backward_walking, session_spans
from retrowalk.adherence.verdicts import Exit, decided, verdict_expr


def bout_length(rules: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Judges every bout; a treadmill has no way to be long or short."""
    share = pl.col("tolerance_fraction")
    low, high = pl.col("target_low") * (1 - share), pl.col("target_high") * (1 + share)
    number = pl.int_range(1, pl.len() + 1).over("protocol", "rule_id", "workout_id")
    return (
        session_spans(rules, facts)
        .rename({"bout_distance_list_m": "observed"})
        .explode("observed", empty_as_null=True, keep_nulls=True)
        .with_columns(scope_key=pl.format("{}#{}", "workout_id", number))
        .with_columns(
            decided(
                *no_backward_walking(),
                Exit(is_inside_expr(), "not_applicable", "wrong_environment"),
                Exit(pl.col("observed").is_null(), "not_evaluable", "no_distance"),
                verdict=verdict_expr(pl.col("observed"), low, high),
            )
        )
    )
