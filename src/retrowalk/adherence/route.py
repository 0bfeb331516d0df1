"""Kinds ``flat_route`` and ``straight_route``: what the way looked like."""

import polars as pl

from retrowalk.adherence.facts import Facts
from retrowalk.adherence.spans import no_backward_walking, session_spans
from retrowalk.adherence.verdicts import Exit, decided, interval_verdict_expr, verdict_expr


def is_inside_expr() -> pl.Expr:
    """Whether the session had no way of its own: on a treadmill or indoors."""
    return pl.col("environment").cast(pl.String).is_in(["treadmill", "indoor"])


def flat_route(rules: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Judges the level share of backward distance; distance of unknown grade opens an interval."""
    total = pl.col("backward_distance_m")
    level, known = pl.col("backward_level_distance_m"), pl.col("backward_known_grade_distance_m")
    most = pl.min_horizontal(level + (total - known), total)
    return (
        session_spans(rules, facts)
        .with_columns(
            observed=pl.when(total > 0).then(level / total),
            observed_upper=pl.when(total > 0).then(most / total),
        )
        .with_columns(
            decided(
                *no_backward_walking(),
                Exit(is_inside_expr(), "not_applicable", "wrong_environment"),
                Exit(pl.col("observed").is_null(), "not_evaluable", "no_distance"),
                Exit(known <= 0, "not_evaluable", "no_grade"),
                verdict=interval_verdict_expr(),
                unclear="no_grade",
            )
        )
    )


def straight_route(rules: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """Judges the least straight stretch; who walks a track walks bends on purpose."""
    ratio, bouts = pl.col("backward_chord_over_path_fraction"), pl.col("bout_distance_list_m")
    is_track = (pl.col("environment") == "track") | is_inside_expr()
    is_short = (bouts.list.max() < pl.col("bout_from_m")).fill_null(value=True)
    is_unmeasured = bouts.list.drop_nulls().list.len() < bouts.list.len()
    return (
        session_spans(rules, facts)
        .with_columns(observed=ratio)
        .with_columns(
            decided(
                *no_backward_walking(),
                Exit(is_track, "not_applicable", "wrong_environment"),
                Exit(is_short & is_unmeasured, "not_evaluable", "no_distance"),
                Exit(is_short, "not_applicable", "no_long_bout"),
                Exit(ratio.is_null(), "not_evaluable", "no_position"),
                verdict=verdict_expr(ratio, pl.col("target_low"), pl.lit(None)),
            )
        )
    )
