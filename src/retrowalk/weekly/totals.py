"""What was done in a week, in sums and means: minutes, distances, energy, files."""

import polars as pl

from retrowalk.aggregates import (
    exact_sum_expr,
    known_sum_expr,
    minutes_expr,
    weighted_mean_expr,
    weighted_medians,
)

#: What names a row of the summary.
KEY = ["participant_id", "week_start_date"]


def minutes_of_expr(of: pl.Expr) -> pl.Expr:
    """Minutes of the segments for which something is true."""
    return minutes_expr(exact_sum_expr(pl.col("duration_s").filter(of)))


def segment_totals(segments: pl.DataFrame) -> pl.DataFrame:
    """Minutes by class, distances, mean speed and heart rate of each participant's week."""
    is_walk, direction = pl.col("activity") == "walk", pl.col("direction")
    is_backward, is_forward = (
        is_walk & (direction == "backward"),
        is_walk & (direction == "forward"),
    )
    is_unknown = is_walk & (direction == "unknown")
    is_assumed, grade = pl.col("is_direction_assumed"), pl.col("grade_class")
    by_direction = {"backward": is_backward, "forward": is_forward, "unknown": is_unknown}
    duration, distance = pl.col("duration_s"), pl.col("distance_m")
    minutes = {
        "walking_min": is_walk,
        "backward_min": is_backward,
        "forward_min": is_forward,
        "unknown_direction_min": is_unknown,
        "backward_assumed_min": is_backward & is_assumed,
        "forward_assumed_min": is_forward & is_assumed,
        "incline_min": is_walk & (grade == "incline"),
        "decline_min": is_walk & (grade == "decline"),
        **{
            f"{slope}_{word}_min": of & (grade == slope)
            for slope in ("incline", "decline")
            for word, of in by_direction.items()
        },
        "unknown_grade_min": is_walk & (grade == "unknown"),
        "grade_known_min": is_walk & (grade != "unknown"),
        "direction_known_min": is_walk & (direction != "unknown") & ~is_assumed,
        "rest_min": pl.col("activity") == "rest",
        "run_min": pl.col("activity") == "run",
        "other_min": pl.col("activity") == "other",
    }
    return segments.group_by(KEY).agg(
        **{name: minutes_of_expr(of) for name, of in minutes.items()},
        walking_distance_m=known_sum_expr(distance.filter(is_walk)),
        backward_distance_m=known_sum_expr(distance.filter(is_backward)),
        speed_mean_mps=weighted_mean_expr(
            pl.col("speed_mean_mps").filter(is_backward), duration.filter(is_backward)
        ),
        heart_rate_mean_bpm=weighted_mean_expr(
            pl.col("heart_rate_mean_bpm").filter(is_walk),
            pl.col("heart_rate_usable_s").filter(is_walk),
        ),
        heart_rate_usable_min=minutes_expr(
            exact_sum_expr(pl.col("heart_rate_usable_s").filter(is_walk))
        ),
    )


def energy_totals(energy: pl.DataFrame, segments: pl.DataFrame) -> pl.DataFrame:
    """Energy of walking in each participant's week, and the minutes that it leaves out.

    The ends of the interval are the sums of the segments' ends: what makes an estimate wrong, the
    model and the person, is the same in every segment, so errors do not cancel.
    """
    columns = (
        "energy_gross_met_min",
        "energy_gross_kcal",
        "energy_gross_low_kcal",
        "energy_gross_high_kcal",
        "energy_net_kcal",
        "extra_over_forward_kcal",
    )
    return (
        segments.filter(pl.col("activity") == "walk")
        .select(*KEY, "workout_id", "segment_n", "duration_s")
        .join(energy.drop("week_start_date"), on=["workout_id", "segment_n"], how="left")
        .group_by(KEY)
        .agg(
            *(known_sum_expr(pl.col(name)).alias(name) for name in columns),
            energy_missing_min=minutes_of_expr(pl.col("energy_gross_met_min").is_null()),
            no_mass_min=minutes_of_expr(pl.col("reason_code") == "body_mass_unknown"),
        )
    )


def session_totals(sessions: pl.DataFrame) -> pl.DataFrame:
    """Counts of workouts and sessions, bouts and alternations, and cadence."""
    is_session = pl.col("is_session")
    cadence = weighted_medians(
        sessions, KEY, value="backward_cadence_median_spm", weight="backward_cadence_usable_min"
    ).select(*KEY, cadence_median_spm="median")
    return (
        sessions.group_by(KEY)
        .agg(
            workouts_n=pl.len(),
            sessions_n=is_session.sum(),
            excluded_n=(~is_session).sum(),
            alternations_n=pl.col("alternations_n").sum(),
            bouts_n=pl.col("bouts_n").sum(),
            cadence_usable_min=exact_sum_expr(pl.col("backward_cadence_usable_min")),
        )
        .join(cadence, on=KEY, how="left")
    )


def export_totals(exports: pl.DataFrame) -> pl.DataFrame:
    """How many exports touch each participant's week."""
    return (
        exports.select(
            "participant_id",
            "export_id",
            week_start_date=pl.col("workouts_found").list.eval(
                pl.element().struct.field("week_start_date")
            ),
        )
        .explode("week_start_date", empty_as_null=True, keep_nulls=True)
        .drop_nulls("week_start_date")
        .group_by(KEY)
        .agg(exports_n=pl.col("export_id").n_unique())
    )


def contents(workouts: pl.DataFrame, exports: pl.DataFrame) -> pl.DataFrame:
    """The contents that each participant's week rests on."""
    return (
        workouts.select(*KEY, "export_id")
        .unique()
        .join(exports.select("export_id", "sha256", "recovered_fraction"), on="export_id")
        .group_by(KEY)
        .agg(
            export_sha256_list=pl.col("sha256").unique().sort(),
            recovered_fraction=pl.col("recovered_fraction").min(),
        )
    )
