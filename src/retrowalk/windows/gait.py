"""Signs of gait at 1 Hz, weighed against a person's own labelled walking.

Walking backward, people take shorter steps for their cadence and their heart works harder for their
speed. Cautious walking, handrails and hills look alike, so these signs are capped, and without a
history of the same person they say nothing.
"""

import polars as pl

from retrowalk.rules.evidence import EvidenceRules
from retrowalk.windows.habits import (
    HABITS,
    habits_from_windows,
    level_heart_rate_expr,
    log_walk_ratio_expr,
    smooth_expr,
)

__all__ = ["HABITS", "cap_nats_expr", "habits_from_windows", "is_told_expr", "with_gait_signs"]


def normal_nats_expr(value: pl.Expr, mean: pl.Expr, sd: pl.Expr) -> pl.Expr:
    """Logarithm of the normal density, up to a constant."""
    return -(((value - mean) / sd) ** 2) / 2.0 - sd.log()


def excess_expr(rules: EvidenceRules) -> pl.Expr:
    """How far heart rate lies above the person's line, where the grade is known to be level."""
    line = pl.col("heart_rate_at_rest_of_line_bpm") + (
        pl.col("heart_rate_slope_bpm_per_mps") * pl.col("speed_mean_mps")
    )
    return level_heart_rate_expr(rules) - line


def gait_nats_expr(ratio: pl.Expr, excess: pl.Expr, rules: EvidenceRules) -> pl.Expr:
    """What walk ratio and heart rate say, against the person's habits; null without.

    Args:
        ratio: Logarithm of the walk ratio.
        excess: Heart rate above the person's line; null: it says nothing.
        rules: Least history.
    """
    by_ratio = normal_nats_expr(
        ratio, pl.col("backward_log_walk_ratio_mean"), pl.col("backward_log_walk_ratio_sd")
    ) - normal_nats_expr(
        ratio, pl.col("forward_log_walk_ratio_mean"), pl.col("forward_log_walk_ratio_sd")
    )
    by_heart_rate = normal_nats_expr(
        excess,
        pl.col("backward_heart_rate_excess_mean_bpm"),
        pl.col("backward_heart_rate_excess_sd_bpm"),
    ) - normal_nats_expr(excess, pl.lit(0.0), pl.col("forward_heart_rate_sd_bpm"))
    return pl.when(is_told_expr(rules)).then(by_ratio + by_heart_rate.fill_null(0.0))


def is_told_expr(rules: EvidenceRules) -> pl.Expr:
    """Whether a person's labelled walking is enough for signs of gait to say anything."""
    least = pl.min_horizontal("forward_windows_n", "backward_windows_n") >= rules.gait_least_n
    return least.fill_null(value=False)


def cap_nats_expr(rules: EvidenceRules) -> pl.Expr:
    """Most that signs of gait say of a window: more, for a person with enough labelled sessions."""
    sessions = pl.min_horizontal("forward_sessions_n", "backward_sessions_n")
    is_high = sessions >= rules.gait_sessions_n
    return pl.when(is_high).then(rules.gait_cap_high_nats).otherwise(rules.gait_cap_nats)


def with_gait_signs(
    cells: pl.DataFrame, habits: pl.DataFrame | None, rules: EvidenceRules
) -> pl.DataFrame:
    """Adds ``gait_log_likelihood_ratio_nats`` of walking cells; null without a person's history.

    Walk ratio and heart rate are averaged over about a minute, as they were when habits were
    learned, and what they say is capped. The cap is higher for a person with
    enough labelled sessions of both directions.

    Args:
        cells: Cells by workout and time, with ``participant_id``, ``week_start_date`` and features.
        habits: Rows as from :func:`habits_from_windows`, one per participant, or per participant
            and ``week_start_date`` for which they hold; None: nobody has a history.
        rules: Least history, caps.

    Returns:
        The cells, also with ``habits_version``: which habits were weighed; null without any.
    """
    known = pl.DataFrame(schema=HABITS) if habits is None else habits
    on = [name for name in ("participant_id", "week_start_date") if name in known.columns]
    is_walk = pl.col("activity") == "walk"
    about = (pl.col("workout_index"),)
    ratio, excess = (
        smooth_expr(pl.when(is_walk).then(value), rules).over(about)
        for value in (log_walk_ratio_expr(), excess_expr(rules))
    )
    cap = cap_nats_expr(rules)
    added = [name for name in HABITS if name not in {"participant_id", "habits_version"}]
    nats = gait_nats_expr(pl.col("gait_ratio"), pl.col("gait_excess"), rules)
    return (
        cells.join(known, on=on, how="left", maintain_order="left")
        .with_columns(gait_ratio=ratio, gait_excess=excess)
        .with_columns(
            gait_log_likelihood_ratio_nats=pl.when(is_walk).then(nats.clip(-cap, cap)),
            habits_version=pl.when(is_told_expr(rules)).then("habits_version"),
        )
        .drop("gait_ratio", "gait_excess", *added)
    )
