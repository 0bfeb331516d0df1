"""Room ``sessions``: each workout as the prescription sees it. No verdict is given here."""

import dataframely as dy
import polars as pl

from retrowalk.aggregates import (
    exact_sum_expr,
    known_sum_expr,
    minutes_expr,
    weighted_mean_expr,
    weighted_medians,
)
from retrowalk.rules.sessions import SessionRules
from retrowalk.tables import Prescriptions, Segments, Sessions, Windows, Workouts


def sessions_from_segments(
    segments: dy.DataFrame[Segments],
    windows: dy.DataFrame[Windows],
    workouts: dy.DataFrame[Workouts],
    prescriptions: dy.DataFrame[Prescriptions],
    rules: SessionRules,
) -> dy.DataFrame[Sessions]:
    """Sums each workout's walking by direction and grade, and measures its backward part.

    A workout with walking of any direction is a session, also one without a prescription; a
    workout without walking is kept as a row that is none. Minutes, distances and bouts come from
    segments; medians and peaks from the windows inside backward segments.

    Args:
        segments: Segments of any number of workouts, any order.
        windows: The windows of the same workouts.
        workouts: The workouts; each one gets a row, also without segments.
        prescriptions: The registry's prescriptions; of several in force on a day, the one that
            began last holds.
        rules: How a session is measured.

    Returns:
        One row per workout, by participant, start and identifier. Without backward walking its
        minutes and distance are 0 and its speeds, cadence and heart rate null.
    """
    cells = backward_cells(windows, segments)
    bouts = backward_bouts(segments, gap_s=rules.bout_gap_s)
    parts = (
        walking_totals(segments),
        level_distances(cells, level=rules.level_grade_fraction),
        bout_lists(bouts),
        alternations(segments),
        cadence_medians(cells),
        speed_medians(cells),
        speed_peaks(cells, rules),
        heart_rate_medians(cells, settle_s=rules.settle_s),
        straightness(cells, bouts, rules),
    )
    frame = workouts.select(
        *("week_start_date", "workout_id", "participant_id", "started_at_utc", "ended_at_utc"),
        *("local_date", "utc_offset_s", "utc_offset_source", "environment"),
        *("resting_heart_rate_bpm", "resting_heart_rate_grade"),
    )
    for part in parts:
        frame = frame.join(part, on="workout_id", how="left")
    return (
        frame.join(
            protocols_in_force(workouts, prescriptions),
            on=["participant_id", "local_date"],
            how="left",
        )
        .with_columns(absent_is_zero(), is_near_midnight=near_midnight_expr(rules.near_midnight_s))
        .with_columns(
            heart_rate_delta_bpm=heart_rate_delta_expr(), is_session=pl.col("walking_min") > 0
        )
        .with_columns(exclusion_code=exclusion_expr())
        .sort("participant_id", "started_at_utc", "workout_id")
        .select(Sessions.column_names())
        .pipe(Sessions.validate, cast=True)
    )


def exclusion_expr() -> pl.Expr:
    """Why a workout is no session."""
    return pl.when("is_session").then(pl.lit("is_session")).otherwise(pl.lit("no_walking"))


def absent_is_zero() -> list[pl.Expr]:
    """Fills amounts of workouts that have no such walking at all: that is a measured zero."""
    amounts = [name for name in Sessions.column_names() if name.endswith("_min")]
    counts = ("bouts_n", "alternations_n", "backward_distance_m", "walking_distance_m")
    without_backward = pl.col("backward_min").fill_null(0.0) == 0
    graded = ("backward_level_distance_m", "backward_known_grade_distance_m")
    is_null_distance = {
        "backward_distance_m": without_backward,
        "walking_distance_m": pl.col("walking_min").fill_null(0.0) == 0,
    }
    return [
        *(pl.col(name).fill_null(0.0) for name in amounts),
        *(pl.col(name).fill_null(0) for name in counts if name not in is_null_distance),
        *(
            pl.when(is_zero).then(pl.col(name).fill_null(0.0)).otherwise(pl.col(name))
            for name, is_zero in is_null_distance.items()
        ),
        *(
            pl.when(without_backward).then(0.0).otherwise(pl.col(name)).alias(name)
            for name in graded
        ),
        pl.col("bout_distance_list_m").fill_null(pl.lit([], dtype=pl.List(pl.Float64))),
    ]


def near_midnight_expr(within_s: float) -> pl.Expr:
    """Whether the local start lies within ``within_s`` of midnight, inclusive."""
    local = pl.col("started_at_utc") + pl.duration(seconds=pl.col("utc_offset_s"))
    since_s = (local - local.dt.truncate("1d")).dt.total_microseconds() / 1e6
    day_s = 24 * 3600
    return (since_s <= within_s) | (since_s >= day_s - within_s)


def heart_rate_delta_expr() -> pl.Expr:
    """Backward heart rate above rest, where rest was measured (grade A or B)."""
    delta = pl.col("backward_heart_rate_median_bpm") - pl.col("resting_heart_rate_bpm")
    is_measured = pl.col("resting_heart_rate_grade").cast(pl.String).is_in(["A", "B"])
    return pl.when(is_measured).then(delta)


def walking_totals(segments: pl.DataFrame) -> pl.DataFrame:
    """Minutes and distances of walking per workout, by direction and grade class."""
    duration, distance = pl.col("duration_s"), pl.col("distance_m")
    is_backward = pl.col("direction") == "backward"
    is_uphill = pl.col("grade_class") == "incline"
    spans = {
        "walking_min": pl.col("activity") == "walk",
        "backward_min": is_backward,
        "forward_min": pl.col("direction") == "forward",
        "unknown_direction_min": pl.col("direction") == "unknown",
        "backward_assumed_min": is_backward & pl.col("is_direction_assumed"),
        "incline_min": is_uphill,
        "incline_backward_min": is_uphill & is_backward,
        "decline_min": pl.col("grade_class") == "decline",
        "unknown_grade_min": pl.col("grade_class") == "unknown",
    }
    return (
        segments.filter(pl.col("activity") == "walk")
        .group_by("workout_id")
        .agg(
            **{
                name: minutes_expr(exact_sum_expr(duration.filter(of)))
                for name, of in spans.items()
            },
            walking_distance_m=known_sum_expr(distance),
            backward_distance_m=known_sum_expr(distance.filter(is_backward)),
        )
    )


def backward_segments(segments: pl.DataFrame) -> pl.DataFrame:
    """Backward walking, in order of time within each workout."""
    is_backward = (pl.col("activity") == "walk") & (pl.col("direction") == "backward")
    return segments.filter(is_backward).sort("workout_id", "started_at_utc")


def backward_cells(windows: pl.DataFrame, segments: pl.DataFrame) -> pl.DataFrame:
    """The windows that lie in backward segments, in order of time, with their length."""
    spans = backward_segments(segments).select(
        "workout_id", "started_at_utc", segment_ended_at_utc="ended_at_utc"
    )
    return (
        windows.sort("workout_id", "started_at_utc")
        .join_asof(
            spans, on="started_at_utc", by="workout_id", strategy="backward", check_sortedness=False
        )
        .filter(pl.col("started_at_utc") < pl.col("segment_ended_at_utc"))
        .with_columns(
            duration_s=(pl.col("ended_at_utc") - pl.col("started_at_utc")).dt.total_microseconds()
            / 1e6
        )
        .drop("segment_ended_at_utc")
    )


def backward_bouts(segments: pl.DataFrame, *, gap_s: float) -> pl.DataFrame:
    """Stretches of backward walking, gaps up to ``gap_s`` merged, numbered from 0 in a workout."""
    rest = pl.col("started_at_utc") - pl.col("ended_at_utc").shift(1)
    begins = (rest.dt.total_microseconds() / 1e6 > gap_s).fill_null(value=False)
    distance = pl.col("distance_m")
    return (
        backward_segments(segments)
        .with_columns(bout_n=begins.over("workout_id").cast(pl.Int64).cum_sum().over("workout_id"))
        .group_by("workout_id", "bout_n")
        .agg(
            pl.col("started_at_utc").min(),
            pl.col("ended_at_utc").max(),
            bout_distance_m=pl.when(distance.null_count() == 0).then(exact_sum_expr(distance)),
        )
        .sort("workout_id", "bout_n")
    )


def bout_lists(bouts: pl.DataFrame) -> pl.DataFrame:
    """Number and lengths of the bouts of each workout."""
    return bouts.group_by("workout_id").agg(
        bouts_n=pl.len(),
        bout_distance_list_m=pl.col("bout_distance_m").sort_by("bout_n"),
    )


def alternations(segments: pl.DataFrame) -> pl.DataFrame:
    """Changes of direction between walks of known direction that follow each other."""
    is_known = (pl.col("activity") == "walk") & (pl.col("direction") != "unknown")
    changes = pl.col("direction") != pl.col("direction").shift(1)
    return (
        segments.filter(is_known)
        .sort("workout_id", "started_at_utc")
        .with_columns(changes=changes.over("workout_id"))
        .group_by("workout_id")
        .agg(alternations_n=pl.col("changes").sum())
    )


def level_distances(cells: pl.DataFrame, *, level: float) -> pl.DataFrame:
    """Backward distance of known grade, and what of it is level; null without any distance."""
    distance, grade = pl.col("distance_m"), pl.col("grade_fraction")
    is_level = grade.abs() <= level + 1e-9
    has_distance = distance.count() > 0
    return cells.group_by("workout_id").agg(
        backward_level_distance_m=pl.when(has_distance).then(
            exact_sum_expr(distance.filter(is_level))
        ),
        backward_known_grade_distance_m=pl.when(has_distance).then(
            exact_sum_expr(distance.filter(grade.is_not_null()))
        ),
    )


def cadence_medians(cells: pl.DataFrame) -> pl.DataFrame:
    """Median cadence of backward walking, and the minutes that it rests on."""
    usable = cells.filter(pl.col("cadence_mean_spm") > 0)
    return weighted_medians(
        usable, ["workout_id"], value="cadence_mean_spm", weight="duration_s"
    ).select(
        "workout_id",
        backward_cadence_median_spm="median",
        backward_cadence_usable_min=minutes_expr(pl.col("weight_sum")),
    )


def speed_medians(cells: pl.DataFrame) -> pl.DataFrame:
    """Median speed of backward walking, and the minutes that it rests on."""
    return weighted_medians(
        cells, ["workout_id"], value="speed_mean_mps", weight="duration_s"
    ).select(
        "workout_id",
        backward_speed_median_mps="median",
        backward_speed_usable_min=minutes_expr(pl.col("weight_sum")),
    )


def speed_peaks(cells: pl.DataFrame, rules: SessionRules) -> pl.DataFrame:
    """A high quantile of the mean speed over short spans of the clock."""
    speed, duration = pl.col("speed_mean_mps"), pl.col("duration_s")
    span = pl.col("started_at_utc").dt.truncate(f"{int(rules.peak_span_s)}s")
    return (
        cells.filter(speed.is_not_null())
        .group_by("workout_id", span=span)
        .agg(mean=weighted_mean_expr(speed, duration), held_s=exact_sum_expr(duration))
        .filter(pl.col("held_s") >= rules.peak_least_s)
        .group_by("workout_id")
        .agg(
            backward_speed_peak_mps=pl.col("mean").quantile(
                rules.peak_quantile_fraction, interpolation="linear"
            )
        )
    )


def heart_rate_medians(cells: pl.DataFrame, *, settle_s: float) -> pl.DataFrame:
    """Median heart rate of backward walking once ``settle_s`` of it have passed."""
    walked = pl.col("duration_s").cum_sum().over("workout_id")
    settled = pl.min_horizontal(pl.col("duration_s"), walked - settle_s).clip(lower_bound=0.0)
    return (
        cells.with_columns(settled_s=settled)
        .pipe(weighted_medians, ["workout_id"], value="heart_rate_mean_bpm", weight="settled_s")
        .select(
            "workout_id",
            backward_heart_rate_median_bpm="median",
            backward_heart_rate_usable_min=minutes_expr(pl.col("weight_sum")),
        )
    )


def straightness(cells: pl.DataFrame, bouts: pl.DataFrame, rules: SessionRules) -> pl.DataFrame:
    """Least ratio of chord to path over the straight stretches of each workout's bouts.

    A bout is split where the course turns back; only stretches of ``straight_from_m`` or more
    count. Chord and path both run from the middle of the first cell to the middle of the last.
    Where positions lie farther apart than the distance says, the ratio is 1.
    """
    return (
        stretches(cells, bouts, turn_deg=rules.turn_from_deg)
        .group_by("workout_id", "stretch_n")
        .agg(
            chord_m=chord_expr(), path_m=path_expr(), length_m=exact_sum_expr(pl.col("distance_m"))
        )
        .filter(pl.col("length_m") >= rules.straight_from_m - 1e-6)
        .filter(pl.col("chord_m").is_not_null() & (pl.col("path_m") > 0))
        .with_columns(ratio=pl.col("chord_m") / pl.max_horizontal("chord_m", "path_m"))
        .group_by("workout_id")
        .agg(backward_chord_over_path_fraction=pl.col("ratio").min())
    )


def stretches(cells: pl.DataFrame, bouts: pl.DataFrame, *, turn_deg: float) -> pl.DataFrame:
    """The cells of bouts with positions and distances, numbered by stretch between turns."""
    begun = bouts.select("workout_id", "started_at_utc", "bout_n").sort(
        "workout_id", "started_at_utc"
    )
    by = ["workout_id", "bout_n"]
    return (
        cells.filter(pl.col("east_mean_m").is_not_null() & pl.col("distance_m").is_not_null())
        .sort("workout_id", "started_at_utc")
        .join_asof(begun, on="started_at_utc", by="workout_id", check_sortedness=False)
        .with_columns(turns=turns_back_expr(turn_deg).over(by))
        .with_columns(
            begins=(pl.col("turns") & ~pl.col("turns").shift(1, fill_value=False)).over(by)
            | (pl.col("bout_n") != pl.col("bout_n").shift(1))
            .over("workout_id")
            .fill_null(value=True)
        )
        .with_columns(stretch_n=pl.col("begins").cast(pl.Int64).cum_sum().over("workout_id"))
        .filter(~pl.col("turns"))
    )


def turns_back_expr(turn_deg: float) -> pl.Expr:
    """Whether the way into a cell and the way out of it, two cells each, point apart."""
    east, north = pl.col("east_mean_m"), pl.col("north_mean_m")
    into = (east - east.shift(2), north - north.shift(2))
    out = (east.shift(-2) - east, north.shift(-2) - north)
    along = into[0] * out[0] + into[1] * out[1]
    across = into[0] * out[1] - into[1] * out[0]
    return (pl.arctan2(across, along).degrees().abs() > turn_deg).fill_null(value=False)


def chord_expr() -> pl.Expr:
    """Distance from the first position to the last."""
    east = pl.col("east_mean_m").sort_by("started_at_utc")
    north = pl.col("north_mean_m").sort_by("started_at_utc")
    return ((east.last() - east.first()) ** 2 + (north.last() - north.first()) ** 2).sqrt()


def path_expr() -> pl.Expr:
    """Distance walked from the middle of the first cell to the middle of the last."""
    distance = pl.col("distance_m").sort_by("started_at_utc")
    return exact_sum_expr(distance) - (distance.first() + distance.last()) / 2


def protocols_in_force(workouts: pl.DataFrame, prescriptions: pl.DataFrame) -> pl.DataFrame:
    """The protocol in force for each participant and local day with a workout."""
    begins, ends = pl.col("starts_on_date"), pl.col("ends_on_date")
    is_in_force = (begins <= pl.col("local_date")) & (
        ends.is_null() | (pl.col("local_date") <= ends)
    )
    return (
        workouts.select("participant_id", "local_date")
        .unique()
        .join(prescriptions, on="participant_id")
        .filter(is_in_force)
        .sort("starts_on_date")
        .group_by("participant_id", "local_date", maintain_order=True)
        .agg(pl.col("protocol").last())
    )
