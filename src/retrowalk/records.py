"""Room ``records``: what the readers hand on becomes one clean, ordered table of samples."""

import dataframely as dy
import polars as pl

from retrowalk.tables import Records, Workouts
from retrowalk.units import EARTH_RADIUS_M

_CHANNELS = (
    "speed_mps",
    "distance_m",
    "heart_rate_bpm",
    "altitude_m",
    "grade_fraction",
    "course_deg",
    "heading_deg",
    "latitude_deg",
    "longitude_deg",
)


def east_expr(latitude: pl.Expr, longitude: pl.Expr, *, over: str) -> pl.Expr:
    """Metres east of the first position of each ``over``, on a local plane."""
    first_longitude = longitude.drop_nulls().first().over(over)
    first_latitude = latitude.drop_nulls().first().over(over)
    turn = ((longitude - first_longitude + 180.0) % 360.0) - 180.0
    return turn.radians() * first_latitude.radians().cos() * EARTH_RADIUS_M


def north_expr(latitude: pl.Expr, *, over: str) -> pl.Expr:
    """Metres north of the first position of each ``over``, on a local plane."""
    return (latitude - latitude.drop_nulls().first().over(over)).radians() * EARTH_RADIUS_M


def is_moving_expr() -> pl.Expr:
    """Whether the device moves from a sample on: by its speed, else by the distance to the next."""
    gained = pl.col("distance_m").shift(-1).over("workout_id") - pl.col("distance_m")
    return pl.coalesce(pl.col("speed_mps") > 0, gained > 0).fill_null(value=False)


def unique_samples(raw_records: pl.DataFrame) -> pl.DataFrame:
    """One row per workout and instant, by time; of repeated instants each channel's last value."""
    if raw_records.select("workout_id", "recorded_at_utc").is_duplicated().any():
        channels = pl.exclude("workout_id", "recorded_at_utc")
        return (
            raw_records.group_by("workout_id", "recorded_at_utc", maintain_order=True)
            .agg(channels.drop_nulls().last())
            .sort("workout_id", "recorded_at_utc")
        )
    return raw_records.sort("workout_id", "recorded_at_utc")


def records_from_readings(
    raw_records: pl.DataFrame, workouts: dy.DataFrame[Workouts], *, keep_positions: bool
) -> dy.DataFrame[Records]:
    """Orders samples, turns cadence into steps a minute and positions into metres.

    Args:
        raw_records: Rows of :class:`~retrowalk.read.reading.ReadRecords` with ``workout_id`` in
            place of ``workout_n``; any order, instants may repeat.
        workouts: The workouts they belong to; samples of others are not taken.
        keep_positions: Whether latitude and longitude stay in the table.

    Returns:
        One row per workout and instant, by workout and time. A cadence of zero while the device
        moves is null: watches drop steps at low speed. So are a heart rate of zero and every
        cadence whose factor could not be decided.
    """
    facts = workouts.select("workout_id", "week_start_date", "started_at_utc", "cadence_factor")
    where = {"latitude": pl.col("latitude_deg"), "longitude": pl.col("longitude_deg")}
    elapsed_us = (pl.col("recorded_at_utc") - pl.col("started_at_utc")).dt.total_microseconds()
    steps = pl.col("cadence_per_min") * pl.col("cadence_factor")
    is_dropped = (steps == 0) & is_moving_expr()
    kept = pl.when(pl.lit(keep_positions))
    samples = unique_samples(
        raw_records.select("workout_id", "recorded_at_utc", "cadence_per_min", *_CHANNELS)
    )
    return (
        samples.join(facts, on="workout_id", how="inner", maintain_order="left")
        .with_columns(
            elapsed_s=(elapsed_us / 1e6).round(6).clip(lower_bound=0.0),
            cadence_spm=pl.when(~is_dropped.fill_null(value=False)).then(steps),
            heart_rate_bpm=pl.when(pl.col("heart_rate_bpm") > 0).then("heart_rate_bpm"),
            east_m=east_expr(**where, over="workout_id"),
            north_m=north_expr(where["latitude"], over="workout_id"),
        )
        .with_columns(
            latitude_deg=kept.then("latitude_deg"), longitude_deg=kept.then("longitude_deg")
        )
        .select(Records.column_names())
        .pipe(Records.validate, cast=True)
    )
