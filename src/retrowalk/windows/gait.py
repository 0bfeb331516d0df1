"""Signs of gait at 1 Hz, weighed against a person's own labelled walking.

Walking backward, people take shorter steps for their cadence and their heart works harder for their
speed. Cautious walking, handrails and hills look alike, so these signs are capped, and without a
history of the same person they say nothing.
"""

import polars as pl

from retrowalk.rules.evidence import EvidenceRules

#: Habits of a person: one row per participant; null where too little is labelled.
HABITS = {
    "participant_id": pl.String,
    "forward_sessions_n": pl.UInt32,
    "backward_sessions_n": pl.UInt32,
    "forward_windows_n": pl.UInt32,
    "backward_windows_n": pl.UInt32,
    "forward_log_walk_ratio_mean": pl.Float64,
    "forward_log_walk_ratio_sd": pl.Float64,
    "backward_log_walk_ratio_mean": pl.Float64,
    "backward_log_walk_ratio_sd": pl.Float64,
    "heart_rate_at_rest_of_line_bpm": pl.Float64,
    "heart_rate_slope_bpm_per_mps": pl.Float64,
    "forward_heart_rate_sd_bpm": pl.Float64,
    "backward_heart_rate_excess_mean_bpm": pl.Float64,
    "backward_heart_rate_excess_sd_bpm": pl.Float64,
}


def log_walk_ratio_expr() -> pl.Expr:
    """Logarithm of step length over cadence, in metres per step a minute."""
    cadence, length = pl.col("cadence_mean_spm"), pl.col("step_length_mean_m")
    return pl.when((cadence > 0) & (length > 0)).then((length / cadence).log())


def level_heart_rate_expr(rules: EvidenceRules) -> pl.Expr:
    """Heart rate where the grade is known to be level; null elsewhere."""
    is_level = pl.col("grade_fraction").abs() <= rules.gait_level_fraction
    return pl.when(is_level & pl.col("speed_mean_mps").is_not_null()).then("heart_rate_mean_bpm")


def spread_expr(values: pl.Expr, low: float) -> pl.Expr:
    """Standard deviation, at least ``low``."""
    return pl.max_horizontal(values.std().fill_null(low), pl.lit(low))


def habits_from_windows(
    windows: pl.DataFrame, workouts: pl.DataFrame, rules: EvidenceRules
) -> pl.DataFrame:
    """Learns from labelled windows how each participant walks forward and backward.

    Args:
        windows: Rows of the table ``windows``; only walking under a label that nothing contradicts
            is used.
        workouts: Rows of the table ``workouts``, which say whose they are.
        rules: Least spreads, and what level means.

    Returns:
        One row per participant with labelled walking, columns :data:`HABITS`. The line of heart
        rate on speed is that of forward walking on the level; excess is what lies above it.
    """
    labelled = (
        windows.filter(
            (pl.col("activity") == "walk")
            & pl.col("label_direction").is_not_null()
            & ~pl.col("is_label_contradicted")
        )
        .join(workouts.select("workout_id", "participant_id"), on="workout_id")
        .with_columns(
            log_ratio=log_walk_ratio_expr(),
            level_bpm=level_heart_rate_expr(rules),
            label=pl.col("label_direction").cast(pl.String),
        )
        .sort("participant_id", "workout_id", "started_at_utc")
    )
    counted = labelled.group_by("participant_id", maintain_order=True).agg(
        *(
            expr.alias(f"{direction}_{name}")
            for direction in ("forward", "backward")
            for name, expr in _habit_exprs(direction, rules).items()
        ),
        **_line_exprs(),
    )
    line = pl.col("heart_rate_at_rest_of_line_bpm") + (
        pl.col("heart_rate_slope_bpm_per_mps") * pl.col("speed_mean_mps")
    )
    excess = (
        labelled.join(counted, on="participant_id", maintain_order="left")
        .with_columns(excess=pl.col("level_bpm") - line)
        .group_by("participant_id", maintain_order=True)
        .agg(**_excess_exprs(rules))
    )
    return counted.join(excess, on="participant_id", maintain_order="left").select(
        pl.col(name).cast(dtype) for name, dtype in HABITS.items()
    )


def _habit_exprs(direction: str, rules: EvidenceRules) -> dict[str, pl.Expr]:
    """Counts and walk ratio of one direction."""
    is_own = pl.col("label") == direction
    ratio = pl.col("log_ratio").filter(is_own)
    return {
        "sessions_n": pl.col("workout_id").filter(is_own).n_unique(),
        "windows_n": ratio.count(),
        "log_walk_ratio_mean": ratio.mean(),
        "log_walk_ratio_sd": spread_expr(ratio, rules.gait_spread_low),
    }


def _line_exprs() -> dict[str, pl.Expr]:
    """Least-squares line of heart rate on speed, walking forward on the level."""
    is_own = (pl.col("label") == "forward") & pl.col("level_bpm").is_not_null()
    speed, beats = pl.col("speed_mean_mps").filter(is_own), pl.col("level_bpm").filter(is_own)
    slope = pl.when(speed.var() > 0).then(pl.cov(speed, beats) / speed.var()).otherwise(0.0)
    return {
        "heart_rate_slope_bpm_per_mps": slope,
        "heart_rate_at_rest_of_line_bpm": beats.mean() - slope * speed.mean(),
    }


def _excess_exprs(rules: EvidenceRules) -> dict[str, pl.Expr]:
    """How heart rate scatters about the line, and how far above it walking backward lies."""
    low = rules.gait_heart_rate_spread_low_bpm
    forward, backward = (
        pl.col("excess").filter(pl.col("label") == direction)
        for direction in ("forward", "backward")
    )
    return {
        "forward_heart_rate_sd_bpm": spread_expr(forward, low),
        "backward_heart_rate_excess_mean_bpm": backward.mean(),
        "backward_heart_rate_excess_sd_bpm": spread_expr(backward, low),
    }


def normal_nats_expr(value: pl.Expr, mean: pl.Expr, sd: pl.Expr) -> pl.Expr:
    """Logarithm of the normal density, up to a constant."""
    return -(((value - mean) / sd) ** 2) / 2.0 - sd.log()


def gait_nats_expr(rules: EvidenceRules) -> pl.Expr:
    """What walk ratio and heart rate of a cell say, against the person's habits; null without."""
    ratio = log_walk_ratio_expr()
    by_ratio = normal_nats_expr(
        ratio, pl.col("backward_log_walk_ratio_mean"), pl.col("backward_log_walk_ratio_sd")
    ) - normal_nats_expr(
        ratio, pl.col("forward_log_walk_ratio_mean"), pl.col("forward_log_walk_ratio_sd")
    )
    line = pl.col("heart_rate_at_rest_of_line_bpm") + (
        pl.col("heart_rate_slope_bpm_per_mps") * pl.col("speed_mean_mps")
    )
    excess = level_heart_rate_expr(rules) - line
    by_heart_rate = normal_nats_expr(
        excess,
        pl.col("backward_heart_rate_excess_mean_bpm"),
        pl.col("backward_heart_rate_excess_sd_bpm"),
    ) - normal_nats_expr(excess, pl.lit(0.0), pl.col("forward_heart_rate_sd_bpm"))
    is_told = pl.min_horizontal("forward_windows_n", "backward_windows_n") >= rules.gait_least_n
    return pl.when(is_told).then(by_ratio + by_heart_rate.fill_null(0.0))


def with_gait_signs(
    cells: pl.DataFrame, habits: pl.DataFrame | None, rules: EvidenceRules
) -> pl.DataFrame:
    """Adds ``gait_log_likelihood_ratio_nats`` of walking cells; null without a person's history.

    Signs are averaged over about a minute and then capped. The cap is higher for a person with
    enough labelled sessions of both directions.

    Args:
        cells: Cells by workout and time, with ``participant_id`` and features.
        habits: Rows as from :func:`habits_from_windows`; None: nobody has a history.
        rules: Least history, caps.
    """
    known = pl.DataFrame(schema=HABITS) if habits is None else habits
    sessions = pl.min_horizontal("forward_sessions_n", "backward_sessions_n")
    cap = (
        pl.when(sessions >= rules.gait_sessions_n)
        .then(rules.gait_cap_high_nats)
        .otherwise(rules.gait_cap_nats)
    )
    own = pl.when(pl.col("activity") == "walk").then(gait_nats_expr(rules))
    smooth = own.rolling_mean(rules.gait_smooth_n, min_samples=1, center=True).over("workout_index")
    added = [name for name in HABITS if name != "participant_id"]
    return (
        cells.join(known, on="participant_id", how="left", maintain_order="left")
        .with_columns(signs=own, smooth=smooth)
        .with_columns(
            gait_log_likelihood_ratio_nats=pl.when(pl.col("signs").is_not_null()).then(
                pl.col("smooth").clip(-cap, cap)
            )
        )
        .drop("signs", "smooth", *added)
    )
