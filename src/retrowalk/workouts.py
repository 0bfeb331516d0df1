"""Room ``workouts``: one row per recorded activity, with how its channels are to be understood."""

import dataframely as dy
import polars as pl

from retrowalk.rules.recording import RecordingRules
from retrowalk.tables import Participants, Workouts
from retrowalk.units import EARTH_RADIUS_M, SECONDS_PER_MINUTE

_COVERAGE = {
    "speed_coverage_fraction": "speed_mps",
    "cadence_coverage_fraction": "cadence_per_min",
    "heart_rate_coverage_fraction": "heart_rate_bpm",
    "altitude_coverage_fraction": "altitude_m",
    "grade_coverage_fraction": "grade_fraction",
    "position_coverage_fraction": "latitude_deg",
}
#: Some devices write speed and position in turn; a speed holds for so many records.
_HELD_RECORDS = 10
_INDOOR = ("indoor_walking", "indoor_running", "indoor_cycling", "indoor_rowing", "indoor")


def within(expr: pl.Expr) -> pl.Expr:
    """The expression, computed inside each workout."""
    return expr.over("workout_id")


def seconds_expr(span: pl.Expr) -> pl.Expr:
    """A span in seconds, the same to the last bit whether one row is computed or many."""
    return (span.dt.total_microseconds() / 1e6).round(6)


def path_expr() -> pl.Expr:
    """Metres from each position to the next, on a local plane, the short way round the globe."""
    latitude, longitude = pl.col("latitude_deg"), pl.col("longitude_deg")
    north = within(latitude.shift(-1) - latitude).radians()
    turn = within(longitude.shift(-1) - longitude)
    east = (turn - 360.0 * (turn / 360.0).round()).radians() * latitude.radians().cos()
    return (north**2 + east**2).sqrt() * EARTH_RADIUS_M


def next_pause(samples: pl.DataFrame, raw_marks: pl.DataFrame) -> pl.DataFrame:
    """Adds ``paused_at_utc``, the first pause that begins at or after each sample."""
    pauses = (
        raw_marks.filter(pl.col("source") == "pause")
        .select("workout_id", paused_at_utc="started_at_utc")
        .sort("paused_at_utc")
    )
    return (
        samples.sort("recorded_at_utc")
        .join_asof(
            pauses,
            left_on="recorded_at_utc",
            right_on="paused_at_utc",
            by="workout_id",
            strategy="forward",
            check_sortedness=False,
        )
        .sort("workout_id", "recorded_at_utc")
    )


def timed_samples(
    raw_records: pl.DataFrame, raw_marks: pl.DataFrame, *, max_gap_s: float
) -> pl.DataFrame:
    """Samples by time, one per instant, each with the time ``held_s`` that it stands for.

    That is the time to the next sample; across a gap longer than ``max_gap_s`` or a pause, and
    for the last sample, it is the workout's median interval.
    """
    ahead = within(pl.col("recorded_at_utc").shift(-1)) - pl.col("recorded_at_utc")
    pauses_first = pl.col("paused_at_utc") < within(pl.col("recorded_at_utc").shift(-1))
    interval = pl.col("interval_s")
    is_whole = (interval <= max_gap_s) & ~pauses_first.fill_null(value=False)
    usual = pl.min_horizontal(within(interval.median()).fill_null(1.0), pl.lit(max_gap_s))
    return (
        raw_records.unique(["workout_id", "recorded_at_utc"], keep="last", maintain_order=True)
        .pipe(next_pause, raw_marks)
        .with_columns(interval_s=seconds_expr(ahead))
        .with_columns(held_s=pl.when(is_whole).then(interval).otherwise(usual))
    )


def is_moving_expr(rules: RecordingRules) -> pl.Expr:
    """Whether a sample moves: by speed, else by distance, else by cadence."""
    return (
        pl.when(pl.col("held_speed_mps").is_not_null())
        .then(pl.col("held_speed_mps") >= rules.moving_from_mps)
        .when(pl.col("step_m").is_not_null())
        .then(pl.col("step_m") >= rules.moving_from_mps * pl.col("interval_s"))
        .otherwise((pl.col("cadence_per_min") > 0).fill_null(value=False))
        .fill_null(value=False)
    )


def fit_exprs(rules: RecordingRules) -> dict[str, pl.Expr]:
    """Share of moving samples with a plausible step length, if cadence counts steps or strides."""
    cadence, speed = pl.col("cadence_per_min"), pl.col("speed_mps")
    is_judged = (cadence > 0) & (speed >= rules.cadence_from_mps)
    length = speed * SECONDS_PER_MINUTE / cadence
    low, high = rules.step_length_low_m, rules.step_length_high_m
    return {
        f"fits_{factor}_fraction": (length / factor).is_between(low, high).filter(is_judged).mean()
        for factor in (1, 2)
    }


def distance_exprs(rules: RecordingRules) -> dict[str, pl.Expr]:
    """Distance by the distance channel, by speed, and by positions; null where there is none."""
    distance, step = pl.col("distance_m"), pl.col("step_m")
    first = distance.drop_nulls().first()
    begun = pl.when(first <= rules.first_distance_high_m).then(first).otherwise(0.0)
    by_speed = (pl.col("speed_mps") * pl.col("held_s")).sum()
    return {
        "channel_distance_m": pl.when(distance.count() > 0).then(
            begun + step.filter(step > 0).sum()
        ),
        "speed_distance_m": pl.when(pl.col("speed_mps").count() > 0).then(by_speed),
        "path_distance_m": pl.when(pl.col("path_m").count() > 0).then(pl.col("path_m").sum()),
    }


def altitude_exprs() -> dict[str, pl.Expr]:
    """How altitude behaves: its range, its largest step, how far it scatters about its mean."""
    altitude = pl.col("altitude_m")
    return {
        "altitude_range_m": altitude.max() - altitude.min(),
        "altitude_residual_m": pl.col("altitude_residual_m").median(),
        "altitude_step_m": altitude.drop_nulls().diff().abs().quantile(0.99),
        "altitude_n": altitude.count(),
    }


def facts_of_samples(samples: pl.DataFrame, rules: RecordingRules) -> pl.DataFrame:
    """Sums each workout's samples up in one row."""
    smooth = pl.col("altitude_m").rolling_mean(31, min_samples=15, center=True)
    end = pl.col("recorded_at_utc").last() + pl.duration(
        microseconds=pl.col("held_s").last() * 1_000_000
    )
    coverage = {name: pl.col(channel).is_not_null().mean() for name, channel in _COVERAGE.items()}
    return (
        samples.with_columns(
            path_m=path_expr(),
            step_m=within(pl.col("distance_m").forward_fill().diff()),
            held_speed_mps=within(pl.col("speed_mps").forward_fill(_HELD_RECORDS)),
            altitude_residual_m=(pl.col("altitude_m") - within(smooth)).abs(),
        )
        .with_columns(is_moving=is_moving_expr(rules))
        .group_by("workout_id")
        .agg(
            pl.len().alias("records_n"),
            pl.col("recorded_at_utc").first().alias("first_at_utc"),
            end.alias("last_at_utc"),
            pl.col("interval_s").median().alias("median_interval_s"),
            pl.col("held_s").sum().alias("covered_s"),
            pl.col("held_s").filter("is_moving").sum().alias("moved_s"),
            pl.col("cadence_per_min")
            .filter(pl.col("cadence_per_min") > 0)
            .mean()
            .alias("cadence_mean"),
            **coverage,
            **fit_exprs(rules),
            **distance_exprs(rules),
            **altitude_exprs(),
        )
    )


def cadence_factor_exprs(rules: RecordingRules) -> dict[str, pl.Expr]:
    """What cadence is multiplied with to give steps/min, and what decided it.

    The column's name decides first, then a stated total of strides or steps, then which factor
    gives plausible steps, then what the maker is known to write. Where both factors are plausible
    and the maker is not known, the factor stays null: 60 may be 60 or 120 steps a minute.
    """
    counted = pl.col("cadence_mean") * pl.col("covered_s") / SECONDS_PER_MINUTE
    near = rules.total_tolerance_fraction

    def agrees(total: str, times: float) -> pl.Expr:
        return ((counted * times / pl.col(total)) - 1).abs().le(near).fill_null(value=False)

    totals_say_strides = agrees("total_cycles_n", 1.0) | agrees("total_steps_n", 2.0)
    totals_say_steps = agrees("total_steps_n", 1.0) | agrees("total_cycles_n", 0.5)
    fits = {
        factor: (pl.col(f"fits_{factor}_fraction") >= rules.fits_from_fraction).fill_null(
            value=False
        )
        for factor in (1, 2)
    }
    verdicts = (
        (pl.col("cadence_mean").is_null(), None, "no_cadence"),
        (pl.col("cadence_unit") == "steps", 1.0, "column_name"),
        (totals_say_strides & ~totals_say_steps, 2.0, "total_cycles"),
        (totals_say_steps & ~totals_say_strides, 1.0, "total_cycles"),
        (fits[2] & ~fits[1], 2.0, "step_length"),
        (fits[1] & ~fits[2], 1.0, "step_length"),
        (pl.col("writer").is_in(rules.strides_writers), 2.0, "writer_convention"),
    )
    source = pl.coalesce(
        *(pl.when(condition).then(pl.lit(why)) for condition, _, why in verdicts),
        pl.lit("ambiguous"),
    )
    factor = pl.coalesce(
        *(
            pl.when(condition & pl.col("cadence_mean").is_not_null()).then(
                pl.lit(value, pl.Float64)
            )
            for condition, value, _ in verdicts[1:]
        )
    )
    return {"cadence_factor": factor, "cadence_factor_source": source}


def altitude_source_expr(rules: RecordingRules) -> pl.Expr:
    """Tells a barometer from GPS by how altitude scatters; an altitude that never moves is neither.

    Altitude that stands still while positions move is a flat course; without positions it is the
    number that a device writes which has no altimeter.
    """
    is_constant = pl.col("altitude_range_m") <= rules.constant_altitude_m
    has_positions = pl.col("position_coverage_fraction") > 0
    is_calm = (pl.col("altitude_residual_m") <= rules.barometer_residual_m) & (
        pl.col("altitude_step_m") <= rules.gps_residual_free_step_m
    )
    return (
        pl.when(pl.col("altitude_n").fill_null(0) == 0)
        .then(pl.lit("none"))
        .when(is_constant & (~has_positions | (pl.col("environment") == "treadmill")))
        .then(pl.lit("constant"))
        .when(pl.col("has_barometer").fill_null(value=False))
        .then(pl.lit("barometer"))
        .when(pl.col("altitude_n") < rules.altitude_samples_n)
        .then(pl.lit("unknown"))
        .when(is_calm.fill_null(value=False))
        .then(pl.lit("barometer"))
        .otherwise(pl.lit("gps"))
    )


def environment_expr() -> pl.Expr:
    """Where it took place: by sub-sport, else outdoors if there are positions, else unknown."""
    sub_sport = pl.col("sub_sport")
    return (
        pl.when(sub_sport.str.contains("treadmill"))
        .then(pl.lit("treadmill"))
        .when(sub_sport.is_in(_INDOOR))
        .then(pl.lit("indoor"))
        .when(sub_sport == "track")
        .then(pl.lit("track"))
        .when(pl.col("position_coverage_fraction") > 0)
        .then(pl.lit("outdoor"))
        .otherwise(pl.lit("unknown"))
    )


def with_person(workouts: pl.DataFrame, participants: dy.DataFrame[Participants]) -> pl.DataFrame:
    """Adds what the registry says on the workout's day; its values win over those in the file."""
    known = participants.select(
        "participant_id",
        from_date="valid_from_date",
        registered_mass_kg="body_mass_kg",
        registered_rest_bpm="resting_heart_rate_bpm",
        birth_year="birth_year",
    ).sort("from_date")
    mass, rest = pl.col("registered_mass_kg"), pl.col("registered_rest_bpm")
    file_mass = pl.when(pl.col("body_mass_kg") > 0).then("body_mass_kg")
    file_rest = pl.when(pl.col("resting_heart_rate_bpm").is_between(20, 150)).then(
        "resting_heart_rate_bpm"
    )
    return (
        workouts.sort("local_date")
        .join_asof(
            known,
            left_on="local_date",
            right_on="from_date",
            by="participant_id",
            strategy="backward",
            check_sortedness=False,
        )
        .with_columns(
            body_mass_source=pl.when(mass.is_not_null())
            .then(pl.lit("registry"))
            .when(file_mass.is_not_null())
            .then(pl.lit("file"))
            .otherwise(pl.lit("none")),
            resting_heart_rate_grade=pl.when(rest.is_not_null())
            .then(pl.lit("A"))
            .when(file_rest.is_not_null())
            .then(pl.lit("B"))
            .otherwise(pl.lit("none")),
            body_mass_kg=pl.coalesce(mass, file_mass),
            resting_heart_rate_bpm=pl.coalesce(rest, file_rest),
            age_at_start_year=(pl.col("local_date").dt.year() - pl.col("birth_year")).cast(
                pl.Float64
            ),
        )
    )


def workouts_from_readings(
    raw_workouts: pl.DataFrame,
    raw_records: pl.DataFrame,
    raw_marks: pl.DataFrame,
    participants: dy.DataFrame[Participants],
    rules: RecordingRules,
    *,
    max_gap_s: float,
) -> dy.DataFrame[Workouts]:
    """Describes each workout and decides what its channels count.

    Args:
        raw_workouts: Rows of :class:`~retrowalk.read.reading.ReadWorkouts` with ``workout_id``,
            ``export_id``, ``participant_id``, ``recovered_fraction`` and local time.
        raw_records: Their samples; a workout may have none.
        raw_marks: Their marks; pauses are taken from here.
        participants: The registry.
        rules: How channels are understood.
        max_gap_s: Longest time between samples that still counts as covered, in seconds.

    Returns:
        One row per workout, by start and identifier.
    """
    samples = timed_samples(raw_records, raw_marks, max_gap_s=max_gap_s)
    facts = facts_of_samples(samples, rules)
    is_series = (pl.col("grain") == "record") & (pl.col("records_n") > 0)
    moved = pl.when(is_series).then("moved_s").otherwise(pl.coalesce("timer_s", "elapsed_s"))
    distance = pl.when(is_series).then(
        pl.coalesce("channel_distance_m", "speed_distance_m", "path_distance_m")
    )
    end = pl.when(is_series).then(pl.max_horizontal("ended_at_utc", "last_at_utc"))
    start = pl.when(is_series).then(pl.min_horizontal("started_at_utc", "first_at_utc"))
    return (
        raw_workouts.join(facts, on="workout_id", how="left")
        .with_columns(
            started_at_utc=start.otherwise("started_at_utc"),
            ended_at_utc=end.otherwise("ended_at_utc"),
            records_n=pl.col("records_n").fill_null(0),
            environment=environment_expr(),
        )
        .with_columns(elapsed_s=seconds_expr(pl.col("ended_at_utc") - pl.col("started_at_utc")))
        .with_columns(
            moving_s=moved.fill_null(0.0),
            distance_m=pl.coalesce(distance, "total_distance_m"),
            altitude_source=altitude_source_expr(rules),
            **cadence_factor_exprs(rules),
        )
        .pipe(with_person, participants)
        .sort("started_at_utc", "workout_id")
        .select(Workouts.column_names())
        .pipe(Workouts.validate, cast=True)
    )
