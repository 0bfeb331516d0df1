"""How a person walks forward and backward, learned from labelled walking alone.

What a window teaches (activity, label, walk ratio, heart rate) does not depend on habits, so habits
never feed on themselves. A workout is reduced to a lesson per direction, sums that add up over any
number of workouts; habits are what lessons add up to.
"""

import hashlib
from collections.abc import Sequence

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
    "habits_version": pl.String,
}
#: What one workout teaches of one direction: counts and sums over its labelled windows.
_SUMS = {
    "ratio_n": pl.UInt32,
    "ratio_sum": pl.Float64,
    "ratio_square_sum": pl.Float64,
    "level_n": pl.UInt32,
    "speed_sum": pl.Float64,
    "beats_sum": pl.Float64,
    "speed_square_sum": pl.Float64,
    "beats_square_sum": pl.Float64,
    "speed_beats_sum": pl.Float64,
}
LESSONS = {
    "participant_id": pl.String,
    "week_start_date": pl.Date,
    "workout_id": pl.String,
    "direction": pl.String,
    **_SUMS,
}
#: Speeds that vary by less than this, in (m/s)^2, tell no slope.
_LEAST_SPEED_VARIANCE = 1e-4
#: Beyond this many digits a sum depends on the order of its terms.
_DIGITS = 9
_DIRECTIONS = ("forward", "backward")


def log_walk_ratio_expr() -> pl.Expr:
    """Logarithm of step length over cadence, in metres per step a minute."""
    cadence, length = pl.col("cadence_mean_spm"), pl.col("step_length_mean_m")
    return pl.when((cadence > 0) & (length > 0)).then((length / cadence).log())


def level_heart_rate_expr(rules: EvidenceRules) -> pl.Expr:
    """Heart rate where the grade is known to be level; null elsewhere."""
    is_level = pl.col("grade_fraction").abs() <= rules.gait_level_fraction
    return pl.when(is_level & pl.col("speed_mean_mps").is_not_null()).then("heart_rate_mean_bpm")


def smooth_expr(values: pl.Expr, rules: EvidenceRules) -> pl.Expr:
    """Mean over about a minute around each window that has a value; null elsewhere.

    A way of walking does not change within seconds, and the scatter of minutes, unlike that of
    single windows, is what a minute is weighed against.
    """
    mean = values.rolling_mean(rules.gait_smooth_n, min_samples=1, center=True)
    return pl.when(values.is_not_null()).then(mean)


def lessons_from_windows(
    windows: pl.DataFrame, workouts: pl.DataFrame, rules: EvidenceRules
) -> pl.DataFrame:
    """Sums up what each workout's labelled walking teaches.

    Args:
        windows: Rows of the table ``windows``, any order; only walking under a label that nothing
            contradicts is used.
        workouts: Rows of the table ``workouts``, which say whose they are.
        rules: What level means.

    Returns:
        One row per workout and labelled direction, by workout, columns :data:`LESSONS`.
    """
    ratio, beats = log_walk_ratio_expr(), level_heart_rate_expr(rules)
    speed = pl.when(beats.is_not_null()).then("speed_mean_mps")
    return (
        windows.filter(
            (pl.col("activity") == "walk")
            & pl.col("label_direction").is_not_null()
            & ~pl.col("is_label_contradicted")
        )
        .sort("workout_id", "started_at_utc")
        .with_columns(ratio=ratio, beats=beats, speed=speed)
        .with_columns(
            smooth_expr(pl.col(name), rules).over("workout_id", "label_direction")
            for name in ("ratio", "beats", "speed")
        )
        .group_by("workout_id", direction=pl.col("label_direction").cast(pl.String))
        .agg(**_sum_exprs())
        .filter((pl.col("ratio_n") > 0) | (pl.col("level_n") > 0))
        .join(workouts.select("workout_id", "participant_id", "week_start_date"), on="workout_id")
        .sort("workout_id", "direction")
        .select(pl.col(name).cast(dtype) for name, dtype in LESSONS.items())
    )


def _sum_exprs() -> dict[str, pl.Expr]:
    """Counts and sums of one workout's windows of one direction."""
    ratio, speed, beats = (pl.col(name) for name in ("ratio", "speed", "beats"))
    return {
        "ratio_n": ratio.count(),
        "ratio_sum": ratio.sum(),
        "ratio_square_sum": (ratio * ratio).sum(),
        "level_n": beats.count(),
        "speed_sum": speed.sum(),
        "beats_sum": beats.sum(),
        "speed_square_sum": (speed * speed).sum(),
        "beats_square_sum": (beats * beats).sum(),
        "speed_beats_sum": (speed * beats).sum(),
    }


def habits_from_lessons(
    lessons: pl.DataFrame, rules: EvidenceRules, *, by: Sequence[str] = ("participant_id",)
) -> pl.DataFrame:
    """Adds lessons up to how a person walks forward and backward.

    Args:
        lessons: Rows as from :func:`lessons_from_windows`, any order.
        rules: Least spreads.
        by: What habits are told apart by: the participant, or also a column of lessons that says
            which week they are for.

    Returns:
        One row per ``by``, in its order: these columns, then those of :data:`HABITS`. The line of
        heart rate on speed is that of forward walking on the level; excess is what lies above it.
        ``habits_version`` is a hash of all that was learned.
    """
    key = list(dict.fromkeys(["participant_id", *by]))
    learned = [name for name in HABITS if name not in {*key, "habits_version"}]
    values = [pl.col(name).cast(pl.String).fill_null("-") for name in learned]
    return (
        lessons.sort("workout_id", "direction")
        .with_columns(sessions_n=(pl.col("ratio_n") > 0).cast(pl.UInt32))
        .group_by(key)
        .agg(
            pl.col(name).filter(pl.col("direction") == way).sum().alias(f"{way}_{name}")
            for way in _DIRECTIONS
            for name in ("sessions_n", *_SUMS)
        )
        .with_columns(**_line_exprs())
        .with_columns(**_habit_exprs(rules))
        .with_columns(pl.selectors.float().round(_DIGITS))
        .with_columns(
            pl.concat_str(values, separator="|")
            .map_elements(_digest, return_dtype=pl.String)
            .alias("habits_version")
        )
        .select(*key, *(pl.col(name).cast(HABITS[name]) for name in (*learned, "habits_version")))
        .sort(key)
    )


def habits_from_windows(
    windows: pl.DataFrame, workouts: pl.DataFrame, rules: EvidenceRules
) -> pl.DataFrame:
    """Learns from labelled windows how each participant walks forward and backward.

    Args:
        windows: As :func:`lessons_from_windows` takes them.
        workouts: Likewise.
        rules: Least spreads, and what level means.

    Returns:
        One row per participant with labelled walking, columns :data:`HABITS`.
    """
    return habits_from_lessons(lessons_from_windows(windows, workouts, rules), rules)


def _digest(text: str) -> str:
    """Twelve hexadecimal digits that stand for what was learned."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _spread_expr(variance: pl.Expr, low: float) -> pl.Expr:
    """Standard deviation, at least ``low``, also where nothing tells one."""
    return pl.max_horizontal(variance.clip(0.0).sqrt().fill_null(low), pl.lit(low))


def _centred_expr(products: str, left: str, right: str, n: str) -> pl.Expr:
    """Sample covariance from the sums of products and of both factors; null below two values."""
    count = pl.col(n).cast(pl.Float64)
    apart = pl.col(products) - pl.col(left) * pl.col(right) / count
    return pl.when(count > 1).then(apart / (count - 1.0))


def _mean_expr(total: str, n: str) -> pl.Expr:
    """Mean from a sum; null without values."""
    return pl.when(pl.col(n) > 0).then(pl.col(total) / pl.col(n))


def _level_variances(way: str) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """Of speed, of heart rate, and their covariance, walking on the level."""
    names = (("speed", "speed"), ("beats", "beats"), ("speed", "beats"))
    squares = ("speed_square_sum", "beats_square_sum", "speed_beats_sum")
    speed, beats, both = (
        _centred_expr(f"{way}_{square}", f"{way}_{a}_sum", f"{way}_{b}_sum", f"{way}_level_n")
        for square, (a, b) in zip(squares, names, strict=True)
    )
    return speed, beats, both


def _line_exprs() -> dict[str, pl.Expr]:
    """Least-squares line of heart rate on speed, walking forward on the level."""
    speed, _, both = _level_variances("forward")
    slope = pl.when(speed > _LEAST_SPEED_VARIANCE).then(both / speed).otherwise(0.0)
    beats = _mean_expr("forward_beats_sum", "forward_level_n")
    level = beats - slope * _mean_expr("forward_speed_sum", "forward_level_n")
    return {
        "heart_rate_slope_bpm_per_mps": pl.when(pl.col("forward_level_n") > 0).then(slope),
        "heart_rate_at_rest_of_line_bpm": level,
    }


def _habit_exprs(rules: EvidenceRules) -> dict[str, pl.Expr]:
    """Walk ratio of both directions, and how heart rate lies about the line."""
    ratios = {}
    for way in _DIRECTIONS:
        sums = (f"{way}_ratio_sum", f"{way}_ratio_n")
        variance = _centred_expr(f"{way}_ratio_square_sum", sums[0], *sums)
        ratios[f"{way}_windows_n"] = pl.col(sums[1])
        ratios[f"{way}_log_walk_ratio_mean"] = _mean_expr(*sums)
        ratios[f"{way}_log_walk_ratio_sd"] = _spread_expr(variance, rules.gait_spread_low)
    slope = pl.col("heart_rate_slope_bpm_per_mps")
    line = pl.col("heart_rate_at_rest_of_line_bpm") + slope * _mean_expr(
        "backward_speed_sum", "backward_level_n"
    )
    low = rules.gait_heart_rate_spread_low_bpm
    return {
        **ratios,
        "forward_heart_rate_sd_bpm": _spread_expr(_about_line_expr("forward"), low),
        "backward_heart_rate_excess_mean_bpm": _mean_expr("backward_beats_sum", "backward_level_n")
        - line,
        "backward_heart_rate_excess_sd_bpm": _spread_expr(_about_line_expr("backward"), low),
    }


def _about_line_expr(way: str) -> pl.Expr:
    """Variance of heart rate about the line."""
    speed, beats, both = _level_variances(way)
    slope = pl.col("heart_rate_slope_bpm_per_mps")
    return beats - 2.0 * slope * both + slope * slope * speed
